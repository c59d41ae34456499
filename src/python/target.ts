// What wheels and markers are chosen for: one Python on one machine, told by files and the kernel's name. No Python is started.

import type { Context, Host, Platform } from '../host/host.ts'
import type { MarkerEnvironment } from '../spec/marker-expression.ts'
import { rankTags, supportedTags, type TagFacts, type TagRanks } from '../spec/tag.ts'
import { parseVersion, type Version } from '../spec/version.ts'
import type { TargetWishes } from './cross-target.ts'
import { formatPythonVersion, type Interpreter } from './interpreter.ts'
import { hasHardFloat, readLibc } from './libc.ts'
import { readManylinuxPolicy } from './manylinux.ts'
import { systemNames } from './system-names.ts'

export interface Target {
  readonly markers: MarkerEnvironment
  /** Tag to its place in `tags`. */
  readonly ranks: TagRanks
  /** Best first. */
  readonly tags: readonly string[]
  /** The language's, whole: "3.13.0rc2". */
  readonly pythonVersion: Version
  readonly platform: Platform | 'ios' | 'emscripten'
  /** The processor its binaries are for: "x86_64", "i686", "AMD64", … */
  readonly machine: string
  /** What the tags were made from. */
  readonly facts: TagFacts
  /** What was asked for in place of that, where something was: the tags come of both. */
  readonly wishes?: TargetWishes
}

/** What an interpreter's distributions are chosen for. Its tags are made when they are asked for: where all is there, none is wanted. */
export function targetOf({ host }: Pick<Context, 'host'>, interpreter: Interpreter): Target {
  let facts: TagFacts | undefined
  let tags: readonly string[] | undefined
  let ranks: TagRanks | undefined
  return {
    markers: markersOf(host, interpreter),
    get ranks() {
      ranks ??= rankTags(this.tags)
      return ranks
    },
    get tags() {
      tags ??= supportedTags(this.facts)
      return tags
    },
    pythonVersion: parseVersion(formatPythonVersion(interpreter.version)),
    platform: interpreter.platform,
    machine: interpreter.machine,
    get facts() {
      facts ??= tagFactsOf(host, interpreter)
      return facts
    },
  }
}

/** What a marker's fields stand for under an interpreter: what `packaging.markers.default_environment()` says there. */
export function markersOf(host: Host, interpreter: Interpreter): MarkerEnvironment {
  const { implementation, platform, version } = interpreter
  const full = formatPythonVersion(version)
  const names = systemNames(host, interpreter)
  return {
    implementation_name: implementation,
    implementation_version: interpreter.implementationVersion ?? full,
    os_name: platform === 'win32' ? 'nt' : 'posix',
    platform_machine: names.machine,
    platform_python_implementation: implementationNames[implementation],
    // Few markers ask for these two, and the kernel is not asked before one does.
    get platform_release() {
      return names.release()
    },
    platform_system: names.system,
    get platform_version() {
      return names.version()
    },
    python_full_version: full,
    python_version: `${version.major}.${version.minor}`,
    sys_platform: names.sysPlatform,
  }
}

const implementationNames: Readonly<Record<Interpreter['implementation'], string>> = {
  cpython: 'CPython',
  pypy: 'PyPy',
  graalpy: 'GraalVM',
  rustpython: 'RustPython',
  jython: 'Jython',
  ironpython: 'IronPython',
  micropython: 'MicroPython',
}

function tagFactsOf(host: Host, interpreter: Interpreter): TagFacts {
  const { implementation, platform, version, freeThreaded, debug, bits } = interpreter
  const facts: { -readonly [Field in keyof TagFacts]: TagFacts[Field] } = {
    implementation,
    version,
    abiFlags: abiFlagsOf(host, interpreter),
    freeThreaded,
    debug,
    bits,
    machine: interpreter.machine,
    platform,
  }
  const soabi = interpreter.soabi ?? soabiOfPyPy2(interpreter)
  if (soabi !== undefined) facts.soabi = soabi
  if (platform === 'linux') addLinuxFacts(host, interpreter, facts)
  else if (platform === 'darwin') {
    const release = macosRelease(host)
    if (release !== undefined) facts.macos = release
  } else if (platform !== 'win32') {
    const { release, machine } = host.kernel()
    facts.sysconfigPlatform = `${platform}-${release}-${machine}`
  }
  return facts
}

function addLinuxFacts(
  host: Host,
  interpreter: Interpreter,
  facts: { -readonly [Field in keyof TagFacts]: TagFacts[Field] },
): void {
  // A 32-bit Python's tags hang on the kernel: ARM's 64-bit one runs more.
  if (interpreter.bits === 32) facts.machine = host.kernel().machine
  const libc = readLibc(host, interpreter)
  if (libc === undefined) return
  facts.libc = libc
  if (libc.kind === 'musl') return
  if (interpreter.bits === 32 && /^a(?:rm|arch64)/.test(interpreter.machine)) {
    facts.hardFloat = hasHardFloat(host, interpreter)
  }
  const policy = readManylinuxPolicy(host, interpreter)
  if (policy !== undefined) facts.manylinux = policy
}

/** `sys.abiflags` where Python has them; else what the names of its extension modules' ABI would be made of. */
function abiFlagsOf(host: Host, { implementation, version, abiFlags, platform, stdlib }: Interpreter): string {
  if (implementation !== 'cpython') return abiFlags
  if (version.major === 3) return platform === 'win32' && version.minor < 8 ? 'm' : abiFlags
  // Python 2 was built with characters of two or of four bytes, and its build's variables tell. Distributions for Linux chose four.
  if (platform === 'win32') return 'm'
  const variables = host.files.readText(host.path.join(stdlib, '_sysconfigdata.py')) ?? ''
  const size = /'Py_UNICODE_SIZE': (\d)/.exec(variables)?.[1] ?? (platform === 'linux' ? '4' : '2')
  return size === '4' ? 'mu' : 'm'
}

/** PyPy for Python 2 names its ABI after its own version alone: "pypy-73". */
function soabiOfPyPy2({ implementation, version, implementationVersion = '' }: Interpreter): string | undefined {
  const own = /^(\d+)\.(\d+)/.exec(implementationVersion)
  return implementation === 'pypy' && version.major === 2 && own !== null ? `pypy-${own[1]}${own[2]}` : undefined
}

function macosRelease(host: Host): { readonly major: number; readonly minor: number } | undefined {
  const text = host.files.readText('/System/Library/CoreServices/SystemVersion.plist') ?? ''
  const match = /<key>ProductVersion<\/key>\s*<string>(\d+)(?:\.(\d+))?/.exec(text)
  return match === null ? undefined : { major: Number(match[1]), minor: Number(match[2] ?? 0) }
}

export { crossTarget, type TargetWishes } from './cross-target.ts'
