// The body of an answer: collected whole, compared with the length that was announced, decompressed, never over its limit.

import type { IncomingMessage } from 'node:http'
import { DenError } from '../base/error.ts'
import type { Report } from '../base/event.ts'
import { gunzip } from '../host/inflate.ts'

export interface BodyOptions {
  /** For messages. */
  readonly url: string
  readonly limit: number
  readonly encoding: string | undefined
  readonly idleMilliseconds: number
  readonly report?: Report
}

/** At most every so many bytes a progress event. */
const progressStep = 256 * 1024

/** Throws `answer-too-large`; a plain Error, worth another attempt, when the body breaks off, is silent or can't be decompressed. */
export async function readBody(incoming: IncomingMessage, options: BodyOptions): Promise<Uint8Array> {
  const { url, limit, report } = options
  const announced = /^\d+$/.test(incoming.headers['content-length'] ?? '')
    ? Number(incoming.headers['content-length'])
    : undefined
  const tooLarge = (): DenError => new DenError('answer-too-large', { url, limit })
  if (announced !== undefined && announced > limit) throw tooLarge()
  report?.({ kind: 'fetch.started', url, ...(announced === undefined ? {} : { bytes: announced }) })
  const body = await collect(incoming, options, (received) => {
    report?.({ kind: 'fetch.progress', url, received, ...(announced === undefined ? {} : { bytes: announced }) })
  })
  if (announced !== undefined && body.length !== announced)
    throw new Error(`the answer broke off after ${body.length} of ${announced} bytes`)
  report?.({ kind: 'fetch.done', url, bytes: body.length })
  const encoding = options.encoding?.trim().toLowerCase() ?? 'identity'
  if (encoding === '' || encoding === 'identity') return body
  if (encoding !== 'gzip' && encoding !== 'x-gzip')
    throw new Error(`the answer came in the encoding ${encoding}, which was not asked for`)
  const plain = gunzip(body, limit)
  if (plain === 'too large') throw tooLarge()
  if (plain === 'not gzip data') throw new Error('the answer could not be decompressed')
  return plain
}

function collect(
  incoming: IncomingMessage,
  options: BodyOptions,
  progress: (received: number) => void,
): Promise<Uint8Array> {
  const { url, limit, idleMilliseconds } = options
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = []
    let received = 0
    let told = 0
    const fail = (error: unknown): void => {
      clearTimeout(timer)
      reject(error)
      incoming.destroy()
    }
    // Of its own: a socket's timer is the pool's business once the headers are there.
    const timer = setTimeout(() => fail(new Error(`no byte came for ${idleMilliseconds / 1000} s`)), idleMilliseconds)
    incoming.on('data', (chunk: Uint8Array) => {
      timer.refresh()
      chunks.push(chunk)
      received += chunk.length
      if (received > limit) fail(new DenError('answer-too-large', { url, limit }))
      else if (received - told >= progressStep) {
        told = received
        progress(received)
      }
    })
    incoming.on('end', () => {
      clearTimeout(timer)
      if (incoming.complete) resolve(Buffer.concat(chunks, received))
      else reject(new Error(`the answer broke off after ${received} bytes`))
    })
    incoming.on('aborted', () => fail(new Error(`the answer broke off after ${received} bytes`)))
    incoming.on('error', fail)
  })
}
