// Pages on disk: two files a project and index, the head (with what was learned of its files behind it) and the files' part that it
// names. Written beside and renamed in; what is damaged, cut or of another format is a miss. No lock: whoever writes last wins, and each
// head names the files' part it goes with.

import type { ProjectName } from '../base/brand.ts'
import { attempt } from '../base/error.ts'
import type { SafeUrl } from '../base/safe-url.ts'
import type { Places } from '../config/places.ts'
import { joinBytes } from '../format/bytes.ts'
import { sha256Hex } from '../host/hash.ts'
import type { Context } from '../host/host.ts'
import { markOf, notesToKeep, openNotes, type PageNotes, wholeLength } from './page-notes.ts'
import { pageDirectory } from './page-place.ts'
import {
  type EncodedPage,
  type FilesPart,
  type PageFacts,
  type PageHead,
  readHead,
  renewHead,
  sealHead,
} from './page-record.ts'

export interface CachedPage {
  readonly head: PageHead
  readonly notes: PageNotes
  /** A part of the files' part; undefined when it is gone. */
  readFiles(start: number, length: number): Uint8Array | undefined
}

export interface PageCache {
  /** A miss, too, when the files' part is not there as a whole. */
  read(index: SafeUrl, name: ProjectName): CachedPage | undefined
  /** Gives back what was known of the page before this one and is true of it too. */
  write(index: SafeUrl, name: ProjectName, page: EncodedPage, facts: PageFacts): Uint8Array
  /** Gives what is there other facts; undefined when nothing is there any more. */
  renew(index: SafeUrl, name: ProjectName, facts: PageFacts): CachedPage | undefined
  /** Writes down what was added to a page's notes. */
  addNotes(index: SafeUrl, name: ProjectName, notes: PageNotes): void
  /** For what turned out to be damaged. */
  forget(index: SafeUrl, name: ProjectName): void
}

/** Nothing is read or made before it is needed. A cache that cannot be written is a slow one, no error. */
export function openPageCache({ host }: Pick<Context, 'host'>, places: Pick<Places, 'cache'>): PageCache {
  const { files, disk, path } = host
  const directories = new Map<string, string>()
  /** The name is of others' making, and so becomes no part of a path. */
  const stemOf = (index: SafeUrl, name: ProjectName): string => {
    let directory = directories.get(index.href)
    if (directory === undefined) {
      directory = pageDirectory(host, places, index)
      directories.set(index.href, directory)
    }
    return `${directory}/${sha256Hex(name).slice(0, 32)}`
  }
  const partFile = (stem: string, { length, checksum }: FilesPart): string =>
    `${stem}.${length.toString(36)}-${checksum.toString(36)}`
  /** The head and the bytes that it stands in, notes behind it; undefined for a miss. */
  const kept = (stem: string): { readonly head: PageHead; readonly bytes: Uint8Array } | undefined => {
    const bytes = attempt(() => files.readBytes(`${stem}.head`))
    const head = bytes === undefined ? undefined : readHead(bytes)
    return bytes === undefined || head === undefined ? undefined : { head, bytes }
  }

  const opened = (stem: string, head: PageHead, bytes: Uint8Array): CachedPage | undefined => {
    const part = head.files
    const file = partFile(stem, part)
    // One look now, so that what was deleted or cut is noticed while the index can still be asked.
    if (part.length > 0 && files.stat(file)?.size !== part.length) return undefined
    const notes = openNotes(bytes.subarray(head.length))
    return { head, notes, readFiles: (start, length) => attempt(() => files.readBytes(file, { start, length })) }
  }

  return Object.freeze({
    read: (index: SafeUrl, name: ProjectName) => {
      const stem = stemOf(index, name)
      const found = kept(stem)
      return found === undefined ? undefined : opened(stem, found.head, found.bytes)
    },
    write: (index: SafeUrl, name: ProjectName, page: EncodedPage, facts: PageFacts) => {
      const stem = stemOf(index, name)
      const found = kept(stem)
      const old = found?.head
      const before = old === undefined || old.files.length === 0 ? undefined : old.files
      const now = page.filesPart
      const file = partFile(stem, now)
      const replaced = before === undefined || partFile(stem, before) === file ? old?.previous : before
      const head = sealHead(page, facts, replaced)
      const notes =
        found === undefined ? new Uint8Array() : notesToKeep(found.bytes.subarray(found.head.length), marksOf(head))
      attempt(() => {
        disk.makeDirectories(path.dirname(stem))
        if (page.files.length > 0) disk.writeAtomic(file, page.files)
        disk.writeAtomic(`${stem}.head`, joinBytes([head, notes]))
      })
      // Somebody may still be reading the part before this one; the one before that is nobody's.
      const gone = old?.previous
      const staying = [now, ...(replaced === undefined ? [] : [replaced])].map((part) => partFile(stem, part))
      if (gone !== undefined && !staying.includes(partFile(stem, gone)))
        attempt(() => disk.removeFile(partFile(stem, gone)))
      return notes
    },
    addNotes: (index: SafeUrl, name: ProjectName, notes: PageNotes) => {
      const added = notes.takeAdded()
      if (added === undefined) return
      const stem = stemOf(index, name)
      const file = `${stem}.head`
      const found = kept(stem)
      if (found === undefined) return
      const { head, bytes: now } = found
      const whole = head.length + wholeLength(now.subarray(head.length))
      attempt(() => {
        if (whole < now.length) disk.writeAtomic(file, joinBytes([now.subarray(0, whole), added]))
        // One write at the end of the file, which others may be writing to as well.
        else disk.append(file, added)
      })
    },
    renew: (index: SafeUrl, name: ProjectName, facts: PageFacts) => {
      const stem = stemOf(index, name)
      const bytes = attempt(() => files.readBytes(`${stem}.head`))
      const renewed = bytes === undefined ? undefined : renewHead(bytes, facts)
      if (renewed === undefined) return undefined
      attempt(() => disk.writeAtomic(`${stem}.head`, renewed))
      return opened(stem, readHead(renewed)!, renewed)
    },
    forget: (index: SafeUrl, name: ProjectName) => {
      const stem = stemOf(index, name)
      const head = kept(stem)?.head
      attempt(() => disk.removeFile(`${stem}.head`))
      if (head !== undefined && head.files.length > 0) attempt(() => disk.removeFile(partFile(stem, head.files)))
    },
  })
}

/** The versions of a sealed head, as notes name them. */
function marksOf(sealed: Uint8Array): ReadonlySet<string> {
  const head = readHead(sealed)!
  return new Set(Array.from({ length: head.count }, (_, version) => markOf(head.rowsOf(version))))
}
