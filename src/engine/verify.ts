// Whether every file of an environment's distributions is as it was installed. RECORD says what each one brought, with hashes; of what
// den put in, the store's manifest says it a second time, so that a RECORD which was cut or edited itself is found too.

import type { ProjectName } from '../base/brand.ts'
import { isDenError } from '../base/error.ts'
import { type HistoryDistribution, historyOf, lastHistoryEntry } from '../env/history.ts'
import { type InstalledDistribution, readInstalled } from '../env/installed.ts'
import type { EnvironmentPaths } from '../env/plan.ts'
import { ifReadable } from '../env/quietly.ts'
import { openFileSource } from '../host/byte-source.ts'
import type { FileFacts } from '../host/files.ts'
import { digestStream } from '../host/hash.ts'
import type { Context, Host } from '../host/host.ts'
import { slicer } from '../host/slices.ts'
import { parseRecord, type RecordHash } from '../spec/record.ts'
import { fileFlags, type TreeManifest } from '../store/manifest.ts'
import type { Store, Tree } from '../store/store.ts'

/** `changed`: it holds something else than it did when it was installed. */
export type FileState = 'missing' | 'emptied' | 'changed' | 'unreadable'

export interface DamagedFile {
  /** Absolute. */
  readonly path: string
  readonly state: FileState
  /** The store's own file was reached: it is another name of this one. */
  readonly linked: boolean
  /** The SHA-256 that RECORD says it had, in RECORD's spelling. */
  readonly recorded?: string
}

export interface DamagedDistribution {
  readonly distribution: InstalledDistribution
  readonly files: readonly DamagedFile[]
  /** What is wrong with its RECORD; absent where that can be believed. */
  readonly record?: string
  /** What den noted of it when it put it in: the store's key, the address it came from. */
  readonly noted?: HistoryDistribution
  /** The tree it was filled from, where den knows it and the store has it. */
  readonly tree?: Tree
}

export interface Verification {
  readonly damaged: readonly DamagedDistribution[]
  /** What can't be verified, because nothing says what its files were. */
  readonly unverifiable: readonly { readonly distribution: InstalledDistribution; readonly reason: string }[]
  readonly distributions: number
  readonly files: number
  /** Bytes that were hashed. */
  readonly bytes: number
}

export interface VerifyRequest {
  readonly root: string
  readonly paths: EnvironmentPaths
  readonly store: Pick<Store, 'find'>
  /** These alone; all unless said. */
  readonly only?: ReadonlySet<ProjectName>
}

/** One statement of what a file is to be. */
interface Claim {
  readonly by: number
  readonly from: 'record' | 'tree'
  readonly hash?: RecordHash
  readonly size?: number
}

/** Reads and hashes every file of every distribution; changes nothing. Throws `aborted`, and what the disk throws. */
export async function verifyEnvironment(context: Context, request: VerifyRequest): Promise<Verification> {
  const { host, signal } = context
  const { paths } = request
  const installed = readInstalled(host, [...new Set([paths.purelib, paths.platlib])])
  const noted = historyOf(
    host,
    installed,
    ifReadable(() => lastHistoryEntry(host, request.root)),
  )
  const trees = treesOf(request, installed, noted)
  const unverifiable: { distribution: InstalledDistribution; reason: string }[] = []
  const records = installed.map((distribution) => {
    const read = readRecord(host, distribution)
    if (read.kind === 'none') unverifiable.push({ distribution, reason: read.reason })
    return read
  })

  const claims = new Map<string, Claim[]>()
  const claim = (file: string, one: Claim): void => {
    const others = claims.get(file)
    if (others === undefined) claims.set(file, [one])
    else others.push(one)
  }
  const problems = new Map<number, string>()
  records.forEach((read, by) => {
    if (read.kind === 'none') return
    if (read.problem !== undefined) problems.set(by, read.problem)
    const site = installed[by]!.site
    for (const row of read.rows) {
      const native = host.path.sep === '/' ? row.path : row.path.replaceAll('/', host.path.sep)
      const { hash, size } = row
      claim(host.path.resolve(site, native), {
        by,
        from: 'record',
        ...(hash === undefined ? {} : { hash }),
        ...(size === undefined ? {} : { size }),
      })
    }
    const tree = trees.get(installed[by]!)
    if (tree === undefined) return
    for (const { file, size, sha256 } of treeFilesIn(host, paths, tree.manifest)) {
      if (!isListed(host, claims, by, file, paths.root))
        problems.set(by, problems.get(by) ?? `it does not list ${host.path.basename(file)}`)
      claim(file, { by, from: 'tree', size, hash: { algorithm: 'sha256', digest: sha256 } })
    }
  })

  const slice = slicer({ operation: 'verifying', signal })
  const found = new Map<number, DamagedFile[]>()
  let bytes = 0
  for (const [file, all] of claims) {
    const wanted = request.only
    if (wanted !== undefined && !all.some(({ by }) => wanted.has(installed[by]!.project))) continue
    const looked = lookAt(host, file, all)
    bytes += looked.bytes
    if (looked.state === undefined) {
      // The tree knows better than a RECORD that says something else of a file which is as it was.
      for (const { by, from, hash } of all) {
        const own = looked.agrees.filter((one) => one.by === by)
        // A link's row has no hash to be wrong.
        const isWrong =
          from === 'record' && hash !== undefined && own.length > 0 && own.every((one) => one.from === 'tree')
        if (isWrong) problems.set(by, problems.get(by) ?? `its row for ${host.path.basename(file)} is wrong`)
      }
    } else {
      for (const by of new Set(all.map((one) => one.by))) {
        const row = all.find((one) => one.by === by && one.from === 'record')
        const recorded = row?.hash?.algorithm === 'sha256' ? { recorded: row.hash.digest } : {}
        const damage = { path: file, state: looked.state, linked: looked.linked, ...recorded }
        const files = found.get(by)
        if (files === undefined) found.set(by, [damage])
        else files.push(damage)
      }
    }
    await slice()
  }

  const damaged = installed.flatMap((distribution, by): readonly DamagedDistribution[] => {
    const files = found.get(by) ?? []
    const record = problems.get(by)
    if (files.length === 0 && record === undefined) return []
    if (request.only !== undefined && !request.only.has(distribution.project)) return []
    const tree = trees.get(distribution)
    return [
      {
        distribution,
        files,
        ...(record === undefined ? {} : { record }),
        ...(noted[by]?.tree === undefined ? {} : { noted: noted[by] }),
        ...(tree === undefined ? {} : { tree }),
      },
    ]
  })
  return { damaged, unverifiable, distributions: installed.length - unverifiable.length, files: claims.size, bytes }
}

type ReadRecord =
  | { readonly kind: 'none'; readonly reason: string }
  | {
      readonly kind: 'rows'
      readonly rows: readonly { readonly path: string; readonly hash?: RecordHash; readonly size?: number }[]
      readonly problem?: string
    }

function readRecord(host: Pick<Host, 'files' | 'path'>, distribution: InstalledDistribution): ReadRecord {
  const { files, path } = host
  const { kind, location } = distribution
  if (kind === 'develop') return { kind: 'none', reason: 'it is used where its sources lie' }
  if (kind === 'egg') return { kind: 'none', reason: 'setuptools installed it, and left no hashes' }
  const installer = distribution.installer()?.toLowerCase()
  const manager = { conda: 'conda', rpm: 'rpm', debian: 'apt', dpkg: 'apt', apk: 'apk', pacman: 'pacman' }
  const owner = manager[(installer ?? '') as keyof typeof manager]
  // They write other things into the files than the wheel had, and keep hashes of their own.
  if (owner !== undefined) return { kind: 'none', reason: `${owner} installed it and keeps account of it` }
  const text = ifReadable(() => files.readText(path.join(location, 'RECORD')))
  if (text === undefined) return { kind: 'rows', rows: [], problem: 'it is missing' }
  if (text.trim() === '') return { kind: 'rows', rows: [], problem: 'it is empty' }
  try {
    const rows = parseRecord(text, { outside: 'allow' })
    const own = `${path.basename(location)}/RECORD`
    const isWhole = rows.some((row) => row.path === own || row.path === path.join(location, 'RECORD'))
    const listed = rows.filter((row) => !(row.path.endsWith('/RECORD') && row.hash === undefined))
    return isWhole
      ? { kind: 'rows', rows: listed }
      : { kind: 'rows', rows: listed, problem: 'it does not list itself: a part of it is gone' }
  } catch (error) {
    if (!isDenError(error, 'invalid-record')) throw error
    return { kind: 'rows', rows: readableRows(text), problem: 'it cannot be read' }
  }
}

/** Of a broken RECORD, the rows that can be read. */
function readableRows(text: string): ReturnType<typeof parseRecord> {
  return text.split(/\r?\n/).flatMap((line) => {
    try {
      return line === '' ? [] : parseRecord(line, { outside: 'allow' })
    } catch (error) {
      if (!isDenError(error, 'invalid-record')) throw error
      return []
    }
  })
}

/** The trees that den filled distributions from, as far as the history tells and the store has them. */
function treesOf(
  { store }: VerifyRequest,
  installed: readonly InstalledDistribution[],
  noted: readonly HistoryDistribution[],
): ReadonlyMap<InstalledDistribution, Tree> {
  const found = new Map<InstalledDistribution, Tree>()
  installed.forEach((distribution, index) => {
    const key = noted[index]?.tree
    // What another tool has put in since under the same number is none of the store's.
    if (key === undefined || (distribution.installer() ?? 'den') !== 'den') return
    const tree = store.find(key)
    if (tree !== undefined) found.set(distribution, tree)
  })
  return found
}

/** Where a tree's files stand in an environment; those whose first line is rewritten for each environment are left out. */
export function* treeFilesIn(
  { path }: Pick<Host, 'path'>,
  paths: EnvironmentPaths,
  manifest: TreeManifest,
): Generator<{ readonly file: string; readonly size: number; readonly sha256: string; readonly inTree: string }> {
  const tops = {
    purelib: paths.purelib,
    platlib: paths.platlib,
    scripts: paths.scripts,
    headers: path.join(paths.include, manifest.project),
    data: paths.data,
  }
  for (const part of manifest.parts) {
    for (const directory of part.directories) {
      const place = path.join(tops[part.scheme], ...directory.path.split('/'))
      for (const [name, size, sha256, flags] of directory.files) {
        if ((flags & fileFlags.pythonScript) !== 0) continue
        const inTree = [part.from, directory.path, name].filter((piece) => piece !== '').join('/')
        yield { file: path.join(place, name), size, sha256, inTree }
      }
    }
  }
}

/** Whether the distribution lists the file, or a link that stands for a directory above it. */
function isListed(
  { path }: Pick<Host, 'path'>,
  claims: ReadonlyMap<string, readonly Claim[]>,
  by: number,
  file: string,
  root: string,
): boolean {
  for (let place = file; place.length > root.length; place = path.dirname(place)) {
    if (claims.get(place)?.some((one) => one.by === by && one.from === 'record') === true) return true
  }
  return false
}

interface Looked {
  /** Absent where the file is as somebody says it is to be. */
  readonly state?: FileState
  readonly agrees: readonly Claim[]
  readonly linked: boolean
  readonly bytes: number
}

/** Compiled files come and go by themselves. */
const incidental = /(?:\.py[co]$|[\\/]__pycache__(?:[\\/]|$))/

/** A file of two distributions has the content of the later one; that is no damage, so one claim that agrees is enough. */
function lookAt(host: Pick<Host, 'files'>, file: string, claims: readonly Claim[]): Looked {
  const sound = { agrees: claims, linked: false, bytes: 0 }
  if (incidental.test(file) && claims.every(({ from }) => from === 'record')) return sound
  let facts: FileFacts | undefined
  try {
    facts = host.files.stat(file)
    if (facts === undefined) return { state: 'missing', agrees: [], linked: false, bytes: 0 }
    // A row without a hash says only that something is there: a link, a directory behind one.
    const telling = claims.filter(({ hash, size }) => hash !== undefined || size !== undefined)
    if (telling.length === 0) return sound
    const linked = facts.links > 1 || host.files.lstat(file)?.kind === 'link'
    const odd = { agrees: [], linked, bytes: 0 }
    if (facts.kind !== 'file') return { state: 'changed', ...odd }
    const size = facts.size
    const fitting = telling.filter((one) => one.size === undefined || one.size === size)
    if (fitting.length === 0) return { state: size === 0 ? 'emptied' : 'changed', ...odd }
    const digests = new Map<string, string>()
    let bytes = 0
    const agrees = fitting.filter(({ hash }) => {
      if (hash === undefined) return true
      let digest = digests.get(hash.algorithm)
      if (digest === undefined) {
        digest = digestOf(host, file, size, hash.algorithm) ?? ''
        digests.set(hash.algorithm, digest)
        bytes += size
      }
      // A hash that this runtime can't make says nothing.
      return digest === '' || digest === hash.digest
    })
    if (agrees.length > 0) return { agrees, linked, bytes }
    return { state: size === 0 ? 'emptied' : 'changed', agrees: [], linked, bytes }
  } catch (error) {
    if (!isDenError(error, 'permission-denied', 'io-failed')) throw error
    return { state: 'unreadable', agrees: [], linked: false, bytes: 0 }
  }
}

const wholeFile = 2 ** 22

function digestOf(host: Pick<Host, 'files'>, file: string, size: number, algorithm: string): string | undefined {
  let stream: ReturnType<typeof digestStream>
  try {
    stream = digestStream(algorithm)
  } catch {
    return undefined
  }
  if (size <= wholeFile) stream.update(host.files.readBytes(file) ?? new Uint8Array())
  else {
    const source = openFileSource(file)
    try {
      for (const piece of source.pieces()) stream.update(piece)
    } finally {
      source.close()
    }
  }
  return stream.digest('base64url')
}
