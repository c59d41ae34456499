// The commands that change what a project says, or what is locked of it.

import { dryRun, everyCommand } from './common.ts'
import type { Command, Option } from './option.ts'
import { resolutionOptions, upgrade, upgradePackage } from './project-resolution.ts'
import { script } from './project-script.ts'

const since = '0.1.0'

export const check: Option<boolean> = {
  name: 'check',
  kind: 'flag',
  aliases: ['locked'],
  help: 'Write nothing; end with 1 where the lock is not what the project asks for',
  since,
}

export const force: Option<boolean> = {
  name: 'force',
  kind: 'flag',
  help: 'Make a lock that cannot be read anew, with the versions that its lines still tell',
  since,
}

export const lockCommand: Command = {
  name: 'lock',
  group: 'projects',
  summary: 'Choose versions for a project and write them down in pylock.toml',
  about: [
    'The lock is for every environment that the project is for, with what each of them needs, and is read by pip and uv as well. Versions that it has stay as long as they fit; --upgrade gives them up. Where it is up to date nothing is asked of anybody.',
  ],
  examples: [
    { line: 'den lock', says: 'after pyproject.toml was edited by hand' },
    { line: 'den lock --upgrade --dry-run', says: 'what is newer' },
    { line: 'den lock -P numpy==2.1', says: 'this version of numpy, and of the rest what it takes' },
    { line: 'den lock --check', says: 'in CI: ends with 1 where the lock is behind' },
  ],
  operands: [],
  options: [check, dryRun, force, script, upgrade, upgradePackage, ...resolutionOptions, ...everyCommand],
  schema: 1,
  since,
  load: () => import('../handlers/lock.ts'),
}

const where = 'Where requirements stand'

export const group: Option<string> = {
  name: 'group',
  kind: 'text',
  value: 'GROUP',
  help: 'In the dependency group GROUP, in place of the project’s own dependencies',
  group: where,
  excludes: 'place',
  since,
}

export const dev: Option<boolean> = {
  name: 'dev',
  kind: 'flag',
  help: 'In the dependency group dev',
  group: where,
  excludes: 'place',
  since,
}

export const optional: Option<string> = {
  name: 'optional',
  kind: 'text',
  value: 'EXTRA',
  aliases: ['extra-of'],
  help: 'In the extra EXTRA of the project',
  group: where,
  excludes: 'place',
  since,
}

const added = 'What is added'

export const requirementFiles: Option<readonly string[]> = {
  name: 'requirements',
  short: 'r',
  kind: 'list',
  value: 'FILE',
  completes: 'file',
  help: 'Add what this requirements.txt asks for',
  group: added,
  alone: true,
  since,
}

export const constraintFiles: Option<readonly string[]> = {
  name: 'constraints',
  short: 'c',
  kind: 'list',
  value: 'FILE',
  completes: 'file',
  help: 'Choose only versions that this constraints file lets through, this time',
  group: added,
  since,
}

export const addedExtras: Option<readonly string[]> = {
  name: 'extra',
  kind: 'list',
  value: 'EXTRA',
  commas: true,
  help: 'With this extra of what is added; may be given again',
  group: added,
  since,
}

export const marker: Option<string> = {
  name: 'marker',
  short: 'm',
  kind: 'text',
  value: 'MARKER',
  help: 'Only where this holds: "python_version < \'3.12\'"',
  group: added,
  since,
}

export const bounds: Option<string> = {
  name: 'bounds',
  kind: 'text',
  value: 'KIND',
  choices: ['lower', 'major', 'minor', 'exact'],
  variable: 'DEN_ADD_BOUNDS',
  fallback: 'lower',
  help: 'What is asked of the version where nothing is said: this one or newer (lower), but below the next major or minor one, or exact',
  group: added,
  since,
}

export const raw: Option<boolean> = {
  name: 'raw',
  kind: 'flag',
  help: 'Write requirements as they are given: without a bound, addresses where they stand',
  group: added,
  since,
}

export const editable: Option<boolean> = {
  name: 'editable',
  short: 'e',
  kind: 'flag',
  help: 'Install directories and repositories in place',
  group: added,
  since,
}

const revisionOption = (name: string, help: string): Option<string> => ({
  name,
  kind: 'text',
  value: name.toUpperCase(),
  help,
  group: added,
  excludes: 'revision',
  since,
})

export const rev: Option<string> = revisionOption('rev', 'The commit of a repository')
export const tag: Option<string> = revisionOption('tag', 'The tag of a repository')
export const branch: Option<string> = revisionOption('branch', 'The branch of a repository')

export const subdirectory: Option<string> = {
  name: 'subdirectory',
  kind: 'text',
  value: 'DIR',
  help: 'Where the project stands in an archive or a repository',
  group: added,
  since,
}

export const fromIndex: Option<string> = {
  name: 'from-index',
  kind: 'text',
  value: 'NAME',
  help: 'Take it from the index of this name, which the project describes, and from no other',
  group: added,
  since,
}

export const frozen: Option<boolean> = {
  name: 'frozen',
  kind: 'flag',
  help: 'Change pyproject.toml alone: nothing is resolved, and no version known',
  since,
}

export const noSync: Option<boolean> = {
  name: 'no-sync',
  kind: 'flag',
  help: 'Leave the environment as it is',
  since,
}

export const addCommand: Command = {
  name: 'add',
  group: 'projects',
  summary: 'Add requirements to a project, lock it and sync its environment',
  about: [
    'A requirement without versions gets the one that was chosen as its lower bound. pyproject.toml keeps its comments and its order; it and pylock.toml change together or, where nothing can be found that fits, not at all.',
    'A directory, an archive or a repository is written down as a source in [tool.den.sources], and an index with it that --index names. Where the environment cannot follow, since something cannot be fetched or built, both files get back what they had; --no-sync changes them alone.',
  ],
  examples: [
    { line: 'den add requests', says: 'writes requests>=2.32.5, or what is newest then' },
    { line: 'den add --dev pytest "ruff<1"', says: 'to the dependency group dev' },
    { line: 'den add --editable ../lib', says: 'a neighbouring project, installed in place' },
    { line: 'den add git+https://example.org/tool --tag v1.2', says: 'from a repository' },
    {
      line: 'den add --index ours=https://example.org/simple tool',
      says: 'from this index alone, now and for who locks next',
    },
    { line: 'den add -r requirements.txt -c constraints.txt', says: 'what another tool had written down' },
  ],
  operands: [
    { name: 'REQUIREMENT', help: 'a name, with versions or without, a path or an address', required: true, many: true },
  ],
  options: [
    dev,
    group,
    optional,
    script,
    requirementFiles,
    constraintFiles,
    addedExtras,
    marker,
    bounds,
    raw,
    editable,
    rev,
    tag,
    branch,
    subdirectory,
    fromIndex,
    dryRun,
    frozen,
    noSync,
    upgrade,
    upgradePackage,
    ...resolutionOptions,
    ...everyCommand,
  ],
  schema: 1,
  since,
  load: () => import('../handlers/add.ts'),
}

export const removeCommand: Command = {
  name: 'remove',
  group: 'projects',
  summary: 'Remove requirements from a project, lock it and sync its environment',
  about: [
    'What nobody asks for any more leaves the lock and the environment. Versions of what stays do not change; extras and groups that stand in the environment stay, and so does what the project never asked for.',
  ],
  examples: [
    { line: 'den remove requests', says: 'from the project’s own dependencies' },
    { line: 'den remove --dev pytest', says: 'from the dependency group dev' },
  ],
  operands: [{ name: 'NAME', help: 'a project that is asked for', required: true, many: true }],
  options: [dev, group, optional, script, dryRun, frozen, noSync, ...resolutionOptions, ...everyCommand],
  schema: 1,
  since,
  load: () => import('../handlers/remove.ts'),
}

export const latest: Option<boolean> = {
  name: 'latest',
  kind: 'flag',
  help: 'The newest versions there are, whatever upper bounds say: they move up with them',
  since,
}

export const interactive: Option<boolean> = {
  name: 'interactive',
  short: 'i',
  kind: 'flag',
  help: 'Ask which of them to upgrade',
  since,
}

export const upgradeCommand: Command = {
  name: 'upgrade',
  group: 'projects',
  summary: 'Raise what a project asks for to the newest versions, lock and sync it',
  about: [
    'Without names, everything that the project asks for by name. Lower bounds in pyproject.toml are raised to what was chosen; pins and upper bounds stay unless --latest is given. What is only needed by others stays as it is where it can: den lock --upgrade is for all of it. What stays behind its newest release is told, with whose bound holds it.',
  ],
  examples: [
    { line: 'den upgrade', says: 'as far as the bounds let it' },
    { line: 'den upgrade --latest django', says: 'to the newest django, over its upper bound' },
    { line: 'den upgrade -i --latest', says: 'with a list to choose from' },
  ],
  operands: [{ name: 'NAME', help: 'a project that is asked for', many: true }],
  options: [latest, interactive, dryRun, noSync, ...resolutionOptions, ...everyCommand],
  schema: 1,
  since,
  load: () => import('../handlers/upgrade.ts'),
}

export const projectChangeCommands: readonly Command[] = [addCommand, removeCommand, upgradeCommand, lockCommand]
