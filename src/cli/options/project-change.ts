// The commands that change what a project says, or what is locked of it.

import { dryRun, everyCommand } from './common.ts'
import type { Command, Option } from './option.ts'
import { resolutionOptions, upgrade, upgradePackage } from './project-resolution.ts'

const since = '0.1.0'

export const check: Option<boolean> = {
  name: 'check',
  kind: 'flag',
  aliases: ['locked'],
  help: 'Write nothing; end with 1 where the lock is not what the project asks for',
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
  options: [check, dryRun, upgrade, upgradePackage, ...resolutionOptions, ...everyCommand],
  schema: 1,
  since,
  load: () => import('../handlers/lock.ts'),
}

export const projectChangeCommands: readonly Command[] = [lockCommand]
