// Asking an interpreter for its facts: assets/python/inspect.py on its standard input, the user's variables kept out.

import { isDenError } from '../base/error.ts'
import type { Host } from '../host/host.ts'
import type { PythonContext } from './context.ts'
import { inspectScript } from './inspect-script.generated.ts'
import { readSurroundings } from './installation/surroundings.ts'
import { versionFromInfo } from './installation/version.ts'
import type { Implementation, Interpreter } from './interpreter.ts'
import { machineFromSys, platformFromSys } from './platform.ts'
import { type PythonProblem, problemOf } from './problem.ts'

export type Answer =
  | { readonly kind: 'interpreter'; readonly interpreter: Interpreter }
  /** It runs inside a virtual environment that no file near the executable told of (a wrapper script leads there). */
  | { readonly kind: 'environment'; readonly root: string; readonly executable: string }
  | { readonly kind: 'problem'; readonly problem: PythonProblem }

/** Longer than a JVM or a cold network disk needs, short enough to wait for. */
const patience = 15_000

/** Starts the executable once. Throws `aborted`; whatever else goes wrong is a problem of that interpreter. */
export async function askPython(
  context: PythonContext,
  executable: string,
  { timeout = patience }: { readonly timeout?: number } = {},
): Promise<Answer> {
  const { host } = context
  const started = host.now()
  const problem = (code: PythonProblem['code'], text: string): Answer => ({ kind: 'problem', problem: { code, text } })
  try {
    const result = await host.spawn({
      command: executable,
      // -I would do for 3.4 and newer; -E, -s and a cleaned sys.path are the same and 2.7 knows them. -B: nothing is written.
      args: ['-E', '-s', '-B', '-'],
      input: inspectScript,
      cwd: host.path.parse(executable).root,
      env: cleanEnvironment(host),
      timeout,
      limit: 1024 * 1024,
      signal: context.signal,
    })
    const facts = parseAnswer(new TextDecoder().decode(result.stdout))
    if (facts !== undefined) {
      context.report({ kind: 'python.asked', executable, milliseconds: host.now() - started })
      return toAnswer(host, executable, facts) ?? problem('garbage', 'its answer lacks facts that every Python has')
    }
    if (result.signal !== undefined) return problem('crashed', `it was ended by ${result.signal} when asked`)
    const said = firstLine(result.stderr)
    if (result.code !== 0) {
      return problem('crashed', `it ended with code ${result.code} when asked${said === '' ? '' : `: ${said}`}`)
    }
    return problem('garbage', 'it gave no answer that a Python would give')
  } catch (error) {
    if (isDenError(error, 'spawn-timeout')) return problem('hung', `it gave no answer within ${timeout / 1000} s`)
    if (isDenError(error, 'spawn-failed')) return { kind: 'problem', problem: problemOf('foreign', error) }
    throw error
  }
}

function firstLine(bytes: Uint8Array): string {
  const lines = new TextDecoder().decode(bytes.subarray(0, 4096)).split('\n')
  return (
    lines
      .map((line) => line.trim())
      .find((line) => line !== '')
      ?.slice(0, 200) ?? ''
  )
}

/** What could turn the answer into one about another Python. */
function cleanEnvironment(host: Host): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(host.env).filter(
      ([name]) => !/^(?:PYTHON.*|__PYVENV_LAUNCHER__|VIRTUAL_ENV(?:_PROMPT)?)$/i.test(name),
    ),
  )
}

interface Facts {
  readonly [name: string]: unknown
}

/** The last line that carries the mark: sitecustomize may have printed before. */
function parseAnswer(text: string): Facts | undefined {
  const mark = '\nden-facts:'
  const at = text.lastIndexOf(mark)
  if (at === -1) return undefined
  const end = text.indexOf('\n', at + mark.length)
  try {
    const facts: unknown = JSON.parse(text.slice(at + mark.length, end === -1 ? undefined : end))
    return typeof facts === 'object' && facts !== null ? (facts as Facts) : undefined
  } catch {
    return undefined
  }
}

const implementations: readonly Implementation[] = [
  'cpython',
  'pypy',
  'graalpy',
  'rustpython',
  'jython',
  'ironpython',
  'micropython',
]

function toAnswer(host: Host, executable: string, facts: Facts): Answer | undefined {
  const text = (name: string): string | undefined => {
    const value = facts[name]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const list = (name: string): readonly unknown[] => (Array.isArray(facts[name]) ? facts[name] : [])
  const versionOf = (parts: readonly unknown[]) =>
    versionFromInfo(Number(parts[0]), Number(parts[1]), Number(parts[2]), String(parts[3]), Number(parts[4]))

  const version = versionOf(list('version'))
  const said = text('implementation') === 'graalpython' ? 'graalpy' : text('implementation')
  const implementation = implementations.find((one) => one === said)
  const platform = platformFromSys(text('platform') ?? '')
  const prefix = text('base_prefix')
  const stdlib = text('stdlib')
  const include = text('include')
  if (!version || !implementation || !platform || !prefix || !stdlib || !include) return undefined
  const own = text('executable')
  if (text('prefix') !== undefined && text('prefix') !== prefix && own !== undefined) {
    return { kind: 'environment', root: text('prefix')!, executable: text('base_executable') ?? own }
  }

  // A wrapper script is called by its own name; what it starts is the program that links are made to.
  const isScript = own !== undefined && host.files.realPath(own) !== host.files.realPath(executable)
  const called = isScript ? own : executable
  const realExecutable = host.files.realPath(called) ?? called
  const bits = facts['bits'] === 32 ? 32 : 64
  const platstdlib = text('platstdlib') ?? stdlib
  const platlibdir = text('platlibdir') === 'lib64' || /[\\/]lib64[\\/]/.test(platstdlib) ? 'lib64' : 'lib'
  const framework = text('framework')
  const library = text('shared_library')
  const soabi = text('extension_suffix')
    ?.replace(/^(?:_d)?\./, '')
    .replace(/(?:^|\.)(?:so|pyd|dll|dylib)$/, '')
  const ownVersion = list('pypy_version').length > 0 ? list('pypy_version') : list('implementation_version')
  const libc = text('libc')
  const wheels = text('wheel_directory')
  return {
    kind: 'interpreter',
    interpreter: {
      executable: called,
      realExecutable,
      implementation,
      version,
      ...(implementation === 'cpython' || ownVersion.length === 0
        ? {}
        : { implementationVersion: ownVersion.slice(0, 3).join('.') }),
      freeThreaded: facts['free_threaded'] === true,
      debug: facts['debug'] === true,
      abiFlags: platform === 'win32' ? '' : (text('abi_flags') ?? ''),
      ...(soabi === undefined || soabi === '' ? {} : { soabi }),
      bits,
      machine: machineFromSys(text('machine') ?? '', bits),
      platform,
      ...(libc === 'glibc' || libc === 'musl' ? { libc } : {}),
      prefix,
      execPrefix: text('base_exec_prefix') ?? prefix,
      platlibdir,
      stdlib,
      platstdlib,
      include,
      ...(library === undefined ? {} : { sharedLibrary: library }),
      ...(framework === undefined ? {} : { framework }),
      ...readSurroundings(host, {
        realExecutable,
        prefix,
        stdlib,
        platlibdir,
        version,
        ...(framework === undefined ? {} : { framework }),
        ...(wheels === undefined ? {} : { wheelDirectory: wheels }),
      }),
      source: 'asked',
    },
  }
}
