// An editable wheel for a project whose setuptools is older than PEP 660 (before 64; the last for Python 2.7 to 3.6): its metadata,
// and a .pth file that leads to where its modules start.

import { storedZip } from '../format/zip-write.ts'
import { sha256Hex } from '../host/hash.ts'
import type { Context } from '../host/host.ts'
import { crc32 } from '../host/inflate.ts'
import { parseWheelFilename } from '../spec/filename.ts'
import { parseMetadata } from '../spec/metadata.ts'
import { formatRecord, type RecordEntry, recordHash } from '../spec/record.ts'
import type { BuiltWheel } from './build.ts'

/** Makes the wheel from a prepared dist-info directory and the directory that is to be on sys.path. */
export function legacyEditable(
  { host }: Context,
  request: { readonly distInfo: string; readonly modules: string; readonly output: string },
): BuiltWheel {
  const { files, path, disk } = host
  const metadata = parseMetadata(files.readText(path.join(request.distInfo, 'METADATA')) ?? '', { file: 'METADATA' })
  // Its directory has no version in its name when setuptools is that old.
  const stem = `${metadata.rawName.replace(/[-_.]+/g, '_')}-${metadata.version.text.replaceAll('-', '_')}`
  const info = `${stem}.dist-info`
  const members = new Map<string, Uint8Array>()
  const text = (name: string, content: string): void => void members.set(name, new TextEncoder().encode(content))
  text(`__editable__.${stem}.pth`, `${request.modules}\n`)
  for (const { name, kind } of files.list(request.distInfo) ?? []) {
    if (kind === 'file' && name !== 'RECORD' && name !== 'WHEEL')
      members.set(`${info}/${name}`, files.readBytes(path.join(request.distInfo, name)) ?? new Uint8Array())
  }
  text(
    `${info}/WHEEL`,
    'Wheel-Version: 1.0\nGenerator: den\nRoot-Is-Purelib: true\nTag: py2-none-any\nTag: py3-none-any\n\n',
  )
  const rows: RecordEntry[] = [...members].map(([name, bytes]) => ({
    path: name,
    hash: recordHash(sha256Hex(bytes)),
    size: bytes.length,
  }))
  text(`${info}/RECORD`, formatRecord([...rows, { path: `${info}/RECORD` }]))
  const filename = `${stem}-py2.py3-none-any.whl`
  const file = path.join(request.output, filename)
  disk.writeNew(file, storedZip([...members].map(([name, bytes]) => ({ name, bytes, crc32: crc32(bytes) }))))
  return { path: file, parsed: parseWheelFilename(filename) }
}
