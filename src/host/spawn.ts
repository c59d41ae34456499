// Running a program and collecting what it says. The event loop is never blocked by it.

import { DenError } from '../base/error.ts'
import { errnoOf } from './io-error.ts'

export interface SpawnRequest {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly input?: string
  /** After so many milliseconds the program and its group are killed; 30,000 unless said. */
  readonly timeout?: number
  /** Bytes of output kept of each stream; 16 MiB unless said. What comes after is thrown away. */
  readonly limit?: number
  readonly signal?: AbortSignal | undefined
  /** Told what the program says, as it says it. */
  readonly onOutput?: (chunk: Uint8Array, stream: 'stdout' | 'stderr') => void
  /** Whether what the program started ends with it: what is left of its group is killed. On Windows it has no meaning. */
  readonly endGroup?: boolean
}

export interface SpawnResult {
  /** The exit code; undefined when a signal ended it. */
  readonly code: number | undefined
  readonly signal: string | undefined
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
}

/** Throws `spawn-failed` when the program can't be started, `spawn-timeout` when it gives no answer, `aborted` by the signal. */
export type Spawn = (request: SpawnRequest) => Promise<SpawnResult>

export const realSpawn: Spawn = (request) =>
  new Promise((resolve, reject) => {
    const { command, args, timeout = 30_000, limit = 16 * 1024 * 1024, signal } = request
    if (signal?.aborted) {
      reject(new DenError('aborted', { operation: command }))
      return
    }
    // A group of its own, so that what the program started ends with it.
    const grouped = process.platform !== 'win32'
    // Loaded by the first program that is run: most commands run none.
    const { spawn } = process.getBuiltinModule('node:child_process')
    const child = spawn(command, [...args], {
      cwd: request.cwd,
      env: request.env as NodeJS.ProcessEnv | undefined,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: grouped,
      windowsHide: true,
    })
    const kill = (): void => {
      try {
        if (grouped && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
        else child.kill('SIGKILL')
      } catch {
        // It has ended already.
      }
    }
    let failure: DenError | undefined
    const stop = (error: DenError): void => {
      failure ??= error
      kill()
      // A grandchild that left the group may hold the pipes open for ever.
      child.stdout.destroy()
      child.stderr.destroy()
    }
    const timer = setTimeout(() => stop(new DenError('spawn-timeout', { command, seconds: timeout / 1000 })), timeout)
    const onAbort = (): void => stop(new DenError('aborted', { operation: command }))
    signal?.addEventListener('abort', onAbort, { once: true })
    const collect = (name: 'stdout' | 'stderr'): Buffer[] => {
      const stream = child[name]
      const chunks: Buffer[] = []
      let kept = 0
      stream.on('data', (chunk: Buffer) => {
        request.onOutput?.(chunk, name)
        if (kept < limit) chunks.push(chunk.subarray(0, limit - kept))
        kept += chunk.length
      })
      return chunks
    }
    const stdout = collect('stdout')
    const stderr = collect('stderr')
    const finish = (settle: () => void): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      settle()
    }
    child.on('error', (error) => {
      finish(() =>
        reject(new DenError('spawn-failed', { command, errno: errnoOf(error) ?? 'unknown' }, { cause: error })),
      )
    })
    // Whatever it left behind holds the pipes, and 'close' would wait for that too.
    if (request.endGroup === true) child.on('exit', kill)
    child.on('close', (code, signalName) => {
      finish(() => {
        if (failure !== undefined) reject(failure)
        else
          resolve({
            code: code ?? undefined,
            signal: signalName ?? undefined,
            stdout: Buffer.concat(stdout),
            stderr: Buffer.concat(stderr),
          })
      })
    })
    // A program that reads nothing closes the pipe early; that is no error of ours.
    child.stdin.on('error', () => undefined)
    child.stdin.end(request.input ?? '')
  })
