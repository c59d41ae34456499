import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseScriptHeader, scriptHeader, scriptText } from './shebang.ts'

const linux = { platform: 'linux' } as const

test('scriptHeader() is a plain line where the kernel can read it', () => {
  assert.equal(scriptHeader({ ...linux, python: '/e/bin/python' }), '#!/e/bin/python\n')
})

test('scriptHeader() takes the shell for a space and for a long path', () => {
  const spaced = scriptHeader({ ...linux, python: '/my env/bin/python' })
  assert.equal(spaced, `#!/bin/sh\n'''exec' "/my env/bin/python" "$0" "$@"\n' '''\n`)
  const [short, long] = [124, 125].map((length) => `/${'d'.repeat(length - 12)}/bin/python`)
  assert.equal(new TextEncoder().encode(`#!${short}\n`).length, 127)
  assert.equal(scriptHeader({ ...linux, python: short! }), `#!${short}\n`)
  assert.ok(scriptHeader({ ...linux, python: long! }).startsWith('#!/bin/sh\n'))
})

test('scriptHeader() keeps what is no ASCII out of the first line, and declares UTF-8 in the second', () => {
  assert.equal(
    scriptHeader({ ...linux, python: '/é/bin/python' }),
    `#!/bin/sh\n# -*- coding: utf-8 -*-\n'''exec' "/é/bin/python" "$0" "$@"\n' '''\n`,
  )
})

test('scriptHeader() for Windows quotes spaces and takes pythonw for gui scripts', () => {
  const windows = { platform: 'win32' } as const
  assert.equal(scriptHeader({ ...windows, python: 'C:\\e\\Scripts\\python.exe' }), '#!C:\\e\\Scripts\\python.exe\n')
  assert.equal(
    scriptHeader({ ...windows, python: 'C:\\my env\\Scripts\\python.exe', gui: true }),
    '#!"C:\\my env\\Scripts\\pythonw.exe"\n',
  )
  assert.equal(scriptHeader({ ...windows, python: 'C:\\e\\Scripts\\python.exe', relocatable: true }), '#!python.exe\n')
})

test("scriptText() keeps the body's encoding line second and its docstring a docstring", () => {
  const body = '#!python\n# -*- coding: latin-1 -*-\n"""Usage"""\nfrom __future__ import division\n'
  assert.equal(
    scriptText({ ...linux, python: '/a b/python' }, body),
    `#!/bin/sh\n# -*- coding: latin-1 -*-\n'''exec' "/a b/python" "$0" "$@"\n' ''' \\\n"""Usage"""\nfrom __future__ import division\n`,
  )
  assert.equal(scriptText({ ...linux, python: '/a/python' }, body), body.replace('#!python', '#!/a/python'))
})

test('scriptText() leaves a path out of a file whose encoding cannot hold it', () => {
  const text = scriptText({ ...linux, python: '/é/python' }, '#!python\n# coding: latin-1\nprint(1)\n')
  assert.ok(!text.includes('é'))
  assert.equal(parseScriptHeader(text)?.form, 'relocatable')
})

const known: readonly (readonly [name: string, header: string, { form: string; python: string; arguments: string }])[] =
  [
    ['pip', '#!/e/bin/python3.12\n', { form: 'direct', python: '/e/bin/python3.12', arguments: '' }],
    ['with arguments', '#!/e/bin/python -sP\n', { form: 'direct', python: '/e/bin/python', arguments: '-sP' }],
    [
      "distlib's long path",
      `#!/bin/sh\n'''exec' /long/python "$0" "$@"\n' '''\n`,
      { form: 'exec', python: '/long/python', arguments: '' },
    ],
    [
      "pip's path with spaces",
      `#!/bin/sh\n'''exec' "/my env/python" "$0" "$@"\n' '''\n`,
      { form: 'exec', python: '/my env/python', arguments: '' },
    ],
    [
      "conda's",
      `#!/bin/sh\n'''exec' '/my env/python' "$0" "$@" #'''\n`,
      { form: 'exec', python: '/my env/python', arguments: '' },
    ],
    [
      "uv's relocatable",
      `#!/bin/sh\n'''exec' "$(dirname -- "$(realpath -- "$0")")"/'python' "$0" "$@"\n' '''\n`,
      { form: 'relocatable', python: 'python', arguments: '' },
    ],
    [
      "uv's older relocatable",
      `#!/bin/sh\n'''exec' "$(CDPATH= cd -- "$(dirname -- "$0")" && echo "$PWD")"/'python3.11' "$0" "$@"\n' '''\n`,
      { form: 'relocatable', python: 'python3.11', arguments: '' },
    ],
    [
      "den's relocatable launcher",
      '#!<launcher_dir>\\python.exe\n',
      { form: 'relocatable', python: 'python.exe', arguments: '' },
    ],
    [
      "a portable distribution's",
      '#!"<launcher_dir>\\..\\python.exe" -E\r\n',
      { form: 'relocatable', python: '..\\python.exe', arguments: '-E' },
    ],
    ['a launcher', '#!"C:\\my env\\python.exe"\n', { form: 'direct', python: 'C:\\my env\\python.exe', arguments: '' }],
    [
      'a launcher without quotes',
      '#!C:\\my env\\pythonw.exe -E\n',
      { form: 'direct', python: 'C:\\my env\\pythonw.exe', arguments: '-E' },
    ],
  ]

test('parseScriptHeader() reads the forms of every tool', () => {
  for (const [name, header, wanted] of known) {
    assert.deepEqual(parseScriptHeader(`${header}import sys\n`), { ...wanted, length: header.length }, name)
  }
})

test('parseScriptHeader() knows what is run by no Python', () => {
  for (const text of [
    '',
    'import sys\n',
    '#!/bin/sh\necho hello\n',
    '#!/usr/bin/perl\n',
    '#!/bin/bash -e\n',
    `#!/bin/sh\n'''exec' /usr/bin/ruby "$0" "$@"\n' '''\n`,
  ]) {
    assert.equal(parseScriptHeader(text), undefined, text)
  }
})

test('parseScriptHeader() takes U+2028 for a letter, as the shell does', () => {
  const header = scriptHeader({ ...linux, python: '/a \u2028/python', relocatable: false })
  assert.equal(parseScriptHeader(header)?.python, '/a \u2028/python')
})

test('parseScriptHeader() reads back every header that scriptHeader() writes', () => {
  const segment = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((text) => !/[\0\n\r/]/.test(text))
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 4 }), fc.boolean(), (segments, relocatable) => {
      const python = `/${segments.join('/')}/bin/python`
      const header = scriptHeader({ ...linux, python, relocatable })
      const parsed = parseScriptHeader(`${header}rest`)
      assert.equal(parsed?.python, relocatable ? 'python' : python)
      assert.equal(parsed?.form, relocatable ? 'relocatable' : header.startsWith('#!/bin/sh') ? 'exec' : 'direct')
    }),
  )
})

test('parseScriptHeader() finds where the body begins, also behind its comments', () => {
  for (const python of ['/a b/python', '/a/python']) {
    for (const relocatable of [false, true]) {
      const text = scriptText({ ...linux, python, relocatable }, '#!python\n# coding: utf-8\n\n"""doc"""\n')
      assert.ok(text.slice(parseScriptHeader(text)!.length).endsWith('"""doc"""\n'), text)
    }
  }
})
