import { DenError } from '../../../../base/error.ts'
import { type CachePart, pipCacheParts, removeCached } from '../../../../commands/pip-cache.ts'
import type { PipContext, PipHandler } from '../context.ts'
import { formatSize } from '../format-size.ts'

const actions = ['dir', 'info', 'list', 'purge', 'remove']

/** pip cache ACTION, on den's cache. */
export const handle: PipHandler = async (context) => {
  const { operands, core, options } = context
  const [action, ...words] = operands
  if (options.cache_dir === false) {
    context.error('pip cache commands can not function since cache is disabled.')
    return 1
  }
  if (action === undefined || !actions.includes(action)) {
    context.error(`Need an action (${actions.join(', ')}) to perform.`)
    return 1
  }
  const most = action === 'list' || action === 'remove' ? 1 : 0
  if (words.length > most) throw refused(`${words[most]!} is one word too many`)
  const directory = options.cache_dir ?? core.places.cache
  switch (action) {
    case 'dir':
      context.say(directory)
      return 0
    case 'info':
      info(context, directory, pipCacheParts(core, directory))
      return 0
    case 'list':
      list(context, wheelsAmong(pipCacheParts(core, directory), words[0] ?? '*'))
      return 0
    case 'remove':
      if (words[0] === undefined) throw refused('no pattern is given')
      return remove(context, directory, words[0])
    default:
      return remove(context, directory, '*')
  }
}

function refused(because: string): DenError {
  return new DenError('pip-options-refused', { command: 'pip cache', because, fix: ['den pip cache --help'] })
}

function info({ say }: PipContext, directory: string, parts: readonly CachePart[]): void {
  const of = (kind: CachePart['kind']): readonly CachePart[] => parts.filter((part) => part.kind === kind)
  const size = (some: readonly CachePart[]): string => formatSize(some.reduce((sum, { bytes }) => sum + bytes, 0))
  say(
    [
      `Package index page cache location (pip v23.3+): ${directory}`,
      `Package index page cache size: ${size(of('http'))}`,
      `Number of HTTP files: ${of('http').length}`,
      `Locally built wheels location: ${directory}`,
      `Locally built wheels size: ${size(of('wheel'))}`,
      `Number of locally built wheels: ${of('wheel').length}`,
    ].join('\n'),
  )
}

/** As pip reads a pattern: a name, or with a `-` in it the beginning of a file's name. */
function wheelsAmong(parts: readonly CachePart[], pattern: string): readonly CachePart[] {
  const glob = `${pattern}${pattern.includes('-') ? '*.whl' : '-*.whl'}`
  const expression = glob
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
    .replaceAll('[!', '[^')
  let matches: RegExp
  try {
    matches = new RegExp(`^${expression}$`, 's')
  } catch {
    throw refused(`${pattern} is no pattern`)
  }
  return parts.filter(({ kind, name }) => kind === 'wheel' && matches.test(name))
}

function list({ say, options }: PipContext, wheels: readonly CachePart[]): void {
  if (options.list_format === 'abspath') {
    if (wheels.length > 0)
      say(
        wheels
          .map(({ path }) => path)
          .sort()
          .join('\n'),
      )
    return
  }
  if (wheels.length === 0) {
    say('No locally built wheels cached.')
    return
  }
  say('Cache contents:\n')
  say(
    wheels
      .map(({ name, bytes }) => ` - ${name} (${formatSize(bytes)})`)
      .sort()
      .join('\n'),
  )
}

function remove(context: PipContext, directory: string, pattern: string): number {
  const parts = pipCacheParts(context.core, directory)
  const chosen = pattern === '*' ? parts : wheelsAmong(parts, pattern)
  if (chosen.length === 0) {
    context.warn(`No matching packages${pattern === '*' ? '' : ` for pattern "${pattern}"`}`)
  }
  const { files, bytes, directories } = removeCached(context.core, directory, chosen)
  context.say(`Files removed: ${files} (${formatSize(bytes)})`)
  context.say(`Directories removed: ${directories}`)
  return 0
}
