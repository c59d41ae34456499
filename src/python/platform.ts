// Words for platforms and processors: Node's, sysconfig's and uname's brought to one.

import type { Host } from '../host/host.ts'
import type { Interpreter } from './interpreter.ts'

/** Node and Python name the systems alike, but for what Node does not run on. */
export function platformName(platform: Host['platform']): Interpreter['platform'] {
  return platform
}

/** `sys.platform` without the release that some systems append: "linux2", "freebsd14", "sunos5". */
export function platformFromSys(text: string): Interpreter['platform'] | undefined {
  const name = text.replace(/\d+$/, '')
  const known = ['linux', 'darwin', 'freebsd', 'openbsd', 'netbsd', 'android', 'cygwin', 'sunos', 'aix'] as const
  return text === 'win32' ? 'win32' : known.find((one) => one === name)
}

/** uname tells the kernel's processor; a 32-bit program on a 64-bit kernel is one for the narrower one. */
export function machineFromSys(machine: string, bits: 32 | 64): string {
  if (bits === 64) return machine
  const narrow: Readonly<Record<string, string>> = { x86_64: 'i686', aarch64: 'armv7l', AMD64: 'x86' }
  return narrow[machine] ?? machine
}
