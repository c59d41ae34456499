// Unpacking a wheel (the specification "Binary distribution format", PEP 427): everything that can be wrong with one is found here,
// before its tree is in the store and long before an environment sees a file of it. The tree keeps the wheel's own layout.

import type { Sha256 } from '../base/brand.ts'
import { DenError, isDenError } from '../base/error.ts'
import { bytesSource, parseZip, type ZipEntry } from '../format/zip.ts'
import { windowsNameProblem } from '../format/zip-names.ts'
import { sha256Base64Url, strongDigest } from '../host/hash.ts'
import type { Context } from '../host/host.ts'
import { slicer } from '../host/slices.ts'
import { parseEntryPoints, scriptEntryPoints } from '../spec/entry-points.ts'
import { parseWheelFilename, tryParseDistInfoName, type WheelFilename } from '../spec/filename.ts'
import { type Metadata, parseMetadata } from '../spec/metadata.ts'
import { parseRecord, type RecordEntry } from '../spec/record.ts'
import { formatVersion } from '../spec/version.ts'
import { parseWheelFile } from '../spec/wheel-file.ts'
import { extractEntry } from './extract.ts'
import { fileFlags, type SchemeKey, type ScriptEntry, type TreeManifest, type TreePart } from './manifest.ts'
import { isReserved, isReservedScript } from './reserved.ts'

export interface UnpackOptions {
  readonly bytes: Uint8Array
  readonly sha256: Sha256
  /** The wheel's file name. */
  readonly filename: string
  /** How messages name the file, where the name alone does not tell which it is. */
  readonly shown?: string | undefined
  /** The directory to make and fill; its parent is there. */
  readonly directory: string
  /** Modes 0444 and 0555 whatever the umask, for a tree that environments share. */
  readonly readOnly: boolean
}

const schemes: readonly SchemeKey[] = ['purelib', 'platlib', 'scripts', 'headers', 'data']
/** Written by whoever installs, never taken from the wheel. */
const installersFiles = new Set(['RECORD', 'RECORD.jws', 'RECORD.p7s', 'INSTALLER', 'REQUESTED', 'direct_url.json'])

/**
 * Verifies a wheel and writes its files. Throws `invalid-archive`, `invalid-wheel`, `invalid-filename`, `invalid-record`,
 * `invalid-metadata`, `install-refused`, and what the disk throws; the caller removes what was written by then.
 */
export async function unpackWheel(context: Context, options: UnpackOptions): Promise<TreeManifest> {
  const { bytes, filename, directory, readOnly } = options
  const { disk, path, now } = context.host
  const wheel = readWheel(context, bytes, parseWheelFilename(filename), options.shown ?? filename)
  const slice = slicer({ operation: `unpacking ${filename}`, signal: context.signal })
  // FAT keeps even seconds only: any other time would come back changed, and look like damage.
  const modified = Math.floor(now() / 2000) * 2000
  const target = (name: string): string => path.join(directory, ...name.split('/'))

  disk.makeDirectory(directory)
  const parts: TreePart[] = []
  const made: string[] = []
  for (const part of wheel.parts) {
    const directories: { path: string; files: [string, number, string, number][] }[] = []
    // Parents come before what is in them: "" < "a" < "a/b".
    for (const [below, entries] of [...part.directories].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const place = below === '' ? part.from : part.from === '' ? below : `${part.from}/${below}`
      if (place !== '') {
        disk.makeDirectories(target(place))
        made.push(place)
      }
      const files: [string, number, string, number][] = []
      for (const entry of entries) {
        const content = wheel.verified(entry)
        const executable = entry.executable || part.scheme === 'scripts'
        const pythonScript = part.scheme === 'scripts' && startsWithPython(content.bytes)
        const file = target(entry.name)
        const mode = (executable ? 0o555 : 0o444) | (readOnly ? 0 : 0o200)
        disk.writeNew(file, content.bytes, mode)
        // The umask of whoever happens to unpack it is not that of everybody whose environment gets a link.
        if (readOnly) disk.chmod(file, mode)
        disk.setTimes(file, modified, modified)
        const flags = (executable ? fileFlags.executable : 0) | (pythonScript ? fileFlags.pythonScript : 0)
        files.push([entry.name.slice(entry.name.lastIndexOf('/') + 1), content.bytes.length, content.sha256, flags])
        await slice()
      }
      directories.push({ path: below, files: files.sort(([a], [b]) => (a < b ? -1 : 1)) })
    }
    parts.push({ scheme: part.scheme, from: part.from, directories })
  }
  if (readOnly) for (const place of [...new Set(made)].reverse()) disk.chmod(target(place), 0o555)
  if (readOnly) disk.chmod(directory, 0o555)
  const root = wheel.parts[0]!
  return {
    schema: 1,
    sha256: options.sha256,
    filename,
    project: wheel.metadata.name,
    version: formatVersion(wheel.metadata.version),
    distInfo: wheel.distInfo,
    modified,
    parts,
    consoleScripts: wheel.scripts.console,
    guiScripts: wheel.scripts.gui,
    topLevel: [...new Set([...root.directories.values()].flat().map((entry) => entry.name.split('/')[0]!))].sort(),
  }
}

interface ReadWheel {
  readonly distInfo: string
  readonly metadata: Metadata
  /** The entries by scheme and directory; the wheel's root first. */
  readonly parts: readonly {
    readonly scheme: SchemeKey
    readonly from: string
    readonly directories: ReadonlyMap<string, readonly ZipEntry[]>
  }[]
  readonly scripts: { readonly console: readonly ScriptEntry[]; readonly gui: readonly ScriptEntry[] }
  /** The bytes of an entry, compared with RECORD. */
  readonly verified: (entry: ZipEntry) => { readonly bytes: Uint8Array; readonly sha256: string }
}

function readWheel(context: Context, bytes: Uint8Array, name: WheelFilename, filename: string): ReadWheel {
  const source = bytesSource(bytes)
  const entries = parseZip(source, { file: filename }).filter((entry) => !entry.directory)
  const invalid = (reason: string): DenError => new DenError('invalid-wheel', { file: filename, reason })
  const distInfo = findDistInfo(entries, name, invalid)
  const byName = new Map(entries.map((entry) => [entry.name, entry]))
  const text = (file: string): string | undefined => {
    const entry = byName.get(`${distInfo}/${file}`)
    if (entry === undefined) return undefined
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(extractEntry(source, entry, filename))
    } catch (error) {
      // An old METADATA may be Latin-1, which only its description shows.
      if (isDenError(error)) throw error
      if (file === 'METADATA') return new TextDecoder('latin1').decode(extractEntry(source, entry, filename))
      throw invalid(`its ${file} is not UTF-8`)
    }
  }
  const needed = (file: string): string => {
    const found = text(file)
    if (found === undefined) throw invalid(`it has no ${distInfo}/${file}`)
    return found
  }
  const inWheel = (file: string): { readonly file: string } => ({ file: `${file} in ${filename}` })

  const wheelFile = parseWheelFile(needed('WHEEL'), inWheel('WHEEL'))
  if (wheelFile.newerMinor)
    context.report({
      kind: 'note',
      text: `${filename} follows wheel format ${wheelFile.wheelVersion.join('.')}; den knows 1.0`,
    })
  const metadata = parseMetadata(needed('METADATA'), inWheel('METADATA'))
  if (metadata.name !== name.name || metadata.version.key !== name.version.key)
    throw invalid(`its METADATA says ${metadata.rawName} ${formatVersion(metadata.version)}`)
  const record = new Map(parseRecord(needed('RECORD'), inWheel('RECORD')).map((row) => [row.path, row]))
  const listed = entries.filter((entry) => !isInstallersFile(entry.name, distInfo))
  return {
    distInfo,
    metadata,
    parts: sortIntoParts(listed, distInfo, wheelFile.rootIsPurelib, filename, context.host.platform === 'win32'),
    scripts: readScripts(text('entry_points.txt'), filename),
    verified: (entry) => {
      const content = extractEntry(source, entry, filename)
      return { bytes: content, sha256: checkRecord(record.get(entry.name), entry.name, content, invalid) }
    },
  }
}

/** "NAME-VERSION.dist-info", the only one at the top, of the project and version that the file's name promises. */
function findDistInfo(
  entries: readonly ZipEntry[],
  name: WheelFilename,
  invalid: (reason: string) => DenError,
): string {
  const tops = new Set(entries.filter((entry) => entry.name.includes('/')).map((entry) => entry.name.split('/')[0]!))
  const found = [...tops].filter((top) => top.toLowerCase().endsWith('.dist-info'))
  const [distInfo] = found
  if (distInfo === undefined) throw invalid('it has no dist-info directory')
  if (found.length > 1) throw invalid(`it has several dist-info directories: ${found.join(', ')}`)
  const parsed = tryParseDistInfoName(distInfo)
  if (parsed?.name !== name.name || parsed.version.key !== name.version.key)
    throw invalid(`its dist-info directory is that of something else: ${distInfo}`)
  return distInfo
}

function isInstallersFile(name: string, distInfo: string): boolean {
  return name.startsWith(`${distInfo}/`) && installersFiles.has(name.slice(distInfo.length + 1))
}

/**
 * "Apart from RECORD and its signatures, installation will fail if any file in the archive is not both mentioned and correctly hashed
 * in RECORD." Answers the SHA-256 in RECORD's spelling.
 */
function checkRecord(
  row: RecordEntry | undefined,
  name: string,
  content: Uint8Array,
  invalid: (reason: string) => DenError,
): string {
  if (row === undefined) throw invalid(`its RECORD does not list ${name}`)
  if (row.hash === undefined) throw invalid(`its RECORD has no hash for ${name}`)
  const sha256 = sha256Base64Url(content)
  const { algorithm, digest } = row.hash
  const actual = algorithm === 'sha256' ? sha256 : strongDigest(algorithm, content, 'base64url')
  if (actual === undefined) throw invalid(`its RECORD vouches for ${name} by ${algorithm}, which proves nothing`)
  if (actual !== digest) throw invalid(`${name} is not what its RECORD says (${algorithm})`)
  if (row.size !== undefined && row.size !== content.length)
    throw invalid(`${name} has another size than its RECORD says`)
  return sha256
}

function sortIntoParts(
  entries: readonly ZipEntry[],
  distInfo: string,
  rootIsPurelib: boolean,
  filename: string,
  windows: boolean,
): ReadWheel['parts'] {
  const data = `${distInfo.slice(0, -'.dist-info'.length)}.data`
  const refuse = (name: string, reason: string): DenError =>
    new DenError('install-refused', { distribution: filename, path: name, reason })
  const newPart = (
    scheme: SchemeKey,
    from: string,
  ): { readonly scheme: SchemeKey; readonly from: string; readonly directories: Map<string, ZipEntry[]> } => ({
    scheme,
    from,
    directories: new Map(),
  })
  const root = newPart(rootIsPurelib ? 'purelib' : 'platlib', '')
  const parts = new Map([['', root]])
  for (const entry of entries) {
    const segments = entry.name.split('/')
    const top = segments[0]!
    let from = ''
    let scheme: SchemeKey = root.scheme
    if (segments.length > 1 && top.toLowerCase().endsWith('.data')) {
      if (top !== data) throw refuse(entry.name, `the only data directory of this wheel is ${data}`)
      const key = schemes.find((one) => one === segments[1])
      if (key === undefined || segments.length === 2) throw refuse(entry.name, `the schemes are ${schemes.join(', ')}`)
      scheme = key
      from = `${data}/${key}`
    }
    const inPart = from === '' ? entry.name : entry.name.slice(from.length + 1)
    if (isReserved(scheme, inPart)) throw refuse(inPart, 'this name belongs to the environment itself')
    const problem = windows ? windowsNameProblem(entry.name) : undefined
    if (problem !== undefined) throw refuse(entry.name, problem)
    const part = parts.get(from) ?? newPart(scheme, from)
    parts.set(from, part)
    const below = inPart.slice(0, Math.max(0, inPart.lastIndexOf('/')))
    // Directories that hold directories only are made as well, parents first.
    for (let parent = below; parent !== ''; parent = parent.slice(0, Math.max(0, parent.lastIndexOf('/')))) {
      if (!part.directories.has(parent)) part.directories.set(parent, [])
    }
    const siblings = part.directories.get(below)
    if (siblings === undefined) part.directories.set(below, [entry])
    else siblings.push(entry)
  }
  return [...parts.values()]
}

/** The console and gui scripts; a name that is no plain file name, or an interpreter's, is refused before anything is written. */
function readScripts(text: string | undefined, filename: string): ReadWheel['scripts'] {
  const file = `entry_points.txt in ${filename}`
  const scripts = text === undefined ? [] : scriptEntryPoints(parseEntryPoints(text), { file })
  for (const { name } of scripts) {
    const refuse = (reason: string): DenError =>
      new DenError('install-refused', { distribution: filename, path: name, reason })
    if (!/^[\p{L}\p{N}_.][\p{L}\p{N}_.+-]*$/u.test(name))
      throw refuse('a script is called by letters, digits and . _ + -')
    if (isReservedScript(name) || isReservedScript(`${name}.exe`))
      throw refuse('this name belongs to the environment itself')
  }
  const of = (gui: boolean): readonly ScriptEntry[] =>
    scripts.filter((script) => script.gui === gui).map(({ name, module, attribute }) => ({ name, module, attribute }))
  return { console: of(false), gui: of(true) }
}

/** "#!python", exactly: the mark of a script whose first line the installer writes. `#!pythonw` counts too. */
function startsWithPython(bytes: Uint8Array): boolean {
  return /^#!pythonw?(?:[ \t\r\n]|$)/.test(Buffer.from(bytes.subarray(0, 16)).toString('latin1'))
}
