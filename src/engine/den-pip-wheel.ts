// The bytes of den's own pip. On POSIX its scripts are plain sh, which is there before any Python has started; Windows gets launchers,
// made from entry points as for any wheel.

import { storedZip } from '../format/zip-write.ts'
import { crc32 } from '../host/checksum.ts'
import { sha256Base64Url } from '../host/hash.ts'
import { formatRecord } from '../spec/record.ts'
import { denPipVersion } from './den-pip.ts'
import { denPipTexts } from './den-pip.generated.ts'

const distInfo = `pip-${denPipVersion}.dist-info`

/** The same bytes for the same Python and kind of scripts. */
export function denPipWheel(
  { major, minor }: { readonly major: number; readonly minor: number },
  scripts: 'shell' | 'launcher',
): Uint8Array {
  const text = (name: string): string => denPipTexts[`pip/${name}`]!
  const texts: [name: string, text: string][] = [
    ['pip/__init__.py', text('__init__.py')],
    ['pip/__main__.py', text('__main__.py')],
  ]
  if (scripts === 'shell') {
    for (const name of ['pip', `pip${major}`, `pip${major}.${minor}`])
      texts.push([`pip-${denPipVersion}.data/scripts/${name}`, text('pip.sh')])
  } else {
    texts.push([`${distInfo}/entry_points.txt`, '[console_scripts]\npip = pip.__main__:become\n'])
  }
  texts.push([`${distInfo}/METADATA`, metadata], [`${distInfo}/WHEEL`, wheelFile(`py${major}${minor}-none-any`)])
  const files = texts.map(([name, content]) => ({ name, bytes: new TextEncoder().encode(content) }))
  const rows = files.map(({ name, bytes }) => ({
    path: name,
    hash: { algorithm: 'sha256', digest: sha256Base64Url(bytes) },
    size: bytes.length,
  }))
  const record = new TextEncoder().encode(formatRecord([...rows, { path: `${distInfo}/RECORD` }]))
  const members = [...files, { name: `${distInfo}/RECORD`, bytes: record }]
  return storedZip(members.map(({ name, bytes }) => ({ name, bytes, crc32: crc32(bytes) })))
}

const metadata = `Metadata-Version: 2.1
Name: pip
Version: ${denPipVersion}
Summary: The pip of an environment that den made: what it is told goes to den
License: MIT

What this pip is told goes to den, which does it in the environment that it stands in. To have the real pip instead:

    pip install --upgrade pip
`

function wheelFile(tag: string): string {
  return `Wheel-Version: 1.0\nGenerator: den\nRoot-Is-Purelib: true\nTag: ${tag}\n`
}
