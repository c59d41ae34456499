import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mentionsRoot, replaceRoots, replaceRootsInText } from './mentions.ts'

const replaced = (text: string, from = '/envs/app', to = '/new place/app'): string =>
  replaceRootsInText(text, [from], to)

test('replaceRootsInText() replaces the directory as a path, a URL and a string', () => {
  assert.equal(replaced('/envs/app/lib\n/envs/app\n'), '/new place/app/lib\n/new place/app\n')
  assert.equal(
    replaced('{"url": "file:///envs/app/src"}', '/envs/app', '/new place/app'),
    '{"url": "file:///new place/app/src"}',
  )
  assert.equal(replaced('file:///my%20envs/app/src', '/my envs/app', '/b c'), 'file:///b%20c/src')
  assert.equal(replaced("MAPPING = {'a': '/envs/app/src'}"), "MAPPING = {'a': '/new place/app/src'}")
  assert.equal(replaceRootsInText('["C:\\\\envs\\\\app\\\\x"]', ['C:\\envs\\app'], 'D:\\y'), '["D:\\\\y\\\\x"]')
  assert.equal(
    replaced('Cflags: -I/envs/app/include -L/envs/app/lib'),
    'Cflags: -I/new place/app/include -L/new place/app/lib',
  )
})

test('replaceRootsInText() leaves longer names, and paths that only contain it', () => {
  for (const text of [
    '/envs/app2/lib',
    '/envs/app.bak',
    '/envs/app-1/x',
    '/other/envs/app/x',
    '/envs/app two/x',
    'envs/app',
  ]) {
    assert.equal(replaced(text), text)
  }
})

test('replaceRootsInText() takes the longest of several roots', () => {
  assert.equal(replaceRootsInText('/a/b/c/d\n/a/b/d', ['/a/b', '/a/b/c'], '/x'), '/x/d\n/x/d')
})

test('replaceRootsInText() takes a name for text, whatever signs it holds', () => {
  const odd = '/e$(x)/a+b[1]^{2}|?*\\d'
  assert.equal(replaceRootsInText(`${odd}/lib`, [odd], '/n$&$1'), '/n$&$1/lib')
})

test('replaceRoots() has nothing to give for bytes that are no text, or do not name the directory', () => {
  assert.equal(
    replaceRoots(Uint8Array.of(0xff, 0xfe, ...new TextEncoder().encode('/envs/app/x')), ['/envs/app'], '/n'),
    undefined,
  )
  assert.equal(replaceRoots(new TextEncoder().encode('nothing'), ['/envs/app'], '/n'), undefined)
  const bytes = replaceRoots(new TextEncoder().encode('\ufeff/envs/app/x'), ['/envs/app'], '/n')
  assert.equal(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes), '\ufeff/n/x')
})

test('mentionsRoot() tells whether the directory or something in it is named', () => {
  assert.equal(mentionsRoot('see /envs/app/x', '/envs/app'), true)
  assert.equal(mentionsRoot('see /envs/apple', '/envs/app'), false)
})
