// Environment variables that have a say in which Python runs and where packages come from: Python's own, and those of the tools
// around it. Only those that are set are told, each with what it does.

import { tryParseUrl } from '../../base/safe-url.ts'
import type { Host } from '../../host/host.ts'
import type { Interpreter } from '../../python/interpreter.ts'
import { type EffectiveFlags, isAtLeast } from './flags.ts'

export interface VariableExplanation {
  readonly name: string
  /** As it is; credentials in addresses are hidden. */
  readonly value: string
  /** Who reads it: "python", "pip", "uv", … */
  readonly reader: string
  readonly says: string
  /** Whether it has a say for this Python, called this way. */
  readonly counts: boolean
  /** Whether it decides where Python, packages or environments are; the others only tune their tool. */
  readonly decides: boolean
}

interface KnownVariable {
  readonly name: string | RegExp
  readonly reader: string
  readonly says: string
  /** Since which 3.x Python reads it. */
  readonly since?: number
  /** Read although -E is given. */
  readonly evenIgnored?: boolean
  /** Tunes its tool, and decides nothing about places. */
  readonly minor?: boolean
}

const known: readonly KnownVariable[] = [
  { name: 'PYTHONPATH', reader: 'python', says: 'directories put on sys.path before the standard library' },
  { name: 'PYTHONHOME', reader: 'python', says: 'where the standard library is taken from, past any environment' },
  { name: 'PYTHONUSERBASE', reader: 'python', says: 'where the user site is', evenIgnored: true },
  { name: 'PYTHONNOUSERSITE', reader: 'python', says: 'leaves the user site out' },
  { name: 'PYTHONSAFEPATH', reader: 'python', says: "keeps the program's own directory off sys.path", since: 11 },
  { name: 'PYTHONPLATLIBDIR', reader: 'python', says: 'the name of the library directory (lib, lib64)', since: 9 },
  { name: 'PYTHONSTARTUP', reader: 'python', says: 'a file that the prompt runs first', minor: true },
  { name: 'PYTHONPYCACHEPREFIX', reader: 'python', says: 'where compiled files are kept', since: 8, minor: true },
  { name: 'PYTHONDONTWRITEBYTECODE', reader: 'python', says: 'no compiled files are written', minor: true },
  {
    name: 'PYTHONEXECUTABLE',
    reader: 'python',
    says: 'what Python takes for its own path',
    since: 11,
    evenIgnored: true,
  },
  {
    name: '__PYVENV_LAUNCHER__',
    reader: 'python',
    says: 'what Python takes for its own path; left over from a launcher, it sends Python into a wrong environment',
    since: 11,
    evenIgnored: true,
  },
  {
    name: 'VIRTUAL_ENV',
    reader: 'tools',
    says: 'the active environment, for the prompt, pip, uv and den; Python does not read it',
  },
  { name: 'VIRTUAL_ENV_PROMPT', reader: 'tools', says: 'the name in front of the prompt', minor: true },
  { name: 'VIRTUAL_ENV_DISABLE_PROMPT', reader: 'activation scripts', says: 'leaves the prompt alone', minor: true },
  { name: 'CONDA_PREFIX', reader: 'conda', says: "conda's active environment" },
  { name: 'CONDA_DEFAULT_ENV', reader: 'conda', says: "the name of conda's active environment" },
  {
    name: 'CONDA_SHLVL',
    reader: 'conda',
    says: 'how many conda environments are active, one over the other',
    minor: true,
  },
  {
    name: /^CONDA_(?:ENVS_PATH|ENVS_DIRS|PKGS_DIRS)$/,
    reader: 'conda',
    says: 'where conda keeps environments and packages',
  },
  { name: 'PIP_TARGET', reader: 'pip', says: 'pip installs into this directory instead of the environment' },
  { name: 'PIP_PREFIX', reader: 'pip', says: 'pip installs under this prefix instead of the environment' },
  { name: 'PIP_USER', reader: 'pip', says: 'pip installs into the user site' },
  { name: 'PIP_PYTHON', reader: 'pip', says: 'pip works for this Python instead of its own' },
  { name: 'PIP_REQUIRE_VIRTUALENV', reader: 'pip', says: 'pip refuses to work outside an environment' },
  { name: 'PIP_CONFIG_FILE', reader: 'pip', says: 'a configuration file that pip reads last' },
  { name: /^PIP_(?:EXTRA_)?INDEX_URL$/, reader: 'pip', says: 'where pip looks for packages' },
  { name: /^PIP_(?:FIND_LINKS|NO_INDEX)$/, reader: 'pip', says: 'where pip looks for packages' },
  { name: /^PIP_/, reader: 'pip', says: 'the same as the option of that name', minor: true },
  { name: 'UV_PYTHON', reader: 'uv', says: 'the Python that uv takes' },
  { name: 'UV_PROJECT_ENVIRONMENT', reader: 'uv', says: "the directory of uv's project environment" },
  { name: /^UV_(?:DEFAULT_INDEX|INDEX|INDEX_URL|EXTRA_INDEX_URL)$/, reader: 'uv', says: 'where uv looks for packages' },
  { name: 'UV_SYSTEM_PYTHON', reader: 'uv', says: 'uv installs outside any environment' },
  { name: /^UV_/, reader: 'uv', says: 'the same as the option of that name', minor: true },
  { name: 'PYENV_VERSION', reader: 'pyenv', says: "the version that pyenv's shims start, before any .python-version" },
  { name: 'PYENV_ROOT', reader: 'pyenv', says: 'where pyenv keeps its versions and shims', minor: true },
  {
    name: /^(?:PYENV_VIRTUAL_ENV|PYENV_DIR|PYENV_SHELL)$/,
    reader: 'pyenv',
    says: "set by pyenv's shell integration",
    minor: true,
  },
  { name: /^ASDF_(?:PYTHON_VERSION|DATA_DIR)$/, reader: 'asdf', says: "what asdf's shims start, and from where" },
  {
    name: /^MISE_(?:PYTHON_VERSION|DATA_DIR)$/,
    reader: 'mise',
    says: 'the Python that mise puts in place, and where from',
  },
  {
    name: /^(?:WORKON_HOME|PIPENV_\w+|POETRY_VIRTUALENVS_\w+|HATCH_ENV\w*)$/,
    reader: 'project tools',
    says: 'where they keep environments',
  },
  { name: /^DEN_(?!TEST_)/, reader: 'den', says: "den's own settings", minor: true },
]

/** The variables that are set and have to do with Python, in the order of the table. */
export function explainVariables(
  host: Pick<Host, 'env' | 'platform'>,
  interpreter: Interpreter | undefined,
  flags: EffectiveFlags | undefined,
): readonly VariableExplanation[] {
  const names = Object.keys(host.env).sort()
  const told = new Set<string>()
  return known.flatMap((variable) => {
    const matching = names.filter((name) => {
      const spelled = host.platform === 'win32' ? name.toUpperCase() : name
      const fits = typeof variable.name === 'string' ? spelled === variable.name : variable.name.test(spelled)
      return fits && !told.has(name) && host.env[name] !== undefined
    })
    return matching.map((name) => {
      told.add(name)
      const value = host.env[name]!
      const effect = effectOf(variable, value, interpreter, flags)
      const decides = effect.counts && variable.minor !== true
      return { name, value: withoutSecrets(value), reader: variable.reader, ...effect, decides }
    })
  })
}

function effectOf(
  variable: KnownVariable,
  value: string,
  interpreter: Interpreter | undefined,
  flags: EffectiveFlags | undefined,
): { readonly says: string; readonly counts: boolean } {
  const { says, reader, since, evenIgnored = false } = variable
  if (reader !== 'python') return { says, counts: value !== '' }
  if (flags?.ignoreEnvironment && !evenIgnored) return { says: `${says}; not now, under -E or -I`, counts: false }
  if (since !== undefined && interpreter !== undefined && !isAtLeast(interpreter, 3, since)) {
    return { says: `${says}; this Python does not know it (3.${since} and newer)`, counts: false }
  }
  return value === '' ? { says: `${says}; set, but empty`, counts: false } : { says, counts: true }
}

/** Addresses may hold a password. */
function withoutSecrets(value: string): string {
  return value
    .split(/(\s+)/)
    .map((word) =>
      /^[a-z][a-z0-9+.-]*:\/\//i.test(word)
        ? String(tryParseUrl(word) ?? word.replace(/\/\/[^/@]*@/, '//****@'))
        : word,
    )
    .join('')
}
