// From the executable of a virtual environment to the interpreter it was made from (PEP 405).

import type { Host } from '../host/host.ts'
import { type PyvenvCfg, parsePyvenvCfg, pythonVersionOf } from '../spec/pyvenv-cfg.ts'
import { followLinks } from './links.ts'
import type { PythonProblem } from './problem.ts'

export interface Membership {
  /** The environment's root. */
  readonly root: string
  readonly cfg: PyvenvCfg
}

/** The environment an executable belongs to: a pyvenv.cfg beside it or one directory above. Its links are not followed. */
export function membershipOf(host: Host, executable: string): Membership | undefined {
  const { path, files } = host
  const directory = path.dirname(executable)
  for (const root of [directory, path.dirname(directory)]) {
    const file = path.join(root, 'pyvenv.cfg')
    // A look costs less than a failed reading, and nearly all executables have none.
    const text = files.stat(file) === undefined ? undefined : files.readText(file)
    if (text !== undefined) return { root, cfg: parsePyvenvCfg(text) }
  }
  return undefined
}

/** The executable the environment was made from, at the address that will last longest, or why there is none. */
export function baseOf(
  host: Host,
  executable: string,
  { root, cfg }: Membership,
): { readonly executable: string } | { readonly problem: PythonProblem } {
  const { path, files } = host
  const home = cfg.firstHome
  const broken = (text: string): { readonly problem: PythonProblem } => ({
    problem: { code: 'broken-environment', text },
  })
  // The prefix is looked for from `home`; so a name in that directory is right, and the link's own address the most stable one.
  const outside = firstOutside(host, executable, root)
  if (home === undefined) {
    const base = outside ?? cfg.values.get('base-executable') ?? cfg.values.get('executable')
    if (base !== undefined && files.stat(base) !== undefined) return { executable: base }
    return broken('its pyvenv.cfg names no home')
  }
  if (outside !== undefined && path.dirname(outside) === path.normalize(home) && files.stat(outside) !== undefined) {
    return { executable: outside }
  }
  // Where the executable is a link, the program at its end is what runs, whatever pyvenv.cfg has come to say since.
  const program = outside === undefined ? undefined : files.realPath(outside)
  const isProgram = (candidate: string): boolean => program === undefined || files.realPath(candidate) === program
  for (const key of ['base-executable', 'executable']) {
    const named = cfg.values.get(key)
    if (named === undefined || path.dirname(named) !== path.normalize(home)) continue
    if (files.stat(named) !== undefined && isProgram(named)) return { executable: named }
  }
  for (const name of baseNames(host, executable, cfg)) {
    const candidate = path.resolve(root, home, name)
    if (files.stat(candidate)?.kind === 'file' && isProgram(candidate)) return { executable: candidate }
  }
  if (program !== undefined) return { executable: outside! }
  if (files.stat(home) === undefined) return broken(`it was made from a Python in ${home}, which isn't there any more`)
  return broken(`it was made from a Python in ${home}, where there is none any more`)
}

/** The first address on the chain of links that lies outside the environment. */
function firstOutside(host: Host, executable: string, root: string): string | undefined {
  const { path, files } = host
  let current = executable
  for (let depth = 0; depth < 40; depth += 1) {
    const target = files.readLink(current)
    if (target === undefined) return undefined
    current = path.resolve(path.dirname(current), target)
    const relative = path.relative(root, current)
    if (relative.startsWith('..') || path.isAbsolute(relative)) return current
  }
  return undefined
}

function baseNames({ path, platform }: Host, executable: string, cfg: PyvenvCfg): Iterable<string> {
  const version = pythonVersionOf(cfg)
  const implementation = cfg.values.get('implementation')?.toLowerCase()
  const stem = implementation === 'pypy' ? 'pypy' : implementation === 'graalpy' ? 'graalpy' : 'python'
  const suffix = platform === 'win32' ? '.exe' : ''
  return new Set([
    path.basename(executable),
    ...(version === undefined
      ? []
      : [`${stem}${version.major}.${version.minor}${suffix}`, `${stem}${version.major}${suffix}`]),
    `${stem}${suffix}`,
    `python3${suffix}`,
    `python${suffix}`,
  ])
}

/** The base of a virtualenv before 20, by the prefix it left in orig-prefix.txt. */
export function baseInPrefix(host: Host, prefix: string, executable: string): string | undefined {
  const { path, files } = host
  const end = followLinks(host, executable)
  const name = path.basename(end.kind === 'found' ? end.path : executable)
  const directory = host.platform === 'win32' ? prefix : path.join(prefix, 'bin')
  return [name, 'python2.7', 'python2', 'python', 'python.exe']
    .map((one) => path.join(directory, one))
    .find((candidate) => files.stat(candidate)?.kind === 'file')
}
