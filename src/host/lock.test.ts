import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { scratch } from '../../tests/kit/scratch.ts'
import { isDenError } from '../base/error.ts'
import { acquireLock, tryLock } from './lock.ts'

const module_ = JSON.stringify(path.join(import.meta.dirname, 'lock.ts'))

test('tryLock() gives a lock to one holder at a time, in this process and in others', (t) => {
  const file = path.join(scratch(t), 'x.lock')
  const first = tryLock(file)
  assert.ok(first !== undefined)
  assert.equal(tryLock(file), undefined)
  const script = `const { tryLock } = await import(${module_}); console.log(tryLock(${JSON.stringify(file)}) === undefined)`
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  assert.equal(child.stdout.trim(), 'true', child.stderr)
  first.release()
  first.release()
  using second = tryLock(file)!
  assert.ok(second !== undefined)
  assert.equal(fs.statSync(file).size, 0)
})

test('acquireLock() gets the lock of a holder that was killed', async (t) => {
  const file = path.join(scratch(t), 'x.lock')
  const script = `const { tryLock } = await import(${module_}); globalThis.l = tryLock(${JSON.stringify(file)}); console.log('held'); setInterval(() => l, 1e6)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script])
  t.after(() => void child.kill('SIGKILL'))
  await new Promise((resolve) => child.stdout.once('data', resolve))
  assert.equal(tryLock(file), undefined)
  setTimeout(() => child.kill('SIGKILL'), 50)
  const lock = await acquireLock(file)
  lock.release()
})

test('acquireLock() gives up after its time, and at once by the signal', async (t) => {
  const file = path.join(scratch(t), 'x.lock')
  using _ = tryLock(file)!
  await assert.rejects(acquireLock(file, { seconds: 0.05 }), (error) => isDenError(error, 'lock-timeout'))
  const controller = new AbortController()
  const waiting = acquireLock(file, { signal: controller.signal })
  controller.abort()
  await assert.rejects(waiting, (error) => isDenError(error, 'aborted'))
})

test('tryLock() says what keeps the file from being opened', (t) => {
  const root = scratch(t)
  assert.throws(
    () => tryLock(path.join(root, 'none', 'x')),
    (error) => isDenError(error, 'io-failed') && error.detail.errno === 'ENOENT',
  )
  assert.throws(
    () => tryLock(root),
    (error) => isDenError(error, 'io-failed'),
  )
})
