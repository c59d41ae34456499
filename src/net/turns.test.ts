import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDenError } from '../base/error.ts'
import { type SafeUrl, tryParseUrl } from '../base/safe-url.ts'
import { openTurns } from './turns.ts'

const url = (text: string): SafeUrl => tryParseUrl(text)!

/** Lets promises that can go on do so. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('turns are taken in order, so many at a time for one host, and others do not wait for it', async () => {
  const turns = openTurns(2)
  const taken: string[] = []
  const ends = new Map<string, () => void>()
  const take = (name: string, address: string): void => {
    void turns.wait(url(address), []).then((end) => {
      taken.push(name)
      ends.set(name, end)
    })
  }
  for (const name of ['a', 'b', 'c', 'd']) take(name, `https://one.example/${name}`)
  take('other', 'https://one.example:444/')
  await settled()
  assert.deepEqual(taken, ['a', 'b', 'other'])
  ends.get('b')!()
  // A turn that was passed on is nobody's.
  ends.get('b')!()
  await settled()
  assert.deepEqual(taken, ['a', 'b', 'other', 'c'])
  ends.get('a')!()
  ends.get('c')!()
  await settled()
  assert.deepEqual(taken.at(-1), 'd')
  take('e', 'https://one.example/e')
  take('f', 'https://one.example/f')
  await settled()
  assert.deepEqual(taken.at(-1), 'e')
})

test('who stops waiting has no turn, and holds up nobody', async () => {
  const turns = openTurns(1)
  const address = url('https://one.example/')
  const end = await turns.wait(address, [])
  const controller = new AbortController()
  const stopped = turns.wait(address, [controller.signal])
  const next = turns.wait(address, [])
  controller.abort()
  await assert.rejects(stopped, (error) => isDenError(error, 'aborted'))
  end()
  const last = await next
  last()
  await turns.wait(address, [])
})
