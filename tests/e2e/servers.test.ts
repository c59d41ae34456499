// Servers that are broken or mean harm, through `den pip install`: it ends soon, with a reason or with the right packages, and what fails
// leaves the environment, the store and the work directories as they were.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import zlib from 'node:zlib'
import { layApart } from '../kit/apart.ts'
import { changesBetween, snapshot } from '../kit/bad-archives-run.ts'
import { type DenRun, den } from '../kit/den.ts'
import { noise, serveBytes, serveFile, serveHttp, sha256 } from '../kit/http-server.ts'
import { type ServedFault, type ServeOptions, servedWheel, serveIndex } from '../kit/index-server.ts'
import { newestPython, skipWithoutPython } from '../kit/pythons.ts'
import { scratch } from '../kit/scratch.ts'
import { buildWheel, type WheelInput, wheelFilename } from '../kit/wheel.ts'

const skip = skipWithoutPython('3.12', 'bad servers through den')
/** Seconds of silence until an attempt is given up: enough for a loaded machine, little for a test. */
const patience = '3'

// Large enough that half of it is not all of it.
const app: WheelInput = {
  name: 'app',
  version: '1.0',
  files: { 'app.py': 'one = 1\n', 'app_data.bin': noise(300_000) },
}
const wheel = buildWheel(app)
const filename = wheelFilename(app)

interface Tried extends DenRun {
  readonly milliseconds: number
  /** What is not as it was, of the environment, the store and directories where work is done. */
  readonly residue: readonly string[]
  readonly installed: boolean
}

/** Installs app from an index, with an environment, a store and caches that are new. */
async function install(t: TestContext, index: string, ...more: readonly string[]): Promise<Tried> {
  const { root, cwd, env, site } = await layApart(t, {
    tree: { 'tmp/.keep': '' },
    env: (root) => ({ TMPDIR: path.join(root, 'tmp') }),
  })
  const before = snapshot(root)
  const started = performance.now()
  const args = ['--index-url', index, '--timeout', patience, '--retries', '2', ...more]
  const run = await den(['pip', 'install', ...args, 'app'], { cwd, env, timeout: 90_000 })
  const milliseconds = performance.now() - started
  const mayChange =
    /^(?:cache(?:$|\/(?!builds\/.|downloads\/.|run-))|data\/(?:journal|store\/v1\/locks)|data\/store(?:\/v1(?:\/(?:trees|work))?)?$)/
  const residue = changesBetween(before, snapshot(root)).filter(
    (name) => !mayChange.test(name) && !name.includes('node-compile-cache'),
  )
  return { ...run, milliseconds, residue, installed: fs.existsSync(path.join(site, 'app.py')) }
}

function isRefused(tried: Tried, code: RegExp, limit = 30_000): void {
  const { stdout, stderr, residue, milliseconds } = tried
  assert.equal(tried.code, 1, stdout + stderr)
  assert.match(stderr, new RegExp(`^error\\[(?:${code.source})\\]: .`, 'm'), stderr)
  assert.deepEqual(residue, [])
  assert.ok(milliseconds < limit, `${milliseconds} ms`)
}

function isInstalled({ code, stdout, stderr, installed }: Tried): void {
  assert.equal(code, 0, stdout + stderr)
  assert.ok(installed)
}

type Case = readonly [
  name: string,
  faults: readonly ServedFault[],
  end: RegExp | 'installed',
  options?: ServeOptions & { readonly withoutHash?: boolean; readonly withoutMetadata?: boolean },
]
const file = '.whl'
const page = '/simple/app/'
const bare = { withoutMetadata: true }
const login = '<!doctype html><title>Sign in</title><form action="/login"><input name="password"></form>'

const cases: readonly Case[] = [
  ['a file that is cut each time', [{ on: file, kind: 'truncate' }], /fetch-failed/, bare],
  ['a file that is cut once', [{ on: file, kind: 'truncate', times: 1 }], 'installed', bare],
  [
    'a file that is cut once, of a server with ranges',
    [{ on: file, kind: 'truncate', times: 1 }],
    'installed',
    { ranges: true },
  ],
  ['metadata that is cut each time', [{ on: '.metadata', kind: 'truncate' }], /fetch-failed/],
  ['a page that is cut each time', [{ on: page, kind: 'truncate' }], /fetch-failed/],
  ['a page that is cut once', [{ on: page, kind: 'truncate', times: 1 }], 'installed'],
  ['a file with a flipped bit', [{ on: `${filename}`, kind: 'flip' }], /hash-mismatch/, bare],
  [
    'a file with a flipped bit, of a server with ranges',
    [{ on: filename, kind: 'flip' }],
    /hash-mismatch|invalid-(?:archive|wheel)/,
    { ...bare, ranges: true },
  ],
  [
    'a file with a flipped bit and no hash',
    [{ on: filename, kind: 'flip' }],
    /invalid-(?:archive|wheel)/,
    { ...bare, withoutHash: true },
  ],
  ['metadata with a flipped bit', [{ on: '.metadata', kind: 'flip' }], /hash-mismatch|metadata-mismatch/],
  ['silence for a page', [{ on: page, kind: 'stall', where: 'headers' }], /fetch-failed/],
  ['half a page, then silence', [{ on: page, kind: 'stall', where: 'body' }], /fetch-failed/],
  ['silence for a file', [{ on: file, kind: 'stall', where: 'headers' }], /fetch-failed/, bare],
  ['half a file, then silence', [{ on: file, kind: 'stall', where: 'body' }], /fetch-failed/, bare],
  [
    'a page that claims to be gzip',
    [{ on: page, kind: 'answer', contentType: 'text/html', body: noise(2000), encoding: 'gzip' }],
    /fetch-failed/,
  ],
  [
    'a page that unpacks to 2 GiB',
    [{ on: page, kind: 'answer', contentType: 'text/html', body: bomb(), encoding: 'gzip' }],
    /answer-too-large|fetch-failed/,
  ],
  [
    'a page in a coding nobody knows',
    [{ on: page, kind: 'answer', contentType: 'text/html', body: noise(2000), encoding: 'x-odd' }],
    /fetch-failed|invalid-index-page/,
  ],
  [
    'a login page for a page',
    [{ on: page, kind: 'answer', contentType: 'text/html', body: login }],
    /no-solution|invalid-index-page/,
  ],
  [
    'a login page for a file',
    [{ on: file, kind: 'answer', contentType: 'text/html', body: login }],
    /no-solution|hash-mismatch|invalid-(?:archive|wheel)/,
    bare,
  ],
  [
    'a login page for a file without a hash',
    [{ on: filename, kind: 'answer', contentType: 'text/html', body: login }],
    /no-solution|invalid-(?:archive|wheel)/,
    { ...bare, withoutHash: true },
  ],
  [
    'a login page for metadata',
    [{ on: '.metadata', kind: 'answer', contentType: 'text/html', body: login }],
    /hash-mismatch|metadata-mismatch|invalid-metadata/,
  ],
  [
    'a page of JSON that is none',
    [{ on: page, kind: 'answer', contentType: 'application/vnd.pypi.simple.v1+json', body: '{"files": [{]' }],
    /invalid-index-page/,
  ],
  [
    'a page of JSON of other types',
    [
      {
        on: page,
        kind: 'answer',
        contentType: 'application/vnd.pypi.simple.v1+json',
        body: '{"meta": 1, "files": {"a": 2}}',
      },
    ],
    /invalid-index-page/,
  ],
  [
    'a page of JSON, 100,000 brackets deep',
    [{ on: page, kind: 'answer', contentType: 'application/vnd.pypi.simple.v1+json', body: '['.repeat(100_000) }],
    /invalid-index-page/,
  ],
  [
    'an image for a page',
    [{ on: page, kind: 'answer', contentType: 'image/png', body: noise(200) }],
    /invalid-index-page/,
  ],
  ['503 twice', [{ on: page, kind: 'status', status: 503, times: 2 }], 'installed'],
  ['503 twice for a file', [{ on: file, kind: 'status', status: 503, times: 2 }], 'installed', bare],
  ['503 for ever', [{ on: page, kind: 'status', status: 503 }], /http-status|fetch-failed/],
  ['404 for a file of the page', [{ on: file, kind: 'status', status: 404 }], /http-status/, bare],
  ['connections that are reset', [{ on: page, kind: 'reset' }], /fetch-failed/],
  ['a connection that is reset once', [{ on: page, kind: 'reset', times: 1 }], 'installed'],
  ['redirects in a circle', [{ on: page, kind: 'redirect', to: page }], /redirect-refused|fetch-failed/],
  [
    'a file that is redirected in a circle',
    [{ on: file, kind: 'redirect', to: `/files/${filename}` }],
    /redirect-refused|fetch-failed/,
    bare,
  ],
  [
    'a page redirected to a local file',
    [{ on: page, kind: 'redirect', to: 'file:///etc/passwd' }],
    /redirect-refused|fetch-failed/,
  ],
  [
    'a file redirected to a local file',
    [{ on: file, kind: 'redirect', to: 'file:///etc/hostname' }],
    /redirect-refused|fetch-failed/,
    bare,
  ],
  [
    'a redirect to ftp',
    [{ on: page, kind: 'redirect', to: 'ftp://pkg.example.org/' }],
    /redirect-refused|fetch-failed/,
  ],
  ['a redirect to nowhere', [{ on: page, kind: 'redirect', to: 'http://' }], /redirect-refused|fetch-failed/],
]

function bomb(): Uint8Array {
  // 2 MiB that unpack to 2 GiB: members of one stream after another.
  const member = zlib.gzipSync(Buffer.alloc(2 ** 26))
  return Buffer.concat(Array.from({ length: 32 }, () => member))
}

// Most of their time is spent in waiting for a server that says nothing, or until it is asked again.
describe('indexes that are out of order', { concurrency: 4 }, () => {
  for (const [name, faults, end, options = {}] of cases) {
    test(`an index with ${name}`, { skip }, async (t) => {
      const { withoutHash = false, withoutMetadata = false, ...serving } = options
      const served = servedWheel(app, withoutHash ? { sha256: false } : {})
      const { metadata: _, ...plain } = served
      const index = await serveIndex(t, [withoutMetadata ? plain : served], serving)
      for (const fault of faults) index.fault(fault)
      const tried = await install(t, index.url)
      if (end === 'installed') isInstalled(tried)
      else isRefused(tried, end)
    })
  }
})

/** An index of this one file, which lies elsewhere. */
function pageWith(address: string, hash = `#sha256=${sha256(wheel)}`): string {
  return `<!doctype html><a href="${address}${hash}">${filename}</a>`
}

for (const manner of ['from the start', 'shifted', 'unlabelled', 'multipart', 'refused', 'unconditional'] as const) {
  test(`a server whose ranges are ${manner}`, { skip }, async (t) => {
    const content = { bytes: wheel, etag: '"one"' }
    const files = await serveFile(t, content)
    files.manner = manner
    // The first whole answer breaks off, so that the rest has to be asked for.
    files.cuts.push(100_000)
    const index = await serveHttp(t, (_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end(pageWith(`${files.origin}/${filename}`)),
    )
    const tried = await install(t, `${index.origin}/simple/`)
    // Whatever pieces were given, nothing wrong is installed.
    if (tried.code === 0) isInstalled(tried)
    else isRefused(tried, /no-solution|fetch-failed|hash-mismatch|http-status|invalid-(?:archive|wheel)/)
    if (manner !== 'shifted') assert.equal(tried.code, 0, tried.stderr)
  })
}

const head = (...lines: readonly string[]): string => `${['HTTP/1.1 200 OK', ...lines].join('\r\n')}\r\n\r\n`
const raw: readonly (readonly [name: string, answer: string | Uint8Array])[] = [
  ['a header of 1 MiB', `${head(`x: ${'a'.repeat(2 ** 20)}`, 'content-length: 2')}ok`],
  ['100,000 headers', head(...Array.from({ length: 100_000 }, (_, at) => `x${at}: y`))],
  ['bytes without meaning', noise(5000)],
  ['no HTTP', '220 mail ready\r\n'],
  ['nothing', ''],
  ['two lengths', `${head('content-length: 5', 'content-length: 6')}012345`],
  ['a length beyond all files', head('content-length: 99999999999999')],
]

for (const [name, answer] of raw) {
  test(`a server that sends ${name}`, { skip }, async (t) => {
    const server = await serveBytes(t, (socket) => void socket.end(answer))
    isRefused(await install(t, `${server.origin}/simple/`), /fetch-failed|answer-too-large|invalid-index-page/)
  })
}

test('a name that a server makes up is the name of nothing on this machine', { skip }, async (t) => {
  const names = [
    '../../evil-1.0-py3-none-any.whl',
    '/tmp/evil-1.0-py3-none-any.whl',
    '..%2f..%2fevil-1.0-py3-none-any.whl',
    'C:\\evil-1.0-py3-none-any.whl',
  ]
  for (const said of names) {
    const server = await serveHttp(t, (request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://x')
      if (pathname === '/simple/app/') {
        const address = `/files/${encodeURIComponent(said)}`
        const text = `<!doctype html><a href="${address}">${said}</a><a href="/files/x/${filename}">${filename}</a>`
        return void response.writeHead(200, { 'content-type': 'text/html' }).end(text)
      }
      response.writeHead(200, {
        'content-disposition': `attachment; filename="${said}"`,
        'content-length': wheel.length,
      })
      response.end(wheel)
    })
    const tried = await install(t, `${server.origin}/simple/`)
    isInstalled(tried)
    assert.ok(!fs.existsSync('/tmp/evil-1.0-py3-none-any.whl'))
    assert.deepEqual(
      tried.residue.filter((name) => /evil/.test(name)),
      [],
    )
  }
})

test('one name twice in a server’s answer: the file is what the address says, not what the header does', {
  skip,
}, async (t) => {
  const root = scratch(t)
  const server = await serveHttp(t, (_, response) => {
    response.writeHead(200, {
      'content-disposition': 'attachment; filename="../../../evil-1.0-py3-none-any.whl"',
      'content-length': wheel.length,
    })
    response.end(wheel)
  })
  const env = {
    PIP_CONFIG_FILE: '/dev/null',
    DEN_HOME: path.join(root, '.data'),
    DEN_CACHE_DIR: path.join(root, '.cache'),
  }
  const cwd = path.join(root, 'a', 'b', 'c')
  fs.mkdirSync(cwd, { recursive: true })
  const made = await den(['create', '-p', newestPython('3.12')!.executable, '--seed', 'none', '.venv'], { cwd, env })
  assert.equal(made.code, 0, made.stderr)
  for (const place of [`${server.origin}/${filename}`, `${server.origin}/..%2f..%2f..%2f${filename}`]) {
    const before = snapshot(root, ['.cache', '.data'])
    const run = await den(['pip', 'download', '--no-deps', '--no-index', '-d', 'files', place], { cwd, env })
    const changes = changesBetween(before, snapshot(root, ['.cache', '.data']))
    assert.ok(
      changes.every((name) => name.startsWith('a/b/c/files')),
      `${place}: ${changes.join(', ')}`,
    )
    assert.ok(run.code === 0 || /^error\[(?!internal)/m.test(run.stderr), run.stderr)
  }
})
