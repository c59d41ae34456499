// The command that brings a project's environment to what its lock says, and the options that den run has of it.

import { dryRun, everyCommand, linkMode } from './common.ts'
import type { Command, Option } from './option.ts'
import { resolutionOptions, upgrade, upgradePackage } from './project-resolution.ts'
import { script } from './project-script.ts'
import { selectionOptions } from './project-selection.ts'

const since = '0.1.0'
const group = 'The lock'

export const locked: Option<boolean> = {
  name: 'locked',
  kind: 'flag',
  variable: 'DEN_LOCKED',
  help: 'Refuse where the lock is not what the project asks for, instead of making it anew',
  group,
  excludes: 'lock',
  since,
}

export const frozen: Option<boolean> = {
  name: 'frozen',
  kind: 'flag',
  variable: 'DEN_FROZEN',
  help: 'Take the lock as it stands',
  group,
  excludes: 'lock',
  since,
}

export const inexact: Option<boolean> = {
  name: 'inexact',
  kind: 'flag',
  help: 'Leave packages that the lock does not name where they are',
  since,
}

export const noEditable: Option<boolean> = {
  name: 'no-editable',
  kind: 'flag',
  variable: 'DEN_NO_EDITABLE',
  help: 'Install the project, and what it has beside it, as a copy',
  since,
}

export const noInstallProject: Option<boolean> = {
  name: 'no-install-project',
  kind: 'flag',
  variable: 'DEN_NO_INSTALL_PROJECT',
  help: 'Install what the project needs, and not the project itself',
  since,
}

export const noInstallPackage: Option<readonly string[]> = {
  name: 'no-install-package',
  kind: 'list',
  value: 'NAME',
  commas: true,
  help: 'Leave this package out, but not what it needs; may be given again',
  since,
}

export const reinstall: Option<boolean> = {
  name: 'reinstall',
  kind: 'flag',
  help: 'Put everything in anew',
  since,
}

export const reinstallPackage: Option<readonly string[]> = {
  name: 'reinstall-package',
  kind: 'list',
  value: 'NAME',
  commas: true,
  help: 'Put this package in anew; may be given again',
  since,
}

export const active: Option<boolean> = {
  name: 'active',
  kind: 'flag',
  help: 'The active environment instead of the project’s',
  since,
}

export const check: Option<boolean> = {
  name: 'check',
  kind: 'flag',
  help: 'Change nothing, and exit with 1 where something would change',
  since,
}

export const syncCommand: Command = {
  name: 'sync',
  group: 'projects',
  summary: 'Bring the project’s environment to what its lock says',
  about: [
    'The lock (pylock.toml) is made first where it is missing or the project asks for something else by now. The environment is .venv beside pyproject.toml unless DEN_PROJECT_ENVIRONMENT or [tool.den] environment says otherwise; it is made where there is none, and made anew where its Python is none that the project can have: the old one stays until the new one is there.',
    'Everything is fetched and built before anything is touched, and put in by one change: den undo takes it back.',
  ],
  examples: [
    { line: 'den sync', says: 'the project with its default groups, and nothing else' },
    { line: 'den sync --frozen --no-dev --no-editable', says: 'for a deployment' },
    { line: 'den sync --extra tls --group docs --inexact', says: 'more than by default, and what is there stays' },
    { line: 'den sync --dry-run', says: 'what would change' },
  ],
  operands: [],
  options: [
    inexact,
    ...selectionOptions,
    locked,
    frozen,
    noEditable,
    noInstallProject,
    noInstallPackage,
    reinstall,
    reinstallPackage,
    active,
    script,
    dryRun,
    check,
    linkMode,
    upgrade,
    upgradePackage,
    ...resolutionOptions,
    ...everyCommand,
  ],
  schema: 1,
  since,
  load: () => import('../handlers/sync.ts'),
}

export const syncCommands: readonly Command[] = [syncCommand]
