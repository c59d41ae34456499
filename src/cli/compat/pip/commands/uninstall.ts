import { DenError } from '../../../../base/error.ts'
import { type Leaving, uninstall } from '../../../../commands/uninstall.ts'
import { openPrompt, type Prompt } from '../ask.ts'
import type { PipContext, PipHandler } from '../context.ts'
import { refuseSilence } from '../refuse-silence.ts'
import { warnOfRoot } from '../root-warning.ts'

/** pip uninstall PACKAGE… */
export const handle: PipHandler = async (context) => {
  const { options, core, environment, operands } = context
  const names = [...namesAmong(context, operands), ...(await namesInFiles(context))]
  if (names.length === 0) {
    throw new DenError('pip-options-refused', {
      command: 'pip uninstall',
      because: 'nothing is named',
      fix: ['name a package: pip uninstall PACKAGE', 'or a file of them: pip uninstall -r requirements.txt'],
    })
  }
  const prompt = openPrompt(context.output)
  const { removed, missing, outside, isVirtual } = await uninstall(core, {
    environment,
    names,
    breakSystemPackages: options.override_externally_managed === true,
    confirm: (leaving) => confirm(context, leaving, prompt),
  }).finally(prompt.close)
  context.answer({ removed, missing, outside })
  for (const name of missing) context.warn(`Skipping ${name} as it is not installed.`)
  for (const { name, location } of outside) {
    context.say(`Not uninstalling ${name} at ${location}, outside environment`)
  }
  for (const { name, version } of removed) context.say(`  Successfully uninstalled ${name}-${version}`)
  warnOfRoot(context, isVirtual)
  return 0
}

/** What stands behind a name counts not; an address and a path name nothing. */
function namesAmong(context: PipContext, texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) => {
    const name = /^\s*([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:$|[[(;@=<>!~])/.exec(text)?.[1]
    if (name !== undefined) return [name]
    context.warn(`Invalid requirement: '${text}' ignored - the uninstall command expects named requirements.`)
    return []
  })
}

async function namesInFiles(context: PipContext): Promise<readonly string[]> {
  const files = context.options.requirements ?? []
  if (files.length === 0) return []
  const { requirementNames } = await import('../requirement-names.ts')
  return requirementNames(context, files)
}

async function confirm(context: PipContext, leaving: Leaving, prompt: Prompt): Promise<boolean> {
  const { name, version } = leaving
  context.say(`Found existing installation: ${name} ${version}`)
  context.say(`Uninstalling ${name}-${version}:`)
  if (context.options.yes === true) return true
  const { path } = context.host
  context.say('  Would remove:')
  for (const line of context.verbosity > 0 ? [...leaving.files].sort() : compact(leaving, path))
    context.say(`    ${line}`)
  if (leaving.kept.length > 0) {
    context.say('  Would not remove (might be manually added):')
    for (const file of leaving.kept) context.say(`    ${file}`)
  }
  refuseSilence(context, 'pip uninstall')
  return (await prompt.ask('Proceed (Y/n)? ', ['y', 'n', ''])) !== 'n'
}

/**
 * A package or dist-info directory as DIRECTORY/*, its files left out; an egg or its egg-info goes as a whole. Bytecode is not worth a
 * line.
 */
function compact({ files }: Leaving, path: PipContext['host']['path']): readonly string[] {
  const folders = new Map<string, string>()
  for (const file of files) {
    const egg = /^(.*?\.egg(?:-info)?)(?:[/\\]|$)/.exec(file)?.[1]
    const folder = path.dirname(file)
    if (egg !== undefined) folders.set(egg, egg)
    else if (path.basename(file) === '__init__.py' || folder.endsWith('.dist-info'))
      folders.set(folder, path.join(folder, '*'))
  }
  const isIn = (place: string): boolean => {
    for (let parent = path.dirname(place); path.dirname(parent) !== parent; parent = path.dirname(parent)) {
      if (folders.has(parent)) return true
    }
    return false
  }
  const tops = [...folders].filter(([folder]) => !isIn(folder)).map(([, shown]) => shown)
  const rest = files.filter((file) => !/\.py[co]$/.test(file) && !folders.has(file) && !isIn(file))
  return [...tops, ...rest].sort()
}
