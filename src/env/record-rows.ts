// RECORD (PEP 376, PEP 427) after some of its files have changed: their rows get the new hash and size, every other byte stays.

import { sha256Base64Url } from '../host/hash.ts'

/** The first field of a RECORD row; CSV quoting undone. */
export function recordRowPath(row: string): string {
  const quoted = /^"((?:[^"]|"")*)"/.exec(row)
  if (quoted !== null) return quoted[1]!.replaceAll('""', '"')
  const comma = row.indexOf(',')
  return comma === -1 ? row : row.slice(0, comma)
}

/**
 * The text with the rows of `changed` brought up to date: bytes give a new hash and size, undefined takes the row away. Rows without a
 * hash stay without one. Undefined when no row is concerned.
 */
export function updateRecord(text: string, changed: ReadonlyMap<string, Uint8Array | undefined>): string | undefined {
  let touched = false
  const rows = text.split('\n').flatMap((line) => {
    const path = recordRowPath(line)
    if (!changed.has(path)) return [line]
    const bytes = changed.get(path)
    if (bytes === undefined) {
      touched = true
      return []
    }
    const end = line.endsWith('\r') ? '\r' : ''
    const head = line.slice(0, rawPathLength(line))
    if (/^,,?$/.test(line.slice(head.length, line.length - end.length))) return [line]
    touched = true
    const hash = sha256Base64Url(bytes)
    return [`${head},sha256=${hash},${bytes.length}${end}`]
  })
  return touched ? rows.join('\n') : undefined
}

function rawPathLength(row: string): number {
  const quoted = /^"(?:[^"]|"")*"/.exec(row)
  if (quoted !== null) return quoted[0].length
  const comma = row.indexOf(',')
  return comma === -1 ? row.length : comma
}
