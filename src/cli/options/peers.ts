// The command lines of `python -m venv` and `virtualenv`, option for option, in argparse's grammar. What each option does under
// den is in docs/reference/flags-of-the-peers.md; a test compares this table with the peers' own parsers.

import type { Command, Option } from './option.ts'

const since = '0.1.0'

const help: Option<boolean> = { name: 'help', short: 'h', kind: 'flag', help: 'show this help message and exit', since }

/** den's own additions to a peer's grammar: never in the way of the peer's abbreviations. */
function addition<Value extends Option>(option: Value): Value {
  return { ...option, addition: true, group: 'den’s additions' }
}

const jsonAddition: Option<boolean> = addition({
  name: 'json',
  kind: 'flag',
  help: 'answer with one JSON document on stdout, errors included',
  since,
})

const dryRunAddition: Option<boolean> = addition({
  name: 'dry-run',
  kind: 'flag',
  help: 'show what would be made, and make nothing',
  since,
})

export const venvOptions: {
  readonly systemSitePackages: Option<boolean>
  readonly symlinks: Option<boolean>
  readonly copies: Option<boolean>
  readonly clear: Option<boolean>
  readonly upgrade: Option<boolean>
  readonly withoutPip: Option<boolean>
  readonly prompt: Option<string>
  readonly upgradeDeps: Option<boolean>
  readonly withoutScmIgnoreFiles: Option<boolean>
  readonly python: Option<string>
  readonly json: Option<boolean>
  readonly dryRun: Option<boolean>
} = {
  systemSitePackages: {
    name: 'system-site-packages',
    kind: 'flag',
    help: 'give the environment access to the packages of its base Python',
    since,
  },
  symlinks: {
    name: 'symlinks',
    kind: 'flag',
    excludes: 'links',
    help: 'link to the base Python rather than copy it, where copying is the platform’s default',
    since,
  },
  copies: {
    name: 'copies',
    kind: 'flag',
    excludes: 'links',
    help: 'copy the base Python rather than link to it, even where linking is the platform’s default',
    since,
  },
  clear: { name: 'clear', kind: 'flag', help: 'remove the environment that is there first', since },
  upgrade: {
    name: 'upgrade',
    kind: 'flag',
    help: 'make the environment that is there use this Python, assumed to have been upgraded in place',
    since,
  },
  withoutPip: { name: 'without-pip', kind: 'flag', help: 'do not install or upgrade pip (otherwise it is)', since },
  prompt: { name: 'prompt', kind: 'text', value: 'PROMPT', help: 'another prompt prefix for this environment', since },
  upgradeDeps: {
    name: 'upgrade-deps',
    kind: 'flag',
    help: 'upgrade pip (and setuptools before Python 3.12) to the latest version on the index',
    since,
  },
  withoutScmIgnoreFiles: {
    name: 'without-scm-ignore-files',
    kind: 'flag',
    help: 'add no .gitignore to the environment',
    since,
  },
  python: addition({
    name: 'python',
    short: 'p',
    kind: 'text',
    value: 'SPEC',
    variable: 'DEN_PYTHON',
    completes: 'python',
    help: 'the base Python: 3.12, pypy3.10, a path; .python-version, else the first on PATH, unless said',
    since,
  }),
  json: jsonAddition,
  dryRun: dryRunAddition,
}

const venv: Command = {
  name: 'venv',
  group: 'the peers’ own command lines',
  summary: 'Create environments with the options of python -m venv',
  about: [
    'Takes what the newest python -m venv takes, for every Python from 2.7 on. pip comes from the base Python’s own ensurepip.',
    'Without ENV_DIR it is .venv (PEP 832).',
  ],
  examples: [{ line: 'den venv env', says: 'as python -m venv env' }],
  operands: [{ name: 'ENV_DIR', help: 'a directory to create the environment in', many: true, completes: 'directory' }],
  options: [help, ...Object.values(venvOptions)],
  grammar: 'argparse',
  schema: 1,
  since,
  load: () => import('../compat/venv.ts'),
}

const seeder = 'seeder'
const creator = 'creator'
const discovery = 'discovery'
const verbosity = 'verbosity'

export const virtualenvOptions: {
  readonly version: Option<boolean>
  readonly withTraceback: Option<boolean>
  readonly verbose: Option<number>
  readonly quiet: Option<number>
  readonly readOnlyAppData: Option<boolean>
  readonly appData: Option<string>
  readonly resetAppData: Option<boolean>
  readonly upgradeEmbedWheels: Option<boolean>
  readonly discovery: Option<string>
  readonly python: Option<readonly string[]>
  readonly tryFirstWith: Option<readonly string[]>
  readonly creator: Option<string>
  readonly clear: Option<boolean>
  readonly noVcsIgnore: Option<boolean>
  readonly venvRedirect: Option<boolean>
  readonly systemSitePackages: Option<boolean>
  readonly symlinks: Option<boolean>
  readonly copies: Option<boolean>
  readonly seeder: Option<string>
  readonly noSeed: Option<boolean>
  readonly download: Option<boolean>
  readonly extraSearchDir: Option<readonly string[]>
  readonly pip: Option<string>
  readonly setuptools: Option<string>
  readonly wheel: Option<string>
  readonly noPip: Option<boolean>
  readonly noSetuptools: Option<boolean>
  readonly noWheel: Option<boolean>
  readonly noPeriodicUpdate: Option<boolean>
  readonly symlinkAppData: Option<boolean>
  readonly activators: Option<readonly string[]>
  readonly prompt: Option<string>
  readonly json: Option<boolean>
  readonly dryRun: Option<boolean>
} = {
  version: { name: 'version', kind: 'flag', alone: true, help: 'print the version and exit', since },
  withTraceback: {
    name: 'with-traceback',
    kind: 'flag',
    help: 'on failure also print where in den it arose',
    since,
  },
  verbose: {
    name: 'verbose',
    short: 'v',
    kind: 'count',
    help: 'say more',
    group: verbosity,
    excludes: 'verbosity',
    since,
  },
  quiet: { name: 'quiet', short: 'q', kind: 'count', help: 'say less', group: verbosity, excludes: 'verbosity', since },
  readOnlyAppData: {
    name: 'read-only-app-data',
    kind: 'flag',
    help: 'accepted; den keeps no such folder, and works with a home it cannot write to',
    since,
  },
  appData: {
    name: 'app-data',
    kind: 'text',
    value: 'DIR',
    completes: 'directory',
    help: 'keep den’s cache in DIR for this command',
    since,
  },
  resetAppData: {
    name: 'reset-app-data',
    kind: 'flag',
    help: 'remove den’s cache first (with --app-data: that folder’s)',
    since,
  },
  upgradeEmbedWheels: {
    name: 'upgrade-embed-wheels',
    kind: 'flag',
    alone: true,
    help: 'answered with a sentence: den embeds no wheels',
    since,
  },
  discovery: {
    name: 'discovery',
    kind: 'text',
    value: 'METHOD',
    choices: ['builtin'],
    help: 'how interpreters are found: builtin is den’s own way',
    group: discovery,
    since,
  },
  python: {
    name: 'python',
    short: 'p',
    kind: 'list',
    value: 'py',
    completes: 'python',
    help: 'the base Python (a path, a name, a version specifier); may be given more than once: the first found wins',
    group: discovery,
    since,
  },
  tryFirstWith: {
    name: 'try-first-with',
    kind: 'list',
    value: 'py_exe',
    completes: 'file',
    help: 'try these interpreters before looking for others',
    group: discovery,
    since,
  },
  creator: {
    name: 'creator',
    kind: 'text',
    value: 'NAME',
    choices: [
      'builtin',
      'cpython3-posix',
      'cpython3-win',
      'cpython3-mac-framework',
      'cpython3-mac-brew',
      'pypy3-posix',
      'pypy3-win',
      'graalpy-posix',
      'graalpy-win',
      'rustpython-posix',
      'rustpython-win',
      'venv',
    ],
    help: 'builtin: the layout that the interpreter asks for; another name must be the one it asks for; venv: as python -m venv lays it out',
    group: creator,
    since,
  },
  clear: { name: 'clear', kind: 'flag', help: 'remove the environment that is there first', group: creator, since },
  noVcsIgnore: { name: 'no-vcs-ignore', kind: 'flag', help: 'write no .gitignore', group: creator, since },
  venvRedirect: {
    name: 'venv-redirect',
    kind: 'flag',
    negations: ['no-venv-redirect'],
    help: 'write a .venv file beside the environment that leads to it (PEP 832); unset: only beside a pyproject.toml without .venv',
    group: creator,
    since,
  },
  systemSitePackages: {
    name: 'system-site-packages',
    kind: 'flag',
    help: 'give the environment access to the packages of its base Python',
    group: creator,
    since,
  },
  symlinks: {
    name: 'symlinks',
    kind: 'flag',
    excludes: 'links',
    help: 'link to the base Python rather than copy it, where copying is the platform’s default',
    group: creator,
    since,
  },
  copies: {
    name: 'copies',
    aliases: ['always-copy'],
    kind: 'flag',
    excludes: 'links',
    help: 'copy the base Python rather than link to it',
    group: creator,
    since,
  },
  seeder: {
    name: 'seeder',
    kind: 'text',
    value: 'METHOD',
    choices: ['app-data', 'pip'],
    help: 'accepted; den installs pip from its store either way',
    group: seeder,
    since,
  },
  noSeed: {
    name: 'no-seed',
    aliases: ['without-pip'],
    kind: 'flag',
    help: 'install no seed packages',
    group: seeder,
    since,
  },
  download: {
    name: 'download',
    kind: 'flag',
    negations: ['no-download', 'never-download'],
    excludes: 'download',
    help: 'take the latest seed packages from the index',
    group: seeder,
    since,
  },
  extraSearchDir: {
    name: 'extra-search-dir',
    kind: 'list',
    value: 'd',
    greedy: true,
    completes: 'directory',
    help: 'directories that hold wheels of the seed packages',
    group: seeder,
    since,
  },
  pip: {
    name: 'pip',
    kind: 'text',
    value: 'version',
    help: 'pip’s version: embed, bundle, none or an exact one',
    group: seeder,
    since,
  },
  setuptools: {
    name: 'setuptools',
    kind: 'text',
    value: 'version',
    help: 'setuptools’ version: embed, bundle, none or an exact one',
    group: seeder,
    since,
  },
  wheel: {
    name: 'wheel',
    kind: 'text',
    value: 'version',
    help: 'wheel’s version; only Pythons up to 3.8 get one unless an exact one is given',
    group: seeder,
    hidden: true,
    since,
  },
  noPip: { name: 'no-pip', kind: 'flag', help: 'do not install pip', group: seeder, since },
  noSetuptools: { name: 'no-setuptools', kind: 'flag', help: 'do not install setuptools', group: seeder, since },
  noWheel: { name: 'no-wheel', kind: 'flag', help: 'do not install wheel', group: seeder, hidden: true, since },
  noPeriodicUpdate: {
    name: 'no-periodic-update',
    kind: 'flag',
    help: 'accepted; den never updates by itself',
    group: seeder,
    since,
  },
  symlinkAppData: {
    name: 'symlink-app-data',
    kind: 'flag',
    help: 'accepted; den shares files with its store by clone or hard link',
    group: seeder,
    since,
  },
  activators: {
    name: 'activators',
    kind: 'list',
    value: 'comma_sep_list',
    commas: true,
    choices: ['bash', 'batch', 'cshell', 'fish', 'nushell', 'powershell', 'python', 'xonsh'],
    help: 'the activation scripts to write; all unless said',
    group: 'activators',
    since,
  },
  prompt: {
    name: 'prompt',
    kind: 'text',
    value: 'prompt',
    help: 'another prompt prefix; . is the current directory’s name',
    group: 'activators',
    since,
  },
  json: jsonAddition,
  dryRun: dryRunAddition,
}

const virtualenv: Command = {
  name: 'virtualenv',
  group: 'the peers’ own command lines',
  summary: 'Create an environment with the options of virtualenv',
  about: [
    'Takes what virtualenv 21 takes, reads its VIRTUALENV_* variables and virtualenv.ini, and does it for every Python from 2.7 on.',
  ],
  examples: [{ line: 'den virtualenv -p 3.12 env', says: 'as virtualenv -p 3.12 env' }],
  operands: [
    { name: 'dest', help: 'the directory to create the environment in', required: true, completes: 'directory' },
  ],
  options: [help, ...Object.values(virtualenvOptions)],
  grammar: 'argparse',
  schema: 1,
  since,
  load: () => import('../compat/virtualenv.ts'),
}

export const peerCommands: readonly Command[] = [venv, virtualenv]
