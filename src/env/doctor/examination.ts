// What several checks want to know of one environment, each thing looked up when the first of them asks.

import type { Places } from '../../config/places.ts'
import type { Context, Host } from '../../host/host.ts'
import { findPythons } from '../../python/find.ts'
import { inspectPython } from '../../python/inspect.ts'
import type { FoundPython, Interpreter } from '../../python/interpreter.ts'
import { followLinks, type LinkEnd } from '../../python/links.ts'
import type { Environment } from '../environment.ts'
import { ifReadable } from '../quietly.ts'
import { type ParsedScriptHeader, parseScriptHeader } from '../shebang.ts'
import { walkTree } from '../walk.ts'
import { type Distribution, readDistributions } from './distributions.ts'

export type DoctorContext = Context & { readonly places: Places }

/** A file of the scripts directory, with what its beginning tells. */
export interface ScriptFile {
  readonly name: string
  readonly place: string
  /** Up to 8 KiB, as text. */
  readonly head: string
  readonly header?: ParsedScriptHeader
}

export interface Examination {
  readonly context: DoctorContext
  readonly environment: Environment
  /** Where the environment's executable leads, link by link. */
  readonly executable: () => LinkEnd
  /** The interpreter that the executable runs; asked of files alone. Undefined when nothing can be told. */
  readonly base: () => Promise<FoundPython | undefined>
  /** The best Python on the machine that could take the base's place without a reinstall. */
  readonly replacement: () => Promise<Interpreter | undefined>
  readonly scripts: () => readonly ScriptFile[]
  readonly distributions: () => readonly Distribution[]
  /** Every path in the environment, relative, with `/`. */
  readonly tree: () => Promise<ReadonlySet<string>>
}

/** A function that computes once. */
function once<Value>(compute: () => Value): () => Value {
  let known: { readonly value: Value } | undefined
  return () => {
    known ??= { value: compute() }
    return known.value
  }
}

/** `replacement`: the Python that is to take the base's place, where one was asked for. */
export function examine(context: DoctorContext, environment: Environment, replacement?: Interpreter): Examination {
  const { host } = context
  const executable = once(() => followLinks(host, environment.paths.python))
  return {
    context,
    environment,
    executable,
    base: once(() => readBase(context, environment, executable())),
    replacement: once(async () => replacement ?? (await findReplacement(context, environment))),
    scripts: once(() => readScripts(host, environment)),
    distributions: once(() => readDistributions(host, environment)),
    tree: once(() => readTree(context, environment)),
  }
}

async function readBase(
  context: DoctorContext,
  environment: Environment,
  end: LinkEnd,
): Promise<FoundPython | undefined> {
  const { host } = context
  if (end.kind !== 'found') return undefined
  const executable = baseExecutable(host, environment, end.path)
  return executable === undefined ? undefined : await inspectPython(context, executable, { spawn: false })
}

/** A link leads to the base by itself; a copy has to be told by pyvenv.cfg (or, before it was, by orig-prefix.txt). */
function baseExecutable(host: Host, environment: Environment, end: string): string | undefined {
  const { path, files } = host
  const inside = path.dirname(end) === environment.paths.scripts
  if (!inside) return end
  const { base, pythonVersion } = environment
  const version = pythonVersion === undefined ? [] : [`python${pythonVersion.major}.${pythonVersion.minor}`]
  const directories = [base.home, base.prefix === undefined ? undefined : path.join(base.prefix, 'bin')]
  const names = [...version, 'python3', 'python2', 'python', 'python.exe']
  const candidates = [
    ...directories.flatMap((directory) =>
      directory === undefined ? [] : names.map((name) => path.join(directory, name)),
    ),
    base.executable,
  ]
  return candidates.find(
    (candidate) => candidate !== undefined && ifReadable(() => files.stat(candidate))?.kind === 'file',
  )
}

/**
 * The same implementation, minor version and build (free-threaded, debug); of those the one that stands where the old base stood,
 * else the newest.
 */
async function findReplacement(context: DoctorContext, environment: Environment): Promise<Interpreter | undefined> {
  const { pythonVersion: version, implementation } = environment
  if (version === undefined) return undefined
  const { path } = context.host
  const fitting: Interpreter[] = []
  for await (const found of findPythons(context, { spawn: false })) {
    const interpreter = found.interpreter
    if (interpreter === undefined || interpreter.implementation !== implementation) continue
    const same =
      interpreter.version.major === version.major &&
      interpreter.version.minor === version.minor &&
      interpreter.freeThreaded === version.freeThreaded &&
      !interpreter.debug
    if (same && !path.dirname(interpreter.executable).startsWith(environment.root + path.sep)) fitting.push(interpreter)
  }
  const home = environment.base.home
  const near = (interpreter: Interpreter): number => {
    if (home === undefined) return 0
    if (path.dirname(interpreter.executable) === home) return 2
    // Another version of the same tool: ~/.pyenv/versions/3.12.4/bin after …/3.12.1/bin.
    return path.dirname(path.dirname(path.dirname(interpreter.executable))) === path.dirname(path.dirname(home)) ? 1 : 0
  }
  return fitting.toSorted((left, right) => near(right) - near(left) || right.version.micro - left.version.micro)[0]
}

function readScripts(host: Host, environment: Environment): readonly ScriptFile[] {
  const { files, path } = host
  const directory = environment.paths.scripts
  return (ifReadable(() => files.list(directory)) ?? [])
    .filter(({ kind }) => kind === 'file')
    .flatMap(({ name }) => {
      const place = path.join(directory, name)
      const bytes = ifReadable(() => files.readBytes(place, { start: 0, length: 8192 }))
      if (bytes === undefined) return []
      const head = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
      const header = head.startsWith('#!') ? parseScriptHeader(head) : undefined
      return [{ name, place, head, ...(header === undefined ? {} : { header }) }]
    })
    .sort((left, right) => (left.name < right.name ? -1 : 1))
}

async function readTree(context: DoctorContext, environment: Environment): Promise<ReadonlySet<string>> {
  const paths = new Set<string>()
  const operation = `reading ${environment.root}`
  for await (const { path } of walkTree(context.host, environment.root, { operation, signal: context.signal }))
    paths.add(path)
  return paths
}
