import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { buildZip, extraField, uint64s, type ZipInput, type ZipShape } from '../../tests/kit/zip.ts'
import { isDenError } from '../base/error.ts'
import { bytesSource, defaultZipLimits, parseZip, type ZipEntry } from './zip.ts'

const parse = (entries: readonly ZipInput[], shape?: ZipShape): readonly ZipEntry[] =>
  parseZip(bytesSource(buildZip(entries, shape)), { file: 'x.zip' })

const one: ZipInput = { name: 'a.txt', data: 'hello hello hello' }
const two: ZipInput = { name: 'b/c.txt', data: 'other other other' }

const honest: Record<string, readonly [readonly ZipInput[], ZipShape?]> = {
  'two deflated files': [[one, two]],
  'an empty archive': [[]],
  'stored data': [[{ ...one, method: 'stored' }]],
  'an empty file': [[{ name: 'empty' }]],
  'a directory': [[{ name: 'b/' }, two]],
  'a UTF-8 name': [[{ name: 'ü/é.txt', data: 'x' }]],
  'a signed descriptor': [[{ ...one, descriptor: true }, two]],
  'an unsigned descriptor': [[{ ...one, descriptor: 'unsigned' }, two]],
  'a ZIP64 entry': [[{ ...one, zip64: true }, two]],
  'a ZIP64 entry with a descriptor': [[{ ...one, zip64: true, descriptor: true }, two]],
  'a ZIP64 entry with an unsigned descriptor': [[{ ...one, zip64: true, descriptor: 'unsigned' }, two]],
  'a ZIP64 end record': [[one, two], { zip64: true }],
  'a ZIP64 field that repeats the header': [
    [{ ...one, localExtra: extraField(1, uint64s(17, 9)), raw: new Uint8Array(9) }],
  ],
  'an unknown extra field': [[{ ...one, extra: extraField(0x5455, new Uint8Array(5)) }]],
}

for (const [what, [entries, shape]] of Object.entries(honest)) {
  test(`parseZip() reads ${what}`, () => {
    assert.deepEqual(
      parse(entries, shape).map((entry) => [entry.name, entry.size]),
      entries.map((entry) => [entry.name, Buffer.byteLength(entry.data ?? '')]),
    )
  })
}

const hostile: Record<string, readonly [readonly ZipInput[], ZipShape, RegExp]> = {
  'a comment (a second archive hides in it)': [[one], { comment: 'PK' }, /comment/],
  'trailing bytes': [[one], { suffix: new Uint8Array(3) }, /end record/],
  'another zip appended': [[one], { suffix: buildZip([two]) }, /before its start/],
  'another zip put before': [[one], { prefix: buildZip([two]) }, /unlisted bytes/],
  'bytes put before': [[one], { prefix: new Uint8Array(7) }, /unlisted bytes/],
  'bytes between two entries': [[{ ...one, gapAfter: new Uint8Array(5) }, two], {}, /unlisted bytes/],
  'bytes before the directory': [[one, { ...two, gapAfter: new Uint8Array(5) }], {}, /unlisted bytes/],
  'bytes before the end record': [[one], { beforeEnd: new Uint8Array(4) }, /between its directory/],
  'a local entry that is not listed': [[one, { ...two, only: 'local' }], {}, /unlisted bytes/],
  'a listed entry that is not there': [[one, { ...two, only: 'central' }], {}, /local header is cut/],
  'two entries that share their data': [
    [one, { ...one, name: 'b', only: 'central', headerOffset: 0 }],
    {},
    /overlaps|data runs|cut/,
  ],
  'a count that is too low': [[one, two], { count: 1 }, /as many entries/],
  'a duplicate': [[one, one], {}, /there twice/],
  'names that differ in case only': [[one, { ...one, name: 'A.TXT' }], {}, /one place/],
  'ß beside ss': [
    [
      { name: 'stra\u00dfe', data: 'x' },
      { name: 'strasse', data: 'y' },
    ],
    {},
    /one place/,
  ],
  'composed beside decomposed': [
    [
      { name: '\u00e9', data: 'x' },
      { name: 'e\u0301', data: 'y' },
    ],
    {},
    /one place/,
  ],
  'a file where a directory has to be': [[{ name: 'b', data: 'x' }, two], {}, /one place/],
  'a file where a directory has to be, in another case': [[{ name: 'B', data: 'x' }, two], {}, /one place/],
  'another local name': [[{ ...one, localName: 'evil!' }], {}, /another name/],
  'another local method': [[{ ...one, localMethod: 0 }], {}, /different methods/],
  'other local flags': [[{ ...one, localFlags: 0x0800 }], {}, /different flags/],
  'another local checksum': [[{ ...one, localCrc: 1 }], {}, /differ in size or checksum/],
  'another local size': [[{ ...one, localSize: 3 }], {}, /differ in size or checksum/],
  encryption: [[{ ...one, flags: 1 }], {}, /encrypted/],
  'strong encryption': [[{ ...one, flags: 0x40 }], {}, /flags/],
  'masked headers': [[{ ...one, flags: 0x2000 }], {}, /flags/],
  bzip2: [[{ ...one, rawMethod: 12 }], {}, /method 12/],
  lzma: [[{ ...one, rawMethod: 14 }], {}, /method 14/],
  'an absolute path': [[{ ...one, name: '/etc/passwd' }], {}, /absolute/],
  'a path that climbs': [[{ ...one, name: '../evil' }], {}, /leaves the archive/],
  'a path that climbs later': [[{ ...one, name: 'a/../../evil' }], {}, /leaves the archive/],
  'a backslash': [[{ ...one, name: '..\\evil' }], {}, /backslash/],
  'a drive': [[{ ...one, name: 'C:evil' }], {}, /drive/],
  'a NUL in the name': [[{ ...one, name: 'a.txt\0.py' }], {}, /NUL/],
  'a newline in the name': [[{ ...one, name: 'a\nb' }], {}, /control/],
  'an empty name': [[{ ...one, name: '' }], {}, /empty/],
  'an empty part': [[{ ...one, name: 'a//b' }], {}, /empty or/],
  'a dot part': [[{ ...one, name: './a' }], {}, /empty or/],
  'a name that is not UTF-8': [[{ ...one, name: new Uint8Array([0x61, 0xff]) }], {}, /not UTF-8/],
  'a UTF-8 name without the flag': [[{ ...one, name: 'ü', flags: 0 }], {}, /not marked/],
  'a second name in an extra field': [[{ ...one, extra: extraField(0x7075, new Uint8Array(9)) }], {}, /second name/],
  'a second local name in an extra field': [
    [{ ...one, localExtra: extraField(0x7075, new Uint8Array(9)) }],
    {},
    /second name/,
  ],
  'a malformed extra field': [[{ ...one, extra: new Uint8Array([1, 0, 9, 0]) }], {}, /malformed/],
  'a symbolic link': [[{ ...one, mode: 0o120777 }], {}, /symbolic link/],
  'a device': [[{ ...one, mode: 0o020644 }], {}, /no plain file/],
  'a fifo': [[{ ...one, mode: 0o010644 }], {}, /no plain file/],
  'a directory with data': [[{ name: 'd/', data: 'x', mode: 0o040755 }], {}, /holds data/],
  'a stored entry with its size behind it': [[{ ...one, method: 'stored', descriptor: true }], {}, /stands after/],
  'a stored entry with two sizes': [[{ ...one, method: 'stored', size: 3, localSize: 3 }], {}, /two sizes/],
  'a size past the end': [[{ ...one, compressedSize: 500 }], {}, /runs into/],
  'a ZIP64 size without its field': [[{ ...one, zip64: true, extra: new Uint8Array() }], {}, /missing/],
  'a ZIP64 field that is too short': [[{ ...one, zip64: true, extra: extraField(1, uint64s(17)) }], {}, /too short/],
  'a ZIP64 field that holds more': [
    [{ ...one, zip64: true, extra: extraField(1, uint64s(17, 9, 0, 0)) }],
    {},
    /more than it needs/,
  ],
  'two ZIP64 fields': [
    [{ ...one, extra: Buffer.concat([extraField(1, uint64s()), extraField(1, uint64s())]) }],
    {},
    /two ZIP64/,
  ],
  'a ZIP64 field that contradicts': [[{ ...one, extra: extraField(1, uint64s(99)) }], {}, /contradicts/],
  'a ZIP64 locator that points elsewhere': [[one], { zip64: true, end64: { locatorOffset: 0 } }, /locator/],
  'a ZIP64 count that differs': [[one], { zip64: true, end64: { count: 2 } }, /disagree/],
  'a ZIP64 offset that differs': [[one], { zip64: true, end64: { offset: 1 } }, /disagree/],
  'a bomb by its stated size': [[{ ...one, size: 2 ** 30, localSize: 2 ** 30 }], {}, /times its size/],
}

for (const [what, [entries, shape, reason]] of Object.entries(hostile)) {
  test(`parseZip() refuses ${what}`, () => {
    assert.throws(
      () => parse(entries, shape),
      (error: unknown) => {
        assert.ok(isDenError(error, 'invalid-archive'), String(error))
        assert.match((error.detail as { reason: string }).reason, reason)
        return true
      },
    )
  })
}

test('parseZip() refuses an entry that needs a newer format, as zipfile does', () => {
  const bytes = buildZip([one])
  const central = Buffer.from(bytes).indexOf('PK\x01\x02', 0, 'latin1')
  bytes[central + 6] = 63
  assert.equal(parseZip(bytesSource(bytes), { file: 'x' }).length, 1)
  bytes[central + 6] = 64
  assert.throws(
    () => parseZip(bytesSource(bytes), { file: 'x' }),
    (error) => isDenError(error, 'invalid-archive') && error.detail.reason.includes('version 6.4'),
  )
})

test('parseZip() refuses more entries than the limit', () => {
  const bytes = buildZip([one, two])
  assert.throws(
    () => parseZip(bytesSource(bytes), { file: 'x', limits: { ...defaultZipLimits, entries: 1 } }),
    /refused/,
  )
})

test('parseZip() answers cut and changed archives with a refusal or the same entries, never otherwise', () => {
  const bytes = buildZip([one, { ...two, descriptor: true }, { ...one, name: 'z', zip64: true }], { zip64: true })
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.boolean(), (at, value, cut) => {
      const damaged = cut ? bytes.slice(0, at) : Uint8Array.from(bytes, (byte, index) => (index === at ? value : byte))
      try {
        parseZip(bytesSource(damaged), { file: 'x.zip' })
      } catch (error) {
        assert.ok(isDenError(error, 'invalid-archive'), String(error))
      }
    }),
    { numRuns: 2000 },
  )
})
