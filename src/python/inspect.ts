// From the path of an executable to the facts of its interpreter: read from files; else remembered; else asked once.

import { DenError, isDenError } from '../base/error.ts'
import { askPython } from './ask.ts'
import { type InterpreterCache, openInterpreterCache } from './cache.ts'
import type { PythonContext } from './context.ts'
import { readInstallation } from './installation/read.ts'
import type { FoundPython, Interpreter } from './interpreter.ts'
import { type PythonProblem, problemOf } from './problem.ts'
import { resolveShim } from './shims.ts'
import { baseInPrefix, baseOf, membershipOf } from './virtual.ts'

export interface InspectOptions {
  /** Whether an interpreter that files don't describe may be started; yes unless said. */
  readonly spawn?: boolean
  /** What the result says of where it was met; "given" unless said. */
  readonly locator?: string
  readonly name?: string
  readonly alsoAt?: readonly string[]
  /** Shared by a run over many interpreters; opened and saved here when left out. */
  readonly cache?: InterpreterCache
  /** How long an interpreter that is asked may take, in milliseconds. */
  readonly timeout?: number
}

type Finding = Pick<FoundPython, 'interpreter' | 'problem' | 'environment'>

/**
 * The interpreter behind an executable; the base, when it is one of a virtual environment. A broken one is a result with `problem`;
 * throws `aborted` alone.
 */
export async function inspectPython(
  context: PythonContext,
  executable: string,
  options: InspectOptions = {},
): Promise<FoundPython> {
  const cache = options.cache ?? openInterpreterCache(context)
  const finding = await inspect(context, executable, { ...options, cache, depth: 0 })
  if (options.cache === undefined) cache.save()
  if (finding.interpreter !== undefined) {
    const { version } = finding.interpreter
    context.report({ kind: 'python.found', executable, version: `${version.major}.${version.minor}.${version.micro}` })
  }
  return {
    executable,
    locator: options.locator ?? 'given',
    alsoAt: options.alsoAt ?? [],
    ...finding,
    ...(options.name === undefined ? {} : { name: options.name }),
  }
}

/** The interpreter behind an executable. Throws `python-broken` where inspectPython gives a problem. */
export async function requirePython(
  context: PythonContext,
  executable: string,
  options: InspectOptions = {},
): Promise<Interpreter> {
  const found = await inspectPython(context, executable, options)
  if (found.interpreter !== undefined) return found.interpreter
  throw brokenError(found)
}

/** The error for an interpreter that was named and is broken. */
/** `from`: the file that asks for it. */
export function brokenError(found: FoundPython, from?: string): DenError {
  const { executable, environment } = found
  const { code, text } = found.problem ?? { code: 'not-found', text: 'nothing is known of it' }
  if (code === 'not-asked') return new DenError('python-not-asked', { executable, reason: text })
  return new DenError('python-broken', {
    executable,
    problem: code,
    reason: text,
    ...(environment === undefined ? {} : { environment }),
    ...(from === undefined ? {} : { from }),
  })
}

interface Inspection extends InspectOptions {
  readonly cache: InterpreterCache
  /** What lies below came with an environment, and is not started because a pyvenv.cfg says so. */
  readonly came?: string
  /** How many environments were left behind on the way to the base. */
  readonly depth: number
}

async function inspect(context: PythonContext, executable: string, options: Inspection): Promise<Finding> {
  const { host } = context
  if (options.depth > 8)
    return broken('broken-environment', 'its home leads from environment to environment without end')
  try {
    const membership = membershipOf(host, executable)
    if (membership !== undefined) {
      const base = baseOf(host, executable, membership)
      if ('problem' in base) return { problem: base.problem, environment: membership.root }
      const next = fromEnvironment(host, membership.root, options)
      return { ...(await inspect(context, base.executable, next)), environment: membership.root }
    }
    const remembered = recall(host, executable, options.cache)
    if (remembered !== undefined) return { interpreter: remembered }
    const reading = readInstallation(host, executable)
    switch (reading.kind) {
      case 'interpreter':
        if (!librarySearchIsChanged(host)) options.cache.set(executable, reading.interpreter)
        return { interpreter: reading.interpreter }
      case 'problem':
        return { problem: reading.problem }
      case 'environment': {
        const base = baseInPrefix(host, reading.base, executable)
        if (base === undefined) {
          const text = `it was made from the Python in ${reading.base}, which isn't there any more`
          return { ...broken('broken-environment', text), environment: reading.root }
        }
        const next = fromEnvironment(host, reading.root, options)
        return { ...(await inspect(context, base, next)), environment: reading.root }
      }
      case 'unknown':
        return await inspectUnknown(context, executable, { ...options, why: reading.why })
    }
  } catch (error) {
    if (isDenError(error, 'permission-denied', 'io-failed')) return { problem: problemOf('unreadable', error) }
    throw error
  }
}

/** What is remembered of it. Where a variable changes which library is loaded, what files told without it counts for nothing. */
function recall(host: PythonContext['host'], executable: string, cache: InterpreterCache): Interpreter | undefined {
  const remembered = cache.get(executable)
  return remembered?.source === 'files' && librarySearchIsChanged(host) ? undefined : remembered
}

function librarySearchIsChanged({ env }: PythonContext['host']): boolean {
  return (env['LD_LIBRARY_PATH'] ?? '') !== ''
}

/** Files don't tell: a shim is resolved without being run, an answer remembered, and only then the interpreter asked. */
async function inspectUnknown(
  context: PythonContext,
  executable: string,
  options: Inspection & { readonly why: string },
): Promise<Finding> {
  const shim = resolveShim(context.host, executable)
  if (shim !== undefined) {
    if (shim.target === undefined) return broken('shim-without-target', shim.why)
    return await inspect(context, shim.target, deeper(options))
  }
  if (options.spawn === false) return broken('not-asked', options.why)
  const { came } = options
  if (came !== undefined && liesBelow(context.host, came, executable))
    return broken('not-asked', `it lies in ${came} beside the environment that names it, and may have come with it`)
  const answer = await askPython(context, executable, options.timeout === undefined ? {} : { timeout: options.timeout })
  if (answer.kind === 'problem') return { problem: answer.problem }
  if (answer.kind === 'environment') {
    return { ...(await inspect(context, answer.executable, deeper(options))), environment: answer.root }
  }
  options.cache.set(executable, answer.interpreter)
  return { interpreter: answer.interpreter }
}

/**
 * Whoever gives a directory away may put an environment into it whose interpreter is a program of theirs. Looking at such an environment
 * must not run it; naming the program itself does, once. A home directory is nobody else's.
 */
function fromEnvironment(host: PythonContext['host'], root: string, options: Inspection): Inspection {
  const { path, home } = host
  const came = path.dirname(root)
  const holdsHome = home !== undefined && (liesBelow(host, came, home) || came === home)
  return { ...deeper(options), ...(holdsHome ? {} : { came }) }
}

function liesBelow({ path, files }: PythonContext['host'], directory: string, place: string): boolean {
  const isBelow = (one: string, other: string): boolean => {
    const relative = path.relative(one, other)
    return relative !== '' && relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative)
  }
  const real = (one: string): string => files.realPath(one) ?? one
  return isBelow(directory, place) || isBelow(real(directory), real(place))
}

function deeper(options: Inspection): Inspection {
  return { ...options, depth: options.depth + 1 }
}

function broken(code: PythonProblem['code'], text: string): { readonly problem: PythonProblem } {
  return { problem: { code, text } }
}
