// Gives bad archives to installers as a user would, from a file and over HTTP, and sees what became of everything around: the environment,
// what lies beside and above it, temporary directories, the store and the caches.

import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import type { ArchiveCase } from './bad-archives.ts'
import { serveHttp } from './http-server.ts'
import type { Cleanup } from './scratch.ts'

export type Way = 'file' | 'http'

/** Where one installer works: all that it may touch lies in `root`, a few directories deep. */
export interface Ground {
  readonly root: string
  readonly cwd: string
  readonly environment: string
  readonly home: string
  readonly temporary: string
  /** Archives are put here. */
  readonly files: string
  /** The environment as it was made. */
  readonly template: string
}

export interface ToolRun {
  readonly code: number | undefined
  readonly signal?: string | undefined
  readonly output: string
}

export interface Installer {
  readonly ground: Ground
  /** Installs what the operands name, without dependencies; `index` is the only one asked. */
  install(operand: string, index: string | undefined): Promise<ToolRun>
  uninstall?(project: string): Promise<ToolRun>
  /** Directories (relative to the root) whose changes are the tool's own affair after success: store, caches. */
  readonly own: readonly string[]
  /** Of these, what may change when an archive is refused: remembered index pages. */
  readonly mayChange: (relative: string) => boolean
  /** What says that the tool fell over its own feet. */
  readonly crash: RegExp
}

export interface Outcome {
  readonly verdict: 'refused' | 'installed' | 'crashed'
  /** Paths relative to the root, or absolute ones outside of it, that should be as they were and aren't. */
  readonly residue: readonly string[]
  /** Those of them that lie outside of the environment and of the tool's own places. */
  readonly outside: readonly string[]
  /** Files of the environment itself that are not as they were, relative to it. */
  readonly replaced: readonly string[]
  readonly output: string
  readonly milliseconds: number
}

/** Lays out the ground in an empty directory; `makeEnvironment` makes the environment at the path it is given. */
export async function layGround(root: string, makeEnvironment: (ground: Ground) => Promise<void>): Promise<Ground> {
  const deep = path.join(root, 'above', 'beside')
  const ground: Ground = {
    root,
    cwd: path.join(deep, 'project'),
    environment: path.join(deep, 'project', '.venv'),
    home: path.join(deep, 'home'),
    temporary: path.join(deep, 'tmp'),
    files: path.join(root, 'files'),
    template: path.join(root, 'template'),
  }
  for (const directory of [ground.cwd, ground.home, ground.temporary, ground.files])
    fs.mkdirSync(directory, { recursive: true })
  await makeEnvironment(ground)
  fs.cpSync(ground.environment, ground.template, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
  return ground
}

/** The environment as it was made, and nothing in the tool's own places. */
export function resetGround({ ground, own }: Installer): void {
  fs.rmSync(ground.environment, { recursive: true, force: true })
  for (const place of own) emptyTree(path.join(ground.root, place))
  fs.cpSync(ground.template, ground.environment, {
    recursive: true,
    verbatimSymlinks: true,
    preserveTimestamps: true,
  })
}

/** Trees of the store are read-only. */
export function emptyTree(place: string): void {
  if (!fs.existsSync(place)) return
  for (const entry of fs.readdirSync(place, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue
    fs.chmodSync(path.join(place, entry.name), 0o755)
    emptyTree(path.join(place, entry.name))
  }
  fs.rmSync(place, { recursive: true, force: true })
}

/** Every entry below `root` with what it is and holds; directories named in `but` are left out. */
export function snapshot(root: string, but: readonly string[] = []): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const walk = (relative: string): void => {
    for (const name of fs.readdirSync(path.join(root, relative))) {
      const below = relative === '' ? name : `${relative}/${name}`
      if (but.includes(below)) continue
      const place = path.join(root, below)
      const { mode } = fs.lstatSync(place)
      if ((mode & 0o170000) === 0o040000) {
        found.set(below, 'directory')
        walk(below)
      } else if ((mode & 0o170000) === 0o120000) found.set(below, `link to ${fs.readlinkSync(place)}`)
      else if ((mode & 0o170000) === 0o100000)
        found.set(
          below,
          `${mode.toString(8)} ${crypto.createHash('sha256').update(fs.readFileSync(place)).digest('hex')}`,
        )
      else found.set(below, `odd ${mode.toString(8)}`)
    }
  }
  walk('')
  return found
}

/** Paths that are in one of the two only, or differ. */
export function changesBetween(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] {
  const names = new Set([...before.keys(), ...after.keys()])
  return [...names].filter((name) => before.get(name) !== after.get(name)).sort()
}

/** What the kit's hostile names point at, outside of every ground. */
const landmarks = ['/evil', '/evil.py', '/tmp/evil', '/tmp/evil.py', '/tmp/tree_evil', '/link', '/tmp/app-1.0_evil']

/** Whether an archive's name can be had from a file of that name. */
export const isPlainName = (filename: string): boolean => !/[/\\\0]/.test(filename)

/** Installs one archive. The ground is as before when it is refused as it should be; otherwise `resetGround` is due. */
export async function attempt(installer: Installer, one: ArchiveCase, way: Way): Promise<Outcome> {
  const { ground } = installer
  fs.rmSync(ground.files, { recursive: true, force: true })
  fs.mkdirSync(ground.files, { recursive: true })
  const but = ['files', 'template', 'template-pip', 'template-tmp']
  const before = snapshot(ground.root, but)
  const stood = landmarks.filter((place) => fs.existsSync(place))
  const started = performance.now()
  let run: ToolRun
  if (way === 'file') {
    const file = path.join(ground.files, path.basename(one.filename))
    fs.writeFileSync(file, one.bytes)
    run = await installer.install(file, undefined)
  } else run = await withServer(one, (index, operand) => installer.install(operand, index))
  const milliseconds = performance.now() - started
  const isCrash = run.signal !== undefined || run.code === undefined || installer.crash.test(run.output)
  const verdict = run.code === 0 && !isCrash ? 'installed' : isCrash ? 'crashed' : 'refused'
  // What Node itself keeps of the program that it ran is no work of den's.
  const changed = changesBetween(before, snapshot(ground.root, but)).filter(
    (name) => !name.includes('node-compile-cache'),
  )
  const owned = (name: string): boolean => installer.own.some((place) => name === place || name.startsWith(`${place}/`))
  const inside = path.relative(ground.root, ground.environment)
  const isEnvironment = (name: string): boolean => name === inside || name.startsWith(`${inside}/`)
  const elsewhere = landmarks.filter((place) => fs.existsSync(place) && !stood.includes(place))
  const outside = [...elsewhere, ...changed.filter((name) => !owned(name) && !isEnvironment(name))]
  const residue =
    verdict === 'installed'
      ? outside
      : [...elsewhere, ...changed.filter((name) => !(owned(name) && installer.mayChange(name)))]
  for (const place of elsewhere) fs.rmSync(place, { recursive: true, force: true })
  const replaced = changed
    .filter((name) => name.startsWith(`${inside}/`) && before.get(name) !== 'directory' && before.has(name))
    .map((name) => name.slice(inside.length + 1))
  return { verdict, residue, outside, replaced, output: run.output, milliseconds }
}

/** An index that has this one file; what cannot stand on an index's page is asked for by its address. */
async function withServer(
  one: ArchiveCase,
  use: (index: string, operand: string) => Promise<ToolRun>,
): Promise<ToolRun> {
  const ends: (() => void | Promise<void>)[] = []
  const cleanup: Cleanup = { after: (done) => void ends.push(done) }
  const hash = crypto.createHash('sha256').update(one.bytes).digest('hex')
  const project = /^[A-Za-z0-9]+(?=-\d)/.exec(one.filename)?.[0]?.toLowerCase()
  const { origin } = await serveHttp(cleanup, (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://x')
    if (pathname.startsWith('/simple/')) {
      if (pathname !== `/simple/${project}/`) return void response.writeHead(404).end('none')
      const page = `<!DOCTYPE html><html><body><a href="/files/${encodeURIComponent(one.filename)}#sha256=${hash}">${one.filename}</a></body></html>`
      return void response.writeHead(200, { 'content-type': 'text/html' }).end(page)
    }
    if (!pathname.startsWith('/files/')) return void response.writeHead(404).end('none')
    const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '')
    const { length } = one.bytes
    if (range !== null && length > 0) {
      const start = range[1] === '' ? Math.max(0, length - Number(range[2])) : Number(range[1])
      const end = range[1] === '' || range[2] === '' ? length - 1 : Math.min(Number(range[2]), length - 1)
      if (start < length && start <= end) {
        const part = one.bytes.subarray(start, end + 1)
        const headers = { 'content-range': `bytes ${start}-${end}/${length}`, 'content-length': part.length }
        return void response.writeHead(206, headers).end(request.method === 'HEAD' ? undefined : part)
      }
    }
    response.writeHead(200, { 'content-length': length, 'accept-ranges': 'bytes' })
    response.end(request.method === 'HEAD' ? undefined : one.bytes)
  })
  try {
    const operand = project ?? `${origin}/files/${encodeURIComponent(one.filename)}`
    return await use(`${origin}/simple/`, operand)
  } finally {
    for (const end of ends) await end()
  }
}

const mechanisms: readonly (readonly [pattern: RegExp, title: string])[] = [
  [/^honest|^order/, 'honest wheels'],
  [/^sdist honest/, 'honest source distributions'],
  [/^sdist traversal/, 'sdist: names that leave'],
  [/^sdist (?:link|a link)/, 'sdist: links'],
  [/^sdist (?:file through|hard link)/, 'sdist: links'],
  [/^sdist (?:type|a file named|a directory with)/, 'sdist: kinds of entries'],
  [/^sdist (?:collision|two tops|a file at the top)/, 'sdist: colliding names, several tops'],
  [/^sdist (?:pax|mixed)/, 'sdist: extended headers'],
  [/^sdist (?:no magic|another magic|checksum|size|name|bytes between)/, 'sdist: headers'],
  [/^sdist (?:end|cut|empty archive)/, 'sdist: ends and cuts'],
  [/^sdist gzip/, 'sdist: gzip'],
  [/^sdist (?:magic|polyglot)/, 'sdist: another format than the name says'],
  [/^sdist bomb/, 'sdist: bombs'],
  [/^sdist zip/, 'sdist: zip files'],
  [/^traversal/, 'wheel: names that leave'],
  [/^name/, 'wheel: malformed names'],
  [/^collision/, 'wheel: colliding names'],
  [/^kind/, 'wheel: links, devices, kinds of entries'],
  [/^RECORD/, 'wheel: RECORD'],
  [/^(?:gui )?script name/, 'wheel: names of scripts'],
  [/^reserved script/, 'wheel: scripts in place of the interpreter or activation'],
  [/^(?:gui )?reference/, 'wheel: entry points that are code'],
  [/^data: (?:not deflated|cut|bytes follow|its checksum|two streams)/, 'zip: methods, encryption, compressed data'],
  [/^data/, 'wheel: .data'],
  [/^(?:dist-info|METADATA|WHEEL)/, 'wheel: dist-info, METADATA, WHEEL'],
  [/^file name/, 'wheel: file names'],
  [/^(?:end|start|bytes before|polyglot)/, 'zip: bytes before, behind, between'],
  [/^(?:count|zip64)/, 'zip: end records'],
  [/^(?:hidden|overlap)/, 'zip: hidden and overlapping entries'],
  [/^(?:headers|checksum|size|extra|descriptor)/, 'zip: headers that contradict'],
  [/^(?:method|flags)/, 'zip: methods, encryption, compressed data'],
  [/^bomb/, 'zip: bombs'],
  [/^(?:cut|not a zip|a zip without|one bit)/, 'zip: damage'],
]

/** The heading that a case stands under: what it tries. */
export function mechanismOf({ name, verdict }: ArchiveCase): string {
  const [, title] = mechanisms.find(([pattern]) => pattern.test(name)) ?? [undefined, 'other']
  return verdict === 'accept' && !title.startsWith('honest') ? `${title} (honest)` : title
}

/** Does the work for each item, `lanes` at a time, each in a lane of its own. */
export async function inLanes<Item, Lane>(
  items: readonly Item[],
  lanes: readonly Lane[],
  work: (item: Item, lane: Lane) => Promise<void>,
): Promise<void> {
  let next = 0
  await Promise.all(
    lanes.map(async (lane) => {
      while (next < items.length) {
        const item = items[next]!
        next += 1
        await work(item, lane)
      }
    }),
  )
}
