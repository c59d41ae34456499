// The platform tags of wheels: which machines' binaries run here, best first. Linux by its C library (PEP 600, 656), macOS by release
// and processor, iOS (PEP 730), Android (PEP 738), Emscripten (PEP 783); all else by the one name that sysconfig gives it.

export interface PlatformFacts {
  /** "linux", "darwin", "win32", "ios", "android", "emscripten", "freebsd", … */
  readonly platform: string
  /** The processor as `platform.machine()` says it: "x86_64", "AMD64", "arm64", … A 64-bit one where the kernel is that. */
  readonly machine: string
  /** Pointer size of the Python. */
  readonly bits: 32 | 64
  /** Linux: the C library that the Python is linked with; absent where it is linked with none (static), or none is known. */
  readonly libc?: { readonly kind: 'glibc' | 'musl'; readonly major: number; readonly minor: number }
  /** 32-bit ARM: whether floats travel in registers of their own (EABI5 hard float), as manylinux demands. */
  readonly hardFloat?: boolean
  /** What a module `_manylinux` says; absent where there is none. */
  readonly manylinux?: ManylinuxPolicy
  readonly macos?: AppleVersion
  /** iOS: its release, and `sys.implementation._multiarch`: "arm64-iphoneos", "x86_64-iphonesimulator". */
  readonly ios?: AppleVersion & { readonly multiarch: string }
  /** Android: the API level, and the ABI: "arm64_v8a". */
  readonly android?: { readonly apiLevel: number; readonly abi: string }
  /** Emscripten: `PYEMSCRIPTEN_PLATFORM_VERSION`, "2025_0"; absent where the build declares none. */
  readonly pyemscripten?: string
  /** What `sysconfig.get_platform()` says, where nothing of the above tells: "freebsd-14.1-RELEASE-amd64", "emscripten-4.0.9-wasm32". */
  readonly sysconfigPlatform?: string
}

export interface AppleVersion {
  readonly major: number
  readonly minor: number
}

/** Whether glibc's wheels are welcome (PEP 513, 571, 599, 600): each tag, or all of them. */
export interface ManylinuxPolicy {
  readonly all?: boolean
  readonly manylinux1?: boolean
  readonly manylinux2010?: boolean
  readonly manylinux2014?: boolean
}

export function platformTags(facts: PlatformFacts): readonly string[] {
  const { platform, macos, ios, android } = facts
  switch (platform) {
    case 'linux':
      return linuxPlatforms(facts)
    case 'darwin':
      if (macos !== undefined) return macPlatforms(macos, macArchitecture(facts.machine, facts.bits))
      break
    case 'win32':
      return [windowsPlatform(facts)]
    case 'ios':
      if (ios !== undefined) return iosPlatforms(ios, ios.multiarch)
      break
    case 'android':
      if (android !== undefined) return androidPlatforms(android.apiLevel, android.abi)
      break
    case 'emscripten':
      return [
        ...(facts.pyemscripten === undefined ? [] : [`pyemscripten_${facts.pyemscripten}_wasm32`]),
        ...namedPlatform(facts),
      ]
  }
  return namedPlatform(facts)
}

function namedPlatform({ sysconfigPlatform }: PlatformFacts): readonly string[] {
  return sysconfigPlatform === undefined ? [] : [normalPlatform(sysconfigPlatform)]
}

/** A platform's name as it stands in tags. */
export function normalPlatform(name: string): string {
  return name.toLowerCase().replace(/[-. ]/g, '_')
}

function windowsPlatform({ machine, bits }: PlatformFacts): string {
  const word = machine.toLowerCase()
  if (word.startsWith('arm')) return bits === 32 ? 'win_arm32' : 'win_arm64'
  return bits === 32 ? 'win32' : 'win_amd64'
}

// Linux

const x86 = new Set(['x86_64', 'i686'])
/** The processors that manylinux is defined for, beside i686 and armv7l, which are looked at more closely. */
const manylinuxMachines = new Set(['x86_64', 'aarch64', 'ppc64', 'ppc64le', 's390x', 'loongarch64', 'riscv64'])
const legacyNames: ReadonlyMap<string, 'manylinux1' | 'manylinux2010' | 'manylinux2014'> = new Map([
  ['2_5', 'manylinux1'],
  ['2_12', 'manylinux2010'],
  ['2_17', 'manylinux2014'],
])
/** glibc 2's last minor version is not known before there is a glibc 3. */
const lastMinor = 50

function linuxPlatforms(facts: PlatformFacts): readonly string[] {
  const machines = linuxMachines(facts)
  const platforms = machines.map((machine) => `linux_${machine}`)
  const { libc } = facts
  if (libc?.kind === 'glibc' && manylinuxFits(machines, facts)) {
    platforms.push(...manylinuxPlatforms(libc, machines, facts.manylinux))
  }
  if (libc?.kind === 'musl') platforms.push(...musllinuxPlatforms(libc, machines))
  return platforms
}

/** What a 32-bit Python calls the processor of a 64-bit kernel; ARM's 32-bit mode runs what was built for armv7. */
function linuxMachines({ machine, bits }: PlatformFacts): readonly string[] {
  let word = normalMachine(machine)
  if (bits === 32) {
    if (word === 'x86_64') word = 'i686'
    else if (word === 'aarch64') word = 'armv8l'
  }
  return word === 'armv8l' ? ['armv8l', 'armv7l'] : [word]
}

function normalMachine(machine: string): string {
  return machine.replace(/[-. ]/g, '_')
}

function manylinuxFits(machines: readonly string[], { bits, hardFloat }: PlatformFacts): boolean {
  if (machines.includes('armv7l')) return bits === 32 && hardFloat === true
  if (machines.includes('i686')) return bits === 32
  return machines.some((machine) => manylinuxMachines.has(machine))
}

/** PEP 600: every glibc up to this one, back to 2.17 (2.5 on x86), with the names that older standards gave to three of them. */
export function manylinuxPlatforms(
  glibc: { readonly major: number; readonly minor: number },
  machines: readonly string[],
  policy: ManylinuxPolicy = {},
): readonly string[] {
  if (policy.all === false) return []
  const oldest = machines.some((machine) => x86.has(machine)) ? 5 : 17
  const platforms: string[] = []
  for (const machine of machines) {
    for (let major = glibc.major; major >= 2; major--) {
      const newest = major === glibc.major ? glibc.minor : lastMinor
      for (let minor = newest; minor >= (major === 2 ? oldest : 0); minor--) {
        const legacy = legacyNames.get(`${major}_${minor}`)
        if (legacy !== undefined && policy[legacy] === false) continue
        platforms.push(`manylinux_${major}_${minor}_${machine}`)
        if (legacy !== undefined) platforms.push(`${legacy}_${machine}`)
      }
    }
  }
  return platforms
}

/** PEP 656: every musl of this major version up to this one. */
export function musllinuxPlatforms(
  musl: { readonly major: number; readonly minor: number },
  machines: readonly string[],
): readonly string[] {
  const platforms: string[] = []
  for (const machine of machines) {
    for (let minor = musl.minor; minor >= 0; minor--) platforms.push(`musllinux_${musl.major}_${minor}_${machine}`)
  }
  return platforms
}

// Apple

function macArchitecture(machine: string, bits: 32 | 64): string {
  if (bits === 64) return machine
  return machine.startsWith('ppc') ? 'ppc' : 'i386'
}

/** The binaries that hold code for a processor, on a release that still ran them. */
function macFormats(release: number, architecture: string): readonly string[] {
  switch (architecture) {
    case 'x86_64':
      return release < 1004 ? [] : ['x86_64', 'intel', 'fat64', 'fat3', 'universal2', 'universal']
    case 'i386':
      return release < 1004 ? [] : ['i386', 'intel', 'fat3', 'fat', 'universal']
    case 'ppc64':
      return release > 1005 || release < 1004 ? [] : ['ppc64', 'fat64', 'universal']
    case 'ppc':
      return release > 1006 ? [] : ['ppc', 'fat3', 'fat', 'universal']
    case 'arm64':
      return ['arm64', 'universal2']
    case 'intel':
      return ['intel', 'universal']
    default:
      return [architecture]
  }
}

export function macPlatforms({ major, minor }: AppleVersion, architecture: string): readonly string[] {
  const platforms: string[] = []
  const add = (release: number, name: string, formats = macFormats(release, architecture)): void => {
    for (const format of formats) platforms.push(`macosx_${name}_${format}`)
  }
  // Until 10.15 each year raised the minor number.
  if (major === 10) for (let older = minor; older >= 0; older--) add(1000 + older, `10_${older}`)
  if (major < 11) return platforms
  for (let older = major; older >= 11; older--) add(older * 100, `${older}_0`)
  // Binaries of earlier releases run on; on other processors than Intel's only those that hold code for both.
  for (let older = 16; older >= 4; older--) {
    if (architecture === 'x86_64') add(1000 + older, `10_${older}`)
    else add(1000 + older, `10_${older}`, ['universal2'])
  }
  return platforms
}

/** Every release down to 12.0, the first that could run Python; minor numbers never went beyond 9. */
export function iosPlatforms({ major, minor }: AppleVersion, multiarch: string): readonly string[] {
  const platforms: string[] = []
  if (major < 12) return platforms
  const architecture = multiarch.replaceAll('-', '_')
  for (let newest = minor, older = major; older >= 12; older--, newest = 9) {
    for (let one = newest; one >= 0; one--) platforms.push(`ios_${older}_${one}_${architecture}`)
  }
  return platforms
}

/** Every API level down to 16, the first that could run Python. */
export function androidPlatforms(apiLevel: number, abi: string): readonly string[] {
  const platforms: string[] = []
  const architecture = abi.replace(/[-. ]/g, '_')
  for (let level = apiLevel; level >= 16; level--) platforms.push(`android_${level}_${architecture}`)
  return platforms
}
