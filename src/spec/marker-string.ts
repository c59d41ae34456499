// A marker's strings are read as Python reads a string literal, escapes and all: so does `packaging`.

import { simpleEscapes } from '../format/python-text.ts'

/** A line that is continued. */
const joins: Readonly<Record<string, string>> = { '\n': '', '\r': '', '\r\n': '' }

/** The value of a literal that stands between quotes as `body`; undefined where Python knows none. */
export function tryParsePythonString(body: string): string | undefined {
  let plain = true
  for (let at = 0; at < body.length; at++) {
    const code = body.charCodeAt(at)
    if (code === 0x5c || code === 0x0a || code === 0x0d || code === 0) plain = false
  }
  if (plain) return body
  let sound = true
  const value = body.replace(
    /\\(\r\n|[0-7]{1,3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[\s\S]|$)|[\n\r\0]/g,
    (whole, escaped: string | undefined) => {
      // A string ends with its line, and a backslash at its end would hide the quote.
      if (escaped === undefined || escaped === '' || escaped === '\0') {
        sound = false
        return ''
      }
      const simple = joins[escaped] ?? simpleEscapes[escaped]
      if (simple !== undefined) return simple
      if (/^[0-7]/.test(escaped)) return String.fromCharCode(Number.parseInt(escaped, 8))
      if (escaped.length > 1) {
        const code = Number.parseInt(escaped.slice(1), 16)
        if (code <= 0x10ffff) return String.fromCodePoint(code)
        sound = false
        return ''
      }
      // \x, \u and \U without their digits are errors; \N{NAME} needs Unicode's list of names. All else stands for itself.
      if ('xuUN'.includes(escaped)) sound = false
      return whole
    },
  )
  return sound ? value : undefined
}
