// A value as one line of JSON, and a line with its hash: a record that was cut off while it was written is known for one.

import { sha256Hex } from '../host/hash.ts'

export function sealLine(value: object): string {
  const text = JSON.stringify(value)
  return `${text}\n${sha256Hex(text)}\n`
}

/** The value; undefined where the text is not all of what `sealLine` gave. */
export function openLine(text: string): unknown {
  const [content = '', hash] = text.split('\n')
  return hash === undefined || sha256Hex(content) !== hash ? undefined : JSON.parse(content)
}
