// Wheels whose zip is wrong: what two readers of one archive could read differently, bombs, and honest oddities.

import zlib from 'node:zlib'
import type { ArchiveCase } from './bad-archives.ts'
import { buildWheel, type WheelInput, wheelFilename } from './wheel.ts'
import { extraField, uint64s, type ZipInput, type ZipShape } from './zip.ts'

export function badZips(victim: WheelInput, distInfo: string, bomb: Uint8Array): ArchiveCase[] {
  const filename = wheelFilename(victim)
  const make = (name: string, verdict: ArchiveCase['verdict'], bytes: Uint8Array): ArchiveCase => ({
    name,
    kind: 'wheel',
    verdict,
    filename,
    bytes,
  })
  const good = buildWheel(victim)
  const shaped = (name: string, shape: ZipShape, verdict: ArchiveCase['verdict'] = 'refuse'): ArchiveCase =>
    make(name, verdict, buildWheel({ ...victim, shape }))
  /** One more file, in RECORD as the central directory has it. */
  const entry = (name: string, input: Partial<ZipInput>, verdict: ArchiveCase['verdict'] = 'refuse'): ArchiveCase => {
    const data = input.data ?? 'more = 1\n'
    const row = `more.py,sha256=${sha256(data)},${Buffer.byteLength(data)}\n`
    return make(
      name,
      verdict,
      buildWheel({ ...victim, extra: [{ name: 'more.py', data, ...input }], record: (right) => row + right }),
    )
  }
  const other = buildWheel({ ...victim, files: { 'evil.py': 'evil = 1\n' } })
  const flip = (at: number): Uint8Array => {
    const bytes = Uint8Array.from(good)
    bytes[at]! ^= 1
    return bytes
  }
  const cuts = [1, 2, 21, 22, 23, 100, good.length - 30, good.length - 1]
  return [
    shaped('end: a byte follows', { suffix: Buffer.from('x') }),
    shaped('end: an archive follows', { suffix: other }),
    shaped('end: zeros follow', { suffix: Buffer.alloc(1024) }),
    shaped('end: a comment', { comment: 'hello' }),
    shaped('end: a comment that is an archive', { comment: Buffer.from(other.subarray(0, 2000)).toString('latin1') }),
    shaped('end: a comment with an end record', { comment: 'PK\u0005\u0006' }),
    shaped('start: a program stands before', { prefix: Buffer.from('#!/bin/sh\nexit\n') }),
    shaped('start: an archive stands before', { prefix: other }),
    shaped('start: a byte stands before', { prefix: Buffer.from('x') }),
    shaped('bytes before the end record', { beforeEnd: Buffer.from('hidden') }),
    shaped('bytes before the end record: another end record', { beforeEnd: good.subarray(-22) }),
    shaped('bytes before the end record: an archive', { beforeEnd: other }),
    shaped('count: one too many', { count: 5 }),
    shaped('count: one too few', { count: 3 }),
    shaped('count: zero', { count: 0 }),
    shaped('count: of ZIP64, and no such record', { count: 0xffff }),
    shaped('zip64: another count', { zip64: true, end64: { count: 2 } }),
    shaped('zip64: another offset', { zip64: true, end64: { offset: 0 } }),
    shaped('zip64: the locator points elsewhere', { zip64: true, end64: { locatorOffset: 0 } }),
    shaped('zip64: bytes after its record', { zip64: true, beforeEnd: Buffer.alloc(4) }),
    shaped('honest: ZIP64 records', { zip64: true }, 'accept'),
    entry('hidden: a local entry the directory lacks', { only: 'local' }),
    entry('hidden: a directory entry without a local one', { only: 'central' }),
    entry('hidden: bytes after an entry', { gapAfter: Buffer.from('secret') }),
    entry('hidden: an archive between entries', { gapAfter: other }),
    entry('overlap: points to the first entry', { headerOffset: 0 }),
    entry('overlap: points into the data', { headerOffset: 40 }),
    entry('overlap: points behind the end', { headerOffset: 10_000_000 }),
    entry('headers: another name', { localName: 'evil.py' }),
    entry('headers: a climbing name', { localName: '../e.py' }),
    entry('headers: a longer name', { localName: 'more.py\0evil' }),
    entry('headers: another method', { localMethod: 0 }),
    entry('headers: other flags', { localFlags: 0x0800 }),
    entry('headers: another checksum', { localCrc: 1 }),
    entry('headers: another size', { localSize: 3 }),
    entry('checksum: wrong in both', { crc: 1 }),
    entry('checksum: zero', { crc: 0 }),
    entry('checksum: wrong of stored data', { crc: 7, method: 'stored' }),
    entry('size: larger than it is', { size: 100 }),
    entry('size: smaller than it is', { size: 2 }),
    entry('size: of stored data, differing', { method: 'stored', size: 100 }),
    entry('size: 4 GiB', { size: 0xfffffffe }),
    entry('data: not deflated', { raw: Buffer.from('garbage garbage garbage') }),
    entry('data: cut', { raw: zlib.deflateRawSync('more = 1\n').subarray(0, 5) }),
    entry('data: bytes follow', { raw: Buffer.concat([zlib.deflateRawSync('more = 1\n'), Buffer.from('tail')]) }),
    entry('data: its checksum and size follow, then bytes', { raw: fakeTrailer('more = 1\n') }),
    entry('data: two streams', {
      raw: Buffer.concat([zlib.deflateRawSync('more = 1\n'), zlib.deflateRawSync('evil')]),
    }),
    entry('method: deflate64', { rawMethod: 9 }),
    entry('method: bzip2', { rawMethod: 12 }),
    entry('method: lzma', { rawMethod: 14 }),
    entry('method: zstd', { rawMethod: 93 }),
    entry('method: of an unknown number', { rawMethod: 777 }),
    entry('flags: encrypted', { flags: 1 }),
    entry('flags: strongly encrypted', { flags: 0x41 }),
    entry('flags: masked headers', { flags: 0x2000 }),
    entry('flags: patched data', { flags: 0x20 }),
    entry('extra: cut', { extra: Buffer.from([1, 0, 9]) }),
    entry('extra: longer than the field', { extra: Buffer.from([9, 9, 200, 0, 1]) }),
    entry('extra: two ZIP64 fields', {
      zip64: true,
      extra: Buffer.concat([extraField(1, uint64s(9)), extraField(1, uint64s(9))]),
    }),
    entry('extra: ZIP64 contradicts', { extra: extraField(1, uint64s(5, 5)) }),
    entry('extra: a second name', { localExtra: extraField(0x7075, Buffer.from('\u0001abcdevil.py')) }),
    entry('descriptor: after stored data', { descriptor: true, method: 'stored' }),
    entry('descriptor: bytes follow', { descriptor: true, gapAfter: Buffer.from('x') }),
    entry('descriptor: announced, not there', { flags: 8 }),
    entry('honest: a descriptor', { descriptor: true }, 'accept'),
    entry('honest: a descriptor without its signature', { descriptor: 'unsigned' }, 'accept'),
    entry('honest: a ZIP64 entry', { zip64: true }, 'accept'),
    entry('honest: a ZIP64 entry with a descriptor', { zip64: true, descriptor: true }, 'accept'),
    entry('honest: stored', { method: 'stored' }, 'accept'),
    entry('honest: empty', { data: '' }, 'accept'),
    entry(
      'honest: extra fields of other tools',
      { extra: extraField(0x5455, Buffer.alloc(5)), localExtra: extraField(0x5455, Buffer.alloc(9)) },
      'accept',
    ),
    entry('bomb: one file of 1 GiB, said so', { data: '', raw: bomb, size: 2 ** 30, rawMethod: 8 }),
    entry('bomb: one file of 1 MiB that says 10 bytes', { data: '0123456789', raw: bomb, rawMethod: 8 }),
    make(
      'bomb: a hundred files over one piece of data',
      'refuse',
      buildWheel({
        ...victim,
        extra: Array.from({ length: 100 }, (_, index) => ({
          name: `b${index}`,
          raw: bomb,
          rawMethod: 8,
          size: 2 ** 20,
          ...(index === 0 ? {} : { headerOffset: 0 }),
        })),
      }),
    ),
    ...cuts.map((length) => make(`cut: by ${length} bytes`, 'refuse', good.subarray(0, good.length - length))),
    make('not a zip: empty', 'refuse', new Uint8Array()),
    make('not a zip: a page of HTML', 'refuse', Buffer.from('<!doctype html><title>Sign in</title>'.repeat(20))),
    make('not a zip: gzip', 'refuse', zlib.gzipSync(good)),
    make('not a zip: zeros', 'refuse', Buffer.alloc(4096)),
    make('a zip without entries', 'refuse', Uint8Array.from(good.subarray(-22)).fill(0, 8, 20)),
    ...[6, 8, 16, 50, good.length - 18].map((at) =>
      make(`one bit flipped at ${at < 100 ? at : at - good.length}`, 'refuse', flip(at)),
    ),
    make(
      'order: dist-info first',
      'accept',
      buildWheel({ ...victim, files: { [`${distInfo}/licenses/LICENSE`]: 'x', 'app/__init__.py': 'one = 1\n' } }),
    ),
  ]
}

function sha256(data: string | Uint8Array): string {
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(data).digest('base64url')
}

/** Deflate data, what ends a gzip member of it, and more: a reader that is given gzip's framing may stop at the first end. */
function fakeTrailer(text: string): Uint8Array {
  const trailer = Buffer.alloc(8)
  trailer.writeUInt32LE(zlib.crc32(text), 0)
  trailer.writeUInt32LE(Buffer.byteLength(text), 4)
  return Buffer.concat([zlib.deflateRawSync(text), trailer, Buffer.from('hidden')])
}
