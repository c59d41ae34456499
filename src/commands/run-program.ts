// Which file a program's name means in an environment, and the variables that it gets. Loaded before anything else of den where all that
// comes before is remembered (cli/recall-run.ts), so it imports little.

import { closest } from '../base/closest.ts'
import { DenError } from '../base/error.ts'
import { systemPath } from '../env/system-path.ts'
import { type Host, variable } from '../host/host.ts'
import { readEnvFiles } from './env-files.ts'

/** An environment as a program in it sees it; the same for every program. */
export interface RunSettings {
  readonly root: string
  /** The environment was named, and would not be found by itself. */
  readonly named: boolean
  /** The directories of its programs, and those of the environment that is seen through it. */
  readonly own: readonly string[]
  readonly below: readonly string[]
  /** `.env` files, absolute, read for each run: they may hold passwords. What the environment sets goes over what they say. */
  readonly envFiles: readonly string[]
  readonly set: Readonly<Record<string, string>>
  readonly unset: readonly string[]
}

export interface ProgramWish {
  /** The program and its arguments; with `module`, a module and its arguments. */
  readonly command: readonly string[]
  /** A module of Python's: python -m. */
  readonly module?: boolean
  /** What Python is given, in place of the command: `-c` and a text, a file. */
  readonly python?: readonly string[]
}

export interface FoundProgram {
  readonly file: string
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
}

type Machine = Pick<Host, 'files' | 'path' | 'env' | 'platform' | 'cwd'>

/** Finds it. Throws `environment-broken`, `command-not-found`, `environment-without-pip`, `env-file-missing`. */
export function programIn(host: Machine, settings: RunSettings, wish: ProgramWish): FoundProgram {
  const { path } = host
  const { root, own, below } = settings
  const { variables } = readEnvFiles(host, settings.envFiles)
  const env: Record<string, string | undefined> = { ...host.env, ...Object.fromEntries(variables) }
  // An empty entry would stand for the working directory.
  const defaultPath = host.platform === 'win32' ? '' : systemPath
  const outer = variable({ env, platform: host.platform }, 'PATH') || defaultPath
  const searched = [...own, ...below, outer].filter(Boolean).join(path.delimiter)
  const pathName = Object.keys(env).find((name) => name.toUpperCase() === 'PATH' && host.platform === 'win32') ?? 'PATH'
  env[pathName] = searched
  for (const name of settings.unset) delete env[name]
  Object.assign(env, settings.set)
  const [command, ...args] = wish.command
  if (command === undefined) throw new DenError('command-not-found', { command: '', root })
  const isModule = wish.module === true
  const told = wish.python
  const isScript = !isModule && told === undefined && isForPython(host, command, searched)
  const program = isScript || isModule || told !== undefined ? 'python' : command
  const before = isModule ? ['-m', command] : isScript ? [asFile(command)] : []
  const file = findProgram(host, program, searched)
  refuseDangling(host, own, program, root)
  if (isPip(program) && (file === undefined || ![...own, ...below].includes(path.dirname(file)))) {
    const { named } = settings
    throw new DenError('environment-without-pip', {
      command,
      root,
      named,
      ...(file === undefined ? {} : { elsewhere: file }),
    })
  }
  if (file === undefined) {
    const near = nearest(host, settings, command)
    throw new DenError('command-not-found', { command, root, ...(near.length === 0 ? {} : { near }) })
  }
  if (below.includes(path.dirname(file)) && isPythonScript(host, file)) {
    // Its first line names the Python of its own environment, which does not see through this one.
    const python = findProgram(host, 'python', own.join(path.delimiter))
    if (python !== undefined) return { file: python, argv: ['python', file, ...args], env }
  }
  return { file, argv: [program, ...(told ?? [...before, ...args])], env }
}

/** Python takes what begins with a dash for its own options. */
export function asFile(word: string): string {
  return word.startsWith('-') ? `./${word}` : word
}

/** A Python file, an archive of some (zipapp), or a directory that Python can run where no program is called so. */
function isForPython(host: Machine, command: string, searched: string): boolean {
  const place = host.path.resolve(host.cwd, command)
  if (/\.py[wz]?$/.test(command)) return host.files.stat(place)?.kind === 'file'
  if (host.files.stat(host.path.join(place, '__main__.py'))?.kind !== 'file') return false
  return /[/\\]/.test(command) || findProgram(host, command, searched) === undefined
}

/** Of the environment's programs, and of the Python files in the directory that is meant. */
function nearest({ files, path, cwd }: Machine, { own, below }: RunSettings, command: string): readonly string[] {
  const names = (directory: string): readonly string[] => files.names(directory) ?? []
  const at = command.search(/[^/\\]*$/)
  const before = command.slice(0, at)
  const scripts = names(path.resolve(cwd, before || '.')).filter((name) => /\.pyw?$/.test(name))
  const programs = before === '' ? [...own, ...below].flatMap(names).map((name) => name.replace(/\.exe$/i, '')) : []
  const known = new Set([...programs.filter((name) => !/^activate|^deactivate/i.test(name)), ...scripts])
  return closest(command.slice(at), known).map((name) => `${before}${name}`)
}

/** A program that an installer has made: a few lines of Python with the environment's own in the first. */
function isPythonScript(host: Machine, file: string): boolean {
  const start = host.files.readBytes(file, { start: 0, length: 512 })
  const [first = ''] = new TextDecoder('latin1').decode(start ?? new Uint8Array()).split('\n')
  return first.startsWith('#!') && /python/.test(first)
}

/** pip by its bare name: the one that PATH has further on installs for another Python, which is never what is meant. */
function isPip(command: string): boolean {
  return /^pip(?:\d+(?:\.\d+)*)?(?:\.exe)?$/.test(command)
}

/** A Python of the environment whose link leads nowhere: the next one on PATH is another, without the environment's packages. */
function refuseDangling(host: Machine, own: readonly string[], program: string, root: string): void {
  if (!/^python(?:\d+(?:\.\d+)*)?$/.test(program)) return
  for (const directory of own) {
    const place = host.path.join(directory, program)
    if (host.files.lstat(place)?.kind !== 'link' || host.files.stat(place) !== undefined) continue
    const target = host.files.readLink(place) ?? 'nowhere'
    throw new DenError('environment-broken', { path: root, problem: `${place} leads to ${target}, which isn't there` })
  }
}

function findProgram(host: Machine, command: string, searched: string): string | undefined {
  const { path } = host
  const endings =
    host.platform === 'win32' ? ['', ...(variable(host, 'PATHEXT') ?? '.COM;.EXE;.BAT;.CMD').split(';')] : ['']
  const directories = /[/\\]/.test(command) ? [host.cwd] : searched.split(path.delimiter)
  for (const directory of directories) {
    // An empty entry of PATH means the working directory.
    const place = path.resolve(host.cwd, directory, command)
    for (const ending of endings) if (host.files.isExecutable(place + ending)) return place + ending
  }
  // A file that is there but may not be executed shall be told as such by the system.
  const place = path.resolve(host.cwd, command)
  return /[/\\]/.test(command) && host.files.stat(place) !== undefined ? place : undefined
}
