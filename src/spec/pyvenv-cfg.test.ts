import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDenError } from '../base/error.ts'
import {
  formatPyvenvCfg,
  includesSystemSite,
  parsePyvenvCfg,
  promptOf,
  pythonVersionOf,
  quotePrompt,
} from './pyvenv-cfg.ts'

test('parsePyvenvCfg() reads what CPython reads: any case, no spaces, any line end', () => {
  const cfg = parsePyvenvCfg('HOME=/usr/bin\r\nInclude-System-Site-Packages = FALSE\rversion = 3.12.1\nno equals\n')
  assert.equal(cfg.values.get('home'), '/usr/bin')
  assert.equal(cfg.firstHome, '/usr/bin')
  assert.equal(includesSystemSite(cfg), false)
  assert.deepEqual(pythonVersionOf(cfg), { major: 3, minor: 12, micro: 1 })
  assert.deepEqual(cfg.lines.at(-1), { key: 'version', value: '3.12.1', line: 3 })
})

test('parsePyvenvCfg() tells the first home from the last', () => {
  const cfg = parsePyvenvCfg('home = /a\nprompt = x\nhome = /b\n')
  assert.equal(cfg.firstHome, '/a')
  assert.equal(cfg.values.get('home'), '/b')
  assert.deepEqual(cfg.duplicates, ['home'])
})

test('parsePyvenvCfg() loses the first key to a byte order mark, as Python does', () => {
  const cfg = parsePyvenvCfg('\ufeffhome = /a\nversion = 3.12.1\n')
  assert.equal(cfg.hasByteOrderMark, true)
  assert.equal(cfg.firstHome, undefined)
  assert.equal(cfg.values.get('home'), undefined)
})

test('parsePyvenvCfg() keeps the value whole when it holds an equals sign', () => {
  assert.equal(parsePyvenvCfg('command = a --x=1\n').values.get('command'), 'a --x=1')
})

test('includesSystemSite() is true when the key is missing', () => {
  assert.equal(includesSystemSite(parsePyvenvCfg('home = /a\n')), true)
  assert.equal(includesSystemSite(parsePyvenvCfg('include-system-site-packages = yes\n')), false)
})

test('promptOf() reads the quoting of venv, virtualenv and uv', () => {
  const prompt = (value: string): string | undefined => promptOf(parsePyvenvCfg(`prompt = ${value}\n`))
  assert.equal(prompt("'plain'"), 'plain')
  assert.equal(prompt(`"it's"`), "it's")
  assert.equal(prompt("'a\\nb'"), 'a\nb')
  assert.equal(prompt('"C:\\new"'), 'C:\\new')
  assert.equal(prompt('raw name'), 'raw name')
  assert.equal(prompt("'"), "'")
  assert.equal(promptOf(parsePyvenvCfg('home = /a\n')), undefined)
})

test('pythonVersionOf() falls back to version_info, two parts included', () => {
  assert.deepEqual(pythonVersionOf(parsePyvenvCfg('version_info = 3.13.0.final.0\n')), {
    major: 3,
    minor: 13,
    micro: 0,
  })
  assert.deepEqual(pythonVersionOf(parsePyvenvCfg('version_info = 3.13\n')), { major: 3, minor: 13 })
  assert.equal(pythonVersionOf(parsePyvenvCfg('version = three\n')), undefined)
})

test('formatPyvenvCfg() writes what parsePyvenvCfg() reads', () => {
  const pairs: [string, string][] = [
    ['home', '/usr/bin'],
    ['prompt', quotePrompt('a\nhome = /evil')],
  ]
  const text = formatPyvenvCfg(pairs)
  assert.equal(text, "home = /usr/bin\nprompt = 'a\\nhome = /evil'\n")
  assert.equal(promptOf(parsePyvenvCfg(text)), 'a\nhome = /evil')
  assert.equal(parsePyvenvCfg(text).lines.length, 2)
})

test('formatPyvenvCfg() refuses values that some reader would see otherwise', () => {
  for (const value of ['/a\nhome = /b', '/a\rb', '/a\0b', '/a\u2028b', '/a\x85b', '/a ', ' /a', '/a\ud800']) {
    assert.throws(
      () => formatPyvenvCfg([['home', value]]),
      (error) => isDenError(error, 'unwritable-value'),
      JSON.stringify(value),
    )
  }
})
