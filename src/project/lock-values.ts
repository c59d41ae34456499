// What is noted in a lock, as values: kept where they say something, and set against others in words.

import { isTomlTable, type TomlTable, type TomlValue } from '../format/toml.ts'
import { formatTomlValue } from '../format/toml-write.ts'
import { tryParseRequirement } from '../spec/requirement.ts'

/** Keys in a fixed order; what is empty is left out. Texts, flags, lists and tables of them: no numbers, no dates. */
export type LockInputs = TomlTable

/**
 * How the second differs from the first, a sentence each; empty where they are the same. What the backend told is not asked again: whether
 * it would tell something else is seen by its files.
 */
export function inputChanges(locked: LockInputs, now: LockInputs): readonly string[] {
  const found: string[] = []
  const dynamic = textsOf(now['dynamic'])
  for (const key of keysOf(locked, now)) {
    if (dynamic.includes(key === 'extras' ? 'optional-dependencies' : key)) continue
    const [before, after] = [locked[key], now[key]]
    if (sameValue(before, after)) continue
    if (key === 'dependencies') found.push(...listChanges(before, after, ''))
    else if (key === 'constraints') found.push(...listChanges(before, after, 'the constraint '))
    else if (key === 'overrides') found.push(...listChanges(before, after, 'the override '))
    else if (key === 'extras' || key === 'groups') found.push(...tableChanges(key, before, after))
    else found.push(valueChange(key, before, after))
  }
  return found
}

/** Without what is empty. */
export function kept(table: Readonly<Record<string, TomlValue | undefined>>): TomlTable {
  return Object.fromEntries(
    Object.entries(table).filter((entry): entry is [string, TomlValue] => {
      const value = entry[1]
      if (value === undefined) return false
      if (Array.isArray(value)) return value.length > 0
      return !isTomlTable(value) || Object.keys(value).length > 0
    }),
  )
}

function keysOf(...tables: readonly TomlTable[]): readonly string[] {
  return [...new Set(tables.flatMap((table) => Object.keys(table)))]
}

/** The order of a table's keys says nothing. */
export function sameValue(a: TomlValue | undefined, b: TomlValue | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  if (isTomlTable(a) && isTomlTable(b)) return keysOf(a, b).every((key) => sameValue(a[key], b[key]))
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => sameValue(item, (b as readonly TomlValue[])[index]))
  return !isTomlTable(a) && !isTomlTable(b) && formatTomlValue(a) === formatTomlValue(b)
}

function textsOf(value: TomlValue | undefined): readonly string[] {
  return Array.isArray(value) ? value.map((item) => (typeof item === 'string' ? item : formatTomlValue(item))) : []
}

/** One that went and one that came with the same name is one that changed. */
function listChanges(
  before: TomlValue | undefined,
  after: TomlValue | undefined,
  what: string,
  where = '',
): readonly string[] {
  const [old, now] = [textsOf(before), textsOf(after)]
  const gone = old.filter((text) => !now.includes(text))
  const come = now.filter((text) => !old.includes(text))
  const nameOf = (text: string): string => tryParseRequirement(text)?.name ?? text
  const found: string[] = []
  for (const text of gone) {
    const same = (other: string): boolean => nameOf(other) === nameOf(text)
    const [instead] = come.filter(same)
    if (instead !== undefined && come.filter(same).length === 1 && gone.filter(same).length === 1) {
      found.push(`${what}${text} is now ${instead}${where}`)
      come.splice(come.indexOf(instead), 1)
    } else found.push(`${what}${text} is not asked for any more${where}`)
  }
  return [...found, ...come.map((text) => `${what}${text} is new${where}`)]
}

function tableChanges(
  key: 'extras' | 'groups',
  before: TomlValue | undefined,
  after: TomlValue | undefined,
): readonly string[] {
  const noun = key === 'extras' ? 'extra' : 'group'
  const [old, now] = [isTomlTable(before) ? before : {}, isTomlTable(after) ? after : {}]
  return keysOf(old, now).flatMap((name) => {
    if (now[name] === undefined) return [`the ${noun} ${name} is not there any more`]
    if (old[name] === undefined) return [`the ${noun} ${name} is new`]
    return listChanges(old[name], now[name], '', ` (${noun} ${name})`)
  })
}

const nouns: Readonly<Record<string, string>> = {
  name: 'the project’s name',
  package: 'whether the project itself is installed',
  dynamic: 'which requirements the build backend tells',
  'requires-python': 'requires-python',
  indexes: 'the indexes',
  'find-links': 'the places with links to files',
  sources: 'the sources of dependencies',
  environments: 'the environments that the lock is for',
  'required-environments': 'the environments that every package must have a file for',
  conflicts: 'which extras and groups exclude each other',
  exclusions: 'what is never installed',
}

export function valueChange(key: string, before: TomlValue | undefined, after: TomlValue | undefined): string {
  const noun = nouns[key] ?? key
  const isText = (value: TomlValue | undefined): boolean => value === undefined || typeof value === 'string'
  if (!isText(before) || !isText(after)) return `${noun} changed`
  if (before === undefined) return `${noun} is now ${after as string}`
  if (after === undefined) return `${noun} was ${before as string} and is not given any more`
  return `${noun} was ${before as string} and is now ${after as string}`
}
