// den's own verbs for environments: create, run, shell, hook, explain, doctor, repair, env.

import {
  dryRun,
  environmentName,
  environmentPath,
  everyCommand,
  everyCommandButJson,
  linkMode,
  noSpawn,
  offline,
  python,
} from './common.ts'
import type { Command, Operand, Option } from './option.ts'
import { runOptions } from './project-run.ts'

const since = '0.1.0'

export const seed: Option<readonly string[]> = {
  name: 'seed',
  kind: 'list',
  value: 'WHAT',
  commas: true,
  variable: 'DEN_SEED',
  fallback: 'den',
  help: 'Packages to put in: none, den (a pip that is den’s), pip (the real one), or a list such as pip==24.0,setuptools',
  group: 'Packages',
  since,
}

export const withPackages: Option<readonly string[]> = {
  name: 'with',
  kind: 'list',
  value: 'REQUIREMENT',
  help: 'A package to put in: a new environment has it as soon as it is there; may be repeated',
  group: 'Packages',
  since,
}

export const withRequirements: Option<readonly string[]> = {
  name: 'requirement',
  short: 'r',
  kind: 'list',
  value: 'FILE',
  completes: 'file',
  help: 'The same for all that a requirements.txt or pylock.toml names; may be repeated',
  group: 'Packages',
  since,
}

export const clear: Option<boolean> = {
  name: 'clear',
  kind: 'flag',
  excludes: 'existing',
  help: 'Make anew the environment that is there; a directory that is none is left alone',
  since,
}

export const upgrade: Option<boolean> = {
  name: 'upgrade',
  kind: 'flag',
  excludes: 'existing',
  help: 'Point the environment that is there at this Python, and keep its packages',
  since,
}

export const copies: Option<boolean> = {
  name: 'copies',
  kind: 'flag',
  help: 'Copy the interpreter instead of linking to it',
  group: 'Python',
  since,
}

export const systemSitePackages: Option<boolean> = {
  name: 'system-site-packages',
  kind: 'flag',
  help: 'Let the environment see the packages of the Python it is made from',
  group: 'Python',
  since,
}

export const relocatable: Option<boolean> = {
  name: 'relocatable',
  kind: 'flag',
  variable: 'DEN_RELOCATABLE',
  help: 'Scripts and activation keep working after the environment is moved',
  since,
}

export const prompt: Option<string> = {
  name: 'prompt',
  kind: 'text',
  value: 'TEXT',
  fallback: "the directory's name",
  help: 'What the shell shows while the environment is active; . is the current directory’s name',
  since,
}

export const activators: Option<readonly string[]> = {
  name: 'activators',
  kind: 'list',
  value: 'LIST',
  commas: true,
  choices: ['bash', 'fish', 'csh', 'powershell', 'batch', 'nushell', 'xonsh', 'python'],
  fallback: 'all of them',
  help: 'The shells to write activation scripts for: bash (any POSIX shell), fish, csh, powershell, …',
  since,
}

export const noIgnoreFile: Option<boolean> = {
  name: 'no-ignore-file',
  kind: 'flag',
  help: 'Write no .gitignore into the environment',
  since,
}

export const redirect: Option<boolean> = {
  name: 'redirect',
  kind: 'flag',
  help: 'Write a .venv file beside the environment that leads tools to it (PEP 832)',
  since,
}

const environment: Operand = {
  name: 'PATH',
  help: 'the environment’s directory, its name, or a project that has one',
  completes: 'environment',
}

const selection =
  'Without PATH it is the environment the current directory is in, or the nearest .venv at or above it, else the active one.'

const createOptions: readonly Option[] = [
  environmentName,
  clear,
  upgrade,
  prompt,
  relocatable,
  activators,
  redirect,
  noIgnoreFile,
  dryRun,
  python,
  copies,
  systemSitePackages,
  noSpawn,
  seed,
  withPackages,
  withRequirements,
  linkMode,
  offline,
  ...everyCommand,
]

export const createCommand: Command = {
  name: 'create',
  aliases: ['env create'],
  group: 'environments',
  summary: 'Make an environment: .venv here, or a named one',
  about: [
    'Makes a virtual environment in milliseconds, without running Python. It is made beside its place and renamed, so that it is there whole or not at all.',
    'An environment that is already there with the same Python is left as it is; with another Python, den asks for --clear or --upgrade.',
    'Packages that are named with it are chosen once for all environments of the command, from the indexes that pip’s configuration and DEN_INDEX_URL name. A new environment appears with them in it; one that is there already gets them.',
  ],
  examples: [
    { line: 'den create', says: 'an environment in .venv' },
    { line: 'den create -p 3.12 --seed pip', says: 'with Python 3.12 and pip' },
    { line: 'den create -n science', says: 'a named environment, for use from anywhere: den run -n science python' },
    { line: 'den create one two three', says: 'several at once' },
    { line: 'den create -r requirements.txt one two', says: 'two with packages in them' },
  ],
  operands: [{ name: 'PATH', help: 'where to make it; .venv unless said', many: true, completes: 'directory' }],
  options: createOptions,
  schema: 1,
  since,
  load: () => import('../handlers/create.ts'),
}

export const runCommand: Command = {
  name: 'run',
  group: 'environments',
  summary: 'Run a command in the environment',
  about: [
    `Runs the command as if the environment were activated, and exits as it does. ${selection}`,
    'In a project the lock and the environment are brought up to date first, as den sync does; what else stands in the environment is left alone. A .env file beside pyproject.toml is read.',
    'A Python file that says what it needs (# /// script) has an environment of its own, kept in the cache; its Python and packages are what the block says, or what the lock beside it says (pylock.NAME.toml for NAME.py).',
    'What follows COMMAND belongs to it: den reads its own options only before.',
  ],
  examples: [
    { line: 'den run python app.py', says: 'the environment of this project' },
    { line: 'den run --with rich app.py', says: 'with one package more, for this run' },
    { line: 'den run https://example.org/tool.py', says: 'a script, with what it says it needs' },
    { line: 'den run -n science python', says: 'a named environment' },
  ],
  operands: [
    { name: 'COMMAND', help: 'the program to run', required: true, completes: 'program' },
    { name: 'ARGUMENT', help: 'what it is given', many: true, completes: 'file' },
  ],
  options: [environmentName, environmentPath, ...runOptions, ...everyCommandButJson],
  passThrough: true,
  handsOver: true,
  since,
  load: () => import('../handlers/run.ts'),
}

export const shellName: Option<string> = {
  name: 'shell',
  kind: 'text',
  value: 'SHELL',
  completes: 'shell',
  fallback: 'the shell den was called from, else $SHELL',
  help: 'The shell to start: bash, zsh, fish, … or a path',
  since,
}

// A copy of the list in env/hook.ts, which this table must not load; options/table.test.ts compares them.
const hookShells: readonly string[] = ['bash', 'zsh', 'sh', 'fish', 'nushell', 'xonsh', 'powershell']

export const shellCommand: Command = {
  name: 'shell',
  group: 'environments',
  summary: 'Start a shell with the environment activated',
  about: [`Your own shell, with its own settings, and the environment active in it. Leave it with exit. ${selection}`],
  operands: [environment],
  options: [environmentName, shellName, ...everyCommandButJson],
  handsOver: true,
  since,
  load: () => import('../handlers/shell.ts'),
}

export const hookCommand: Command = {
  name: 'hook',
  group: 'environments',
  summary: 'Print the code that activates environments as you change directory',
  about: [
    'Put the line below in your shell’s start-up file. From then on the .venv of a project is active while you are in it, and no longer when you leave.',
    'An environment that you activated yourself is never touched, and no script of the project is run: den’s own code sets the variables.',
  ],
  examples: [
    { line: 'eval "$(den hook bash)"', says: 'in ~/.bashrc' },
    { line: 'eval "$(den hook zsh)"', says: 'in ~/.zshrc' },
    { line: 'den hook fish | source', says: 'in ~/.config/fish/config.fish' },
  ],
  operands: [{ name: 'SHELL', help: 'the shell the code is for', required: true, choices: hookShells }],
  options: everyCommand,
  schema: 1,
  since,
  load: () => import('../handlers/hook.ts'),
}

const hookAllow: Command = {
  name: 'hook allow',
  group: 'environments',
  summary: 'Let the hook activate an environment that den did not make',
  about: [
    'The hook activates what den made by itself, and nothing that merely came with a checkout. This is how you trust another one.',
  ],
  operands: [environment],
  options: everyCommand,
  schema: 1,
  since,
  load: () => import('../handlers/hook-allow.ts'),
}

export const explainPython: Option<string> = {
  name: 'python',
  short: 'p',
  kind: 'text',
  value: 'SPEC',
  completes: 'python',
  help: 'Explain this Python instead of an environment',
  since,
}

export const explainFlags: Option<readonly string[]> = {
  name: 'flag',
  kind: 'list',
  value: 'FLAG',
  commas: true,
  choices: ['I', 'E', 's', 'S', 'P'],
  help: 'As if Python were started with this switch: I, E, s, S or P',
  since,
}

export const explainAliases: Option<string> = {
  name: 'aliases',
  kind: 'text',
  value: 'TEXT',
  help: 'The aliases of your shell, which only it knows: --aliases "$(alias)"',
  since,
}

export const explainCommand: Command = {
  name: 'explain',
  group: 'environments',
  summary: 'Explain an environment: where python, pip and imports come from, and why',
  about: [
    `Computes what Python would say of itself (sys.prefix, sys.path, site-packages) without running it, and names each file and variable that has a say. ${selection}`,
  ],
  examples: [
    { line: 'den explain', says: 'what is in effect here' },
    { line: 'den explain -p 3.12', says: 'a Python outside any environment' },
    { line: 'den explain --aliases "$(alias)"', says: 'with what only your shell knows' },
  ],
  operands: [environment],
  options: [environmentName, explainPython, explainFlags, explainAliases, noSpawn, ...everyCommand],
  schema: 1,
  since,
  load: () => import('../handlers/explain.ts'),
}

export const allEnvironments: Option<boolean> = {
  name: 'all',
  short: 'a',
  kind: 'flag',
  help: 'Every environment on this machine',
  since,
}

export const doctorCommand: Command = {
  name: 'doctor',
  group: 'environments',
  summary: 'Find out what is wrong with an environment',
  about: [
    `Looks for the ways in which environments break, without running Python, and says of each what it is, why, and what mends it. Exits with 1 when something is wrong. ${selection}`,
  ],
  operands: [environment],
  options: [environmentName, allEnvironments, ...everyCommand],
  schema: 1,
  since,
  load: () => import('../handlers/doctor.ts'),
}

export const checkCommand: Command = {
  name: 'check',
  group: 'environments',
  summary: 'Check every file of an environment against what was installed',
  about: [
    `Hashes each file of each package and compares it with what RECORD, and for den's own packages the store, say of it: what is missing, emptied or changed is named, and den repair puts it in again. Tells packages whose requirements are not met, and what den doctor finds. Exits with 1 when something is wrong. ${selection}`,
  ],
  operands: [environment],
  options: [environmentName, ...everyCommand],
  schema: 1,
  since,
  load: () => import('../handlers/check.ts'),
}

export const repairCommand: Command = {
  name: 'repair',
  group: 'environments',
  summary: 'Mend what den doctor and den check find, and keep the packages',
  about: [
    `Each file is replaced whole or not at all. Packages with files that are missing, emptied or changed are put in again in one transaction, from the store, or from where they came. ${selection}`,
  ],
  operands: [environment],
  options: [environmentName, python, offline, dryRun, ...everyCommand],
  schema: 1,
  since,
  load: () => import('../handlers/repair.ts'),
}

export const sizes: Option<boolean> = {
  name: 'size',
  kind: 'flag',
  help: 'Measure each one as well, which takes longer',
  since,
}

const envList: Command = {
  name: 'env list',
  aliases: ['env ls'],
  group: 'environments',
  summary: 'List the environments on this machine, whoever made them',
  operands: [{ name: 'DIR', help: 'also look in these directories', many: true, completes: 'directory' }],
  options: [sizes, ...everyCommand],
  schema: 1,
  since,
  load: () => import('../handlers/env-list.ts'),
}

export const force: Option<boolean> = {
  name: 'force',
  short: 'f',
  kind: 'flag',
  help: 'Even when it is active or in use',
  since,
}

const envRemove: Command = {
  name: 'env remove',
  aliases: ['env rm'],
  group: 'environments',
  summary: 'Remove environments',
  about: ['Only what is an environment is removed; links that lead out of it are not followed.'],
  operands: [{ ...environment, required: true, many: true }],
  options: [force, dryRun, ...everyCommand],
  schema: 1,
  since,
  load: () => import('../handlers/env-remove.ts'),
}

const to: Operand = { name: 'TO', help: 'the new directory', required: true, completes: 'directory' }

const envMove: Command = {
  name: 'env mv',
  aliases: ['env move'],
  group: 'environments',
  summary: 'Move an environment, and keep it working',
  about: [
    'Scripts, activation, pyvenv.cfg and records are rewritten for the new place; the environment is whole in one place or the other.',
  ],
  operands: [{ ...environment, required: true }, to],
  options: [force, dryRun, ...everyCommand],
  schema: 1,
  since,
  load: () => import('../handlers/env-move.ts'),
}

const envCopy: Command = {
  name: 'env cp',
  aliases: ['env copy'],
  group: 'environments',
  summary: 'Copy an environment, and make the copy work',
  operands: [{ ...environment, required: true }, to],
  options: [linkMode, dryRun, ...everyCommand],
  schema: 1,
  since,
  load: () => import('../handlers/env-copy.ts'),
}

const envSize: Command = {
  name: 'env size',
  group: 'environments',
  summary: 'Say what an environment takes on disk, shared and its own',
  operands: [{ ...environment, many: true }],
  options: [environmentName, ...everyCommand],
  schema: 1,
  since,
  load: () => import('../handlers/env-size.ts'),
}

export const environmentCommands: readonly Command[] = [
  createCommand,
  runCommand,
  shellCommand,
  hookCommand,
  hookAllow,
  explainCommand,
  doctorCommand,
  checkCommand,
  repairCommand,
  envList,
  envRemove,
  envMove,
  envCopy,
  envSize,
]
