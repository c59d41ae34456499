// The files of one version in den's form of a page: a JSON list, of which names and addresses are taken apart when somebody asks.

import type { ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import { revealUrl, type SafeUrl, tryParseUrl } from '../base/safe-url.ts'
import { type SdistFilename, tryParseDistributionFilename, type WheelFilename } from '../spec/filename.ts'
import type { Version } from '../spec/version.ts'
import type { DistributionFile } from './distribution-file.ts'

/** What is kept of a file, null for what the index does not say. */
export type RowText = readonly [
  filename: string,
  url: string,
  hashes: Readonly<Record<string, string>>,
  size: number | null,
  uploaded: number | null,
  requiresPython: string | null,
  yanked: string | true | null,
  metadata: Readonly<Record<string, string>> | true | null,
  provenance: string | null,
]

export interface RowsOptions {
  readonly name: ProjectName
  /** Lends its credentials to addresses of its own origin. */
  readonly index: SafeUrl
  readonly version: Version
}

/** The files of one version, from the bytes that `rowsOf` points to. */
export function readRows(bytes: Uint8Array, options: RowsOptions): readonly RowFile[] {
  const rows = JSON.parse(new TextDecoder().decode(bytes)) as readonly RowText[]
  const files: RowFile[] = []
  for (const row of rows) if (/^https?:/.test(row[1])) files.push(new RowFile(row, options))
  return files
}

/** A version may have a hundred files, of which one is fetched: names and addresses are taken apart when somebody asks. */
export class RowFile implements DistributionFile {
  readonly row: RowText
  readonly hashes: DistributionFile['hashes']
  readonly foundAt: string
  declare readonly size?: number
  declare readonly uploaded?: number
  declare readonly requiresPython?: string
  declare readonly yanked?: string | true
  declare readonly metadata?: Readonly<Record<string, string>> | true
  declare readonly provenance?: string
  readonly #options: RowsOptions
  #parsed: DistributionFile['parsed'] | undefined
  #place: DistributionFile['place'] | undefined

  constructor(row: RowText, options: RowsOptions) {
    const [, , hashes, size, uploaded, requiresPython, yanked, metadata, provenance] = row
    this.row = row
    this.hashes = hashes
    this.foundAt = options.index.href
    this.#options = options
    // One by one: these lines run for tens of thousands of files, and spreading costs more than all else here.
    if (size !== null) this.size = size
    if (uploaded !== null) this.uploaded = uploaded
    if (requiresPython !== null) this.requiresPython = requiresPython
    if (yanked !== null) this.yanked = yanked
    if (metadata !== null) this.metadata = metadata
    if (provenance !== null) this.provenance = provenance
  }

  get parsed(): DistributionFile['parsed'] {
    const { name, version } = this.#options
    this.#parsed ??= parseKnownFilename(this.row[0], name, version)
    return this.#parsed
  }

  get place(): DistributionFile['place'] {
    this.#place ??= { kind: 'url', url: neededAddress(this.row[1], this.#options.index) }
    return this.#place
  }
}

function neededAddress(address: string, index: SafeUrl): SafeUrl {
  const url = fileAddress(address, index)
  if (url === undefined) throw new DenError('invalid-link', { link: address, reason: 'this is no address' })
  return url
}

/** A name that was parsed when the page came, for this version: of a wheel only the tags have to be found again. */
function parseKnownFilename(filename: string, name: ProjectName, version: Version): WheelFilename | SdistFilename {
  if (filename.endsWith(`-${version.text}.tar.gz`)) return { kind: 'sdist', filename, name, version, format: '.tar.gz' }
  const parts = filename.endsWith('.whl') ? filename.slice(0, -4).split('-') : []
  if (parts.length !== 5 || parts[1] !== version.text) return tryParseDistributionFilename(filename, { project: name })!
  return {
    kind: 'wheel',
    filename,
    name,
    version,
    pythonTags: tagsIn(parts[2]!),
    abiTags: tagsIn(parts[3]!),
    platformTags: tagsIn(parts[4]!),
  }
}

function tagsIn(text: string): readonly string[] {
  const lower = text.toLowerCase()
  return lower.includes('.') ? lower.split('.') : [lower]
}

/** An index's own credentials are good for files on its origin; a page can't have them sent anywhere else. */
export function fileAddress(address: string, index: SafeUrl): SafeUrl | undefined {
  const plain = tryParseUrl(address)
  if (plain === undefined || !/^https?:/.test(plain.href)) return undefined
  const lends = revealUrl(index) !== index.href
  if (!lends || plain.origin !== index.origin) return plain
  return tryParseUrl(plain.href.slice(plain.origin.length), index) ?? plain
}
