// A value of a TOML document that knows where it stands: settings are read through it, so that every complaint shows its place.

import type { ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import type { Span } from '../base/span.ts'
import {
  isTomlTable,
  type TomlDocument,
  type TomlTable,
  type TomlValue,
  tomlFault,
  tomlTypeOf,
} from '../format/toml.ts'
import type { TomlPath } from '../format/toml-places.ts'
import { type Marker, parseMarker } from '../spec/marker.ts'
import { parseProjectName } from '../spec/name.ts'
import { reparse } from '../spec/reparse.ts'
import { parseRequirement, type Requirement } from '../spec/requirement.ts'

export interface Place {
  readonly document: TomlDocument
  readonly path: TomlPath
  readonly value: TomlValue
}

/** The whole document. */
export function rootPlace(document: TomlDocument): Place {
  return { document, path: [], value: document.table }
}

/** What stands under the keys; undefined where one of them isn't there. Throws `invalid-project-settings` where one is no table. */
export function placeAt(place: Place, ...keys: readonly string[]): Place | undefined {
  let current: Place = place
  for (const key of keys) {
    const value = tableOf(current)[key]
    if (value === undefined) return undefined
    current = { document: place.document, path: [...current.path, key], value }
  }
  return current
}

export function settingFault(
  { document, path }: Place,
  reason: string,
  within?: Span,
): DenError<'invalid-project-settings'> {
  return new DenError('invalid-project-settings', tomlFault(document, path, reason, within))
}

/** For what a manifest's words cannot say there. */
export function additionFault({ document, path }: Place, reason: string): DenError<'no-place-for-requirement'> {
  return new DenError('no-place-for-requirement', tomlFault(document, path, reason))
}

export function tableOf(place: Place): TomlTable {
  if (isTomlTable(place.value)) return place.value
  throw settingFault(place, `here belongs a table, this is ${tomlTypeOf(place.value)}`)
}

/** The entries of a table, each with its place. */
export function entriesOf(place: Place): readonly (readonly [string, Place])[] {
  return Object.entries(tableOf(place)).map(([key, value]) => [
    key,
    { document: place.document, path: [...place.path, key], value },
  ])
}

/** The items of a list, each with its place. */
export function itemsOf(place: Place): readonly Place[] {
  if (!Array.isArray(place.value)) {
    throw settingFault(place, `here belongs a list, this is ${tomlTypeOf(place.value)}`)
  }
  return (place.value as readonly TomlValue[]).map((value, index) => ({
    document: place.document,
    path: [...place.path, index],
    value,
  }))
}

export function textOf(place: Place): string {
  if (typeof place.value === 'string') return place.value
  throw settingFault(place, `here belongs a string, this is ${tomlTypeOf(place.value)}`)
}

export function flagOf(place: Place): boolean {
  if (typeof place.value === 'boolean') return place.value
  throw settingFault(place, `here belongs true or false, this is ${tomlTypeOf(place.value)}`)
}

/** Runs a parser over a string; its error gets its place in the file. */
export function parsedAt<Value>(place: Place, parse: (text: string) => Value): Value {
  const text = textOf(place)
  return reparse(
    () => parse(text),
    (reason, span) => settingFault(place, reason, span),
  )
}

export function requirementOf(place: Place): Requirement {
  return parsedAt(place, parseRequirement)
}

export function nameOf(place: Place): ProjectName {
  return parsedAt(place, parseProjectName)
}

export function markerOf(place: Place): Marker {
  return parsedAt(place, parseMarker)
}

/** One of a few words, as what it means. */
export function wordOf<Meaning>(place: Place, words: ReadonlyMap<string, Meaning>): Meaning {
  const text = textOf(place)
  if (words.has(text)) return words.get(text)!
  throw settingFault(place, `here stands one of ${[...words.keys()].join(', ')}`)
}
