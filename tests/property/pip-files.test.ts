// Laws of the files that people write: whatever stands in them, den reads it or refuses it with a place in the text, and what den
// writes is read again as the same.

import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { diagnose, isDenError } from '../../src/base/error.ts'
import { parsePipConfig } from '../../src/config/pip-config.ts'
import { setPipConfig, unsetPipConfig } from '../../src/config/pip-config-edit.ts'
import { isTomlTable, parseToml, parseTomlDocument, type TomlTable, type TomlValue } from '../../src/format/toml.ts'
import { readTomlPlaces } from '../../src/format/toml-places.ts'
import { formatTomlTable } from '../../src/format/toml-write.ts'
import { parseDependencyGroups, resolveDependencyGroup } from '../../src/spec/dependency-groups.ts'
import { parsePylock } from '../../src/spec/pylock.ts'
import { parsePyproject, readProjectTable } from '../../src/spec/pyproject.ts'
import { parseRequirementsTextSync, type RequirementsContext } from '../../src/spec/requirements-txt.ts'
import { decodeRequirements } from '../../src/spec/requirements-txt-decode.ts'
import { findScriptBlocks, findScriptMetadata, replaceScriptMetadata } from '../../src/spec/script-metadata.ts'

const context: RequirementsContext = {
  directory: '/here',
  path: path.posix,
  look: (place) => (place.endsWith('d') ? 'project' : place.endsWith('f') ? 'file' : undefined),
  variable: (name) => (name === 'A' ? 'b; c' : undefined),
}

/** Text made of a format's own signs, so that most of it gets past the first character. */
const texts = (...pieces: readonly string[]): fc.Arbitrary<string> =>
  fc
    .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'grapheme', maxLength: 3 })), { maxLength: 40 })
    .map((parts) => parts.join(''))

/** Runs a parser; a refusal has a place in its text and words that can be shown. */
function orRefuses(parse: () => unknown): void {
  try {
    parse()
  } catch (error) {
    assert.ok(isDenError(error), String(error))
    const { what, why } = diagnose(error)
    assert.ok(what.length > 0 && !/\x1b/.test(what + why))
    if ('span' in error.detail) {
      const { source, span } = error.detail
      assert.ok(span.start >= 0 && span.start <= span.end && span.end <= source.length, JSON.stringify(error.detail))
    }
  }
}

test('requirements files are read or refused', () => {
  const pieces = texts(
    'a',
    'b-1',
    '==1',
    ' ',
    '\n',
    '\\\n',
    '#',
    ' #',
    '-r ',
    '-c x',
    '-e ',
    './d',
    'x.whl',
    '[',
    ']',
    ';',
    ' @ ',
    'http://',
    'git+https://',
    '#egg=',
    '--hash=sha256:a',
    '--no-binary',
    '=',
    ',',
    ':all:',
    '${A}',
    '"',
    "'",
    'python_version',
    '<',
    '"3"',
    '-C',
    '--',
    '%',
    '..',
    '/',
    '\x1b',
  )
  fc.assert(
    fc.property(pieces, fc.boolean(), (text, constraint) => {
      orRefuses(() =>
        parseRequirementsTextSync('/f/r.txt', context, ({ place }) => (place === '/f/r.txt' ? text : undefined), {
          constraint,
        }),
      )
    }),
    { numRuns: 3000 },
  )
})

test('bytes are text or refused', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 20 }),
      fc.constantFrom(
        '',
        '# coding: ',
        '#coding=utf-32\n',
        '# coding: utf-16-be\n',
        '# coding: ascii\n',
        '#coding:hz\n',
      ),
      (bytes, head) => {
        orRefuses(() => decodeRequirements(Uint8Array.from([...Buffer.from(head), ...bytes])))
      },
    ),
    { numRuns: 2000 },
  )
})

const toml = texts(
  'a',
  'b',
  ' = ',
  '=',
  '.',
  '[',
  ']',
  '[[',
  ']]',
  '{',
  '}',
  ',',
  '"',
  "'",
  '"""',
  "'''",
  '\n',
  '\r\n',
  '#',
  '1',
  '1.5',
  'true',
  '2025-01-01',
  '10:00:00',
  '\\',
  '\\u00e9',
  '_',
  '-',
  '\0',
)

test('TOML is read or refused, and whatever is read has places', () => {
  fc.assert(
    fc.property(toml, (text) => {
      orRefuses(() => {
        parseToml(text)
        readTomlPlaces(text)
      })
      // Of an unsound document the places mean nothing, but looking for them comes to an end.
      readTomlPlaces(text)
    }),
    { numRuns: 4000 },
  )
})

const key = fc.oneof(fc.constantFrom('a', 'b', 'a b', '', '__proto__', 'é', '"'), fc.string({ maxLength: 4 }))
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'grapheme' }),
    fc.integer(),
    fc.double({ noNaN: true }).filter((one) => !Number.isInteger(one) || Math.abs(one) > 1e21),
    fc.bigInt(2n ** 54n, 2n ** 70n),
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  ),
}))

test('what is written as TOML is read as the same', () => {
  const plain = (item: TomlValue): unknown => {
    if (Array.isArray(item)) return item.map(plain)
    return isTomlTable(item) ? new Map(Object.entries(item).map(([name, inner]) => [name, plain(inner)])) : item
  }
  fc.assert(
    fc.property(fc.dictionary(key, value, { maxKeys: 5 }), (table) => {
      const written = formatTomlTable(['x'], table as TomlTable)
      assert.deepEqual(plain(parseToml(written)['x'] ?? {}), plain(table as TomlTable), written)
    }),
    { numRuns: 2000 },
  )
})

test('documents of any shape are read or refused by each standard', () => {
  const names = [
    'project',
    'name',
    'version',
    'dependencies',
    'dynamic',
    'build-system',
    'requires',
    'build-backend',
    'backend-path',
    'dependency-groups',
    'include-group',
    'lock-version',
    'created-by',
    'packages',
    'wheels',
    'sdist',
    'hashes',
    'url',
    'tool',
    'extras',
  ]
  const { shape } = fc.letrec<{ shape: unknown }>((tie) => ({
    shape: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('1.0', 'a', 'a>=1', 'x >> 1', 'https://x.example.org/a-1-py3-none-any.whl', '', 1, true),
      fc.array(tie('shape'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names), tie('shape'), { maxKeys: 5 }),
    ),
  }))
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), shape, { maxKeys: 6 }), (table) => {
      const text = Object.entries(table)
        .map(([name, item]) =>
          formatTomlTable(['t'], { [name]: item } as TomlTable)
            .replace(/^\[t\]\n/, '')
            .replaceAll('[t.', '['),
        )
        .join('\n')
      orRefuses(() => parsePyproject(text))
      orRefuses(() => readProjectTable(parseTomlDocument(text)))
      orRefuses(() => parsePylock(text))
      orRefuses(() => resolveDependencyGroup(parseDependencyGroups(parseTomlDocument(text)), 'name'))
    }),
    { numRuns: 3000 },
  )
})

test('a script keeps its other lines when its block is replaced, and then has that block', () => {
  const script = texts('# /// script', '# ///', '#', '# x = 1', '\n', '\n', '\r\n', '#!/bin/x', 'print()', '"""')
  fc.assert(
    fc.property(script, (text) => {
      orRefuses(() => findScriptMetadata(text))
      const blocks = findScriptBlocks(text).filter(({ type }) => type === 'script')
      const replaced = replaceScriptMetadata(text, 'y = 2\n')
      const found = findScriptBlocks(replaced).filter(({ type }) => type === 'script')
      assert.equal(found[0]!.content, 'y = 2\n', JSON.stringify([text, replaced]))
      assert.equal(found.length, Math.max(1, blocks.length), JSON.stringify([text, replaced]))
    }),
    { numRuns: 3000 },
  )
})

test('a setting that was set is there, and gone when it is taken back', () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,5}$/)
  const settingValue = fc
    .string({ unit: fc.constantFrom('a', 'B', ' ', '=', ':', '#', ';', '[', ']', '\n', '%', 'é') })
    // Such files keep neither spaces around a line nor lines that are comments.
    .map((text) =>
      text
        .split('\n')
        .map((line) => line.trim())
        .filter((line, index) => index === 0 || !/^[#;]/.test(line))
        .join('\n')
        .trim(),
    )
  fc.assert(
    fc.property(fc.array(fc.tuple(word, word, settingValue), { minLength: 1, maxLength: 5 }), (settings) => {
      let text = ''
      for (const [section, name, one] of settings) text = setPipConfig(text, `${section}.${name}`, one, 'f')
      const [section, name, last] = settings.at(-1)!
      assert.equal(parsePipConfig(text, 'f').sections.get(section)!.get(name)!.value, last, text)
      const without = unsetPipConfig(text, `${section}.${name}`, 'f')!
      assert.equal(parsePipConfig(without, 'f').sections.get(section)?.get(name), undefined)
    }),
    { numRuns: 1000 },
  )
})
