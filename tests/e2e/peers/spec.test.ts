// The pure layers against the libraries that Python's own tools are made of: thousands of generated texts, answered by one Python
// process (spec_oracle.py). DEN_PEERS names a virtual environment with packaging, pip and virtualenv in it; DEN_SEED varies the
// cases, DEN_CASES their number.

import assert from 'node:assert/strict'
import { before, describe, type TestContext, test } from 'node:test'
import { formatCsvRow, parseCsv } from '../../../src/format/csv.ts'
import { parseIni } from '../../../src/format/ini.ts'
import { parseMailMessage } from '../../../src/format/mail-headers.ts'
import { pythonRepr, splitLines, strip, tryParsePythonRepr } from '../../../src/format/python-text.ts'
import { parseEntryPoints, tryParseObjectReference } from '../../../src/spec/entry-points.ts'
import { tryParseSdistFilename, tryParseWheelFilename, wheelTags } from '../../../src/spec/filename.ts'
import { tryParseProjectName } from '../../../src/spec/name.ts'
import { type PythonRequest, parsePythonRequest } from '../../../src/spec/python-request.ts'
import { parseIndexPage } from '../../../src/spec/simple-index.ts'
import {
  filterBySpecifiers,
  formatSpecifiers,
  specifiersContain,
  tryParseSpecifiers,
} from '../../../src/spec/specifier.ts'
import {
  canonicalVersion,
  compareVersions,
  isPrerelease,
  parseVersion,
  publicVersion,
  tryParseVersion,
} from '../../../src/spec/version.ts'
import { askOracle, skipWithout } from '../../kit/oracle.ts'
import { caseCount as count, diceFrom, many, seed } from '../../kit/random.ts'

const skip = skipWithout(['packaging'], 'agreement with packaging, configparser, email, csv and pip')

const { random, below, one, some, list } = diceFrom(seed)
const repeat = (most: number, text: () => string): string => list(most, text).join('')

const number = (): string =>
  one(['0', '0', '1', '1', '2', '3', '10', '007', '9999', '10000', '20231231', '123456789012345678901'])
const separator = (): string => one(['', '', '.', '-', '_'])
const release = (): string => `${some(0.1, () => `${number()}!`)}${number()}${repeat(3, () => `.${number()}`)}`

function version(): string {
  const pre = some(
    0.3,
    () =>
      separator() +
      one(['a', 'b', 'c', 'rc', 'alpha', 'beta', 'pre', 'preview', 'RC', 'A']) +
      separator() +
      some(0.8, number),
  )
  const post = some(0.2, () =>
    random() < 0.3 ? `-${number()}` : separator() + one(['post', 'rev', 'r', 'Post']) + separator() + some(0.8, number),
  )
  const dev = some(0.2, () => `${separator()}${one(['dev', 'DEV'])}${separator()}${some(0.8, number)}`)
  const local = some(
    0.15,
    () =>
      `+${one(['abc', '1', '01', 'ubuntu', 'a1'])}${repeat(2, () => one(['.', '-', '_']) + one(['x', '2', '10', 'deb']))}`,
  )
  return `${one(['', '', '', 'v', ' ', 'V'])}${release()}${pre}${post}${dev}${local}${one(['', '', '', ' ', '\n'])}`
}

/** The text with a character lost, doubled or changed. */
function damaged(text: string): string {
  const at = below(text.length + 1)
  const change = one([
    '',
    text.charAt(at).repeat(2),
    one(['.', '-', '+', '!', 'x', ' ', '*', '#', '\u0130', '\x00', 'é', '_', '~']),
  ])
  return text.slice(0, at) + change + text.slice(at + 1)
}

const maybeDamaged =
  (make: () => string, chance = 0.2) =>
  (): string =>
    random() < chance ? damaged(make()) : make()

function specifierSet(): string {
  const operator = (): string => one(['==', '==', '!=', '<', '<=', '>', '>=', '~=', '==='])
  const single = (): string => {
    const wildcard = random() < 0.2
    return `${one(['', '', ' '])}${operator()}${one(['', '', ' '])}${wildcard ? `${release()}.*` : version().trim()}`
  }
  return [single(), ...many(single, one([0, 0, 1, 2]))].join(one([',', ',', ' , ', ',,']))
}

const word = (): string => one(['foo', 'Bar', 'a', 'x1', 'zope', 'my', 'django', '0'])
const name = (): string => word() + repeat(3, () => one(['-', '_', '.', '--', '-_']) + word())
const tag = (options: readonly string[]): string => one(options) + repeat(2, () => `.${one(options)}`)
const wheel = (): string =>
  `${name().replaceAll('-', '_')}-${version().trim().replaceAll('-', '_')}${some(0.2, () => `-${one(['1', '2abc', '0', '20231231', 'x'])}`)}-${tag(['py3', 'py2', 'cp312', 'pp310'])}-${tag(['none', 'abi3', 'cp312', 'cp313t'])}-${tag(['any', 'manylinux_2_17_x86_64', 'win_amd64', 'macosx_11_0_arm64'])}.whl`
const sdist = (): string => `${name()}-${version().trim()}${one(['.tar.gz', '.tar.gz', '.zip', '.egg'])}`

function lines(pieces: readonly string[], most: number): string {
  return repeat(most, () => one(pieces) + one(['\n', '\n', '\n', '\r\n', '\r']))
}

const iniPieces = [
  '[global]',
  '[install]',
  '[DEFAULT]',
  ' [global] # x',
  '[a]b]',
  '[]',
  'index-url = https://example.org/simple',
  'Timeout: 60',
  'find-links =',
  '    /a/b',
  '\tc d  ',
  '  # comment',
  '; other',
  '',
  '   ',
  'a = b = c',
  'a : b = c',
  'x=1 ; not a comment',
  'novalue',
  '= nothing',
  'key with space = 1',
  'ÄÖ = ü',
  '  deeper = 2',
  'no-cache-dir = %(x)s',
  'a\u2028b = 1',
  '\x1c',
  'y = \x1d',
]
const mailPieces = [
  'Name: foo',
  'Version:1.0',
  'Summary:   two  words ',
  ' folded',
  '\tfolded too',
  '',
  'Requires-Dist: a>=1; python_version<"3"',
  'From here',
  'no header',
  ':empty',
  'X Y: z',
  'Ünicode: ü',
  'Description: a',
  '        |more',
  'Name: again',
  'A:',
  'B: :',
  '\x0c',
]
const csvPieces = [
  'a,b,c',
  '"a,b",,',
  'a"b,"c""d",e',
  '""',
  '"open',
  'x"',
  ',,,',
  '',
  'é,"\n",1',
  '"a"b,c',
  ' "a", b',
  "'a,b'",
]
const entryPieces = [
  '[console_scripts]',
  ' [gui_scripts] ',
  '[a.b]',
  'foo = foo.bar:main',
  'foo=foo:main.run [x, y]',
  '  spaced  =  a.b : c  ',
  '# comment',
  '',
  'x = 1a:b',
  'y = a-b:c',
  'z = mod',
  'ü = ä:ö',
  '[[x]]',
  'w = a=b',
  '; not a comment = 1',
]
const characters = [
  ...'ab\'"\\\n\r\t \x00\x1b\x1c\x7f\x85\u00a0\u00ad\u0300\u1680\u200b\u2028\u2029\ufeff\u{1f600}\u{e0001}é',
] as const

function request(): string {
  const head = one(['', '', 'py', 'python', 'cpython', 'pypy', 'graalpy', 'PyPy', 'graalvm'])
  const body =
    random() < 0.3
      ? one(['>=3.8', '>=3.8,<3.13', '~=3.10', '==3.12.*', '!=3.9', '<4'])
      : one(['', '3', '3.12', '312', '39', '2.7', '3.12.1', '3.10.0', '27'])
  const variant = some(0.2, () => one(['t', 'd', 'td', '-dbg', '-debug']))
  return (
    head +
    body +
    variant +
    some(0.2, () => one(['-32', '-64'])) +
    some(0.2, () => `-${one(['arm64', 'x86_64', 'AMD64', 'aarch64', 'i686', 'ppc64le'])}`)
  )
}

function page(): { text: string; type: string; url: string } {
  const url = one(['https://example.org/simple/foo/', 'http://127.0.0.1:8080/root/pypi/+simple/foo'])
  const file = (): string =>
    one(['foo-1.0.tar.gz', 'foo-1.0-py3-none-any.whl', 'foo-1.0+local.zip', 'Foo_x-2.0rc1.tar.gz'])
  const address = (): string =>
    one(['', '../../packages/ab/', '/files/', 'https://files.example.org/x/', '//cdn.example.org/'])
  const hash = (): string =>
    one(['', `#sha256=${'0aF'.repeat(21)}1`, '#md5=00ff', `#egg=foo&sha512=${'ab'.repeat(64)}`])
  if (random() < 0.4) {
    const files = many(() => {
      const filename = file()
      return {
        filename,
        url: address() + encodeURIComponent(filename),
        hashes: one([{}, { sha256: 'ab'.repeat(32) }]),
        ...one([{}, { 'requires-python': '>=3.8' }]),
        ...one([{}, { yanked: false }, { yanked: true }, { yanked: 'broken' }]),
        ...one([
          {},
          { 'core-metadata': true },
          { 'core-metadata': { sha256: 'cd'.repeat(32) } },
          { 'dist-info-metadata': true },
          { 'core-metadata': false, 'dist-info-metadata': true },
        ]),
      }
    }, below(5))
    return {
      text: JSON.stringify({ meta: { 'api-version': '1.1' }, name: 'foo', files }),
      type: 'application/vnd.pypi.simple.v1+json',
      url,
    }
  }
  const attributes = (): string =>
    some(0.5, () =>
      one([' data-requires-python="&gt;=3.6,&lt;4"', " data-requires-python='>=2.7'", ' data-requires-python=">=3.8"']),
    ) +
    some(0.3, () => one([' data-yanked=""', ' data-yanked="bad &amp; broken"'])) +
    some(0.4, () =>
      one([
        ' data-core-metadata="true"',
        ` data-dist-info-metadata="sha256=${'ab'.repeat(32)}"`,
        ' DATA-CORE-METADATA=true',
        ' data-core-metadata="odd"',
      ]),
    )
  const anchor = (): string => {
    const filename = file()
    return `<${one(['a', 'A'])} href=${one(['"', "'"]).replace(/(.)/, (quote) => `${quote}${address()}${encodeURIComponent(filename)}${hash()}${quote}`)}${attributes()}${one(['', ' class="x"', ' /'])}>${filename}</a>${one(['', '<br>', '<br/>\n', '<!-- <a href="c-1.zip">c</a> -->'])}`
  }
  const head = one([
    '<!DOCTYPE html><html><head><title>Links for foo</title></head><body>',
    '',
    `<html><head><base href="https://mirror.example.org/base/"></head>`,
  ])
  return { text: head + many(anchor, below(5)).join(''), type: 'text/html', url }
}

const questions = {
  versions: [...many(maybeDamaged(version)), '', ' ', '1'.repeat(5000), '1.0'],
  specifiers: {
    sets: ['', ',', '===', ...many(maybeDamaged(specifierSet, 0.1), Math.ceil(count / 2))],
    candidates: [
      ...new Set([
        '1.0',
        '0',
        '1.0.post1',
        '1.0+abc',
        '1.0.dev1',
        '1a1',
        'junk',
        ...many(version, 40).map((text) => text.trim()),
      ]),
    ],
    filtered: 0,
  },
  names: many(maybeDamaged(name)),
  wheels: many(maybeDamaged(wheel)),
  sdists: many(maybeDamaged(sdist)),
  inis: many(() => lines(iniPieces, 9)),
  messages: many(() => lines(mailPieces, 9)),
  tables: many(() => lines(csvPieces, 4)),
  rows: many(() => many(() => repeat(3, () => one(['a', ',', '"', '\n', '\r', ' ', 'é'])), 1 + below(3))),
  entryPoints: many(() => lines(entryPieces, 8)),
  strings: many(() => repeat(8, () => one(characters))),
  requests: many(request),
  pages: many(page, Math.ceil(count / 8)),
}
questions.specifiers.filtered = questions.specifiers.candidates.length

interface Answers {
  readonly versions: readonly ({
    text: string
    public: string
    canonical: string
    rank: number
    prerelease: boolean
  } | null)[]
  readonly specifiers: readonly ({ text: string; any: string; final: string; filter: readonly string[] } | null)[]
  readonly names: readonly (string | null)[]
  readonly wheels: readonly ({
    name: string
    version: string
    build: readonly (string | number)[]
    tags: readonly string[]
  } | null)[]
  readonly sdists: readonly ({ name: string; version: string } | null)[]
  readonly inis: readonly ({
    sections: readonly [string, readonly [string, string][]][]
    defaults: readonly [string, string][]
  } | null)[]
  readonly messages: readonly { headers: readonly [string, string][]; body: string }[]
  readonly tables: readonly (readonly string[][])[]
  readonly rows: readonly string[]
  readonly entryPoints: readonly (readonly [string, string, string, [string, string | null] | null][])[]
  readonly strings: readonly { repr: string; strip: string; lines: readonly string[] }[]
  readonly requests:
    | readonly ({
        path: string | null
        implementation: string | null
        release: readonly number[]
        bits: number | null
        machine: string | null
        freeThreaded: boolean | null
        debug: boolean | null
        specifiers: string | null
      } | null)[]
    | null
  readonly pages:
    | readonly (readonly {
        filename: string
        url: string
        requiresPython: string | null
        yanked: string | null
        hash: readonly [string, string] | null
        metadata: true | Record<string, string> | null
      }[])[]
    | null
}

describe(`the pure layers agree with Python's libraries (seed ${seed})`, () => {
  // Each test is skipped by itself, so that the count of what was not tested is right.
  const agree = (title: string, check: (t: TestContext) => void): void => void test(title, { skip }, check)
  let answers: Answers
  before(() => {
    if (skip !== false) return
    answers = askOracle<Answers>('spec_oracle', questions)
  })

  agree('versions are read, normalised and ordered as packaging does', () => {
    const ranked: { rank: number; text: string }[] = []
    for (const [index, text] of questions.versions.entries()) {
      const expected = answers.versions[index]!
      const version = tryParseVersion(text)
      assert.equal(version?.text ?? null, expected?.text ?? null, JSON.stringify(text))
      if (version === undefined || expected === null) continue
      assert.equal(publicVersion(version), expected.public, text)
      assert.equal(canonicalVersion(version), expected.canonical, text)
      assert.equal(isPrerelease(version), expected.prerelease, text)
      ranked.push({ rank: expected.rank, text })
    }
    assert.ok(ranked.length > count / 2)
    ranked.sort((a, b) => a.rank - b.rank)
    for (const [index, next] of ranked.slice(1).entries()) {
      const previous = ranked[index]!
      const order = compareVersions(parseVersion(previous.text), parseVersion(next.text))
      assert.equal(order, previous.rank === next.rank ? 0 : -1, `${previous.text} before ${next.text}`)
    }
  })

  agree('specifier sets let through what packaging lets through', () => {
    const { sets, candidates } = questions.specifiers
    let sound = 0
    for (const [index, text] of sets.entries()) {
      const expected = answers.specifiers[index]!
      const set = tryParseSpecifiers(text)
      assert.equal(set === undefined, expected === null, JSON.stringify(text))
      if (set === undefined || expected === null) continue
      sound++
      const bits = (options: { prereleases?: boolean }): string =>
        candidates.map((candidate) => (specifiersContain(set, candidate, options) ? '1' : '0')).join('')
      assert.equal(bits({}), expected.any, `${text} on ${candidates.join(' ')}`)
      assert.equal(bits({ prereleases: false }), expected.final, `${text} on ${candidates.join(' ')}`)
      if (!text.includes('===')) {
        const versions = candidates.filter((candidate) => tryParseVersion(candidate) !== undefined)
        const filtered = filterBySpecifiers(set, versions, parseVersion)
        // packaging gives back what is no version from the empty set alone.
        assert.deepEqual(
          filtered,
          expected.filter.filter((candidate) => tryParseVersion(candidate) !== undefined),
          text,
        )
      }
      const again = tryParseSpecifiers(formatSpecifiers(set))
      assert.ok(again !== undefined)
      assert.deepEqual(again.range, set.range)
      if (set.specifiers.length === 1) assert.equal(formatSpecifiers(set), expected.text)
    }
    assert.ok(sound > sets.length / 2)
  })

  agree('names are valid and normalised as packaging has them', () => {
    for (const [index, text] of questions.names.entries()) {
      assert.equal(tryParseProjectName(text) ?? null, answers.names[index], JSON.stringify(text))
    }
  })

  agree('filenames of wheels and source distributions are read as packaging reads them', () => {
    for (const [index, text] of questions.wheels.entries()) {
      const expected = answers.wheels[index]!
      const wheel = tryParseWheelFilename(text)
      // On purpose: what cannot be a project's name is none in a wheel's either ("_foo"), and a version holds no spaces.
      if (
        wheel === undefined &&
        expected !== null &&
        (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(expected.name) || /\s/.test(text))
      )
        continue
      const ours = wheel && {
        name: wheel.name as string,
        version: wheel.version.text,
        build: wheel.build === undefined ? [] : [wheel.build.number, wheel.build.suffix],
        tags: [...new Set(wheelTags(wheel))].sort(),
      }
      assert.deepEqual(ours ?? null, expected && { ...expected, tags: [...expected.tags].sort() }, text)
    }
    for (const [index, text] of questions.sdists.entries()) {
      const expected = answers.sdists[index]!
      const sdist = tryParseSdistFilename(text)
      // On purpose: the formats of older releases are read too.
      if (sdist !== undefined && sdist.format !== '.tar.gz' && sdist.format !== '.zip') continue
      if (
        sdist === undefined &&
        expected !== null &&
        (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(expected.name) || /\s/.test(text))
      )
        continue
      assert.deepEqual(sdist ? { name: sdist.name as string, version: sdist.version.text } : null, expected, text)
    }
  })

  agree('INI files are read as configparser reads them', () => {
    let sound = 0
    for (const [index, text] of questions.inis.entries()) {
      const expected = answers.inis[index]!
      let ours: unknown = null
      try {
        const ini = parseIni(text)
        const values = (section: ReadonlyMap<string, { value: string }>): unknown =>
          [...section].map(([option, { value }]) => [option, value])
        ours = {
          sections: [...ini.sections].map(([title, section]) => [title, values(section)]),
          defaults: values(ini.defaults),
        }
        sound++
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'invalid-ini')
      }
      assert.deepEqual(ours, expected, JSON.stringify(text))
    }
    assert.ok(sound > count / 50)
  })

  agree('header fields and bodies are read as email.parser reads them', () => {
    for (const [index, text] of questions.messages.entries()) {
      const message = parseMailMessage(text)
      const ours = { headers: message.headers.map((header) => [header.name, header.value]), body: message.body }
      assert.deepEqual(ours, answers.messages[index], JSON.stringify(text))
    }
  })

  agree('CSV is read and written as csv does', () => {
    for (const [index, text] of questions.tables.entries()) {
      assert.deepEqual(
        parseCsv(text).map((row) => row.fields),
        answers.tables[index],
        JSON.stringify(text),
      )
    }
    for (const [index, fields] of questions.rows.entries()) {
      // Before 3.13, csv left a lone \r bare, which its own reader then took for a line end.
      if (fields.some((field) => field.includes('\r'))) continue
      assert.equal(`${formatCsvRow(fields)}\n`, answers.rows[index], JSON.stringify(fields))
    }
  })

  agree('entry points are read as importlib.metadata reads them', () => {
    for (const [index, text] of questions.entryPoints.entries()) {
      const ours = parseEntryPoints(text).map(({ group, name, value }) => {
        const reference = tryParseObjectReference(value)
        return [group, name, value, reference === undefined ? null : [reference.module, reference.attribute ?? null]]
      })
      assert.deepEqual(ours, answers.entryPoints[index], JSON.stringify(text))
    }
  })

  agree('repr, strip and splitlines are those of str', () => {
    for (const [index, text] of questions.strings.entries()) {
      const expected = answers.strings[index]!
      assert.equal(pythonRepr(text), expected.repr)
      assert.equal(tryParsePythonRepr(expected.repr), text)
      assert.equal(strip(text), expected.strip, JSON.stringify(text))
      assert.deepEqual(splitLines(text), expected.lines, JSON.stringify(text))
    }
  })

  agree('requests for a Python mean what python-discovery (virtualenv) takes them to mean', (t) => {
    if (answers.requests === null) return t.skip('NOT TESTED: python-discovery is not in DEN_PEERS')
    for (const [index, text] of questions.requests.entries()) {
      const expected: NonNullable<Answers['requests']>[number] = answers.requests[index]!
      const ours = ignoringErrors(() => parsePythonRequest(text))
      if (expected === null) {
        assert.equal(ours, undefined, text)
        continue
      }
      assert.ok(ours !== undefined, text)
      // On purpose: nothing is any Python; python3-dbg is a program; a lone "t" or "d" is part of a name, not a build.
      if (text === '' || /^python[\d.]+-dbg$/.test(text) || ours.kind === 'name') continue
      assert.ok(ours.kind === 'version', text)
      assert.deepEqual(
        comparable(ours),
        {
          implementation: expected.implementation?.toLowerCase() ?? null,
          release: expected.release,
          bits: expected.bits,
          machine: expected.machine,
          // virtualenv excludes free-threaded builds by `false`; den leaves them out below 3.14 alone, as uv does.
          freeThreaded: expected.freeThreaded === true ? true : null,
          debug: expected.debug,
          specifiers: expected.specifiers,
        },
        text,
      )
    }
  })

  // On purpose, and not among the cases: `data-yanked` without a value is a yank by PEP 592; pip overlooks it.
  agree('index pages hold the links that pip sees', (t) => {
    if (answers.pages === null) return t.skip("NOT TESTED: pip's index reader is not in DEN_PEERS")
    for (const [index, { text, type, url }] of questions.pages.entries()) {
      const ours = parseIndexPage(text, { url, contentType: type }).files.map((file) => {
        const strongest = ['sha512', 'sha256', 'md5'].find((algorithm) => file.hashes[algorithm] !== undefined)
        return {
          filename: file.filename,
          url: decodeURIComponent(file.url),
          requiresPython: file.requiresPython ?? null,
          yanked: file.yanked === undefined ? null : file.yanked === true ? '' : file.yanked,
          hash: strongest === undefined ? null : [strongest, file.hashes[strongest]],
          metadata: file.metadata ?? null,
        }
      })
      const links: NonNullable<Answers['pages']>[number] = answers.pages[index]!
      const expected = links.map((link) => ({
        ...link,
        url: decodeURIComponent(link.url),
        hash: link.hash && [link.hash[0], link.hash[1].toLowerCase()],
      }))
      assert.deepEqual(ours, expected, text)
    }
  })
})

function ignoringErrors<Value>(make: () => Value): Value | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}

function comparable(request: Extract<PythonRequest, { kind: 'version' }>): unknown {
  return {
    implementation: request.implementation ?? null,
    release: request.release ?? [],
    bits: request.bits ?? null,
    machine: request.machine ?? null,
    freeThreaded: request.freeThreaded ?? null,
    debug: request.debug ?? null,
    specifiers:
      request.specifiers?.specifiers.map(({ operator, versionText }) => operator + versionText).join(',') ?? null,
  }
}
