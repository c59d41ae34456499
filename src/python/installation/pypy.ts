// PyPy, as its own getpath finds it (pypy/module/sys/initpath.py): lib/pypyX.Y/os.py above the executable since 3.8, lib-python/ and
// lib_pypy/ before. The headers tell both versions; where they are missing the interpreter is asked.

import type { Host } from '../../host/host.ts'
import { platformName } from '../platform.ts'
import { findLibrary } from './library.ts'
import { type Program, type Reading, unknown } from './reading.ts'
import { readSurroundings } from './surroundings.ts'
import { parsePatchLevel } from './version.ts'

const libraryName = /^libpypy(?:3(?:\.\d+)?)?-c\.(?:so|dylib|dll)$/

/** Whether the program is a PyPy, by its name or the library it needs. */
export function isPyPy({ realExecutable, binary }: Program): boolean {
  return (
    /^pypy/i.test(
      realExecutable.slice(Math.max(realExecutable.lastIndexOf('/'), realExecutable.lastIndexOf('\\')) + 1),
    ) || binary.needed.some((name) => libraryName.test(name.slice(name.lastIndexOf('/') + 1)))
  )
}

/** Reads the installation that a PyPy executable belongs to. */
export function readPyPy(host: Host, program: Program): Reading {
  const { path, files } = host
  const windows = host.platform === 'win32'
  const found = findLibraryTree(host, program)
  if (found === undefined) return unknown('its library tree is not above it')
  const { prefix, stdlib, line } = found
  const header =
    line === undefined ? path.join(prefix, 'include') : path.join(prefix, 'include', windows ? '.' : `pypy${line}`)
  const headers = [header, path.join(prefix, 'include')]
  const text = headers.map((directory) => files.readText(path.join(directory, 'patchlevel.h'))).find(Boolean)
  const version = text === undefined ? undefined : parsePatchLevel(text)
  const own = text === undefined ? undefined : /^#define\s+PYPY_VERSION\s+"([^"]+)"/m.exec(text)?.[1]
  if (version === undefined || own === undefined) return unknown('its headers are not installed')
  const library = windows ? ({ kind: 'none' } as const) : findLibrary(host, program, libraryName)
  if (library.kind === 'elsewhere' || library.kind === 'missing')
    return unknown('its library is found by the loader alone')

  const soabi = findSuffix(host, [stdlib, path.join(prefix, 'lib_pypy')])
  if (version.major === 3 && soabi === undefined) return unknown('its extension modules do not tell the ABI')
  const loader = program.binary.interpreter ?? ''
  const libc = loader.includes('ld-musl') ? 'musl' : loader.includes('/ld-linux') ? 'glibc' : undefined
  return {
    kind: 'interpreter',
    interpreter: {
      executable: program.executable,
      realExecutable: program.realExecutable,
      implementation: 'pypy',
      version,
      implementationVersion: own,
      freeThreaded: false,
      debug: false,
      abiFlags: '',
      ...(soabi === undefined || version.major === 2 ? {} : { soabi }),
      bits: program.binary.bits,
      machine: program.binary.machine,
      platform: platformName(host.platform),
      ...(libc === undefined ? {} : { libc }),
      prefix,
      execPrefix: prefix,
      platlibdir: 'lib',
      stdlib,
      platstdlib: stdlib,
      include: header,
      ...(library.path === undefined ? {} : { sharedLibrary: library.path }),
      ...readSurroundings(host, { realExecutable: program.realExecutable, prefix, stdlib, platlibdir: 'lib', version }),
      source: 'files',
    },
  }
}

interface LibraryTree {
  readonly prefix: string
  readonly stdlib: string
  /** "3.10" where the tree's name has it. */
  readonly line: string | undefined
}

function findLibraryTree(host: Host, program: Program): LibraryTree | undefined {
  const { path, files } = host
  const name = path.basename(program.realExecutable)
  const named = /^pypy(\d\.\d+)/.exec(name)?.[1]
  const library = program.binary.needed.map((one) => /libpypy(3\.\d+)-c/.exec(one)?.[1]).find(Boolean)
  const isLandmark = (directory: string): boolean => files.stat(path.join(directory, 'os.py'))?.kind === 'file'
  const start = path.dirname(program.realExecutable)
  for (let prefix = start; ; prefix = path.dirname(prefix)) {
    for (const line of new Set([named, library])) {
      const stdlib = line === undefined ? undefined : path.join(prefix, 'lib', `pypy${line}`)
      if (stdlib !== undefined && isLandmark(stdlib)) return { prefix, stdlib, line }
    }
    for (const line of ['3', '2.7']) {
      const stdlib = path.join(prefix, 'lib-python', line)
      if (isLandmark(stdlib)) return { prefix, stdlib, line: undefined }
    }
    if (prefix === path.dirname(prefix)) return undefined
  }
}

/** "pypy310-pp73-x86_64-linux-gnu", from the name of a cffi module that PyPy ships. */
function findSuffix({ files }: Host, directories: readonly string[]): string | undefined {
  for (const directory of directories) {
    for (const name of files.names(directory) ?? []) {
      const match = /\.(pypy\d+-pp\d+-[^.]+)\.(?:so|pyd)$/.exec(name)
      if (match !== null) return match[1]
    }
  }
  return undefined
}
