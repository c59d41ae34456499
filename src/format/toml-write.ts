// Values as TOML text, always the same text for the same value: basic strings, inline tables without spaces inside the braces, dates as
// they were written.

import { isTomlMoment, isTomlTable, type TomlTable, type TomlValue } from './toml.ts'

/** A value on one line. */
export function formatTomlValue(value: TomlValue): string {
  if (typeof value === 'string') return formatTomlString(value)
  if (typeof value === 'number') return formatNumber(value)
  if (isTomlMoment(value)) return value.text
  if (Array.isArray(value)) return `[${value.map(formatTomlValue).join(', ')}]`
  if (isTomlTable(value)) return formatInlineTable(Object.entries(value))
  return String(value)
}

export function formatInlineTable(pairs: readonly (readonly [string, TomlValue])[]): string {
  return `{${pairs.map(([key, value]) => `${formatTomlKey(key)} = ${formatTomlValue(value)}`).join(', ')}}`
}

export function formatTomlKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : formatTomlString(key)
}

/** A text with double quotes, as markers have, stands in single ones: those need no escapes. */
export function formatTomlString(text: string): string {
  // As most are: nothing in it is to be escaped.
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`
  if (text.includes('"') && /^[ -&(-~]*$/.test(text)) return `'${text}'`
  return JSON.stringify(text.toWellFormed()).replaceAll('\x7f', '\\u007f')
}

/**
 * A table with its header, and those in it with theirs; without a header where only tables are in it. Tables in lists stand inline, and what
 * stands in a list of several has a line of its own.
 */
export function formatTomlTable(path: readonly string[], table: TomlTable): string {
  const entries = Object.entries(table)
  const values = entries.filter(([, value]) => !isTomlTable(value))
  const tables = entries.filter((entry): entry is [string, TomlTable] => isTomlTable(entry[1]))
  const header = `[${path.map(formatTomlKey).join('.')}]\n`
  const own = values.map(([key, value]) => `${formatTomlKey(key)} = ${listOrValue(value)}\n`).join('')
  return [
    ...(values.length > 0 || tables.length === 0 ? [header + own] : []),
    ...tables.map(([key, value]) => formatTomlTable([...path, key], value)),
  ].join('\n')
}

function listOrValue(value: TomlValue): string {
  if (!Array.isArray(value) || value.length < 2) return formatTomlValue(value)
  return `[\n${value.map((item) => `  ${formatTomlValue(item)},\n`).join('')}]`
}

/** A number that is no bigint is a float where it has a fraction, or is too large to be exact. */
function formatNumber(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return String(value)
  const text = Object.is(value, -0) ? '-0.0' : String(value)
  return /[.e]/.test(text) ? text : `${text}.0`
}
