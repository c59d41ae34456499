// A value as a literal of each shell's language: what the shell reads back is the value, whatever it holds, and nothing in it is
// expanded or run. Values with line breaks or NUL never come this far (activation.ts refuses them).

import { pythonRepr } from '../format/python-text.ts'

/** sh, bash, zsh, dash, ksh, mksh, yash, busybox. */
export function posixQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** fish: inside single quotes only the quote and the backslash are escaped. */
export function fishQuote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

/** csh and tcsh: history is expanded inside single quotes too, so that `!` takes a backslash there. */
export function cshQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''").replaceAll('!', '\\!')}'`
}

/**
 * PowerShell. Its quotes include four curly ones, and Windows PowerShell reads a file without a byte-order mark in the machine's old
 * code page: a text beyond ASCII is written as bytes to be decoded.
 */
export function powershellQuote(text: string): string {
  if (!/[^\x20-\x7e]/.test(text)) return `'${text.replaceAll("'", "''")}'`
  const bytes = new TextEncoder().encode(text)
  return `([Text.Encoding]::UTF8.GetString([Byte[]](${[...bytes].join(', ')})))`
}

/** cmd, between the quotes of `set "NAME=…"`. It has no way to write a double quote there; a single one stands in for it. */
export function batchQuote(text: string): string {
  return text.replaceAll('%', '%%').replaceAll('"', "'")
}

/** nushell: double quotes expand nothing. Its raw strings would do, but for a # that comes first, which it takes for a comment. */
export function nuQuote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

/** Python, for a UTF-8 file that 2.7 reads too: there a plain literal holds the file's own bytes, as os.environ does. */
export function pythonQuote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

/** xonsh: Python 3 in a file whose encoding depends on the locale, hence in ASCII. */
export function xonshQuote(text: string): string {
  return pythonRepr(text).replace(/[^\x20-\x7e]/gu, (character) => {
    const code = character.codePointAt(0)!
    return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`
  })
}
