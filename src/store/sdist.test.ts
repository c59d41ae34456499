import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { pythons } from '../../tests/kit/pythons.ts'
import { buildSdist, buildTar, gnuMagic, gzip, type SdistInput, sdistFilename, sdistTar } from '../../tests/kit/tar.ts'
import { buildZip } from '../../tests/kit/zip.ts'
import { isDenError } from '../base/error.ts'
import { readSdistFile, type UnpackedSdist, unpackSdist } from './sdist.ts'

const app: SdistInput = { name: 'app', version: '1.0', files: { 'app.py': 'one = 1\n', 'src/deep/er.txt': 'x' } }

async function unpack(
  t: TestContext,
  bytes: Uint8Array,
  filename = sdistFilename(app),
  options: { flat?: boolean } = {},
): Promise<UnpackedSdist & { root: string }> {
  const context = testContext(t)
  const directory = path.join(context.root, 'out')
  try {
    return { ...(await unpackSdist(context, { bytes, filename, directory, ...options })), root: context.root }
  } finally {
    // Whatever becomes of it, nothing stands outside.
    assert.deepEqual(
      fs.readdirSync(context.root).filter((name) => name !== 'out'),
      [],
    )
  }
}

const python = pythons().findLast(({ version }) => version.startsWith('3.'))

test('unpackSdist() gives the files of one top directory, their times, and the modes 0644 and 0755', async (t) => {
  const umask = process.umask(0o022)
  t.after(() => process.umask(umask))
  const bytes = buildSdist({
    ...app,
    extra: [
      { name: 'app-1.0/run.sh', data: '#!/bin/sh\n', mode: 0o4755 },
      { name: 'app-1.0/open', data: '', mode: 0o666, modified: 1_000_000_000 },
    ],
  })
  const { directory, top } = await unpack(t, bytes)
  assert.equal(top, 'app-1.0')
  assert.equal(fs.readFileSync(path.join(directory, 'src/deep/er.txt'), 'utf8'), 'x')
  const modeOf = (name: string): number => fs.statSync(path.join(directory, name)).mode & 0o7777
  assert.deepEqual(['app.py', 'run.sh', 'open', 'src'].map(modeOf), [0o644, 0o755, 0o644, 0o755])
  assert.equal(fs.statSync(path.join(directory, 'open')).mtimeMs, 1e12)
})

test('unpackSdist() reads long names of both dialects, and a large file in pieces', async (t) => {
  const long = `app-1.0/${'a'.repeat(120)}/${'b'.repeat(150)}.txt`
  const large = Buffer.alloc(5_000_001, 'large ')
  const pax = buildTar([
    { name: 'app-1.0/large', data: large },
    { name: 'short', data: 'pax', pax: { path: long, mtime: '1500000000.25' } },
    { name: 'c.txt', prefix: 'app-1.0/prefixed', data: 'ustar' },
  ])
  const first = await unpack(t, gzip(pax))
  assert.equal(fs.readFileSync(path.join(first.directory, '..', long), 'utf8'), 'pax')
  assert.equal(fs.statSync(path.join(first.directory, '..', long)).mtimeMs, 1_500_000_000_250)
  assert.equal(fs.readFileSync(path.join(first.directory, 'prefixed/c.txt'), 'utf8'), 'ustar')
  assert.ok(fs.readFileSync(path.join(first.directory, 'large')).equals(large))
  const gnu = buildTar([{ name: long.slice(0, 99), data: 'gnu', magic: gnuMagic, longName: long }])
  const second = await unpack(t, gzip(gnu))
  assert.equal(fs.readFileSync(path.join(second.directory, '..', long), 'utf8'), 'gnu')
})

test('unpackSdist() makes links inside the top directory, and copies hard-linked files', async (t) => {
  const { directory } = await unpack(
    t,
    buildSdist({
      ...app,
      extra: [
        { name: 'app-1.0/link', type: '2', target: 'src/deep/../../app.py' },
        { name: 'app-1.0/src/up', type: '2', target: '..' },
        { name: 'app-1.0/hard', type: '1', target: 'app-1.0/app.py' },
        { name: 'app-1.0/gone', type: '2', target: 'nowhere' },
      ],
    }),
  )
  assert.equal(fs.readFileSync(path.join(directory, 'link'), 'utf8'), 'one = 1\n')
  assert.equal(fs.readFileSync(path.join(directory, 'src/up/app.py'), 'utf8'), 'one = 1\n')
  assert.equal(fs.readFileSync(path.join(directory, 'hard'), 'utf8'), 'one = 1\n')
  assert.equal(fs.statSync(path.join(directory, 'hard')).nlink, 1)
})

test('unpackSdist() reads what `tar` packs from `.`, a git archive, and several gzip members', async (t) => {
  const tar = sdistTar(app)
  const dotted = buildTar([{ name: './' }, { name: './app-1.0/' }, { name: './app-1.0/app.py', data: 'x' }])
  assert.equal((await unpack(t, gzip(dotted))).top, 'app-1.0')
  const archive = sdistTar({ ...app, shape: { global: { comment: '0123456789abcdef' } } })
  assert.equal((await unpack(t, gzip(archive))).top, 'app-1.0')
  const members = Buffer.concat([gzip(tar.subarray(0, 700)), gzip(tar.subarray(700)), Buffer.alloc(100)])
  assert.equal((await unpack(t, members)).top, 'app-1.0')
})

test('unpackSdist() reads zips, with a forge’s comment too', async (t) => {
  const zip = buildZip([{ name: 'app-1.0/' }, { name: 'app-1.0/app.py', data: 'x' }], { comment: 'a'.repeat(40) })
  const { directory } = await unpack(t, zip, 'app-1.0.zip')
  assert.equal(fs.readFileSync(path.join(directory, 'app.py'), 'utf8'), 'x')
})

test('unpackSdist() takes an archive without a top directory where that is asked for', async (t) => {
  const bytes = gzip(
    buildTar([
      { name: 'setup.py', data: '' },
      { name: 'app/x.py', data: '' },
    ]),
  )
  const { top, directory } = await unpack(t, bytes, 'app.tar.gz', { flat: true })
  assert.equal(top, '')
  assert.deepEqual(fs.readdirSync(directory).sort(), ['app', 'setup.py'])
})

const compressions: Readonly<Record<string, string>> = {
  '.tar.bz2': 'bz2.compress(data)',
  '.tar.xz': 'lzma.compress(data)',
  '.tar.lzma': 'lzma.compress(data, format=lzma.FORMAT_ALONE)',
  '.tlz':
    "lzma.compress(data, format=lzma.FORMAT_ALONE, filters=[{'id': lzma.FILTER_LZMA1, 'lc': 1, 'lp': 3, 'pb': 1}])",
  '.tar': 'data',
  '.tgz': 'gzip.compress(data)',
}
for (const [ending, how] of Object.entries(compressions)) {
  test(`unpackSdist() reads ${ending}, whole and unharmed only`, async (t) => {
    if (python === undefined) return t.skip(`NOT TESTED: ${ending}, there is no Python 3 on this machine`)
    const noise = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * index * 31) >>> 7))
    const script = `import bz2, gzip, lzma, sys\ndata = sys.stdin.buffer.read()\nsys.stdout.buffer.write(${how})`
    const input = sdistTar({ ...app, files: { 'app.py': noise, 'text.txt': 'word '.repeat(50_000) } })
    let packed: Uint8Array
    try {
      packed = execFileSync(python.executable, ['-c', script], {
        input,
        maxBuffer: 2 ** 26,
        stdio: ['pipe', 'pipe', 'ignore'],
      })
    } catch {
      return t.skip(`NOT TESTED: ${ending}, this Python lacks the module`)
    }
    const { directory } = await unpack(t, packed, `app-1.0${ending}`)
    assert.ok(fs.readFileSync(path.join(directory, 'app.py')).equals(noise))
    const refused = (bytes: Uint8Array): Promise<void> =>
      assert.rejects(unpack(t, bytes, `app-1.0${ending}`), (error) => isDenError(error, 'invalid-archive'))
    await refused(packed.subarray(0, Math.floor(packed.length / 2)))
    await refused(Buffer.concat([packed, Buffer.from('more')]))
    if (ending !== '.tar' && !/lzma|tlz/.test(ending)) {
      const flipped = Uint8Array.from(packed)
      flipped[Math.floor(packed.length / 2)]! ^= 4
      await refused(flipped)
    }
  })
}

test('readSdistFile() gives one file of a sound archive and nothing of an unsound one', async (t) => {
  const context = testContext(t)
  const read = async (sdist: SdistInput, name: string): Promise<string | undefined> => {
    const found = await readSdistFile(context, { bytes: buildSdist(sdist), filename: sdistFilename(app), path: name })
    return found === undefined ? undefined : Buffer.from(found).toString()
  }
  assert.match((await read(app, 'PKG-INFO'))!, /^Name: app$/m)
  assert.equal(await read(app, 'pyproject.toml'), undefined)
  assert.equal(await read(app, 'src/deep/er.txt'), 'x')
  await assert.rejects(read({ ...app, shape: { end: 0 } }, 'PKG-INFO'), (error) => isDenError(error, 'invalid-archive'))
  assert.deepEqual(fs.readdirSync(context.root), [])
})

test('unpackSdist() stops by the signal', async (t) => {
  const signal = AbortSignal.abort()
  const context = testContext(t, { signal })
  const directory = path.join(context.root, 'out')
  const options = { bytes: buildSdist(app), filename: sdistFilename(app), directory }
  await assert.rejects(unpackSdist(context, options), (error) => isDenError(error, 'aborted'))
})
