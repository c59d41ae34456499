import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { change, makeScene, picture, scenePaths, scenePython } from '../../tests/kit/faults-scene.ts'
import type { WheelInput } from '../../tests/kit/wheel.ts'
import { readHistory, undoableEntry } from '../env/history.ts'
import { openStore } from '../store/store.ts'
import { applyPlan } from './apply.ts'
import { planUndo } from './undo.ts'

const app = (version: string): WheelInput => ({ name: 'app', version, files: { 'app/__init__.py': version } })
const lib: WheelInput = { name: 'lib', version: '3', files: { 'lib.py': 'x = 1\n' } }

test('planUndo() leads back, change by change, and says what other tools did in between', async (t) => {
  const context = testContext(t)
  const root = path.join(context.root, 'env')
  const paths = makeScene(root)
  const store = openStore(context, context.places.store)
  await change(context, root, { install: [app('1.0')] })
  const first = picture(root)
  await change(context, root, { install: [app('2.0'), { ...lib, requested: false }] })
  const undo = async (): Promise<ReturnType<typeof planUndo>> => {
    const entry = undoableEntry(readHistory(context.host, root))
    assert.ok(entry)
    const way = planUndo(context.host, { root, paths, entry, store })
    await applyPlan(context, {
      plan: way.plan,
      environment: { root, paths },
      interpreter: scenePython,
      linkMode: 'hardlink',
      undoes: entry.number,
    })
    return way
  }
  const second = await undo()
  assert.deepEqual(picture(root), first)
  assert.deepEqual([second.since, second.missing, second.plan.remove.map(({ name }) => name)], [[], [], ['lib']])
  // Another tool takes app out and puts something else in.
  fs.rmSync(path.join(paths.purelib, 'app-1.0.dist-info'), { recursive: true })
  fs.mkdirSync(path.join(paths.purelib, 'other-9.dist-info'))
  fs.writeFileSync(path.join(paths.purelib, 'other-9.dist-info/RECORD'), 'other-9.dist-info/RECORD,,\n')
  const third = await undo()
  assert.deepEqual(third.since, [
    { name: 'app', was: '1.0' },
    { name: 'other', is: '9' },
  ])
  assert.deepEqual(
    Object.keys(picture(root)).filter((name) => name.includes('dist-info')),
    [],
  )
  assert.equal(undoableEntry(readHistory(context.host, root)), undefined)
})

test('what the store has no tree of is missing from the plan, and named', async (t) => {
  const context = testContext(t)
  const root = path.join(context.root, 'env')
  const paths = makeScene(root)
  await change(context, root, { install: [app('1.0'), lib] })
  await change(context, root, { install: [app('2.0')], remove: ['lib'] })
  const [, entry] = readHistory(context.host, root)
  const { plan, missing } = planUndo(context.host, { root, paths, entry: entry!, store: { find: () => undefined } })
  assert.deepEqual([plan.install, plan.change, plan.remove], [[], [], []])
  assert.deepEqual(
    missing.map(({ name, version }) => `${name} ${version}`),
    ['app 1.0', 'lib 3'],
  )
  assert.deepEqual(scenePaths(root), paths)
})
