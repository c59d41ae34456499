// Every bad archive of the kit is refused by the readers, leaving nothing outside and nothing in the store; every honest one is taken.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { type ArchiveCase, badArchives } from '../../tests/kit/bad-archives.ts'
import { type TestContext, testContext } from '../../tests/kit/context.ts'
import { isDenError } from '../base/error.ts'
import { unpackSdist } from './sdist.ts'
import { openStore } from './store.ts'

const cases = badArchives()

async function take(context: TestContext, { kind, filename, bytes }: ArchiveCase): Promise<void> {
  if (kind === 'wheel') {
    const store = openStore(context, context.places.store)
    const tree = await store.ensure({ filename, read: () => bytes }, path.join(context.root, 'private'))
    assert.deepEqual(store.verify(tree), [])
  } else {
    await unpackSdist(context, { bytes, filename, directory: path.join(context.root, 'sdist') })
  }
}

test('the kit has two hundred bad archives, each named once, and honest ones beside them', () => {
  assert.ok(cases.filter(({ verdict }) => verdict === 'refuse').length >= 200)
  assert.ok(cases.filter(({ verdict }) => verdict === 'accept').length >= 40)
  const names = cases.map(({ name }) => name)
  assert.deepEqual(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
  )
})

for (const one of cases) {
  test(`${one.verdict} ${JSON.stringify(one.name)}`, async (t) => {
    const context = testContext(t)
    const started = performance.now()
    if (one.verdict === 'accept') await take(context, one)
    else {
      await assert.rejects(take(context, one), (error) => {
        // A refusal that has words, not an accident.
        assert.ok(isDenError(error), String(error instanceof Error ? error.stack : error))
        assert.match(error.code, /^(?:invalid-(?:archive|wheel|record|metadata|filename)|install-refused)$/)
        return true
      })
      const version = path.join(context.places.store, 'v1')
      for (const name of ['trees', 'work'])
        assert.deepEqual(fs.existsSync(path.join(version, name)) ? fs.readdirSync(path.join(version, name)) : [], [])
    }
    assert.ok(performance.now() - started < 5000)
    assert.deepEqual(
      fs.readdirSync(context.root).filter((name) => name !== 'sdist' && name !== 'den'),
      [],
    )
  })
}
