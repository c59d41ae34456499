// Unpacking source distributions (PEP 625, 706, 721) and the archives that addresses name: one top directory, links inside it only,
// modes 0644 and 0755. The kind of archive is told by the name, and the bytes must agree.

import { DenError } from '../base/error.ts'
import { defaultTarLimits, openTar, type TarEntry, type TarSink } from '../format/tar.ts'
import { findLinkProblem } from '../format/tar-links.ts'
import { bytesSource, parseZip } from '../format/zip.ts'
import { windowsNameProblem } from '../format/zip-names.ts'
import { type Compression, compressionOf, DecompressError, decompress } from '../host/decompress.ts'
import type { Context } from '../host/host.ts'
import { slicer } from '../host/slices.ts'
import { extractEntry } from './extract.ts'

export interface SdistOptions {
  readonly bytes: Uint8Array
  /** The file's name, which says what kind of archive it is. */
  readonly filename: string
  /** How messages name the file, where the name alone does not tell which it is. */
  readonly shown?: string | undefined
}

export interface UnpackSdistOptions extends SdistOptions {
  /** Is made when it isn't there; must be empty. */
  readonly directory: string
  /** Whether the archive's files may stand at its top, without one directory around them. */
  readonly flat?: boolean
}

export interface UnpackedSdist {
  /** Where the source lies: `directory` and the archive's top directory, absolute. */
  readonly directory: string
  /** The name of the top directory; empty for an archive without one. */
  readonly top: string
}

/**
 * Unpacks an archive of sources. Throws `invalid-archive` and what the disk throws; the caller removes what was written by then.
 * Nothing is ever written outside `directory`.
 */
export async function unpackSdist(context: Context, options: UnpackSdistOptions): Promise<UnpackedSdist> {
  const { directory } = options
  const file = options.shown ?? options.filename
  const writer = openWriter(context, directory, file)
  context.host.disk.makeDirectories(directory)
  const entries = await readSdist(context, options, writer)
  const top = topOf(entries, file, options.flat === true)
  const problem = findLinkProblem(entries, top)
  if (problem !== undefined) throw new DenError('invalid-archive', { file, ...problem })
  writer.links(entries)
  return { directory: top === '' ? directory : context.host.path.join(directory, top), top }
}

/**
 * One file of the archive, by its path below the top directory ("PKG-INFO"); undefined when there is none. The whole archive is read and
 * checked, so that the answer is that of `unpackSdist`; nothing is written. Throws `invalid-archive`.
 */
export async function readSdistFile(
  context: Pick<Context, 'host' | 'signal'>,
  options: SdistOptions & { readonly path: string },
): Promise<Uint8Array | undefined> {
  const file = options.shown ?? options.filename
  const wanted = new Map<string, Uint8Array[]>()
  let current: Uint8Array[] | undefined
  const sink: TarSink = {
    entry: (entry) => {
      const slash = entry.name.indexOf('/')
      current = undefined
      if (entry.kind !== 'file' || entry.name.slice(slash + 1) !== options.path || slash === -1) return
      current = []
      wanted.set(entry.name, current)
    },
    data: (bytes) => void current?.push(Uint8Array.from(bytes)),
  }
  const entries = await readSdist(context, options, sink)
  const top = topOf(entries, file, false)
  const problem = findLinkProblem(entries, top)
  if (problem !== undefined) throw new DenError('invalid-archive', { file, ...problem })
  const found = wanted.get(`${top}/${options.path}`)
  return found === undefined ? undefined : Buffer.concat(found)
}

/** Longer endings first. */
const kinds: readonly (readonly [string, Compression | 'zip'])[] = [
  ['.tar.gz', 'gzip'],
  ['.tgz', 'gzip'],
  ['.zip', 'zip'],
  ['.tar.bz2', 'bzip2'],
  ['.tbz', 'bzip2'],
  ['.tbz2', 'bzip2'],
  ['.tar.xz', 'xz'],
  ['.txz', 'xz'],
  ['.tar.lzma', 'lzma'],
  ['.tlz', 'lzma'],
  ['.tar.zst', 'zstd'],
  ['.tar', 'none'],
]

/** Whether a name is that of an archive that den can unpack. */
export function isSourceArchive(filename: string): boolean {
  const lower = filename.toLowerCase()
  return kinds.some(([ending]) => lower.endsWith(ending))
}

/** Tells `sink` the entries of the archive, of whatever kind; answers them all. */
async function readSdist(
  context: Pick<Context, 'host' | 'signal'>,
  options: SdistOptions,
  sink: TarSink,
): Promise<readonly TarEntry[]> {
  const { bytes, filename } = options
  const file = options.shown ?? filename
  const lower = filename.toLowerCase()
  const kind = kinds.find(([ending]) => lower.endsWith(ending))?.[1]
  const refuse = (reason: string): DenError => new DenError('invalid-archive', { file, reason })
  if (kind === undefined) throw refuse('its name is not that of an archive of sources')
  const looksLike = isZip(bytes) ? 'zip' : (compressionOf(bytes) ?? (isTar(bytes) ? 'none' : 'lzma'))
  if (looksLike !== kind) throw refuse('it is another kind of archive than its name says')
  const slice = slicer({ operation: `unpacking ${filename}`, signal: context.signal })
  if (kind === 'zip') return await readZip(bytes, file, sink, slice)
  const tar = openTar({ file, compressedSize: bytes.length }, sink)
  try {
    for await (const piece of decompress(bytes, kind, defaultTarLimits.size)) {
      // A piece may be the whole archive: what is made of it takes long.
      for (let at = 0; at < piece.length; at += 2 ** 20) {
        tar.push(piece.subarray(at, at + 2 ** 20))
        await slice()
      }
    }
  } catch (error) {
    throw error instanceof DecompressError ? refuse(error.message) : error
  }
  return tar.end()
}

async function readZip(
  bytes: Uint8Array,
  file: string,
  sink: TarSink,
  slice: () => Promise<void>,
): Promise<readonly TarEntry[]> {
  const source = bytesSource(bytes)
  const entries: TarEntry[] = []
  for (const entry of parseZip(source, { file, comment: true })) {
    const found: TarEntry = {
      name: entry.directory ? entry.name.slice(0, -1) : entry.name,
      kind: entry.directory ? 'directory' : 'file',
      executable: entry.executable,
      size: entry.size,
      modified: entry.modified,
    }
    entries.push(found)
    sink.entry(found)
    if (entry.size > 0) sink.data(extractEntry(source, entry, file))
    else extractEntry(source, entry, file)
    await slice()
  }
  return entries
}

function isZip(bytes: Uint8Array): boolean {
  return (
    bytes[0] === 0x50 && bytes[1] === 0x4b && ((bytes[2] === 3 && bytes[3] === 4) || (bytes[2] === 5 && bytes[3] === 6))
  )
}

function isTar(bytes: Uint8Array): boolean {
  return bytes.length >= 512 && Buffer.from(bytes.subarray(257, 262)).toString('latin1') === 'ustar'
}

/** The one directory that everything is in. */
function topOf(entries: readonly TarEntry[], file: string, flat: boolean): string {
  const tops = new Set(entries.map(({ name }) => name.split('/')[0]!))
  const [top] = tops
  if (top === undefined) throw new DenError('invalid-archive', { file, reason: 'it is empty' })
  const alone = tops.size === 1 && entries.every(({ name, kind }) => name !== top || kind === 'directory')
  if (alone) return top
  if (flat) return ''
  const names = [...tops].sort().slice(0, 3).join(', ')
  throw new DenError('invalid-archive', { file, reason: `it holds more than one directory at its top: ${names}` })
}

/** Up to here a file is written in one go. */
const gathered = 2 ** 20

function openWriter(
  context: Context,
  root: string,
  file: string,
): TarSink & { links(entries: readonly TarEntry[]): void } {
  const { disk, path, platform } = context.host
  const place = (name: string): string => path.join(root, ...name.split('/'))
  const made = new Set<string>()
  const makeParent = (name: string): void => {
    const parent = name.slice(0, Math.max(0, name.lastIndexOf('/')))
    if (made.has(parent)) return
    made.add(parent)
    disk.makeDirectories(place(parent))
  }
  let current: { entry: TarEntry; pieces: Uint8Array[]; held: number; left: number; started: boolean } | undefined
  const flush = (): void => {
    const { entry, pieces, started } = current!
    const bytes = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
    if (started) disk.append(place(entry.name), bytes)
    else disk.writeNew(place(entry.name), bytes, entry.executable ? 0o755 : 0o644)
    current = { ...current!, pieces: [], held: 0, started: true }
  }
  const finish = (): void => {
    const { entry } = current!
    flush()
    // Build tools compare times: a C file that is older than what it was made of is made again, and needs the tool for it.
    disk.setTimes(place(entry.name), entry.modified, entry.modified)
    current = undefined
  }
  return {
    entry(entry) {
      const problem = platform === 'win32' ? windowsNameProblem(entry.name) : undefined
      if (problem !== undefined) throw new DenError('invalid-archive', { file, entry: entry.name, reason: problem })
      if (entry.kind === 'directory') makeParent(`${entry.name}/`)
      if (entry.kind !== 'file') return
      makeParent(entry.name)
      current = { entry, pieces: [], held: 0, left: entry.size, started: false }
      if (entry.size === 0) finish()
    },
    data(bytes) {
      // The reader uses its buffers again only after `data` has returned; what is kept longer is copied.
      current!.left -= bytes.length
      current!.held += bytes.length
      current!.pieces.push(current!.left === 0 && current!.pieces.length === 0 ? bytes : Uint8Array.from(bytes))
      if (current!.left === 0) finish()
      else if (current!.held >= gathered) flush()
    },
    /** Links come last, so that nothing is written through one. */
    links(entries) {
      for (const { name, kind, target } of entries) {
        if (kind !== 'hardlink') continue
        makeParent(name)
        disk.copyFile(place(target!.startsWith('./') ? target!.slice(2) : target!), place(name))
      }
      for (const { name, kind, target } of entries) {
        if (kind !== 'symlink') continue
        makeParent(name)
        if (platform !== 'win32') disk.symlink(target!, place(name))
        // Links need a privilege there. One to a file is the file; one to a directory is left out, as pip does.
        else {
          const from = path.resolve(path.dirname(place(name)), target!)
          if (context.host.files.stat(from)?.kind === 'file') disk.copyFile(from, place(name))
        }
      }
    },
  }
}
