// Modules/getpath.c, 2.7 to 3.10, as steps over data. Its paths are cut and joined as text: a link `../base/bin/python` leaves
// `..` in sys.prefix, and the search upwards stops before "/".

import type { NewEntry, StartProblem } from './entries.ts'
import { isAtLeast } from './flags.ts'
import type { GetpathInput, StartPaths } from './getpath.ts'
import { pythonHome, pythonPathEntries, pythonPathVariable } from './start-variables.ts'
import type { World } from './world.ts'

/** The kernel's limit, and getpath's own. */
const mostLinks = 40

export function calculatePathInC(world: World, input: GetpathInput): StartPaths {
  const { interpreter, executable, flags } = input
  const { version } = interpreter
  const { paths } = world
  const python2 = version.major === 2
  const problems: StartProblem[] = []
  const home = pythonHome(world, interpreter, flags)
  const platlibdir = platlibdirOf(world, input)
  const library = `${platlibdir}/python${version.major}.${version.minor}`

  let start = paths.cut(resolveLinks(world, executable))
  if (interpreter.framework !== undefined) start = interpreter.prefix
  if (!python2) start = homeOfCfg(world, start) ?? start

  const hasModule = (directory: string): boolean => {
    const landmark = paths.join(directory, 'os.py')
    return world.isFile(landmark) || world.isFile(`${landmark}c`)
  }
  const hasDirectory = (directory: string): boolean => world.isDirectory(directory)

  const [homePrefix, homeExecPrefix] = splitHome(home)
  const prefixFound =
    home === undefined ? search(world, start, library, interpreter.prefix, hasModule) : paths.join(homePrefix, library)
  const prefixLibrary = prefixFound ?? paths.join(interpreter.prefix, library)
  const dynload = `${library}/lib-dynload`
  const execFound =
    home === undefined
      ? search(world, start, dynload, interpreter.execPrefix, hasDirectory)
      : paths.join(homeExecPrefix, dynload)
  const execLibrary = execFound ?? paths.join(interpreter.execPrefix, platlibdir, 'lib-dynload')
  const prefix = prefixFound === undefined ? interpreter.prefix : cut(world, prefixFound, 2) || '/'
  const execPrefix = execFound === undefined ? interpreter.execPrefix : cut(world, execFound, 3) || '/'
  if (prefixFound === undefined) {
    problems.push({
      from: { kind: 'rule', rule: 'getpath' },
      what: `no ${library}/os.py in or above ${start}, nor under ${interpreter.prefix}, for which Python was built`,
      fatal: false,
    })
  }

  const zipParent = prefixFound === undefined ? interpreter.prefix : cut(world, prefixFound, 2)
  const zip = paths.join(zipParent, platlibdir, `python${version.major}${version.minor}.zip`)
  const entries: NewEntry[] = [
    ...pythonPathEntries(world, pythonPathVariable(world, interpreter, flags), (path) => path),
  ]
  const foundBy =
    home === undefined
      ? ({ kind: 'rule', rule: `found from ${start}` } as const)
      : ({ kind: 'variable', variable: 'PYTHONHOME' } as const)
  entries.push({ path: zip, kind: 'zip', why: 'the standard library, where it is kept in one zip file', from: foundBy })
  for (const [index, part] of defaultParts(world, input, prefixLibrary).entries()) {
    const why = index === 0 ? 'the standard library' : 'a part of the standard library'
    entries.push({
      path: part === '' ? prefixLibrary : paths.join(prefixLibrary, part),
      kind: 'stdlib',
      why,
      from: foundBy,
    })
  }
  entries.push({
    path: execLibrary,
    kind: 'extensions',
    why: 'the parts of the standard library that are written in C',
    from: foundBy,
  })
  return {
    executable,
    prefix,
    execPrefix,
    basePrefix: prefix,
    baseExecPrefix: execPrefix,
    platlibdir: isAtLeast(interpreter, 3, 9) ? platlibdir : 'lib',
    stdlib: prefixLibrary,
    entries: splitAtDelimiters(world, entries),
    problems,
  }
}

/** PLATLIBDIR is compiled in; since 3.9 a variable replaces it. */
function platlibdirOf(world: World, { interpreter, flags }: GetpathInput): string {
  const variable = flags.ignoreEnvironment ? undefined : world.variable('PYTHONPLATLIBDIR')
  if (variable === undefined || variable === '' || !isAtLeast(interpreter, 3, 9)) return interpreter.platlibdir
  world.say({ kind: 'variable', variable: 'PYTHONPLATLIBDIR' }, `the standard library is looked for in ${variable}/`)
  return variable
}

function resolveLinks(world: World, executable: string): string {
  let path = executable
  for (let count = 0; count < mostLinks; count += 1) {
    const target = world.readLink(path)
    if (target === undefined) return path
    path = world.paths.join(world.paths.cut(path), target)
  }
  return path
}

/** pyvenv.cfg beside the executable (its links resolved) or one level up: `home` says where to search instead. */
function homeOfCfg(world: World, directory: string): string | undefined {
  const { paths } = world
  for (const place of [directory, paths.cut(directory)]) {
    const file = paths.join(place, 'pyvenv.cfg')
    const text = world.text(file)
    if (text === undefined) continue
    // The C reader wants the key in lower case and a space or tab on both sides of `=`.
    for (const [index, line] of text.split('\n').entries()) {
      const match = /^[ \t\r]*home[ \t\r]+[ \t]*=[ \t]([^\r\n]+)/.exec(line)
      if (match === null) continue
      world.say({ kind: 'file', file, line: index + 1 }, `the base Python is searched from ${match[1]}`)
      return match[1]
    }
    return undefined
  }
  return undefined
}

function splitHome(home: string | undefined): readonly [string, string] {
  if (home === undefined) return ['', '']
  const at = home.indexOf(':')
  return at === -1 ? [home, home] : [home.slice(0, at), home.slice(at + 1)]
}

/** The landmark in `start` or a directory above it, else under the compiled-in prefix. */
function search(
  world: World,
  start: string,
  landmark: string,
  compiledIn: string,
  test: (path: string) => boolean,
): string | undefined {
  const { paths } = world
  let directory = paths.isAbsolute(start) ? start : paths.join(world.host.cwd, start.replace(/^\.\//, ''))
  do {
    const candidate = paths.join(directory, landmark)
    if (test(candidate)) return candidate
    directory = paths.cut(directory)
  } while (directory !== '')
  const last = paths.join(compiledIn, landmark)
  return test(last) ? last : undefined
}

function cut(world: World, path: string, times: number): string {
  let result = path
  for (let count = 0; count < times; count += 1) result = world.paths.cut(result)
  return result
}

/** The compiled-in PYTHONPATH, relative to the standard library. */
function defaultParts(world: World, { interpreter }: GetpathInput, library: string): readonly string[] {
  const { major, minor } = interpreter.version
  // 3.6 still has the empty place of 2.7's platform directory, and so the standard library twice.
  if (major === 3) return minor <= 6 ? ['', ''] : ['']
  const platform = (world.names(interpreter.stdlib) ?? world.names(library) ?? []).find((name) =>
    name.startsWith('plat-'),
  )
  const mac = interpreter.platform === 'darwin' ? ['plat-mac', 'plat-mac/lib-scriptpackages'] : []
  const name = interpreter.platform === 'linux' ? 'linux2' : interpreter.platform
  return ['', mac.length > 0 ? 'plat-darwin' : (platform ?? `plat-${name}`), ...mac, 'lib-tk', 'lib-old']
}

/** getpath hands its result on as one string with `:` between: a directory with a colon in its name falls apart. */
function splitAtDelimiters(world: World, entries: readonly NewEntry[]): readonly NewEntry[] {
  return entries.flatMap((entry) => entry.path.split(world.paths.delimiter).map((path) => ({ ...entry, path })))
}
