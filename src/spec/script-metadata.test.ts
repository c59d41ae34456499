import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diagnose, isDenError } from '../base/error.ts'
import { formatRequirement } from './requirement.ts'
import {
  findScriptBlocks,
  findScriptMetadata,
  findUnclosedBlock,
  parseScriptMetadata,
  replaceScriptMetadata,
} from './script-metadata.ts'

const script = `#!/usr/bin/env python3
# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "requests<3",
# ]
#
# [tool.den]
# x = 1
# ///
import requests
`

test('parseScriptMetadata() reads what a script needs, whatever ends its lines', () => {
  for (const ending of ['\n', '\r\n', '\r']) {
    const metadata = parseScriptMetadata(script.replaceAll('\n', ending))
    assert.deepEqual(metadata.dependencies.map(formatRequirement), ['requests<3'])
    assert.equal(metadata.requiresPython!.specifiers.length, 1)
    assert.deepEqual(Object.keys(metadata.tool!), ['den'])
  }
  for (const text of ['print()\n', '# /// other\n# x = 1\n# ///\n']) {
    assert.equal(findScriptMetadata(text), undefined)
    assert.throws(
      () => parseScriptMetadata(text),
      (error) => isDenError(error, 'no-script-metadata'),
    )
  }
})

test('findScriptBlocks() ends a block at the last closing line of its comments, and at an empty line', () => {
  const contents = (text: string): string[] => findScriptBlocks(text).map(({ type, content }) => `${type}: ${content}`)
  assert.deepEqual(contents('# /// script\n# a\n# ///\n# b\n# ///\n'), ['script: a\n///\nb\n'])
  assert.deepEqual(contents('# /// a\n# 1\n# ///\n# /// b\n# 2\n# ///'), ['a: 1\n///\n/// b\n2\n'])
  assert.deepEqual(contents('# /// a\n# 1\n\n# ///\n'), [])
  assert.deepEqual(contents('# /// a\n# ///\n'), [])
  assert.deepEqual(contents('x = """\n# /// script\n# 1\n# ///\n"""\n'), ['script: 1\n'])
  // What Python reads begins behind the mark of the byte order.
  assert.deepEqual(contents('\ufeff# /// script\n# 1\n# ///\n'), ['script: 1\n'])
  assert.deepEqual(contents('\n\ufeff# /// script\n# 1\n# ///\n'), [])
})

test('findScriptBlocks() takes time in proportion to the text', () => {
  const start = performance.now()
  findScriptBlocks('# /// script\n'.repeat(200_000))
  findScriptBlocks(`# /// script\n${'#\n'.repeat(200_000)}`)
  assert.ok(performance.now() - start < 3000)
})

test('what is wrong in a block is shown at its line of the script', () => {
  const shown = (text: string): string => {
    try {
      parseScriptMetadata(text, { file: 'x.py' })
    } catch (error) {
      assert.ok(isDenError(error, 'invalid-script-metadata', 'invalid-toml'), String(error))
      return `${diagnose(error).what} ${diagnose(error).why}`
    }
    assert.fail('it was accepted')
  }
  assert.match(shown(script.replace('requests<3', 'requests<<3')), /line 5 of x.py/)
  assert.match(shown(script.replace('x = 1', 'x = ')), /line 9 of x.py/)
  assert.match(shown(script.replace('">=3.11"', '3')), /line 3 of x.py.*a specifier is a string/s)
  assert.match(
    shown(script.replace('# dependencies = [', '# dependencies = 1 # [').replace(/# {3}"req.*\n# \]\n/, '')),
    /list of strings/,
  )
  assert.match(shown(`${script}\n${script}`), /line 14 of x.py.*first stands in line 2/s)
})

test('findUnclosedBlock() finds a block that was meant, and none where there is one or none was meant', () => {
  const lines = (text: string): readonly (number | undefined)[] => {
    const found = findUnclosedBlock(text)
    return [found?.firstLine, found?.lastLine]
  }
  assert.deepEqual(lines('#!/x\n# /// script\n# x = 1\nimport x\n'), [2, 4])
  // An empty line ends the comments, and so does one that has no space behind its sign.
  assert.deepEqual(lines('# /// script\r\n# x = 1\r\n\r\n# ///\r\n'), [1, 3])
  assert.deepEqual(lines('# /// script\n#x = 1\n# ///\n'), [1, 2])
  assert.deepEqual(lines('# /// script'), [1, 2])
  for (const none of [
    script,
    'print()',
    '# /// script\n# ///\n',
    '# /// other\n',
    '"# /// script"\n',
    ' # /// script\n',
  ])
    assert.deepEqual(lines(none), [undefined, undefined], none)
  assert.throws(
    () => parseScriptMetadata('# /// script\n# x = 1\n'),
    (error) => isDenError(error, 'invalid-script-metadata') && /has no end/.test(diagnose(error).why ?? ''),
  )
})

test('replaceScriptMetadata() replaces the block, or puts one where it belongs, and keeps the line ends', () => {
  const replaced = replaceScriptMetadata(script.replaceAll('\n', '\r\n'), 'dependencies = []\n')
  assert.equal(
    replaced,
    '#!/usr/bin/env python3\r\n# /// script\r\n# dependencies = []\r\n# ///\r\nimport requests\r\n',
  )
  const content = 'dependencies = []\n\nx = 1'
  for (const text of ['', 'import x\n', '#!/x\n', '#!/x', '#!/x\n# coding: latin-1\n# about\nx\n', '# about\n\nx\n']) {
    const made = replaceScriptMetadata(text, content)
    assert.deepEqual(
      findScriptBlocks(made).map((block) => block.content),
      [`${content}\n`],
      JSON.stringify(made),
    )
    assert.ok(made.startsWith(/^(?:#!.*\n?)?(?:# coding.*\n)?/.exec(text)![0]))
    assert.equal(replaceScriptMetadata(made, content), made)
    // A mark of the byte order stays where it alone has a meaning.
    assert.equal(replaceScriptMetadata(`\ufeff${text}`, content), `\ufeff${made}`)
    assert.equal(replaceScriptMetadata(`\ufeff${made}`, 'x = 2'), `\ufeff${replaceScriptMetadata(made, 'x = 2')}`)
  }
})
