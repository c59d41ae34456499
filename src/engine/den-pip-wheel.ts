// The bytes of den's own pip. On POSIX its scripts are plain sh, which is there before any Python has started; Windows gets launchers,
// made from entry points as for any wheel.

import { denPipLayout, denPipVersion } from '../env/den-pip.ts'
import { storedZip } from '../format/zip-write.ts'
import { crc32 } from '../host/checksum.ts'
import { sha256Base64Url } from '../host/hash.ts'
import { formatRecord } from '../spec/record.ts'

/** The same bytes for the same Python and kind of scripts. */
export function denPipWheel(
  version: { readonly major: number; readonly minor: number },
  scripts: 'shell' | 'launcher',
): Uint8Array {
  const { distInfo, modules, scriptNames, script } = denPipLayout(version)
  const texts = new Map(modules.map(({ name, text }) => [name, text]))
  if (scripts === 'launcher')
    texts.set(`${distInfo}/entry_points.txt`, '[console_scripts]\npip = pip.__main__:become\n')
  else for (const name of scriptNames) texts.set(`pip-${denPipVersion}.data/scripts/${name}`, script.text)
  const files = [...texts].map(([name, text]) => ({ name, bytes: new TextEncoder().encode(text) }))
  const rows = files.map(({ name, bytes }) => ({
    path: name,
    hash: { algorithm: 'sha256', digest: sha256Base64Url(bytes) },
    size: bytes.length,
  }))
  const record = formatRecord([...rows, { path: `${distInfo}/RECORD` }])
  const members = [...files, { name: `${distInfo}/RECORD`, bytes: new TextEncoder().encode(record) }]
  return storedZip(members.map(({ name, bytes }) => ({ name, bytes, crc32: crc32(bytes) })))
}
