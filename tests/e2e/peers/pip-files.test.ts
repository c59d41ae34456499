// Requirements files against pip itself: thousands of generated files, read by den and by pip's own `parse_requirements`. DEN_PEERS
// names a virtual environment with pip 26.3; DEN_SEED varies the cases, DEN_CASES their number.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { isDenError } from '../../../src/base/error.ts'
import {
  parseRequirementsTextSync,
  type RequirementsContext,
  type RequirementsFile,
} from '../../../src/spec/requirements-txt.ts'
import { askOracle, skipWithout } from '../../kit/oracle.ts'
import { caseCount as count, diceFrom, seed } from '../../kit/random.ts'
import { scratch, writeTree } from '../../kit/scratch.ts'

const skip = skipWithout(['pip'], 'agreement with pip about requirements files')

const { random, below, one, some } = diceFrom(seed)

const variables: Readonly<Record<string, string>> = {
  DEN_NAME: 'foo',
  DEN_TWO_WORDS: 'foo --no-index',
  DEN_NESTED: '${DEN_NAME}',
  DEN_EMPTY: '',
  DEN_TOKEN: 'user:secret',
  DEN_BROKEN: 'foo ==',
  lower: 'nothing',
}

const name = (): string => one(['foo', 'Foo.Bar', 'a', 'zope-interface', 'x_y', '${DEN_NAME}', '1abc', 'foo'])
const version = (): string => one(['1', '1.0', '2.0rc1', '1.2.post1', '1!2', '1.0+local'])
const specifiers = (): string =>
  some(
    0.6,
    () => one(['==', '>=', '~=', '<', '!=', ' >= ', '===', '=', '']) + version() + some(0.3, () => `,<${version()}`),
  )
const extras = (): string => some(0.25, () => one(['[a]', '[A_b,c]', '[c, a]', '[]', '[a b]', '[', '[-]', ' [x]']))
const markerTerm = (): string =>
  one([
    'python_version < "3.9"',
    "python_version>='3.8'",
    'sys_platform == "win32"',
    '"linux" in sys_platform',
    'os_name=="posix"',
    'extra == "Test"',
    'nonsense == "1"',
    'python_version',
    'platform_machine != "x86_64"',
  ])
const marker = (): string =>
  some(
    0.25,
    () =>
      one([';', ' ;', '; ', ' ; ', ';  ']) +
      markerTerm() +
      some(0.3, () => one([' and ', ' or ']) + markerTerm()) +
      some(0.05, () => ';'),
  )
const digest = (): string => one(['abc', '0'.repeat(64), 'A1'])
const hash = (): string =>
  one([
    `--hash=sha256:${digest()}`,
    `--hash sha512:${digest()}`,
    `--hash=sha384:${digest()}`,
    '--hash=md5:abc',
    '--hash=sha256',
    "--hash='sha256:a b'",
    '--ha=sha256:def',
  ])
const setting = (): string =>
  one(['-C key=value', '--config-settings=a=b', '--config-settings "k=v w"', '-Ckey=other', '-C nothing', '-C a='])
const lineOption = (): string =>
  one([
    hash,
    hash,
    setting,
    () => one(['--no-binary foo', '--pre', '-i http://x.example.org/', '-r other.txt', '--unknown', '--', 'word']),
  ])()

const url = (): string =>
  one(['http://', 'https://', 'HTTPS://', 'https://${DEN_TOKEN}@', 'ftp://', 'http://[', 'https://[::1]']) +
  one(['files.example.org', 'h.example.org:8080', '']) +
  one([
    '/a-1.0-py3-none-any.whl',
    '/A.b-1.0-1-py2.py3-none-any.whl',
    '/foo-1.0.tar.gz',
    '/bad.whl',
    '/a%20b.zip',
    '/archive',
    '/',
    '',
    '/b-1-py3-none-any.whl?x=1',
  ]) +
  some(0.4, () =>
    one(['#egg=foo', '#egg=foo[bar]', '#sha256=abc', '#subdirectory=x&egg=Foo.Bar', '#egg=', '#egg=a-b&x', '?q#egg=z']),
  )
const control = (): string =>
  one([
    'git+https://',
    'git+ssh://git@',
    'hg+http://',
    'svn+svn://',
    'bzr+lp:',
    'git://',
    'git+file:///',
    'git+git@',
    'hg+https://',
    'git:',
  ]) +
  one(['code.example.org/p.git', 'code.example.org/p@main', 'x/y.git@1.0']) +
  some(0.7, () =>
    one(['#egg=foo', '#egg=foo[bar]', '#subdirectory=s', '#egg=Foo_bar&subdirectory=s', '#egg=foo==1', '#egg=-foo']),
  )
const local = (): string =>
  one([
    './proj',
    'proj',
    'proj/',
    './setup',
    './plain',
    '.',
    './missing',
    './a-1.0-py3-none-any.whl',
    'a-1.0-py3-none-any.whl',
    'sub/b-2.0.tar.gz',
    'b-2.0.zip',
    './missing-1.0-py3-none-any.whl',
    'missing.tar.bz2',
    'wrong.whl',
    './proj[Extra.One,b]',
    './proj [a]',
    './a-1.0-py3-none-any.whl[x]',
    './sp ace',
    'sp ace/../proj',
    'file:./proj',
    'file:../here/proj',
    'file:///etc/proj-1.0.zip',
    'file://localhost/x/y.zip#egg=foo',
    'file://elsewhere/x.zip',
    '../here/proj',
    'ümlaut/proj',
    'proj@1',
    './x.tar.lzma',
    'x.TAR.GZ',
  ])
const requirement = (): string =>
  one([
    () => name() + extras() + specifiers() + marker(),
    () => name() + extras() + specifiers() + marker(),
    () =>
      `${name()}${extras()}${one([' @ ', '@', ' @'])}${one([url, control, () => 'file:///x/y-1.0.zip', local])()}${one(['', '', ' ; python_version < "3"', ';python_version<"3"'])}`,
    () => url() + marker(),
    () => control() + marker(),
    () => local() + marker(),
    () =>
      one([
        '"foo"',
        "'foo'",
        'foo bar',
        'foo (>=1)',
        'foo(>=1,<2)',
        '${DEN_TWO_WORDS}',
        '${DEN_NESTED}',
        '${DEN_BROKEN}',
        '${DEN_EMPTY}foo',
        '$DEN_NAME',
        '${lower}',
        '${UNSET_X}',
        'foo\t--no-index',
        '===1',
      ]),
  ])()
const editable = (): string =>
  `${one(['-e ', '-e', '--editable ', '--editable=', '--ed ', '-e\t'])}${one([
    local,
    control,
    control,
    () => `"foo @ ${control()}"`,
    () => `"Foo[a,b] @ ${control()} ; python_version<'3'"`,
    () => "'./sp ace'",
    () => '.',
    () => '""',
    () => 'foo',
  ])()}${some(0.15, () => ` ; ${markerTerm()}`)}`
const globalOption = (): string =>
  one([
    '-i http://i.example.org/simple',
    '--index-url=https://${DEN_TOKEN}@j.example.org',
    '--index http://k.example.org',
    '--pypi-url http://l.example.org',
    "-i ''",
    '--extra-index-url http://e.example.org --extra-index-url=http://f.example.org',
    '--extra http://g.example.org',
    '--no-index',
    '--no-index=1',
    '-f links',
    '-f ./sub --find-links other',
    '--find-links=http://l.example.org/page.html',
    '-fproj',
    '--no-binary :all:',
    '--no-binary foo,Bar_baz',
    '--only-binary=foo',
    '--only-binary :all:,:none:,x',
    '--no-binary :none:',
    '--only-binary -x',
    '--prefer-binary',
    '--pre',
    '--pr',
    '--require-hashes',
    '--require-h',
    '--no-require-hashes',
    '--all-releases a,B',
    '--only-final :all:',
    '--only-final b',
    '--trusted-host h.example.org:80',
    '--trusted h2',
    '--use-feature fast-deps',
    '--use-feature truststore',
    '--use-feature 2020-resolver',
    '--install-option=x',
    '--global-option y',
    '--process-dependency-links',
    '--no-index extra words',
    '-x',
    '-',
    '--',
    '-- --no-index',
    '--hash=sha256:abc',
    '--no-in --pre -i http://z.example.org',
    '-i',
    '--index-url "http://q.example.org',
    '-f trailing\\\\',
    '-e',
    '-i http://one.example.org -i http://two.example.org --extra-index-url http://x.example.org',
  ])
const include = (): string =>
  one([
    '-r other.txt',
    '-c other.txt',
    '-r sub/inner.txt',
    '-r./other.txt',
    '--requirement=other.txt',
    '--constraint sub/inner.txt',
    '-r missing.txt',
    '-r http://files.example.org/page.txt',
    '-r file.txt -c other.txt',
    '-rother.txt --no-index',
    '-r "sub/sp ace.txt"',
    '-c http://files.example.org/dir/more.txt',
  ])
const comment = (): string => one(['# comment', '  # comment', '#', ' #x', '\t# y', '# ends in \\'])
const line = (): string =>
  one([
    () => requirement() + some(0.2, () => ` ${lineOption()}`) + some(0.08, () => ` ${lineOption()}`),
    () => requirement() + some(0.2, () => ` ${lineOption()}`),
    editable,
    globalOption,
    globalOption,
    include,
    comment,
    () => '',
  ])()
const damagedLine = (): string => {
  const text = line() + some(0.1, () => one([' # c', '#c', '  #', '\t# --pre', ' \\', '\\', '\\\\', ' \\ ']))
  if (random() > 0.06) return text
  const at = below(text.length + 1)
  return (
    text.slice(0, at) +
    one(['', ' ', '"', "'", '\\', '#', '-', ';', '@', '[', '\u00a0', '\x0c', '\x1c', 'é', '\t']) +
    text.slice(at + 1)
  )
}
const file = (lines: number): string => {
  let text = ''
  for (let left = 1 + below(lines); left > 0; left--)
    text += damagedLine() + one(['\n', '\n', '\n', '\n', '\r\n', '\r', '\\\n', ' \\\n', '\x0b', '\u2028', '\n\n'])
  return text
}

function encoded(text: string): Buffer {
  const style = random()
  if (style > 0.12) return Buffer.from(text)
  const wide = Buffer.from(text, 'utf16le')
  if (style < 0.02) return Buffer.concat([Buffer.from([0xff, 0xfe]), wide])
  if (style < 0.04) return Buffer.concat([Buffer.from([0xfe, 0xff]), wide.swap16()])
  if (style < 0.06) return Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)])
  const cookie = one([
    '# -*- coding: latin-1 -*-\n',
    '\n# vim: set fileencoding=iso-8859-15 :\n',
    '#coding=ascii\n',
    '# coding: nonsense\n',
    '\n\n# coding: latin-1\n',
  ])
  return Buffer.from(cookie + text, 'latin1')
}

const pages: Readonly<Record<string, string>> = {
  'http://files.example.org/page.txt': 'paged>=1\n-r dir/more.txt\n./proj\n',
  'http://files.example.org/dir/more.txt': 'more<2 ; python_version > "3"\n-f beside\n',
}

interface Answer {
  readonly error?: string
  readonly lines?: readonly Record<string, unknown>[]
  readonly options: Readonly<Record<string, unknown>>
}

/** pip joins paths without normalizing them. */
function normalized(answer: Answer): Answer {
  if (answer.error !== undefined) return answer
  const links = answer.options['findLinks'] as readonly string[]
  const findLinks = links.map((link) => (path.isAbsolute(link) ? path.normalize(link) : link))
  return { ...answer, options: { ...answer.options, findLinks } }
}

function comparable({ lines, options }: RequirementsFile): unknown {
  return {
    lines: lines.map((line) => ({
      name: line.requirement?.name ?? null,
      specifiers: (line.requirement?.specifiers.specifiers ?? [])
        .map(({ operator, versionText }) => operator + versionText)
        .sort(),
      extras: [...line.extras].sort(),
      link: line.link ?? null,
      // packaging writes a backslash as it is; den escapes it, so that what it writes can be read again.
      marker: line.marker?.text.replaceAll('\\\\', '\\') ?? null,
      editable: line.editable,
      constraint: line.constraint,
      hashes: line.hashes.map(({ algorithm, digest }) => [algorithm, digest]).sort(),
      settings: Object.fromEntries(line.configSettings),
      file: line.from.file,
      line: line.from.line,
    })),
    options: {
      indexes: options.noIndex
        ? []
        : [...(options.indexUrl === undefined ? ['DEFAULT'] : [options.indexUrl]), ...options.extraIndexUrls],
      noIndex: options.noIndex,
      findLinks: options.findLinks,
      noBinary: [...options.noBinary].sort(),
      onlyBinary: [...options.onlyBinary].sort(),
      allReleases: [...options.allReleases].sort(),
      onlyFinal: [...options.onlyFinal].sort(),
      preferBinary: options.preferBinary,
      trustedHosts: options.trustedHosts,
      requireHashes: options.requireHashes,
      noRequireHashes: options.noRequireHashes,
      features: options.useFeatures,
    },
  }
}

test(`requirements files mean what pip takes them to mean (seed ${seed})`, { skip }, (t) => {
  const root = scratch(t)
  const directory = path.join(root, 'here')
  writeTree(directory, {
    'proj/pyproject.toml': '',
    'setup/setup.py': '',
    'plain/file': '',
    'sp ace/setup.py': '',
    'a-1.0-py3-none-any.whl': '',
    'sub/b-2.0.tar.gz': '',
    'ümlaut/proj/setup.py': '',
  })
  const folder = path.join(root, 'files')
  fs.mkdirSync(path.join(folder, 'sub'), { recursive: true })
  const entry = path.join(folder, 'requirements.txt')
  const cases = Array.from({ length: count }, () => ({
    entry,
    constraint: random() < 0.1,
    files: new Map<string, Buffer>([
      // Most files are short: one refused line hides what den makes of the rest.
      [entry, encoded(file(one([1, 1, 1, 2, 4])))],
      [path.join(folder, 'other.txt'), Buffer.from(one(['other==1\n', 'other\n-r sub/inner.txt\n', file(1)]))],
      [
        path.join(folder, 'sub', 'inner.txt'),
        Buffer.from(one(['inner\n', '-r ../other.txt\n', '-f x\n', '-r ../requirements.txt'])),
      ],
      [path.join(folder, 'sub', 'sp ace.txt'), Buffer.from('spaced\n')],
    ]),
  }))
  const question = {
    directory,
    pages,
    cases: cases.map(({ files, ...rest }) => ({
      ...rest,
      files: Object.fromEntries([...files].map(([place, bytes]) => [place, bytes.toString('base64')])),
    })),
  }
  const env = { ...process.env, ...variables }
  const answers = askOracle<readonly Answer[]>('pip_files_oracle', question, { env }).map(normalized)

  const context: RequirementsContext = {
    directory,
    path,
    look: (place) => {
      const facts = fs.statSync(place, { throwIfNoEntry: false })
      if (facts === undefined) return undefined
      if (!facts.isDirectory()) return 'file'
      return ['pyproject.toml', 'setup.py'].some((file) => fs.existsSync(path.join(place, file)))
        ? 'project'
        : 'directory'
    },
    variable: (name) => variables[name],
  }
  let accepted = 0
  for (const [index, { constraint, files }] of cases.entries()) {
    const expected = answers[index]!
    const text = files.get(entry)!.toString()
    let ours: unknown
    let problem = ''
    try {
      const read = parseRequirementsTextSync(
        entry,
        context,
        ({ place }) => (/^http/.test(place) ? pages[place] : files.get(place)),
        { constraint },
      )
      ours = comparable(read)
    } catch (error) {
      if (!isDenError(error)) throw error
      problem = `${error.code} ${JSON.stringify(error.detail)}`
    }
    const shown = `case ${index}: ${JSON.stringify(text)}\npip: ${expected.error ?? 'accepts'}\nden: ${problem}`
    // On purpose: a name that ends with a sign is none, and a path of two leading slashes is one like any other.
    if (expected.lines?.some((line) => String(line['name']).endsWith('-')) === true) continue
    // Pythons before 2025 let text stand around the brackets of an address.
    if (/brackets/.test(problem) && expected.error === undefined && /\][^:/\s]/.test(text)) continue
    if (problem === '' && /non-local file URIs/.test(expected.error ?? '')) continue
    assert.equal(problem !== '', expected.error !== undefined, shown)
    if (expected.error !== undefined) continue
    accepted++
    assert.deepEqual(ours, { lines: expected.lines, options: expected.options }, shown)
  }
  assert.ok(accepted > count / 8, `only ${accepted} were accepted`)
})
