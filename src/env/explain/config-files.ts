// Files outside Python that have a say in what python and pip do here: pip.conf in its places, distutils' files, .python-version.
// Only those that are there are told, with the lines that matter.

import { isDenError } from '../../base/error.ts'
import { tryParseUrl } from '../../base/safe-url.ts'
import { type IniFile, parseIni } from '../../format/ini.ts'
import { type Host, variable } from '../../host/host.ts'
import type { Interpreter } from '../../python/interpreter.ts'
import { ifReadable } from '../quietly.ts'
import { isAtLeast } from './flags.ts'

export interface FileExplanation {
  readonly path: string
  /** Who reads it. */
  readonly reader: string
  readonly says: string
  /** The lines that matter, as they stand. */
  readonly lines: readonly { readonly line: number; readonly text: string }[]
}

export interface ConfigFilesRequest {
  /** The environment explained. */
  readonly root?: string | undefined
  readonly interpreter?: Interpreter | undefined
}

/** Options of pip.conf that change where things are installed or come from. */
const pipOptions: readonly string[] = [
  'target',
  'prefix',
  'user',
  'root',
  'python',
  'require-virtualenv',
  'index-url',
  'extra-index-url',
  'find-links',
  'no-index',
  'break-system-packages',
]

export function explainConfigFiles(host: Host, request: ConfigFilesRequest): readonly FileExplanation[] {
  return [...pythonVersionFiles(host), ...pipFiles(host, request), ...distutilsFiles(host, request)]
}

/** The nearest .python-version, and pyenv's own. */
function pythonVersionFiles(host: Host): readonly FileExplanation[] {
  const { path, cwd } = host
  const found: FileExplanation[] = []
  for (let directory = cwd; ; directory = path.dirname(directory)) {
    const file = path.join(directory, '.python-version')
    const text = ifReadable(() => host.files.readText(file))
    if (text !== undefined) {
      const says = 'the Python that this directory and those below it ask for'
      found.push({ path: file, reader: 'pyenv, uv, mise and den', says, lines: firstLines(text) })
      break
    }
    if (directory === path.dirname(directory)) break
  }
  return found
}

function firstLines(text: string): FileExplanation['lines'] {
  return text
    .split(/\r?\n/)
    .map((line, index) => ({ line: index + 1, text: line.trim() }))
    .filter(({ text: line }) => line !== '' && !line.startsWith('#'))
    .slice(0, 3)
}

/** pip reads the machine's, the user's, the environment's and PIP_CONFIG_FILE, in this order; a later one wins. */
function pipFiles(host: Host, { root }: ConfigFilesRequest): readonly FileExplanation[] {
  const { path, home } = host
  const named = variable(host, 'PIP_CONFIG_FILE')
  // os.devnull turns all of them off.
  if (named === '/dev/null' || named?.toLowerCase() === 'nul') return []
  const name = host.platform === 'win32' ? 'pip.ini' : 'pip.conf'
  const places: string[] = []
  const under = (directory: string | undefined, ...parts: readonly string[]): void => {
    if (directory !== undefined && directory !== '') places.push(path.join(directory, ...parts, name))
  }
  if (host.platform === 'win32') {
    under(variable(host, 'ProgramData') ?? 'C:\\ProgramData', 'pip')
    under(home, 'pip')
    under(variable(host, 'APPDATA'), 'pip')
  } else {
    const shared = variable(host, 'XDG_CONFIG_DIRS') || '/etc/xdg'
    if (host.platform === 'darwin') under('/Library/Application Support', 'pip')
    else for (const directory of shared.split(':')) under(directory, 'pip')
    under('/etc')
    under(home, '.pip')
    const mac = home === undefined ? undefined : path.join(home, 'Library/Application Support')
    const ofMac =
      mac !== undefined && host.platform === 'darwin' && ifReadable(() => host.files.stat(path.join(mac, 'pip')))
    if (ofMac) under(mac, 'pip')
    else
      under(variable(host, 'XDG_CONFIG_HOME') || (home === undefined ? undefined : path.join(home, '.config')), 'pip')
  }
  under(root)
  if (named !== undefined && named !== '') places.push(path.resolve(host.cwd, named))
  return [...new Set(places)].flatMap((file) => {
    const ini = readIni(host, file)
    if (ini === undefined) return []
    const lines = linesOf(ini, (section, option) => pipOptions.includes(option) && section !== 'freeze')
    const says =
      lines.length === 0 ? 'options of pip; none of them changes where packages go or come from' : 'options of pip'
    return [{ path: file, reader: 'pip', says, lines }]
  })
}

/** distutils went with 3.12. An `[install] prefix` in one of its files sends `setup.py install` and old pips out of an environment. */
function distutilsFiles(host: Host, { interpreter }: ConfigFilesRequest): readonly FileExplanation[] {
  const { path, home } = host
  if (interpreter === undefined || isAtLeast(interpreter, 3, 12)) return []
  const user = host.platform === 'win32' ? 'pydistutils.cfg' : '.pydistutils.cfg'
  const places = [
    path.join(interpreter.stdlib, 'distutils', 'distutils.cfg'),
    ...(home === undefined ? [] : [path.join(home, user)]),
    path.join(host.cwd, 'setup.cfg'),
  ]
  return places.flatMap((file) => {
    const ini = readIni(host, file)
    const lines =
      ini === undefined ? [] : linesOf(ini, (section) => section === 'install' || section === 'easy_install')
    if (lines.length === 0) return []
    return [{ path: file, reader: 'distutils and setuptools', says: 'where setup.py installs', lines }]
  })
}

function readIni(host: Host, file: string): IniFile | undefined {
  const text = ifReadable(() => host.files.readText(file))
  if (text === undefined) return undefined
  try {
    return parseIni(text, { file, allowDuplicates: true })
  } catch (error) {
    if (isDenError(error, 'invalid-ini')) return undefined
    throw error
  }
}

function linesOf(ini: IniFile, matters: (section: string, option: string) => boolean): FileExplanation['lines'] {
  return [...ini.sections]
    .flatMap(([section, options]) =>
      [...options].flatMap(([option, { value, line }]) =>
        matters(section, option) ? [{ line, text: `[${section}] ${option} = ${hidden(value)}` }] : [],
      ),
    )
    .sort((a, b) => a.line - b.line)
}

function hidden(value: string): string {
  return value
    .split(/\s+/)
    .map((word) => (word.includes('://') ? String(tryParseUrl(word) ?? '****') : word))
    .join(' ')
}
