import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesSource, parseZip } from '../format/zip.ts'
import { extractEntry } from '../store/extract.ts'
import { storedZip } from './windows-launcher.ts'

test('storedZip() makes an archive that den’s own strict reader takes', () => {
  const source = bytesSource(storedZip('__main__.py', Buffer.from('print(1)\n')))
  const [entry] = parseZip(source, { file: 'x' })
  assert.equal(entry!.name, '__main__.py')
  assert.equal(Buffer.from(extractEntry(source, entry!, 'x')).toString(), 'print(1)\n')
})
