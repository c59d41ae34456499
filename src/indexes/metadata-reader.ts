// What a distribution says of itself, without running any of its code. In this order: what is remembered, the file beside it (PEP 658),
// the wheel's own by parts, the wheel as a whole; of a source distribution PKG-INFO, where it promises to be final (PEP 643).

import { DenError } from '../base/error.ts'
import { tryParseUrl } from '../base/safe-url.ts'
import type { Places } from '../config/places.ts'
import { bytesSource } from '../format/zip.ts'
import type { Context } from '../host/host.ts'
import type { Transport } from '../net/transport.ts'
import { type Metadata, parseMetadata } from '../spec/metadata.ts'
import type { DistributionFile } from './distribution-file.ts'
import type { FetchedFile, FetchOptions } from './fetch-file.ts'
import { checkHashes } from './index-client.ts'
import { openMetadataCache } from './metadata-cache.ts'
import { coreOf, metadataOfCore } from './metadata-core.ts'
import type { PageNotes } from './page-notes.ts'

export interface MetadataReader {
  metadata(file: DistributionFile): Promise<Metadata | undefined>
  text(file: DistributionFile): Promise<string | undefined>
  cached(file: DistributionFile): Metadata | undefined
}

export interface MetadataReaderOptions {
  readonly transport: () => Promise<Transport>
  readonly places: Pick<Places, 'cache'>
  fetch(file: DistributionFile, options?: FetchOptions): Promise<FetchedFile>
  /** What is noted on the page that a file was found on. */
  notesOf(file: DistributionFile): PageNotes | undefined
}

const maxMetadataBytes = 2 ** 26

export function openMetadataReader(
  context: Pick<Context, 'host' | 'signal'>,
  options: MetadataReaderOptions,
): MetadataReader {
  const { host } = context
  const cache = openMetadataCache(context, options.places)
  const running = new Map<string, Promise<Metadata | undefined>>()
  const known = new Map<string, Metadata | null>()

  const beside = async (file: DistributionFile): Promise<string | undefined> => {
    if (file.metadata === undefined || file.place.kind !== 'url') return undefined
    const { url } = file.place
    const { pathname, search } = new URL(url.href)
    const address = tryParseUrl(`${pathname}.metadata${search}`, url)!
    const transport = await options.transport()
    const response = await transport.fetch({ url: address, maxBytes: maxMetadataBytes })
    // Promised, and not there: pip fails, but the file itself is as good.
    if (response.status !== 200) return undefined
    if (file.metadata !== true) checkHashes(`${file.parsed.filename}.metadata`, file.metadata, response.body)
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(response.body)
  }

  const inWheel = async (file: DistributionFile): Promise<string | undefined> => {
    const { parsed, place } = file
    if (parsed.kind !== 'wheel') return undefined
    const { readWheelMetadata, fetchWheelMetadata, fileSource } = await import('./wheel-metadata.ts')
    if (place.kind === 'path') return readWheelMetadata(fileSource(context, place.path), parsed)
    const text = await fetchWheelMetadata(await options.transport(), place.url, parsed)
    if (text !== undefined) return text
    // The whole of it; most likely it is wanted next, so it is kept.
    const { bytes, path } = await options.fetch(file, { keep: true })
    return readWheelMetadata(bytes === undefined ? fileSource(context, path!) : bytesSource(bytes), parsed)
  }

  const inSdist = async (file: DistributionFile): Promise<string | undefined> => {
    const { parsed } = file
    if (parsed.kind !== 'sdist') return undefined
    const { bytes, path } = await options.fetch(file)
    const content = bytes ?? host.files.readBytes(path!)
    if (content === undefined) throw new DenError('io-failed', { operation: 'read', path: path!, errno: 'ENOENT' })
    const [{ readSdistFile }, { decodeMetadata }] = await Promise.all([
      import('../store/sdist.ts'),
      import('./wheel-metadata.ts'),
    ])
    const info = await readSdistFile(context, { bytes: content, filename: parsed.filename, path: 'PKG-INFO' })
    return info === undefined ? undefined : decodeMetadata(info)
  }

  const read = async (file: DistributionFile): Promise<{ text: string; metadata: Metadata } | undefined> => {
    const { parsed } = file
    const text = (await beside(file)) ?? (await inWheel(file)) ?? (await inSdist(file))
    if (text === undefined) return undefined
    const metadata = parseMetadata(text, { file: `METADATA of ${parsed.filename}` })
    checkIdentity(file, metadata)
    if (parsed.kind === 'sdist' && !isFinal(metadata)) return undefined
    cache.write(file, text, metadata)
    return { text, metadata }
  }
  /** What was found is found at once the next time, and so is that there was nothing. */
  const note = (file: DistributionFile, found: Metadata | undefined): void => {
    const sha256 = file.hashes['sha256']
    if (sha256 === undefined) return
    const core = found === undefined ? null : coreOf(found)
    options.notesOf(file)?.addMetadata(file.parsed.filename, sha256, core)
  }

  /** null: nothing can be had without running code. */
  const cached = (file: DistributionFile): Metadata | null | undefined => {
    const key = keyOf(file)
    const remembered = known.get(key)
    if (remembered !== undefined) return remembered
    const sha256 = file.hashes['sha256']
    const core = sha256 === undefined ? undefined : options.notesOf(file)?.metadata(file.parsed.filename, sha256)
    const noted = core === null || core === undefined ? core : metadataOfCore(core, () => cache.readText(file))
    const found = noted === undefined ? cache.read(file) : noted
    if (found !== undefined) known.set(key, found)
    if (noted === undefined && found !== undefined) note(file, found ?? undefined)
    return found
  }

  return Object.freeze({
    cached: (file: DistributionFile) => cached(file) ?? undefined,
    metadata: (file: DistributionFile) => {
      const found = cached(file)
      if (found !== undefined) return Promise.resolve(found ?? undefined)
      const key = keyOf(file)
      const before = running.get(key)
      if (before !== undefined) return before
      const answer = read(file).then(
        (result) => {
          known.set(key, result?.metadata ?? null)
          note(file, result?.metadata)
          return result?.metadata
        },
        (error: unknown) => {
          running.delete(key)
          throw error
        },
      )
      running.set(key, answer)
      return answer
    },
    text: async (file: DistributionFile) => cache.readText(file) ?? (await read(file))?.text,
  })
}

/** What names the file in a process: files of two indexes are two, even of one hash. */
function keyOf(file: DistributionFile): string {
  const sha256 = file.hashes['sha256']
  // With a hash its address need not be taken apart.
  const where = sha256 ?? (file.place.kind === 'url' ? file.place.url.href : file.place.path)
  return `${file.foundAt}\0${where}\0${file.parsed.filename}`
}

/** A file's metadata that is another release's would have the solver choose one thing and the installer get another. */
function checkIdentity({ parsed }: DistributionFile, metadata: Metadata): void {
  const mismatch = (field: string, expected: string, actual: string): DenError =>
    new DenError('metadata-mismatch', { file: parsed.filename, field, expected, actual })
  if (metadata.name !== parsed.name) throw mismatch('Name', parsed.name, metadata.rawName)
  if (metadata.version.key !== parsed.version.key) throw mismatch('Version', parsed.version.text, metadata.version.text)
}

/** Whether a source distribution's metadata is that of every wheel built from it, as far as solving goes (PEP 643). */
function isFinal({ metadataVersion: [major, minor], dynamic }: Metadata): boolean {
  if (major < 2 || (major === 2 && minor < 2)) return false
  return !['requires-dist', 'requires-python', 'provides-extra', 'version', 'name'].some((field) =>
    dynamic.includes(field),
  )
}

/** What a resolver goes by. */
export type ResolvedBy = Pick<Metadata, 'name' | 'version' | 'requiresPython' | 'requiresDist' | 'providesExtra'>

/**
 * The first field in which two metadata differ for a resolver, as what stood beside a wheel has to agree with what is in it; undefined
 * when they agree. The order of requirements and extras says nothing.
 */
export function differingField(
  promised: ResolvedBy,
  found: ResolvedBy,
): { field: string; expected: string; actual: string } | undefined {
  const fields: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['Name', [promised.name], [found.name]],
    ['Version', [promised.version.key], [found.version.key]],
    ['Requires-Python', [promised.requiresPython ?? ''], [found.requiresPython ?? '']],
    ['Requires-Dist', [...promised.requiresDist].sort(), [...found.requiresDist].sort()],
    ['Provides-Extra', [...promised.providesExtra].sort(), [...found.providesExtra].sort()],
  ]
  for (const [field, expected, actual] of fields) {
    const extra = actual.find((value, index) => value !== expected[index])
    if (expected.length === actual.length && extra === undefined) continue
    const missing = expected.find((value, index) => value !== actual[index])
    return { field, expected: missing ?? 'nothing', actual: extra ?? 'nothing' }
  }
  return undefined
}

/** Throws `metadata-mismatch` where the two differ. */
export function checkSameMetadata(filename: string, promised: ResolvedBy, found: ResolvedBy): void {
  const difference = differingField(promised, found)
  if (difference !== undefined) throw new DenError('metadata-mismatch', { file: filename, ...difference })
}
