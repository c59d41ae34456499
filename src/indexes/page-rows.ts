// The files of one version in den's form of a page: a JSON list, of which names and addresses are taken apart when somebody asks.

import type { ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import { type SafeUrl, tryParseUrl } from '../base/safe-url.ts'
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

/**
 * The files of one version, from the bytes that `rowsOf` points to. `index` lends its credentials to addresses of its own origin. Names
 * and addresses are taken apart when somebody asks: a version may have a hundred files, of which one is fetched.
 */
export function readRows(
  bytes: Uint8Array,
  options: { readonly name: ProjectName; readonly index: SafeUrl; readonly version: Version },
): readonly DistributionFile[] {
  const { name, index } = options
  const rows = JSON.parse(new TextDecoder().decode(bytes)) as readonly RowText[]
  const files: DistributionFile[] = []
  for (const [filename, address, hashes, size, uploaded, requiresPython, yanked, metadata, provenance] of rows) {
    if (!/^https?:/.test(address)) continue
    let parsed: DistributionFile['parsed'] | undefined
    let place: DistributionFile['place'] | undefined
    const file: { -readonly [Key in keyof DistributionFile]: DistributionFile[Key] } = {
      get parsed() {
        parsed ??= parseKnownFilename(filename, name, options.version)
        return parsed
      },
      get place() {
        place ??= { kind: 'url', url: neededAddress(address, index) }
        return place
      },
      hashes,
      foundAt: index.href,
    }
    // One by one: these lines run for tens of thousands of files, and spreading costs more than all else here.
    if (size !== null) file.size = size
    if (uploaded !== null) file.uploaded = uploaded
    if (requiresPython !== null) file.requiresPython = requiresPython
    if (yanked !== null) file.yanked = yanked
    if (metadata !== null) file.metadata = metadata
    if (provenance !== null) file.provenance = provenance
    files.push(file)
  }
  return files
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
  if (plain.origin !== index.origin) return plain
  return tryParseUrl(plain.href.slice(plain.origin.length), index) ?? plain
}
