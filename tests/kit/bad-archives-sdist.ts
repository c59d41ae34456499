// Source distributions that are wrong, and honest ones that only look odd.

import zlib from 'node:zlib'
import type { ArchiveCase } from './bad-archives.ts'
import { buildSdist, buildTar, gnuMagic, gzip, paxRecord, type SdistInput, sdistTar, type TarInput } from './tar.ts'
import { buildWheel } from './wheel.ts'
import { buildZip, type ZipInput, type ZipShape } from './zip.ts'

const wheel = buildWheel({ name: 'app', version: '1.0', files: { 'app.py': 'one = 1\n' } })

/** It builds by itself, with nothing from an index: what is wrong with an archive is the one reason not to install it. */
const backend = `import base64, os

def build_wheel(directory, config_settings=None, metadata_directory=None):
    name = "app-1.0-py3-none-any.whl"
    with open(os.path.join(directory, name), "wb") as file:
        file.write(base64.b64decode("${Buffer.from(wheel).toString('base64')}"))
    return name
`
const project = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
const files = { 'app.py': 'one = 1\n', 'backend.py': backend, 'pyproject.toml': project }
const app: SdistInput = { name: 'app', version: '1.0', files }
const information = 'Metadata-Version: 2.2\nName: app\nVersion: 1.0\n'
/** The same project, for archives that are put together here. */
const whole: readonly { readonly name: string; readonly data: string }[] = Object.entries({
  'PKG-INFO': information,
  ...files,
}).map(([name, data]) => ({ name: `app-1.0/${name}`, data }))
const zipped = (extra: readonly ZipInput[] = [], shape: ZipShape = {}): Uint8Array =>
  buildZip([...whole, ...extra], shape)

export function badSdists(): ArchiveCase[] {
  const make = (
    name: string,
    verdict: ArchiveCase['verdict'],
    bytes: Uint8Array,
    filename = 'app-1.0.tar.gz',
  ): ArchiveCase => ({
    name: `sdist ${name}`,
    kind: 'sdist',
    verdict,
    filename,
    bytes,
  })
  const entries = (name: string, verdict: ArchiveCase['verdict'], ...extra: readonly TarInput[]): ArchiveCase =>
    make(name, verdict, buildSdist({ ...app, extra }))
  const gnu = (name: string, verdict: ArchiveCase['verdict'], ...all: readonly TarInput[]): ArchiveCase =>
    make(name, verdict, gzip(buildTar([...whole, ...all].map((one) => ({ magic: gnuMagic, ...one })))))
  const at = (name: string): string => `app-1.0/${name}`
  const link = (target: string, name = at('link')): TarInput => ({ name, type: '2', target })
  const tar = sdistTar(app)
  const zeros = Array.from({ length: 66 }, (_, index) => ({ name: at(`z${index}`), data: Buffer.alloc(2 ** 21) }))
  const good = gzip(tar)
  const changed = (at: number, value: number): Uint8Array => {
    const bytes = Uint8Array.from(good)
    bytes[at < 0 ? bytes.length + at : at] = value
    return bytes
  }
  const climbing = [
    '../evil',
    'app-1.0/../../evil',
    '/tmp/evil',
    '//evil',
    'app-1.0/./x',
    'app-1.0//x',
    'C:/evil',
    'app-1.0\\..\\..\\evil',
    'app-1.0/..',
    '..',
  ]
  const targets = [
    '/etc/passwd',
    '../evil',
    '../../evil',
    'sub/../../../evil',
    '../app-1.0_evil/x',
    'C:\\x',
    '..\\..\\x',
    '../app-1.00',
  ]
  return [
    ...climbing.map((name) => entries(`traversal: ${name}`, 'refuse', { name, data: 'evil' })),
    ...climbing
      .slice(0, 3)
      .map((name) =>
        entries(`traversal by pax: ${name}`, 'refuse', { name: at('x'), data: 'evil', pax: { path: name } }),
      ),
    ...climbing
      .slice(0, 3)
      .map((name) =>
        gnu(`traversal by a long name: ${name}`, 'refuse', { name: at('x'), data: 'evil', longName: name }),
      ),
    entries('traversal by a prefix', 'refuse', { name: 'evil', prefix: '..', data: 'x' }),
    ...targets.map((target) => entries(`link to ${target}`, 'refuse', link(target))),
    entries('link by pax', 'refuse', { ...link('ok'), pax: { linkpath: '../../evil' } }),
    entries('link to nothing', 'refuse', link('')),
    entries('link loop', 'refuse', link('b', at('a')), link('a', at('b'))),
    entries('link to itself', 'refuse', link('link')),
    entries(
      'link chain that leaves',
      'refuse',
      { name: at('d/e/') },
      link('d/e', at('s')),
      link('s/../../../../evil', at('t')),
    ),
    entries('link, then a file through it', 'refuse', link('sub', at('dir')), { name: at('dir/x'), data: 'evil' }),
    entries(
      'file through a link that comes later',
      'refuse',
      { name: at('dir/x'), data: 'evil' },
      link('/tmp', at('dir')),
    ),
    entries('file through a link of another case', 'refuse', link('sub', at('Dir')), {
      name: at('dir/x'),
      data: 'evil',
    }),
    entries('link, then a file in its place', 'refuse', link('/tmp/evil', at('x')), { name: at('x'), data: 'evil' }),
    entries('link as the top directory', 'refuse', link('/tmp', 'other')),
    entries('hard link outside', 'refuse', { name: at('h'), type: '1', target: '../../etc/passwd' }),
    entries('hard link to an absolute path', 'refuse', { name: at('h'), type: '1', target: '/etc/passwd' }),
    entries(
      'hard link to what comes later',
      'refuse',
      { name: at('h'), type: '1', target: at('z') },
      { name: at('z'), data: 'x' },
    ),
    entries('hard link to a link', 'refuse', link('app.py'), { name: at('h'), type: '1', target: at('link') }),
    entries('hard link with data', 'refuse', { name: at('h'), type: '1', target: at('app.py'), data: 'evil' }),
    ...['3', '4', '6', 'S', 'V', 'M', 'D', 'A', 'Z', '7'].map((type) =>
      entries(`type ${type}`, 'refuse', { name: at('odd'), type }),
    ),
    entries('a file named as a directory', 'refuse', { name: at('odd/'), type: '0', data: 'x' }),
    entries('a directory with data', 'refuse', { name: at('odd/'), data: 'x' }),
    entries('a link with data', 'refuse', { ...link('app.py'), data: 'x' }),
    ...(['app.py', 'APP.py'] as const).map((name) =>
      entries(`collision: ${name}`, 'refuse', { name: at(name), data: 'evil' }),
    ),
    entries('collision: composed', 'refuse', { name: at('\u00e9'), data: '1' }, { name: at('e\u0301'), data: '2' }),
    entries('collision: ß and ss', 'refuse', { name: at('ß'), data: '1' }, { name: at('SS'), data: '2' }),
    entries('collision: file and directory', 'refuse', { name: at('app.py/x'), data: '2' }),
    entries(
      'collision: directory, then a file',
      'refuse',
      { name: at('d/x'), data: '2' },
      { name: at('d'), data: '2' },
    ),
    entries('two tops', 'refuse', { name: 'other/x', data: '' }),
    entries('a file at the top', 'refuse', { name: 'setup.py', data: '' }),
    entries('pax size: larger', 'refuse', { name: at('x'), data: 'x'.repeat(600), pax: { size: '1024' } }),
    entries('pax size: smaller', 'refuse', { name: at('x'), data: 'x'.repeat(600), pax: { size: '0' } }),
    entries('pax size: nothing in the header', 'refuse', {
      name: at('x'),
      size: 0,
      data: 'x'.repeat(512),
      pax: { size: '512' },
    }),
    entries('pax size: hexadecimal', 'refuse', { name: at('x'), data: 'x', pax: { size: '0x1' } }),
    entries('pax size: a sign', 'refuse', { name: at('x'), data: 'x', pax: { size: '+1' } }),
    entries('pax size: negative', 'refuse', { name: at('x'), data: 'x', pax: { size: '-1' } }),
    entries('pax size: leading zero', 'refuse', { name: at('x'), data: 'x', pax: { size: '01' } }),
    entries('pax size: twice', 'refuse', {
      name: at('x'),
      data: 'x',
      pax: [
        ['size', '1'],
        ['size', '1'],
      ],
    }),
    entries('pax path: twice', 'refuse', {
      name: at('x'),
      data: 'x',
      pax: [
        ['path', at('a')],
        ['path', at('b')],
      ],
    }),
    entries('pax path: a NUL', 'refuse', { name: at('x'), data: 'x', pax: { path: at('a\0b') } }),
    entries('pax path: empty', 'refuse', { name: at('x'), data: 'x', pax: { path: '' } }),
    entries('pax path: not UTF-8', 'refuse', {
      name: at('x'),
      data: 'x',
      rawPax: Buffer.concat([Buffer.from('12 path='), Buffer.from([0xff, 0xfe, 0x61]), Buffer.from('\n')]),
    }),
    entries('pax length: too short', 'refuse', { name: at('x'), data: 'x', rawPax: '9 path=app-1.0/y\n' }),
    entries('pax length: too long', 'refuse', { name: at('x'), data: 'x', rawPax: '99 path=app-1.0/y\n' }),
    entries('pax length: leading zero', 'refuse', { name: at('x'), data: 'x', rawPax: '019 path=app-1.0/y\n' }),
    entries('pax length: none', 'refuse', { name: at('x'), data: 'x', rawPax: 'path=app-1.0/y\n' }),
    entries('pax: a record over a line end', 'refuse', {
      name: at('x'),
      data: 'x',
      rawPax: Buffer.concat([paxRecord('comment', 'a'), Buffer.from('junk')]),
    }),
    entries('pax: sparse', 'refuse', {
      name: at('x'),
      data: 'x',
      pax: { 'GNU.sparse.major': '1', 'GNU.sparse.name': '../evil' },
    }),
    entries('pax: a link target for a file', 'refuse', { name: at('x'), data: 'x', pax: { linkpath: 'y' } }),
    make('pax: global path', 'refuse', buildSdist({ ...app, shape: { global: { path: 'app-1.0/evil' } } })),
    make('pax: global size', 'refuse', buildSdist({ ...app, shape: { global: { size: '0' } } })),
    make('pax: global link target', 'refuse', buildSdist({ ...app, shape: { global: { linkpath: '/etc' } } })),
    entries('mixed: a GNU header', 'refuse', { name: at('x'), data: 'x', magic: gnuMagic }),
    entries('mixed: a GNU long name', 'refuse', { name: at('x'), data: 'x', longName: at('y') }),
    gnu(
      'mixed: a pax header',
      'refuse',
      { name: at('a'), data: '' },
      { name: at('x'), data: 'x', pax: { path: at('y') } },
    ),
    entries('no magic', 'refuse', { name: at('x'), data: 'x', magic: '\0\0\0\0\0\0\0\0' }),
    entries('another magic', 'refuse', { name: at('x'), data: 'x', magic: 'usTar\u000000' }),
    entries('checksum: wrong', 'refuse', { name: at('x'), data: 'x', checksum: 1 }),
    entries('size: no number', 'refuse', { name: at('x'), data: 'x', rawSize: 'zzzzzzzzzzz\0' }),
    entries('size: binary', 'refuse', { name: at('x'), data: 'x', rawSize: `\x80${'\0'.repeat(10)}\x01` }),
    entries('size: digits after a NUL', 'refuse', { name: at('x'), data: 'x', rawSize: '1\x00000000000' }),
    entries('size: beyond the end', 'refuse', { name: at('x'), data: 'x', size: 10_000_000 }),
    entries('name: hidden after its NUL', 'refuse', { name: at('x'), data: 'x', hidden: 'evil' }),
    entries('name: not UTF-8', 'refuse', { name: Buffer.from([0x61, 0x2f, 0xff]), data: 'x' }),
    entries('name: a control character', 'refuse', { name: at('a\x1bb'), data: 'x' }),
    entries('bytes between entries', 'refuse', { name: at('x'), data: 'x', padding: 'secret' }),
    make('end: none', 'refuse', buildSdist({ ...app, shape: { end: 0 } })),
    make('end: one block', 'refuse', buildSdist({ ...app, shape: { end: 1 } })),
    make('end: an archive follows', 'refuse', buildSdist({ ...app, shape: { after: tar } })),
    make('end: text follows', 'refuse', buildSdist({ ...app, shape: { after: Buffer.from('#!/bin/sh\n') } })),
    make(
      'end: an extended header before it',
      'refuse',
      gzip(
        Buffer.concat([tar.subarray(0, -1024), buildTar([{ name: 'PaxHeader', type: 'x', data: '12 path=abc\n' }])]),
      ),
    ),
    make(
      'end: a long name before it',
      'refuse',
      gzip(
        buildTar([
          ...whole.map((one) => ({ ...one, magic: gnuMagic })),
          { name: 'L', type: 'L', data: 'app-1.0/y\0', magic: gnuMagic },
        ]),
      ),
    ),
    ...[1, 200, 1500].map((length) =>
      make(`cut: by ${length}`, 'refuse', gzip(tar.subarray(0, tar.length - 1024 - length))),
    ),
    make('empty archive', 'refuse', gzip(buildTar([]))),
    make('gzip: cut', 'refuse', good.subarray(0, -9)),
    make('gzip: cut in its end', 'refuse', good.subarray(0, -3)),
    make('gzip: wrong checksum', 'refuse', changed(-8, 1)),
    make('gzip: wrong size', 'refuse', changed(-4, 1)),
    make('gzip: unknown flags', 'refuse', changed(3, 0xe0)),
    make('gzip: text follows', 'refuse', Buffer.concat([good, Buffer.from('text')])),
    make('gzip: a second archive follows', 'refuse', Buffer.concat([good, good])),
    make('gzip: a zip follows', 'refuse', Buffer.concat([good, zipped()])),
    make('polyglot: a zip with a gzip before it', 'refuse', Buffer.concat([good, zipped()]), 'app-1.0.zip'),
    make('polyglot: a tar with a zip behind it', 'refuse', Buffer.concat([tar, zipped()]), 'app-1.0.tar'),
    make('polyglot: a zip with a tar before it', 'refuse', zipped([], { prefix: tar }), 'app-1.0.zip'),
    make('magic: a zip', 'refuse', zipped()),
    make('magic: a plain tar', 'refuse', tar),
    make('magic: a page of HTML', 'refuse', Buffer.from('<!doctype html>'.repeat(100))),
    make('magic: nothing', 'refuse', new Uint8Array()),
    make('magic: gzip in gzip', 'refuse', zlib.gzipSync(good)),
    make('magic: a tar that says zip', 'refuse', good, 'app-1.0.zip'),
    make('magic: gzip that says bzip2', 'refuse', good, 'app-1.0.tar.bz2'),
    make('magic: gzip that says xz', 'refuse', good, 'app-1.0.tar.xz'),
    make('magic: gzip that says tar', 'refuse', good, 'app-1.0.tar'),
    make('magic: a name that is none', 'refuse', good, 'app-1.0.rar'),
    make(
      'bomb: zeros',
      'refuse',
      gzip(buildTar([...whole, { name: at('zeros'), data: Buffer.alloc(2 ** 27 + 2 ** 20) }])),
    ),
    make('bomb: many files of zeros', 'refuse', gzip(buildTar([...whole, ...zeros]))),
    make(
      'bomb: zeros in a zip',
      'refuse',
      zipped([{ name: at('zeros'), data: Buffer.alloc(2 ** 27 + 2 ** 20) }]),
      'app-1.0.zip',
    ),
    make('zip: traversal', 'refuse', zipped([{ name: '../evil', data: 'x' }]), 'app-1.0.zip'),
    make('zip: a link', 'refuse', zipped([{ name: 'app-1.0/x', data: '/etc', mode: 0o120777 }]), 'app-1.0.zip'),
    make('zip: two tops', 'refuse', zipped([{ name: 'b/x', data: '' }]), 'app-1.0.zip'),
    make(
      'zip: a comment that hides an end record',
      'refuse',
      zipped([], { comment: 'PK\u0005\u0006aaaaaaaaaaaaaaaaaa' }),
      'app-1.0.zip',
    ),
    make('honest: plain', 'accept', good),
    make('honest: a plain .tar', 'accept', tar, 'app-1.0.tar'),
    make('honest: .tgz', 'accept', good, 'app-1.0.tgz'),
    make('honest: zeros after the end', 'accept', buildSdist({ ...app, shape: { after: Buffer.alloc(9216) } })),
    make('honest: a global comment', 'accept', buildSdist({ ...app, shape: { global: { comment: 'abc' } } })),
    make(
      'honest: several gzip members',
      'accept',
      Buffer.concat([gzip(tar.subarray(0, 100)), gzip(tar.subarray(100))]),
    ),
    make('honest: zip', 'accept', zipped([{ name: 'app-1.0/empty/' }]), 'app-1.0.zip'),
    make('honest: zip with a revision', 'accept', zipped([], { comment: 'f'.repeat(40) }), 'app-1.0.zip'),
    entries(
      'honest: links inside',
      'accept',
      link('app.py'),
      link('../app.py', at('sub/up')),
      link('.', at('here')),
      link('gone', at('dangling')),
    ),
    entries('honest: a hard link', 'accept', { name: at('h'), type: '1', target: at('app.py') }),
    entries('honest: a long name by pax', 'accept', {
      name: 'x',
      data: 'x',
      pax: { path: at('l'.repeat(200)), mtime: '1.5', 'SCHILY.xattr.user.x': 'v' },
    }),
    gnu('honest: a long name by GNU', 'accept', { name: at('x'), data: 'x', longName: at('l'.repeat(200)) }),
    entries(
      'honest: names of all kinds',
      'accept',
      { name: at('ü ñ'), data: '' },
      { name: at('..dots'), data: '' },
      { name: at('-rf'), data: '' },
    ),
    entries('honest: setuid', 'accept', { name: at('s'), data: 'x', mode: 0o6755 }),
    entries('honest: a directory twice', 'accept', { name: at('d/') }, { name: at('d/') }),
    make(
      'honest: from `tar .`',
      'accept',
      gzip(buildTar([{ name: './' }, ...whole.map(({ name, data }) => ({ name: `./${name}`, data }))])),
    ),
  ]
}
