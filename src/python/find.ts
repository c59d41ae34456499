// Finding Pythons: all of this machine's (findPythons), or the first that is what was asked for (findPython).

import { DenError } from '../base/error.ts'
import { searchPath } from '../host/host.ts'
import { slicer } from '../host/slices.ts'
import { asksForPrerelease, formatPythonRequest, matchesRequest, type PythonRequest } from '../spec/python-request.ts'
import { type InterpreterCache, openInterpreterCache } from './cache.ts'
import { type GatheredCandidate, gather, identityOf } from './candidates.ts'
import type { PythonContext } from './context.ts'
import { brokenError, inspectPython } from './inspect.ts'
import { type FoundPython, formatPythonVersion, type Interpreter } from './interpreter.ts'
import { locators as allLocators } from './locators/all.ts'
import { installations } from './locators/conda.ts'
import { pyenvRoots } from './locators/pyenv.ts'
import { executableIn } from './locators/versions.ts'
import { statQuietly } from './looking.ts'
import { type FindPythonOptions, type FindPythonsOptions, inDirectory, type Search, trials, tryOne } from './search.ts'
import { findVersionFile } from './version-file.ts'

/** Interpreters asked at the same time: more would only wait for the same disk and processors. */
const asking = 4

/**
 * Every Python on the machine, once each, in the order of the locators; broken ones with their problem. A virtual environment's is
 * one of its own, with `environment`. Throws `aborted` alone.
 */
export async function* findPythons(
  context: PythonContext,
  options: FindPythonsOptions = {},
): AsyncIterable<FoundPython> {
  const pause = slicer({ operation: 'finding Pythons', signal: context.signal })
  const cache = openInterpreterCache(context)
  const candidates = await gather(context.host, options.locators ?? allLocators)
  // Results come in the candidates' order, while those behind are already being asked.
  const running: Promise<FoundPython>[] = []
  try {
    for (let next = 0, done = 0; done < candidates.length; done += 1) {
      for (; next < candidates.length && next < done + asking; next += 1) {
        await pause()
        running.push(inspectCandidate(context, candidates[next]!, { ...options, cache }))
      }
      yield await running[done]!
    }
  } finally {
    await Promise.allSettled(running)
    cache.save()
  }
}

function inspectCandidate(
  context: PythonContext,
  candidate: GatheredCandidate,
  options: FindPythonsOptions & { readonly cache: InterpreterCache },
): Promise<FoundPython> {
  const { executable, locator, alsoAt, name } = candidate
  return inspectPython(context, executable, {
    locator,
    alsoAt,
    cache: options.cache,
    ...(name === undefined ? {} : { name }),
    ...(options.spawn === undefined ? {} : { spawn: options.spawn }),
    ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
  })
}

/** A Python that works, and why it is this one. */
export interface ChosenPython extends FoundPython {
  readonly interpreter: Interpreter
  /** "the first python3 on PATH", "/project/.python-version asks for 3.12". */
  readonly because: string
}

/**
 * The first Python that is what was asked for. A path is that one or none. A version is looked for in the order: tried first,
 * active, PATH, then whatever the other locators hold, newest first; releases before pre-releases, debug builds last, unless these
 * are asked for. Nothing asked for: the nearest `.python-version`, else as a version that any Python 3 meets, 2.7 if there is no
 * other.
 *
 * Throws `python-not-found` (with what there is), `python-broken` and `python-not-asked` for a path, `invalid-python-request` for a
 * damaged `.python-version`.
 */
export async function findPython(
  context: PythonContext,
  request: PythonRequest,
  options: FindPythonOptions = {},
): Promise<ChosenPython> {
  const cache = openInterpreterCache(context)
  const search = { ...options, cache, tried: new Map<string, FoundPython>() }
  try {
    if (request.kind === 'any' && options.versionFile !== false) {
      const file = findVersionFile(context.host)
      if (file !== undefined) return await findOneOf(context, file.requests, { ...search, from: file.path })
    }
    return await findOneOf(context, [request], search)
  } finally {
    cache.save()
  }
}

async function findOneOf(
  context: PythonContext,
  requests: readonly PythonRequest[],
  search: Search,
): Promise<ChosenPython> {
  for (const request of requests) {
    const found = await findOne(context, request, search)
    if (found === undefined) continue
    const because =
      search.from === undefined ? found.because : `${search.from} asks for ${formatPythonRequest(request)}`
    return { ...found, because }
  }
  const all = [...search.tried.values()]
  throw new DenError('python-not-found', {
    request: requests.map(formatPythonRequest).join(' or '),
    ...(search.from === undefined ? {} : { from: search.from }),
    looked: [...searchPath(context.host)],
    found: all.flatMap(({ interpreter, executable }) =>
      interpreter === undefined ? [] : [`${describe(interpreter)} at ${executable}`],
    ),
    broken: all.flatMap(({ problem, executable }) =>
      problem === undefined || problem.code === 'shim-without-target' ? [] : [`${executable}: ${problem.text}`],
    ),
  })
}

function describe(interpreter: Interpreter): string {
  const { implementation, freeThreaded } = interpreter
  const name = implementation === 'cpython' ? '' : `${implementation} `
  return `${name}${formatPythonVersion(interpreter.version)}${freeThreaded ? 't' : ''}`
}

async function findOne(
  context: PythonContext,
  request: PythonRequest,
  search: Search,
): Promise<ChosenPython | undefined> {
  if (request.kind === 'path') return await findAtPath(context, request.path, search)
  if (request.kind === 'name' && search.from !== undefined) return await findByToolName(context, request.name, search)

  // What would do, but is not what one expects to get unasked: the first of the best sort is taken when nothing better turns up.
  const fallbacks = new Map<number, ChosenPython>()
  const pause = slicer({ operation: 'finding a Python', signal: context.signal })
  for await (const { found, because } of trials(context, request, search)) {
    await pause()
    const { interpreter } = found
    if (interpreter === undefined || !matches(request, interpreter)) continue
    const chosen = { ...found, interpreter, because }
    const doubts = doubtsAbout(request, interpreter)
    if (doubts === 0) return chosen
    if (!fallbacks.has(doubts)) fallbacks.set(doubts, chosen)
  }
  const best = Math.min(...fallbacks.keys())
  const found = fallbacks.get(best) ?? (await findUndescribed(context, request, search))
  if (found !== undefined || request.kind !== 'name') return found
  // An environment of this directory may be named without a separator, as uv and virtualenv take it.
  const place = context.host.path.resolve(context.host.cwd, request.name)
  return statQuietly(context.host, place) === 'directory' ? await findAtPath(context, place, search) : undefined
}

function matches(request: PythonRequest, interpreter: Interpreter): boolean {
  // Nothing asked for is a version request with every field free: a build without the GIL before 3.14 is taken only by name.
  return matchesRequest(request.kind === 'any' ? { kind: 'version' } : request, interpreter)
}

function doubtsAbout(request: PythonRequest, { version, debug, implementation }: Interpreter): number {
  if (request.kind === 'name') return 0
  const asked = request.kind === 'version' ? request : undefined
  return (
    (debug && asked?.debug !== true ? 1 : 0) +
    (version.level !== 'final' && !asksForPrerelease(request) ? 2 : 0) +
    (implementation !== 'cpython' && asked?.implementation === undefined ? 4 : 0) +
    (version.major < 3 && asked?.release === undefined && asked?.specifiers === undefined ? 8 : 0)
  )
}

/** Those that no file describes are asked when all that could be read have been passed over. */
async function findUndescribed(
  context: PythonContext,
  request: PythonRequest,
  search: Search,
): Promise<ChosenPython | undefined> {
  if (search.spawn === false || request.kind === 'name') return undefined
  for (const [identity, { problem, executable, locator }] of [...search.tried]) {
    if (problem?.code !== 'not-asked' || identity !== identityOf(context.host, executable)) continue
    search.tried.delete(identity)
    const found = await tryOne(context, executable, { ...search, locator })
    const { interpreter } = found
    if (interpreter !== undefined && matches(request, interpreter)) {
      return { ...found, interpreter, because: `it is the first that fits off PATH, found by ${locator}` }
    }
  }
  return undefined
}

async function findAtPath(context: PythonContext, path: string, search: Search): Promise<ChosenPython> {
  const found = await tryOne(context, inDirectory(context, path), search)
  if (found.interpreter === undefined) throw brokenError(found, search.from)
  return { ...found, interpreter: found.interpreter, because: 'it was named' }
}

/** A name in `.python-version` is a version manager's: pyenv's version or virtual environment, conda's environment. */
async function findByToolName(context: PythonContext, name: string, search: Search): Promise<ChosenPython | undefined> {
  const { host } = context
  const roots = [
    ...pyenvRoots(host).map((root) => host.path.join(root, 'versions')),
    ...installations(host).map((root) => host.path.join(root, 'envs')),
  ]
  for (const root of roots) {
    const prefix = host.path.join(root, name)
    const executable = statQuietly(host, prefix) === 'directory' ? executableIn(host, prefix, name) : undefined
    if (executable === undefined) continue
    const found = await tryOne(context, executable, { ...search, name })
    if (found.interpreter === undefined) throw brokenError(found, search.from)
    return { ...found, interpreter: found.interpreter, because: `it is ${name}` }
  }
  return undefined
}
