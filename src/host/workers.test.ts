import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { scratch } from '../../tests/kit/scratch.ts'
import { openWorkers, type WorkerPool } from './workers.ts'

const lost = new Error('lost')
const worker = `import { parentPort } from 'node:worker_threads'
parentPort.on('message', (job) => {
  if (job.die) process.exit(1)
  if (job.fail) parentPort.postMessage({ failure: { code: 'x', detail: { a: 1 }, message: 'failed' } })
  else setTimeout(() => parentPort.postMessage({ answer: job.value * 2 }), job.wait ?? 0)
})
`

interface Job {
  readonly value?: number
  readonly die?: boolean
  readonly fail?: boolean
  readonly wait?: number
}

function pool(t: Parameters<typeof scratch>[0], size: number, name = 'worker.mjs'): WorkerPool<Job, number> {
  const root = scratch(t, { 'worker.mjs': worker })
  const opened = openWorkers<Job, number>({
    url: pathToFileURL(path.join(root, name)),
    size,
    lost,
    revive: ({ code, message }) => new Error(`${code} ${message}`),
  })
  t.after(() => opened.close())
  return opened
}

test('tryRun() gives jobs to free workers, and none where all are busy', async (t) => {
  const workers = pool(t, 2)
  const first = workers.tryRun({ value: 1, wait: 200 })
  const second = workers.tryRun({ value: 2 })
  assert.equal(workers.tryRun({ value: 3 }), undefined)
  assert.deepEqual([await second, await workers.tryRun({ value: 4 }), await first], [4, 8, 2])
})

test('tryRun() rejects with what the job threw; the worker goes on', async (t) => {
  const workers = pool(t, 1)
  await assert.rejects(workers.tryRun({ fail: true })!, /^Error: x failed$/)
  assert.equal(await workers.tryRun({ value: 5 }), 10)
})

test('a worker that dies or never starts loses its job, and no other is started', async (t) => {
  const dying = pool(t, 2)
  await assert.rejects(dying.tryRun({ die: true })!, lost)
  assert.equal(dying.tryRun({ value: 1 }), undefined)
  const missing = pool(t, 2, 'missing.mjs')
  await assert.rejects(missing.tryRun({ value: 1 })!, lost)
  assert.equal(missing.tryRun({ value: 1 }), undefined)
  assert.equal(pool(t, 0).tryRun({ value: 1 }), undefined)
})

test('run() waits for its turn; a worker with depth lies ready with its next job, and answers in order', async (t) => {
  const workers = pool(t, 1)
  const answers = await Promise.all([1, 2, 3, 4].map((value) => workers.run({ value })))
  assert.deepEqual(answers, [2, 4, 6, 8])
  const root = scratch(t, { 'worker.mjs': worker })
  const deep = openWorkers<Job, number>({
    url: pathToFileURL(path.join(root, 'worker.mjs')),
    size: 1,
    depth: 2,
    lost,
    revive: ({ message }) => new Error(message),
  })
  t.after(() => deep.close())
  const both = [deep.tryRun({ value: 1 }), deep.tryRun({ value: 2 })]
  assert.equal(deep.tryRun({ value: 3 }), undefined)
  assert.deepEqual(await Promise.all(both), [2, 4])
})

test('run() is told when the last worker is lost', { timeout: 20_000 }, async (t) => {
  const workers = pool(t, 1)
  const all = await Promise.allSettled([
    workers.run({ die: true }),
    workers.run({ value: 1 }),
    workers.run({ value: 2 }),
  ])
  for (const one of all) assert.equal(one.status === 'rejected' && one.reason, lost)
  await assert.rejects(pool(t, 0).run({ value: 1 }), lost)
})
