// The order in which Pythons are tried for a request, each inspected when its turn comes.

import { searchPath, variable } from '../host/host.ts'
import type { PythonRequest } from '../spec/python-request.ts'
import type { InterpreterCache } from './cache.ts'
import { gather, identityOf } from './candidates.ts'
import type { PythonContext } from './context.ts'
import { inspectPython } from './inspect.ts'
import { compareFound, type FoundPython } from './interpreter.ts'
import { locators as allLocators } from './locators/all.ts'
import type { Locator } from './locators/locator.ts'
import { throughShim } from './locators/path.ts'
import { executableIn } from './locators/versions.ts'
import { presenceOf, statQuietly } from './looking.ts'
import { isNamedOtherwise, namesFor } from './names.ts'

export interface FindPythonsOptions {
  /** Whether interpreters that files don't describe may be started; yes unless said. */
  readonly spawn?: boolean
  /** All of them unless said. */
  readonly locators?: readonly Locator[]
  /** How long an interpreter that is asked may take, in milliseconds. */
  readonly timeout?: number
}

export interface FindPythonOptions extends FindPythonsOptions {
  /** Executables to try before all others (`--try-first-with`); those that don't match or don't work are passed over. */
  readonly tryFirstWith?: readonly string[]
  /** Whether the active environment (VIRTUAL_ENV, CONDA_PREFIX) comes before PATH. */
  readonly preferActive?: boolean
  /** Whether `.python-version` has a say when nothing is asked for; yes unless said. */
  readonly versionFile?: boolean
}

/** One search: its options, and what it has come across. */
export interface Search extends FindPythonOptions {
  readonly cache: InterpreterCache
  /** The file that asks (.python-version). */
  readonly from?: string
  /** What was inspected, by identity. */
  readonly tried: Map<string, FoundPython>
}

/** The inspected candidates in the order of preference; those that must be asked stay for the end. */
export async function* trials(
  context: PythonContext,
  request: PythonRequest,
  search: Search,
): AsyncIterable<{ readonly found: FoundPython; readonly because: string }> {
  const { host } = context
  for (const executable of search.tryFirstWith ?? []) {
    yield {
      found: await tryOne(context, inDirectory(context, executable), search),
      because: 'it was to be tried first',
    }
  }
  if (search.preferActive === true && request.kind !== 'name') {
    for (const name of ['VIRTUAL_ENV', 'CONDA_PREFIX']) {
      const root = variable(host, name)
      if (root === undefined || !host.path.isAbsolute(root)) continue
      yield { found: await tryOne(context, inDirectory(context, root), search), because: `${name} is set` }
    }
  }
  const names = namesFor(request, host.platform)
  for (const directory of searchPath(host)) {
    if (statQuietly(host, directory) !== 'directory') continue
    for (const name of names) {
      const met = host.path.join(directory, name)
      if (host.platform === 'darwin' && directory === '/usr/bin') continue // xcrun's stub
      const kind = statQuietly(host, met)
      // A link that leads nowhere is looked at as well: the error that nothing was found tells of it.
      if (kind === undefined ? presenceOf(host, met) !== 'there' : kind !== 'file') continue
      const candidate = throughShim(host, met)
      if (candidate === undefined) continue
      const found = await tryOne(context, candidate.executable, {
        ...search,
        locator: 'path',
        alsoAt: candidate.alsoAt,
      })
      yield { found, because: `it is the first that fits on PATH (${met})` }
    }
  }
  if (request.kind === 'name') return
  const others = (search.locators ?? allLocators).filter(({ name }) => name !== 'path')
  const rest = await gather(host, others, new Set(search.tried.keys()))
  // What is of another version by its name alone is read last: only an error that tells what there is wants to know of it.
  const unlikely = rest.filter(({ executable }) => isNamedOtherwise(executable, request))
  for (const group of [rest.filter((candidate) => !unlikely.includes(candidate)), unlikely]) {
    const inspected: FoundPython[] = []
    for (const candidate of group) {
      inspected.push(await tryOne(context, candidate.executable, { ...search, ...candidate, spawn: false }))
    }
    for (const found of inspected.sort(newestFirst)) {
      yield { found, because: `it is the newest that fits off PATH, found by ${found.locator}` }
    }
  }
}

/** Environments of conda belong to other projects; they come last. */
function newestFirst(one: FoundPython, other: FoundPython): number {
  const rank = (found: FoundPython): number => (found.environment !== undefined ? 2 : found.locator === 'conda' ? 1 : 0)
  return rank(one) - rank(other) || compareFound(other, one)
}

/** Inspects what wasn't before. */
export async function tryOne(
  context: PythonContext,
  executable: string,
  options: Search & {
    readonly locator?: string
    readonly alsoAt?: readonly string[] | undefined
    readonly name?: string
  },
): Promise<FoundPython> {
  const identity = identityOf(context.host, executable)
  const known = options.tried.get(identity)
  if (known?.executable === executable) return known
  const { path } = context.host
  // Through a link among the directories it takes another prefix, and is read anew.
  if (known !== undefined && path.dirname(known.executable) === path.dirname(executable)) {
    return metAs(known, executable)
  }
  const found = await inspectPython(context, executable, {
    cache: options.cache,
    ...(options.spawn === undefined ? {} : { spawn: options.spawn }),
    ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
    ...(options.locator === undefined ? {} : { locator: options.locator }),
    ...(options.alsoAt === undefined ? {} : { alsoAt: options.alsoAt }),
    ...(options.name === undefined ? {} : { name: options.name }),
  })
  if (known === undefined) options.tried.set(identity, found)
  return found
}

/** The same interpreter under another name in its directory. */
function metAs(found: FoundPython, executable: string): FoundPython {
  const { interpreter } = found
  return interpreter === undefined || interpreter.executable !== found.executable
    ? { ...found, executable }
    : { ...found, executable, interpreter: { ...interpreter, executable } }
}

/** A directory stands for the interpreter of the environment or installation in it. */
export function inDirectory({ host }: PythonContext, given: string): string {
  const { path, cwd, home } = host
  const expanded = home === undefined ? given : given.replace(/^~(?=[/\\]|$)/, () => home)
  const place = path.resolve(cwd, expanded)
  return statQuietly(host, place) === 'directory' ? (executableIn(host, place) ?? place) : place
}
