// How the packages of a project, or of a script, are fetched and built: as it has settled it, with what was said to the command in place of
// that.

import type { WorkshopOptions } from '../engine/workshop.ts'
import type { ProjectLock } from '../project/lock-read.ts'
import type { Interpreter } from '../python/interpreter.ts'
import type { Core } from './core.ts'
import type { ProjectPackagesWish } from './library-request.ts'
import type { PackageChoices } from './package-choices.ts'
import { type Described, projectSources } from './project-sources.ts'

/** `earlier`: the lock whose files are of no age, having been decided for. Throws as `projectSources`. */
export function projectWish(
  core: Core,
  described: Described,
  choices: PackageChoices,
  earlier?: Pick<ProjectLock, 'lock' | 'text'>,
): ProjectPackagesWish {
  const { settings, directory } = described
  const { configSettings, noBuildIsolation } = choices
  const projects = (names: readonly string[]): readonly string[] | true => (names.includes(':all:') ? true : names)
  return {
    settings: projectSources(core, described, choices, earlier).settings,
    noBinary: projects(choices.noBinary ?? settings.noBinary),
    onlyBinary: projects(choices.onlyBinary ?? settings.onlyBinary),
    ...(noBuildIsolation === true ? { buildIsolation: false } : {}),
    ...(configSettings === undefined ? {} : { configSettings }),
    project: directory,
  }
}

/** How this Python builds what tells its metadata in no other way. */
export function buildWishes(
  { host }: Pick<Core, 'host'>,
  { directory }: Pick<Described, 'directory'>,
  { executable }: Pick<Interpreter, 'executable'>,
  { configSettings, noBuildIsolation }: PackageChoices,
): NonNullable<WorkshopOptions['build']> {
  return {
    project: directory,
    ...(noBuildIsolation === true
      ? { isolation: false, python: executable, scripts: host.path.dirname(executable) }
      : {}),
    ...(configSettings === undefined ? {} : { configSettings }),
  }
}
