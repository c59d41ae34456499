// The commands that tell about a project's lock, or give it to other tools, and change nothing.

import { environmentName, environmentPath, everyCommand } from './common.ts'
import type { Command, Option } from './option.ts'
import { script } from './project-script.ts'
import { selectionOptions } from './project-selection.ts'

const since = '0.1.0'

export const invert: Option<boolean> = {
  name: 'invert',
  kind: 'flag',
  help: 'Upwards: who asks for a package',
  since,
}

export const depth: Option<string> = {
  name: 'depth',
  short: 'd',
  kind: 'text',
  value: 'NUMBER',
  help: 'So many levels below the first',
  since,
}

export const universal: Option<boolean> = {
  name: 'universal',
  kind: 'flag',
  help: 'For every Python and machine that the lock is for, with the markers',
  excludes: 'for whom',
  since,
}

/** No variable stands in for it: DEN_PYTHON says which Python an environment is to have, and this tells of the one that is there. */
export const treePython: Option<string> = {
  name: 'python',
  short: 'p',
  kind: 'text',
  value: 'SPEC',
  completes: 'python',
  fallback: 'the one of the project’s environment',
  help: 'For this Python on this machine',
  excludes: 'for whom',
  since,
}

export const sizes: Option<boolean> = {
  name: 'sizes',
  kind: 'flag',
  help: 'How much is fetched for each, and with all that it needs',
  since,
}

export const latest: Option<boolean> = {
  name: 'latest',
  kind: 'flag',
  help: 'Ask the index for the newest release, and tell what stands against it',
  since,
}

export const direct: Option<boolean> = {
  name: 'direct',
  kind: 'flag',
  help: 'Only what the project itself asks for',
  since,
}

export const refresh: Option<boolean> = {
  name: 'refresh',
  kind: 'flag',
  help: 'Ask the index again, however fresh what is known',
  since,
}

export const format: Option<string> = {
  name: 'format',
  kind: 'text',
  value: 'FORMAT',
  choices: ['requirements.txt', 'pylock.toml'],
  fallback: 'what the name of the output says, else requirements.txt',
  help: 'What is written: requirements.txt or pylock.toml',
  since,
}

export const noHashes: Option<boolean> = {
  name: 'no-hashes',
  kind: 'flag',
  help: 'Leave the hashes out',
  since,
}

export const noProject: Option<boolean> = {
  name: 'no-project',
  aliases: ['no-emit-project'],
  kind: 'flag',
  help: 'Leave the project itself out',
  since,
}

export const forPython: Option<string> = {
  name: 'for-python',
  kind: 'text',
  value: 'SPEC',
  completes: 'python',
  help: 'Only for this Python on this machine: one version and one file each, no markers',
  since,
}

export const output: Option<string> = {
  name: 'output-file',
  short: 'o',
  aliases: ['output'],
  kind: 'text',
  value: 'FILE',
  completes: 'file',
  fallback: 'stdout',
  help: 'Where it is written',
  since,
}

export const lockViewCommands: readonly Command[] = [
  {
    name: 'tree',
    group: 'projects',
    summary: 'Show who asks for what',
    about: [
      'Tells what the project’s lock holds for this Python and machine; with --universal for all that it is for. Of what is installed instead where an environment is named, or where there is no lock.',
    ],
    examples: [
      { line: 'den tree', says: 'the project, and all that it needs' },
      { line: 'den tree --invert idna', says: 'who asks for idna' },
      { line: 'den tree --universal --depth 1', says: 'what the project asks for, everywhere' },
      { line: 'den tree --sizes --no-dev', says: 'what a deployment fetches' },
      { line: 'den tree --script tool.py', says: 'what a script needs' },
    ],
    operands: [{ name: 'PACKAGE', help: 'Begin at these packages', many: true }],
    options: [
      invert,
      depth,
      universal,
      sizes,
      treePython,
      script,
      environmentPath,
      environmentName,
      ...selectionOptions,
      ...everyCommand,
    ],
    schema: 1,
    since,
    load: () => import('../handlers/tree.ts'),
  },
  {
    name: 'why',
    group: 'projects',
    summary: 'Tell why a package is there, and why in this version',
    about: [
      'The ways from the project to it, under which markers; and what is asked of its version. --latest asks the index for the newest release and tells what stands against it.',
    ],
    examples: [
      { line: 'den why idna', says: 'who asks for idna' },
      { line: 'den why --latest idna', says: 'why it is not the newest' },
    ],
    operands: [{ name: 'PACKAGE', help: 'The packages that it is about', required: true, many: true }],
    options: [latest, script, environmentPath, environmentName, ...everyCommand],
    schema: 1,
    since,
    load: () => import('../handlers/why.ts'),
  },
  {
    name: 'outdated',
    group: 'projects',
    summary: 'List packages of the lock that have newer releases',
    about: [
      'For each the version that is locked, the newest that all who ask for it would take, and the newest that there is. Exits with 0 whatever it finds.',
    ],
    examples: [
      { line: 'den outdated', says: 'all of the lock' },
      { line: 'den outdated --direct', says: 'only what the project asks for itself' },
    ],
    operands: [],
    options: [direct, refresh, script, ...everyCommand],
    schema: 1,
    since,
    load: () => import('../handlers/outdated.ts'),
  },
  {
    name: 'export',
    group: 'projects',
    summary: 'Write the lock as a requirements file, or as a smaller lock',
    about: [
      'For every Python and machine that the lock is for, with markers; with --for-python for one. What is written has no extras and groups to choose from any more: they are chosen here, as den sync chooses them.',
    ],
    examples: [
      { line: 'den export -o requirements.txt', says: 'with hashes and markers' },
      { line: 'den export --no-dev --no-project --no-hashes', says: 'on stdout, without hashes' },
      { line: 'den export --script tool.py -o requirements.txt', says: 'what a script needs' },
      { line: 'den export --for-python 3.12 -o pylock.deploy.toml', says: 'a lock for one Python' },
    ],
    operands: [],
    options: [format, output, noHashes, noProject, forPython, script, ...selectionOptions, ...everyCommand],
    schema: 1,
    since,
    load: () => import('../handlers/export.ts'),
  },
]
