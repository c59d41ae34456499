// Unpacking a wheel (the specification "Binary distribution format", PEP 427): everything that can be wrong with one is found here,
// before its tree is in the store and long before an environment sees a file of it. The tree keeps the wheel's own layout.

import type { Sha256 } from '../base/brand.ts'
import { DenError, isDenError } from '../base/error.ts'
import { type ByteSource, parseZip, type ZipEntry } from '../format/zip.ts'
import { windowsNameProblem } from '../format/zip-names.ts'
import type { Context } from '../host/host.ts'
import { type Inflate, openInflate } from '../host/inflate.ts'
import { memoryRelief } from '../host/memory.ts'
import { slicer } from '../host/slices.ts'
import { type EntryPoint, parseEntryPoints, scriptEntryPoints } from '../spec/entry-points.ts'
import { parseWheelFilename, tryParseDistInfoName, type WheelFilename } from '../spec/filename.ts'
import { type Metadata, parseMetadata } from '../spec/metadata.ts'
import { parseRecord, type RecordEntry } from '../spec/record.ts'
import { formatVersion } from '../spec/version.ts'
import { parseWheelFile } from '../spec/wheel-file.ts'
import { extractEntry } from './extract.ts'
import {
  fileFlags,
  isSite,
  type SchemeKey,
  type ScriptEntry,
  type StartupFile,
  type TreeFile,
  type TreeManifest,
  type TreePart,
  type WholeLinks,
} from './manifest.ts'
import { isReserved, isReservedScript } from './reserved.ts'
import { wholeLinks } from './whole-links.ts'
import { type EntryFacts, type EntryJob, type WriteJob, writeEntries } from './write-entries.ts'

export interface UnpackOptions {
  /** The wheel: in memory or in a file. */
  readonly source: ByteSource
  readonly sha256: Sha256
  /** The wheel's file name. */
  readonly filename: string
  /** How messages name the file, where the name alone does not tell which it is. */
  readonly shown?: string | undefined
  /** The directory to make and fill; its parent is there. */
  readonly directory: string
  /** Modes 0444 and 0555 whatever the umask, for a tree that environments share. */
  readonly readOnly: boolean
  /** For whoever unpacks many wheels. */
  readonly inflate?: Inflate
  /** Writes the entries, in any order; its answers come in the order of the entries. Unless said `alone` does, which is this thread. */
  readonly write?: (job: WriteJob, alone: (job: WriteJob) => Promise<EntryFacts[]>) => Promise<readonly EntryFacts[]>
}

const schemes: readonly SchemeKey[] = ['purelib', 'platlib', 'scripts', 'headers', 'data']
/** Written by whoever installs, never taken from the wheel. */
const installersFiles = new Set(['RECORD', 'RECORD.jws', 'RECORD.p7s', 'INSTALLER', 'REQUESTED', 'direct_url.json'])
/**
 * Verifies a wheel and writes its files. Throws `invalid-archive`, `invalid-wheel`, `invalid-filename`, `invalid-record`,
 * `invalid-metadata`, `install-refused`, and what the disk throws; the caller removes what was written by then.
 */
export async function unpackWheel(context: Context, options: UnpackOptions): Promise<TreeManifest> {
  const { source, filename, directory, readOnly } = options
  const { disk, path, now } = context.host
  const shown = options.shown ?? filename
  const inflate = options.inflate ?? openInflate()
  const wheel = readWheel(context, { source, inflate }, parseWheelFilename(filename), shown)
  // FAT keeps even seconds only: any other time would come back changed, and look like damage.
  const modified = Math.floor(now() / 2000) * 2000
  const target = (name: string): string =>
    `${directory}${path.sep}${path.sep === '/' ? name : name.replaceAll('/', path.sep)}`

  disk.makeDirectory(directory)
  const made = makeDirectories(context, wheel, target)
  const jobs = entryJobs(wheel, target, readOnly)
  const job: WriteJob = { shown, modified, sealed: readOnly, entries: jobs }
  const alone = (one: WriteJob): Promise<EntryFacts[]> => writeAlone(context, { source, inflate }, one)
  const written = await (options.write === undefined ? alone(job) : options.write(job, alone))
  const facts = new Map(written.map((found, index) => [jobs[index]!.entry, found]))

  const parts: TreePart[] = []
  const whole: WholeLinks[] = []
  const startup: StartupFile[] = []
  for (const part of wheel.parts) {
    const findings = { extendable: new Set<string>(), runPaths: new Map<string, Set<string>>() }
    const directories = part.directories.map(([below, entries]) => {
      const files = entries.map((entry): TreeFile => {
        const found = facts.get(entry)!
        if (found.extendable === true) findings.extendable.add(below)
        if (found.startup !== undefined) startup.push(found.startup)
        for (const runPath of found.runPaths ?? [])
          findings.runPaths.set(below, (findings.runPaths.get(below) ?? new Set()).add(runPath))
        const executable = isExecutable(entry, part.scheme)
        const flags = (executable ? fileFlags.executable : 0) | (found.pythonScript ? fileFlags.pythonScript : 0)
        return [entry.name.slice(entry.name.lastIndexOf('/') + 1), entry.size, found.sha256, flags]
      })
      return { path: below, files: files.sort(([a], [b]) => (a < b ? -1 : 1)) }
    })
    const done = { scheme: part.scheme, from: part.from, directories }
    parts.push(done)
    if (isSite(part.scheme)) whole.push(wholeLinks(done, findings, wheel.distInfo))
  }
  if (readOnly) {
    // From the deepest up. A directory's time shows later whether something was put into it.
    for (const place of [...made].sort((a, b) => b.length - a.length)) {
      disk.setTimes(target(place), modified, modified)
      disk.chmod(target(place), 0o555)
    }
    disk.setTimes(directory, modified, modified)
    disk.chmod(directory, 0o555)
  }
  const root = wheel.parts[0]!
  const all = parts.flatMap((part) => part.directories.flatMap(({ files }) => files))
  return {
    schema: 2,
    sha256: options.sha256,
    filename,
    project: wheel.metadata.name,
    version: formatVersion(wheel.metadata.version),
    distInfo: wheel.distInfo,
    modified,
    fileCount: all.length,
    size: all.reduce((sum, [, size]) => sum + size, 0),
    consoleScripts: wheel.scripts.console,
    guiScripts: wheel.scripts.gui,
    entryPoints: wheel.entryPoints,
    pytestPackages: pytestPackages(wheel.entryPoints),
    topLevel: [
      ...new Set(root.directories.flatMap(([, entries]) => entries).map((entry) => entry.name.split('/')[0]!)),
    ].sort(),
    whole,
    distInfoFiles: parts[0]!.directories.find((one) => one.path === wheel.distInfo)?.files ?? [],
    outside: parts.filter(({ scheme }) => !isSite(scheme)),
    startup: startup.sort((a, b) => (a.name < b.name ? -1 : 1)),
    requiresDist: wheel.metadata.requiresDist,
    ...(wheel.metadata.requiresPython === undefined ? {} : { requiresPython: wheel.metadata.requiresPython }),
    providesExtra: wheel.metadata.providesExtra,
    tags: wheel.tags,
    ...(wheel.generator === undefined ? {} : { generator: wheel.generator }),
    parts: [...parts.filter(({ scheme }) => isSite(scheme)), ...parts.filter(({ scheme }) => !isSite(scheme))],
  }
}

/** On this thread, which does other things in between. */
function writeAlone(
  { host, signal }: Context,
  { source, inflate }: Required<Packed>,
  job: WriteJob,
): Promise<EntryFacts[]> {
  const relieve = memoryRelief()
  const slice = slicer({ operation: `unpacking ${job.shown}`, signal })
  return writeEntries(host.disk, source, job, inflate, (bytes) => {
    relieve(bytes)
    return slice()
  })
}

function isExecutable(entry: ZipEntry, scheme: SchemeKey): boolean {
  return entry.executable || scheme === 'scripts'
}

/** Makes all directories, parents first; answers their paths in the tree. */
function makeDirectories({ host }: Context, wheel: ReadWheel, target: (name: string) => string): ReadonlySet<string> {
  const made = new Set<string>()
  for (const part of wheel.parts) {
    for (const [below] of part.directories) {
      const place = below === '' ? part.from : part.from === '' ? below : `${part.from}/${below}`
      // A part's own top stands two directories deep.
      if (place !== '' && !made.has(place)) host.disk.makeDirectories(target(place))
      for (let up = place; up !== '' && !made.has(up); up = up.slice(0, Math.max(0, up.lastIndexOf('/')))) made.add(up)
    }
  }
  return made
}

function entryJobs(wheel: ReadWheel, target: (name: string) => string, readOnly: boolean): readonly EntryJob[] {
  return wheel.parts.flatMap((part) => {
    const site = isSite(part.scheme)
    return part.directories.flatMap(([below, entries]) =>
      entries.map((entry) => ({
        entry,
        file: target(entry.name),
        mode: (isExecutable(entry, part.scheme) ? 0o555 : 0o444) | (readOnly ? 0 : 0o200),
        hash: wheel.hashOf(entry),
        look: site ? { site, top: below === '' } : { script: part.scheme === 'scripts' },
      })),
    )
  })
}

/** pytest rewrites the asserts of a plugin's modules only where RECORD lists files of its package. */
function pytestPackages(entryPoints: ReadWheel['entryPoints']): readonly string[] {
  const packages = entryPoints
    .filter(([group]) => group === 'pytest11')
    .map(([, , value]) => value.split(/[.:[\s]/)[0]!)
    .filter((name) => name !== '')
  return [...new Set(packages)]
}

interface ReadWheel {
  readonly distInfo: string
  readonly metadata: Metadata
  readonly tags: readonly string[]
  readonly generator: string | undefined
  /** The entries by scheme and directory; the wheel's root first. */
  readonly parts: readonly {
    readonly scheme: SchemeKey
    readonly from: string
    /** Sorted, so that parents come before what is in them: "" < "a" < "a/b". */
    readonly directories: readonly (readonly [below: string, entries: readonly ZipEntry[]])[]
  }[]
  readonly scripts: { readonly console: readonly ScriptEntry[]; readonly gui: readonly ScriptEntry[] }
  readonly entryPoints: TreeManifest['entryPoints']
  /** What RECORD promises of an entry. */
  readonly hashOf: (entry: ZipEntry) => NonNullable<RecordEntry['hash']>
}

interface Packed {
  readonly source: ByteSource
  /** For whoever unpacks many wheels. */
  readonly inflate?: Inflate
}

/** Everything of a wheel that shows without unpacking it. Throws as `unpackWheel`. */
export function readWheel(
  context: Context,
  { source, inflate }: Packed,
  name: WheelFilename,
  filename: string,
): ReadWheel {
  const entries = parseZip(source, { file: filename }).filter((entry) => !entry.directory)
  const invalid = (reason: string): DenError => new DenError('invalid-wheel', { file: filename, reason })
  const distInfo = findDistInfo(entries, name, invalid)
  const byName = new Map(entries.map((entry) => [entry.name, entry]))
  const text = (file: string): string | undefined => {
    const entry = byName.get(`${distInfo}/${file}`)
    if (entry === undefined) return undefined
    if (entry.size > largestText) throw invalid(`its ${file} has ${entry.size} bytes`)
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(extractEntry(source, entry, filename, inflate))
    } catch (error) {
      // An old METADATA may be Latin-1, which only its description shows.
      if (isDenError(error)) throw error
      if (file === 'METADATA') return new TextDecoder('latin1').decode(extractEntry(source, entry, filename, inflate))
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
  const entryPoints = parseEntryPoints(text('entry_points.txt') ?? '')
  const hashOf = (entry: ZipEntry): NonNullable<RecordEntry['hash']> =>
    recordedHash(record.get(entry.name), entry, invalid)
  const parts = sortIntoParts(listed, distInfo, wheelFile.rootIsPurelib, filename, context.host.platform === 'win32')
  // Before anything is written: what RECORD lacks shows without unpacking.
  for (const entry of listed) hashOf(entry)
  return {
    distInfo,
    metadata,
    tags: wheelFile.tags,
    generator: wheelFile.generator,
    parts,
    scripts: readScripts(entryPoints, filename),
    entryPoints: entryPoints
      .filter(({ group }) => group !== 'console_scripts' && group !== 'gui_scripts')
      .map((entry) => [entry.group, entry.name, entry.value] as const),
    hashOf,
  }
}

/** METADATA with a whole manual in it has a few hundred kilobytes; RECORD of the largest wheels known a few megabytes. */
const largestText = 2 ** 26

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
 * in RECORD." Answers what the row promises.
 */
function recordedHash(
  row: RecordEntry | undefined,
  { name, size }: ZipEntry,
  invalid: (reason: string) => DenError,
): NonNullable<RecordEntry['hash']> {
  if (row === undefined) throw invalid(`its RECORD does not list ${name}`)
  if (row.hash === undefined) throw invalid(`its RECORD has no hash for ${name}`)
  if (!/^sha(?:256|384|512)$/.test(row.hash.algorithm))
    throw invalid(`its RECORD vouches for ${name} by ${row.hash.algorithm}, which proves nothing`)
  if (row.size !== undefined && row.size !== size) throw invalid(`${name} has another size than its RECORD says`)
  return row.hash
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
  return [...parts.values()].map((part) => ({
    scheme: part.scheme,
    from: part.from,
    directories: [...part.directories].sort(([a], [b]) => (a < b ? -1 : 1)),
  }))
}

/** The console and gui scripts; a name that is no plain file name, or an interpreter's, is refused before anything is written. */
function readScripts(entryPoints: readonly EntryPoint[], filename: string): ReadWheel['scripts'] {
  const scripts = scriptEntryPoints(entryPoints, { file: `entry_points.txt in ${filename}` })
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
