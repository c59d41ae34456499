// Header fields in the manner of RFC 822, as Python's email parser reads them (policy compat32): the form of METADATA, PKG-INFO
// and WHEEL. Nothing is an error here; what is no header begins the body, as it does there.

export interface MailHeader {
  /** As written. Names are compared without regard to case. */
  readonly name: string
  /** Without leading blanks and the last line end; folded lines keep their line ends and indentation. */
  readonly value: string
  /** Where it begins, from 1. */
  readonly line: number
}

export interface MailMessage {
  readonly headers: readonly MailHeader[]
  /** All after the first empty line, as it stands. */
  readonly body: string
}

const headerLine = /^(?:From |[!-9;-~]*:|[\t ])/

/** Reads header fields up to the first empty line; the rest is the body. */
export function parseMailMessage(text: string): MailMessage {
  const headers: MailHeader[] = []
  let current: { readonly name: string; value: string; readonly line: number } | undefined
  const finish = (): void => {
    if (current !== undefined) headers.push({ ...current, value: current.value.replace(/[\r\n]+$/, '') })
    current = undefined
  }
  let place = 0
  let lineNumber = 0
  while (place < text.length) {
    const next = afterLine(text, place)
    const line = text.slice(place, next)
    lineNumber++
    if (!headerLine.test(line)) {
      // An empty line parts headers from body and belongs to neither; any other line is the body's first.
      if (/^[\r\n]/.test(line)) place = next
      break
    }
    place = next
    if (line.startsWith(' ') || line.startsWith('\t')) {
      if (current !== undefined) current.value += line
      continue
    }
    finish()
    const colon = line.indexOf(':')
    if (line.startsWith('From ')) {
      // An envelope line. The last one of the headers is taken for the first line of the body.
      const rest = text.slice(place)
      if (lineNumber > 1 && !headerLine.test(rest)) return { headers, body: line + rest.replace(/^(?:\r\n|\r|\n)/, '') }
      continue
    }
    if (colon > 0) {
      current = { name: line.slice(0, colon), value: line.slice(colon + 1).replace(/^[ \t]+/, ''), line: lineNumber }
    }
  }
  finish()
  return { headers, body: text.slice(place) }
}

/** The values of all fields with this name, in their order. */
export function headerValues(message: MailMessage, name: string): string[] {
  const wanted = name.toLowerCase()
  return message.headers.filter((header) => header.name.toLowerCase() === wanted).map((header) => header.value)
}

/** The first field with this name. */
export function findHeader(message: MailMessage, name: string): MailHeader | undefined {
  const wanted = name.toLowerCase()
  return message.headers.find((header) => header.name.toLowerCase() === wanted)
}

/** The place after the line's end; `\r\n`, `\r` and `\n` end lines. */
function afterLine(text: string, place: number): number {
  for (let at = place; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 10) return at + 1
    if (code === 13) return text.charCodeAt(at + 1) === 10 ? at + 2 : at + 1
  }
  return text.length
}
