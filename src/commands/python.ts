// `den python list | find | info`: the machine's Pythons as data.

import { findPython, findPythons } from '../python/find.ts'
import { brokenError, inspectPython } from '../python/inspect.ts'
import { compareFound, type FoundPython, type Interpreter } from '../python/interpreter.ts'
import { matchesRequest, parsePythonRequest } from '../spec/python-request.ts'
import type { Core } from './core.ts'

export interface PythonListRequest {
  /** Also the Pythons of virtual environments. Broken ones are listed in any case. */
  readonly all?: boolean
  /** Only those that are what this asks for, as `--python` takes it. */
  readonly request?: string
  /** Whether interpreters that files don't describe may be started; yes unless said. */
  readonly spawn?: boolean
}

export interface PythonListResult {
  /** Newest first; broken ones last. */
  readonly pythons: readonly FoundPython[]
}

/** Every Python that den finds. Throws `invalid-python-request`. */
export async function pythonList(core: Core, request: PythonListRequest = {}): Promise<PythonListResult> {
  const wanted = request.request === undefined ? undefined : parsePythonRequest(request.request)
  const pythons: FoundPython[] = []
  for await (const found of findPythons(core, request.spawn === undefined ? {} : { spawn: request.spawn })) {
    if (request.all !== true && found.environment !== undefined) continue
    const { interpreter } = found
    if (wanted !== undefined && (interpreter === undefined || !matchesRequest(wanted, interpreter))) continue
    pythons.push(found)
  }
  return { pythons: pythons.sort((one, other) => compareFound(other, one)) }
}

export interface PythonFindRequest {
  /** As `--python` takes it; what a command would use by itself when left out. */
  readonly request?: string
  readonly spawn?: boolean
}

export interface PythonFindResult {
  readonly python: FoundPython & { readonly interpreter: Interpreter }
  /** Why this one. */
  readonly because: string
}

/** The Python that a command with this `--python` would use. Throws `python-not-found`, `python-broken`, `invalid-python-request`. */
export async function pythonFind(core: Core, request: PythonFindRequest = {}): Promise<PythonFindResult> {
  const { because, ...python } = await findPython(core, parsePythonRequest(request.request ?? ''), {
    preferActive: false,
    ...(request.spawn === undefined ? {} : { spawn: request.spawn }),
  })
  return { python, because }
}

export interface PythonInfoRequest {
  /** An executable, an environment's directory, or anything that `--python` takes. */
  readonly path: string
  readonly spawn?: boolean
}

/** All facts of one interpreter. Throws as pythonFind does. */
export async function pythonInfo(core: Core, request: PythonInfoRequest): Promise<PythonFindResult> {
  const { host } = core
  const place = host.path.resolve(host.cwd, request.path)
  // A file of the working directory may be named without a separator.
  if (host.files.stat(place)?.kind === 'file') {
    const python = await inspectPython(core, place, request.spawn === undefined ? {} : { spawn: request.spawn })
    if (python.interpreter === undefined) throw brokenError(python)
    return { python: { ...python, interpreter: python.interpreter }, because: 'it was named' }
  }
  return await pythonFind(core, {
    request: request.path,
    ...(request.spawn === undefined ? {} : { spawn: request.spawn }),
  })
}
