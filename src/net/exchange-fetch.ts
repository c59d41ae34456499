// An exchange by Bun's `fetch`: for half the processor time of its node:http, most of that on another thread, and with less memory. It is
// told of no proxies, follows no redirects and unpacks nothing. What it can't tell, a silent server from one whose head comes slowly,
// it leaves to node:http (exchange.ts).

import type { SafeUrl } from '../base/safe-url.ts'
import { abortedError, throwIfAborted } from './aborted.ts'
import type { BodyReader, ExchangeOptions, Incoming, Outgoing, Sender, Way } from './exchange.ts'
import { silence } from './silence.ts'
import { openTurns } from './turns.ts'

interface Session {
  readonly fetch: (url: string, init: object) => Promise<Response>
  close(): void
}

declare const Bun: {
  readonly FetchSession: new (init: {
    readonly proxy: false
    readonly tls?: { readonly ca?: readonly string[]; readonly rejectUnauthorized?: false }
  }) => Session
}

/** `slow` is told of servers whose heads did not come in time. */
export function openFetchSender(options: ExchangeOptions, slow: (url: SafeUrl) => void): Sender {
  const turns = openTurns(options.connectionsPerHost)
  const sessions = new Map<string, Promise<Session>>()
  const running = new Set<AbortController>()

  /** Connections of different trust are never shared. */
  const sessionFor = (secure: boolean, trusted: boolean): Promise<Session> => {
    const kind = !secure ? 'plain' : trusted ? 'trusted' : 'checked'
    const open = async (): Promise<Session> => {
      if (kind === 'plain') return new Bun.FetchSession({ proxy: false })
      if (kind === 'trusted') return new Bun.FetchSession({ proxy: false, tls: { rejectUnauthorized: false } })
      const { trustedCertificates } = await import('./certificates.ts')
      return new Bun.FetchSession({
        proxy: false,
        tls: { ca: trustedCertificates(options.host, options.certificate) },
      })
    }
    const session = sessions.get(kind) ?? open()
    sessions.set(kind, session)
    return session
  }

  const send = async (outgoing: Outgoing, { trusted }: Way): Promise<Incoming> => {
    const { url, idleMilliseconds, signals, post } = outgoing
    throwIfAborted(url, signals)
    const secure = url.href.startsWith('https:')
    const session = await sessionFor(secure, trusted)
    const pass = await turns.wait(url, signals)
    const control = new AbortController()
    running.add(control)
    const finished = (): void => {
      running.delete(control)
      pass()
    }
    let late = false
    const deadline = setTimeout(() => {
      late = true
      control.abort()
    }, idleMilliseconds)
    const stop = (): void => control.abort()
    for (const signal of signals) signal.addEventListener('abort', stop, { once: true })
    if (signals.some(({ aborted }) => aborted)) stop()
    try {
      const response = await session.fetch(url.href, {
        method: post === undefined ? 'GET' : 'POST',
        headers: post === undefined ? outgoing.headers : { ...outgoing.headers, 'content-type': post.contentType },
        ...(post === undefined ? {} : { body: post.body }),
        redirect: 'manual',
        decompress: false,
        // Silence is measured here and in body.ts, to the millisecond.
        timeout: false,
        ...(secure ? { protocol: 'http1.1' } : {}),
        signal: control.signal,
      })
      return incomingOf(url, response, control, finished)
    } catch (error) {
      finished()
      if (signals.some(({ aborted }) => aborted)) throw abortedError(url, signals)
      if (!late) throw inPlainWords(error, url)
      slow(url)
      throw silence(idleMilliseconds)
    } finally {
      clearTimeout(deadline)
      for (const signal of signals) signal.removeEventListener('abort', stop)
    }
  }

  return {
    send,
    close: () => {
      for (const control of running) control.abort()
      for (const session of sessions.values()) session.then((opened) => opened.close()).catch(() => undefined)
      sessions.clear()
    },
  }
}

function incomingOf(url: SafeUrl, response: Response, control: AbortController, finished: () => void): Incoming {
  const headers: Record<string, string> = {}
  // A header that came twice is there once, its values joined; but for set-cookie.
  for (const [name, value] of response.headers)
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`
  const source = response.body?.getReader()
  if (source === undefined) finished()
  let held: PromiseWithResolvers<void> | undefined
  let complete = source === undefined
  const pump = async ({ data, end, failed }: BodyReader): Promise<void> => {
    try {
      for (let piece = await source?.read(); piece?.done === false; piece = await source?.read()) {
        data(piece.value)
        await held?.promise
      }
    } catch (error) {
      finished()
      return failed(inPlainWords(error, url))
    }
    complete = true
    finished()
    end()
  }
  return {
    url,
    status: response.status,
    headers,
    body: {
      read: (reader) => void pump(reader),
      pause: () => {
        held ??= Promise.withResolvers()
      },
      resume: () => {
        held?.resolve()
        held = undefined
      },
    },
    isComplete: () => complete,
    discard: () => {
      if (complete) return
      finished()
      control.abort()
    },
  }
}

const noHttp = new Set([
  'InvalidContentLength',
  'InvalidHTTPResponse',
  'Malformed_HTTP_Response',
  'ResponseHeadersTooLarge',
  'UnrequestedUpgrade',
])

/** Bun's messages are for those who wrote the call. The codes are node's, but for what is wrong with the answer itself. */
function inPlainWords(error: unknown, url: SafeUrl): Error {
  const { code, message } = error as NodeJS.ErrnoException
  const words = ((): string => {
    if (code === 'ECONNREFUSED') return `connect ECONNREFUSED ${url.host}`
    if (code === 'ECONNRESET') return 'the connection was closed before the answer was whole'
    if (noHttp.has(code ?? '')) return `the answer is no HTTP (${code})`
    return message.replace(`${code}: `, '').replace(/ (?:fetching "|For more information, ).*/s, '')
  })()
  // The one among these that retry.ts knows: the same head would come again.
  const nodes = code === 'ResponseHeadersTooLarge' ? 'HPE_HEADER_OVERFLOW' : code
  return Object.assign(new Error(words, { cause: error }), nodes === undefined ? {} : { code: nodes })
}
