import assert from 'node:assert/strict'
import { test } from 'node:test'
import { processorTime } from '../../tests/kit/stopwatch.ts'
import { hideCredentials } from './safe-url.ts'

test('a text shows no credentials of the addresses in it', () => {
  const cases: readonly (readonly [text: string, shown: string])[] = [
    ['install -i https://me:s3@cret@pkg.example.org/simple x@y', 'install -i https://****@pkg.example.org/simple x@y'],
    ["there is nothing at 'ht!tp://me:secret@x/y'", "there is nothing at 'ht!tp://****@x/y'"],
    ['that is /here/ht!tp:/me:secret@x/y', 'that is /here/ht!tp:/****@x/y'],
    ['git+http://token@example.org/r, https://a@b', 'git+http://****@example.org/r, https://****@b'],
    ['app @ git+ssh://git@example.org/r.git@v1', 'app @ git+ssh://git@example.org/r.git@v1'],
    ['https://USER:PASSWORD@HOST/…', 'https://USER:PASSWORD@HOST/…'],
    ['app @ https://pkg.example.org/a@b.whl', 'app @ https://pkg.example.org/a@b.whl'],
    ['/home/me@work/project, me@example.org', '/home/me@work/project, me@example.org'],
  ]
  for (const [text, shown] of cases) assert.equal(hideCredentials(text), shown)
})

test('a long text without an address costs no more than its length', () => {
  const took = processorTime(() => void hideCredentials(`${'a'.repeat(200_000)}@${'a:/b'.repeat(50_000)}@`))
  assert.ok(took < 1000, `${took} ms`)
})
