// A piece of a file (RFC 9110, 14), with a clear word for every server that has none to give.

import type { SafeUrl } from '../base/safe-url.ts'
import { announcedLength, collectBody } from './body.ts'
import type { Incoming } from './exchange.ts'

/** Bytes `start` to `end`, both included; or the last `last` of the file. */
export type Span = { readonly start: number; readonly end: number } | { readonly last: number }

export type RangeAnswer =
  | {
      readonly kind: 'range'
      /** Where the piece begins; it may be shorter than asked for only where the file ends. */
      readonly start: number
      readonly bytes: Uint8Array
      /** The file's size, where the server tells. */
      readonly total?: number
      /** What makes the next piece one of the same file: hand it over as `validator`. */
      readonly validator?: string
      readonly url: SafeUrl
    }
  /** The server sent the whole file, and it was small enough to be taken. */
  | { readonly kind: 'whole'; readonly bytes: Uint8Array; readonly url: SafeUrl }
  | {
      readonly kind: 'none'
      /**
       * `ignored`: it sends whole files only. `changed`: the file is no longer the one of `validator`. `unsatisfiable`: no such bytes.
       * `refused`: it forbids ranges. `false`: its answer was not what was asked for. `absent`: there is no such file.
       */
      readonly reason: 'ignored' | 'changed' | 'unsatisfiable' | 'refused' | 'false' | 'absent'
      /** The file's size, where the server tells. */
      readonly total?: number
      readonly status: number
    }

export interface ContentRange {
  readonly start: number
  readonly end: number
  readonly total: number | undefined
}

/** `bytes 0-99/1234` or `bytes 0-99/*`; undefined for anything else and for what contradicts itself. */
export function parseContentRange(text: string | undefined): ContentRange | undefined {
  const [, first, last, size] = /^bytes\s+(\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i.exec(text?.trim() ?? '') ?? []
  if (first === undefined || last === undefined || size === undefined) return undefined
  const [start, end] = [Number(first), Number(last)]
  const total = size === '*' ? undefined : Number(size)
  return start > end || (total !== undefined && end >= total) ? undefined : { start, end, total }
}

export function rangeHeaders(span: Span, validator: string | undefined): Readonly<Record<string, string>> {
  const range = 'last' in span ? `bytes=-${span.last}` : `bytes=${span.start}-${span.end}`
  return { range, ...(validator === undefined ? {} : { 'if-range': validator }) }
}

export interface RangeOptions {
  readonly span: Span
  readonly validator: string | undefined
  /** A whole file up to this size is taken where the server has no pieces. */
  readonly wholeUpTo: number
  readonly idleMilliseconds: number
  readonly signals: readonly AbortSignal[]
}

/** Makes of an answer to `rangeHeaders` what it is. Throws a plain Error, worth another attempt, for a body that breaks off. */
export async function readRangeAnswer(incoming: Incoming, options: RangeOptions): Promise<RangeAnswer> {
  const { span, validator, wholeUpTo } = options
  const { status, headers, url } = incoming
  const asked = 'last' in span ? span.last : span.end - span.start + 1
  const none = (reason: (RangeAnswer & { kind: 'none' })['reason'], total?: number): RangeAnswer => {
    incoming.discard()
    return { kind: 'none', reason, status, ...(total === undefined ? {} : { total }) }
  }
  if (status === 404 || status === 410) return none('absent')
  if (status === 416) {
    const size = /\/(\d{1,15})$/.exec(headers['content-range'] ?? '')?.[1]
    return none('unsatisfiable', size === undefined ? undefined : Number(size))
  }
  const encoding = headers['content-encoding']?.toLowerCase() ?? 'identity'
  if (status === 200) {
    const total = announcedLength(incoming)
    if (validator !== undefined) return none('changed', total)
    if (total === undefined || total > wholeUpTo || encoding !== 'identity') return none('ignored', total)
    return { kind: 'whole', bytes: await collectBody(incoming, { ...options, limit: wholeUpTo }), url }
  }
  if (status !== 206) return none('refused')
  const range = parseContentRange(headers['content-range'])
  // Several pieces in one answer (multipart) were not asked for, and a coded piece is one of another file.
  if (range === undefined || encoding !== 'identity') return none('false')
  const { start, end, total } = range
  const fits =
    'last' in span
      ? total !== undefined && end === total - 1 && start === Math.max(0, total - span.last)
      : start === span.start && end <= span.end && (end === span.end || total === undefined || end === total - 1)
  const length = announcedLength(incoming)
  if (!fits || end - start + 1 > asked || (length !== undefined && length !== end - start + 1))
    return none('false', total)
  const etag = headers['etag']
  const strong = etag !== undefined && /^"[^"]*"$/.test(etag) ? etag : undefined
  if (validator !== undefined && strong !== undefined && strong !== validator) return none('changed', total)
  const bytes = await collectBody(incoming, { ...options, limit: asked })
  if (bytes.length !== end - start + 1) throw new Error(`the answer broke off after ${bytes.length} bytes`)
  return {
    kind: 'range',
    start,
    bytes,
    url,
    ...(total === undefined ? {} : { total }),
    ...(strong === undefined ? {} : { validator: strong }),
  }
}
