import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDenError } from '../base/error.ts'
import { tryParseUrl } from '../base/safe-url.ts'
import { bypasses, proxyFor } from './proxy.ts'

const of = (env: Record<string, string>, url: string): string | undefined => {
  const proxy = proxyFor({ env, platform: 'linux' }, tryParseUrl(url)!)
  return proxy === undefined ? undefined : String(proxy)
}

test('proxyFor() reads the variables by scheme, lower case first', () => {
  const env = {
    HTTP_PROXY: 'http://a:1',
    https_proxy: 'http://b:2',
    HTTPS_PROXY: 'http://c:3',
    ALL_PROXY: 'http://d:4',
  }
  assert.equal(of(env, 'http://x.example.org/'), 'http://a:1/')
  assert.equal(of(env, 'https://x.example.org/'), 'http://b:2/')
  assert.equal(of({ ALL_PROXY: 'd:4' }, 'https://x.example.org/'), 'http://d:4/')
  assert.equal(of({}, 'https://x.example.org/'), undefined)
  assert.equal(of({ HTTPS_PROXY: '' }, 'https://x.example.org/'), undefined)
})

test('proxyFor() ignores HTTP_PROXY where a web client could have set it', () => {
  assert.equal(of({ HTTP_PROXY: 'http://evil:1', REQUEST_METHOD: 'GET' }, 'http://x.example.org/'), undefined)
  assert.equal(of({ http_proxy: 'http://a:1', REQUEST_METHOD: 'GET' }, 'http://x.example.org/'), 'http://a:1/')
})

test('proxyFor() refuses what is no http proxy, without showing its password', () => {
  for (const value of ['socks5://me:secret@a:1', 'http://me:secret@[', 'ftp://me:secret@a']) {
    assert.throws(
      () => of({ HTTPS_PROXY: value }, 'https://x.example.org/'),
      (error) => isDenError(error, 'invalid-setting') && !JSON.stringify(error.detail).includes('secret'),
    )
  }
})

test('bypasses() follows NO_PROXY', () => {
  const cases: [string, string, string, boolean][] = [
    ['*', 'a.example.org', '443', true],
    ['example.org', 'example.org', '443', true],
    ['example.org', 'a.b.example.org', '443', true],
    ['.example.org', 'a.example.org', '443', true],
    ['*.example.org', 'a.example.org', '443', true],
    ['example.org', 'badexample.org', '443', false],
    ['a.example.org', 'example.org', '443', false],
    ['EXAMPLE.org, other', 'Example.ORG', '443', true],
    ['example.org:8080', 'example.org', '443', false],
    ['example.org:8080', 'example.org', '8080', true],
    ['127.0.0.1', '127.0.0.1', '80', true],
    ['0.1', '10.0.0.1', '80', false],
    ['10.0.0.0/8', '10.20.30.40', '80', true],
    ['10.0.0.0/8', '11.0.0.1', '80', false],
    ['10.0.0.0/33x', '10.0.0.1', '80', false],
    ['10.0.0.0/8', 'ten.example.org', '80', false],
    ['::1', '[::1]', '80', true],
    ['[::1]:80', '[::1]', '80', true],
    ['fd00::/8', '[fd12::1]', '80', true],
    ['fd00::/8', '[fe80::1]', '80', false],
    ['', 'example.org', '80', false],
  ]
  for (const [list, host, port, expected] of cases)
    assert.equal(bypasses(list, host, port), expected, `${list} ${host}:${port}`)
})
