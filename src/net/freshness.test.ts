import assert from 'node:assert/strict'
import { test } from 'node:test'
import CachePolicy from 'http-cache-semantics'
import { freshUntil, isFresh, parseDirectives } from './freshness.ts'

const now = Date.parse('2026-11-21T12:00:00Z')
const year = 365 * 24 * 60 * 60 * 1000
const seconds = (headers: Record<string, string>): number | undefined => {
  const until = freshUntil(headers, now)
  return until === undefined ? undefined : (until - now) / 1000
}

test('freshUntil() follows max-age, then Expires by the server’s clock, and assumes nothing', () => {
  const date = new Date(now - 10 * year).toUTCString()
  const cases: [Record<string, string>, number | undefined][] = [
    [{}, 0],
    [{ 'last-modified': date }, 0],
    [{ 'cache-control': 'max-age=600, public' }, 600],
    [{ 'cache-control': 'Public, Max-Age="600"' }, 600],
    [{ 'cache-control': 'max-age=600', age: '100' }, 500],
    [{ 'cache-control': 'max-age=600', age: '9999' }, 0],
    [{ 'cache-control': 'max-age=600', age: '-5' }, 600],
    [{ 'cache-control': 'max-age=600', expires: date }, 600],
    [{ 'cache-control': 'max-age=600, must-revalidate' }, 600],
    [{ 'cache-control': 'max-age=600, no-cache' }, 0],
    [{ 'cache-control': 'max-age=600, no-store' }, undefined],
    [{ 'cache-control': 'max-age=nonsense' }, 0],
    [{ 'cache-control': 'max-age=-1' }, 0],
    [{ 'cache-control': `max-age=${'9'.repeat(40)}` }, year / 1000],
    [{ 'cache-control': 'private="max-age=5, x", max-age=600' }, 600],
    [{ 'cache-control': 'max-age=1, max-age=600' }, 1],
    [{ expires: '0' }, 0],
    [{ expires: new Date(now + 60_000).toUTCString() }, 60],
    [{ expires: new Date(Date.parse(date) + 60_000).toUTCString(), date }, 60],
    [{ expires: new Date(now + 60_000).toUTCString(), date: new Date(now + 10 * year).toUTCString() }, 0],
  ]
  for (const [headers, expected] of cases) assert.equal(seconds(headers), expected, JSON.stringify(headers))
})

test('isFresh() believes no clock that went back, and none that ran ahead', () => {
  const kept = { fetchedAt: now, freshUntil: now + 600_000 }
  assert.equal(isFresh(kept, now), true)
  assert.equal(isFresh(kept, now + 599_999), true)
  assert.equal(isFresh(kept, now + 600_000), false)
  for (const years of [-10, -1, 1, 10]) assert.equal(isFresh(kept, now + years * year), false, String(years))
  assert.equal(isFresh({ fetchedAt: now - 10 * year, freshUntil: now + 1 }, now), false)
})

test('freshUntil() agrees with http-cache-semantics on what both know', () => {
  const ages = ['0', '1', '59', '3600', undefined]
  const directives = [
    'max-age=60',
    'public',
    'private',
    'no-cache',
    'no-store',
    'immutable, max-age=31536000',
    'max-age=0',
    '',
  ]
  const offsets = [-3600, 0, 3600, undefined]
  let compared = 0
  for (const age of ages)
    for (const a of directives)
      for (const b of directives)
        for (const offset of offsets) {
          const names = [a, b].filter((part) => part !== '')
          if (new Set(names.filter((name) => name.includes('max-age'))).size > 1) continue
          const headers = {
            ...(names.length === 0 ? {} : { 'cache-control': names.join(', ') }),
            ...(age === undefined ? {} : { age }),
            ...(offset === undefined ? {} : { expires: new Date(now + offset * 1000).toUTCString() }),
            date: new Date(now).toUTCString(),
          }
          class Policy extends CachePolicy {
            now(): number {
              return now
            }
          }
          const policy = new Policy({ headers: {} }, { status: 200, headers }, { shared: false, cacheHeuristic: 0 })
          const theirs = policy.storable() ? policy.timeToLive() / 1000 : undefined
          assert.equal(seconds(headers), theirs, JSON.stringify(headers))
          compared += 1
        }
  assert.ok(compared > 1000, String(compared))
})

test('parseDirectives() takes quotes, blanks and any case', () => {
  assert.deepEqual(
    [...parseDirectives(' Max-Age = 5 ,no-cache="Set-Cookie, X", private,, immutable')],
    [
      ['max-age', '5'],
      ['no-cache', 'Set-Cookie, X'],
      ['private', ''],
      ['immutable', ''],
    ],
  )
  assert.equal(parseDirectives(undefined).size, 0)
})
