// A distribution's bytes, verified. Wheels come in memory, for the store; what is to stay a file is kept in the download cache, and so
// is, until it is let go, what is too large for memory.

import type { Sha256 } from '../base/brand.ts'
import { DenError, isDenError } from '../base/error.ts'
import type { Report } from '../base/event.ts'
import type { Places } from '../config/places.ts'
import { sha256Hex, sha256Stream } from '../host/hash.ts'
import type { Context } from '../host/host.ts'
import { letGo } from '../host/memory.ts'
import type { Sink } from '../net/download.ts'
import type { Transport } from '../net/transport.ts'
import type { DistributionFile } from './distribution-file.ts'
import { openDownloadCache, type PartialDownload } from './downloads.ts'
import { checkHashes } from './index-client.ts'

/** One of `path` and `bytes` is there, or both. */
export interface FetchedFile {
  readonly filename: string
  readonly size: number
  /** Absent for a file of this machine that nobody has promised anything of. */
  readonly sha256?: Sha256
  readonly path?: string
  readonly bytes?: Uint8Array
  /** Lets go of a file that is on disk for its size alone, when the store has it. Each who asked calls it, once. */
  release?(): void
}

export interface FetchOptions {
  /** Whether it is to stay as a file; true for source distributions, false for wheels unless said. */
  readonly keep?: boolean
  /** Hashes that it must have beside those that its place promises (a requirement's, a lock file's). */
  readonly hashes?: Readonly<Record<string, string>>
  /** Where progress goes, in place of the session's. */
  readonly report?: Report
  /** Stops this alone. */
  readonly signal?: AbortSignal
}

export interface Fetcher {
  fetch(file: DistributionFile, options?: FetchOptions): Promise<FetchedFile>
}

const maxFileBytes = 8 * 2 ** 30
/** Larger files go to the disk as they come, in pieces of this size: several come at once. */
export const inMemory: number = 2 ** 20

export function openFetcher(
  context: Pick<Context, 'host' | 'report'>,
  options: { readonly transport: () => Promise<Transport>; readonly places: Pick<Places, 'cache'> },
): Fetcher {
  const { host, report } = context
  const cache = openDownloadCache(context, options.places)
  const running = new Map<string, { readonly answer: Promise<FetchedFile>; readonly askers: { count: number } }>()

  /** What addresses gave of which nobody promised a hash: who asks again is given the same. */
  const came = new Map<string, Sha256>()

  const local = (filename: string, path: string, hashes: Readonly<Record<string, string>>): FetchedFile => {
    const gone = (): DenError => new DenError('io-failed', { operation: 'read', path, errno: 'ENOENT' })
    if (Object.keys(hashes).length === 0) {
      const size = host.files.stat(path)?.size
      if (size === undefined) throw gone()
      return { filename, path, size }
    }
    const bytes = host.files.readBytes(path)
    if (bytes === undefined) throw gone()
    checkHashes(filename, hashes, bytes)
    return { filename, path, bytes, size: bytes.length, sha256: sha256Hex(bytes) }
  }

  const remote = async (
    file: DistributionFile,
    hashes: Readonly<Record<string, string>>,
    keep: boolean,
    askers: { count: number },
    request: Pick<FetchOptions, 'report' | 'signal'>,
  ): Promise<FetchedFile> => {
    const { filename } = file.parsed
    if (file.place.kind !== 'url') return local(filename, file.place.path, hashes)
    const { url } = file.place
    const promised = hashes['sha256']?.toLowerCase()
    const sure = promised ?? came.get(url.href)
    const kept = sure === undefined ? undefined : cache.find(sure, filename)
    if (kept !== undefined) return local(filename, kept, { ...hashes, sha256: sure! })
    const transport = await options.transport()
    const hashed = Object.keys(hashes).some((algorithm) => /^sha(?:256|384|512)$/.test(algorithm))
    if (!hashed) report({ kind: 'note', text: `${url} gives no SHA-256 for ${filename}: it is taken as it came` })
    const spool = openSpool(() => cache.begin(filename))
    const download = async (resume: boolean): Promise<{ size: number; sha256: Sha256; resumed: number }> => {
      const wish = { ...request, url, maxBytes: file.size ?? maxFileBytes, hashed, resume }
      const { bytes: size, resumed } = await transport.download(wish, spool.sink)
      return { size, sha256: spool.hash(), resumed }
    }
    try {
      let got = await download(true)
      if (promised !== undefined && got.sha256 !== promised && got.resumed > 0) {
        // Two halves of different files, as a proxy's cache or a careless mirror puts together: whole it may be right.
        report({
          kind: 'note',
          text: `${filename} is not what was promised after it was taken up again: once more from its start`,
        })
        spool.restart()
        got = await download(false)
      }
      const { size, sha256 } = got
      if (!hashed) came.set(url.href, sha256)
      if (promised !== undefined && sha256 !== promised)
        throw new DenError('hash-mismatch', { file: filename, expected: promised, actual: sha256 })
      const partial = spool.partial()
      // The longer hashes are rare.
      const others = Object.fromEntries(Object.entries(hashes).filter(([algorithm]) => algorithm !== 'sha256'))
      if (partial === undefined) {
        const bytes = spool.bytes()
        checkHashes(filename, others, bytes)
        const path = keep ? cache.keep(sha256, filename, bytes) : undefined
        return { filename, bytes, size, sha256, ...(path === undefined ? {} : { path }) }
      }
      if (Object.keys(others).length > 0) checkHashes(filename, others, host.files.readBytes(partial.path)!)
      if (keep) return { filename, path: partial.finish(sha256), size, sha256 }
      // Under its own name to the end: another den that fetches the same must not take it away.
      const release = (): void => {
        askers.count -= 1
        if (askers.count === 0) partial.abandon()
      }
      return { filename, path: partial.path, size, sha256, release }
    } catch (error) {
      spool.partial()?.abandon()
      throw error
    }
  }

  return Object.freeze({
    fetch: (file: DistributionFile, options: FetchOptions = {}) => {
      const { keep = file.parsed.kind === 'sdist', hashes = {}, ...request } = options
      const place = file.place.kind === 'url' ? file.place.url.href : file.place.path
      const clash = Object.entries(hashes).find(([name, digest]) => (file.hashes[name] ?? digest) !== digest)
      if (clash !== undefined) {
        const [name, expected] = clash
        const detail = { file: file.parsed.filename, expected, actual: file.hashes[name]! }
        return Promise.reject(new DenError('hash-mismatch', detail))
      }
      const all = { ...file.hashes, ...hashes }
      const key = `${keep}\0${place}\0${JSON.stringify(all)}`
      const known = running.get(key)
      if (known !== undefined) {
        known.askers.count += 1
        return known.answer
      }
      const askers = { count: 1 }
      // Held only while it runs: the bytes are the asker's.
      const answer = ofSize(file, remote(file, all, keep, askers, request)).finally(() => running.delete(key))
      running.set(key, { answer, askers })
      return answer
    },
  })
}

/** Throws `size-mismatch`. */
async function ofSize(file: DistributionFile, fetching: Promise<FetchedFile>): Promise<FetchedFile> {
  if (file.exactSize !== true || file.size === undefined) return await fetching
  const mismatch = (actual: number | 'more', cause?: unknown): DenError =>
    new DenError('size-mismatch', { file: file.parsed.filename, expected: file.size!, actual }, { cause })
  const fetched = await fetching.catch((error: unknown) => {
    throw isDenError(error, 'answer-too-large') ? mismatch('more', error) : error
  })
  if (fetched.size === file.size) return fetched
  fetched.release?.()
  throw mismatch(fetched.size)
}

interface Spool {
  readonly sink: Sink
  /** Lets go of all that came. */
  restart(): void
  /** Of everything, at the end; call it once before it is begun anew. */
  hash(): Sha256
  /** The file, when it has become too large for memory; all is written to it after `hash`. */
  partial(): PartialDownload | undefined
  /** The bytes, when it has not. They are the asker's. */
  bytes(): Uint8Array
}

/** Pieces below that are put together before they are written: a slow network brings a kilobyte at a time. */
const worthWriting = 2 ** 18
const worthWritingAlone = 2 ** 16

/** Takes bytes in memory, and moves them to the disk when they are too many. A piece is kept as it came, and let go when it is written. */
function openSpool(begin: () => PartialDownload): Spool {
  let hash = sha256Stream()
  let held: Uint8Array[] = []
  let size = 0
  let partial: PartialDownload | undefined
  const drop = (): void => {
    for (const piece of held) letGo(piece)
    held = []
    size = 0
  }
  const flush = (): void => {
    // Large pieces are written as they are: putting them together would copy the whole file once more.
    if (size >= held.length * worthWritingAlone) for (const piece of held) partial!.append(piece)
    else partial!.append(joined(held, size))
    drop()
  }
  const restart = (): void => {
    hash = sha256Stream()
    drop()
    partial?.restart()
  }
  return {
    restart,
    sink: {
      restart,
      write: (piece) => {
        hash.update(piece)
        held.push(piece)
        size += piece.length
        if (size > (partial === undefined ? inMemory : worthWriting)) {
          partial ??= begin()
          flush()
        }
      },
    },
    hash: () => {
      if (partial !== undefined) flush()
      return hash.hex()
    },
    partial: () => partial,
    bytes: () => joined(held, size),
  }
}

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, size)
}
