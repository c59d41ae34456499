// Becoming another program: what `den run` ends with. In den's executable the process is replaced, after what Bun changed has been
// put back (received.ts); in Node, which can neither undo close-on-exec nor reset signals, the program runs as a child that gets
// the same descriptors, and signals and exit status are passed on. On Windows there is only the second way.

import fs from 'node:fs'
import { DenError } from '../base/error.ts'
import { errnoOf } from './io-error.ts'
import { loadFfi, type Received, readReceived } from './received.ts'

export interface Program {
  /** The absolute path of the file to run. */
  readonly file: string
  /** All arguments, the program's own name first. */
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
}

/**
 * Runs the program in place of den. Does not return when the process was replaced; otherwise resolves, once the program has ended,
 * to the exit code den shall end with (128 + the signal's number for one that a signal ended). Throws `spawn-failed`.
 */
export async function become(program: Program): Promise<number> {
  if (process.platform !== 'win32') {
    const received = await readReceived()
    if (received !== undefined) return replaceProcess(program, received)
  }
  return runAsChild(program)
}

const RLIMIT_NOFILE = 7
const F_SETFD = 2
const SIG_DFL = 0

async function replaceProcess(program: Program, received: Received): Promise<never> {
  const { dlopen, ptr } = await loadFfi()
  const libc = dlopen('libc.so.6', {
    fcntl: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
    signal: { args: ['i32', 'u64'], returns: 'u64' },
    setrlimit: { args: ['i32', 'ptr'], returns: 'i32' },
    execve: { args: ['ptr', 'ptr', 'ptr'], returns: 'i32' },
  })
  const keep: unknown[] = []
  const text = (value: string): number => {
    const bytes = Buffer.from(`${value}\0`)
    keep.push(bytes)
    return ptr(bytes)
  }
  const list = (values: readonly string[]): number => {
    const pointers = new BigUint64Array(values.length + 1)
    for (const [index, value] of values.entries()) pointers[index] = BigInt(text(value))
    keep.push(pointers)
    return ptr(pointers)
  }
  const environment = Object.entries(program.env).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  )
  const call = libc.symbols as Record<
    'fcntl' | 'signal' | 'setrlimit' | 'execve',
    (...args: readonly unknown[]) => number
  >
  const execve = (file: string, argv: readonly string[]): void => {
    call.execve(text(file), list(argv), list(environment))
  }
  const limit = new BigUint64Array([received.openFiles.soft, received.openFiles.hard])
  call.setrlimit(RLIMIT_NOFILE, ptr(limit))
  for (const [signal, ignored] of received.ignored) if (!ignored) call.signal(signal, SIG_DFL)
  for (const descriptor of received.descriptors) call.fcntl(descriptor, F_SETFD, 0)
  execve(program.file, program.argv)
  // Only a failure comes back. A script without a first line is run by the shell, as execvp(3) does it.
  const failure = whyNotRun(program.file)
  if (failure === 'ENOEXEC') execve('/bin/sh', ['sh', program.file, ...program.argv.slice(1)])
  throw new DenError('spawn-failed', { command: program.file, errno: failure })
}

/** What execve must have met; its errno is out of reach through the foreign-function interface. */
function whyNotRun(file: string): string {
  try {
    fs.accessSync(file, fs.constants.X_OK)
    const descriptor = fs.openSync(file, 'r')
    try {
      const start = Buffer.alloc(4)
      const length = fs.readSync(descriptor, start, 0, 4, 0)
      const head = start.subarray(0, length).toString('latin1')
      if (head.startsWith('#!')) return 'ENOENT'
      return head === '\x7fELF' ? 'ENOENT' : 'ENOEXEC'
    } finally {
      fs.closeSync(descriptor)
    }
  } catch (error) {
    return errnoOf(error) ?? 'EACCES'
  }
}

const relayed: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH', 'SIGCONT']
// The terminal sends these to the whole group, the program included; den waits for what the program makes of them.
const left: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT', 'SIGTSTP']

async function runAsChild(program: Program): Promise<number> {
  const inherited = process.platform === 'win32' ? [] : inheritedDescriptors()
  const highest = Math.max(2, ...inherited)
  const stdio = Array.from({ length: highest + 1 }, (_, descriptor) =>
    descriptor <= 2 || inherited.includes(descriptor) ? descriptor : ('ignore' as const),
  )
  const soft = process.platform === 'linux' ? parentSoftLimit() : undefined
  const [file, ...args] =
    soft === undefined
      ? [program.file, ...program.argv.slice(1)]
      : ['/bin/sh', '-c', `ulimit -S -n ${soft}; exec "$@"`, 'sh', program.file, ...program.argv.slice(1)]
  return new Promise((resolve, reject) => {
    const argv0 = soft === undefined ? { argv0: program.argv[0] } : {}
    // Not loaded where the process is replaced.
    const { spawn } = process.getBuiltinModule('node:child_process')
    const child = spawn(file!, args, { stdio, env: program.env as NodeJS.ProcessEnv, windowsHide: false, ...argv0 })
    const relays = relayed.map((signal) => [signal, () => void child.kill(signal)] as const)
    const ignores = left.map((signal) => [signal, () => undefined] as const)
    const installed: (readonly [NodeJS.Signals, () => void])[] = []
    for (const [signal, handler] of [...relays, ...ignores]) {
      try {
        process.on(signal, handler)
        installed.push([signal, handler])
      } catch {
        // Windows has few of them.
      }
    }
    const done = (settle: () => void): void => {
      for (const [signal, handler] of installed) process.off(signal, handler)
      settle()
    }
    child.on('error', (error) => {
      done(() =>
        reject(
          new DenError('spawn-failed', { command: program.file, errno: errnoOf(error) ?? 'unknown' }, { cause: error }),
        ),
      )
    })
    child.on('exit', (code, signal) => {
      done(() => {
        if (signal === null) resolve(code ?? 1)
        else {
          // A shell sees the difference between a program that a signal ended and one that exited with 130.
          if (process.platform !== 'win32') process.kill(process.pid, signal)
          resolve(128 + (process.getBuiltinModule('node:os').constants.signals[signal] ?? 0))
        }
      })
    })
  })
}

/** Descriptors above 2 that are not the runtime's own: its own are event queues, and pipes that never block. */
function inheritedDescriptors(): readonly number[] {
  const found: number[] = []
  const jobserver = jobserverDescriptors()
  let names: readonly string[]
  try {
    names = fs.readdirSync('/proc/self/fd')
  } catch {
    return []
  }
  for (const name of names) {
    const descriptor = Number(name)
    if (descriptor <= 2) continue
    try {
      const target = fs.readlinkSync(`/proc/self/fd/${name}`)
      if (target.startsWith('anon_inode:') || target.startsWith(`/proc/${process.pid}/fd`)) continue
      const flags = /^flags:\s*(\d+)/m.exec(fs.readFileSync(`/proc/self/fdinfo/${name}`, 'utf8'))?.[1] ?? '0'
      const neverBlocks = (Number.parseInt(flags, 8) & 0o4000) !== 0
      if (target.startsWith('pipe:') && neverBlocks && !jobserver.includes(descriptor)) continue
      found.push(descriptor)
    } catch {
      // The descriptor of the listing itself is gone by now.
    }
  }
  return found
}

/** make's jobserver is a pipe that never blocks either; make says which descriptors it is. */
function jobserverDescriptors(): readonly number[] {
  const named = /--jobserver-(?:auth|fds)=(\d+),(\d+)/.exec(process.env['MAKEFLAGS'] ?? '')
  return named === null ? [] : [Number(named[1]), Number(named[2])]
}

/** Node raises the soft limit of open files to the hard one; what it was is most often what the parent still has. */
function parentSoftLimit(): string | undefined {
  const soft = (file: string): string | undefined => {
    try {
      return /^Max open files\s+(\d+|unlimited)/m.exec(fs.readFileSync(file, 'utf8'))?.[1]
    } catch {
      return undefined
    }
  }
  const parents = soft(`/proc/${process.ppid}/limits`)
  return parents === undefined || parents === soft('/proc/self/limits') ? undefined : parents
}
