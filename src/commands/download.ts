// `pip download` and `pip wheel`: what would be installed, as files in a directory. Downloading runs no code but where nothing else tells
// what a source needs. Wheels are verified as far as installing them would: who gets a wheelhouse should not be the one to find out.

import { checkFetched, checkMetadata } from '../engine/prepare.ts'
import type { ResolvedDistribution } from '../engine/resolve-request.ts'
import type { Workshop } from '../engine/workshop.ts'
import { walkTree } from '../env/walk.ts'
import { bytesSource } from '../format/zip.ts'
import { storedZip } from '../format/zip-write.ts'
import { sha256Hex } from '../host/hash.ts'
import { crc32 } from '../host/inflate.ts'
import { verifyWheel } from '../store/verify-wheel.ts'
import type { Core } from './core.ts'
import type { DownloadRequest, PackagesRequest, WheelRequest } from './install-request.ts'
import { openPackages } from './packages.ts'

export interface SavedFile {
  readonly name: string
  readonly version: string
  /** Absolute. */
  readonly path: string
  /** The same bytes stood there already. */
  readonly unchanged: boolean
}

export interface SavedFiles {
  readonly saved: readonly SavedFile[]
  /** Directories, which are where they are. */
  readonly passedOver: readonly string[]
  readonly warnings: readonly string[]
}

/** Saves the files that would be installed. Throws as `installPackages`. */
export async function downloadPackages(core: Core, request: DownloadRequest): Promise<SavedFiles> {
  return await saving(core, request, request.directory, async (one, workshop) => {
    if (one.file !== undefined) return await fetched(core, one, workshop)
    if (one.link === undefined) return undefined
    const linked = workshop.links.sourceOf(one.link)
    if (linked.kind === 'wheel') return undefined
    const { place } = linked.source
    if (place.kind === 'archive') return { filename: place.filename, bytes: core.host.files.readBytes(place.path)! }
    // A checkout is packed up; a directory of the user's is where it is.
    if (linked.directUrl.vcs_info === undefined) return undefined
    const filename = `${one.name}-${one.version.text}.zip`
    return { filename, bytes: await zipOf(core, place.path, `${one.name}-${one.version.text}`) }
  })
}

/** Saves wheels: fetched, or built. Throws as `installPackages`. */
export async function buildWheels(core: Core, request: WheelRequest): Promise<SavedFiles> {
  return await saving(core, request, request.directory, async (one, workshop) => {
    if (one.file?.parsed.kind === 'wheel') return await fetched(core, one, workshop)
    const source = await workshop.sourceOf(one)
    const made = await workshop.builder.wheel(source)
    return { filename: made.parsed.filename, bytes: core.host.files.readBytes(made.path)! }
  })
}

interface Content {
  readonly filename: string
  readonly bytes: Uint8Array
}

async function saving(
  core: Core,
  request: PackagesRequest,
  directory: string,
  contentOf: (one: ResolvedDistribution, workshop: Workshop) => Promise<Content | undefined>,
): Promise<SavedFiles> {
  const { host } = core
  const open = await openPackages(core, request)
  try {
    const answer = await open.resolve({})
    const saved: SavedFile[] = []
    const passedOver: string[] = []
    // Nothing is written before everything is there: a refused file leaves no half of a set behind.
    const contents: { readonly one: ResolvedDistribution; readonly content: Content }[] = []
    for (const one of answer.distributions) {
      const content = await contentOf(one, open.workshop)
      if (content === undefined) passedOver.push(one.name)
      else contents.push({ one, content })
    }
    for (const { one, content } of contents) await verify(core, one, content, open.workshop)
    host.disk.makeDirectories(directory)
    for (const { one, content } of contents) {
      const path = host.path.join(directory, content.filename)
      const before = host.files.stat(path)?.size === content.bytes.length ? host.files.readBytes(path) : undefined
      const unchanged = before !== undefined && Buffer.compare(before, content.bytes) === 0
      if (!unchanged) host.disk.writeAtomic(path, content.bytes)
      saved.push({ name: one.metadata?.rawName ?? one.name, version: one.version.text, path, unchanged })
    }
    return { saved, passedOver, warnings: open.read.warnings }
  } finally {
    open.close()
  }
}

async function fetched(core: Core, one: ResolvedDistribution, workshop: Workshop): Promise<Content> {
  const file = one.file!
  const got = await workshop.source.fetch(file)
  try {
    await checkFetched(core, one, got)
    const bytes = got.bytes ?? core.host.files.readBytes(got.path!)
    return { filename: file.parsed.filename, bytes: bytes ?? new Uint8Array() }
  } finally {
    got.release?.()
  }
}

async function verify(
  core: Core,
  one: ResolvedDistribution,
  { filename, bytes }: Content,
  { store }: Workshop,
): Promise<void> {
  if (!filename.endsWith('.whl')) return
  // What the store unpacked once was verified then.
  const manifest =
    store.find(sha256Hex(bytes))?.manifest ?? (await verifyWheel(core, { source: bytesSource(bytes), filename }))
  checkMetadata(one, { manifest })
}

async function zipOf(core: Core, directory: string, top: string): Promise<Uint8Array> {
  const { files, path } = core.host
  const entries: { name: string; bytes: Uint8Array; crc32: number }[] = []
  const options = {
    operation: `packing ${top}`,
    signal: core.signal,
    skip: (place: string) => /(?:^|\/)\.(?:git|hg|svn|bzr)$/.test(place),
  }
  for await (const entry of walkTree(core.host, directory, options)) {
    if (entry.kind !== 'file') continue
    const bytes = files.readBytes(path.join(directory, entry.path)) ?? new Uint8Array()
    entries.push({ name: `${top}/${entry.path}`, bytes, crc32: crc32(bytes) })
  }
  return storedZip(entries)
}
