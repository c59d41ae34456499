// Wheels and source distributions that are wrong in every way that has hurt an installer (docs/internals/store.md), each mechanism in
// several spellings, and honest ones that only look odd. All are made here, byte by byte, and always the same.

import { createHash } from 'node:crypto'
import zlib from 'node:zlib'
import { badSdists } from './bad-archives-sdist.ts'
import { badZips } from './bad-archives-zip.ts'
import { buildWheel, distInfoOf, type WheelInput, wheelFilename } from './wheel.ts'
import type { ZipInput } from './zip.ts'

export interface ArchiveCase {
  /** Unique; mechanism and spelling: "traversal: ../evil.py". */
  readonly name: string
  readonly filename: string
  readonly bytes: Uint8Array
  readonly kind: 'wheel' | 'sdist'
  /** What an installer must do with it. */
  readonly verdict: 'refuse' | 'accept'
}

export const victim: WheelInput = { name: 'app', version: '1.0', files: { 'app/__init__.py': 'one = 1\n' } }
const distInfo = distInfoOf(victim)

function wheel(
  name: string,
  verdict: ArchiveCase['verdict'],
  change: Partial<WheelInput>,
  filename?: string,
): ArchiveCase {
  const input = { ...victim, ...change }
  return { name, kind: 'wheel', verdict, filename: filename ?? wheelFilename(input), bytes: buildWheel(input) }
}

/** A wheel with one more entry, which RECORD lists as it should: only the entry itself is wrong. */
function withEntry(name: string, verdict: ArchiveCase['verdict'], entry: ZipInput): ArchiveCase {
  const path = typeof entry.name === 'string' ? entry.name : Buffer.from(entry.name).toString('latin1')
  const files = buildRow(path, entry.data ?? '')
  return wheel(name, verdict, { extra: [entry], record: (right) => `${files}${right}` })
}

function buildRow(path: string, data: string | Uint8Array): string {
  const digest = hash(data)
  return `${/[",\n]/.test(path) ? `"${path.replaceAll('"', '""')}"` : path},sha256=${digest},${Buffer.byteLength(data)}\n`
}

function hash(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('base64url')
}

const evil = 'print("evil")\n'

function names(): ArchiveCase[] {
  const outside = [
    ...[
      '../evil.py',
      '../../evil.py',
      'app/../../evil.py',
      'app/../../../../../../tmp/evil.py',
      '../tree_evil/x.py',
      '..',
    ],
    ...['/evil.py', '//evil.py', '/tmp/evil.py', 'C:/evil.py', 'c:evil.py', 'C:\\evil.py'],
    ...['..\\evil.py', 'app\\..\\..\\evil.py', 'app\\evil.py', '\\\\host\\share\\evil.py'],
    ...['./evil.py', 'app/./evil.py', 'app//evil.py', 'app/..', './/evil.py'],
  ]
  const malformed = ['', 'ev\0il.py', 'evil\n.py', 'evil\x1b[2J.py', 'evil\x7f.py', 'app/\r']
  const pairs: readonly (readonly [string, string])[] = [
    ['dup.py', 'dup.py'],
    ['dup.py', 'DUP.PY'],
    ['straße.py', 'STRASSE.py'],
    ['caf\u00e9.py', 'cafe\u0301.py'],
    ['dup', 'dup/x.py'],
    ['dup/x.py', 'DUP'],
    ['\u212a.py', 'k.py'],
  ]
  return [
    ...outside.map((name) => withEntry(`traversal: ${name}`, 'refuse', { name, data: evil })),
    ...malformed.map((name) => withEntry(`name: ${JSON.stringify(name)}`, 'refuse', { name, data: evil })),
    withEntry('name: not UTF-8', 'refuse', { name: Buffer.from([0x61, 0xff, 0x2e]), data: evil, flags: 0x0800 }),
    withEntry('name: not marked as UTF-8', 'refuse', { name: 'ü.py', data: evil, flags: 0 }),
    withEntry('name: a second one in an extra field', 'refuse', {
      name: 'good.py',
      data: evil,
      extra: Buffer.concat([Buffer.from([0x75, 0x70, 12, 0, 1, 0, 0, 0, 0]), Buffer.from('evil.py')]),
    }),
    ...pairs.map(([first, second]) =>
      wheel(`collision: ${first} and ${second}`, 'refuse', {
        extra: [
          { name: first, data: evil },
          { name: second, data: evil },
        ],
        record: (right) => `${buildRow(first, evil)}${first === second ? '' : buildRow(second, evil)}${right}`,
      }),
    ),
    ...[
      'ü.py',
      'app/ü/ñ.py',
      'with space.py',
      "quote'.py",
      'app/…',
      'a.b.c/d.txt',
      'app/.hidden',
      'app/..dots',
      '-rf',
      '~.py',
    ].map((name) => withEntry(`honest name: ${name}`, 'accept', { name, data: 'x' })),
  ]
}

function kinds(): ArchiveCase[] {
  const modes = {
    link: 0o120777,
    'link without type bits of others': 0o120000,
    fifo: 0o010644,
    'character device': 0o020644,
  }
  return [
    ...Object.entries({
      ...modes,
      'block device': 0o060644,
      socket: 0o140644,
      'directory that is a file': 0o040755,
    }).map(([what, mode]) => withEntry(`kind: ${what}`, 'refuse', { name: 'odd', data: '/etc/passwd', mode })),
    withEntry('kind: a link as an absolute target', 'refuse', { name: 'app/link', data: '/', mode: 0o120777 }),
    withEntry('kind: a link that climbs', 'refuse', { name: 'app/link', data: '../..', mode: 0o120777 }),
    withEntry('kind: a file with the name of a directory', 'refuse', { name: 'app/sub/', data: 'x', mode: 0o100644 }),
    withEntry('kind: a directory with data', 'refuse', { name: 'app/sub/', data: 'x' }),
    ...[0o100644, 0o100755, 0o104755, 0o102755, 0o100000, 0].map((mode) =>
      withEntry(`honest mode ${mode.toString(8)}`, 'accept', { name: 'app/moded.py', data: 'x', mode }),
    ),
    wheel('honest: entries for directories', 'accept', { extra: [{ name: 'app/' }, { name: 'app/empty/' }] }),
  ]
}

function records(): ArchiveCase[] {
  const change = (name: string, verdict: ArchiveCase['verdict'], record: (right: string) => string): ArchiveCase =>
    wheel(`RECORD: ${name}`, verdict, { record })
  const row = /^app\/__init__\.py,.*$/m
  return [
    change('a file that it does not list', 'refuse', (right) => right.replace(row, '').replace(/\n\n/, '\n')),
    change('METADATA not listed', 'refuse', (right) => right.replace(/^.*METADATA,.*\n/m, '')),
    change('WHEEL not listed', 'refuse', (right) => right.replace(/^.*WHEEL,.*\n/m, '')),
    change('empty', 'refuse', () => ''),
    change('another hash', 'refuse', (right) => right.replace(row, `app/__init__.py,sha256=${hash('other')},8`)),
    change('another size', 'refuse', (right) => right.replace(row, (line) => line.replace(/\d+$/, '9'))),
    change('a cut hash', 'refuse', (right) => right.replace(row, (line) => line.replace(/.,(\d+)$/, ',$1'))),
    change('a hash in hex', 'refuse', (right) =>
      right.replace(row, `app/__init__.py,sha256=${Buffer.from(hash('one = 1\n'), 'base64url').toString('hex')},8`),
    ),
    change('no hash', 'refuse', (right) => right.replace(row, 'app/__init__.py,,8')),
    change('MD5', 'refuse', (right) => right.replace(row, 'app/__init__.py,md5=Xr4ilOzQ4PCOq3aQ0qbuaQ,8')),
    change('SHA-1', 'refuse', (right) => right.replace(row, 'app/__init__.py,sha1=2jmj7l5rSw0yVb_vlWAYkK_YBwk,')),
    change('SHA-224', 'refuse', (right) =>
      right.replace(row, 'app/__init__.py,sha224=0UoCjCo6K8lHYQK7KII0xBWisB-CjqYqxbPkLw,'),
    ),
    change('an algorithm nobody knows', 'refuse', (right) => right.replace(row, 'app/__init__.py,rot13=abc,')),
    change('a hash of nothing', 'refuse', (right) => right.replace(row, 'app/__init__.py,sha256=,')),
    change('a climbing path', 'refuse', (right) => `../../../evil,,\n${right}`),
    change('a climbing path in the middle', 'refuse', (right) => `app/../../evil,,\n${right}`),
    change('an absolute path', 'refuse', (right) => `/etc/passwd,,\n${right}`),
    change('a drive', 'refuse', (right) => `C:/Windows/x,,\n${right}`),
    change('a backslash', 'refuse', (right) => `..\\evil,,\n${right}`),
    change('a file twice, differently', 'refuse', (right) => `app/__init__.py,sha256=${hash('x')},1\n${right}`),
    change('an open quote', 'refuse', (right) => `"app\n${right}`),
    wheel('RECORD: missing', 'refuse', { record: '' }),
    change('a file that is not there', 'accept', (right) => `ghost.py,sha256=${hash('')},0\n${right}`),
    change('a file twice, alike', 'accept', (right) => `${row.exec(right)![0]}\n${right}`),
    change('SHA-512', 'accept', (right) =>
      right.replace(row, `app/__init__.py,sha512=${createHash('sha512').update('one = 1\n').digest('base64url')},8`),
    ),
    change('no size', 'accept', (right) => right.replace(row, (line) => line.replace(/\d+$/, ''))),
    change('lines that end in CRLF', 'accept', (right) => right.replaceAll('\n', '\r\n')),
    change('its own row with a hash', 'accept', (right) => right.replace(/^(.*RECORD),,$/m, `$1,sha256=${hash('')},`)),
  ]
}

function scripts(): ArchiveCase[] {
  const bad = [
    '../../evil',
    '../evil',
    '/tmp/evil',
    'a/b',
    '..',
    '.',
    'a\\b',
    '..\\..\\evil',
    'C:evil',
    '-rf',
    '--help',
    'a b',
    'a;b',
    '$(id)',
    'a\tb',
  ]
  const reserved = [
    'python',
    'python3',
    'PYTHON3.13',
    'python3.13t',
    'pythonw',
    'pypy3',
    'activate',
    'activate.fish',
    'Activate.ps1',
    'activate_this.py',
    'deactivate',
    'pyvenv.cfg',
  ]
  const references = [
    'os;import evil:main',
    'app:main()',
    'app',
    'app:',
    ':main',
    'app:main\nimport evil',
    'app:a-b',
    'app main:x',
    '1app:main',
    'app:__import__("os").system',
    '..app:main',
  ]
  const honest = [
    'app',
    'app-2',
    'app.sh',
    'activate-global-python-argcomplete',
    'pythonic',
    '2to3',
    'f2py',
    'a+b',
    '_x',
    'ünder',
    'python-argcomplete-check',
  ]
  return [
    ...bad.map((name) => wheel(`script name: ${name}`, 'refuse', { scripts: { [name]: 'app:main' } })),
    ...reserved.map((name) => wheel(`reserved script: ${name}`, 'refuse', { scripts: { [name]: 'app:main' } })),
    ...['python', 'python3', 'activate', 'Python.exe', 'pyvenv.cfg'].map((name) =>
      wheel(`reserved script brought along: ${name}`, 'refuse', { data: { scripts: { [name]: '#!python\n' } } }),
    ),
    ...references
      .filter((reference) => !reference.includes('\n'))
      .map((reference) => wheel(`reference: ${reference}`, 'refuse', { scripts: { tool: reference } })),
    wheel('gui script name: ../evil', 'refuse', { guiScripts: { '../evil': 'app:main' } }),
    wheel('gui script name: pythonw', 'refuse', { guiScripts: { pythonw: 'app:main' } }),
    wheel('gui reference: app:a b', 'refuse', { guiScripts: { tool: 'app:a b' } }),
    ...honest.map((name) => wheel(`honest script: ${name}`, 'accept', { scripts: { [name]: 'app:main' } })),
    wheel('honest: a group with odd values', 'accept', {
      entryPoints: '[other]\n../x = no reference at all\n= y\nz\n',
    }),
    wheel('honest: a reference with extras', 'accept', { scripts: { tool: 'app.cli:group.run [color]' } }),
  ]
}

function layouts(): ArchiveCase[] {
  const data = (name: string, verdict: ArchiveCase['verdict'], scheme: string, file: string): ArchiveCase =>
    wheel(`data: ${name}`, verdict, { data: { [scheme]: { [file]: 'x' } } })
  return [
    data('pyvenv.cfg', 'refuse', 'data', 'pyvenv.cfg'),
    data('PyVenv.CFG', 'refuse', 'data', 'PyVenv.CFG'),
    data('bin/python', 'refuse', 'data', 'bin/python'),
    data('Scripts/python.exe', 'refuse', 'data', 'Scripts/python.exe'),
    data('bin/activate', 'refuse', 'data', 'bin/activate'),
    data('site.py of 2.7', 'refuse', 'data', 'lib/python2.7/site.py'),
    data('sitecustomize of the standard library', 'refuse', 'data', 'lib64/python3.13/sitecustomize.py'),
    data('an unknown scheme', 'refuse', 'stdlib', 'os.py'),
    data('a scheme that is a path', 'refuse', '..', 'evil.py'),
    data('an upper-case scheme', 'refuse', 'Scripts', 'tool'),
    withEntry('data: of another distribution', 'refuse', { name: 'other-1.0.data/scripts/x', data: 'x' }),
    withEntry('data: of another version', 'refuse', { name: 'app-2.0.data/data/x', data: 'x' }),
    withEntry('data: a file where the scheme is', 'refuse', { name: 'app-1.0.data/scripts', data: 'x' }),
    wheel('data: _virtualenv.pth', 'refuse', { files: { '_virtualenv.pth': 'import x' } }),
    wheel('data: _virtualenv.py by purelib', 'refuse', { data: { purelib: { '_virtualenv.py': 'x' } } }),
    data('share', 'accept', 'data', 'share/app/x'),
    data('headers', 'accept', 'headers', 'app.h'),
    data('purelib', 'accept', 'purelib', 'more.py'),
    data('share/pyvenv.cfg', 'accept', 'data', 'share/pyvenv.cfg'),
    wheel('dist-info: of another project', 'refuse', {}, 'other-1.0-py3-none-any.whl'),
    wheel('dist-info: of another version', 'refuse', {}, 'app-2.0-py3-none-any.whl'),
    wheel('dist-info: two of them', 'refuse', { extra: [{ name: 'b-1.0.dist-info/METADATA', data: '' }] }),
    wheel('dist-info: two of them, by case', 'refuse', { extra: [{ name: 'App-1.0.DIST-INFO/x', data: '' }] }),
    wheel('METADATA: of another project', 'refuse', { metadata: 'Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n' }),
    wheel('METADATA: of another version', 'refuse', { metadata: 'Metadata-Version: 2.1\nName: app\nVersion: 9\n' }),
    wheel('METADATA: without a name', 'refuse', { metadata: 'Metadata-Version: 2.1\nVersion: 1.0\n' }),
    wheel('METADATA: without a version', 'refuse', { metadata: 'Metadata-Version: 2.1\nName: app\n' }),
    wheel('METADATA: empty', 'refuse', { metadata: '' }),
    wheel('METADATA: of format 3', 'refuse', { metadata: 'Metadata-Version: 3.0\nName: app\nVersion: 1.0\n' }),
    wheel('WHEEL: of format 2', 'refuse', { wheelVersion: '2.0' }),
    wheel('WHEEL: of format 10', 'refuse', { wheelVersion: '10.0' }),
    wheel('WHEEL: empty', 'refuse', { wheelFile: '' }),
    wheel('WHEEL: without a root', 'refuse', { wheelFile: 'Wheel-Version: 1.0\nTag: py3-none-any\n' }),
    wheel('WHEEL: of format 1.9', 'accept', { wheelVersion: '1.9' }),
    wheel('METADATA: Latin-1 in the description', 'accept', {
      metadata: 'Metadata-Version: 1.1\nName: app\nVersion: 1.0\n\nfa\u00e7ade\n',
    }),
    wheel('METADATA: a name spelled otherwise', 'accept', {
      metadata: 'Metadata-Version: 2.1\nName: APP\nVersion: 1.0.0\n',
    }),
    ...[
      'app.zip',
      'app-1.0.whl',
      'app-1.0-py3-none.whl',
      '../app-1.0-py3-none-any.whl',
      'app-1.0-py3-none-any.whl.exe',
    ].map((filename) => wheel(`file name: ${filename}`, 'refuse', {}, filename)),
  ]
}

/** All of them. */
export function badArchives(): readonly ArchiveCase[] {
  const deflated = zlib.deflateRawSync(Buffer.alloc(2 ** 20))
  return [
    ...names(),
    ...kinds(),
    ...records(),
    ...scripts(),
    ...layouts(),
    ...badZips(victim, distInfo, deflated),
    ...badSdists(),
    {
      name: 'honest: plain',
      kind: 'wheel',
      verdict: 'accept',
      filename: wheelFilename(victim),
      bytes: buildWheel(victim),
    },
  ]
}
