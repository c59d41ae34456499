import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { scratch } from '../../tests/kit/scratch.ts'
import { isDenError } from '../base/error.ts'
import type { DenEvent } from '../base/event.ts'
import { defaultHost } from '../host/default-host.ts'
import { openSession } from './session.ts'

const host = (cwd: string) => defaultHost({ cwd, env: { HOME: cwd, PATH: process.env['PATH'] } })

test('two sessions with different places live side by side', async (t) => {
  const folder = scratch(t, { one: undefined, two: undefined })
  const sessions = ['one', 'two'].map((name) => {
    const home = path.join(folder, name)
    return openSession({ host: host(home), places: { home: path.join(home, 'data'), cache: path.join(home, 'cache') } })
  })
  const results = await Promise.all(sessions.map((session) => session.create({ name: 'same' })))
  assert.deepEqual(
    results.map(({ environments }) => environments[0]!.root),
    ['one', 'two'].map((name) => path.join(folder, name, 'data', 'envs', 'same')),
  )
  assert.ok(results.every(({ environments }) => environments[0]!.outcome === 'created'))
})

test('a session tells what happens through report', async (t) => {
  const cwd = scratch(t)
  const events: DenEvent[] = []
  await using session = openSession({ host: host(cwd), report: (event) => events.push(event) })
  await session.create()
  assert.deepEqual(
    events.filter(({ kind }) => kind.startsWith('create.')).map(({ kind }) => kind),
    ['create.started', 'create.done'],
  )
})

test('an aborted session refuses, and leaves nothing behind', async (t) => {
  const cwd = scratch(t)
  const controller = new AbortController()
  const session = openSession({ host: host(cwd), signal: controller.signal })
  controller.abort()
  await assert.rejects(session.create(), (error) => isDenError(error, 'aborted'))
  assert.equal(session.host.files.lstat(path.join(cwd, '.venv')), undefined)
})

test('a closed session refuses further commands', async (t) => {
  const cwd = scratch(t)
  const session = openSession({ host: host(cwd) })
  await session.close()
  await assert.rejects(session.pythonList(), (error) => isDenError(error, 'aborted'))
})

test('openSession() takes its places from the variables of its own host', (t) => {
  const cwd = scratch(t)
  const { places } = openSession({ host: defaultHost({ cwd, env: { HOME: cwd, DEN_HOME: 'mine' } }) })
  assert.equal(places.home, path.join(cwd, 'mine'))
  assert.equal(places.cache, path.join(cwd, '.cache', 'den'))
})
