// Check 13: variables and settings that change where Python looks or where pip puts things, each with the file and line that sets it.

import { type Host, variable } from '../../../host/host.ts'
import { ifReadable } from '../../quietly.ts'
import type { Found, Severity, ShellCheck } from '../check.ts'

interface Meddler {
  readonly name: string
  readonly severity: Severity
  readonly effect: string
  /** Values that do nothing. */
  readonly harmless?: RegExp
}

const off = /^(?:0|false|no|off|n|f)$/i

const meddlers: readonly Meddler[] = [
  {
    name: 'PYTHONHOME',
    severity: 'error',
    effect:
      'every Python takes its standard library from there, the ones of other versions too, which then do not start',
  },
  {
    name: 'PYTHONPATH',
    severity: 'warning',
    effect: "its directories come before an environment's own packages, whatever the version they were installed for",
  },
  { name: '__PYVENV_LAUNCHER__', severity: 'warning', effect: 'Python on macOS takes itself for another executable' },
  { name: 'PYTHONEXECUTABLE', severity: 'warning', effect: 'Python on macOS takes itself for another executable' },
  {
    name: 'PYTHONPLATLIBDIR',
    severity: 'warning',
    effect: 'Python looks for its compiled modules in another directory',
  },
  {
    name: 'PYTHONUSERBASE',
    severity: 'note',
    effect: 'packages installed with --user go there and are looked for there',
  },
  { name: 'PIP_TARGET', severity: 'warning', effect: 'pip installs into that directory and not into the environment' },
  { name: 'PIP_PREFIX', severity: 'warning', effect: 'pip installs under that prefix and not into the environment' },
  { name: 'PIP_ROOT', severity: 'warning', effect: 'pip installs under that directory and not into the environment' },
  {
    name: 'PIP_PYTHON',
    severity: 'warning',
    effect: 'pip works on that Python, whichever environment it is called from',
  },
  {
    name: 'PIP_USER',
    severity: 'warning',
    effect: "pip installs into the user's own site-packages; inside an environment it fails",
    harmless: off,
  },
  {
    name: 'UV_SYSTEM_PYTHON',
    severity: 'note',
    effect: "`uv pip` works on the machine's Python and not on the environment",
    harmless: off,
  },
]

export const variablesCheck: ShellCheck = {
  id: 'variables',
  title: 'no variable or setting redirects Python or pip',
  scope: 'shell',
  run({ host }, environment) {
    return [...meddlingVariables(host), ...pipSettings(host, environment?.root), ...distutilsSettings(host)]
  },
}

function meddlingVariables(host: Host): readonly Found[] {
  const found: Found[] = []
  for (const { name, severity, effect, harmless } of meddlers) {
    const value = variable(host, name)
    if (value === undefined || value === '' || harmless?.test(value) === true) continue
    const setAt = whereSet(host, name)
    found.push({
      severity,
      what: `${name} is set: ${value}`,
      why: `${effect}${setAt === undefined ? '' : `; ${setAt} sets it`}`,
      fix: [
        host.platform === 'win32' ? `set ${name}=` : `unset ${name}`,
        ...(setAt === undefined ? [] : [`and take it out of ${setAt}`]),
      ],
    })
  }
  return found
}

/** The first line of the shells' start-up files that sets the variable: "~/.bashrc:12". */
function whereSet(host: Host, name: string): string | undefined {
  const { files, path, home } = host
  if (host.platform === 'win32') return undefined
  const own =
    home === undefined
      ? []
      : [
          '.bashrc',
          '.bash_profile',
          '.bash_login',
          '.profile',
          '.zshrc',
          '.zshenv',
          '.zprofile',
          '.zlogin',
          '.config/fish/config.fish',
          '.cshrc',
          '.tcshrc',
          '.login',
          '.kshrc',
          '.mkshrc',
          '.pam_environment',
          '.config/environment.d/python.conf',
          '.envrc',
        ].map((file) => path.join(home, file))
  const system = [
    '/etc/environment',
    '/etc/profile',
    '/etc/bash.bashrc',
    '/etc/bashrc',
    '/etc/zsh/zshenv',
    '/etc/zshenv',
  ]
  const pattern = new RegExp(
    `^\\s*(?:export\\s+|setenv\\s+|set\\s+-[a-zA-Z]*x[a-zA-Z]*\\s+|typeset\\s+-x\\s+)?${name}(?:=|\\s+\\S)`,
  )
  for (const file of [...own, ...system]) {
    const lines = ifReadable(() => files.readText(file))?.split('\n') ?? []
    const index = lines.findIndex((line) => pattern.test(line))
    if (index !== -1) return `${file}:${index + 1}`
  }
  return undefined
}

/** Options of pip's that send an installation elsewhere. */
const elsewhere: ReadonlyMap<string, string> = new Map([
  ['target', 'pip installs into that directory and not into the environment'],
  ['prefix', 'pip installs under that prefix and not into the environment'],
  ['root', 'pip installs under that directory and not into the environment'],
  ['user', "pip installs into the user's own site-packages; inside an environment it fails"],
  ['python', 'pip works on that Python, whichever environment it is called from'],
])

function pipSettings(host: Host, root: string | undefined): readonly Found[] {
  return pipFiles(host, root).flatMap((file) =>
    settings(host, file).flatMap(({ section, key, value, line }) => {
      const effect = elsewhere.get(key.replaceAll('_', '-'))
      if (effect === undefined || (section !== 'global' && section !== 'install') || value === '' || off.test(value))
        return []
      return [
        {
          severity: 'warning' as const,
          what: `${file}:${line} says ${key} = ${value}`,
          why: effect,
          fix: [`take the line out: pip config unset ${section}.${key}`],
        },
      ]
    }),
  )
}

/** pip's configuration files, the machine's first. */
function pipFiles(host: Host, root: string | undefined): readonly string[] {
  const { path, home, platform } = host
  const windows = platform === 'win32'
  const name = windows ? 'pip.ini' : 'pip.conf'
  const under = (directory: string | undefined, ...parts: readonly string[]): string[] =>
    directory === undefined || directory === '' ? [] : [path.join(directory, ...parts, name)]
  const given = variable(host, 'PIP_CONFIG_FILE')
  const files = [
    ...(windows
      ? under(variable(host, 'PROGRAMDATA') ?? 'C:\\ProgramData', 'pip')
      : platform === 'darwin'
        ? ['/Library/Application Support/pip/pip.conf']
        : [
            ...(variable(host, 'XDG_CONFIG_DIRS') ?? '/etc/xdg')
              .split(':')
              .map((directory) => path.join(directory, 'pip', name)),
            '/etc/pip.conf',
          ]),
    ...under(home, windows ? 'pip' : '.pip'),
    ...(windows ? under(variable(host, 'APPDATA'), 'pip') : []),
    ...(platform === 'darwin' ? under(home, 'Library', 'Application Support', 'pip') : []),
    ...(windows
      ? []
      : variable(host, 'XDG_CONFIG_HOME')
        ? under(variable(host, 'XDG_CONFIG_HOME'), 'pip')
        : under(home, '.config', 'pip')),
    ...under(root),
    ...(given === undefined || given === '' ? [] : [path.resolve(host.cwd, given)]),
  ]
  return [...new Set(files)].filter((file) => path.isAbsolute(file))
}

/** distutils and old setuptools read it at every `setup.py install`. */
function distutilsSettings(host: Host): readonly Found[] {
  if (host.home === undefined) return []
  const file = host.path.join(host.home, host.platform === 'win32' ? 'pydistutils.cfg' : '.pydistutils.cfg')
  return settings(host, file).flatMap(({ section, key, value, line }) => {
    if (section !== 'install' && section !== 'easy_install') return []
    if (
      !/^(?:prefix|exec[-_]prefix|home|user|install[-_](?:base|lib|purelib|platlib|scripts|data|dir)|root|script[-_]dir)$/.test(
        key,
      )
    )
      return []
    return [
      {
        severity: 'warning' as const,
        what: `${file}:${line} says ${key} = ${value}`,
        why: '`setup.py install`, and pip where it builds the old way, put things there and not into the environment',
        fix: [`take the line out of ${file}`],
      },
    ]
  })
}

interface Setting {
  readonly section: string
  readonly key: string
  readonly value: string
  /** From 1. */
  readonly line: number
}

/** The `key = value` lines of an INI file. Continuation lines add nothing to the options looked for here. */
function settings(host: Host, file: string): readonly Setting[] {
  const text = ifReadable(() => host.files.readText(file))
  let section = ''
  return (text?.split(/\r?\n/) ?? []).flatMap((content, index) => {
    const header = /^\[([^\]]+)\]/.exec(content)
    if (header !== null) section = header[1]!
    const pair = /^([^\s#;[=:][^=:]*?)\s*[=:]\s*(.*?)\s*$/.exec(content)
    if (header !== null || pair === null) return []
    return [{ section, key: pair[1]!.toLowerCase(), value: pair[2]!, line: index + 1 }]
  })
}
