// A file of any size, chunk by chunk to the caller. A connection that breaks is taken up again where it broke, by Range and If-Range
// (RFC 9110, 13.1.5 and 14); where the server has something else by then, or plays false with ranges, the file is begun anew.

import { DenError } from '../base/error.ts'
import type { Report } from '../base/event.ts'
import type { SafeUrl } from '../base/safe-url.ts'
import { fatal } from './attempts.ts'
import { announcedLength, pumpBody } from './body.ts'
import type { Incoming } from './exchange.ts'
import type { Headers } from './freshness.ts'
import { parseContentRange } from './range.ts'

/** Where the bytes go. Neither call is made while a promise of the one before is open. */
export interface Sink {
  write(chunk: Uint8Array): void | Promise<void>
  /** Everything written so far is void (the running hash, too): the file comes again from its start. Without it that is an error. */
  restart?(): void | Promise<void>
}

export interface DownloadOptions {
  readonly url: SafeUrl
  readonly maxBytes: number
  /** Whether the caller compares the whole with a hash: then a file without ETag and date may be taken up again as well. */
  readonly hashed: boolean
  readonly resume: boolean
  readonly idleMilliseconds: number
  readonly signals: readonly AbortSignal[]
  readonly report: Report
  /** Sends the request, follows redirects, turns statuses that may pass into errors. */
  readonly open: (headers: Readonly<Record<string, string>>) => Promise<Incoming>
}

export interface DownloadResponse {
  /** Where the answer came from, after redirects. */
  readonly url: SafeUrl
  readonly headers: Headers
  readonly bytes: number
  /** How often a broken connection was taken up again. */
  readonly resumed: number
  /** How often the file was begun anew. */
  readonly restarted: number
}

export interface Download {
  /** One attempt: goes on where the last one stopped. */
  attempt(): Promise<DownloadResponse>
  /** Whether much has come since this was last asked, so that a long file on a bad line is not given up. */
  progressed(): boolean
}

/** Bytes between two progress events, and bytes that count as progress. */
const progressStep = 256 * 1024
const progressLeast = 2 ** 20

export function startDownload(options: DownloadOptions, sink: Sink): Download {
  const { maxBytes, idleMilliseconds, signals, report } = options
  const shown = String(options.url)
  let received = 0
  let told = 0
  let announced = false
  let furthest = 0
  let lastFurthest = 0
  let resumed = 0
  let restarted = 0
  let rangesFail = !options.resume
  let entity: Entity | undefined

  const beginAnew = async (): Promise<void> => {
    if (received === 0) return
    if (sink.restart === undefined)
      throw new DenError('fetch-failed', { url: shown, reason: 'it changed while it was fetched', attempts: 1 })
    restarted += 1
    received = 0
    told = 0
    try {
      await sink.restart()
    } catch (error) {
      throw fatal(error)
    }
  }

  const attempt = async (): Promise<DownloadResponse> => {
    const resumable =
      received > 0 && !rangesFail && entity !== undefined && (entity.validator !== undefined || options.hashed)
    const range: Record<string, string> = resumable ? { range: `bytes=${received}-` } : {}
    if (resumable && entity?.validator !== undefined) range['if-range'] = entity.validator
    const incoming = await options.open(range)
    const { status, headers } = incoming
    if (status === 206 && resumable) {
      if (!goesOn(incoming, received, entity!)) {
        // The old file's end must not be put to the new one's beginning, whatever the server says of it.
        incoming.discard()
        rangesFail = true
        throw new Error('it answered with another range than the one asked for')
      }
      resumed += 1
    } else if (status === 416 && resumable) {
      incoming.discard()
      rangesFail = true
      throw new Error('it has no such range any more')
    } else if (resumable && status >= 400 && status < 500) {
      // Some forbid parts of what they give as a whole.
      incoming.discard()
      rangesFail = true
      throw new Error(`it answered with ${status} when the rest was asked for`)
    } else if (status !== 200 && status !== 203) {
      incoming.discard()
      throw new DenError('http-status', { url: shown, status })
    } else {
      const total = announcedLength(incoming)
      if (total !== undefined && total > maxBytes) {
        incoming.discard()
        throw new DenError('answer-too-large', { url: shown, limit: maxBytes })
      }
      try {
        await beginAnew()
      } catch (error) {
        incoming.discard()
        throw error
      }
      entity = { validator: validatorOf(headers), total }
    }
    const { total } = entity!
    const bytes = total === undefined ? {} : { bytes: total }
    if (!announced) report({ kind: 'fetch.started', url: shown, ...bytes })
    announced = true
    await pumpBody(incoming, { limit: maxBytes - received, idleMilliseconds, signals }, (chunk) => {
      received += chunk.length
      if (received > furthest) furthest = received
      if (received - told >= progressStep) {
        told = received
        report({ kind: 'fetch.progress', url: shown, received, ...bytes })
      }
      try {
        const pending = sink.write(chunk)
        return pending?.catch((error: unknown) => Promise.reject(fatal(error)))
      } catch (error) {
        throw fatal(error)
      }
    })
    if (total !== undefined && received !== total)
      throw new Error(`the answer broke off after ${received} of ${total} bytes`)
    report({ kind: 'fetch.done', url: shown, bytes: received })
    return { url: incoming.url, headers, bytes: received, resumed, restarted }
  }

  return {
    attempt,
    progressed: () => {
      if (furthest - lastFurthest < progressLeast) return false
      lastFurthest = furthest
      return true
    },
  }
}

/** What the bytes received so far are of. */
interface Entity {
  readonly validator: string | undefined
  readonly total: number | undefined
}

/** A strong ETag, or a date that is old enough to be one (RFC 9110, 8.8.2.2: whoever changes a file twice in a second has a weak one). */
function validatorOf(headers: Headers): string | undefined {
  const etag = headers['etag']
  if (etag !== undefined && /^"[^"]*"$/.test(etag)) return etag
  const modified = headers['last-modified']
  const age = Date.parse(headers['date'] ?? '') - Date.parse(modified ?? '')
  return age >= 60_000 ? modified : undefined
}

/** Whether a 206 is of the same file and begins where the last answer stopped. */
function goesOn({ headers }: Incoming, received: number, entity: Entity): boolean {
  const range = parseContentRange(headers['content-range'])
  if (range === undefined || range.start !== received) return false
  if (range.total !== undefined && entity.total !== undefined && range.total !== entity.total) return false
  const etag = headers['etag']
  return (
    etag === undefined ||
    entity.validator === undefined ||
    !entity.validator.startsWith('"') ||
    etag === entity.validator
  )
}
