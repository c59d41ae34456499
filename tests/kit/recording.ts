// A package index, recorded: pages and files are fetched once, through the machine's own settings (PIP_INDEX_URL, pip.conf), and kept in
// a cache directory; from then on they are the same for everybody who compares. What was fetched from where is known to that directory
// alone.

import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import zlib from 'node:zlib'
import type { ProjectName } from '../../src/base/brand.ts'
import { tryParseUrl } from '../../src/base/safe-url.ts'
import { readIndexSettings } from '../../src/config/index-settings.ts'
import { defaultHost } from '../../src/host/default-host.ts'
import { sha256Hex } from '../../src/host/hash.ts'
import { openIndexClient } from '../../src/indexes/index-client.ts'
import { fileAddress } from '../../src/indexes/page-rows.ts'
import { publicIndex } from '../../src/indexes/public-index.ts'
import { fetchWheelMetadata, fileSource, readWheelMetadata } from '../../src/indexes/wheel-metadata.ts'
import { openTransport } from '../../src/net/transport.ts'
import { parseWheelFilename } from '../../src/spec/filename.ts'
import { tryParseProjectName } from '../../src/spec/name.ts'
import type { IndexFile } from '../../src/spec/simple-index.ts'

export interface RecordingOptions {
  /** DEN_TEST_INDEX_CACHE, or ~/.cache/den-tests/index, unless said. */
  readonly directory?: string
  /** Nothing is fetched: what was not recorded isn't there. */
  readonly offline?: boolean
  /** The index that is recorded, with `/` at its end; the machine's own unless said. */
  readonly upstream?: string
}

/** A page as it is sent, in all its forms. Addresses in it are relative (`../../files/…`), so that it is good for any port. */
export interface RecordedPage {
  readonly json: Uint8Array
  readonly jsonGzip: Uint8Array
  readonly html: () => Uint8Array
  readonly etag: string
}

export interface Recording {
  readonly directory: string
  /** undefined: the index does not have the project, or it was not recorded and may not be fetched. */
  page(project: string): Promise<RecordedPage | undefined>
  /** The path of a file (or of its `.metadata`) on this machine. */
  file(project: string, name: string): Promise<string | undefined>
  /** How often the real index was asked since this recording was opened. */
  fetched(): { readonly pages: number; readonly files: number }
  close(): void
}

/** The JSON page as PEP 691 has it, of what `IndexFile` knows. */
interface PageJson {
  readonly meta: { readonly 'api-version': string }
  readonly name: string
  readonly versions: readonly string[]
  readonly files: readonly Readonly<Record<string, unknown>>[]
}

interface Stored {
  readonly absent?: true
  readonly page?: PageJson
  /** The real address of each file. */
  readonly sources?: Readonly<Record<string, string>>
}

export function recordingDirectory(): string {
  const given = process.env['DEN_TEST_INDEX_CACHE']
  return given !== undefined && given !== ''
    ? path.resolve(given)
    : path.join(os.homedir(), '.cache', 'den-tests', 'index')
}

export function openRecording(options: RecordingOptions = {}): Recording {
  const { directory = recordingDirectory(), offline = false } = options
  const host = defaultHost()
  const context = { host, report: () => undefined }
  const transport = openTransport(context)
  const upstream =
    options.upstream === undefined
      ? (readIndexSettings(host).index?.value ?? tryParseUrl(publicIndex)!)
      : tryParseUrl(options.upstream)!
  const client = openIndexClient(context, { transport, url: upstream })
  let pagesFetched = 0
  let filesFetched = 0

  const place = (...parts: readonly string[]): string => path.join(directory, ...parts)
  const write = (file: string, bytes: Uint8Array | string): void => {
    fs.mkdirSync(path.dirname(file), { recursive: true })
    host.disk.writeAtomic(file, bytes)
  }

  const stored = new Map<string, Promise<Stored | undefined>>()
  const readStored = async (project: string): Promise<Stored | undefined> => {
    const file = place('pages', `${project}.json`)
    const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined
    if (text !== undefined) return JSON.parse(text) as Stored
    if (offline) return undefined
    pagesFetched += 1
    const page = await client.fetchProjectPage(project as ProjectName)
    const made: Stored = page === undefined ? { absent: true } : storedPage(project, page.files, page.versions)
    write(file, JSON.stringify(made))
    return made
  }
  const once = <Value>(known: Map<string, Promise<Value>>, key: string, make: () => Promise<Value>): Promise<Value> => {
    let answer = known.get(key)
    if (answer === undefined) {
      answer = make()
      known.set(key, answer)
      answer.catch(() => known.delete(key))
    }
    return answer
  }

  const pages = new Map<string, Promise<RecordedPage | undefined>>()
  const page = (project: string): Promise<RecordedPage | undefined> => {
    if (tryParseProjectName(project) !== project) return Promise.resolve(undefined)
    return once(pages, project, async () => {
      const found = await once(stored, project, () => readStored(project))
      if (found?.page === undefined) return undefined
      const content = found.page
      const json = Buffer.from(JSON.stringify(content))
      let html: Uint8Array | undefined
      return {
        json,
        jsonGzip: zlib.gzipSync(json),
        etag: `"${sha256Hex(json).slice(0, 32)}"`,
        html: () => {
          html ??= Buffer.from(htmlOf(content))
          return html
        },
      }
    })
  }

  /** From the wheel that is here already, or from the real one by parts. */
  const wheelMetadata = async (project: string, filename: string, source: string): Promise<string | undefined> => {
    const wheel = parseWheelFilename(filename)
    const here = place('files', project, filename)
    if (fs.existsSync(here)) return readWheelMetadata(fileSource(context, here), wheel)
    const parts = await fetchWheelMetadata(transport, fileAddress(source, upstream)!, wheel)
    if (parts !== undefined) return parts
    const whole = await file(project, filename)
    return whole === undefined ? undefined : readWheelMetadata(fileSource(context, whole), wheel)
  }

  const files = new Map<string, Promise<string | undefined>>()
  const file = async (project: string, name: string): Promise<string | undefined> => {
    if (tryParseProjectName(project) !== project || name !== path.basename(name) || name.startsWith('.'))
      return undefined
    return await once(files, `${project}/${name}`, async () => {
      const isMetadata = name.endsWith('.metadata')
      const filename = isMetadata ? name.slice(0, -'.metadata'.length) : name
      const target = place('files', project, name)
      if (fs.existsSync(target)) return target
      if (offline) return undefined
      const found = await once(stored, project, () => readStored(project))
      const source = found?.sources?.[filename]
      const row = found?.page?.files.find((one) => one['filename'] === filename)
      if (source === undefined || row === undefined) return undefined
      const stated = (isMetadata ? row['core-metadata'] : row['hashes']) as Readonly<Record<string, string>> | boolean
      if (stated === false) return undefined
      filesFetched += 1
      if (stated === true) {
        const text = await wheelMetadata(project, filename, source)
        if (text === undefined) return undefined
        write(target, text)
        return target
      }
      const url = isMetadata ? withMetadata(source) : source
      const bytes = await client.fetchFile({ filename: name, url, hashes: stated })
      write(target, bytes)
      return target
    })
  }

  return Object.freeze({
    directory,
    page,
    file,
    fetched: () => ({ pages: pagesFetched, files: filesFetched }),
    close: () => transport.close(),
  })
}

function withMetadata(address: string): string {
  const url = new URL(address)
  url.pathname = `${url.pathname}.metadata`
  return url.href
}

function storedPage(project: string, files: readonly IndexFile[], versions: readonly string[] | undefined): Stored {
  const rows = files.map((file) => ({
    filename: file.filename,
    url: `../../files/${project}/${encodeURIComponent(file.filename)}`,
    hashes: file.hashes,
    ...(file.size === undefined ? {} : { size: file.size }),
    ...(file.uploadTime === undefined ? {} : { 'upload-time': file.uploadTime }),
    ...(file.requiresPython === undefined ? {} : { 'requires-python': file.requiresPython }),
    yanked: file.yanked ?? false,
    // Where the real index has none, the wheel's own is served.
    'core-metadata': file.metadata ?? file.filename.endsWith('.whl'),
  }))
  const page = { meta: { 'api-version': '1.1' }, name: project, versions: versions ?? [], files: rows }
  return { page, sources: Object.fromEntries(files.map((file) => [file.filename, file.url])) }
}

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** For installers that know no JSON. */
function htmlOf(page: PageJson): string {
  const links = page.files.map((file) => {
    const hashes = file['hashes'] as Readonly<Record<string, string>>
    const metadata = file['core-metadata'] as Readonly<Record<string, string>> | boolean
    const sha256 = typeof metadata === 'object' ? metadata['sha256'] : undefined
    const requires = file['requires-python'] as string | undefined
    const yanked = file['yanked'] as string | boolean
    const attributes = [
      requires === undefined ? '' : ` data-requires-python="${escapeHtml(requires)}"`,
      yanked === false ? '' : ` data-yanked="${yanked === true ? '' : escapeHtml(yanked)}"`,
      metadata === false ? '' : ` data-core-metadata="${sha256 === undefined ? 'true' : `sha256=${sha256}`}"`,
    ].join('')
    const fragment = hashes['sha256'] === undefined ? '' : `#sha256=${hashes['sha256']}`
    return `<a href="${escapeHtml(String(file['url']))}${fragment}"${attributes}>${escapeHtml(String(file['filename']))}</a><br>`
  })
  return `<!DOCTYPE html><html><head><meta name="pypi:repository-version" content="1.1"></head><body>\n${links.join('\n')}\n</body></html>\n`
}
