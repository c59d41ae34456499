// Servers of the test's own on loopback ports: one that serves a file with ranges and breaks off where it is told to, and one that
// sends whatever bytes a test wants, however wrong.

import crypto from 'node:crypto'
import http from 'node:http'
import net, { type AddressInfo, type Socket } from 'node:net'
import type { Cleanup } from './scratch.ts'

export interface ServedAddress {
  readonly origin: string
  readonly port: number
}

/** An HTTP server with this handler until the test ends. */
export async function serveHttp(t: Cleanup, handler: http.RequestListener): Promise<ServedAddress> {
  const server = http.createServer(handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { port, origin: `http://127.0.0.1:${port}` }
}

/** A TCP server: `answer` is called once for each connection, when the first bytes have come. */
export async function serveBytes(
  t: Cleanup,
  answer: (socket: Socket, request: string) => void,
): Promise<ServedAddress> {
  const sockets = new Set<Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    socket.once('data', (bytes) => answer(socket, bytes.toString('latin1')))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { port, origin: `http://127.0.0.1:${port}` }
}

/** Bytes that look like nothing in particular, the same for the same length and seed. */
export function noise(length: number, seed = 1): Uint8Array {
  const bytes = Buffer.alloc(length)
  let state = seed * 2654435761
  for (let at = 0; at < length; at += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    bytes[at] = state >>> 24
  }
  return bytes
}

export interface ServedContent {
  bytes: Uint8Array
  /** The validators that answers come with. */
  etag?: string | undefined
  lastModified?: string | undefined
}

export type RangeManner =
  | 'honoured'
  /** 200 with everything. */
  | 'ignored'
  /** 206 with the bytes from the start, and a Content-Range that says so. */
  | 'from the start'
  /** 206 that claims the range asked for and holds other bytes. */
  | 'shifted'
  /** 206 without Content-Range. */
  | 'unlabelled'
  | 'multipart'
  /** 403 to every Range. */
  | 'refused'
  /** Honoured, but If-Range is not looked at. */
  | 'unconditional'

export interface ServedFileWithRanges extends ServedAddress {
  /** May be changed while the server runs. */
  readonly content: ServedContent
  readonly requests: readonly http.IncomingHttpHeaders[]
  /** Each answer is cut after so many bytes of its body, one entry an answer; then they come whole. */
  readonly cuts: number[]
  manner: RangeManner
}

/** Serves one file at every path. */
export async function serveFile(t: Cleanup, content: ServedContent): Promise<ServedFileWithRanges> {
  const requests: http.IncomingHttpHeaders[] = []
  const cuts: number[] = []
  const served = { content, requests, cuts, manner: 'honoured' as RangeManner }
  const address = await serveHttp(t, (request, response) => {
    requests.push(request.headers)
    const { bytes, etag, lastModified } = content
    if (etag !== undefined) response.setHeader('etag', etag)
    if (lastModified !== undefined) response.setHeader('last-modified', lastModified)
    const send = (status: number, body: Uint8Array): void => {
      response.writeHead(status, { 'content-length': body.length })
      const cut = cuts.shift()
      if (cut === undefined || cut >= body.length) response.end(body)
      else if (cut === 0) response.flushHeaders()
      else response.write(body.subarray(0, cut))
      if (cut !== undefined && cut < body.length) setTimeout(() => response.socket?.destroy(), 20)
    }
    const condition = request.headers['if-range']
    const changed = condition !== undefined && condition !== etag && condition !== lastModified
    const asked = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '')
    if (asked === null || served.manner === 'ignored' || (changed && served.manner !== 'unconditional'))
      return send(200, bytes)
    const start = asked[1] === '' ? Math.max(0, bytes.length - Number(asked[2])) : Number(asked[1])
    const end = asked[1] === '' || asked[2] === '' ? bytes.length - 1 : Math.min(Number(asked[2]), bytes.length - 1)
    const piece = bytes.subarray(start, end + 1)
    if (served.manner === 'refused') return void response.writeHead(403).end('no ranges')
    if (start >= bytes.length || start > end) {
      response.setHeader('content-range', `bytes */${bytes.length}`)
      return void response.writeHead(416).end()
    }
    if (served.manner === 'from the start') {
      response.setHeader('content-range', `bytes 0-${bytes.length - 1}/${bytes.length}`)
      return send(206, bytes)
    }
    if (served.manner === 'multipart') response.setHeader('content-type', 'multipart/byteranges; boundary=x')
    else if (served.manner !== 'unlabelled')
      response.setHeader('content-range', `bytes ${start}-${end}/${bytes.length}`)
    send(206, served.manner === 'shifted' ? Buffer.from(piece).reverse() : piece)
  })
  return Object.assign(served, address)
}

export function sha256(bytes: Uint8Array): string {
  return crypto.createHash('sha256').update(bytes).digest('hex')
}
