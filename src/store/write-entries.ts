// Writing entries of a verified wheel: the half of unpacking that takes the time, and so the half that worker threads share. A job is
// plain data and its answer too, so that either can cross to another thread.

import { DenError } from '../base/error.ts'
import { isElf } from '../format/elf.ts'
import { readRunPaths } from '../format/elf-dynamic.ts'
import { type ByteSource, bytesSource, type ZipEntry } from '../format/zip.ts'
import { openFileSource } from '../host/byte-source.ts'
import type { Disk } from '../host/disk.ts'
import { digestStream, strongDigest } from '../host/hash.ts'
import type { Inflate } from '../host/inflate.ts'
import { extractEntry, extractPieces } from './extract.ts'
import type { StartupFile } from './manifest.ts'

export interface EntryJob {
  readonly entry: ZipEntry
  /** Where it goes, absolute; the directory is there. */
  readonly file: string
  readonly mode: number
  /** What RECORD promises. */
  readonly hash: { readonly algorithm: string; readonly digest: string }
  /** What to look for in it. */
  readonly look: { readonly script?: boolean; readonly site?: boolean; readonly top?: boolean }
}

export interface WriteJob {
  /** How messages name the wheel. */
  readonly shown: string
  readonly modified: number
  /** Exactly these modes, whatever the umask. */
  readonly sealed: boolean
  readonly entries: readonly EntryJob[]
}

/** What was found in one file; most have nothing but their hash. */
export interface EntryFacts {
  /** In RECORD's spelling. */
  readonly sha256: string
  readonly pythonScript?: true
  /** An __init__.py that lets others add to its package. */
  readonly extendable?: true
  /** RPATH and RUNPATH. */
  readonly runPaths?: readonly string[]
  readonly startup?: StartupFile
}

/** Entries up to this size are unpacked in memory, which is faster; libraries of hundreds of megabytes go piece by piece. */
const wholeEntry = 2 ** 23

/**
 * Writes the entries in their order; nothing that `inflate` answers is kept. Throws `invalid-archive`, `invalid-wheel`, and what the disk throws; `pause` is awaited in between and
 * told how many bytes of memory the last one took.
 */
export async function writeEntries(
  disk: Disk,
  source: ByteSource,
  job: WriteJob,
  inflate: Inflate,
  pause: (bytes: number) => void | Promise<void>,
): Promise<EntryFacts[]> {
  const facts: EntryFacts[] = []
  const wholeModes = new Set<number>()
  for (const one of job.entries) {
    const { entry, file, look } = one
    const written =
      entry.size <= wholeEntry
        ? writeWhole(disk, source, job, one, { inflate, wholeModes })
        : await writePieces(disk, source, job, one)
    const { start } = written
    const name = entry.name.slice(entry.name.lastIndexOf('/') + 1)
    const runPaths = look.site === true && isElf(start) ? runPathsOf(written.whole, file) : []
    const startup = look.top === true ? startupOf(name, start) : undefined
    facts.push({
      sha256: written.sha256,
      ...(look.script === true && startsWithPython(start) ? { pythonScript: true } : {}),
      ...(look.site === true && name === '__init__.py' && extendsPath(start) ? { extendable: true } : {}),
      ...(runPaths.length > 0 ? { runPaths } : {}),
      ...(startup === undefined ? {} : { startup }),
    })
    // What goes through buffers that are used again is no garbage.
    const pausing = pause(entry.size <= wholeEntry ? 0 : entry.compressedSize + wholeEntry)
    if (pausing !== undefined) await pausing
  }
  return facts
}

interface Means {
  readonly inflate: Inflate
  readonly wholeModes: Set<number>
}

interface Written {
  readonly sha256: string
  /** The first bytes, all of them in a file that was held whole. */
  readonly start: Uint8Array
  readonly whole?: Uint8Array
}

function mismatch(job: WriteJob, { entry, hash }: EntryJob): DenError {
  const reason = `${entry.name} is not what its RECORD says (${hash.algorithm})`
  return new DenError('invalid-wheel', { file: job.shown, reason })
}

/** Compared with RECORD before a byte of it is on disk. */
function writeWhole(disk: Disk, source: ByteSource, job: WriteJob, one: EntryJob, by: Means): Written {
  const { entry, file, mode, hash } = one
  const { inflate, wholeModes } = by
  const whole = extractEntry(source, entry, job.shown, inflate)
  const sha256 = strongDigest('sha256', whole, 'base64url')!
  const actual = hash.algorithm === 'sha256' ? sha256 : strongDigest(hash.algorithm, whole, 'base64url')
  if (actual !== hash.digest) throw mismatch(job, one)
  if (job.sealed) disk.writeSealed(file, whole, { mode, modified: job.modified, wholeModes })
  else {
    disk.writeNew(file, whole, mode)
    disk.setTimes(file, job.modified, job.modified)
  }
  return { sha256, start: whole, whole }
}

/** Compared with RECORD when all of it is written: the tree isn't in the store before that either. */
async function writePieces(disk: Disk, source: ByteSource, job: WriteJob, one: EntryJob): Promise<Written> {
  const { entry, file, mode, hash } = one
  const digest = digestStream('sha256')
  const other = hash.algorithm === 'sha256' ? undefined : digestStream(hash.algorithm)
  let start: Uint8Array | undefined
  disk.writeNew(file, new Uint8Array(), mode | 0o200)
  await extractPieces(source, entry, job.shown, (bytes) => {
    start ??= Uint8Array.from(bytes.subarray(0, 4096))
    digest.update(bytes)
    other?.update(bytes)
    disk.append(file, bytes)
  })
  const sha256 = digest.digest('base64url')
  if ((other?.digest('base64url') ?? sha256) !== hash.digest) throw mismatch(job, one)
  // The umask of whoever happens to unpack it is not that of everybody whose environment gets a link.
  if (job.sealed) disk.chmod(file, mode)
  disk.setTimes(file, job.modified, job.modified)
  return { sha256, start: start ?? new Uint8Array() }
}

/** "#!python", exactly: the mark of a script whose first line the installer writes. `#!pythonw` counts too. */
function startsWithPython(bytes: Uint8Array): boolean {
  return /^#!pythonw?(?:[ \t\r\n]|$)/.test(Buffer.from(bytes.subarray(0, 16)).toString('latin1'))
}

/** The words in a comment cost a real directory and nothing else. */
function extendsPath(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return text.includes('extend_path') || text.includes('declare_namespace')
}

function runPathsOf(whole: Uint8Array | undefined, file: string): readonly string[] {
  if (whole !== undefined) return readRunPaths(bytesSource(whole))
  const source = openFileSource(file)
  try {
    return readRunPaths(source)
  } finally {
    source.close()
  }
}

/** What Python runs when it starts: lines of .pth files that begin with `import`, .start files (PEP 829), and sitecustomize. */
function startupOf(name: string, bytes: Uint8Array): StartupFile | undefined {
  if (/^(?:site|user)customize\.(?:py|pyc|.*\.so|.*\.pyd)$/.test(name)) return { name, code: [] }
  if (!/\.(?:pth|start)$/.test(name)) return undefined
  const lines = new TextDecoder()
    .decode(bytes)
    .split(/\r\n|[\r\n]/)
    .map((line) => line.trimEnd())
  const code = lines.filter((line) =>
    name.endsWith('.pth') ? /^import[ \t]/.test(line) : line.trim() !== '' && !line.trimStart().startsWith('#'),
  )
  return { name, code }
}
