// The options and variables that decide which of the others count (`python --help`, "Python/initconfig.c"). Which exist depends
// on the version: -I came with 3.4, -P and PYTHONSAFEPATH with 3.11.

import type { Interpreter } from '../../python/interpreter.ts'
import type { World } from './world.ts'

/** How Python is called. Absent options are not given. */
export interface PythonOptions {
  /** -E: PYTHON* variables don't count. */
  readonly ignoreEnvironment?: boolean
  /** -s: no user site. */
  readonly noUserSite?: boolean
  /** -S: site.py is not run. */
  readonly noSite?: boolean
  /** -I: isolated, which means -E, -s and (from 3.11) -P. */
  readonly isolated?: boolean
  /** -P: the program's own directory is not put on sys.path. */
  readonly safePath?: boolean
  /** What is run; a command (`-c`, or the prompt) when not said. */
  readonly run?: PythonProgram
}

export type PythonProgram =
  | { readonly kind: 'command' }
  | { readonly kind: 'module' }
  | { readonly kind: 'script'; readonly path: string }

/** `sys.flags`, as far as it decides about paths. */
export interface EffectiveFlags {
  readonly ignoreEnvironment: boolean
  readonly noUserSite: boolean
  readonly noSite: boolean
  readonly isolated: boolean
  readonly safePath: boolean
}

export function isAtLeast(interpreter: Pick<Interpreter, 'version'>, major: number, minor: number): boolean {
  const { version } = interpreter
  return version.major > major || (version.major === major && version.minor >= minor)
}

/** The flags as Python sets them from its options and the environment. What a version doesn't know has no effect. */
export function effectiveFlags(world: World, interpreter: Interpreter, options: PythonOptions): EffectiveFlags {
  const isolated = options.isolated === true && isAtLeast(interpreter, 3, 4)
  const ignoreEnvironment = isolated || options.ignoreEnvironment === true
  const knowsSafePath = isAtLeast(interpreter, 3, 11)
  const environment = (name: string): string => (ignoreEnvironment ? '' : (world.variable(name) ?? ''))
  const noUserSiteVariable = environment('PYTHONNOUSERSITE')
  // Up to 3.6 any text counts, "0" too; since then a number counts as a number.
  const off = isAtLeast(interpreter, 3, 7) && /^\s*[+-]?0+$/.test(noUserSiteVariable)
  const byVariable = noUserSiteVariable !== '' && !off
  const noUserSite = isolated || options.noUserSite === true || byVariable
  const safePathVariable = knowsSafePath && environment('PYTHONSAFEPATH') !== ''
  const safePath = knowsSafePath && (isolated || options.safePath === true || safePathVariable)
  if (byVariable) world.say({ kind: 'variable', variable: 'PYTHONNOUSERSITE' }, 'leaves the user site out, as -s does')
  if (safePathVariable) {
    world.say({ kind: 'variable', variable: 'PYTHONSAFEPATH' }, "keeps the program's own directory off sys.path")
  }
  if (isolated) world.say({ kind: 'option', option: '-I' }, 'PYTHON* variables and the user site do not count')
  else if (options.ignoreEnvironment) world.say({ kind: 'option', option: '-E' }, 'PYTHON* variables do not count')
  if (options.noUserSite) world.say({ kind: 'option', option: '-s' }, 'leaves the user site out')
  if (options.noSite) world.say({ kind: 'option', option: '-S' }, 'site.py is not run: no site-packages, no .pth files')
  if (knowsSafePath && options.safePath) {
    world.say({ kind: 'option', option: '-P' }, "keeps the program's own directory off sys.path")
  }
  return { ignoreEnvironment, noUserSite, noSite: options.noSite === true, isolated, safePath }
}
