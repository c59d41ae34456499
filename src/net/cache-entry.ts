// One kept answer as a file: a line with the hash of all that follows, a line of JSON, the body. Whatever is not exactly that is no entry.

import { sha256Hex } from '../host/hash.ts'
import type { Freshness, Headers } from './freshness.ts'

export interface CacheEntry extends Freshness {
  /** Where the answer came from, without credentials. */
  readonly url: string
  readonly status: number
  readonly headers: Headers
  /** The request headers that the answer depends on (Vary) and the hashes of their values, which may be secret. */
  readonly varies: Readonly<Record<string, string>>
  /** Whether it came by a redirect: then it answers for the address only while nobody can be asked. */
  readonly redirected: boolean
  readonly body: Uint8Array
}

const mark = 'den http answer 1'

export function encodeEntry({ body, ...head }: CacheEntry): Uint8Array {
  const rest = Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`, 'utf8'), body])
  return Buffer.concat([Buffer.from(`${mark} ${sha256Hex(rest)}\n`, 'latin1'), rest])
}

/** undefined for what is damaged, cut off or of another format. */
export function decodeEntry(bytes: Uint8Array): CacheEntry | undefined {
  const first = bytes.indexOf(10)
  const second = bytes.indexOf(10, first + 1)
  if (first === -1 || second === -1) return undefined
  const rest = bytes.subarray(first + 1)
  const decoder = new TextDecoder()
  if (decoder.decode(bytes.subarray(0, first)) !== `${mark} ${sha256Hex(rest)}`) return undefined
  // The hash says that den wrote it so.
  const head = JSON.parse(decoder.decode(bytes.subarray(first + 1, second))) as Omit<CacheEntry, 'body'>
  return { ...head, body: bytes.subarray(second + 1) }
}
