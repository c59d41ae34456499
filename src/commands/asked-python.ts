// The Python that a command is told to take, and who told it: what cannot be had is mended where it was asked for.

import { DenError, isDenError } from '../base/error.ts'
import { type ChosenPython, findPython } from '../python/find.ts'
import type { FindPythonOptions } from '../python/search.ts'
import { type PythonRequest, parsePythonRequest } from '../spec/python-request.ts'
import type { Core } from './core.ts'

export interface AskedPython {
  /** "3.12", "pypy3.10", a path. */
  readonly python?: string | undefined
  /** Who asks for it, where that is not the caller: "DEN_PYTHON". */
  readonly pythonFrom?: string | undefined
}

/** Throws `invalid-python-request`. */
export function askedRequest({ python = '', pythonFrom }: AskedPython): PythonRequest {
  try {
    return parsePythonRequest(python)
  } catch (error) {
    throw saysFrom(error, pythonFrom)
  }
}

/** Throws what `findPython` throws. */
export async function findAsked(
  core: Core,
  asked: AskedPython,
  options: FindPythonOptions = {},
): Promise<ChosenPython> {
  const request = askedRequest(asked)
  try {
    return await findPython(core, request, options)
  } catch (error) {
    throw saysFrom(error, asked.pythonFrom)
  }
}

/** The error, with who asked for what it is about; as it is where that is known already. */
export function saysFrom(error: unknown, from: string | undefined): unknown {
  if (from === undefined) return error
  if (isDenError(error, 'python-not-found') && error.detail.from === undefined)
    return new DenError('python-not-found', { ...error.detail, from }, { cause: error })
  if (isDenError(error, 'python-broken') && error.detail.from === undefined)
    return new DenError('python-broken', { ...error.detail, from }, { cause: error })
  if (isDenError(error, 'invalid-python-request') && error.detail.file === undefined)
    return new DenError('invalid-python-request', { ...error.detail, file: from }, { cause: error })
  return error
}
