// What an address or a path on the command line holds (PEP 508's `name @ URL`, a wheel, an archive, a directory, a repository): which
// project, which version, what it needs, and how it is installed from there.

import { DenError, isDenError } from '../base/error.ts'
import { sha256Hex } from '../host/hash.ts'
import type { DistributionFile, Place } from '../indexes/distribution-file.ts'
import type { FetchedFile } from '../indexes/fetch-file.ts'
import { type ArchiveLink, type DirectoryLink, type Link, readLink, type VcsLink } from '../indexes/link.ts'
import type { IndexContext, PackageSource } from '../indexes/package-source.ts'
import type { CheckoutOptions } from '../indexes/vcs.ts'
import { type DirectUrl, directUrlOfArchive, directUrlOfDirectory, directUrlOfVcs } from '../spec/direct-url.ts'
import { tryParseSdistFilename } from '../spec/filename.ts'
import type { Metadata } from '../spec/metadata.ts'
import { fileUrl } from '../spec/requirements-txt-url.ts'
import type { BuildableSource, Builder } from './builder.ts'
import type { LinkedDistribution, WantedLink } from './resolve-request.ts'

/** How an address is installed: a wheel as it is, or a source to be built. */
export type LinkedSource =
  | { readonly kind: 'wheel'; readonly file: DistributionFile; readonly directUrl: (sha256: string) => DirectUrl }
  | { readonly kind: 'source'; readonly source: BuildableSource; readonly directUrl: DirectUrl }

export interface LinkReader {
  read(wanted: WantedLink): Promise<LinkedDistribution>
  /** What `read` found to install from. */
  sourceOf(linked: LinkedDistribution): LinkedSource
  /** Removes checkouts that are nobody else's. */
  close(): void
}

export interface LinkReaderOptions {
  readonly source: PackageSource
  readonly builder: Builder
  readonly configSettings?: Readonly<Record<string, string | readonly string[]>>
  /** Where repositories that are to be edited are put. */
  readonly sourceDirectory?: string
  /** What becomes of another repository that stands there. */
  readonly inTheWay?: CheckoutOptions['inTheWay']
  readonly offline?: boolean
  /** A directory for copies of shared checkouts. */
  readonly work: string
}

export function openLinkReader(context: IndexContext, options: LinkReaderOptions): LinkReader {
  const { host } = context
  const { builder, source } = options
  const sources = new Map<LinkedDistribution, LinkedSource>()
  const releases: (() => void)[] = []

  const settingsOf = (wanted: WantedLink): BuildableSource['configSettings'] => ({
    ...options.configSettings,
    ...(wanted.configSettings === undefined ? {} : Object.fromEntries(wanted.configSettings)),
  })
  const remember = (
    metadata: Metadata,
    kept: LinkedSource,
    more: { readonly editable: boolean; readonly directUrl: DirectUrl; readonly file?: DistributionFile },
  ): LinkedDistribution => {
    const linked: LinkedDistribution = { name: metadata.name, version: metadata.version, metadata, ...more }
    sources.set(linked, kept)
    return linked
  }

  const readArchive = async (link: ArchiveLink, wanted: WantedLink): Promise<LinkedDistribution> => {
    if (wanted.editable) throw notEditable(link)
    const parsed = link.wheel ?? tryParseSdistFilename(link.filename)
    const hashes = link.hashes
    const shown = addressOf(link.place)
    const size = wanted.size === undefined ? {} : ({ size: wanted.size, exactSize: true } as const)
    if (link.wheel !== undefined) {
      const file: DistributionFile = { parsed: link.wheel, place: link.place, hashes, foundAt: link.shown, ...size }
      const metadata = await source.metadata(file)
      if (metadata === undefined)
        throw new DenError('invalid-wheel', { file: link.filename, reason: 'it has no METADATA' })
      const directUrl = (sha256: string): DirectUrl => directUrlOfArchive(shown, { ...hashes, sha256 })
      return remember(metadata, { kind: 'wheel', file, directUrl }, { editable: false, directUrl: directUrl(''), file })
    }
    // An address need not end in a source distribution's name; the archive's own kind is what counts then.
    const file: DistributionFile | undefined =
      parsed === undefined ? undefined : { parsed, place: link.place, hashes, foundAt: link.shown, ...size }
    const asked = file ?? { ...nameless(link), ...size }
    const fetched = await source.fetch(asked, { keep: true })
    const path = fetched.path ?? keepBeside(fetched)
    const sha256 = fetched.sha256 ?? sha256Hex(host.files.readBytes(path) ?? new Uint8Array())
    const settings = settingsOf(wanted)
    const build: BuildableSource = {
      label: link.shown,
      place: { kind: 'archive', path, filename: link.filename, sha256 },
      ...(link.subdirectory === undefined ? {} : { subdirectory: link.subdirectory }),
      ...(settings === undefined ? {} : { configSettings: settings }),
      ...(wanted.name === undefined ? {} : { name: wanted.name }),
    }
    const directUrl = directUrlOfArchive(shown, { ...hashes, sha256 }, link.subdirectory)
    const told = file === undefined || link.subdirectory !== undefined ? undefined : await source.metadata(file)
    const metadata = told ?? (await builder.metadata(build))
    return remember(metadata, { kind: 'source', source: build, directUrl }, { editable: false, directUrl })
  }

  const keepBeside = (fetched: FetchedFile): string => {
    host.disk.makeDirectories(options.work)
    const file = host.path.join(
      options.work,
      `${sha256Hex(fetched.bytes ?? new Uint8Array()).slice(0, 16)}-${fetched.filename}`,
    )
    if (host.files.lstat(file) === undefined) host.disk.writeNew(file, fetched.bytes ?? new Uint8Array())
    return file
  }

  const readDirectory = async (link: DirectoryLink, wanted: WantedLink): Promise<LinkedDistribution> => {
    const settings = settingsOf(wanted)
    const build: BuildableSource = {
      label: link.path,
      place: { kind: 'directory', path: link.path },
      editable: wanted.editable,
      ...(link.subdirectory === undefined ? {} : { subdirectory: link.subdirectory }),
      ...(settings === undefined ? {} : { configSettings: settings }),
      ...(wanted.name === undefined ? {} : { name: wanted.name }),
    }
    const directUrl = directUrlOfDirectory(addressOf({ kind: 'path', path: link.path }), {
      editable: wanted.editable,
      ...(link.subdirectory === undefined ? {} : { subdirectory: link.subdirectory }),
    })
    const metadata = await builder.metadata(build)
    return remember(metadata, { kind: 'source', source: build, directUrl }, { editable: wanted.editable, directUrl })
  }

  const readRepository = async (link: VcsLink, wanted: WantedLink): Promise<LinkedDistribution> => {
    const place =
      wanted.editable && options.sourceDirectory !== undefined
        ? {
            directory: host.path.join(options.sourceDirectory, wanted.name ?? link.egg ?? lastPart(link)),
            ...(options.inTheWay === undefined ? {} : { inTheWay: options.inTheWay }),
          }
        : {}
    const { checkoutVcs } = await import('../indexes/vcs.ts')
    const checkout = await checkoutVcs({ ...context, offline: options.offline ?? false }, link, place)
    if (!wanted.editable) releases.push(() => checkout.release())
    // What several may be given is not built in.
    const top = checkout.shared ? await copyOf(checkout.directory) : checkout.directory
    const settings = settingsOf(wanted)
    const identity = `${link.vcs}+${link.url.href}@${checkout.commit}`
    const build: BuildableSource = {
      label: link.shown,
      place: { kind: 'directory', path: top },
      editable: wanted.editable,
      ...(wanted.editable ? {} : { identity }),
      ...(link.subdirectory === undefined ? {} : { subdirectory: link.subdirectory }),
      ...(settings === undefined ? {} : { configSettings: settings }),
      ...(wanted.name === undefined ? {} : { name: wanted.name }),
    }
    const directUrl = wanted.editable
      ? directUrlOfDirectory(addressOf({ kind: 'path', path: top }), {
          editable: true,
          ...(link.subdirectory === undefined ? {} : { subdirectory: link.subdirectory }),
        })
      : directUrlOfVcs(vcsAddress(link), {
          vcs: link.vcs,
          commitId: checkout.commit,
          ...(link.revision === undefined ? {} : { requestedRevision: link.revision }),
          ...(link.subdirectory === undefined ? {} : { subdirectory: link.subdirectory }),
        })
    const metadata = await builder.metadata(build)
    return remember(metadata, { kind: 'source', source: build, directUrl }, { editable: wanted.editable, directUrl })
  }

  const copyOf = async (directory: string): Promise<string> => {
    host.disk.makeDirectories(options.work)
    const to = host.path.join(options.work, `checkout-${sha256Hex(`${directory} ${Math.random()}`).slice(0, 12)}`)
    const { cloneTree } = await import('../env/clone-tree.ts')
    await cloneTree(context, { from: directory, to, mode: 'clone', changes: [] })
    return to
  }

  return Object.freeze({
    read: async (wanted: WantedLink) => {
      const link = readNamedLink(host, wanted)
      const named = wanted.name === undefined && link.egg !== undefined ? { ...wanted, name: link.egg } : wanted
      if (link.kind === 'archive') return await readArchive(link, named)
      if (link.kind === 'directory') return await readDirectory(link, named)
      return await readRepository(link, named)
    },
    sourceOf: (linked: LinkedDistribution) => sources.get(linked)!,
    close: () => {
      for (const release of releases) release()
    },
  })

  function addressOf(place: Place): string {
    if (place.kind === 'url') return place.url.href
    return fileUrl(place.path, host.path)
  }
}

/** Throws as `readLink`, with the name of the project that is to come from there. */
export function readNamedLink(
  host: Parameters<typeof readLink>[0],
  { address, name }: Pick<WantedLink, 'address' | 'name'>,
): Link {
  try {
    return readLink(host, address)
  } catch (error) {
    if (name === undefined || !isDenError(error, 'link-not-found')) throw error
    throw new DenError('link-not-found', { ...error.detail, project: name }, { cause: error })
  }
}

function notEditable(link: Link): DenError {
  return new DenError('invalid-link', {
    link: link.shown,
    reason: 'only directories and repositories can be edited in place',
  })
}

/** A file whose name says nothing: what fetching needs of it is its place. */
function nameless(link: ArchiveLink): DistributionFile {
  const parsed = { kind: 'sdist', filename: link.filename } as unknown as DistributionFile['parsed']
  return { parsed, place: link.place, hashes: link.hashes, foundAt: link.shown }
}

function vcsAddress(link: VcsLink): string {
  return link.url.href
}

function lastPart(link: VcsLink): string {
  return (
    link.url.href
      .replace(/\/+$/, '')
      .replace(/^.*\//, '')
      .replace(/\.git$/, '') || 'source'
  )
}
