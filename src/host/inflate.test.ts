import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { bunExecutable } from '../../scripts/toolchain.ts'
import { answers, gunzipped } from '../../tests/kit/inflate-cases.ts'
import { scratch } from '../../tests/kit/scratch.ts'
import { openFileSource } from './byte-source.ts'

function check(found: Awaited<ReturnType<typeof answers>>): void {
  for (const [name, all] of Object.entries(found)) {
    const good = name === 'right' || name === 'empty'
    for (const answer of all) {
      assert.notEqual(answer, 'WRONG', name)
      assert.equal(answer === 'ok', good, `${name}: ${answer}`)
    }
  }
  assert.equal(found['its own gzip trailer follows']![0], 'bytes after the end')
  assert.equal(found['another checksum']![0], 'its checksum (CRC-32) does not match')
}

test('inflateStated(), openInflate() and inflatePieces() take exactly what was stated', async () => {
  check(await answers())
})

test('gunzip() takes every member, and nothing that is damaged, cut or too large', () => {
  const one = 'one, '.repeat(1000)
  assert.deepEqual(gunzipped(), {
    one: `"${one}"`,
    empty: '""',
    'with a name in its head': `"${one}"`,
    'two members': `"${one}two"`,
    'twice the same': `"${one}${one}"`,
    'zeros follow': `"${one}"`,
    cut: 'not gzip data',
    'another checksum': 'not gzip data',
    'another size': 'not gzip data',
    'far too large a size': 'not gzip data',
    'a flipped byte': 'not gzip data',
    'not gzip': 'not gzip data',
    nothing: 'not gzip data',
    'too large': 'too large',
  })
})

test('the same under Bun, which inflates otherwise', (t) => {
  const bun = bunExecutable()
  if (bun === undefined) return t.skip('NOT TESTED: inflating under Bun, which is not here')
  const script = path.resolve(import.meta.dirname, '../../tests/kit/inflate-cases.ts')
  const run = `const { answers, gunzipped } = await import(${JSON.stringify(script)}); console.log('ANSWERS' + JSON.stringify([await answers(), gunzipped()]))`
  const output = execFileSync(bun, ['-e', run], { stdio: ['ignore', 'pipe', 'ignore'] })
  const [found, unpacked] = JSON.parse(/ANSWERS(.*)/.exec(output.toString())![1]!) as [
    Awaited<ReturnType<typeof answers>>,
    ReturnType<typeof gunzipped>,
  ]
  check(found)
  assert.deepEqual(unpacked, gunzipped())
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
    assert.ok(bytes.subarray(at, at + length).equals(source.peek(at, length)), String(at))
  }
  let at = 0
  for (const piece of source.pieces()) {
    assert.ok(bytes.subarray(at, at + piece.length).equals(piece))
    at += piece.length
  }
  assert.equal(at, bytes.length)
  // Also after many other reads.
  for (const [found, at] of held) assert.ok(bytes.subarray(at, at + found.length).equals(found), String(at))
  fs.truncateSync(file, 1000)
  assert.throws(() => source.read(200_000, 70_000), /EIO|shorter|read/)
})
