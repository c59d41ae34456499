// Which parts of a project a command is about: extras and dependency groups. Shared by all that read a project's lock.

import { DenError } from '../../base/error.ts'
import type { PartsRequest } from '../../project/parts.ts'
import type { Option } from './option.ts'
import { defined, type Values } from './values.ts'

const since = '0.1.0'
const group = 'Parts of the project'

export const extra: Option<readonly string[]> = {
  name: 'extra',
  kind: 'list',
  value: 'EXTRA',
  commas: true,
  help: 'With this extra of the project; may be given again',
  group,
  since,
}

export const allExtras: Option<boolean> = {
  name: 'all-extras',
  kind: 'flag',
  help: 'With every extra of the project',
  group,
  since,
}

export const noExtra: Option<readonly string[]> = {
  name: 'no-extra',
  kind: 'list',
  value: 'EXTRA',
  commas: true,
  help: 'Without this extra, for use with --all-extras',
  group,
  since,
}

export const dependencyGroup: Option<readonly string[]> = {
  name: 'group',
  kind: 'list',
  value: 'GROUP',
  commas: true,
  help: 'With this dependency group; may be given again',
  group,
  since,
}

export const noGroup: Option<readonly string[]> = {
  name: 'no-group',
  kind: 'list',
  value: 'GROUP',
  commas: true,
  variable: 'DEN_NO_GROUP',
  help: 'Without this dependency group, whatever else asks for it',
  group,
  since,
}

export const onlyGroup: Option<readonly string[]> = {
  name: 'only-group',
  kind: 'list',
  value: 'GROUP',
  commas: true,
  help: 'This dependency group alone, without the project and its dependencies',
  group,
  since,
}

export const allGroups: Option<boolean> = {
  name: 'all-groups',
  kind: 'flag',
  help: 'With every dependency group',
  group,
  since,
}

export const noDefaultGroups: Option<boolean> = {
  name: 'no-default-groups',
  kind: 'flag',
  variable: 'DEN_NO_DEFAULT_GROUPS',
  help: 'Without the groups that are synced unless told otherwise',
  group,
  since,
}

export const dev: Option<boolean> = {
  name: 'dev',
  kind: 'flag',
  help: 'With the group dev',
  group,
  excludes: 'dev',
  since,
}

export const noDev: Option<boolean> = {
  name: 'no-dev',
  kind: 'flag',
  variable: 'DEN_NO_DEV',
  help: 'Without the group dev',
  group,
  excludes: 'dev',
  since,
}

export const onlyDev: Option<boolean> = {
  name: 'only-dev',
  kind: 'flag',
  help: 'The group dev alone, without the project and its dependencies',
  group,
  excludes: 'dev',
  since,
}

/** In the order that help shows them. */
export const selectionOptions: readonly Option[] = [
  extra,
  allExtras,
  noExtra,
  dependencyGroup,
  noGroup,
  onlyGroup,
  allGroups,
  noDefaultGroups,
  dev,
  noDev,
  onlyDev,
]

/** What these options come to. Throws `options-conflict`, where a group alone is asked for and more with it. */
export function partsRequest(values: Values, command: string): PartsRequest {
  const more = (list: readonly string[] | undefined, also: boolean | undefined): readonly string[] | undefined =>
    also === true ? [...(list ?? []), 'dev'] : list
  const onlyGroups = more(values.get(onlyGroup), values.get(onlyDev))
  if (onlyGroups !== undefined) {
    for (const option of [extra, allExtras, allGroups, dev] as readonly Option[]) {
      if (!values.typed(option)) continue
      const first = values.typed(onlyGroup) ? '--only-group' : '--only-dev'
      throw new DenError('options-conflict', { first, second: `--${option.name}`, command })
    }
  }
  return defined({
    extras: values.get(extra),
    allExtras: values.get(allExtras),
    withoutExtras: values.get(noExtra),
    groups: more(values.get(dependencyGroup), values.get(dev)),
    allGroups: values.get(allGroups),
    withoutGroups: more(values.get(noGroup), values.get(noDev)),
    onlyGroups,
    defaultGroups: values.get(noDefaultGroups) === true ? false : undefined,
  })
}
