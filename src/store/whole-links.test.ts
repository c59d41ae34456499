import assert from 'node:assert/strict'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { fakeElf } from '../../tests/kit/binaries.ts'
import { testContext } from '../../tests/kit/context.ts'
import { buildWheel, type WheelInput, wheelFilename } from '../../tests/kit/wheel.ts'
import { bytesSource } from '../format/zip.ts'
import { sha256Hex } from '../host/hash.ts'
import type { TreeManifest } from './manifest.ts'
import { unpackWheel } from './unpack.ts'

async function manifestOf(t: TestContext, wheel: Partial<WheelInput>): Promise<TreeManifest> {
  const context = testContext(t)
  const input = { name: 'app', version: '1.0', ...wheel }
  const bytes = buildWheel(input)
  return await unpackWheel(context, {
    source: bytesSource(bytes),
    sha256: sha256Hex(bytes),
    filename: wheelFilename(input),
    directory: path.join(context.root, 'tree'),
    readOnly: true,
  })
}

const linksOf = (manifest: TreeManifest): readonly string[] => manifest.whole[0]!.links.map(([name]) => name).sort()

test('packages and modules are linked whole, dist-info is not', async (t) => {
  const manifest = await manifestOf(t, {
    files: { 'app/__init__.py': '', 'app/sub/data.txt': '', 'one.py': '', 'app.libs/libx.so.1': '' },
  })
  assert.deepEqual(manifest.whole[0]!.real, [])
  assert.deepEqual(linksOf(manifest), ['app', 'app.libs', 'one.py'])
  assert.deepEqual(
    manifest.distInfoFiles.map(([name]) => name),
    ['METADATA', 'WHEEL'],
  )
})

test('a directory that could be a namespace is real, down to the first package', async (t) => {
  const manifest = await manifestOf(t, {
    files: {
      'google/cloud/storage/__init__.py': '',
      'google/cloud/storage/deep/x.py': '',
      'old/__init__.py': "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n",
      'old/part/__init__.py': '',
      'older/__init__.py': "__import__('pkg_resources').declare_namespace(__name__)\n",
      'older/m.py': '',
      'types-stubs/x.pyi': '',
      'compiled/__init__.cpython-313-x86_64-linux-gnu.so': '',
    },
  })
  assert.deepEqual(
    manifest.whole[0]!.real.map(([name, why]) => `${name} ${why}`),
    ['google namespace', 'google/cloud namespace', 'old namespace', 'older namespace', 'types-stubs namespace'],
  )
  assert.deepEqual(linksOf(manifest), [
    'compiled',
    'google/cloud/storage',
    'old/__init__.py',
    'old/part',
    'older/__init__.py',
    'older/m.py',
    'types-stubs/x.pyi',
  ])
})

test('directories above a library that looks outside the tree are real, for no other library', async (t) => {
  const leaving = fakeElf({ runpath: '$ORIGIN:$ORIGIN/../../nvidia/lib' })
  const manifest = await manifestOf(t, {
    rootIsPurelib: false,
    files: {
      'torch/__init__.py': '',
      'torch/lib/libtorch.so': leaving,
      'torch/lib/sub/x.txt': '',
      'torch/other/y.py': '',
      'inside/__init__.py': '',
      // Oddly spelled, and to a directory of the same tree.
      'inside/a.so': fakeElf({ runpath: '${ORIGIN}/./../inside.libs//' }),
      'inside.libs/libz.so': fakeElf({ runpath: '/usr/lib:$ORIGIN' }),
      'up/__init__.py': '',
      'up/x.so': fakeElf({ machine: 'i686', runpath: '$ORIGIN/../../..' }),
      'up/sub/__init__.py': '',
    },
  })
  assert.equal(manifest.whole[0]!.scheme, 'platlib')
  assert.deepEqual(
    manifest.whole[0]!.real.map(([name, why]) => `${name} ${why}`),
    ['torch runpath', 'torch/lib runpath', 'up runpath'],
  )
  assert.deepEqual(linksOf(manifest), [
    'inside',
    'inside.libs',
    'torch/__init__.py',
    'torch/lib/libtorch.so',
    'torch/lib/sub',
    'torch/other',
    'up/__init__.py',
    'up/sub',
    'up/x.so',
  ])
})

test('the manifest tells what an installation needs without opening a file', async (t) => {
  const manifest = await manifestOf(t, {
    files: {
      'app/__init__.py': '',
      'hook.pth': '# comment\nimport app; app.hook()\n./dir\n',
      'paths.pth': 'dir\n',
      'hook.start': '# x\napp:hook\n',
      'sitecustomize.py': '',
      'app/inner.pth': 'import x\n',
    },
    entryPoints:
      '[console_scripts]\nt = app:main\n[pytest11]\na = app.plugin\nb = app\nc = other.p:x\n[group]\nx = y\n',
    requires: ['six>=1; extra == "x"'],
    requiresPython: '>=3.8',
    data: { data: { 'share/x': '1' }, purelib: { 'more/__init__.py': '' } },
  })
  assert.deepEqual(manifest.startup, [
    { name: 'hook.pth', code: ['import app; app.hook()'] },
    { name: 'hook.start', code: ['app:hook'] },
    { name: 'paths.pth', code: [] },
    { name: 'sitecustomize.py', code: [] },
  ])
  assert.deepEqual(manifest.pytestPackages, ['app', 'other'])
  assert.deepEqual(manifest.entryPoints.at(-1), ['group', 'x', 'y'])
  assert.deepEqual(manifest.requiresDist, ['six>=1; extra == "x"'])
  assert.equal(manifest.requiresPython, '>=3.8')
  assert.deepEqual([manifest.tags, manifest.generator], [['py3-none-any'], 'den-kit'])
  assert.deepEqual(
    manifest.outside.map(({ scheme }) => scheme),
    ['data'],
  )
  assert.deepEqual(
    manifest.whole.map(({ from, links }) => [from, links.length]),
    [
      ['', 5],
      ['app-1.0.data/purelib', 1],
    ],
  )
  const files = manifest.parts.flatMap((part) => part.directories.flatMap((directory) => directory.files))
  assert.equal(files.length, manifest.fileCount)
  assert.equal(
    files.reduce((sum, [, size]) => sum + size, 0),
    manifest.size,
  )
})
