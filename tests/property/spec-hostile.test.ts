// Texts that nobody means well with: each standard's reader gives an answer or a DenError, in time that grows with the text alone.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDenError } from '../../src/base/error.ts'
import { parseMailMessage } from '../../src/format/mail-headers.ts'
import { parseDirectUrl } from '../../src/spec/direct-url.ts'
import { parseWheelFilename } from '../../src/spec/filename.ts'
import { parseMarker } from '../../src/spec/marker.ts'
import { impliedRequiresPython, negateMarker, simplifyMarker } from '../../src/spec/marker-algebra.ts'
import { parseMetadata } from '../../src/spec/metadata.ts'
import { metadataFields } from '../../src/spec/metadata-fields.ts'
import { metadataJson } from '../../src/spec/metadata-json.ts'
import { formatRequirement, parseRequirement } from '../../src/spec/requirement.ts'
import { parseRequiresTxt } from '../../src/spec/requires-txt.ts'
import { parseSpecifiers } from '../../src/spec/specifier.ts'
import { parseVersion } from '../../src/spec/version.ts'
import { diceFrom, seed } from '../kit/random.ts'
import { processorTime } from '../kit/stopwatch.ts'

const readers: Readonly<Record<string, (text: string) => unknown>> = {
  version: parseVersion,
  specifiers: parseSpecifiers,
  requirement: (text) => formatRequirement(parseRequirement(text)),
  marker: (text) => {
    const marker = parseMarker(text)
    return [simplifyMarker(marker), impliedRequiresPython(marker), negateMarker(marker)]
  },
  wheel: parseWheelFilename,
  metadata: (text) => metadataFields(parseMetadata(text).message),
  message: (text) => metadataJson(parseMailMessage(text)),
  'requires.txt': parseRequiresTxt,
  'direct_url.json': parseDirectUrl,
}

/** A DenError is an answer; anything else is a fault. */
function read(reader: (text: string) => unknown, text: string): void {
  try {
    reader(text)
  } catch (error) {
    if (!isDenError(error)) assert.fail(`${JSON.stringify(text.slice(0, 200))}: ${(error as Error).stack}`)
  }
}

const { below } = diceFrom(seed)
const pieces = [
  ...'a1.-_+!*=<>~()[];@,"\'\\ \t\n\r\0é\u00a0\u2028\u{1f600}:{}',
  String.fromCharCode(0xd800),
  ...[
    'python_version',
    'extra',
    ' and ',
    ' or ',
    'not in',
    ' in ',
    'rc',
    'post',
    'dev',
    '==',
    '>=',
    '"3.8"',
    'os_name',
    'Name: ',
    'Version: 1',
  ],
  ...[
    '.whl',
    '-py3-none-any',
    '\\x',
    '\\u00',
    '\\N{',
    '[x]',
    '#',
    '{"url": "',
    'file:///',
    '4294967296',
    '99999999999999999999',
    '===',
    '.*',
  ],
]

test(`10,000 texts of odd pieces (seed ${seed})`, () => {
  const took = processorTime(() => {
    for (let count = 0; count < 10_000; count++) {
      const text = Array.from({ length: 1 + below(14) }, () => pieces[below(pieces.length)]).join('')
      for (const reader of Object.values(readers)) read(reader, text)
    }
  })
  assert.ok(took < 60_000, `${took} ms`)
})

test('long texts take as long as they are', () => {
  const starts = ['', 'a', '1', 'a>=1', 'a;os_name=="', 'Name: ', '1+', '[', 'a @ ', '"', 'a-1-', '>=', 'a==1.']
  for (const [name, reader] of Object.entries(readers)) {
    for (const start of starts) {
      for (const piece of [
        '1',
        '.',
        '1.',
        'a',
        ' ',
        '\t',
        '\n',
        '(',
        '((',
        '[',
        ',',
        '==1,',
        '"',
        '\\',
        '\\x41',
        'a-',
        '0',
        '\r\n ',
        '|',
        '!',
        ' or ',
      ]) {
        const text = `${start}${piece.repeat(Math.ceil(60_000 / piece.length))}~`
        const took = processorTime(() => read(reader, text))
        // What is quadratic takes seconds here.
        assert.ok(took < 1500, `${name} of ${JSON.stringify(start)} and many ${JSON.stringify(piece)}: ${took} ms`)
      }
    }
  }
})
