// Comma-separated values as Python's csv module reads and writes them by default (dialect "excel"): the form of RECORD.

export interface CsvRow {
  readonly fields: readonly string[]
  /** Where the row begins, from 1. */
  readonly line: number
}

/** Reads rows; empty lines are none. Lenient where Python is: a quote inside a field is a character like any other. */
export function parseCsv(text: string): CsvRow[] {
  const rows: CsvRow[] = []
  let place = 0
  let line = 1
  while (place < text.length) {
    const code = text.charCodeAt(place)
    if (code === 10 || code === 13) {
      place += code === 13 && text.charCodeAt(place + 1) === 10 ? 2 : 1
      line++
      continue
    }
    const row: string[] = []
    const start = line
    for (;;) {
      let field = ''
      if (text.charAt(place) === '"') {
        // Quoted: up to the quote that is not doubled. What follows it up to the comma is taken as it stands.
        place++
        for (;;) {
          const close = text.indexOf('"', place)
          const part = text.slice(place, close === -1 ? undefined : close)
          field += part
          line += lineEnds(part)
          place = close === -1 ? text.length : close + 1
          if (text.charAt(place) !== '"') break
          field += '"'
          place++
        }
      }
      const end = plainEnd(text, place)
      field += text.slice(place, end)
      place = end
      row.push(field)
      if (text.charAt(place) !== ',') break
      place++
    }
    rows.push({ fields: row, line: start })
  }
  return rows
}

/** One row without its line end; a field is quoted only where it has to be. */
export function formatCsvRow(fields: readonly string[]): string {
  if (fields.length === 1 && fields[0] === '') return '""'
  return fields.map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',')
}

function plainEnd(text: string, place: number): number {
  let at = place
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 44 || code === 10 || code === 13) break
  }
  return at
}

function lineEnds(text: string): number {
  return text.match(/\r\n|\r|\n/g)?.length ?? 0
}
