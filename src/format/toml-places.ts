// Where the keys and values of a TOML document stand, by their paths: for errors about what a value means.

import type { Span } from '../base/span.ts'
import { readTomlStatements, type TomlElement, type TomlKey, type TomlNode } from './toml-statements.ts'

/** Keys and indexes from the root: ['project', 'dependencies', 0]. */
export type TomlPath = readonly (string | number)[]

export interface TomlPlace {
  readonly span: Span
  readonly children: Map<string | number, TomlPlace>
  /** Made by [[headers]]: those after it mean its last element. */
  isArray?: true
}

/** The place of a value; where it isn't there, that of the nearest thing around it. */
export function findTomlPlace(root: TomlPlace, path: TomlPath): Span | undefined {
  let place = root
  for (const key of path) {
    const next = place.children.get(key)
    if (next === undefined) break
    place = next
  }
  return place === root ? undefined : place.span
}

/** Of a document that a parser has accepted. */
export function readTomlPlaces(text: string): TomlPlace {
  const root: TomlPlace = { span: { start: 0, end: 0 }, children: new Map() }
  let table = root
  for (const statement of readTomlStatements(text).statements) {
    if (statement.kind === 'pair') {
      addPair(table, statement)
      continue
    }
    const { keys, isArray } = statement
    if (!isArray) {
      table = walk(root, keys)
      continue
    }
    const last = keys.at(-1)!
    const array = childOf(walk(root, keys.slice(0, -1)), last.key, last.span)
    array.isArray = true
    table = childOf(array, array.children.size, last.span)
  }
  return root
}

function childOf(parent: TomlPlace, key: string | number, span: Span): TomlPlace {
  const known = parent.children.get(key)
  if (known !== undefined) return known
  const made: TomlPlace = { span, children: new Map() }
  parent.children.set(key, made)
  return made
}

/** The table under a dotted key: the last one, where [[headers]] made several. */
function walk(from: TomlPlace, keys: readonly TomlKey[]): TomlPlace {
  let place = from
  for (const { key, span } of keys) {
    place = childOf(place, key, span)
    if (place.isArray === true) place = place.children.get(place.children.size - 1)!
  }
  return place
}

function addPair(into: TomlPlace, { keys, value }: Pick<TomlElement, 'keys' | 'value'>): void {
  walk(into, keys.slice(0, -1)).children.set(keys.at(-1)!.key, placeOf(value))
}

function placeOf({ span, elements = [] }: TomlNode): TomlPlace {
  const place: TomlPlace = { span, children: new Map() }
  for (const [index, element] of elements.entries()) {
    if (element.keys.length === 0) place.children.set(index, placeOf(element.value))
    else addPair(place, element)
  }
  return place
}
