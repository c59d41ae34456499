// The body of an answer: handed on chunk by chunk with back-pressure, or collected whole; compared with the length that was announced,
// never over its limit, given up when it is silent or next to it.

import { DenError } from '../base/error.ts'
import { gunzip } from '../host/inflate.ts'
import { abortedError } from './aborted.ts'
import type { Incoming } from './exchange.ts'
import type { Headers } from './freshness.ts'
import { silence } from './silence.ts'

export interface PumpOptions {
  /** Bytes of this body; more are refused with `answer-too-large`. */
  readonly limit: number
  readonly idleMilliseconds: number
  readonly signals: readonly AbortSignal[]
}

/** A body that brings less than that within four silences' time is as good as silent. */
const leastBytes = 4096
const patience = 4

/** Digits only, and no more than a number holds; undefined where nothing (usable) is announced. */
export function announcedLength({ headers }: Pick<Incoming, 'headers'>): number | undefined {
  const text = headers['content-length'] ?? ''
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/**
 * Hands every chunk to `write` and waits where that returns a promise; resolves to the number of bytes. Throws what `write` throws,
 * `answer-too-large`, `aborted`, or a plain Error, worth another attempt, when the body breaks off or is silent.
 */
export function pumpBody(
  incoming: Incoming,
  options: PumpOptions,
  write: (chunk: Uint8Array) => void | Promise<void>,
): Promise<number> {
  const { limit, idleMilliseconds, signals } = options
  const { body, url } = incoming
  const announced = announcedLength(incoming)
  return new Promise((resolve, reject) => {
    let received = 0
    let atCheck = 0
    let settled = false
    const settle = (finish: () => void): void => {
      if (settled) return
      settled = true
      clearTimeout(idle)
      clearInterval(drip)
      for (const signal of signals) signal.removeEventListener('abort', stop)
      finish()
    }
    let writing: Promise<void> | undefined
    let ended = false
    const fail = (error: unknown): void => {
      // Whoever tries again writes again, and not while a write is under way.
      const tell = (): void => reject(error)
      settle(() => (writing === undefined ? tell() : void writing.then(tell, tell)))
      incoming.discard()
    }
    /** The last bytes count as handed on when the caller is done with them. */
    const finish = (): void => {
      const whole = incoming.isComplete() && (announced === undefined || received === announced)
      if (whole) settle(() => resolve(received))
      else fail(brokenOff())
    }
    const brokenOff = (): Error =>
      new Error(`the answer broke off after ${received}${announced === undefined ? '' : ` of ${announced}`} bytes`)
    const stop = (): void => fail(abortedError(url, signals))
    const tooLarge = (): DenError => new DenError('answer-too-large', { url: String(url), limit })
    // Of its own: a socket's timer is the pool's business once the headers are there.
    const idle = setTimeout(() => {
      if (writing !== undefined) idle.refresh()
      else fail(silence(idleMilliseconds))
    }, idleMilliseconds)
    const period = idleMilliseconds * patience
    let waitedFor = 0
    const drip = setInterval(() => {
      // A period that went by with waiting for the caller says nothing of the server.
      if (writing === undefined && waitedFor < period / 2 && received - atCheck < leastBytes)
        fail(new Error(`only ${received - atCheck} bytes came within ${period / 1000} s`))
      atCheck = received
      waitedFor = 0
    }, period)
    for (const signal of signals) signal.addEventListener('abort', stop, { once: true })
    if (signals.some(({ aborted }) => aborted)) return stop()
    if (announced !== undefined && announced > limit) return fail(tooLarge())
    const data = (chunk: Uint8Array): void => {
      if (settled) return
      received += chunk.length
      if (received > limit) {
        fail(tooLarge())
        return
      }
      idle.refresh()
      let pending: void | Promise<void>
      try {
        pending = write(chunk)
      } catch (error) {
        fail(error)
        return
      }
      if (pending === undefined) return
      // The caller is busy: nothing more is read, and the silence is not the server's.
      body.pause()
      const since = performance.now()
      writing = pending.then(() => {
        writing = undefined
        if (settled) return
        waitedFor += performance.now() - since
        idle.refresh()
        if (ended) finish()
        else body.resume()
      })
      writing.catch(fail)
    }
    body.read({
      data,
      end: () => {
        ended = true
        if (writing === undefined) finish()
      },
      failed: fail,
      closed: () => {
        if (!ended) fail(brokenOff())
      },
    })
  })
}

/** The whole body as it came; the limit holds for that. */
export async function collectCoded(
  incoming: Incoming,
  options: PumpOptions,
  progress?: (received: number) => void,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let received = 0
  await pumpBody(incoming, options, (chunk) => {
    chunks.push(chunk)
    received += chunk.length
    progress?.(received)
  })
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, received)
}

/** The whole body, decompressed where the server says it is; the limit holds before and after that. */
export async function collectBody(
  incoming: Incoming,
  options: PumpOptions,
  progress?: (received: number) => void,
): Promise<Uint8Array> {
  const body = await collectCoded(incoming, options, progress)
  const encoding = codingOf(incoming.headers)
  if (encoding === '' || encoding === 'identity') return body
  if (gzipCoding(incoming.headers) === undefined)
    throw new Error(`the answer came in the encoding ${encoding}, which was not asked for`)
  const plain = gunzip(body, options.limit)
  if (plain === 'too large') throw new DenError('answer-too-large', { url: String(incoming.url), limit: options.limit })
  if (plain === 'not gzip data') throw new Error('the answer could not be decompressed')
  return plain
}

function codingOf(headers: Headers): string {
  return headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
}

/** Whether the server calls the body gzip-coded. */
export function gzipCoding(headers: Headers): 'gzip' | undefined {
  return /^(?:x-)?gzip$/.test(codingOf(headers)) ? 'gzip' : undefined
}

/** Reads a body that is of no use, to keep the connection; where it is long or odd, the connection is given up instead. */
export async function drainBody(incoming: Incoming, options: Omit<PumpOptions, 'limit'>): Promise<void> {
  const limit = 64 * 1024
  if ((announcedLength(incoming) ?? 0) > limit) return incoming.discard()
  try {
    await pumpBody(incoming, { ...options, limit }, () => undefined)
  } catch {
    incoming.discard()
  }
}
