// [tool.uv] of a pyproject.toml: what it settles about finding and choosing packages. What concerns uv alone is passed over.

import { DenError, type Diagnosis, diagnose } from '../base/error.ts'
import { tomlFault } from '../format/toml.ts'
import type { IndexDefinition } from './manifest.ts'
import { itemsOf, type Place, placeAt, requirementOf, textOf } from './place.ts'
import { readSettings, type ToolSettings } from './settings-words.ts'

export interface UvSettings extends ToolSettings {
  /** Requirements of the group "dev" from the time before [dependency-groups], as written. */
  readonly devDependencies?: readonly string[]
}

/** Throws `invalid-project-settings`. */
export function readUvSettings(table: Place, now: number): UvSettings {
  const settings = readSettings(table, now)
  const dev = placeAt(table, 'dev-dependencies')
  const indexes = [...(settings.indexes ?? []), ...plainIndexes(table)]
  return {
    ...settings,
    ...(indexes.length === 0 ? {} : { indexes }),
    ...(dev === undefined ? {} : { devDependencies: itemsOf(dev).map(writtenRequirement) }),
  }
}

/** What is set and matters, and den does not heed. */
export function unheededUvSettings(table: Place): readonly Diagnosis[] {
  const workspace = placeAt(table, 'workspace')
  if (workspace === undefined || placeAt(workspace, 'members') === undefined) return []
  const { line = 1, file = 'pyproject.toml' } = tomlFault(workspace.document, workspace.path, '')
  return [diagnose(new DenError('workspace-not-read', { file, line }))]
}

/** As written, and a valid one. */
export function writtenRequirement(place: Place): string {
  requirementOf(place)
  return textOf(place)
}

/** `index-url` and `extra-index-url`, from the time before [[tool.uv.index]]. */
function plainIndexes(table: Place): readonly IndexDefinition[] {
  const main = placeAt(table, 'index-url')
  const extra = placeAt(table, 'extra-index-url')
  return [
    ...(extra === undefined ? [] : itemsOf(extra)).map((place) => ({
      url: textOf(place),
      isDefault: false,
      isExplicit: false,
    })),
    ...(main === undefined ? [] : [{ url: textOf(main), isDefault: true, isExplicit: false }]),
  ]
}
