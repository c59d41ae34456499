// The names of system, release and processor as Python's `platform` and `sys` give them.

import { type Host, type Platform, variable } from '../host/host.ts'
import type { Interpreter } from './interpreter.ts'

export interface SystemNames {
  /** `platform.system()`. */
  readonly system: string
  /** `platform.machine()`. */
  readonly machine: string
  /** `sys.platform`. */
  readonly sysPlatform: string
  /** `platform.release()` and `platform.version()`. */
  readonly release: () => string
  readonly version: () => string
}

const systems: Readonly<Record<Platform, string>> = {
  linux: 'Linux',
  darwin: 'Darwin',
  win32: 'Windows',
  freebsd: 'FreeBSD',
  openbsd: 'OpenBSD',
  netbsd: 'NetBSD',
  android: 'Android',
  cygwin: 'CYGWIN_NT',
  sunos: 'SunOS',
  aix: 'AIX',
}

export function systemNames(host: Host, interpreter: Interpreter): SystemNames {
  const { platform } = interpreter
  if (platform === 'win32') {
    return {
      system: 'Windows',
      machine: windowsMachine(host, interpreter),
      sysPlatform: 'win32',
      release: () => windowsRelease(host),
      version: () => host.kernel().release,
    }
  }
  return {
    // Only cygwin has its release in its name: "CYGWIN_NT-10.0-19045".
    system: platform === 'cygwin' ? host.kernel().system : systemOf(interpreter),
    // The kernel's word, which differs from the program's where 32 bits run on 64.
    machine: interpreter.bits === 64 ? interpreter.machine : host.kernel().machine,
    sysPlatform: sysPlatformOf(host, interpreter),
    release: () => host.kernel().release,
    version: () => host.kernel().version,
  }
}

/** Android was a Linux before Python 3.13 knew it. */
function systemOf({ platform, version }: Interpreter): string {
  return platform === 'android' && !atLeast(version, 13) ? 'Linux' : systems[platform]
}

/** Linux lost its "2" with Python 3.3; what else was named after a release still is, by the one Python was built on. */
function sysPlatformOf(host: Host, { platform, version }: Interpreter): string {
  switch (platform) {
    case 'linux':
      return version.major === 2 ? 'linux2' : 'linux'
    case 'android':
      return atLeast(version, 13) ? 'android' : 'linux'
    case 'aix':
      if (atLeast(version, 8)) return 'aix'
      return platform + majorOf(host.kernel().release)
    case 'freebsd':
    case 'openbsd':
    case 'netbsd':
    case 'sunos':
      return platform + majorOf(host.kernel().release)
    default:
      return platform
  }
}

function majorOf(release: string): string {
  return /^\d+/.exec(release)?.[0] ?? ''
}

function atLeast(version: Interpreter['version'], minor: number): boolean {
  return version.major > 3 || (version.major === 3 && version.minor >= minor)
}

/** The processor of the machine: a 32-bit program is told of the 64-bit one by another variable. */
function windowsMachine(host: Host, { bits, machine }: Interpreter): string {
  if (bits === 64) return machine
  return variable(host, 'PROCESSOR_ARCHITEW6432') ?? variable(host, 'PROCESSOR_ARCHITECTURE') ?? machine
}

/** Build numbers to the names of releases, newest first: for desktops and for servers. */
const desktops: readonly (readonly [major: number, minor: number, build: number, name: string])[] = [
  [10, 1, 0, 'post11'],
  [10, 0, 22000, '11'],
  [10, 0, 0, '10'],
  [6, 3, 0, '8.1'],
  [6, 2, 0, '8'],
  [6, 1, 0, '7'],
  [6, 0, 0, 'Vista'],
  [5, 1, 0, 'XP'],
]
const servers: typeof desktops = [
  [10, 1, 0, 'post2025Server'],
  [10, 0, 26100, '2025Server'],
  [10, 0, 20348, '2022Server'],
  [10, 0, 17763, '2019Server'],
  [10, 0, 0, '2016Server'],
  [6, 3, 0, '2012ServerR2'],
  [6, 2, 0, '2012Server'],
  [6, 1, 0, '2008ServerR2'],
  [6, 0, 0, '2008Server'],
]

function windowsRelease(host: Host): string {
  const [major = 0, minor = 0, build = 0] = host.kernel().release.split('.').map(Number)
  const kind = host.registry
    .read('HKLM', 'SYSTEM\\CurrentControlSet\\Control\\ProductOptions')
    ?.values.get('ProductType')
  const releases = kind === undefined || kind === 'WinNT' ? desktops : servers
  for (const [wantedMajor, wantedMinor, wantedBuild, name] of releases) {
    if (
      major > wantedMajor ||
      (major === wantedMajor && (minor > wantedMinor || (minor === wantedMinor && build >= wantedBuild)))
    ) {
      return name
    }
  }
  return ''
}
