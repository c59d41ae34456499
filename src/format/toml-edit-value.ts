// What an edit of a TOML text does to the value that the text means: the judge of whether the text came out right.

import { isTomlMoment, isTomlTable, type TomlTable, type TomlValue } from './toml.ts'
import type { TomlEdit } from './toml-edit.ts'
import type { TomlPath } from './toml-places.ts'

/** The value after the edit. Throws a RangeError where there is no place for it. */
export function applyEdit(root: TomlTable, edit: TomlEdit): TomlTable {
  switch (edit.kind) {
    case 'set':
      return changed(root, edit.path, () => edit.value) as TomlTable
    case 'remove':
      return has(root, edit.path) ? (changed(root, edit.path, () => undefined) as TomlTable) : root
    case 'insert':
      return changed(root, edit.path, (list) => {
        if (!Array.isArray(list) || edit.index < 0 || edit.index > list.length) throw noPlace(edit.path)
        return list.toSpliced(edit.index, 0, edit.value)
      }) as TomlTable
    case 'append-table':
      return changed(root, edit.path, (list) => {
        if (list !== undefined && !Array.isArray(list)) throw noPlace(edit.path)
        return edit.first === true ? [edit.value, ...(list ?? [])] : [...(list ?? []), edit.value]
      }) as TomlTable
  }
}

type Change = (value: TomlValue | undefined) => TomlValue | undefined

function changed(value: TomlValue | undefined, path: TomlPath, change: Change, depth = 0): TomlValue | undefined {
  if (depth === path.length) return change(value)
  const key = path[depth]!
  if (typeof key === 'number') {
    if (!Array.isArray(value) || key < 0 || key > value.length) throw noPlace(path)
    const made = changed(value[key], path, change, depth + 1)
    return made === undefined ? value.toSpliced(key, 1) : value.toSpliced(key, 1, made)
  }
  if (value !== undefined && !isTomlTable(value)) throw noPlace(path)
  const made = changed(value?.[key], path, change, depth + 1)
  const table: Record<string, TomlValue> = Object.assign(Object.create(null), value)
  if (made === undefined) delete table[key]
  else table[key] = made
  return table
}

function has(root: TomlValue, path: TomlPath): boolean {
  let value: TomlValue | undefined = root
  for (const key of path) {
    value =
      typeof key === 'number'
        ? Array.isArray(value)
          ? value[key]
          : undefined
        : isTomlTable(value)
          ? value[key]
          : undefined
    if (value === undefined) return false
  }
  return true
}

function noPlace(path: TomlPath): RangeError {
  return new RangeError(`there is no place for ${path.join('.')}`)
}

/**
 * Whether two documents mean the same: the order of keys says nothing, and a whole number is the same as the bigint that it is. What
 * is empty counts as none: of tables that headers and dotted keys make, removing all that is in them leaves nothing.
 */
export function sameToml(a: TomlValue | undefined, b: TomlValue | undefined): boolean {
  if (a === undefined || b === undefined) return isNothing(a) && isNothing(b)
  if (isTomlMoment(a) || isTomlMoment(b)) return isTomlMoment(a) && isTomlMoment(b) && a.text === b.text
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, at) => sameToml(item, b[at]))
  }
  if (isTomlTable(a) || isTomlTable(b)) {
    if (!isTomlTable(a) || !isTomlTable(b)) return false
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => sameToml(a[key], b[key]))
  }
  if (typeof a === 'bigint' || typeof b === 'bigint') return isWhole(a) && isWhole(b) && BigInt(a) === BigInt(b)
  return Object.is(a, b)
}

function isWhole(value: TomlValue): value is bigint | number {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))
}

/** Nothing, or lists and tables with nothing in them. */
function isNothing(value: TomlValue | undefined): boolean {
  if (Array.isArray(value)) return value.length === 0
  return value === undefined || (isTomlTable(value) && Object.values(value).every(isNothing))
}
