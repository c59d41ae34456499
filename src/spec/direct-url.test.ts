import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diagnose, isDenError } from '../base/error.ts'
import {
  directUrlOfArchive,
  directUrlOfDirectory,
  directUrlOfVcs,
  formatDirectUrl,
  parseDirectUrl,
  tryParseDirectUrl,
  withoutSecrets,
} from './direct-url.ts'

test('formatDirectUrl() writes what parseDirectUrl() reads', () => {
  for (const directUrl of [
    directUrlOfArchive('https://example.org/a.zip', { sha256: 'ab' }, 'sub'),
    directUrlOfArchive('https://example.org/a.zip', {}),
    directUrlOfDirectory('file:///tmp/a', { editable: true }),
    directUrlOfDirectory('file:///tmp/a', { editable: false, subdirectory: 'b' }),
    directUrlOfVcs('ssh://git@example.org/a', { vcs: 'git', commitId: 'abc', requestedRevision: 'main' }),
  ]) {
    assert.deepEqual(parseDirectUrl(formatDirectUrl(directUrl)), directUrl)
  }
  assert.equal(
    formatDirectUrl(directUrlOfArchive('https://example.org/ä.zip', { md5: '', sha256: 'ab' })),
    '{"archive_info": {"hash": "sha256=ab", "hashes": {"sha256": "ab"}}, "url": "https://example.org/\\u00e4.zip"}',
  )
})

test('parseDirectUrl() says what is wrong', () => {
  for (const [text, reason] of [
    ['x', 'no JSON'],
    ['[]', 'no JSON object'],
    ['{}', 'url is missing'],
    ['{"url": 1}', 'url is no text'],
    ['{"url": "https://example.org"}', 'one of vcs_info, archive_info and dir_info'],
    ['{"url": "https://example.org", "dir_info": {}}', 'absolute file: address'],
    ['{"url": "https://example.org", "vcs_info": {"vcs": "git"}}', 'commit_id'],
    ['{"url": "https://example.org", "archive_info": {"hash": "sha256=a", "hashes": {"sha256": "b"}}}', 'not among'],
  ] as const) {
    assert.throws(
      () => parseDirectUrl(text, { file: '/x/direct_url.json' }),
      (error) => {
        assert.ok(isDenError(error, 'invalid-direct-url'))
        const { what, why } = diagnose(error)
        assert.ok(what.startsWith('/x/direct_url.json') && why?.includes(reason), `${what}: ${why}`)
        return true
      },
    )
    assert.equal(tryParseDirectUrl(text), undefined)
  }
})

test('withoutSecrets() leaves what is no secret', () => {
  for (const [url, clean] of [
    ['https://user:pass@example.org/a?b@c', 'https://example.org/a?b@c'],
    ['https://token@example.org/a', 'https://example.org/a'],
    ['https://a:p@ss@example.org/a', 'https://example.org/a'],
    ['ssh://git@example.org/a', 'ssh://git@example.org/a'],
    ['https://${TOKEN}@example.org/a', 'https://${TOKEN}@example.org/a'],
    ['https://${USER}:${PASS}@example.org/a', 'https://${USER}:${PASS}@example.org/a'],
    ['https://${USER}:pass@example.org/a', 'https://example.org/a'],
    ['https://example.org/a@b', 'https://example.org/a@b'],
  ] as const) {
    assert.equal(withoutSecrets(url), clean)
    assert.ok(!formatDirectUrl(directUrlOfArchive(url, {})).includes('pass'))
  }
})
