// The activation scripts an environment has, written anew by den for the path it has or will have. Those of other makers hold the path
// in ways that cannot be corrected without knowing every template; den's own take their place, for the same shells.

import type { Host } from '../host/host.ts'
import { activationEntries } from './activation.ts'
import { withAdditions } from './additions.ts'
import type { Change } from './change.ts'
import type { Environment } from './environment.ts'
import { ifReadable } from './quietly.ts'

/**
 * The changes that make the scripts right for `root`. Files that would stay as they are have none. What their owner has added at the end
 * of a script stays, with the places in `from` (where the environment has been) become `root`.
 */
export function activationChanges(
  host: Pick<Host, 'files' | 'path' | 'platform'>,
  environment: Environment,
  root: string,
  from: readonly string[] = [],
): readonly Change[] {
  const { files, path } = host
  const there = new Map(
    (ifReadable(() => files.list(environment.paths.scripts)) ?? [])
      .filter(({ kind }) => kind === 'file')
      // venv calls it Activate.ps1, virtualenv and uv activate.ps1.
      .map(({ name }) => [name.toLowerCase(), name]),
  )
  const moved = (place: string): string => path.join(root, path.relative(environment.root, place))
  const { paths } = environment
  const prompt = environment.prompt ?? promptInScript(host, environment)
  const entries = activationEntries({
    root,
    paths: {
      root,
      scripts: moved(paths.scripts),
      python: moved(paths.python),
      purelib: moved(paths.purelib),
      platlib: moved(paths.platlib),
      include: moved(paths.include),
      data: root,
    },
    platform: host.platform,
    relocatable: environment.relocatable,
    ...(prompt === undefined ? {} : { prompt }),
  })
  return entries.flatMap((entry): Change[] => {
    if (entry.kind !== 'file') return []
    const slash = entry.path.lastIndexOf('/')
    const name = there.get(entry.path.slice(slash + 1).toLowerCase())
    if (name === undefined) return []
    const relative = `${entry.path.slice(0, slash)}/${name}`
    const place = path.join(environment.root, relative)
    const old = ifReadable(() => files.readText(place))
    const text = old === undefined ? entry.text : withAdditions(name, { old, fresh: entry.text, from, to: root })
    if (old === text) return []
    const bytes = new TextEncoder().encode(text)
    return [{ kind: 'write', path: relative, bytes, mode: entry.mode ?? files.lstat(place)?.mode ?? 0o644 }]
  })
}

/** venv of 3.6 and 3.7 wrote a prompt that was chosen into the script alone: `[ "x(NAME) " != x ]`. */
function promptInScript(host: Pick<Host, 'files' | 'path'>, environment: Environment): string | undefined {
  const { files, path } = host
  const text = ifReadable(() => files.readText(path.join(environment.paths.scripts, 'activate'))) ?? ''
  const name = /\[ "x\(([^"$`\\\n]*)\) " != x \]/.exec(text)?.[1]
  const old = /^VIRTUAL_ENV="([^"\n]*)"/m.exec(text)?.[1]
  if (name === undefined || name === path.basename(environment.root)) return undefined
  return old !== undefined && name === path.basename(old) ? undefined : name
}
