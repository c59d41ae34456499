// The Python that a project's builds run with while it is locked: a lock is for every environment, but metadata that only a build tells is
// told by one.

import { DenError, isDenError } from '../base/error.ts'
import type { Manifest } from '../project/manifest.ts'
import { type ChosenPython, findPython } from '../python/find.ts'
import { parsePythonRequest } from '../spec/python-request.ts'
import { formatSpecifiers, specifiersContain } from '../spec/specifier.ts'
import { tryParseVersion } from '../spec/version.ts'
import { type AskedPython, findAsked } from './asked-python.ts'
import type { Core } from './core.ts'

/**
 * The one that is asked for; else the one that the nearest `.python-version` at or above the project asks for, if it is one of the
 * project's; else the first that is. Throws what `findPython` throws.
 */
export async function pythonForBuilds(
  core: Core,
  { directory, file, requiresPython }: Pick<Manifest, 'directory' | 'file' | 'requiresPython'>,
  asked: AskedPython = {},
): Promise<ChosenPython> {
  if (asked.python !== undefined) return await findAsked(core, asked)
  const here = { ...core, host: { ...core.host, cwd: directory } }
  if (requiresPython === undefined) return await findPython(here, { kind: 'any' })
  try {
    const pinned = await findPython(here, { kind: 'any' })
    const { major, minor, micro } = pinned.interpreter.version
    const version = tryParseVersion(`${major}.${minor}.${micro}`)
    if (version !== undefined && specifiersContain(requiresPython, version)) return pinned
  } catch (error) {
    if (!isDenError(error, 'python-not-found')) throw error
  }
  return await findPython(here, parsePythonRequest(formatSpecifiers(requiresPython))).catch((error: unknown) => {
    throw saysRequires(error, file)
  })
}

/** The error, with the file whose requires-python no Python here meets. */
export function saysRequires(error: unknown, file: string): unknown {
  if (!isDenError(error, 'python-not-found') || error.detail.from !== undefined) return error
  return new DenError('python-not-found', { ...error.detail, from: file, as: 'requires-python' }, { cause: error })
}
