// Modules/getpath.py, 3.11 and newer: the same search with other landmarks, and pyvenv.cfg read beside the link, not its target.
// Since 3.14 the prefix of a virtual environment is set here, so that it holds under -S too.

import { parsePyvenvCfg } from '../../spec/pyvenv-cfg.ts'
import type { NewEntry, StartProblem } from './entries.ts'
import { isAtLeast } from './flags.ts'
import type { GetpathInput, StartPaths } from './getpath.ts'
import { readUnderscorePth, registryEntries, zipDirectoryOnWindows } from './getpath-windows.ts'
import { pythonHome, pythonPathEntries, pythonPathVariable } from './start-variables.ts'
import type { Source, World } from './world.ts'

interface Layout {
  readonly stdlib: string
  readonly landmarks: readonly string[]
  readonly dynload: string
  readonly zip: string
}

export function calculatePathInPython(world: World, input: GetpathInput): StartPaths {
  const { interpreter, flags } = input
  const { paths } = world
  const problems: StartProblem[] = []
  const join = (first: string, ...more: readonly string[]): string => paths.normalize(paths.join(first, ...more))
  const searchUp = (start: string, test: (directory: string) => boolean): string => {
    for (let directory = start; directory !== ''; directory = paths.cut(directory)) {
      if (test(directory)) return directory
    }
    return ''
  }

  const platlibdir = platlibdirOf(world, input)
  const layout = layoutOf(world, input, platlibdir)
  const launched = launcherExecutable(world)
  const executable = launched ?? input.executable
  const pth = paths.windows ? readUnderscorePth(world, input) : undefined
  const ignoreEnvironment = flags.ignoreEnvironment || pth !== undefined
  const home = pth?.directory ?? pythonHome(world, interpreter, { ...flags, ignoreEnvironment })
  const homeSource: Source =
    pth === undefined ? { kind: 'variable', variable: 'PYTHONHOME' } : { kind: 'file', file: pth.file }

  const cfg = home === undefined || isAtLeast(interpreter, 3, 14) ? readCfg(world, executable) : undefined
  // Before 3.14 a pyvenv.cfg without `home` is none to getpath.
  const environment = isAtLeast(interpreter, 3, 14) ? cfg?.prefix : undefined
  const cfgHome = home === undefined ? cfg?.home : undefined
  const realExecutable = world.realPath(input.executable) ?? input.executable
  const directory = cfgHome?.value ?? (launched === undefined ? paths.cut(realExecutable) : paths.cut(launched))
  const hasStdlib = (at: string): boolean => layout.landmarks.some((landmark) => world.isFile(join(at, landmark)))

  let [prefix, execPrefix] = splitHome(world, home)
  let stdlib: string | undefined
  let foundBy: Source = home === undefined ? { kind: 'rule', rule: `found from ${directory}` } : homeSource
  if (prefix === '' && cfgHome !== undefined) foundBy = { kind: 'file', file: cfgHome.file, line: cfgHome.line }

  const library = libraryDirectory(world, input)
  if (prefix === '' && library !== undefined) {
    prefix = paths.windows
      ? world.isFile(join(library, layout.zip))
        ? library
        : ''
      : searchUp(library, (at) => world.isFile(join(at, layout.zip)))
    if (prefix === '') {
      prefix = paths.windows ? (hasStdlib(library) ? library : '') : searchUp(library, hasStdlib)
      if (prefix !== '') stdlib = join(prefix, layout.stdlib)
    }
  }
  if (prefix === '') {
    const hasZip = (at: string): boolean => world.isFile(join(at, layout.zip))
    prefix = paths.windows ? (hasZip(directory) ? directory : '') : searchUp(directory, hasZip)
    if (prefix !== '') {
      const beside = join(prefix, layout.stdlib)
      if (world.isDirectory(beside)) stdlib = beside
    }
  }
  if (prefix === '') {
    prefix = searchUp(directory, hasStdlib)
    if (prefix !== '') stdlib ??= join(prefix, layout.stdlib)
  }
  if (prefix === '') {
    prefix = interpreter.prefix
    foundBy = { kind: 'rule', rule: 'the prefix that Python was built for' }
    if (!hasStdlib(prefix)) {
      problems.push({
        from: { kind: 'rule', rule: 'getpath' },
        what: `no ${layout.landmarks[0]} in or above ${directory}, nor under ${prefix}, for which Python was built`,
        fatal: false,
      })
    }
  }
  if (execPrefix === '') {
    const hasDynload = (at: string): boolean => world.isDirectory(join(at, layout.dynload))
    if (paths.windows || (isAtLeast(interpreter, 3, 14) && hasDynload(prefix))) execPrefix = prefix
    else execPrefix = searchUp(directory, hasDynload) || interpreter.execPrefix || prefix
  }

  stdlib ??= join(prefix, layout.stdlib)
  const dynload = join(execPrefix, layout.dynload)
  const entries: NewEntry[] = [
    ...pythonPathEntries(
      world,
      pythonPathVariable(world, interpreter, { ...flags, ignoreEnvironment }),
      // Unlike os.path.abspath, an empty part joined to the working directory.
      (part) => paths.absolute(part),
    ),
  ]
  const zipDirectory = paths.windows ? zipDirectoryOnWindows(world, input) : prefix
  const zip = join(zipDirectory, layout.zip)
  entries.push({ path: zip, kind: 'zip', why: 'the standard library, where it is kept in one zip file', from: foundBy })
  const modules: NewEntry = { path: stdlib, kind: 'stdlib', why: 'the standard library', from: foundBy }
  const extensions: NewEntry = {
    path: dynload,
    kind: 'extensions',
    why: 'the parts of the standard library that are written in C',
    from: foundBy,
  }
  if (paths.windows) {
    if (!ignoreEnvironment) entries.push(...registryEntries(world, input))
    entries.push(world.isDirectory(dynload) ? extensions : { ...extensions, path: execPrefix }, modules)
    if (!entries.some((entry) => entry.path === directory)) {
      entries.push({
        path: directory,
        kind: 'stdlib',
        why: 'the directory of the executable',
        from: { kind: 'rule', rule: 'getpath on Windows' },
      })
    }
  } else entries.push(modules, extensions)

  return {
    executable,
    prefix: environment ?? prefix,
    execPrefix: environment ?? execPrefix,
    basePrefix: prefix,
    baseExecPrefix: execPrefix,
    platlibdir,
    stdlib,
    entries: pth?.entries ?? entries,
    problems,
    ...(pth === undefined ? {} : { isolatedBy: { file: pth.file, site: pth.site } }),
  }
}

function layoutOf(world: World, { interpreter }: GetpathInput, platlibdir: string): Layout {
  const { major, minor } = interpreter.version
  const thread = interpreter.freeThreaded ? 't' : ''
  if (world.paths.windows) {
    const debug = interpreter.debug ? '_d' : ''
    return {
      stdlib: 'Lib',
      landmarks: ['Lib\\os.py', 'Lib\\os.pyc'],
      dynload: platlibdir,
      zip: `python${major}${minor}${debug}.zip`,
    }
  }
  const stdlib = `${platlibdir}/python${major}.${minor}${thread}`
  return {
    stdlib,
    landmarks: [`${stdlib}/os.py`, `${stdlib}/os.pyc`],
    dynload: `${stdlib}/lib-dynload`,
    zip: `${platlibdir}/python${major}${minor}${thread}.zip`,
  }
}

function platlibdirOf(world: World, { interpreter, flags }: GetpathInput): string {
  const compiledIn = world.paths.windows ? 'DLLs' : interpreter.platlibdir
  const variable = flags.ignoreEnvironment ? '' : (world.variable('PYTHONPLATLIBDIR') ?? '')
  if (variable === '') return compiledIn
  world.say({ kind: 'variable', variable: 'PYTHONPLATLIBDIR' }, `the standard library is looked for in ${variable}/`)
  return variable
}

/** Two variables name another executable: launchers set them, and they leak into the programs that those start. */
function launcherExecutable(world: World): string | undefined {
  for (const name of ['PYTHONEXECUTABLE', '__PYVENV_LAUNCHER__']) {
    const value = world.variable(name)
    if (value === undefined || value === '') continue
    world.say({ kind: 'variable', variable: name }, `makes Python believe that it was called as ${value}`)
    return value
  }
  return undefined
}

interface Cfg {
  readonly prefix: string
  readonly home?: { readonly value: string; readonly file: string; readonly line: number }
}

/** pyvenv.cfg one level above the executable, else beside it. */
function readCfg(world: World, executable: string): Cfg | undefined {
  const { paths } = world
  const beside = paths.cut(executable)
  for (const prefix of [paths.cut(beside), beside]) {
    const file = paths.normalize(paths.join(prefix, 'pyvenv.cfg'))
    const text = world.text(file)
    if (text === undefined) continue
    const line = parsePyvenvCfg(text).lines.find(({ key }) => key === 'home')
    if (line === undefined) return { prefix }
    world.say({ kind: 'file', file, line: line.line }, `the base Python is searched from ${line.value}`)
    return { prefix, home: { value: line.value, file, line: line.line } }
  }
  return undefined
}

function splitHome(world: World, home: string | undefined): [string, string] {
  if (home === undefined) return ['', '']
  const at = home.indexOf(world.paths.delimiter)
  return at === -1 ? [home, home] : [home.slice(0, at), home.slice(at + 1)]
}

/** Where the runtime library lies, for those that search from it: Windows, frameworks, and everyone since 3.14. */
function libraryDirectory(world: World, { interpreter }: GetpathInput): string | undefined {
  const { paths } = world
  if (paths.windows) return paths.cut(interpreter.realExecutable)
  if (interpreter.framework !== undefined) return interpreter.prefix
  if (!isAtLeast(interpreter, 3, 14) || interpreter.sharedLibrary === undefined) return undefined
  return paths.isAbsolute(interpreter.sharedLibrary)
    ? paths.cut(interpreter.sharedLibrary)
    : paths.join(interpreter.prefix, interpreter.platlibdir)
}
