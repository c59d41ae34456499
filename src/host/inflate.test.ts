import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import zlib from 'node:zlib'
import { bunExecutable } from '../../scripts/toolchain.ts'
import { scratch } from '../../tests/kit/scratch.ts'
import { openFileSource } from './byte-source.ts'
import { inflatePieces, inflateStated } from './inflate.ts'

/** Every way in which the data of a zip's entry can be other than its headers say, and the right one. */
export async function answers(): Promise<Readonly<Record<string, readonly string[]>>> {
  const text = Buffer.from('some text, some more text. '.repeat(40_000))
  const raw = zlib.deflateRawSync(text)
  const stated = { size: text.length, crc32: zlib.crc32(text) }
  const trailer = Buffer.alloc(8)
  trailer.writeUInt32LE(stated.crc32, 0)
  trailer.writeUInt32LE(stated.size, 4)
  const empty = zlib.deflateRawSync('')
  const cases: Readonly<Record<string, readonly [Uint8Array, { size: number; crc32: number }]>> = {
    right: [raw, stated],
    empty: [empty, { size: 0, crc32: 0 }],
    'one byte follows': [Buffer.concat([raw, Buffer.from('x')]), stated],
    'much follows': [Buffer.concat([raw, Buffer.alloc(600_000)]), stated],
    'its own gzip trailer follows': [Buffer.concat([raw, trailer, Buffer.from('hidden')]), stated],
    'its own gzip trailer alone follows': [Buffer.concat([raw, trailer]), stated],
    cut: [raw.subarray(0, -3), stated],
    'not deflate': [Buffer.from('garbage, garbage'), stated],
    'says less': [raw, { ...stated, size: stated.size - 1 }],
    'says more': [raw, { ...stated, size: stated.size + 1 }],
    'says far too much': [raw, { ...stated, size: 2 ** 31 }],
    'another checksum': [raw, { ...stated, crc32: 1 }],
    'a flipped byte': [Buffer.from(raw).fill(raw[500]! ^ 8, 500, 501), stated],
  }
  const answers: Record<string, string[]> = {}
  for (const [name, [bytes, promised]] of Object.entries(cases)) {
    const whole = inflateStated(bytes, promised)
    const pieces: Uint8Array[] = []
    const parts = [bytes.subarray(0, 1000), bytes.subarray(1000)]
    const problem = await inflatePieces(parts, promised, (piece) => void pieces.push(Uint8Array.from(piece)))
    answers[name] = [
      typeof whole === 'string' ? whole : Buffer.from(whole).equals(name === 'empty' ? Buffer.alloc(0) : text) ? 'ok' : 'WRONG',
      problem ?? (Buffer.concat(pieces).equals(name === 'empty' ? Buffer.alloc(0) : text) ? 'ok' : 'WRONG'),
    ]
  }
  return answers
}

function check(found: Awaited<ReturnType<typeof answers>>): void {
  for (const [name, both] of Object.entries(found)) {
    const good = name === 'right' || name === 'empty'
    for (const answer of both) {
      assert.notEqual(answer, 'WRONG', name)
      assert.equal(answer === 'ok', good, `${name}: ${answer}`)
    }
  }
  assert.equal(found['its own gzip trailer follows']![0], 'bytes after the end')
  assert.equal(found['another checksum']![0], 'its checksum (CRC-32) does not match')
}

test('inflateStated() and inflatePieces() take exactly what was stated', async () => {
  check(await answers())
})

test('the same under Bun, which inflates otherwise', (t) => {
  const bun = bunExecutable()
  if (bun === undefined) return t.skip('NOT TESTED: inflating under Bun, which is not here')
  const script = path.join(import.meta.dirname, 'inflate.test.ts')
  const run = `const { answers } = await import(${JSON.stringify(script)}); console.log('ANSWERS' + JSON.stringify(await answers()))`
  const output = execFileSync(bun, ['-e', `process.env.INFLATE_ONLY = '1'; ${run}`], { stdio: ['ignore', 'pipe', 'ignore'] })
  check(JSON.parse(/ANSWERS(.*)/.exec(output.toString())![1]!) as Awaited<ReturnType<typeof answers>>)
})

test('openFileSource() reads the bytes that are there, in any order', (t) => {
  const file = path.join(scratch(t), 'file')
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) >>> 5))
  fs.writeFileSync(file, bytes)
  const source = openFileSource(file)
  t.after(() => source.close())
  assert.equal(source.size, bytes.length)
  const held: (readonly [Uint8Array, number])[] = []
  for (let step = 0; step < 2000; step += 1) {
    const at = (step * 48_271) % bytes.length
    const length = Math.min(bytes.length - at, [0, 1, 30, 5000, 16_384, 16_385, 70_000][step % 7]!)
    held.push([source.read(at, length), at])
  }
  // Also after many other reads.
  for (const [found, at] of held) assert.ok(bytes.subarray(at, at + found.length).equals(found), String(at))
  fs.truncateSync(file, 1000)
  assert.throws(() => source.read(200_000, 70_000), /EIO|shorter|read/)
})
