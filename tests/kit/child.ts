// Processes that a test starts beside itself, to run many at once or to kill them on the way.

import { spawn } from 'node:child_process'

export interface ChildOptions {
  readonly cwd: string
  /** The whole environment. */
  readonly env: NodeJS.ProcessEnv
  /** Milliseconds after which it is killed, if it still runs. */
  readonly killAfter?: number | undefined
}

export interface Ended {
  readonly code: number | null
  readonly signal: string | null
  /** What it wrote, to standard output and standard error. */
  readonly output: string
}

/** Runs a program to its end, whatever that is. */
export function runToEnd(
  command: readonly [string, ...string[]],
  { cwd, env, killAfter }: ChildOptions,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const [program, ...args] = command
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ code, signal, output })
    })
  })
}

/** Runs a TypeScript program of this repository, which finds what scripts/test.ts keeps of compiled modules. */
export function runSource(file: string, args: readonly string[], options: ChildOptions): Promise<Ended> {
  const compiled = process.env['NODE_COMPILE_CACHE']
  const env = { ...options.env, ...(compiled === undefined ? {} : { NODE_COMPILE_CACHE: compiled }) }
  return runToEnd([process.execPath, file, ...args], { ...options, env })
}
