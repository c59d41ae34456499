// Check 2: pyvenv.cfg's `home` names a directory that is gone, is relative, or is not the one the executable leads to.

import { ifReadable } from '../../quietly.ts'
import type { EnvironmentCheck } from '../check.ts'
import { word } from '../word.ts'

export const homeCheck: EnvironmentCheck = {
  id: 'home',
  title: "pyvenv.cfg's `home` is the base's directory",
  scope: 'environment',
  async run({ environment, context, executable, base }) {
    const { files, path } = context.host
    const { cfg, paths, root } = environment
    if (cfg === undefined) return []
    const end = executable()
    // Where the executable leads nowhere, mending that writes `home` too.
    if (end.kind !== 'found') return []
    const copied = path.dirname(end.path) === paths.scripts
    const home = cfg.firstHome
    // A byte order mark hides the first key, and of two homes one is wrong: the check of the text says so and mends it.
    if ((home === undefined && cfg.hasByteOrderMark) || cfg.duplicates.includes('home')) return []
    const linkDirectory = copied ? undefined : path.dirname(end.path)
    const repair =
      linkDirectory === undefined ? undefined : [{ kind: 'configure', values: { home: linkDirectory } } as const]
    const advice = {
      fix:
        repair === undefined
          ? [`make the environment anew: den create --clear ${word(root)}`]
          : [`den repair ${word(root)}`],
      ...(repair === undefined ? {} : { repair }),
    }
    const file = path.join(root, 'pyvenv.cfg')
    if (home === undefined || home === '') {
      return [
        {
          severity: 'error',
          what: `${file} names no home`,
          why: 'without it Python cannot find its standard library by the file, and environments made from this one come out wrong',
          ...advice,
        },
      ]
    }
    if (!path.isAbsolute(home)) {
      return [
        {
          severity: 'error',
          what: `${file} gives a relative home: ${home}`,
          why: 'Python looks for it from the directory one stands in, so the environment works here and fails there',
          ...advice,
        },
      ]
    }
    const real = ifReadable(() => files.realPath(home))
    // A copy without any base is the check of the executable's.
    if (real === undefined && copied && (await base()) === undefined) return []
    if (real === undefined) {
      return [
        {
          severity: copied ? 'error' : 'warning',
          what: `${file} names a home that is gone: ${home}`,
          why: copied
            ? 'the executable is a copy and finds its standard library by it alone'
            : `the executable leads to ${end.path} and still works; tools that read the file are misled`,
          ...advice,
        },
      ]
    }
    if (linkDirectory === undefined || leadsThrough(context.host, paths.python, real)) return []
    return [
      {
        severity: 'warning',
        what: `${file} says the base is in ${home}, but the executable leads to ${end.path}`,
        why: 'Python takes its standard library by the one and its executable by the other; they may differ in version',
        ...advice,
      },
    ]
  },
}

/** Whether one of the links from `executable` on stands in, or leads into, the directory whose real path is `real`. */
function leadsThrough(
  host: {
    files: { readLink(path: string): string | undefined; realPath(path: string): string | undefined }
    path: typeof import('node:path').posix
  },
  executable: string,
  real: string,
): boolean {
  const { files, path } = host
  let current = executable
  for (let depth = 0; depth < 40; depth += 1) {
    const target = files.readLink(current)
    if (target === undefined) return false
    current = path.resolve(path.dirname(current), target)
    if (ifReadable(() => files.realPath(path.dirname(current))) === real) return true
  }
  return false
}
