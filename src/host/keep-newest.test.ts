import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { keepNewest } from './keep-newest.ts'

test('keepNewest() keeps the newest, by number and by bytes, and what was just written in any case', (t) => {
  const { host, root } = testContext(t)
  const directory = path.join(root, 'kept')
  let clock = 1000
  const write = (name: string, length: number, most: Parameters<typeof keepNewest>[3]): readonly string[] => {
    const file = path.join(directory, name)
    keepNewest(host, file, 'x'.repeat(length), most)
    clock += 10
    if (fs.existsSync(file)) fs.utimesSync(file, clock, clock)
    return fs.readdirSync(directory).sort()
  }
  for (const name of ['a', 'b', 'c']) write(name, 10, { files: 4 })
  assert.deepEqual(write('d', 10, { files: 4 }), ['a', 'b', 'c', 'd'])
  // The fifth is the newest of those that stay.
  assert.deepEqual(write('e', 10, { files: 4 }), ['d', 'e'])
  assert.deepEqual(write('f', 30, { files: 100, bytes: 50 }), ['d', 'e', 'f'])
  assert.deepEqual(write('g', 20, { files: 100, bytes: 60 }), ['g'])
  assert.deepEqual(write('h', 500, { files: 100, bytes: 60 }), ['h'])
})

test('keepNewest() is no error where nothing can be written', (t) => {
  const { host, root } = testContext(t)
  const file = path.join(root, 'file')
  fs.writeFileSync(file, '')
  keepNewest(host, path.join(file, 'below'), 'x', { files: 1 })
  assert.equal(fs.readFileSync(file, 'utf8'), '')
})
