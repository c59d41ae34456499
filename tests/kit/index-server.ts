// A package index of the test's own on a loopback port: PEP 503 HTML, PEP 691 JSON, PEP 658 metadata files, and faults. It
// records what was asked and ends with the test.

import crypto from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import zlib from 'node:zlib'
import type { Cleanup } from './scratch.ts'
import { buildWheel, type WheelInput, wheelFilename, wheelMetadata } from './wheel.ts'

export interface ServedFile {
  /** The project's normalized name. */
  readonly project: string
  readonly filename: string
  readonly bytes: Uint8Array
  readonly requiresPython?: string
  readonly yanked?: string | true
  /** PEP 658: METADATA's text, served beside the file. */
  readonly metadata?: string
  /** The hash that the page states, where it is to be a wrong one; false for none. */
  readonly sha256?: string | false
  /** PEP 700, as the JSON page states it. */
  readonly uploadTime?: string
}

/** What happens to the next `times` (all, unless said) requests whose path holds `on`. */
export type ServedFault = { readonly on: string; readonly times?: number } & (
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: string }
  | { readonly kind: 'truncate' }
  | { readonly kind: 'flip' }
  | { readonly kind: 'stall'; readonly where: 'headers' | 'body' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'redirect'; readonly to: string }
  | {
      readonly kind: 'answer'
      readonly contentType: string
      readonly body: string | Uint8Array
      readonly encoding?: string
    }
)

export interface ServeOptions {
  /** What the project pages are; 'both' follows Accept. */
  readonly format?: 'json' | 'html' | 'both'
  readonly login?: { readonly user: string; readonly password: string }
  readonly gzip?: boolean
  /** What the project pages say of caching. */
  readonly cacheControl?: string
  /** Whether the pages have an ETag, and answer 304 to it. */
  readonly etags?: boolean
  /** Whether parts of files are given. */
  readonly ranges?: boolean
}

export interface ServedRequest {
  readonly method: string
  readonly path: string
  readonly headers: http.IncomingHttpHeaders
}

export interface ServedIndex {
  /** The simple API's address, with `/` at its end. */
  readonly url: string
  readonly origin: string
  readonly port: number
  /** Every request, in order. */
  readonly requests: readonly ServedRequest[]
  /** The paths asked, in order. */
  paths(): readonly string[]
  fault(fault: ServedFault): void
  add(file: ServedFile): void
  /** The ETag of a project's JSON page as it is now. */
  etagOf(project: string): string
}

/** A wheel of the kit as a file to serve, with its PEP 658 metadata. */
export function servedWheel(wheel: WheelInput, changes: Partial<ServedFile> = {}): ServedFile {
  return {
    project: wheel.name.replace(/[-_.]+/g, '-').toLowerCase(),
    filename: wheelFilename(wheel),
    bytes: buildWheel(wheel),
    metadata: wheelMetadata(wheel),
    ...(wheel.requiresPython === undefined ? {} : { requiresPython: wheel.requiresPython }),
    ...changes,
  }
}

const sha256 = (data: string | Uint8Array): string => crypto.createHash('sha256').update(data).digest('hex')
const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

function htmlPage(files: readonly ServedFile[]): string {
  const links = files.map((file) => {
    const fragment = file.sha256 === false ? '' : `#sha256=${file.sha256 ?? sha256(file.bytes)}`
    const attributes = [
      file.requiresPython === undefined ? '' : ` data-requires-python="${escapeHtml(file.requiresPython)}"`,
      file.yanked === undefined ? '' : ` data-yanked="${file.yanked === true ? '' : escapeHtml(file.yanked)}"`,
      file.metadata === undefined ? '' : ` data-core-metadata="sha256=${sha256(file.metadata)}"`,
    ].join('')
    return `<a href="../../files/${encodeURIComponent(file.filename)}${fragment}"${attributes}>${file.filename}</a><br>`
  })
  return `<!DOCTYPE html><html><head><meta name="pypi:repository-version" content="1.1"></head><body>\n${links.join('\n')}\n</body></html>\n`
}

function jsonPage(project: string, files: readonly ServedFile[]): string {
  return JSON.stringify({
    meta: { 'api-version': '1.1' },
    name: project,
    versions: [...new Set(files.map((file) => file.filename.split('-')[1]))],
    files: files.map((file) => ({
      filename: file.filename,
      url: `../../files/${encodeURIComponent(file.filename)}`,
      hashes: file.sha256 === false ? {} : { sha256: file.sha256 ?? sha256(file.bytes) },
      size: file.bytes.length,
      ...(file.requiresPython === undefined ? {} : { 'requires-python': file.requiresPython }),
      ...(file.yanked === undefined ? {} : { yanked: file.yanked }),
      ...(file.uploadTime === undefined ? {} : { 'upload-time': file.uploadTime }),
      ...(file.metadata === undefined ? {} : { 'core-metadata': { sha256: sha256(file.metadata) } }),
    })),
  })
}

/** Serves the files until the test ends. */
export async function serveIndex(
  t: Cleanup,
  files: readonly ServedFile[] = [],
  options: ServeOptions = {},
): Promise<ServedIndex> {
  const { format = 'both', login, gzip = false, cacheControl, etags = false, ranges = false } = options
  const served = [...files]
  const requests: ServedRequest[] = []
  const faults: { fault: ServedFault; left: number }[] = []

  const answer = (request: http.IncomingMessage, response: http.ServerResponse): unknown => {
    const path = new URL(request.url ?? '/', 'http://x').pathname
    requests.push({ method: request.method ?? '', path, headers: request.headers })
    const active = faults.find(({ fault, left }) => left > 0 && path.includes(fault.on))
    const fault = active?.fault
    if (active !== undefined) active.left -= 1
    const send = (code: number, contentType: string, body: string | Uint8Array, encoding?: string): void => {
      let status = code
      let bytes = typeof body === 'string' ? Buffer.from(body) : Buffer.from(body)
      const headers: Record<string, string> = { 'content-type': contentType }
      const isPage = path.startsWith('/simple/')
      if (isPage && cacheControl !== undefined) headers['cache-control'] = cacheControl
      if (isPage && etags && status === 200) {
        headers['etag'] = `"${sha256(bytes)}"`
        if (request.headers['if-none-match'] === headers['etag']) return void response.writeHead(304, headers).end()
      }
      if (encoding !== undefined) headers['content-encoding'] = encoding
      else if (gzip && /gzip/.test(request.headers['accept-encoding'] ?? '')) {
        bytes = zlib.gzipSync(bytes)
        headers['content-encoding'] = 'gzip'
      }
      const part = ranges ? /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '') : null
      if (part !== null && status === 200 && !isPage) {
        const whole = bytes.length
        const start = part[1] === '' ? Math.max(whole - Number(part[2]), 0) : Number(part[1])
        const last = part[1] === '' || part[2] === '' ? whole - 1 : Math.min(Number(part[2]), whole - 1)
        bytes = bytes.subarray(start, last + 1)
        status = 206
        headers['content-range'] = `bytes ${start}-${last}/${whole}`
      }
      if (fault?.kind === 'flip') bytes[bytes.length >> 1]! ^= 1
      headers['content-length'] = String(bytes.length)
      response.writeHead(status, headers)
      if (fault?.kind === 'truncate') {
        response.write(bytes.subarray(0, bytes.length >> 1), () => response.socket?.destroy())
      } else if (fault?.kind === 'stall') {
        response.write(bytes.subarray(0, bytes.length >> 1))
      } else {
        response.end(request.method === 'HEAD' ? undefined : bytes)
      }
    }
    if (fault?.kind === 'status') {
      if (fault.retryAfter !== undefined) response.setHeader('retry-after', fault.retryAfter)
      return response.writeHead(fault.status).end('fault')
    }
    if (fault?.kind === 'reset') return request.socket.destroy()
    if (fault?.kind === 'stall' && fault.where === 'headers') return undefined
    if (fault?.kind === 'redirect') return response.writeHead(302, { location: fault.to }).end()
    if (fault?.kind === 'answer') return send(200, fault.contentType, fault.body, fault.encoding)
    if (login !== undefined) {
      const expected = `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`
      if (request.headers.authorization !== expected) {
        return response.writeHead(401, { 'www-authenticate': 'Basic realm="index"' }).end('log in')
      }
    }
    const page = /^\/simple\/([^/]+)\/$/.exec(path)
    if (page !== null) {
      const project = page[1]!
      const own = served.filter((file) => file.project === project)
      if (own.length === 0) return send(404, 'text/plain', 'not found')
      const wantsJson = /application\/vnd\.pypi\.simple\.v1\+json/.test(request.headers.accept ?? '')
      return format === 'json' || (format === 'both' && wantsJson)
        ? send(200, 'application/vnd.pypi.simple.v1+json', jsonPage(project, own))
        : send(200, 'text/html; charset=utf-8', htmlPage(own))
    }
    const name = decodeURIComponent(/^\/files\/(.+)$/.exec(path)?.[1] ?? '')
    const file = served.find((one) => one.filename === name || `${one.filename}.metadata` === name)
    if (file === undefined) return send(404, 'text/plain', 'not found')
    if (name.endsWith('.metadata')) return send(200, 'text/plain', file.metadata ?? '')
    return send(200, 'application/octet-stream', file.bytes)
  }

  const server = http.createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const origin = `http://127.0.0.1:${port}`
  return {
    url: `${origin}/simple/`,
    origin,
    port,
    requests,
    paths: () => requests.map((request) => request.path),
    fault: (fault) => void faults.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY }),
    add: (file) => void served.push(file),
    etagOf: (project) =>
      `"${sha256(
        jsonPage(
          project,
          served.filter((file) => file.project === project),
        ),
      )}"`,
  }
}
