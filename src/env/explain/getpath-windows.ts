// Windows: PC/getpathp.c up to 3.10, and the parts of getpath.py that exist for Windows alone: ._pth files, the PythonPath keys of
// the registry, the zip beside the DLL. Written from the documented rules; not yet compared with a Python on Windows.

import { strip, textLines } from '../../format/python-text.ts'
import { parsePyvenvCfg } from '../../spec/pyvenv-cfg.ts'
import type { NewEntry } from './entries.ts'
import type { GetpathInput, StartPaths } from './getpath.ts'
import { pythonHome, pythonPathEntries, pythonPathVariable } from './start-variables.ts'
import type { World } from './world.ts'

interface UnderscorePth {
  readonly file: string
  readonly directory: string
  readonly entries: readonly NewEntry[]
  readonly site: boolean
}

/** A file pythonXY._pth or python._pth beside the DLL or the executable replaces the whole search. */
export function readUnderscorePth(world: World, { interpreter, executable }: GetpathInput): UnderscorePth | undefined {
  const { paths } = world
  const { major, minor } = interpreter.version
  const base = paths.cut(interpreter.realExecutable)
  const candidates = [
    paths.join(base, `python${major}${minor}._pth`),
    `${executable.replace(/\.exe$/i, '')}._pth`,
    `${interpreter.realExecutable.replace(/\.exe$/i, '')}._pth`,
  ]
  for (const file of candidates) {
    const text = world.text(file)
    if (text === undefined) continue
    const directory = paths.cut(file)
    const entries: NewEntry[] = []
    let site = false
    for (const [index, raw] of textLines(text).entries()) {
      const line = strip(raw.split('#')[0]!)
      if (line === 'import site') site = true
      else if (line !== '' && !line.startsWith('import ')) {
        const path = paths.normalize(paths.join(directory, line))
        const from = { kind: 'file', file, line: index + 1 } as const
        entries.push({ path, kind: 'pth', why: 'named by the ._pth file, which replaces all other rules', from })
      }
    }
    world.say(
      { kind: 'file', file },
      'replaces the search: sys.path is what stands in it, and PYTHON* variables do not count',
    )
    return { file, directory, entries, site }
  }
  return undefined
}

/** The default values of the subkeys of `Software\Python\PythonCore\X.Y\PythonPath`, the user's before the machine's. */
export function registryEntries(world: World, { interpreter }: GetpathInput): readonly NewEntry[] {
  const { major, minor } = interpreter.version
  const tag = `${major}.${minor}${interpreter.bits === 32 ? '-32' : ''}`
  const entries: NewEntry[] = []
  for (const hive of ['HKCU', 'HKLM'] as const) {
    const key = `Software\\Python\\PythonCore\\${tag}\\PythonPath`
    const view = interpreter.bits
    for (const name of world.host.registry.read(hive, key, view)?.subkeys ?? []) {
      const value = world.host.registry.read(hive, `${key}\\${name}`, view)?.values.get('')
      if (value === undefined || value === '') continue
      const from = { kind: 'rule', rule: `registry ${hive}\\${key}\\${name}` } as const
      world.say(from, 'puts directories on sys.path')
      for (const path of value.split(';')) entries.push({ path, kind: 'registry', why: 'named in the registry', from })
    }
  }
  return entries
}

/** The zip is looked for beside pythonXY.dll, which the base executable has at its side. */
export function zipDirectoryOnWindows(world: World, { interpreter }: GetpathInput): string {
  return world.paths.cut(interpreter.realExecutable)
}

export function calculatePathOnWindows(world: World, input: GetpathInput): StartPaths {
  const { interpreter, executable, flags } = input
  const { paths } = world
  const { major, minor } = interpreter.version
  const pth = major === 3 && minor >= 6 ? readUnderscorePth(world, input) : undefined
  const effective = { ...flags, ignoreEnvironment: flags.ignoreEnvironment || pth !== undefined }
  const home = pth?.directory ?? pythonHome(world, interpreter, effective)
  const beside = paths.cut(executable)
  const cfgHome = major === 2 ? undefined : homeOfCfg(world, beside)
  const start = cfgHome ?? beside
  let prefix = home?.split(';')[0] ?? ''
  for (let at = start; prefix === '' && at !== ''; at = paths.cut(at)) {
    if (world.isFile(paths.join(at, 'Lib', 'os.py'))) prefix = at
  }
  if (prefix === '') prefix = interpreter.prefix
  const from = { kind: 'rule', rule: `found from ${start}` } as const
  const entries: NewEntry[] = [
    ...pythonPathEntries(world, pythonPathVariable(world, interpreter, effective), (part) => part),
    {
      path: paths.join(zipDirectoryOnWindows(world, input), `python${major}${minor}.zip`),
      kind: 'zip',
      why: 'the standard library, where it is kept in one zip file',
      from,
    },
    ...(effective.ignoreEnvironment ? [] : registryEntries(world, input)),
    {
      path: paths.join(prefix, 'DLLs'),
      kind: 'extensions',
      why: 'the parts of the standard library that are written in C',
      from,
    },
    { path: paths.join(prefix, 'Lib'), kind: 'stdlib', why: 'the standard library', from },
    ...(major === 2
      ? ['plat-win', 'lib-tk'].map(
          (part): NewEntry => ({
            path: paths.join(prefix, 'Lib', part),
            kind: 'stdlib',
            why: 'a part of the standard library',
            from,
          }),
        )
      : []),
    { path: start, kind: 'stdlib', why: 'the directory of the executable', from },
  ]
  return {
    executable,
    prefix,
    execPrefix: prefix,
    basePrefix: prefix,
    baseExecPrefix: prefix,
    platlibdir: 'lib',
    stdlib: paths.join(prefix, 'Lib'),
    entries: pth?.entries ?? entries,
    problems: [],
    ...(pth === undefined ? {} : { isolatedBy: { file: pth.file, site: pth.site } }),
  }
}

function homeOfCfg(world: World, beside: string): string | undefined {
  const { paths } = world
  for (const place of [beside, paths.cut(beside)]) {
    const file = paths.join(place, 'pyvenv.cfg')
    const text = world.text(file)
    if (text === undefined) continue
    const line = parsePyvenvCfg(text).lines.find(({ key }) => key === 'home')
    if (line === undefined) return undefined
    world.say({ kind: 'file', file, line: line.line }, `the base Python is searched from ${line.value}`)
    return line.value
  }
  return undefined
}
