// Runs den as a user does: the built executable, or the npm package's entry under Node (DEN_TEST_RUNTIME says which), with a home
// and caches of the test's own.

import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..', '..')

/** "exe": dist/den; "node": dist/npm/bin/den.js. */
export const runtime: 'exe' | 'node' = process.env['DEN_TEST_RUNTIME'] === 'node' ? 'node' : 'exe'

/** The words that start den in this runtime. */
export function denCommand(): readonly [string, ...string[]] {
  const executable = path.join(root, 'dist', process.platform === 'win32' ? 'den.exe' : 'den')
  const entry = path.join(root, 'dist', 'npm', 'bin', 'den.js')
  const file = runtime === 'exe' ? executable : entry
  if (!fs.existsSync(file)) throw new Error(`${path.relative(root, file)} is not built: npm run build`)
  return runtime === 'exe' ? [executable] : [process.execPath, entry]
}

export interface DenOptions {
  /** The working directory; a folder of the test's own. */
  readonly cwd: string
  /** Added to the test's environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly input?: string
  /** Milliseconds until it is killed and the test fails; 60,000 unless said. */
  readonly timeout?: number
}

export interface DenRun {
  readonly code: number | undefined
  readonly signal: string | undefined
  readonly stdout: string
  readonly stderr: string
  /** stdout parsed as JSON. */
  json<Value = Record<string, unknown>>(): Value
}

/** The environment den runs in: the user's own settings and activations are gone, home and caches lie under `home`. */
export function denEnvironment(
  home: string,
  changes: Readonly<Record<string, string | undefined>> = {},
): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(VIRTUAL_ENV|CONDA|PYTHON|PIP_|UV_|DEN_|PYENV_VERSION|XDG_|NODE_TEST|NODE_COMPILE_CACHE)/.test(name),
  )
  const env: NodeJS.ProcessEnv = {
    ...Object.fromEntries(kept),
    HOME: home,
    DEN_HOME: path.join(home, 'den-home'),
    DEN_CACHE_DIR: path.join(home, 'den-cache'),
    NO_COLOR: '1',
    // A compiler that outlives its test would write into what the test takes away.
    DEN_COMPILE_BYTECODE: 'never',
    ...changes,
  }
  for (const [name, value] of Object.entries(env)) if (value === undefined) delete env[name]
  return env
}

/** Runs den to its end. HOME lies beside `cwd` unless `env` says otherwise. */
export function den(args: readonly string[], options: DenOptions): Promise<DenRun> {
  const [command, ...before] = denCommand()
  return runProgram(command, [...before, ...args], options)
}

/** Runs any program in the same environment as `den()`. */
export function runProgram(command: string, args: readonly string[], options: DenOptions): Promise<DenRun> {
  const home = path.join(path.dirname(options.cwd), `.home-of-${path.basename(options.cwd)}`)
  const env = denEnvironment(options.env?.['HOME'] ?? home, options.env)
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: options.cwd, env, stdio: ['pipe', 'pipe', 'pipe'] })
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`${[command, ...args].join(' ')} took over ${options.timeout ?? 60_000} ms`))
    }, options.timeout ?? 60_000)
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk
    })
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk
    })
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({
        code: code ?? undefined,
        signal: signal ?? undefined,
        stdout,
        stderr,
        json: <Value>() => JSON.parse(stdout) as Value,
      })
    })
  })
}
