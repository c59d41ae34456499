// CPython on Windows: python.exe with Lib\os.py beside it (or python313.zip in the embeddable package); its version resource tells the
// version, the DLL it imports the line and the build.

import type { Host } from '../../host/host.ts'
import type { PythonVersion } from '../interpreter.ts'
import { type Program, type Reading, unknown } from './reading.ts'
import { readSurroundings } from './surroundings.ts'
import { parsePatchLevel, versionFromInfo } from './version.ts'

const dllName = /^python(\d)(\d+)(t?)(_d)?\.dll$/i
const tags: Readonly<Record<string, string>> = {
  AMD64: 'win_amd64',
  ARM64: 'win_arm64',
  x86: 'win32',
  ARM: 'win_arm32',
}

/** Reads the installation that a python.exe belongs to. */
export function readWindowsCPython(host: Host, program: Program): Reading {
  const { path, files } = host
  const { binary } = program
  const directory = path.dirname(program.linkEnd)
  const dll = binary.needed.map((name) => dllName.exec(name)).find((match) => match !== null)
  if (dll === undefined) return unknown('it imports no pythonXY.dll: a launcher or redirector')
  const [, major, minor, threads, debug] = dll
  const short = `${major}${minor}`
  const fits = (version: PythonVersion | undefined): version is PythonVersion =>
    version !== undefined && `${version.major}${version.minor}` === short
  let version = versionOfResource(binary.fileVersion)
  if (!fits(version)) {
    const header = files.readText(path.join(directory, 'Include', 'patchlevel.h'))
    version = header === undefined ? undefined : parsePatchLevel(header)
  }
  if (!fits(version)) return unknown('no file tells its full version')
  const library = path.join(directory, 'Lib')
  const archive = path.join(directory, `python${short}.zip`)
  const stdlib = [path.join(library, 'os.py'), path.join(library, 'os.pyc'), archive].find(
    (file) => files.stat(file)?.kind === 'file',
  )
  if (stdlib === undefined) return unknown('its standard library is not beside it')
  const place = stdlib === archive ? archive : library
  // Python 3.8 began to name the platform in EXT_SUFFIX on Windows (bpo-39825).
  const tag = tags[binary.machine]
  const named = version.major === 3 && version.minor >= 8 && tag !== undefined
  const shared = path.join(directory, dll[0])
  return {
    kind: 'interpreter',
    interpreter: {
      executable: program.executable,
      realExecutable: program.realExecutable,
      implementation: 'cpython',
      version,
      freeThreaded: threads === 't',
      debug: debug !== undefined,
      abiFlags: '',
      ...(named ? { soabi: `cp${short}${threads}-${tag}` } : {}),
      bits: binary.bits,
      machine: binary.machine,
      platform: 'win32',
      prefix: directory,
      execPrefix: directory,
      platlibdir: 'lib',
      stdlib: place,
      platstdlib: place,
      include: path.join(directory, 'Include'),
      ...(files.stat(shared)?.kind === 'file' ? { sharedLibrary: shared } : {}),
      ...readSurroundings(host, {
        realExecutable: program.realExecutable,
        prefix: directory,
        stdlib: place,
        platlibdir: 'lib',
        version,
      }),
      source: 'files',
    },
  }
}

/** PC/python_ver_rc.h: major, minor, then micro · 1000 + level · 10 + serial, then the API's number. */
export function versionOfResource(numbers: readonly number[] | undefined): PythonVersion | undefined {
  if (numbers === undefined) return undefined
  const [major = 0, minor = 0, field = 0] = numbers
  const levels: Readonly<Record<number, string>> = { 10: 'alpha', 11: 'beta', 12: 'candidate', 15: 'final' }
  const level = levels[Math.floor((field % 1000) / 10)]
  return level === undefined
    ? undefined
    : versionFromInfo(major, minor, Math.floor(field / 1000), level, level === 'final' ? 0 : field % 10)
}
