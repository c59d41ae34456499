// [tool.den] of a pyproject.toml, or the whole of a den.toml: what it settles about finding and choosing packages, and the keys in it that
// mean nothing. Other settings of den's are read by whoever needs them; their names are known here all the same.

import { closest } from '../base/closest.ts'
import { DenError, type Diagnosis, diagnose } from '../base/error.ts'
import { tomlFault } from '../format/toml.ts'
import { entriesOf, type Place } from './place.ts'
import { readSettings, settingWords, type ToolSettings } from './settings-words.ts'

/** The keys that others read: policy, audit, links, choice of an index, the place of the environment. */
const elsewhere = [
  'minimum-age',
  'minimum-age-exempt',
  'attestations',
  'audit',
  'index-strategy',
  'link-mode',
  'link-copies',
  'environment',
]

const known: ReadonlySet<string> = new Set([...settingWords, ...elsewhere])

/** Throws `invalid-project-settings`. */
export function readDenSettings(table: Place, now: number): ToolSettings {
  return readSettings(table, now)
}

/** What is set and not known, each with what may have been meant. */
export function unknownDenSettings(table: Place): readonly Diagnosis[] {
  return entriesOf(table)
    .filter(([key]) => !known.has(key))
    .map(([key, { document, path }]) => {
      const { line = 1, file = 'pyproject.toml' } = tomlFault(document, path, '')
      return diagnose(new DenError('unknown-project-setting', { file, line, key, meant: closest(key, known) }))
    })
}
