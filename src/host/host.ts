// The world as den sees it: one value, so that a test can hand over another machine. Nothing below cli/ reads `process`
// except the default Host (default-host.ts).

import type { posix } from 'node:path'
import type { Report } from '../base/event.ts'
import type { Disk } from './disk.ts'
import type { Files } from './files.ts'
import type { Registry } from './registry.ts'
import type { Spawn } from './spawn.ts'

export type Platform =
  | 'linux'
  | 'darwin'
  | 'win32'
  | 'freebsd'
  | 'openbsd'
  | 'netbsd'
  | 'android'
  | 'cygwin'
  | 'sunos'
  | 'aix'

/** What the kernel calls itself: the words of `uname`, which Python's `os.uname()` gives too. */
export interface KernelName {
  /** "Linux", "Darwin", "Windows_NT", … */
  readonly system: string
  readonly release: string
  readonly version: string
  /** The processor it was built for: "x86_64", also where 32-bit programs run on it. */
  readonly machine: string
}

export interface Host {
  /** The environment variables; on Windows looked up without regard to case by `variable`. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: Platform
  /** Node's word: "x64", "arm64", "ia32", … */
  readonly arch: string
  /** The user's home directory; undefined where the machine names none. */
  readonly home: string | undefined
  /** The working directory, absolute. */
  readonly cwd: string
  /** The user's number on POSIX; undefined on Windows. */
  readonly uid: number | undefined
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Path arithmetic of this platform (a faked Windows on Linux joins with backslashes). */
  readonly path: typeof posix
  readonly files: Files
  readonly disk: Disk
  readonly spawn: Spawn
  /** The Windows registry; on other platforms it has no keys. */
  readonly registry: Registry
  /** Asked when it is wanted: loading what tells it takes a third of a millisecond. */
  readonly kernel: () => KernelName
  /** The address of the running den itself, to be written into launchers and hooks; undefined when used as a library. */
  readonly self: readonly string[] | undefined
  /**
   * Where questions are noted (noting.ts), the host that nobody listens at, for work that no memory can spare: threads of their own read
   * there too. From then on nothing is remembered.
   */
  readonly unnoted?: () => Host
  /** Where questions are noted, the host for those that are asked anew by whoever recalls the answer. */
  readonly beside?: Host
}

/** What travels down through every command: the world, where progress goes, and how to be stopped. */
export interface Context {
  readonly host: Host
  readonly report: Report
  readonly signal?: AbortSignal | undefined
}

/** An environment variable; empty counts as set. Windows ignores the case of names. */
export function variable(host: Pick<Host, 'env' | 'platform'>, name: string): string | undefined {
  const value = host.env[name]
  if (value !== undefined || host.platform !== 'win32') return value
  const upper = name.toUpperCase()
  for (const key of Object.keys(host.env)) if (key.toUpperCase() === upper) return host.env[key]
  return undefined
}

/** The directories of PATH in order, absolute ones only: a relative entry would make the answer depend on where one stands. */
export function searchPath(host: Pick<Host, 'env' | 'platform' | 'path'>): readonly string[] {
  const seen = new Set<string>()
  for (const entry of (variable(host, 'PATH') ?? '').split(host.path.delimiter)) {
    const directory = entry.length > 1 && entry.startsWith('"') && entry.endsWith('"') ? entry.slice(1, -1) : entry
    if (host.path.isAbsolute(directory)) seen.add(directory)
  }
  return [...seen]
}
