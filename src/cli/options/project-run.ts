// The options of den run that are about projects and scripts.

import { linkMode } from './common.ts'
import type { Option } from './option.ts'
import { resolutionOptions } from './project-resolution.ts'
import { selectionOptions } from './project-selection.ts'
import { active, frozen, locked, noEditable, noInstallProject } from './project-sync.ts'

const since = '0.1.0'
const group = 'Projects and scripts'

export const module: Option<boolean> = {
  name: 'module',
  short: 'm',
  kind: 'flag',
  help: 'COMMAND is a module: python -m COMMAND',
  group,
  since,
}

export const asScript: Option<boolean> = {
  name: 'script',
  short: 's',
  kind: 'flag',
  help: 'COMMAND is a Python file, whatever its name ends with',
  group,
  since,
}

export const exact: Option<boolean> = {
  name: 'exact',
  kind: 'flag',
  help: 'Take packages out that the lock does not name',
  group,
  since,
}

export const noSync: Option<boolean> = {
  name: 'no-sync',
  kind: 'flag',
  variable: 'DEN_NO_SYNC',
  help: 'Take the project’s environment and lock as they are',
  group,
  since,
}

export const noProject: Option<boolean> = {
  name: 'no-project',
  kind: 'flag',
  variable: 'DEN_NO_PROJECT',
  help: 'As if there were no project here: the environment that is found',
  group,
  since,
}

export const isolated: Option<boolean> = {
  name: 'isolated',
  kind: 'flag',
  variable: 'DEN_ISOLATED',
  help: 'In an environment of its own, with what the lock says',
  group,
  since,
}

export const withLayer: Option<readonly string[]> = {
  name: 'with',
  short: 'w',
  kind: 'list',
  value: 'REQUIREMENT',
  help: 'With this package besides, for this run alone; may be given again',
  group,
  since,
}

export const withEditable: Option<readonly string[]> = {
  name: 'with-editable',
  kind: 'list',
  value: 'DIR',
  completes: 'directory',
  help: 'The same for a project’s directory, installed in place',
  group,
  since,
}

export const withRequirementsFile: Option<readonly string[]> = {
  name: 'with-requirements',
  kind: 'list',
  value: 'FILE',
  completes: 'file',
  help: 'The same for all that a requirements.txt, a pylock.toml or a script names',
  group,
  since,
}

export const envFile: Option<readonly string[]> = {
  name: 'env-file',
  kind: 'list',
  value: 'FILE',
  variable: 'DEN_ENV_FILE',
  completes: 'file',
  fallback: '.env beside the project’s pyproject.toml',
  help: 'A file of variables (NAME=value); what is set already stays; may be given again',
  group,
  since,
}

export const noEnvFile: Option<boolean> = {
  name: 'no-env-file',
  kind: 'flag',
  variable: 'DEN_NO_ENV_FILE',
  help: 'Read no file of variables',
  group,
  since,
}

export const runOptions: readonly Option[] = [
  module,
  asScript,
  withLayer,
  withEditable,
  withRequirementsFile,
  isolated,
  exact,
  noSync,
  noProject,
  active,
  ...selectionOptions,
  locked,
  frozen,
  noEditable,
  noInstallProject,
  envFile,
  noEnvFile,
  linkMode,
  ...resolutionOptions,
]
