import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, test } from 'node:test'
import { DenError, diagnose, isDenError } from '../base/error.ts'
import { parsePylockPlace } from './pylock-place.ts'
import {
  parseRequirementsText,
  parseRequirementsTextSync,
  type RequirementsContext,
  type RequirementsFile,
} from './requirements-txt.ts'
import { decodeRequirements } from './requirements-txt-decode.ts'
import { requirementsLines } from './requirements-txt-lines.ts'
import { parseEditableSource, parseRequirementSource } from './requirements-txt-source.ts'
import { fileUrl } from './requirements-txt-url.ts'

const there: Readonly<Record<string, 'project' | 'directory' | 'file'>> = {
  '/code/proj': 'project',
  '/code/plain': 'directory',
  '/code/a-1.0-py3-none-any.whl': 'file',
  '/files/links': 'directory',
}
const context: RequirementsContext = {
  directory: '/code',
  path: path.posix,
  look: (place) => there[place],
  variable: (name) => ({ TOKEN: 'secret', NAME: 'foo' })[name],
}

function read(files: Record<string, string | Uint8Array>, options: { constraint?: boolean } = {}): RequirementsFile {
  return parseRequirementsTextSync('/files/requirements.txt', context, ({ place }) => files[place], options)
}
const readText = (text: string, options: { constraint?: boolean } = {}): RequirementsFile =>
  read({ '/files/requirements.txt': text }, options)

function refusal(make: () => unknown): DenError {
  try {
    make()
  } catch (error) {
    assert.ok(isDenError(error), String(error))
    return error
  }
  assert.fail('it was accepted')
}

describe('parseRequirementsText()', () => {
  test('reads names, links, editables, and what goes with them', () => {
    const { lines } = readText(
      `# a comment
Foo.Bar[x,Y]>=1,<2 ; python_version < "3.9" --hash=sha256:aa \\
  --hash sha512:bb   # joined
./proj[extra]
https://files.example.org/b-2.0-py3-none-any.whl#sha256=cc
-e git+https://code.example.org/p.git@main#egg=p
name @ file:///x/name-1.zip -C a=1 -C a=2 -C b=
`,
    )
    const [foo, local, url, editable, direct] = lines
    assert.equal(foo!.requirement!.name, 'foo-bar')
    assert.deepEqual(foo!.extras, ['x', 'y'])
    assert.equal(foo!.marker!.text, 'python_version < "3.9"')
    assert.deepEqual(foo!.hashes, [
      { algorithm: 'sha256', digest: 'aa' },
      { algorithm: 'sha512', digest: 'bb' },
    ])
    assert.deepEqual(foo!.from, { file: '/files/requirements.txt', line: 2 })
    assert.equal(local!.link, 'file:///code/proj')
    assert.equal(local!.requirement, undefined)
    assert.deepEqual(local!.extras, ['extra'])
    assert.equal(url!.requirement!.name, 'b')
    assert.equal(editable!.editable, true)
    assert.equal(editable!.link, 'git+https://code.example.org/p.git@main#egg=p')
    assert.deepEqual(
      [...direct!.configSettings],
      [
        ['a', ['1', '2']],
        ['b', ''],
      ],
    )
    assert.equal(lines.length, 5)
  })

  test('follows -r and -c, relative to the file that names them, and knows what is a constraint', async () => {
    const files: Record<string, string> = {
      '/files/requirements.txt': 'one\n-r sub/more.txt\n-c https://files.example.org/d/c.txt\n',
      '/files/sub/more.txt': 'two\n-r ../last.txt\n',
      '/files/last.txt': 'three\n',
      'https://files.example.org/d/c.txt': 'one<2\n-c e/f.txt\n',
      'https://files.example.org/d/e/f.txt': 'two<3\n',
    }
    const wishes: string[] = []
    const found = await parseRequirementsText('requirements.txt', { ...context, directory: '/files' }, async (wish) => {
      wishes.push(`${wish.place} ${wish.from?.line ?? ''}`.trim())
      return files[wish.place]
    })
    assert.deepEqual(
      found.lines.map(({ text, constraint }) => `${text}${constraint ? ' limits' : ''}`),
      ['one', 'two', 'three', 'one<2 limits', 'two<3 limits'],
    )
    assert.deepEqual(wishes, [
      '/files/requirements.txt',
      '/files/sub/more.txt 2',
      '/files/last.txt 2',
      'https://files.example.org/d/c.txt 3',
      'https://files.example.org/d/e/f.txt 2',
    ])
    assert.deepEqual(found.files.length, 5)
  })

  test('refuses a file that includes itself, and one that is not there', () => {
    const circle = refusal(() =>
      read({ '/files/requirements.txt': '-r other.txt\n', '/files/other.txt': '\n-r requirements.txt\n' }),
    )
    assert.ok(isDenError(circle, 'requirements-file-recursive'))
    assert.deepEqual(circle.detail, { path: '/files/requirements.txt', file: '/files/other.txt', line: 2 })
    const missing = refusal(() => readText('x\n-c gone.txt\n'))
    assert.ok(isDenError(missing, 'requirements-file-missing'))
    assert.deepEqual(missing.detail, {
      path: '/files/gone.txt',
      constraint: true,
      file: '/files/requirements.txt',
      line: 2,
    })
  })

  test('stops where files include each other without an end', () => {
    const error = refusal(() =>
      parseRequirementsTextSync('/f/0.txt', context, ({ place }) => `-r ${Number(/\d+/.exec(place)![0]) + 1}.txt\n`),
    )
    assert.ok(isDenError(error, 'invalid-requirements'))
    assert.match(error.detail.reason, /too deep/)
  })

  test('options hold for the whole run, an index takes the place of those before it', () => {
    const { options } = readText(`--extra-index-url https://e.example.org/
-i https://i.example.org/ --extra-index-url https://f.example.org/
-f links
-f elsewhere
--no-binary :all: --only-binary Foo_Bar
--pre --prefer-binary --require-hashes
--trusted-host h.example.org
`)
    assert.equal(options.indexUrl, 'https://i.example.org/')
    assert.deepEqual(options.extraIndexUrls, ['https://f.example.org/'])
    assert.deepEqual(options.findLinks, ['/files/links', 'elsewhere'])
    assert.deepEqual([...options.noBinary, ...options.onlyBinary], [':all:', 'foo-bar'])
    assert.deepEqual([...options.allReleases], [':all:'])
    assert.ok(options.pre && options.preferBinary && options.requireHashes && !options.noIndex)
    const off = readText('--no-index\n-i https://i.example.org/\n').options
    assert.equal(off.indexUrl, undefined)
    assert.equal(off.noIndex, true)
  })

  test('warns of what pip warns of, and of what it reads over', () => {
    const { warnings } = readText('--hash=sha256:aa\n./gone-1.0.zip\nfoo --index-url https://x.example.org/\n')
    assert.deepEqual(
      warnings.map(({ kind, from }) => `${kind} ${from.line}`),
      ['hash-without-requirement 1', 'missing-archive 2', 'ignored 3'],
    )
    for (const { kind, from, text } of warnings) {
      const { what } = diagnose(new DenError('requirements-doubtful', { kind, ...from, text }))
      assert.match(what, new RegExp(`^line ${from.line} of /files/requirements.txt `))
    }
  })

  test('constraints have names, and neither extras nor editables', () => {
    assert.equal(readText('foo @ https://x.example.org/f.zip\n', { constraint: true }).lines[0]!.constraint, true)
    for (const text of ['foo[x]<2', '-e ./proj', './proj', 'https://x.example.org/f.zip']) {
      assert.ok(
        isDenError(
          refusal(() => readText(text, { constraint: true })),
          'invalid-requirements',
        ),
        text,
      )
    }
  })

  test('errors tell the file, the line and the place', () => {
    const error = refusal(() => readText('fine\n\nfoo>=1 ; python_version << "3"\n'))
    assert.ok(isDenError(error, 'invalid-requirements'))
    assert.equal(error.detail.line, 3)
    assert.equal(error.detail.file, '/files/requirements.txt')
    const { span, source } = error.detail
    assert.match(source.slice(span.start), /^(?:<|python_version|")/)
    assert.match(diagnose(error).what, /line 3 of \/files\/requirements.txt/)
    assert.match(diagnose(error).why!, /\^/)
  })

  test('errors name a variable that is not set', () => {
    const error = refusal(() => readText('foo==${NEVER_SET_1}\n'))
    assert.ok(isDenError(error, 'invalid-requirements'))
    assert.match(error.detail.reason, /; the variable NEVER_SET_1 is not set$/)
    const other = refusal(() => readText('foo==$NEVER_SET_1\n'))
    assert.ok(isDenError(other, 'invalid-requirements'))
    assert.doesNotMatch(other.detail.reason, /not set/)
  })

  test('errors never show what a variable holds', () => {
    for (const line of [
      '--${TOKEN}',
      'foo[${TOKEN}!]',
      './${TOKEN}.whl',
      '-r https://${TOKEN}@x.example.org/gone.txt',
      'foo @@ https://${TOKEN}@x.example.org/',
      '--unknown ${TOKEN}',
      'foo == 1 ; ${TOKEN}',
    ]) {
      const error = refusal(() => readText(line))
      assert.doesNotMatch(JSON.stringify([error.detail, error.message, diagnose(error)]), /secret/)
    }
  })

  test('hints at what was probably meant', () => {
    const why = (line: string): string => diagnose(refusal(() => readText(line))).why!
    assert.match(why('foo=1.0'), /compared with ==/)
    assert.match(why('./no/such/thing'), /nothing is there/)
    assert.match(why('./plain'), /neither pyproject.toml nor setup.py/)
    assert.match(why('--install-option=x'), /no option --install-option/)
    assert.match(why('--no-b'.replace('-b', '-')), /may be --no-index or/)
    assert.match(why('foo --hash=md5:aa'), /sha256, sha384, sha512/)
    assert.match(why('-e https://x.example.org/p.zip'), /version control/)
    assert.match(why('-e git+https://x.example.org/p.git'), /no name/)
    assert.match(why('git+https://x.example.org/p.git#egg=p[x]'), /egg/)
  })

  test('reads long lines and many of them in linear time', () => {
    const start = performance.now()
    for (const text of [
      `foo${'['.repeat(50_000)}`,
      `x ${'\\'.repeat(100_000)}y`,
      `https://x.example.org${'/'.repeat(100_000)}x`,
    ]) {
      try {
        readText(text)
      } catch (error) {
        if (!isDenError(error)) throw error
      }
    }
    readText('name>=1.0,<2 ; python_version >= "3.8" --hash=sha256:aa\n'.repeat(5000))
    assert.ok(performance.now() - start < 5000)
  })
})

test('parseRequirementSource() and parseEditableSource() read the words of a command line', () => {
  assert.equal(parseRequirementSource('a-1.0-py3-none-any.whl', context).link, 'file:///code/a-1.0-py3-none-any.whl')
  assert.equal(parseRequirementSource('foo; os_name == "posix"', context).marker!.text, 'os_name == "posix"')
  const editable = parseEditableSource('./proj[X]', context)
  assert.deepEqual([editable.link, editable.extras, editable.editable], ['file:///code/proj', ['x'], true])
  const named = parseEditableSource('p[b] @ git+ssh://git@x.example.org/p', context)
  assert.deepEqual([named.requirement!.name, named.extras], ['p', ['b']])
  const error = refusal(() => parseRequirementSource('foo >> 1', context))
  assert.ok(isDenError(error, 'invalid-requirement'))
})

test('paths of Windows are read by its own rules', () => {
  const windows: RequirementsContext = {
    ...context,
    directory: 'C:\\code',
    path: path.win32 as typeof path.posix,
    look: (place) => (place === 'C:\\code\\proj' ? 'project' : place.endsWith('.whl') ? 'file' : undefined),
  }
  for (const text of ['.\\proj', './proj', 'C:\\code\\proj']) {
    assert.equal(parseRequirementSource(text, windows).link, 'file:///C:/code/proj', text)
  }
  assert.equal(
    parseRequirementSource('d\\a-1.0-py3-none-any.whl', windows).link,
    'file:///C:/code/d/a-1.0-py3-none-any.whl',
  )
})

test('decodeRequirements() takes marks, comments and locales for what they say', () => {
  const bytes = (...values: readonly (number | string)[]): Uint8Array =>
    Uint8Array.from(
      values.flatMap((value) => (typeof value === 'number' ? [value] : [...Buffer.from(value, 'latin1')])),
    )
  assert.equal(decodeRequirements(bytes(0xef, 0xbb, 0xbf, 'a')).text, 'a')
  assert.equal(decodeRequirements(bytes(0xff, 0xfe, 'a\0')).text, 'a')
  assert.equal(decodeRequirements(bytes(0xfe, 0xff, '\0a')).text, 'a')
  assert.equal(decodeRequirements(bytes(0xff, 0xfe, 0, 0, 'a\0\0\0')).text, 'a')
  assert.equal(decodeRequirements(bytes('# -*- coding: latin-1 -*-\n', 0xe9)).text.at(-1), 'é')
  assert.equal(decodeRequirements(bytes('\n# coding=cp1252\n', 0x80)).text.at(-1), '€')
  assert.deepEqual(decodeRequirements(bytes(0xe9), { localeEncoding: 'ISO-8859-1' }), { text: 'é', guessed: true })
  for (const wrong of [
    bytes(0xe9),
    bytes('#coding: ascii\n', 0xe9),
    bytes('# coding: nonsense\n'),
    bytes(0xff, 0xfe, 'abc'),
  ]) {
    assert.ok(
      isDenError(
        refusal(() => decodeRequirements(wrong)),
        'undecodable-file',
      ),
    )
  }
})

test('requirementsLines() breaks, joins and strips as pip does', () => {
  const lines = (text: string): unknown =>
    requirementsLines(text, context.variable).map((line) => [line.number, line.text])
  assert.deepEqual(lines('a\\\nb \\\n# ends\nc#d #e\x0cf\n\\\n\ng'), [
    [1, 'ab'],
    [4, 'c#d'],
    [5, 'f'],
    [8, 'g'],
  ])
  assert.deepEqual(lines('${NAME}-${name}-$NAME-${UNSET}'), [[1, 'foo-${name}-$NAME-${UNSET}']])
})

test('fileUrl() quotes as pip does, on each system', () => {
  assert.equal(fileUrl("/a b/c#'(é", path.posix), 'file:///a%20b/c%23%27%28%C3%A9')
  assert.equal(fileUrl('/a:b/c+(1)!*~@', path.posix), 'file:///a%3Ab/c%2B%281%29%21%2A~%40')
  assert.equal(fileUrl('C:\\a b\\c', path.win32), 'file:///C:/a%20b/c')
  assert.equal(fileUrl('\\\\server\\share\\x', path.win32), 'file://server/share/x')
})

test('parsePylockPlace() knows lock files by their names', () => {
  assert.deepEqual(parsePylockPlace('dir/pylock.dev.toml[A_b, c]'), {
    file: 'dir/pylock.dev.toml',
    extras: ['a-b', 'c'],
  })
  assert.deepEqual(parsePylockPlace('https://x.example.org/pylock.toml?y'), {
    file: 'https://x.example.org/pylock.toml?y',
    extras: [],
  })
  for (const place of ['pylock.a.b.toml', 'requirements.txt', 'my-pylock.toml'])
    assert.equal(parsePylockPlace(place), undefined)
})
