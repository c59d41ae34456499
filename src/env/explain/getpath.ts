// What Python knows before its first line of Python: prefix, exec_prefix and the first entries of sys.path. Three programs have
// computed them: C up to 3.10 (getpath-c.ts), getpath.py since 3.11 (getpath-py.ts), and C of its own on Windows up to 3.10
// (getpath-windows.ts). Left out: Python run from its own build directory, and programs that embed it.

import type { Interpreter } from '../../python/interpreter.ts'
import type { NewEntry, StartProblem } from './entries.ts'
import { type EffectiveFlags, isAtLeast } from './flags.ts'
import { calculatePathInC } from './getpath-c.ts'
import { calculatePathInPython } from './getpath-py.ts'
import { calculatePathOnWindows } from './getpath-windows.ts'
import type { World } from './world.ts'

export interface GetpathInput {
  /** The executable as it is called: absolute, links kept. */
  readonly executable: string
  /** The base interpreter whose code runs. */
  readonly interpreter: Interpreter
  readonly flags: EffectiveFlags
}

/** What Python has when site.py starts. */
export interface StartPaths {
  /** `sys.executable`. */
  readonly executable: string
  readonly prefix: string
  readonly execPrefix: string
  readonly basePrefix: string
  readonly baseExecPrefix: string
  /** `sys.platlibdir`. */
  readonly platlibdir: string
  /** The directory of the standard library. */
  readonly stdlib: string
  readonly entries: readonly NewEntry[]
  readonly problems: readonly StartProblem[]
  /** A ._pth file took over: variables don't count, and site.py runs only where it says so. */
  readonly isolatedBy?: { readonly file: string; readonly site: boolean }
}

export function calculateStartPaths(world: World, input: GetpathInput): StartPaths {
  if (isAtLeast(input.interpreter, 3, 11)) return calculatePathInPython(world, input)
  return world.paths.windows ? calculatePathOnWindows(world, input) : calculatePathInC(world, input)
}
