// Becoming another program: what `den run` ends with. In den's executable the process is replaced, after what Bun changed has been
// put back (received.ts); in Node, which can neither undo close-on-exec nor reset signals, the program runs as a child that gets
// the same descriptors, and signals and exit status are passed on. On Windows there is only the second way.

import fs from 'node:fs'
import { DenError } from '../base/error.ts'
import { errnoOf } from './io-error.ts'
import { hiddenName, loadFfi, type Received, readReceived } from './received.ts'

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
  const text = (value: string | Uint8Array): number => {
    const bytes = Buffer.concat([typeof value === 'string' ? Buffer.from(value) : value, Buffer.alloc(1)])
    keep.push(bytes)
    return ptr(bytes)
  }
  const list = (values: readonly (string | Uint8Array)[]): number => {
    const pointers = new BigUint64Array(values.length + 1)
    for (const [index, value] of values.entries()) pointers[index] = BigInt(text(value))
    keep.push(pointers)
    return ptr(pointers)
  }
  const replaced = replacedVariables(program.env)
  const environment: (string | Uint8Array)[] = []
  for (const name in program.env) {
    const value = program.env[name]
    if (value !== undefined) environment.push(replaced.get(name) ?? `${name}=${value}`)
  }
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
  for (const descriptor of inheritedDescriptors(received.notedBelow)) call.fcntl(descriptor, F_SETFD, 0)
  execve(program.file, program.argv)
  // Only a failure comes back. A script without a first line is run by the shell, as execvp(3) does it.
  const failure = whyNotRun(program.file)
  if (failure.isScript) execve('/bin/sh', ['sh', program.file, ...program.argv.slice(1)])
  throw new DenError('spawn-failed', { command: program.file, ...failure.detail })
}

interface Failure {
  /** `needs`: a file that it names and that is missing. */
  readonly detail: { readonly errno: string; readonly needs?: string }
  /** Whether it may be a script that leaves to the shell how it is run. */
  readonly isScript: boolean
}

/** What execve must have met; its errno is out of reach through the foreign-function interface. */
function whyNotRun(file: string): Failure {
  try {
    fs.accessSync(file, fs.constants.X_OK)
    const head = startOf(file)
    const needs = neededFile(head)
    if (needs !== undefined && !isRunnable(needs)) {
      return { detail: { errno: 'ENOENT', needs: Buffer.from(needs, 'latin1').toString() }, isScript: false }
    }
    const isScript = !head.startsWith('#!') && !head.startsWith(elf)
    return { detail: { errno: head.startsWith('#!') ? 'ENOENT' : 'ENOEXEC' }, isScript }
  } catch (error) {
    return { detail: { errno: errnoOf(error) ?? 'EACCES' }, isScript: false }
  }
}

const elf = '\x7fELF'

function startOf(file: string): string {
  const descriptor = fs.openSync(file, 'r')
  try {
    const start = Buffer.alloc(4096)
    return start.toString('latin1', 0, fs.readSync(descriptor, start, 0, start.length, 0))
  } finally {
    fs.closeSync(descriptor)
  }
}

/** The interpreter in a script's first line, or the loader that stands near the beginning of a program. */
function neededFile(head: string): string | undefined {
  if (head.startsWith('#!')) return /^#![ \t]*([^ \t\n]+)/.exec(head)?.[1]
  return head.startsWith(elf) ? /\0(\/[^\0\n]*\/ld[^\0/]*\.so[^\0/]*)\0/.exec(head)?.[1] : undefined
}

function isRunnable(file: string): boolean {
  try {
    fs.accessSync(Buffer.from(file, 'latin1'), fs.constants.X_OK)
    return true
  } catch {
    return false
  }
}

const relayed: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH', 'SIGCONT']
// The terminal sends these to the whole group, the program included; den waits for what the program makes of them. SIGTSTP is not
// among them: den stops together with the program, or the shell would not get its terminal back.
const left: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT']

async function runAsChild(program: Program): Promise<number> {
  const inherited = process.platform === 'win32' ? [] : inheritedDescriptors(3)
  const highest = Math.max(2, ...inherited)
  const stdio = Array.from({ length: highest + 1 }, (_, descriptor) =>
    descriptor <= 2 || inherited.includes(descriptor) ? descriptor : ('ignore' as const),
  )
  const before = process.platform === 'win32' ? [] : shellLines(program)
  const [file, ...args] =
    before.length === 0
      ? [program.file, ...program.argv.slice(1)]
      : ['/bin/sh', '-c', [...before, 'exec "$@"'].join('\n'), 'sh', program.file, ...program.argv.slice(1)]
  return new Promise((resolve, reject) => {
    const argv0 = before.length === 0 ? { argv0: program.argv[0] } : {}
    // Not loaded where the process is replaced.
    const { spawn } = process.getBuiltinModule('node:child_process')
    let child: ReturnType<typeof spawn> | undefined
    const relays = relayed.map((signal) => [signal, () => void child?.kill(signal)] as const)
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
    // Only now: a signal that comes as soon as the program runs must find den ready to hand it on.
    child = spawn(file!, args, { stdio, env: program.env as NodeJS.ProcessEnv, windowsHide: false, ...argv0 })
    const done = (settle: () => void): void => {
      for (const [signal, handler] of installed) process.off(signal, handler)
      settle()
    }
    child.on('error', (error) => {
      const failure =
        process.platform === 'win32' ? { errno: errnoOf(error) ?? 'unknown' } : whyNotRun(program.file).detail
      done(() => reject(new DenError('spawn-failed', { command: program.file, ...failure }, { cause: error })))
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

/** What Node cannot give to a child, as lines of sh that do: the limit of open files, and variables whose bytes are no UTF-8. */
function shellLines(program: Program): readonly string[] {
  const soft = process.platform === 'linux' ? parentSoftLimit() : undefined
  const lines = soft === undefined ? [] : [`ulimit -S -n ${soft}`]
  for (const [name, entry] of replacedVariables(program.env)) {
    if (!/^[A-Za-z_]\w*$/.test(name)) continue
    const octal = Array.from(entry.subarray(name.length + 1), (byte) => `\\0${byte.toString(8).padStart(3, '0')}`)
    // The dot keeps a line end at the value's end, which sh would drop.
    lines.push(`${name}=$(printf %b '${octal.join('')}.'); ${name}=\${${name}%.}; export ${name}`)
  }
  return lines
}

/**
 * NAME → the bytes of "NAME=value", for the variables in which the runtime has replaced bytes that are no UTF-8. What den has put
 * before a value (PATH) stays before it.
 */
function replacedVariables(env: Program['env']): ReadonlyMap<string, Uint8Array> {
  const found = new Map<string, Uint8Array>()
  let received: ReadonlyMap<string, Uint8Array> | undefined
  for (const name in env) {
    const value = env[name]
    if (value === undefined || !value.includes('\uFFFD')) continue
    received ??= receivedBytes()
    const hidden = hiddenName(name)
    const bytes = received.get(name) ?? received.get(hidden)
    const text = process.env[name] ?? process.env[hidden]
    if (bytes === undefined || text === undefined || !value.endsWith(text)) continue
    found.set(name, Buffer.concat([Buffer.from(`${name}=${value.slice(0, value.length - text.length)}`), bytes]))
  }
  return found
}

/** The variables as the kernel has them; none where it doesn't tell. */
function receivedBytes(): ReadonlyMap<string, Uint8Array> {
  const found = new Map<string, Uint8Array>()
  let block: Buffer
  try {
    block = fs.readFileSync('/proc/self/environ')
  } catch {
    return found
  }
  for (let start = 0; start < block.length; ) {
    const end = block.indexOf(0, start)
    const entry = block.subarray(start, end === -1 ? block.length : end)
    const equals = entry.indexOf(0x3d)
    if (equals !== -1) found.set(entry.toString('utf8', 0, equals), entry.subarray(equals + 1))
    start += entry.length + 1
  }
  return found
}

/** Descriptors from `first` on that are not the runtime's own: its own are event queues, and pipes that never block. */
function inheritedDescriptors(first: number): readonly number[] {
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
    if (descriptor < first) continue
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
function parentSoftLimit(): number | undefined {
  const limits = (file: string): readonly number[] | undefined => {
    try {
      const told = /^Max open files\s+(\d+|unlimited)\s+(\d+|unlimited)/m.exec(fs.readFileSync(file, 'utf8'))
      return told?.slice(1).map((limit) => (limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit)))
    } catch {
      return undefined
    }
  }
  const [parents] = limits(`/proc/${process.ppid}/limits`) ?? []
  const [, hard] = limits('/proc/self/limits') ?? []
  // A parent that allows itself more than this process can have is not where its limit is from.
  return parents === undefined || hard === undefined || parents >= hard ? undefined : parents
}
