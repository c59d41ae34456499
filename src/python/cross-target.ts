// A target that is not here: pip's --python-version, --platform, --implementation and --abi. The tags are those that pip makes of them;
// the markers, other than pip's, are those of the target and not of the Python that runs.

import type { MarkerEnvironment } from '../spec/marker-expression.ts'
import { abisOf, rankTags, shortNameOf, stableAbiOf, type TagFacts, tagsFor } from '../spec/tag.ts'
import { androidPlatforms, iosPlatforms, macPlatforms, normalPlatform, platformTags } from '../spec/tag-platform.ts'
import { parseVersion, type Version } from '../spec/version.ts'
import type { Target } from './target.ts'

export interface TargetWishes {
  /** One to three numbers. */
  readonly pythonVersion?: readonly number[]
  /** Platform tags, best first. */
  readonly platforms?: readonly string[]
  /** Its short name: "cp", "pp", "py", "ip", "jy". */
  readonly implementation?: string
  /** ABI tags, best first. */
  readonly abis?: readonly string[]
}

export function crossTarget(base: Target, wishes: TargetWishes): Target {
  const { pythonVersion, platforms = [], implementation, abis = [] } = wishes
  if (pythonVersion === undefined && platforms.length === 0 && implementation === undefined && abis.length === 0) {
    return base
  }
  const tags = tagsOf(base, wishes)
  const version = pythonVersion === undefined ? base.pythonVersion : fullVersion(pythonVersion)
  const system = platforms.length === 0 ? undefined : systemOf(platforms)
  return {
    markers: markersOf(base.markers, version, wishes, system),
    ranks: rankTags(tags),
    tags,
    pythonVersion: version,
    platform: system?.platform ?? base.platform,
    machine: system?.machine ?? base.machine,
    facts: base.facts,
    wishes,
  }
}

function fullVersion(numbers: readonly number[]): Version {
  const [major = 3, minor = 0, micro = 0] = numbers
  return parseVersion(`${major}.${minor}.${micro}`)
}

const longNames: Readonly<Record<string, readonly [name: string, platformName: string]>> = {
  cp: ['cpython', 'CPython'],
  pp: ['pypy', 'PyPy'],
  ip: ['ironpython', 'IronPython'],
  jy: ['jython', 'Jython'],
}

function tagsOf(
  { facts }: Target,
  { pythonVersion, platforms = [], implementation, abis = [] }: TargetWishes,
): readonly string[] {
  const short = implementation ?? shortNameOf(facts.implementation)
  const [major = facts.version.major, minor] = pythonVersion ?? [facts.version.major, facts.version.minor]
  const interpreter = `${short}${major}${minor ?? ''}`
  const parts = {
    interpreter,
    version: minor === undefined ? { major } : { major, minor },
    platforms: platforms.length === 0 ? platformTags(facts) : expandPlatforms(platforms),
    anyPlatform: interpreter,
  }
  // Other implementations have no rule for their ABI; pip takes that of the Python that runs.
  if (short !== 'cp') {
    return tagsFor({ ...parts, abis: abis.length > 0 ? abis : abisOf(facts).slice(0, 1), stableAbi: undefined })
  }
  const ownAbis = abis.length > 0 ? abis : minor === undefined ? [] : abisOf(otherRelease(facts, { major, minor }))
  const freeThreaded = /^cp\d+.*t/.test(ownAbis[0] ?? '')
  const stableAbi = minor === undefined ? undefined : stableAbiOf({ major, minor }, freeThreaded)
  // They have places of their own.
  const kept = ownAbis.filter((abi) => abi !== 'abi3' && abi !== 'none' && !(freeThreaded && abi === 'abi3t'))
  return tagsFor({ ...parts, abis: kept, stableAbi })
}

/** CPython of another release, built as this one is. */
function otherRelease(facts: TagFacts, version: { readonly major: number; readonly minor: number }): TagFacts {
  const { major, minor } = version
  const same = major === facts.version.major && minor === facts.version.minor && facts.implementation === 'cpython'
  return {
    ...facts,
    implementation: 'cpython',
    version,
    abiFlags: same ? facts.abiFlags : major === 2 || minor < 3 ? 'mu' : 'm',
    freeThreaded: facts.freeThreaded && (major > 3 || minor >= 13),
  }
}

/** Each platform with the older ones whose binaries run on it, each once. */
function expandPlatforms(platforms: readonly string[]): readonly string[] {
  const expanded = new Set<string>()
  for (const platform of platforms) {
    if (expanded.has(platform)) continue
    for (const one of olderPlatforms(platform)) expanded.add(one)
  }
  return [...expanded]
}

function olderPlatforms(platform: string): readonly string[] {
  const apple = /^(macosx|ios)_(\d+)_(\d+)_(.+)$/.exec(platform)
  if (apple !== null) {
    const release = { major: Number(apple[2]), minor: Number(apple[3]) }
    return apple[1] === 'ios' ? iosPlatforms(release, apple[4]!) : macPlatforms(release, apple[4]!)
  }
  const android = /^android_(\d+)_(.+)$/.exec(platform)
  if (android !== null) return androidPlatforms(Number(android[1]), android[2]!)
  const many = /^(manylinux2014|manylinux2010)_(.*)$/.exec(platform)
  if (many === null) return [platform]
  // "manylinux1 wheels are considered manylinux2010 wheels" (PEP 571, 599), on the processors that those had.
  const [, name, machine] = many
  if (name === 'manylinux2010') return [platform, `manylinux1_${machine}`]
  return machine === 'i686' || machine === 'x86_64'
    ? [platform, `manylinux2010_${machine}`, `manylinux1_${machine}`]
    : [platform]
}

interface SystemOfTag {
  readonly platform: Target['platform']
  readonly machine: string
  readonly system: string
  readonly sysPlatform: string
  readonly osName: string
}

/** What the first platform whose system is known says of it. */
function systemOf(platforms: readonly string[]): SystemOfTag | undefined {
  for (const platform of platforms) {
    const found = systemOfTag(normalPlatform(platform))
    if (found !== undefined) return found
  }
  return undefined
}

function systemOfTag(tag: string): SystemOfTag | undefined {
  const posix = (platform: Target['platform'], system: string, machine: string): SystemOfTag => ({
    platform,
    machine,
    system,
    sysPlatform: platform,
    osName: 'posix',
  })
  const linux = /^(?:linux|manylinux\d+(?:_\d+_\d+)?|manylinux_\d+_\d+|musllinux_\d+_\d+)_(.+)$/.exec(tag)
  if (linux !== null) return posix('linux', 'Linux', linux[1]!)
  const mac = /^macosx_\d+_\d+_(.+)$/.exec(tag)
  if (mac !== null) {
    const machine = {
      universal2: 'arm64',
      intel: 'x86_64',
      universal: 'x86_64',
      fat: 'i386',
      fat3: 'x86_64',
      fat64: 'x86_64',
    }
    return posix('darwin', 'Darwin', machine[mac[1] as keyof typeof machine] ?? mac[1]!)
  }
  const windows = /^(?:win32|win_(amd64|arm64|arm32))$/.exec(tag)
  if (windows !== null) {
    const machine = windows[1] === undefined ? 'x86' : windows[1] === 'arm32' ? 'ARM' : windows[1].toUpperCase()
    return { platform: 'win32', machine, system: 'Windows', sysPlatform: 'win32', osName: 'nt' }
  }
  const ios = /^ios_\d+_\d+_(.+)_iphone(?:os|simulator)$/.exec(tag)
  if (ios !== null) return posix('ios', 'iOS', ios[1]!)
  const android = /^android_\d+_(.+)$/.exec(tag)
  if (android !== null) {
    const machines: Readonly<Record<string, string>> = { arm64_v8a: 'aarch64', armeabi_v7a: 'armv7l', x86: 'i686' }
    return posix('android', 'Android', machines[android[1]!] ?? android[1]!)
  }
  if (/^(?:py)?emscripten_/.test(tag)) return posix('emscripten', 'Emscripten', 'wasm32')
  return undefined
}

function markersOf(
  base: MarkerEnvironment,
  version: Version,
  { pythonVersion, implementation }: TargetWishes,
  system: SystemOfTag | undefined,
): MarkerEnvironment {
  const names = implementation === undefined ? undefined : longNames[implementation]
  const name = names?.[0] ?? base.implementation_name
  const other = system !== undefined && system.sysPlatform !== base.sys_platform
  // An implementation's own version is known only of the one that runs, or where it is the language's.
  const changed = pythonVersion !== undefined || name !== base.implementation_name
  return {
    implementation_name: name,
    implementation_version: !changed ? base.implementation_version : name === 'cpython' ? version.text : '0',
    os_name: system?.osName ?? base.os_name,
    platform_machine: system?.machine ?? base.platform_machine,
    platform_python_implementation: names?.[1] ?? base.platform_python_implementation,
    // Of a kernel elsewhere nothing is known.
    get platform_release() {
      return other ? '' : base.platform_release
    },
    platform_system: system?.system ?? base.platform_system,
    get platform_version() {
      return other ? '' : base.platform_version
    },
    python_full_version: version.text,
    python_version: version.release.slice(0, 2).join('.'),
    sys_platform: system?.sysPlatform ?? base.sys_platform,
  }
}
