// OSV records from this machine: a file with one record or a list of them, a directory of files, a zip file of them as osv.dev hands
// out for each ecosystem. For machines without a network, and for those who would rather not say what they have installed.

import type { ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import { isJsonObject } from '../format/json.ts'
import { parseZip, type ZipEntry } from '../format/zip.ts'
import { openFileSource } from '../host/byte-source.ts'
import type { Context } from '../host/host.ts'
import { inflateStated } from '../host/inflate.ts'
import { slicer } from '../host/slices.ts'
import { type OsvRecord, readOsvRecord } from '../spec/osv.ts'

/** A record is some kilobytes; the longest list known is a database in one file. */
const maxRecordBytes = 512 * 2 ** 20

/** The records at `place` that speak of one of these projects. Throws `audit-source-missing`, `invalid-osv`, `invalid-archive`. */
export async function readOsvFiles(
  context: Context,
  place: string,
  projects: ReadonlySet<ProjectName>,
): Promise<readonly OsvRecord[]> {
  const { host } = context
  const { files, path } = host
  const slice = slicer({ operation: `reading ${place}`, signal: context.signal })
  const records: OsvRecord[] = []
  let seen = 0
  const take = (text: string, shown: string): void => {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch (error) {
      throw new DenError('invalid-osv', { place: shown, reason: `it is no JSON: ${(error as Error).message}` })
    }
    for (const one of listOf(value)) {
      const record = readOsvRecord(one)
      if (record === undefined)
        throw new DenError('invalid-osv', { place: shown, reason: 'it holds something without an id' })
      seen += 1
      if (record.affected.some(({ project }) => projects.has(project))) records.push(record)
    }
  }
  const takeDirectory = async (directory: string): Promise<void> => {
    for (const { name, kind } of files.list(directory) ?? []) {
      const file = path.join(directory, name)
      // Links are not followed: a tree that leads back into itself has no end.
      if (kind === 'directory') await takeDirectory(file)
      else if (kind === 'file' && name.endsWith('.json')) take(files.readText(file) ?? '', file)
      await slice()
    }
  }
  const facts = files.stat(place)
  if (facts === undefined) throw new DenError('audit-source-missing', { place })
  if (facts.kind === 'directory') await takeDirectory(place)
  else if (isZip(files.readBytes(place, { start: 0, length: 4 }))) {
    const source = openFileSource(place)
    try {
      for (const entry of parseZip(source, { file: place })) {
        if (!entry.name.endsWith('.json') || entry.directory) continue
        take(entryText(source, entry, place), `${entry.name} in ${place}`)
        await slice()
      }
    } finally {
      source.close()
    }
  } else take(files.readText(place) ?? '', place)
  if (seen === 0) throw new DenError('invalid-osv', { place, reason: 'there is no record in it' })
  return records
}

function isZip(start: Uint8Array | undefined): boolean {
  return start !== undefined && start[0] === 0x50 && start[1] === 0x4b
}

/** One record, a list of them, or the service's answer `{"vulns": […]}`. */
function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  const { vulns } = isJsonObject(value) ? value : {}
  return Array.isArray(vulns) ? vulns : [value]
}

function entryText(
  source: { read(offset: number, length: number): Uint8Array },
  { name, offset, compressedSize, size, crc32, method }: ZipEntry,
  place: string,
): string {
  const wrong = (reason: string): DenError => new DenError('invalid-osv', { place: `${name} in ${place}`, reason })
  if (size > maxRecordBytes) throw wrong(`it is larger than ${maxRecordBytes} bytes`)
  const data = source.read(offset, compressedSize)
  const bytes = method === 'stored' ? data : inflateStated(data, { size, crc32 })
  if (typeof bytes === 'string') throw wrong(bytes)
  return new TextDecoder('utf-8').decode(bytes)
}
