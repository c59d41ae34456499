// A project's page of a package index (the "Simple repository API": PEP 503 and 592, 629, 658, 714 in HTML; PEP 691, 700, 708, 740,
// 792 in JSON), whichever form it comes in, as one value. Reading is lenient in the single file, strict in the page as a whole.

import { DenError } from '../base/error.ts'
import { htmlTags } from '../format/html-tags.ts'
import { isJsonObject, type JsonObject } from '../format/json.ts'
import { strip } from '../format/python-text.ts'

export interface IndexPage {
  /** The project, as the index writes it; HTML pages don't say. */
  readonly name?: string
  readonly files: readonly IndexFile[]
  /** All versions of the project, those without files included (JSON since API 1.1). */
  readonly versions?: readonly string[]
  /** The API version that the page declares. */
  readonly apiVersion?: readonly [number, number]
  readonly status?: ProjectStatus
}

/** PEP 792. "active" is said by absence as well. */
export interface ProjectStatus {
  /** "active", "archived", "deprecated", "quarantined", or a word that came later. */
  readonly state: string
  readonly reason?: string
}

export interface IndexFile {
  readonly filename: string
  /** Absolute, without fragment. */
  readonly url: string
  /** hashlib's names to lower-case hex. */
  readonly hashes: Readonly<Record<string, string>>
  /** A specifier set, as written. */
  readonly requiresPython?: string
  /** The reason, where there is one. */
  readonly yanked?: string | true
  /** Bytes. */
  readonly size?: number
  /** ISO 8601, UTC, as written. */
  readonly uploadTime?: string
  /** The file's METADATA stands at `url` + ".metadata"; with its hashes, where they are told (PEP 658). */
  readonly metadata?: Readonly<Record<string, string>> | true
  readonly hasSignature?: boolean
  /** Where the attestations are (PEP 740). */
  readonly provenance?: string
}

export interface ParsePageOptions {
  /** The address that the page came from, after redirects: relative addresses are resolved by it. Without credentials. */
  readonly url: string
}

/** Reads a page in the form that its media type names. Throws `invalid-index-page`. */
export function parseIndexPage(text: string, options: ParsePageOptions & { readonly contentType: string }): IndexPage {
  const type = strip(options.contentType.split(';', 1)[0]!).toLowerCase()
  if (type === 'application/vnd.pypi.simple.v1+json' || type === 'application/json')
    return parseIndexJson(text, options)
  if (type === 'application/vnd.pypi.simple.v1+html' || type === 'text/html') return parseIndexHtml(text, options)
  const reason =
    type === '' ? 'it comes without a media type' : `its media type is ${type}, neither HTML nor JSON of the simple API`
  throw new DenError('invalid-index-page', { url: options.url, reason })
}

/** Reads the JSON form (PEP 691). Throws `invalid-index-page`. */
export function parseIndexJson(text: string, { url }: ParsePageOptions): IndexPage {
  let page: unknown
  try {
    page = JSON.parse(text)
  } catch (error) {
    throw new DenError(
      'invalid-index-page',
      { url, reason: `it is no JSON: ${(error as Error).message}` },
      { cause: error },
    )
  }
  if (!isJsonObject(page) || !Array.isArray(page['files'])) {
    throw new DenError('invalid-index-page', { url, reason: 'it has no list of files' })
  }
  const meta = isJsonObject(page['meta']) ? page['meta'] : {}
  const apiVersion = readApiVersion(meta['api-version'], url)
  const files: IndexFile[] = []
  const resolveAddress = resolver(url)
  for (const entry of page['files'] as readonly unknown[]) {
    const file = isJsonObject(entry) ? jsonFile(entry, resolveAddress) : undefined
    if (file !== undefined) files.push(file)
  }
  const { name, versions } = page
  const status = jsonStatus(page['project-status'] ?? meta['project-status'], meta['project-status-reason'])
  return {
    ...(typeof name === 'string' ? { name } : {}),
    files,
    ...(Array.isArray(versions) ? { versions: versions.filter((version) => typeof version === 'string') } : {}),
    ...(apiVersion === undefined ? {} : { apiVersion }),
    ...(status === undefined ? {} : { status }),
  }
}

/** Reads the HTML form (PEP 503): every link whose address ends in a file's name. Throws `invalid-index-page`. */
export function parseIndexHtml(text: string, { url }: ParsePageOptions): IndexPage {
  const files: IndexFile[] = []
  let base: string | undefined
  let resolveAddress = resolver(url)
  let apiVersion: readonly [number, number] | undefined
  let state: string | undefined
  let reason: string | undefined
  for (const { name, attributes, text: content } of htmlTags(text)) {
    if (name === 'a') {
      const href = attributes.get('href')
      const file = href === undefined ? undefined : htmlFile(href, attributes, content, resolveAddress)
      if (file !== undefined) files.push(file)
    } else if (name === 'base' && base === undefined) {
      base = resolve(attributes.get('href') ?? '', url)
      resolveAddress = resolver(base ?? url)
    } else if (name === 'meta') {
      const content = attributes.get('content') ?? ''
      const key = attributes.get('name')?.toLowerCase()
      if (key === 'pypi:repository-version') apiVersion = readApiVersion(content, url)
      else if (key === 'pypi:project-status') state = content
      else if (key === 'pypi:project-status-reason') reason = content
    }
  }
  return {
    files,
    ...(apiVersion === undefined ? {} : { apiVersion }),
    ...(state ? { status: { state, ...(reason ? { reason } : {}) } } : {}),
  }
}

/** "Clients MUST error on a major version they don't know" (PEP 629). */
function readApiVersion(value: unknown, url: string): readonly [number, number] | undefined {
  const match = typeof value === 'string' ? /^(\d{1,6})\.(\d{1,6})$/.exec(strip(value)) : null
  if (match === null) return undefined
  const [major, minor] = [Number(match[1]), Number(match[2])]
  if (major > 1)
    throw new DenError('invalid-index-page', {
      url,
      reason: `it speaks version ${major}.${minor} of the simple API; den knows version 1`,
    })
  return [major, minor]
}

function jsonFile(entry: JsonObject, resolveAddress: Resolve): IndexFile | undefined {
  const { filename, url, size, provenance } = entry
  if (typeof filename !== 'string' || typeof url !== 'string' || !isPlainName(filename)) return undefined
  const address = resolveAddress(url)
  if (address === undefined) return undefined
  const requiresPython = entry['requires-python']
  const uploadTime = entry['upload-time']
  const signature = entry['gpg-sig']
  const { yanked } = entry
  // PEP 714: "core-metadata", and "dist-info-metadata" from indexes that came before it.
  const metadata = entry['core-metadata'] ?? entry['dist-info-metadata']
  // One by one: these lines run for tens of thousands of files, and spreading costs more than all else here.
  const file: { -readonly [Field in keyof IndexFile]: IndexFile[Field] } = {
    filename,
    url: address,
    hashes: jsonHashes(entry['hashes']),
  }
  if (typeof requiresPython === 'string' && requiresPython !== '') file.requiresPython = requiresPython
  if (yanked === true || (typeof yanked === 'string' && yanked !== '')) file.yanked = yanked
  if (typeof size === 'number' && Number.isSafeInteger(size) && size >= 0) file.size = size
  if (typeof uploadTime === 'string') file.uploadTime = uploadTime
  if (metadata === true) file.metadata = true
  else if (isJsonObject(metadata)) file.metadata = hashesOrTrue(jsonHashes(metadata))
  if (typeof signature === 'boolean') file.hasSignature = signature
  if (typeof provenance === 'string' && provenance !== '') file.provenance = provenance
  return file
}

function jsonHashes(value: unknown): Readonly<Record<string, string>> {
  if (!isJsonObject(value)) return {}
  // What nearly every file has, of which a page may hold ten thousand.
  const { sha256 } = value
  if (typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256) && Object.keys(value).length === 1) return { sha256 }
  return Object.fromEntries(
    Object.entries(value)
      .filter((pair): pair is [string, string] => typeof pair[1] === 'string' && isHex(pair[1]))
      .map(([algorithm, digest]) => [algorithm.toLowerCase(), digest.toLowerCase()]),
  )
}

function jsonStatus(value: unknown, reasonBeside: unknown): ProjectStatus | undefined {
  const [state, reason] = isJsonObject(value) ? [value['status'], value['reason']] : [value, reasonBeside]
  if (typeof state !== 'string' || state === '') return undefined
  return { state, ...(typeof reason === 'string' && reason !== '' ? { reason } : {}) }
}

function htmlFile(
  href: string,
  attributes: ReadonlyMap<string, string>,
  text: string,
  resolveAddress: Resolve,
): IndexFile | undefined {
  const [address = '', ...fragments] = href.split('#')
  const url = resolveAddress(address)
  if (url === undefined) return undefined
  const filename = nameInUrl(url) ?? nameInText(text)
  if (filename === undefined) return undefined
  const requiresPython = attributes.get('data-requires-python')
  const yanked = attributes.get('data-yanked')
  const uploadTime = attributes.get('data-upload-time')
  const size = attributes.get('data-size')
  const signature = attributes.get('data-gpg-sig')
  const provenance = attributes.get('data-provenance')
  const metadata = htmlMetadata(attributes.get('data-core-metadata') ?? attributes.get('data-dist-info-metadata'))
  return {
    filename,
    url,
    hashes: fragmentHashes(fragments.join('#')),
    ...(requiresPython ? { requiresPython } : {}),
    ...(yanked === undefined ? {} : { yanked: yanked === '' ? true : yanked }),
    ...(size !== undefined && /^\d{1,15}$/.test(size) ? { size: Number(size) } : {}),
    ...(uploadTime ? { uploadTime } : {}),
    ...(metadata === undefined ? {} : { metadata }),
    ...(signature === 'true' || signature === 'false' ? { hasSignature: signature === 'true' } : {}),
    ...(provenance ? { provenance } : {}),
  }
}

/** "true", or "sha256=…"; what is neither still says that the file is there, as pip takes it. */
function htmlMetadata(value: string | undefined): Readonly<Record<string, string>> | true | undefined {
  if (value === undefined || value.toLowerCase() === 'false') return undefined
  return hashesOrTrue(fragmentHashes(value))
}

function hashesOrTrue(hashes: Readonly<Record<string, string>>): Readonly<Record<string, string>> | true {
  return Object.keys(hashes).length === 0 ? true : hashes
}

/** The hashes in "sha256=…&subdirectory=…". */
function fragmentHashes(fragment: string): Readonly<Record<string, string>> {
  const hashes: Record<string, string> = {}
  for (const part of fragment.split('&')) {
    const [, algorithm, digest] =
      /^(md5|sha1|sha224|sha256|sha384|sha512|blake2b|blake2s|sha3_\d+)=([0-9a-f]+)$/i.exec(part) ?? []
    if (algorithm !== undefined && digest !== undefined) hashes[algorithm.toLowerCase()] ??= digest.toLowerCase()
  }
  return hashes
}

function isHex(text: string): boolean {
  return /^[0-9a-f]+$/i.test(text)
}

const fileEnding = /\.(?:whl|tar\.(?:gz|bz2|xz|lzma)|zip|tgz|tbz|txz|tlz|tar|egg|exe|msi|rpm|dmg|deb)$/

/** The last part of the path, decoded once; undefined where no file of a distribution is named there. */
function nameInUrl(url: string): string | undefined {
  const path = url.replace(/[?#].*$/s, '')
  const last = path.slice(path.lastIndexOf('/') + 1)
  let name: string
  try {
    name = decodeURIComponent(last)
  } catch {
    return undefined
  }
  return fileEnding.test(name) && isPlainName(name) ? name : undefined
}

/** "The text of the anchor tag MUST be the filename", which helps where the address is a download script's. */
function nameInText(text: string): string | undefined {
  const name = strip(text)
  return fileEnding.test(name) && isPlainName(name) ? name : undefined
}

/** A name that stays in its directory wherever it is used. */
function isPlainName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\\\p{Cc}]/u.test(name)
}

/** Makes addresses of a page absolute, without fragment; undefined for what is none. */
type Resolve = (address: string) => string | undefined

function resolver(base: string): Resolve {
  let directory = ''
  let resolved: string | undefined
  return (address) => {
    // Most addresses are absolute and plain; a page may have ten thousand of them.
    if (/^https?:\/\/[a-z0-9.:-]+\/[\w.\-~/+%]*$/.test(address) && !address.includes('/.')) return address
    // The others nearly always lead to a plain name in the directory where the one before it is.
    const parts = /^([\w.\-~/+]*\/)([\w\-~+][\w.\-~+]*)$/.exec(address)
    if (parts === null) return resolve(address, base)
    if (parts[1] !== directory) {
      directory = parts[1]!
      resolved = resolve(directory, base)
    }
    return resolved === undefined ? undefined : resolved + parts[2]!
  }
}

function resolve(address: string, base: string): string | undefined {
  try {
    const url = new URL(address, base)
    url.hash = ''
    return url.href
  } catch {
    return undefined
  }
}
