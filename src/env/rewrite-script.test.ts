import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { buildZip } from '../../tests/kit/zip.ts'
import { rewriteFirstLine, rewriteScript } from './rewrite-script.ts'
import { scriptHeader } from './shebang.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const rewritten = (script: string | Uint8Array, to = '/new', from = ['/old']): string | undefined => {
  const options = { from, to, platform: 'linux', path: path.posix } as const
  const result = rewriteScript(typeof script === 'string' ? bytes(script) : script, options)
  return result === undefined ? undefined : new TextDecoder().decode(result)
}

test('rewriteScript() points a script to the new place and keeps its body', () => {
  assert.equal(rewritten('#!/old/bin/python3.12\nprint()\n'), '#!/new/bin/python3.12\nprint()\n')
  assert.equal(rewritten('#!/old/bin/python -sE\nprint()\n'), '#!/new/bin/python -sE\nprint()\n')
  assert.equal(rewritten('#!/old/bin/python'), '#!/new/bin/python\n')
})

test('rewriteScript() leaves scripts of other interpreters and places', () => {
  for (const text of [
    '#!/usr/bin/python3\n',
    '#!/old2/bin/python\n',
    '#!/bin/bash\n/old/bin/python\n',
    '#!/usr/bin/env python\n',
    'no header',
    '',
  ]) {
    assert.equal(rewritten(text), undefined, text)
  }
})

test('rewriteScript() goes over to the /bin/sh form where the new path needs it, and back', () => {
  const body = '# -*- coding: utf-8 -*-\n"""Docstring."""\nfrom __future__ import annotations\n'
  const there = rewritten(`#!/old/bin/python\n${body}`, '/a place')!
  assert.match(there, /^#!\/bin\/sh\n# -\*- coding/)
  assert.equal(rewritten(there, '/new', ['/a place'])?.split('\n', 1)[0], '#!/new/bin/python')
  assert.equal(
    rewritten(scriptHeader({ python: `/old/${'x'.repeat(130)}/bin/python`, platform: 'linux' })),
    scriptHeader({ python: `/new/${'x'.repeat(130)}/bin/python`, platform: 'linux' }),
  )
})

test('rewriteScript() keeps the arguments of the interpreter in the /bin/sh form', () => {
  assert.match(rewritten('#!/old/bin/python -E\nx\n', '/a place')!, /'''exec' "\/a place\/bin\/python" -E "\$0" "\$@"/)
})

test('rewriteScript() reads a first line with a space when it knows where the space comes from', () => {
  assert.equal(rewritten('#!/my old/bin/python\nx\n', '/new', ['/my old']), '#!/new/bin/python\nx\n')
})

test('rewriteScript() keeps the bytes behind the header: a zip, or a text in another encoding', () => {
  const tail = Uint8Array.of(0x50, 0x4b, 3, 4, 0xff, 0xfe, 0, 10)
  const head = bytes('#!/old/bin/python\n')
  const whole = new Uint8Array([...head, ...tail])
  const result = rewriteScript(whole, {
    from: ['/old'],
    to: '/newer',
    platform: 'linux',
    path: path.posix,
  })
  assert.deepEqual(result, new Uint8Array([...bytes('#!/newer/bin/python\n'), ...tail]))
})

test('rewriteScript() finds the line of a Windows launcher between its own bytes and the zip', () => {
  const stub = new Uint8Array([0x4d, 0x5a, ...new Uint8Array(300).fill(7)])
  const zip = buildZip([{ name: '__main__.py', data: bytes('print("PK and #! in the data")\n') }])
  const launcher = (line: string): Uint8Array => new Uint8Array([...stub, ...bytes(line), ...zip])
  const options = {
    from: ['C:\\old'],
    to: 'C:\\new envs\\app',
    platform: 'win32',
    path: path.win32,
  } as const
  const result = rewriteScript(launcher('#!C:\\old\\Scripts\\python.exe\r\n'), options)
  assert.deepEqual(result, launcher('#!"C:\\new envs\\app\\Scripts\\python.exe"\n'))
  assert.equal(rewriteScript(launcher('#!D:\\other\\python.exe\r\n'), options), undefined)
  assert.equal(rewriteScript(stub, options), undefined)
})

test('rewriteFirstLine() replaces a line that no system reads', () => {
  const fresh = rewriteFirstLine(bytes('#!/a b/bin/python\nprint()\n'), {
    python: '/a b/bin/python',
    platform: 'linux',
  })
  assert.match(
    new TextDecoder().decode(fresh),
    /^#!\/bin\/sh\n'''exec' "\/a b\/bin\/python" "\$0" "\$@"\n' '''\nprint\(\)\n$/,
  )
})
