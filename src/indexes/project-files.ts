// The files of a project as one list: from a page in den's form, from loose files, and from several of those together.

import type { ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import type { SafeUrl } from '../base/safe-url.ts'
import { crc32 } from '../host/checksum.ts'
import { parseVersion, type Version } from '../spec/version.ts'
import type { DistributionFile, ProjectFiles, ProjectHead, ProjectNotes, ProjectVersion } from './distribution-file.ts'
import type { CachedPage } from './page-cache.ts'
import { type PageHead, versionFlags } from './page-record.ts'
import { RowFile, readRows } from './page-rows.ts'
import { cameBefore, isLockedVersion, type UploadLimit } from './upload-limit.ts'

export interface PageOptions {
  readonly name: ProjectName
  readonly index: SafeUrl
  /** Files that are too new do not exist. */
  readonly uploads?: UploadLimit | undefined
  /** Called when the page turns out to be damaged, before the error is thrown. */
  readonly damaged: () => void
}

/** A page's versions. Nothing but the head has been read; a version's files are when somebody asks for them. */
export function projectOfPage(page: CachedPage, options: PageOptions): ProjectFiles {
  const { name, uploads } = options
  const { status } = page.head.facts
  const said = status === undefined ? {} : { status }
  // "quarantined": what the page still lists must not be offered (PEP 792).
  if (status?.state === 'quarantined') return { name, versions: [], ...said }
  const head = uploads === undefined ? page.head : headBefore(page.head, name, uploads)
  let versions: readonly ProjectVersion[] | undefined
  return {
    name,
    get versions() {
      versions ??= Array.from(
        { length: head.count },
        (_, index) => new PageVersion(page, originalOf(head, index), options),
      )
      return versions
    },
    ...said,
    head,
    ...(uploads === undefined ? {} : { tooNew: () => versionsAfter(page.head, name, uploads) }),
    notes: notesOf(page, head, options),
  }
}

function notesOf(
  { head: whole, notes }: CachedPage,
  head: ProjectHead | CutHead,
  { name, index: found }: PageOptions,
): ProjectNotes {
  // Of a version some of whose files are too new others may be chosen than by somebody who sees them all.
  const isCut = (index: number): boolean => head !== whole && (head.flagsOf(index) & versionFlags.cut) !== 0
  return {
    recall: (index, rules) => {
      if (isCut(index)) return undefined
      const choice = notes.choice(whole.rowsOf(originalOf(head, index)), rules)
      if (choice === undefined || typeof choice === 'string') return choice
      return new RowFile(choice, { name, index: found, version: parseVersion(head.textOf(index)) })
    },
    note: (index, rules, choice) => {
      if (isCut(index)) return
      const rows = whole.rowsOf(originalOf(head, index))
      if (typeof choice === 'string') notes.addChoice(rows, rules, choice)
      else if (choice instanceof RowFile) notes.addChoice(rows, rules, choice.row)
    },
  }
}

/** A head without the versions that came later. */
interface CutHead extends ProjectHead {
  /** Each version's number in the whole head. */
  readonly indices: readonly number[]
}

function originalOf(head: ProjectHead | CutHead, index: number): number {
  return 'indices' in head ? head.indices[index]! : index
}

function headBefore(head: PageHead, name: ProjectName, limit: UploadLimit): CutHead {
  const indices: number[] = []
  for (let index = 0; index < head.count; index += 1)
    if (mayBeBefore(head, index, limit.before) || isLockedVersion(limit, name, head.textOf(index))) indices.push(index)
  const isCut = (original: number): boolean =>
    head.uploadedOf(original).to >= limit.before || (head.flagsOf(original) & versionFlags.unknownTime) !== 0
  return {
    indices,
    count: indices.length,
    textOf: (index) => head.textOf(indices[index]!),
    keyOf: (index) => head.keyOf(indices[index]!),
    flagsOf: (index) => head.flagsOf(indices[index]!) | (isCut(indices[index]!) ? versionFlags.cut : 0),
    stateOf: (index) => head.stateOf(indices[index]!) | (isCut(indices[index]!) ? versionFlags.cut : 0),
    requiresPythonOf: (index) => head.requiresPythonOf(indices[index]!),
  }
}

/** Those whose newest file is too new. What is locked has been decided for. */
function versionsAfter(head: PageHead, name: ProjectName, limit: UploadLimit): readonly Version[] {
  return Array.from({ length: head.count }, (_, index) => index)
    .filter((index) => head.uploadedOf(index).to >= limit.before && !isLockedVersion(limit, name, head.textOf(index)))
    .map((index) => parseVersion(head.textOf(index)))
}

/** When the first of the files came that are too new; of a version that has old files as well the limit itself, which is not later. */
export function firstUploadAfter(head: PageHead, { before }: UploadLimit): number | undefined {
  let first: number | undefined
  for (let index = 0; index < head.count; index += 1) {
    const { from, to } = head.uploadedOf(index)
    if (to >= before) first = Math.min(first ?? to, Math.max(from, before))
  }
  return first
}

/** Whether one of the version's files may be old enough; where that is not told, looking at them says so. */
function mayBeBefore(head: PageHead, index: number, limit: number): boolean {
  if ((head.flagsOf(index) & versionFlags.unknownTime) !== 0) return true
  return head.uploadedOf(index).from < limit
}

/** One object a version of every project that is looked at: a class, so that its parts can be made late. */
class PageVersion implements ProjectVersion {
  readonly #page: CachedPage
  readonly #index: number
  readonly #options: PageOptions
  #version: Version | undefined
  #files: readonly DistributionFile[] | undefined

  constructor(page: CachedPage, index: number, options: PageOptions) {
    this.#page = page
    this.#index = index
    this.#options = options
  }

  get version(): Version {
    this.#version ??= parseVersion(this.#page.head.textOf(this.#index))
    return this.#version
  }

  get files(): readonly DistributionFile[] {
    this.#files ??= this.#read()
    return this.#files
  }

  #read(): readonly DistributionFile[] {
    const { name, uploads, damaged, index } = this.#options
    const { start, length, checksum } = this.#page.head.rowsOf(this.#index)
    const bytes = this.#page.readFiles(start, length)
    if (bytes?.length !== length || crc32(bytes) !== checksum) {
      damaged()
      throw new DenError('cache-damaged', { project: name })
    }
    const files = readRows(bytes, { name, index, version: this.version })
    return uploads === undefined ? files : files.filter((file) => cameBefore(file, uploads))
  }
}

/** What to tell somebody who is about to get the project (PEP 792); undefined where there is nothing to tell. */
export function statusWarning({ name, status }: Pick<ProjectFiles, 'name' | 'status'>): string | undefined {
  const because = status?.reason === undefined ? '' : `: ${status.reason}`
  switch (status?.state) {
    case 'archived':
      return `${name} is archived, no release is to be expected${because}`
    case 'deprecated':
      return `${name} is deprecated${because}`
    case 'quarantined':
      return `${name} is quarantined by its index, which offers none of its files${because}`
    default:
      return undefined
  }
}

/** Loose files of one project, by version, newest first. */
export function projectOfFiles(name: ProjectName, files: readonly DistributionFile[]): ProjectFiles {
  const byKey = new Map<string, { readonly version: Version; readonly files: DistributionFile[] }>()
  for (const file of files) {
    const { version } = file.parsed
    const known = byKey.get(version.key)
    if (known === undefined) byKey.set(version.key, { version, files: [file] })
    else known.files.push(file)
  }
  return { name, versions: newestFirst([...byKey.values()]) }
}

/** Several places' versions as one list; of equal versions the files in the order of the places. */
export function mergeProjects(name: ProjectName, parts: readonly ProjectFiles[]): ProjectFiles {
  if (parts.length === 1) return parts[0]!
  const byKey = new Map<string, { readonly version: Version; readonly sources: ProjectVersion[] }>()
  for (const { versions } of parts) {
    for (const one of versions) {
      const known = byKey.get(one.version.key)
      if (known === undefined) byKey.set(one.version.key, { version: one.version, sources: [one] })
      else known.sources.push(one)
    }
  }
  const versions = [...byKey.values()].map(({ version, sources }) => {
    if (sources.length === 1) return sources[0]!
    let files: readonly DistributionFile[] | undefined
    return {
      version,
      get files() {
        files ??= sources.flatMap((source) => source.files)
        return files
      },
    }
  })
  const status = parts.find((part) => part.status !== undefined)?.status
  return {
    name,
    versions: newestFirst(versions),
    tooNew: () => parts.flatMap((part) => part.tooNew?.() ?? []),
    ...(status === undefined ? {} : { status }),
  }
}

function newestFirst<One extends { readonly version: Version }>(versions: readonly One[]): readonly One[] {
  return [...versions].sort((a, b) => (a.version.key < b.version.key ? 1 : -1))
}
