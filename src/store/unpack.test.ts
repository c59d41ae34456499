import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { buildWheel, type WheelInput, wheelFilename } from '../../tests/kit/wheel.ts'
import { diagnose, isDenError } from '../base/error.ts'
import type { ErrorCode } from '../base/errors/catalogue.ts'
import { bytesSource } from '../format/zip.ts'
import { sha256Hex } from '../host/hash.ts'
import type { Context } from '../host/host.ts'
import type { TreeManifest } from './manifest.ts'
import { unpackWheel } from './unpack.ts'

async function unpack(
  t: TestContext,
  wheel: WheelInput,
  filename: string = wheelFilename(wheel),
  context: Context & { readonly root: string } = testContext(t),
): Promise<{ manifest: TreeManifest; directory: string }> {
  const bytes = buildWheel(wheel)
  const directory = path.join(context.root, 'tree')
  const source = bytesSource(bytes)
  const manifest = await unpackWheel(context, { source, sha256: sha256Hex(bytes), filename, directory, readOnly: true })
  return { manifest, directory }
}

const app: WheelInput = { name: 'app', version: '1.0' }

test('unpackWheel() keeps the layout, makes it read-only and lists it', async (t) => {
  const { manifest, directory } = await unpack(t, {
    ...app,
    files: { 'app/__init__.py': '', 'app/data/x.txt': 'x', 'one.py': '1' },
    scripts: { app: 'app:main', 'app-2': 'app.cli:group.run' },
    guiScripts: { appw: 'app:gui' },
    data: {
      scripts: { tool: '#!python\nprint(1)\n', 'tool.sh': '#!/bin/sh\n' },
      data: { 'share/app/x': 'x' },
      headers: { 'app.h': '' },
    },
    executables: ['one.py'],
  })
  assert.equal(fs.readFileSync(path.join(directory, 'app/data/x.txt'), 'utf8'), 'x')
  assert.deepEqual(manifest.topLevel, ['app', 'app-1.0.dist-info', 'one.py'])
  assert.deepEqual(
    manifest.parts.map((part) => [part.scheme, part.from, part.directories.map((one) => one.path)]),
    [
      ['purelib', '', ['', 'app', 'app-1.0.dist-info', 'app/data']],
      ['scripts', 'app-1.0.data/scripts', ['']],
      ['data', 'app-1.0.data/data', ['share', 'share/app']],
      ['headers', 'app-1.0.data/headers', ['']],
    ],
  )
  const [top] = manifest.parts[0]!.directories
  assert.deepEqual(
    top!.files.map(([name, size, , flags]) => [name, size, flags]),
    [['one.py', 1, 1]],
  )
  const scripts = manifest.parts[1]!.directories[0]!.files
  assert.deepEqual(
    scripts.map(([name, , , flags]) => [name, flags]),
    [
      ['tool', 3],
      ['tool.sh', 1],
    ],
  )
  assert.deepEqual(manifest.consoleScripts, [
    { name: 'app', module: 'app', attribute: 'main' },
    { name: 'app-2', module: 'app.cli', attribute: 'group.run' },
  ])
  assert.deepEqual(manifest.guiScripts, [{ name: 'appw', module: 'app', attribute: 'gui' }])
  const facts = fs.statSync(path.join(directory, 'app/__init__.py'))
  assert.equal(facts.mode & 0o777, 0o444)
  assert.equal(facts.mtimeMs, manifest.modified)
  assert.equal(fs.statSync(path.join(directory, 'one.py')).mode & 0o777, 0o555)
  assert.equal(fs.statSync(path.join(directory, 'app/data')).mode & 0o777, 0o555)
  // RECORD, INSTALLER and their kin are the installer's to write.
  assert.equal(fs.existsSync(path.join(directory, 'app-1.0.dist-info/RECORD')), false)
})

test('unpackWheel() gives its modes under any umask, and times that every file system can keep', async (t) => {
  const umask = process.umask(0o077)
  t.after(() => process.umask(umask))
  const base = testContext(t)
  const context = { ...base, host: { ...base.host, now: () => 1_700_000_001_234 } }
  const files = { 'app.py': '', 'run.py': '' }
  const { directory, manifest } = await unpack(t, { ...app, files, executables: ['run.py'] }, undefined, context)
  const modeOf = (name: string): number => fs.statSync(path.join(directory, name)).mode & 0o777
  assert.deepEqual(['app.py', 'run.py', 'app-1.0.dist-info/METADATA', '.'].map(modeOf), [0o444, 0o555, 0o444, 0o555])
  assert.equal(manifest.modified, 1_700_000_000_000)
})

test('unpackWheel() takes a compiled wheel to platlib', async (t) => {
  const { manifest } = await unpack(t, { ...app, rootIsPurelib: false, tag: 'cp313-cp313-manylinux_2_17_x86_64' })
  assert.equal(manifest.parts[0]!.scheme, 'platlib')
})

test('unpackWheel() lets names through that only look like reserved ones', async (t) => {
  const { manifest } = await unpack(t, {
    ...app,
    scripts: {
      'activate-global-python-argcomplete': 'a:b',
      'python-argcomplete-check': 'a:b',
      pythonic: 'a:b',
      '2to3': 'a:b',
    },
    data: { data: { 'share/pyvenv.cfg': '', 'etc/activate': '' }, purelib: { 'virtualenv/_virtualenv.py': '' } },
  })
  assert.equal(manifest.consoleScripts.length, 4)
})

test('unpackWheel() heals a RECORD that lists files which are not there', async (t) => {
  const { manifest } = await unpack(t, {
    ...app,
    record: (right) => `ghost.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n${right}`,
  })
  assert.deepEqual(
    manifest.parts[0]!.directories[0]!.files.map(([name]) => name),
    ['app.py'],
  )
})

const other = { name: 'app.py', data: 'evil', mode: 0o100644 }
const hostile: Record<string, readonly [WheelInput, ErrorCode, RegExp, string?]> = {
  'a file that RECORD does not list': [
    { ...app, extra: [{ ...other, name: 'evil.py' }] },
    'invalid-wheel',
    /does not list evil\.py/,
  ],
  'a file that is not what RECORD says': [
    { ...app, record: (right) => right.replace(/sha256=./, 'sha256=_') },
    'invalid-wheel',
    /not what its RECORD says|vouches/,
  ],
  'a size that RECORD has otherwise': [
    { ...app, record: (right) => right.replace(/^(app\.py,[^,]*),\d+/m, '$1,3') },
    'invalid-wheel',
    /another size/,
  ],
  'a RECORD without a hash': [
    { ...app, record: (right) => right.replace(/^app\.py,.*$/m, 'app.py,,') },
    'invalid-wheel',
    /no hash/,
  ],
  'a RECORD by MD5': [
    { ...app, record: (right) => right.replace(/^app\.py,.*$/m, 'app.py,md5=rL0Y20zC-Fzt72VPzMSk2A,') },
    'invalid-wheel',
    /proves nothing/,
  ],
  'a RECORD that leaves the wheel': [
    { ...app, record: (right) => `../../evil,,\n${right}` },
    'invalid-record',
    /leads out/,
  ],
  'an absolute path in RECORD': [
    { ...app, record: (right) => `/etc/passwd,,\n${right}` },
    'invalid-record',
    /relative/,
  ],
  'no RECORD': [{ ...app, record: '' }, 'invalid-wheel', /does not list/],
  'a path that climbs': [
    { ...app, extra: [{ ...other, name: '../evil.py' }] },
    'invalid-archive',
    /leaves the archive/,
  ],
  'a directory that only starts like the target': [
    { ...app, extra: [{ ...other, name: '../tree_evil/x.py' }] },
    'invalid-archive',
    /leaves the archive/,
  ],
  'a symbolic link': [
    { ...app, extra: [{ name: 'l', data: '/etc', mode: 0o120777 }] },
    'invalid-archive',
    /symbolic link/,
  ],
  'a duplicate': [{ ...app, extra: [other] }, 'invalid-archive', /there twice/],
  'a file and a directory of one name': [
    { ...app, extra: [{ ...other, name: 'app.py/x' }] },
    'invalid-archive',
    /one place/,
  ],
  'a second dist-info': [
    { ...app, extra: [{ ...other, name: 'b-1.0.dist-info/METADATA' }] },
    'invalid-wheel',
    /several dist-info/,
  ],
  'a dist-info of another project': [app, 'invalid-wheel', /something else/, 'other-1.0-py3-none-any.whl'],
  'a dist-info of another version': [app, 'invalid-wheel', /something else/, 'app-2.0-py3-none-any.whl'],
  'METADATA of another project': [
    { ...app, metadata: 'Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n' },
    'invalid-wheel',
    /says evil/,
  ],
  'METADATA of another version': [
    { ...app, metadata: 'Metadata-Version: 2.1\nName: app\nVersion: 2.0\n' },
    'invalid-wheel',
    /says app 2\.0/,
  ],
  'a newer major wheel format': [{ ...app, wheelVersion: '2.0' }, 'invalid-metadata', /version 1 of the wheel/],
  'a name that is no wheel’s': [app, 'invalid-filename', /./, 'app.zip'],
  'an unknown scheme': [{ ...app, data: { stdlib: { 'os.py': '' } } }, 'install-refused', /schemes are/],
  'the data of something else': [
    { ...app, extra: [{ ...other, name: 'x-1.data/scripts/y' }], record: (right) => right },
    'install-refused',
    /only data directory/,
  ],
  'a script that is a path': [{ ...app, scripts: { '../../evil': 'a:b' } }, 'invalid-metadata', /plain file name/],
  'a script that is an absolute path': [
    { ...app, scripts: { '/tmp/evil': 'a:b' } },
    'invalid-metadata',
    /plain file name/,
  ],
  'a script called ..': [{ ...app, scripts: { '..': 'a:b' } }, 'invalid-metadata', /plain file name/],
  'a script with a backslash': [{ ...app, scripts: { 'a\\b': 'a:b' } }, 'invalid-metadata', /plain file name/],
  'a script that looks like an option': [{ ...app, scripts: { '-rf': 'a:b' } }, 'install-refused', /letters, digits/],
  'a script with a space': [{ ...app, scripts: { 'a b': 'a:b' } }, 'install-refused', /letters, digits/],
  'code in a reference': [
    { ...app, scripts: { x: 'os;import evil:main' } },
    'invalid-metadata',
    /refers to a function/,
  ],
  'code in a reference’s function': [
    { ...app, scripts: { x: 'app:main()' } },
    'invalid-metadata',
    /refers to a function/,
  ],
  'a script named python': [{ ...app, scripts: { python: 'a:b' } }, 'install-refused', /belongs to the environment/],
  'a script named PYTHON3.13': [
    { ...app, scripts: { 'PYTHON3.13': 'a:b' } },
    'install-refused',
    /belongs to the environment/,
  ],
  'a gui script named pythonw': [
    { ...app, guiScripts: { pythonw: 'a:b' } },
    'install-refused',
    /belongs to the environment/,
  ],
  'a script named activate': [
    { ...app, scripts: { activate: 'a:b' } },
    'install-refused',
    /belongs to the environment/,
  ],
  'a brought script named python3': [
    { ...app, data: { scripts: { python3: '#!/bin/sh\n' } } },
    'install-refused',
    /belongs to the environment/,
  ],
  'a brought script named Activate.ps1': [
    { ...app, data: { scripts: { 'Activate.ps1': '' } } },
    'install-refused',
    /belongs to the environment/,
  ],
  'a brought activate_this.py': [
    { ...app, data: { scripts: { 'activate_this.py': '' } } },
    'install-refused',
    /belongs to the environment/,
  ],
  'pyvenv.cfg beside the interpreter': [
    { ...app, data: { scripts: { 'pyvenv.cfg': '' } } },
    'install-refused',
    /belongs to the environment/,
  ],
  'pyvenv.cfg as data': [
    { ...app, data: { data: { 'PyVenv.cfg': '' } } },
    'install-refused',
    /belongs to the environment/,
  ],
  'bin/python as data': [
    { ...app, data: { data: { 'bin/python': '' } } },
    'install-refused',
    /belongs to the environment/,
  ],
  'Scripts/python.exe as data': [
    { ...app, data: { data: { 'Scripts/python.exe': '' } } },
    'install-refused',
    /belongs to the environment/,
  ],
  'site.py of Python 2.7 as data': [
    { ...app, data: { data: { 'lib/python2.7/site.py': '' } } },
    'install-refused',
    /belongs to the environment/,
  ],
  '_virtualenv.pth': [
    { ...app, files: { '_virtualenv.pth': 'import evil' } },
    'install-refused',
    /belongs to the environment/,
  ],
}

for (const [what, [wheel, code, reason, filename]] of Object.entries(hostile)) {
  test(`unpackWheel() refuses ${what}`, async (t) => {
    const context = testContext(t)
    await assert.rejects(unpack(t, wheel, filename, context), (error: unknown) => {
      assert.ok(isDenError(error, code), String(error))
      const { what: sentence, why = '' } = diagnose(error)
      assert.match(`${sentence}\n${why}`, reason)
      return true
    })
    // Whatever was written by then stands in the tree's own directory, which the store throws away.
    assert.ok(fs.readdirSync(context.root).every((name) => name === 'tree'))
  })
}
