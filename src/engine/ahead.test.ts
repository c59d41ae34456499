import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { testContext } from '../../tests/kit/context.ts'
import type { Sha256 } from '../base/brand.ts'
import { tryParseUrl } from '../base/safe-url.ts'
import type { DistributionFile } from '../indexes/distribution-file.ts'
import { tryParseDistributionFilename } from '../spec/filename.ts'
import type { Tree } from '../store/store.ts'
import { openAhead } from './ahead.ts'

function wheel(number: number, place?: DistributionFile['place']): DistributionFile {
  const filename = `app${number}-1.0-py3-none-any.whl`
  return {
    parsed: tryParseDistributionFilename(filename)!,
    place: place ?? { kind: 'url', url: tryParseUrl(`https://index.example/${filename}`)! },
    hashes: { sha256: String(number).padStart(64, '0') as Sha256 },
    foundAt: 'https://index.example/simple/',
  }
}

/** What is being made ends when the test says so. */
function maker() {
  const asked: string[] = []
  const ends: { resolve(tree: Tree): void; reject(error: unknown): void }[] = []
  const make = (file: DistributionFile): Promise<Tree> => {
    asked.push(file.parsed.filename)
    return new Promise((resolve, reject) => ends.push({ resolve, reject }))
  }
  return { asked, ends, make }
}

const tree = { private: false } as Tree

test('openAhead() makes a few at a time, each once, and none that lies on this machine', async (t) => {
  const { asked, ends, make } = maker()
  const ahead = openAhead(testContext(t), make)
  for (let number = 0; number < 20; number += 1) ahead.begin(wheel(number % 10))
  ahead.begin(wheel(11, { kind: 'path', path: '/app.whl' }))
  assert.equal(asked.length, 6)
  for (let done = 0; done < asked.length; done += 1) {
    ends[done]!.resolve(tree)
    await turn()
  }
  assert.equal(asked.length, 10)
  assert.equal(new Set(asked).size, 10)
  assert.equal(await ahead.treeOf(wheel(3)), tree)
  assert.equal(ahead.treeOf(wheel(12)), undefined)
})

test('openAhead() begins nothing more when the resolution has arrived, and a fault is told to who asks', async (t) => {
  const { asked, ends, make } = maker()
  const ahead = openAhead(testContext(t), make)
  for (let number = 0; number < 10; number += 1) ahead.begin(wheel(number))
  ahead.arrive()
  ends[0]!.reject(new Error('no such file'))
  await turn()
  assert.equal(asked.length, 6)
  await assert.rejects(ahead.treeOf(wheel(0))!, /no such file/)
})

test('openAhead() holds back what is reported until its turn', (t) => {
  const context = testContext(t)
  const ahead = openAhead(context, maker().make)
  const note = (text: string): void => ahead.context.report({ kind: 'note', text })
  const texts = (): unknown[] => context.events.map((event) => ('text' in event ? event.text : event.kind))
  note('before')
  assert.deepEqual(texts(), ['before'])
  ahead.begin(wheel(1))
  note('early')
  assert.deepEqual(texts(), ['before'])
  ahead.arrive()
  note('after')
  assert.deepEqual(texts(), ['before', 'early', 'after'])
})

test('openAhead() stops with its workshop and with the session', (t) => {
  const session = new AbortController()
  const one = openAhead(testContext(t), maker().make)
  const other = openAhead(testContext(t, { signal: session.signal }), maker().make)
  one.stop()
  session.abort(new Error('enough'))
  assert.equal(one.context.signal?.aborted, true)
  assert.equal(other.context.signal?.reason, session.signal.reason)
})
