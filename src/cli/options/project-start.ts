// Beginning a project, and the Python that it is worked on with.

import { dryRun, everyCommand, python } from './common.ts'
import type { Command, Option } from './option.ts'

const since = '0.1.0'
const kinds = 'What is begun'

const kindOption = (name: string, help: string): Option<boolean> => ({
  name,
  kind: 'flag',
  help,
  group: kinds,
  excludes: 'kind',
  since,
})

export const app: Option<boolean> = kindOption('app', 'A program (so it is unless said)')
export const lib: Option<boolean> = kindOption('lib', 'A library: installed, imported by others, with its types')
export const script: Option<boolean> = kindOption('script', 'One file that says itself what it needs, at PATH')

export const asPackage: Option<boolean> = {
  name: 'package',
  kind: 'flag',
  negations: ['no-package'],
  help: 'Whether it is built and installed: a program’s sources then stand in src/, and it is run by its name',
  group: kinds,
  since,
}

export const bare: Option<boolean> = {
  name: 'bare',
  kind: 'flag',
  help: 'Write pyproject.toml and nothing else',
  group: kinds,
  since,
}

export const buildBackend: Option<string> = {
  name: 'build-backend',
  kind: 'text',
  value: 'BACKEND',
  choices: ['hatch', 'setuptools', 'flit', 'pdm', 'poetry', 'uv'],
  variable: 'DEN_INIT_BUILD_BACKEND',
  fallback: 'hatch',
  help: 'What builds it; makes it a package',
  group: kinds,
  since,
}

export const projectName: Option<string> = {
  name: 'name',
  kind: 'text',
  value: 'NAME',
  fallback: 'the directory’s',
  help: 'The name of the project',
  group: 'What it says of itself',
  since,
}

export const description: Option<string> = {
  name: 'description',
  kind: 'text',
  value: 'TEXT',
  help: 'What it is, in a line',
  group: 'What it says of itself',
  since,
}

export const authorFrom: Option<string> = {
  name: 'author-from',
  kind: 'text',
  value: 'WHERE',
  choices: ['auto', 'git', 'none'],
  fallback: 'auto for a package, none for others',
  help: 'Whose work it is: as git knows you, the same where git is there (auto), or nothing of that',
  group: 'What it says of itself',
  since,
}

export const noReadme: Option<boolean> = {
  name: 'no-readme',
  kind: 'flag',
  help: 'Write no README.md',
  since,
}

export const noPinPython: Option<boolean> = {
  name: 'no-pin-python',
  kind: 'flag',
  help: 'Write no .python-version',
  group: 'Python',
  since,
}

export const vcs: Option<string> = {
  name: 'vcs',
  kind: 'text',
  value: 'VCS',
  choices: ['git', 'none'],
  fallback: 'git, where it is installed and no repository is around',
  help: 'Make a repository, with a .gitignore, or none',
  since,
}

const init: Command = {
  name: 'init',
  group: 'projects',
  summary: 'Begin a project, or a script that says what it needs',
  about: [
    'A pyproject.toml as the standards have it, and a first file that runs. What is there stays: a pyproject.toml is never replaced, other files are kept as they are.',
  ],
  examples: [
    { line: 'den init app', says: 'a program in a new directory app' },
    { line: 'den init --lib', says: 'a library, here' },
    { line: 'den init --package --build-backend setuptools', says: 'a program that is installed' },
    { line: 'den init --script tidy.py', says: 'a single file' },
  ],
  operands: [{ name: 'PATH', help: 'the directory, here unless said; of a script the file', completes: 'directory' }],
  options: [
    app,
    lib,
    script,
    asPackage,
    bare,
    buildBackend,
    projectName,
    description,
    authorFrom,
    python,
    noPinPython,
    noReadme,
    vcs,
    dryRun,
    ...everyCommand,
  ],
  schema: 1,
  since,
  load: () => import('../handlers/init.ts'),
}

export const removePin: Option<boolean> = {
  name: 'rm',
  kind: 'flag',
  help: 'Take the pin away',
  since,
}

export const resolved: Option<boolean> = {
  name: 'resolved',
  kind: 'flag',
  help: 'Pin the whole version of the Python that is found: 3.12.4 for 3.12',
  since,
}

const pin: Command = {
  name: 'python pin',
  group: 'interpreters',
  summary: 'Show or set the Python of this directory: .python-version',
  about: [
    'The file is read by den, uv, pyenv and others, here and in every directory below. That no such Python is on this machine, or that it is none of those that the project is for, is a warning: the pin is for other machines too.',
  ],
  examples: [
    { line: 'den python pin', says: 'what is pinned here, and where' },
    { line: 'den python pin 3.13', says: 'the newest 3.13 that is installed' },
  ],
  operands: [
    { name: 'SPEC', help: 'a version or an implementation: 3.12, ">=3.12,<3.14", pypy3.10', completes: 'python' },
  ],
  options: [removePin, resolved, dryRun, ...everyCommand],
  schema: 1,
  since,
  load: () => import('../handlers/python-pin.ts'),
}

export const projectStartCommands: readonly Command[] = [init]
export const pinCommand: Command = pin
