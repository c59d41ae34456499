// Laws of the pure layers, over generated values.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Sha256 } from '../../src/base/brand.ts'
import { drawSpan } from '../../src/base/span.ts'
import { formatCsvRow, parseCsv } from '../../src/format/csv.ts'
import { findIniOption, parseIni } from '../../src/format/ini.ts'
import { parseMailMessage } from '../../src/format/mail-headers.ts'
import { pythonRepr, strip, tryParsePythonRepr } from '../../src/format/python-text.ts'
import { formatPythonRequest, matchesRequest, parsePythonRequest } from '../../src/spec/python-request.ts'
import { formatPyvenvCfg, parsePyvenvCfg, promptOf, quotePrompt } from '../../src/spec/pyvenv-cfg.ts'
import { intersectRanges, rangeContains } from '../../src/spec/range.ts'
import { formatRecord, parseRecord, recordHash, sha256OfRecordHash } from '../../src/spec/record.ts'
import { parseIndexHtml } from '../../src/spec/simple-index.ts'
import { parseSpecifiers, specifiersContain } from '../../src/spec/specifier.ts'
import {
  canonicalVersion,
  compareVersions,
  isPrerelease,
  parseVersion,
  publicVersion,
  type Version,
} from '../../src/spec/version.ts'

const number = fc.oneof(fc.nat({ max: 12 }), fc.constantFrom(9999, 10000, 20261121))
const part = (words: readonly string[]): fc.Arbitrary<string> =>
  fc
    .option(fc.tuple(fc.constantFrom(...words), number), { nil: undefined, freq: 1 })
    .map((pair) => pair?.join('') ?? '')
const publicText = fc
  .tuple(
    fc.constantFrom('', '', '', '1!'),
    fc.array(number, { minLength: 1, maxLength: 4 }),
    part(['a', 'b', 'rc']),
    part(['.post']),
    part(['.dev']),
  )
  .map(([epoch, release, ...rest]) => epoch + release.join('.') + rest.join(''))
const versionText = fc
  .tuple(publicText, fc.constantFrom('', '', '', '+abc', '+1', '+abc.1', '+10'))
  .map(([text, local]) => text + local)
const version: fc.Arbitrary<Version> = versionText.map(parseVersion)
const specifier = fc.oneof(
  fc.tuple(fc.constantFrom('==', '!=', '<', '<=', '>', '>='), publicText).map((pair) => pair.join('')),
  fc
    .tuple(fc.constantFrom('==', '!='), fc.array(number, { minLength: 1, maxLength: 3 }))
    .map(([operator, release]) => `${operator}${release.join('.')}.*`),
  fc.array(number, { minLength: 2, maxLength: 4 }).map((release) => `~=${release.join('.')}`),
)

const holds = <Values extends [unknown, ...unknown[]]>(
  arbitraries: { [Key in keyof Values]: fc.Arbitrary<Values[Key]> },
  law: (...values: Values) => void,
): void => fc.assert(fc.property(...arbitraries, law), { numRuns: 400 })

test('the normal form of a version reads back as the same version', () => {
  holds([versionText], (text) => {
    const once = parseVersion(text)
    assert.deepEqual(parseVersion(once.text), once)
    assert.equal(compareVersions(parseVersion(canonicalVersion(once)), once), 0)
  })
})

test('versions are totally ordered', () => {
  holds([version, version, version], (a, b, c) => {
    assert.equal(compareVersions(a, b), -compareVersions(b, a) + 0)
    if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) assert.ok(compareVersions(a, c) <= 0)
    assert.equal(compareVersions(a, b) === 0, canonicalVersion(a) === canonicalVersion(b))
  })
})

test('a version lies around its own pre-, post-, dev- and local versions', () => {
  holds(
    [fc.array(number, { minLength: 1, maxLength: 4 }).map((release) => release.join('.')), number],
    (release, n) => {
      const order = [
        `${release}.dev${n}`,
        `${release}a${n}`,
        `${release}b${n}`,
        `${release}rc${n}`,
        release,
        `${release}+l`,
        `${release}.post${n}`,
      ]
      const keys = order.map((text) => parseVersion(text).key)
      assert.deepEqual(
        [...keys].sort((a, b) => (a < b ? -1 : 1)),
        keys,
      )
    },
  )
})

test('operators are complements and conjunctions of one another', () => {
  holds([publicText, version], (text, candidate) => {
    const contains = (set: string): boolean => specifiersContain(parseSpecifiers(set), candidate)
    assert.equal(contains(`==${text}`), !contains(`!=${text}`))
    assert.equal(contains(`<=${text}`) && contains(`>=${text}`), contains(`==${text}`))
    // "Exclusive": what is > is >=, and what is < is <=, but never the version itself.
    if (contains(`>${text}`)) assert.ok(contains(`>=${text}`) && !contains(`==${text}`))
    if (contains(`<${text}`)) assert.ok(contains(`<=${text}`) && !contains(`==${text}`))
  })
})

test('"~= V.N is >= V.N, == V.*"', () => {
  holds([fc.array(number, { minLength: 2, maxLength: 4 }), version], (release, candidate) => {
    const compatible = specifiersContain(parseSpecifiers(`~=${release.join('.')}`), candidate)
    const spelledOut = specifiersContain(
      parseSpecifiers(`>=${release.join('.')},==${release.slice(0, -1).join('.')}.*`),
      candidate,
    )
    assert.equal(compatible, spelledOut)
  })
})

test('a set lets through what each of its specifiers does', () => {
  holds([fc.array(specifier, { maxLength: 4 }), version], (specifiers, candidate) => {
    const set = parseSpecifiers(specifiers.join(','))
    const each = specifiers.every((text) => specifiersContain(parseSpecifiers(text), candidate))
    assert.equal(specifiersContain(set, candidate), each)
    assert.equal(specifiersContain(set, candidate, { prereleases: false }), each && !isPrerelease(candidate))
  })
})

test('the ranges of a set are sorted, disjoint and not empty; intersection commutes', () => {
  holds(
    [fc.array(specifier, { maxLength: 4 }), fc.array(specifier, { maxLength: 4 }), version],
    (left, right, candidate) => {
      const a = parseSpecifiers(left.join(',')).range
      const b = parseSpecifiers(right.join(',')).range
      const both = intersectRanges(a, b)
      assert.deepEqual(both, intersectRanges(b, a))
      assert.equal(rangeContains(both, candidate), rangeContains(a, candidate) && rangeContains(b, candidate))
      for (const [index, { low, high }] of both.entries()) {
        assert.ok(low < high)
        if (index > 0) assert.ok(both[index - 1]!.high <= low)
      }
    },
  )
})

test('a local version is let through wherever its public version is, but by > and <', () => {
  holds([publicText, publicText], (text, other) => {
    const local = `${publicVersion(parseVersion(text))}+local`
    for (const operator of ['==', '!=', '>=', '<=']) {
      const set = parseSpecifiers(`${operator}${other}`)
      if (operator === '!=' || specifiersContain(set, text))
        assert.equal(specifiersContain(set, local), specifiersContain(set, text))
    }
  })
})

const anyText = fc.string({ unit: 'binary', maxLength: 40 })
const noBreaks = anyText.filter((text) => text.isWellFormed())

test('repr reads back, and stands on one line', () => {
  holds([noBreaks], (text) => {
    const quoted = pythonRepr(text)
    assert.equal(tryParsePythonRepr(quoted), text)
    assert.ok(!/[\p{Cc}\p{Zl}\p{Zp}]/u.test(quoted))
  })
})

test('a prompt comes back from pyvenv.cfg, and adds no key', () => {
  holds([noBreaks], (prompt) => {
    const cfg = parsePyvenvCfg(
      formatPyvenvCfg([
        ['home', '/usr/bin'],
        ['prompt', quotePrompt(prompt)],
        ['version', '3.12.1'],
      ]),
    )
    assert.equal(promptOf(cfg), prompt)
    assert.deepEqual([...cfg.values.keys()], ['home', 'prompt', 'version'])
  })
})

test('a value of pyvenv.cfg comes back as it is, or is refused', () => {
  holds([anyText], (value) => {
    let text: string
    try {
      text = formatPyvenvCfg([
        ['home', value],
        ['version', '3.12.1'],
      ])
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'unwritable-value')
      return
    }
    const cfg = parsePyvenvCfg(text)
    assert.equal(cfg.firstHome, value)
    assert.equal(cfg.lines.length, 2)
  })
})

test('CSV rows come back', () => {
  holds([fc.array(anyText, { minLength: 1, maxLength: 4 })], (fields) => {
    assert.deepEqual(
      parseCsv(`${formatCsvRow(fields)}\n`).map((row) => row.fields),
      [fields],
    )
  })
})

test('RECORD entries come back', () => {
  const digest = fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: 64, maxLength: 64 })
    .map((hex) => hex.join('') as Sha256)
  const path = anyText.filter((text) => text !== '' && !text.startsWith('\ufeff'))
  holds([fc.uniqueArray(fc.tuple(path, digest, fc.nat()), { selector: ([name]) => name, maxLength: 5 })], (files) => {
    const entries = files.map(([name, hash, size]) => ({ path: name, hash: recordHash(hash), size }))
    assert.deepEqual(parseRecord(formatRecord(entries), { outside: 'allow' }), entries)
    for (const [index, [, hash]] of files.entries()) assert.equal(sha256OfRecordHash(entries[index]!.hash), hash)
  })
})

test('no path of a RECORD leads out of its directory unless asked for', () => {
  const segment = fc.constantFrom('a', '..', '.', '', 'C:', 'b\\..', '\\', '...')
  holds([fc.array(segment, { minLength: 1, maxLength: 5 }).map((segments) => segments.join('/'))], (path) => {
    let entries: readonly { path: string }[] = []
    try {
      entries = parseRecord(`${formatCsvRow([path])}\n`)
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'invalid-record')
    }
    for (const entry of entries) {
      const resolved = new URL(entry.path.replaceAll('%', '%25'), 'file:///wheel/root/').pathname
      assert.ok(resolved.startsWith('/wheel/root/'), entry.path)
    }
  })
})

test('INI options come back', () => {
  const name = fc.stringMatching(/^[a-z][a-z-]{0,8}$/)
  const value = fc.stringMatching(/^[!-9;-~][ -~]{0,12}$/).map((text) => text.trim())
  holds([fc.dictionary(name, fc.dictionary(name, value))], (sections) => {
    const text = Object.entries(sections)
      .map(
        ([section, options]) =>
          `[${section}]\n${Object.entries(options)
            .map(([key, setting]) => `${key} = ${setting}\n`)
            .join('')}`,
      )
      .join('\n')
    const ini = parseIni(text)
    for (const [section, options] of Object.entries(sections)) {
      for (const [key, setting] of Object.entries(options)) {
        const found = findIniOption(ini, section, key)
        assert.equal(found?.value, setting)
        assert.equal(text.split('\n')[found!.line - 1], `${key} = ${setting}`)
      }
    }
  })
})

test('requests for a Python read back, and match the version they name', () => {
  const request = fc
    .tuple(
      fc.constantFrom('', 'cpython', 'pypy'),
      fc.constantFrom('', '3', '3.12', '3.12.1', '>=3.8,<3.13', '3.14rc1'),
      fc.constantFrom('', '+gil', '+freethreaded', '+debug', '+freethreaded+debug'),
      fc.constantFrom('', '-32', '-64'),
      fc.constantFrom('', '-linux', '-macos'),
      fc.constantFrom('', '-x86_64', '-arm64'),
    )
    .filter(([, body, variant]) => body !== '' || variant === '')
    .map((parts) => parts.join(''))
  holds([request.filter((text) => text !== '' && !text.startsWith('-'))], (text) => {
    const parsed = parsePythonRequest(text)
    assert.equal(parsed.kind, 'version', text)
    assert.deepEqual(parsePythonRequest(formatPythonRequest(parsed)), parsed)
    if (parsed.kind !== 'version') return
    const [major = 3, minor = 12, micro = 1] = parsed.release ?? []
    const facts = {
      implementation: parsed.implementation ?? 'cpython',
      version: {
        major,
        minor,
        micro,
        level: parsed.pre === undefined ? 'final' : 'candidate',
        serial: parsed.pre?.number ?? 0,
      } as const,
      freeThreaded: parsed.freeThreaded ?? false,
      debug: parsed.debug ?? false,
      bits: parsed.bits ?? 64,
      machine: parsed.machine ?? 'x86_64',
      platform: parsed.os ?? 'linux',
    }
    assert.ok(matchesRequest(parsed, facts), text)
    assert.ok(!matchesRequest(parsed, { ...facts, implementation: 'graalpy' }) || parsed.implementation === undefined)
  })
})

test('whatever is read, only errors of den come out', () => {
  holds([fc.string({ unit: 'binary', maxLength: 200 })], (text) => {
    const readers: (() => unknown)[] = [
      () => parseVersion(text),
      () => parseSpecifiers(text),
      () => parsePythonRequest(text),
      () => parseIni(text),
      () => parseRecord(text),
    ]
    for (const read of readers) {
      try {
        read()
      } catch (error) {
        assert.equal((error as Error).name, 'DenError', String(error))
      }
    }
    parsePyvenvCfg(text)
    parseMailMessage(text)
    parseIndexHtml(text, { url: 'https://index.example.org/' })
    assert.equal(strip(strip(text)), strip(text))
  })
})

test('drawSpan() draws two lines whose arrow stands under the text', () => {
  holds(
    [fc.string({ unit: 'grapheme', maxLength: 300 }), fc.nat({ max: 320 }), fc.nat({ max: 320 })],
    (text, start, length) => {
      const lines = drawSpan(text, { start, end: start + length }).split('\n')
      assert.equal(lines.length, 2)
      assert.ok([...lines[1]!].length <= [...lines[0]!].length + 1)
      assert.ok(!/\p{Cc}/u.test(lines[0]!))
    },
  )
})
