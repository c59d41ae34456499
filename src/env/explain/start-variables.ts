// PYTHONHOME and PYTHONPATH as getpath takes them.

import type { Interpreter } from '../../python/interpreter.ts'
import type { NewEntry } from './entries.ts'
import { type EffectiveFlags, isAtLeast } from './flags.ts'
import type { World } from './world.ts'

/** PYTHONHOME, where it counts. Up to 3.6 an empty one counts too, and Python then finds nothing. */
export function pythonHome(world: World, interpreter: Interpreter, flags: EffectiveFlags): string | undefined {
  const value = flags.ignoreEnvironment ? undefined : world.variable('PYTHONHOME')
  if (value === undefined || (value === '' && isAtLeast(interpreter, 3, 7))) return undefined
  world.say(
    { kind: 'variable', variable: 'PYTHONHOME' },
    value === ''
      ? 'is set and empty, so the standard library is looked for in the working directory'
      : `the standard library is taken from ${value}, wherever the executable is`,
  )
  return value
}

/** PYTHONPATH, where it counts. 2.7 alone takes an empty one for an empty entry, the working directory. */
export function pythonPathVariable(world: World, interpreter: Interpreter, flags: EffectiveFlags): string | undefined {
  const value = flags.ignoreEnvironment ? undefined : world.variable('PYTHONPATH')
  return value === '' && interpreter.version.major > 2 ? undefined : value
}

/** One entry a part; an empty part is the working directory. */
export function pythonPathEntries(
  world: World,
  value: string | undefined,
  shape: (part: string) => string,
): readonly NewEntry[] {
  if (value === undefined) return []
  const parts = value.split(world.paths.delimiter)
  const from = { kind: 'variable', variable: 'PYTHONPATH' } as const
  world.say(
    from,
    `puts ${parts.length === 1 ? 'a directory' : `${parts.length} directories`} before the standard library`,
  )
  return parts.map((part) => ({
    path: shape(part),
    kind: 'pythonpath',
    why: part === '' ? 'an empty entry of PYTHONPATH means the working directory' : 'named by PYTHONPATH',
    from,
  }))
}
