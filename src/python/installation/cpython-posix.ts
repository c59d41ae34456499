// CPython on POSIX, macOS's framework builds among it: getpath's search for the landmarks (Modules/getpath.py, and getpath.c before
// 3.11), done on paths instead of in a process.

import { isDenError } from '../../base/error.ts'
import type { Host } from '../../host/host.ts'
import { type BuildDetails, parseBuildDetails } from '../../spec/build-details.ts'
import type { Interpreter, PythonVersion } from '../interpreter.ts'
import { platformName } from '../platform.ts'
import { findLibrary } from './library.ts'
import { type Program, type Reading, unknown } from './reading.ts'
import { readSurroundings } from './surroundings.ts'
import { findVersionInConstants, parsePatchLevel } from './version.ts'

/** What names tell of a build: the line ("3.13"), "t" for free-threaded, and the other ABI flags where a name has them. */
interface Line {
  readonly version: string
  readonly threads: '' | 't'
  readonly flags: string
}

const executableName = /^python(\d+\.\d+)(t?)(d?m?u?)(?:-dbg)?$/
const libraryName = /^libpython(\d+\.\d+)(t?)(d?m?u?)\.(?:so|dylib)/
/** The same library as a framework has it: Python.framework/Versions/3.13/Python. */
const anyLibraryName = new RegExp(`${libraryName.source}|^Python[T3]?$`)
const frameworkPath = /\/(\w+)\.framework\/Versions\/(\d+\.\d+)(t?)\//

function lineOf(program: Program): Line | undefined {
  for (const needed of program.binary.needed) {
    const name = needed.slice(needed.lastIndexOf('/') + 1)
    const match = libraryName.exec(name)
    if (match !== null) return { version: match[1]!, threads: match[2] === 't' ? 't' : '', flags: match[3]! }
  }
  for (const path of [program.linkEnd, program.realExecutable]) {
    const name = path.slice(path.lastIndexOf('/') + 1)
    const match = executableName.exec(name)
    if (match !== null) {
      const flags = name.endsWith('-dbg') ? `d${match[3]}` : match[3]!
      return { version: match[1]!, threads: match[2] === 't' ? 't' : '', flags }
    }
  }
  const match = frameworkPath.exec(program.realExecutable)
  return match === null ? undefined : { version: match[2]!, threads: match[3] === 't' ? 't' : '', flags: '' }
}

/** Reads the installation that a CPython executable belongs to. */
export function readPosixCPython(host: Host, program: Program): Reading {
  const line = lineOf(program) ?? lineOfTree(host, program)
  if (line === undefined) return unknown('neither its name nor its libraries tell the version')
  const found = findStdlib(host, program, line)
  if (found === undefined) return unknown('its standard library is not where getpath looks first')
  const { prefix, platlibdir, stdlib } = found

  if (line.version === '2.7') {
    // virtualenv before 20 copied or linked the landmarks, and left the base's prefix in a file beside them.
    const base = host.files.readText(host.path.join(stdlib, 'orig-prefix.txt'))?.trim()
    if (base !== undefined && base !== '') return { kind: 'environment', root: prefix, base }
  }

  const details = readBuildDetails(host, stdlib, line)
  const suffix = readSuffix(host, { stdlib, line, details })
  if (suffix === undefined) return unknown('its extension modules do not tell the ABI')
  const abiFlags = line.version.startsWith('2.') ? '' : suffix.flags
  const include = host.path.join(prefix, 'include', `python${line.version}${abiFlags}`)

  const library = findLibrary(host, program, anyLibraryName)
  if (library.kind === 'missing') {
    return {
      kind: 'problem',
      problem: { code: 'missing-library', text: `it needs ${library.name}, which isn't there` },
    }
  }
  if (library.kind === 'elsewhere') return unknown('its library is found by the loader alone')
  const version =
    readVersion(host, { include, line, details }) ??
    findVersionInConstants(host.files, library.path ?? program.realExecutable, { arch: host.arch, line: line.version })
  if (version === undefined) return unknown('no file tells its full version')

  const framework = frameworkPath.exec(`${prefix}/`)?.[1]
  const libc = libcOf(program, suffix.soabi)
  const interpreter: Interpreter = {
    executable: program.executable,
    realExecutable: program.realExecutable,
    implementation: 'cpython',
    version,
    freeThreaded: line.threads === 't',
    debug: suffix.flags.includes('d'),
    abiFlags,
    ...(suffix.soabi === undefined ? {} : { soabi: suffix.soabi }),
    bits: program.binary.bits,
    machine: program.binary.machine,
    platform: platformName(host.platform),
    ...(libc === undefined ? {} : { libc }),
    prefix,
    execPrefix: prefix,
    platlibdir,
    stdlib,
    platstdlib: stdlib,
    include,
    ...(library.path === undefined ? {} : { sharedLibrary: library.path }),
    ...(framework === undefined ? {} : { framework }),
    ...readSurroundings(host, {
      realExecutable: program.realExecutable,
      prefix,
      stdlib,
      platlibdir,
      version,
      ...(framework === undefined ? {} : { framework }),
    }),
    source: 'files',
  }
  return { kind: 'interpreter', interpreter }
}

/** A Python whose name tells no version (a copy called `python`): the one library tree above it that has a landmark. */
function lineOfTree(host: Host, program: Program): Line | undefined {
  const { path, files } = host
  // Whatever else is in /usr/bin stands below the same tree.
  if (![program.linkEnd, program.realExecutable].some((place) => /^python/i.test(path.basename(place))))
    return undefined
  const prefix = path.dirname(path.dirname(program.linkEnd))
  const lines = (files.names(path.join(prefix, 'lib')) ?? []).flatMap((name) => {
    const match = /^python(\d+\.\d+)(t?)$/.exec(name)
    if (match === null || files.stat(path.join(prefix, 'lib', name, 'os.py')) === undefined) return []
    return [{ version: match[1]!, threads: match[2] === 't' ? ('t' as const) : ('' as const), flags: '' }]
  })
  return lines.length === 1 ? lines[0] : undefined
}

interface Stdlib {
  readonly prefix: string
  readonly platlibdir: 'lib' | 'lib64'
  readonly stdlib: string
}

/**
 * Goes up from the executable until LIB/pythonX.Y/os.py is there. The root itself is never tried, as in getpath; then what is
 * compiled in counts, which is the prefix above the file's real place.
 */
function findStdlib(host: Host, program: Program, line: Line): Stdlib | undefined {
  const { path, files } = host
  for (const start of new Set([path.dirname(program.linkEnd), path.dirname(program.realExecutable)])) {
    for (const platlibdir of host.platform === 'darwin' ? (['lib'] as const) : (['lib', 'lib64'] as const)) {
      for (let prefix = start; prefix !== path.dirname(prefix); prefix = path.dirname(prefix)) {
        const stdlib = path.join(prefix, platlibdir, `python${line.version}${line.threads}`)
        const isThere = (name: string): boolean => files.stat(path.join(stdlib, name))?.kind === 'file'
        if (!isThere('os.py') && !isThere('os.pyc')) continue
        const stable = homebrewPrefix(host, prefix)
        return { prefix: stable, platlibdir, stdlib: path.join(stable, path.relative(prefix, stdlib)) }
      }
    }
  }
  return undefined
}

/** Homebrew's Pythons call themselves by the stable link opt/python@X.Y, not by the Cellar's directory of one release. */
function homebrewPrefix(host: Host, prefix: string): string {
  const stable = prefix.replace(/\/Cellar\/(python@[\d.]+)\/[^/]+/, '/opt/$1')
  return stable === prefix || host.files.stat(stable) === undefined ? prefix : stable
}

/**
 * The ABI's name, from the extension modules in lib-dynload ("_heapq.cpython-313-x86_64-linux-gnu.so"), else from the build's own
 * module (_sysconfigdata_FLAGS_PLATFORM_MULTIARCH.py) where the extensions are all linked in.
 */
function readSuffix(
  host: Host,
  {
    stdlib,
    line,
    details,
  }: { readonly stdlib: string; readonly line: Line; readonly details: BuildDetails | undefined },
): { readonly flags: string; readonly soabi: string | undefined } | undefined {
  const { files, path } = host
  if (line.version.startsWith('2.')) return { flags: line.flags, soabi: undefined }
  const short = line.version.replace('.', '')
  const found = new Map<string, string>()
  for (const name of files.names(path.join(stdlib, 'lib-dynload')) ?? []) {
    const match = /\.(cpython-(\d+)([a-z]*)-[^.]+)\.so$/.exec(name)
    if (match !== null && match[2] === short) found.set(match[3]!, match[1]!)
  }
  const stated = /^\.(cpython-\d+([a-z]*)-[^.]+)\.so$/.exec(details?.abi?.extensionSuffix ?? '')
  if (found.size === 0 && stated !== null) found.set(stated[2]!, stated[1]!)
  if (found.size === 0) {
    for (const name of files.names(stdlib) ?? []) {
      const match = /^_sysconfigdata_([a-z]*)_[a-z0-9]+_([^.]+)\.py$/.exec(name)
      if (match !== null) found.set(match[1]!, `cpython-${short}${match[1]}-${match[2]}`)
    }
  }
  if (found.size === 1) {
    const [flags, soabi] = [...found][0]!
    return { flags, soabi }
  }
  // Two builds share the directory (Debian's release and debug builds): the executable's own name decides.
  const candidates = [`${line.threads}${line.flags}`, `${line.threads}${line.flags}m`]
  for (const flags of candidates) {
    const soabi = found.get(flags)
    if (soabi !== undefined) return { flags, soabi }
  }
  return undefined
}

function readVersion(
  { files, path }: Host,
  {
    include,
    line,
    details,
  }: { readonly include: string; readonly line: Line; readonly details: BuildDetails | undefined },
): PythonVersion | undefined {
  if (details !== undefined) return details.language.versionInfo ?? details.implementation.version
  const header = files.readText(path.join(include, 'patchlevel.h'))
  const version = header === undefined ? undefined : parsePatchLevel(header)
  return version !== undefined && `${version.major}.${version.minor}` === line.version ? version : undefined
}

/** PEP 739's file, which 3.14 and newer have; undefined where it is missing, damaged, or of another line. */
function readBuildDetails({ files, path }: Host, stdlib: string, line: Line): BuildDetails | undefined {
  const [major, minor] = line.version.split('.').map(Number)
  if (major !== 3 || minor === undefined || minor < 14) return undefined
  const text = files.readText(path.join(stdlib, 'build-details.json'))
  if (text === undefined) return undefined
  try {
    const details = parseBuildDetails(text)
    return details.language.version === line.version ? details : undefined
  } catch (error) {
    if (isDenError(error, 'invalid-build-details')) return undefined
    throw error
  }
}

function libcOf(program: Program, soabi: string | undefined): Interpreter['libc'] {
  const loader = program.binary.interpreter ?? ''
  if (loader.includes('ld-musl') || soabi?.endsWith('-musl')) return 'musl'
  return /\/ld-linux|\/ld64\.so|\/ld\.so/.test(loader) && program.binary.format === 'elf' ? 'glibc' : undefined
}
