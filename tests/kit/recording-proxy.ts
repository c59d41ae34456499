// The recorded index (recording.ts) on a loopback port: the simple API as JSON with upload times (HTML for who asks for it), metadata
// beside the files, ranges, ETags, gzip, connections kept open. It can wait a while before each answer, to stand for a network, and
// counts what was asked. Peers use it over http: pip with `--trusted-host 127.0.0.1`, uv as it is.

import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { openRecording, type RecordingOptions } from './recording.ts'

export interface ProxyOptions extends RecordingOptions {
  /** Milliseconds before each answer. */
  readonly delay?: number
  /** Any free one unless said. */
  readonly port?: number
}

/** Requests by kind since the start or the last reset. */
export interface ProxyCounts {
  pages: number
  notModified: number
  metadata: number
  files: number
  ranges: number
  missing: number
  /** Of bodies. */
  bytes: number
}

export interface RecordingProxy {
  /** The simple API's address, with `/` at its end. */
  readonly url: string
  readonly directory: string
  counts(): Promise<ProxyCounts>
  reset(): Promise<void>
  /** From now on. */
  delay(milliseconds: number): Promise<void>
  close(): Promise<void>
}

const nothing: ProxyCounts = { pages: 0, notModified: 0, metadata: 0, files: 0, ranges: 0, missing: 0, bytes: 0 }

/** Serves from this process, until `close`. */
export async function openRecordingProxy(options: ProxyOptions = {}): Promise<RecordingProxy> {
  const recording = openRecording(options)
  let counts = { ...nothing }
  let wait = options.delay ?? 0
  // Kept in memory, so that what is measured shares the machine with as little of the server's work as may be.
  const kept = new Map<string, Buffer>()
  let room = Math.min(2 ** 30, Math.floor(os.totalmem() / 8))
  const inMemory = (file: string, size: number): Buffer | undefined => {
    const known = kept.get(file)
    if (known !== undefined || size > room || size > 2 ** 26) return known
    const bytes = fs.readFileSync(file)
    kept.set(file, bytes)
    room -= bytes.length
    return bytes
  }

  const send = (
    request: http.IncomingMessage,
    response: http.ServerResponse,
    body: Uint8Array,
    headers: http.OutgoingHttpHeaders,
  ): void => {
    counts.bytes += body.length
    response.writeHead(200, { ...headers, 'content-length': body.length })
    response.end(request.method === 'HEAD' ? undefined : body)
  }
  const missing = (response: http.ServerResponse): void => {
    counts.missing += 1
    response.writeHead(404, { 'content-type': 'text/plain', 'content-length': 9 }).end('not found')
  }

  const sendPage = async (request: http.IncomingMessage, response: http.ServerResponse, project: string) => {
    const page = await recording.page(project)
    if (page === undefined) return missing(response)
    const accept = request.headers.accept ?? ''
    const json = /application\/vnd\.pypi\.simple\.v1\+json/.test(accept)
    const etag = json ? page.etag : page.etag.replace('"', '"h')
    const headers = { etag, vary: 'Accept, Accept-Encoding', 'cache-control': 'max-age=600, public' }
    if (request.headers['if-none-match'] === etag) {
      counts.notModified += 1
      return void response.writeHead(304, headers).end()
    }
    counts.pages += 1
    const gzip = json && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
    return send(request, response, json ? (gzip ? page.jsonGzip : page.json) : page.html(), {
      ...headers,
      'content-type': json ? 'application/vnd.pypi.simple.v1+json' : 'text/html; charset=utf-8',
      ...(gzip ? { 'content-encoding': 'gzip' } : {}),
    })
  }

  const sendFile = async (
    request: http.IncomingMessage,
    response: http.ServerResponse,
    project: string,
    name: string,
  ) => {
    const file = await recording.file(project, name)
    if (file === undefined) return missing(response)
    const headers = {
      'content-type': 'application/octet-stream',
      'cache-control': 'max-age=365000000, immutable, public',
      'accept-ranges': 'bytes',
    }
    const size = kept.get(file)?.length ?? fs.statSync(file).size
    const etag = `"${size.toString(36)}-${name.length}"`
    const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '')
    let start = 0
    let end = size
    if (range !== null && (range[1] !== '' || range[2] !== '')) {
      start = range[1] === '' ? Math.max(size - Number(range[2]), 0) : Number(range[1])
      end = range[1] === '' || range[2] === '' ? size : Math.min(Number(range[2]) + 1, size)
      if (start >= end) return void response.writeHead(416, { 'content-range': `bytes */${size}` }).end()
      counts.ranges += 1
      response.writeHead(206, {
        ...headers,
        etag,
        'content-length': end - start,
        'content-range': `bytes ${start}-${end - 1}/${size}`,
      })
    } else {
      if (name.endsWith('.metadata')) counts.metadata += 1
      else counts.files += 1
      response.writeHead(200, { ...headers, etag, 'content-length': size })
    }
    if (request.method === 'HEAD') return void response.end()
    counts.bytes += end - start
    const bytes = inMemory(file, size)
    if (bytes !== undefined) return void response.end(bytes.subarray(start, end))
    const stream = fs.createReadStream(file, { start, end: end - 1, highWaterMark: 2 ** 18 })
    // Whoever asked may leave in the middle.
    response.on('close', () => stream.destroy())
    stream.on('error', () => response.destroy())
    stream.pipe(response)
    return undefined
  }

  const control = (response: http.ServerResponse, url: URL): void => {
    if (url.pathname === '/-/reset') counts = { ...nothing }
    if (url.pathname === '/-/delay') wait = Number(url.searchParams.get('ms') ?? 0)
    const body = JSON.stringify({ ...counts, directory: recording.directory, fetched: recording.fetched() })
    response.writeHead(200, { 'content-type': 'application/json' }).end(body)
  }

  const answer = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://proxy')
    if (url.pathname.startsWith('/-/')) return control(response, url)
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    const parts = url.pathname
      .slice(1)
      .split('/')
      .map((part) => decodeURIComponent(part))
    if (parts[0] === 'simple' && parts.length === 3 && parts[2] === '')
      return await sendPage(request, response, parts[1]!)
    if (parts[0] === 'simple' && parts.length === 2 && parts[1] !== '')
      return void response.writeHead(301, { location: `${url.pathname}/`, 'content-length': 0 }).end()
    if (parts[0] === 'files' && parts.length === 3) return await sendFile(request, response, parts[1]!, parts[2]!)
    return missing(response)
  }

  const server = http.createServer({ keepAliveTimeout: 60_000, noDelay: true }, (request, response) => {
    answer(request, response).catch((error: unknown) => {
      // The real index could not be asked: said as what it is, not as "no such project".
      if (!response.headersSent) response.writeHead(502, { 'content-type': 'text/plain' })
      response.end(String((error as Error).message))
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/simple/`,
    directory: recording.directory,
    counts: () => Promise.resolve({ ...counts }),
    reset: () => {
      counts = { ...nothing }
      return Promise.resolve()
    },
    delay: (milliseconds) => {
      wait = milliseconds
      return Promise.resolve()
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      recording.close()
    },
  }
}

/** The same in a process of its own, so that what is measured doesn't share its thread with the server. */
export async function spawnRecordingProxy(options: ProxyOptions = {}): Promise<RecordingProxy> {
  const script = path.resolve(import.meta.dirname, '..', '..', 'scripts', 'index-proxy.ts')
  const args = [
    ...(options.delay === undefined ? [] : ['--delay', String(options.delay)]),
    ...(options.port === undefined ? [] : ['--port', String(options.port)]),
    ...(options.directory === undefined ? [] : ['--directory', options.directory]),
    ...(options.upstream === undefined ? [] : ['--upstream', options.upstream]),
    ...(options.offline === true ? ['--offline'] : []),
  ]
  const child = spawn(process.execPath, [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  const url = await firstLine(child)
  const origin = new URL(url).origin
  const ask = async (what: string): Promise<ProxyCounts & { readonly directory: string }> =>
    (await (await fetch(`${origin}/-/${what}`)).json()) as ProxyCounts & { readonly directory: string }
  const { directory } = await ask('counts')
  return {
    url,
    directory,
    counts: async () => {
      const { pages, notModified, metadata, files, ranges, missing, bytes } = await ask('counts')
      return { pages, notModified, metadata, files, ranges, missing, bytes }
    },
    reset: async () => void (await ask('reset')),
    delay: async (milliseconds) => void (await ask(`delay?ms=${milliseconds}`)),
    close: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve())
        child.stdin!.end()
        child.kill()
      }),
  }
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout!.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const end = text.indexOf('\n')
      if (end !== -1) resolve(text.slice(0, end))
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the recording proxy ended with ${code}`)))
  })
}
