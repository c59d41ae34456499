import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { scratch, writeTree } from '../../tests/kit/scratch.ts'
import { realDisk } from './disk.ts'

test('removeTree() has nothing to complain of where nothing stands, under a file either', (t) => {
  const root = scratch(t)
  writeTree(root, { file: 'x' })
  const repository = path.resolve(import.meta.dirname, '../..')
  const script = `
    import { realDisk } from ${JSON.stringify(path.join(import.meta.dirname, 'disk.ts'))}
    for (const place of ['nothing/at/all', 'file/below']) realDisk.removeTree(${JSON.stringify(`${root}/`)} + place)`
  // The runtimes' own functions differ here.
  for (const runtime of [process.execPath, path.join(repository, 'node_modules/.bin/bun')]) {
    const ran = spawnSync(runtime, ['-e', script], { encoding: 'utf8', env: { ...process.env, NODE_NO_WARNINGS: '1' } })
    assert.equal(ran.status, 0, `${runtime}: ${ran.error ?? ran.stderr}`)
  }
  assert.deepEqual(fs.readdirSync(root), ['file'])
})

test('removeTree() opens directories that their owner cannot enter, and follows no link', (t) => {
  const root = scratch(t)
  writeTree(root, { 'tree/closed/sub/x': '', 'kept/x': '' })
  fs.symlinkSync(path.join(root, 'kept'), path.join(root, 'tree/link'))
  fs.chmodSync(path.join(root, 'tree/closed/sub'), 0o555)
  fs.chmodSync(path.join(root, 'tree/closed'), 0)
  realDisk.removeTree(path.join(root, 'tree'))
  assert.deepEqual(fs.readdirSync(root, { recursive: true }).sort(), ['kept', path.join('kept', 'x')])
})
