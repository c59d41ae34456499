import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diceFrom, many, seed } from '../../tests/kit/random.ts'
import { processorTime } from '../../tests/kit/stopwatch.ts'
import { hideCredentials, revealUrl, tryParseUrl } from './safe-url.ts'

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

test('an address is what a parser makes of it, however plain it looks', () => {
  const dice = diceFrom(seed)
  const { one, some, list } = dice
  const labels = [
    'files',
    'a',
    'pkg-1',
    '0x7f',
    '127',
    '1',
    'xn--p1ai',
    'XN--a',
    'a--b',
    '-a',
    'a-',
    'Files',
    'ä',
    'a_b',
    '',
    'a%41',
    'x'.repeat(70),
  ]
  const label = (): string => one(labels)
  const hosts = ['127.0.0.1', '127.1', '127.0.0.01', '[::1]', 'localhost', 'a.1', 'a.0x1', 'a.b.', 'a.b.example']
  const host = (): string => one([one(hosts), `${label()}.example`, list(3, label).join('.')])
  const ports = [':80', ':443', ':8080', ':080', ':0', ':', ':65535', ':65536', ':99999', ':8', ':49151', ':1a']
  const letters = [
    'simple',
    'app-1.0-py3-none-any.whl',
    '.',
    '..',
    '...',
    '.a',
    'a.',
    'a..b',
    '%2e',
    '%2E%2e',
    'a%41',
    'ä',
    'a b',
    '~a_+',
    '',
    '@',
    ':',
    'a;b',
    '\\',
    '\t',
    '"',
    "'",
    '^',
    '|',
    '{',
    '`',
    '*',
    '!',
    '$',
    '&',
    '(',
    ',',
    '=',
    '[',
    '\u{1f600}',
    '\ud800',
  ]
  const address = (): string =>
    [
      some(0.03, () => one([' ', '\n', '\t'])),
      one(['https', 'https', 'http', 'HTTP', 'Https', 'ftp', 'file', 'ws']),
      one(['://', '://', '://', '://', ':/', ':', ':///', ':\\\\']),
      some(0.1, () => one(['me@', 'me:secret@', ':@', '@'])),
      host(),
      some(0.4, () => one(ports)),
      ...list(4, () => `/${one(letters)}`),
      some(0.1, () => one(['/', '?', '?a=b', '#', '#x', '?a#b'])),
      some(0.03, () => one([' ', '\n', '\r'])),
    ].join('')
  let plain = 0
  for (const text of many(address, 30_000)) {
    let url: URL | undefined
    try {
      url = new URL(text)
    } catch {
      // No address.
    }
    const safe = tryParseUrl(text)
    const whole = url?.href
    const { hash, host: place, origin } = url ?? {}
    const hidden = url !== undefined && (url.username !== '' || url.password !== '')
    if (whole === text && !hidden && url?.protocol.startsWith('http') === true) plain += 1
    if (url !== undefined) Object.assign(url, { username: '', password: '', hash: '' })
    const shown = hidden ? url?.href.replace('://', '://****@') : url?.href
    assert.deepEqual(
      safe && [safe.href, safe.host, safe.origin, safe.fragment, String(safe), safe.toJSON(), revealUrl(safe)],
      url && [url.href, place, origin, hash?.slice(1), shown, shown, whole],
      JSON.stringify(text),
    )
  }
  assert.ok(plain > 300, String(plain))
})
