// `den pip install`, `download` and `wheel` as a user runs them: the real executable, a real Python, an index of the test's own.

import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { den, runProgram } from '../kit/den.ts'
import { servedWheel } from '../kit/index-server.ts'
import { appWheel, baseWheel, type PipScene, pipScene } from '../kit/pip-scene.ts'
import { pythonOr } from '../kit/pythons.ts'
import { type Tree, writeTree } from '../kit/scratch.ts'
import { buildWheel, type WheelInput, wheelFilename } from '../kit/wheel.ts'

const app = (version: string, more: Partial<WheelInput> = {}): WheelInput =>
  appWheel(version, {
    requires: [`base>=${version}`, 'extra-thing ; extra == "more"', 'never ; python_version < "2"'],
    ...more,
  })

const scene = (t: TestContext, line = '3.12', tree: Tree = {}): Promise<PipScene | undefined> =>
  pipScene(t, {
    line,
    tree,
    files: [
      servedWheel(app('1.0')),
      servedWheel(app('2.0')),
      servedWheel(app('3.0rc1', { requires: [] })),
      servedWheel(baseWheel('1.0')),
      servedWheel(baseWheel('2.0')),
      servedWheel({ name: 'extra-thing', version: '1.0', files: { 'extra_thing.py': '' } }),
      servedWheel({ name: 'clash', version: '1.0', requires: ['base<2'] }),
      servedWheel({ name: 'yanked', version: '1.0' }, { yanked: 'broken' }),
    ],
  })

test('pip install puts a package and what it needs in, upgrades it, and takes it out', async (t) => {
  const s = await scene(t)
  if (s === undefined) return
  assert.match(await s.done('install', 'app==1.0'), /^Successfully installed app-1\.0 base-2\.0$/m)
  assert.equal(await s.python('import app, base; print(app.version, base.version)'), '1.0 2.0')
  assert.equal((await runProgram(path.join(s.root, '.venv/bin/app'), [], { cwd: s.root })).stdout, 'app 1.0\n')
  assert.match(await s.done('install', 'app'), /^Requirement already satisfied: app in .* \(1\.0\)$/m)
  assert.match(await s.done('install', '-U', 'app'), /^Successfully installed app-2\.0$/m)
  assert.equal(await s.list(), 'app==2.0 base==2.0')
  assert.deepEqual(
    fs
      .readdirSync(s.site)
      .filter((name) => name.startsWith('app'))
      .sort(),
    ['app', 'app-2.0.dist-info'],
  )
  await s.done('uninstall', '-y', 'app', 'base')
  assert.equal(await s.list(), '')
  assert.deepEqual(fs.readdirSync(s.site), [])
})

test('a second environment asks the index for no file: the store has them', async (t) => {
  const s = await scene(t)
  if (s === undefined) return
  await s.done('install', 'app')
  const asked = s.index.paths().filter((place) => place.startsWith('/files/') && place.endsWith('.whl')).length
  const python = pythonOr(t, '3.12')!
  await den(['create', '-p', python.executable, '--seed', 'none', 'second'], { cwd: s.root })
  await s.done('--python', 'second', 'install', 'app')
  assert.equal(s.index.paths().filter((place) => place.startsWith('/files/') && place.endsWith('.whl')).length, asked)
  const [one, two] = ['.venv', 'second'].map(
    (name) => fs.statSync(path.join(s.root, name, 'lib/python3.12/site-packages/base.py')).ino,
  )
  assert.equal(one, two, 'the same file, linked twice')
})

test('extras, pre-releases, yanked releases and versions that clash', async (t) => {
  const s = await scene(t)
  if (s === undefined) return
  assert.match(
    await s.done('install', '--dry-run', 'app[more]'),
    /^Would install app-2\.0 base-2\.0 extra-thing-1\.0$/m,
  )
  assert.match(await s.done('install', '--dry-run', '--pre', 'app', 'base'), /app-3\.0rc1/)
  assert.match(await s.done('install', '--dry-run', '--no-deps', 'app'), /^Would install app-2\.0$/m)
  assert.match(await s.done('install', '--dry-run', 'yanked==1.0'), /yanked-1\.0/)
  assert.equal(await s.list(), '')
  for (const wanted of [['yanked'], ['nothing-there'], ['app==9'], ['app==2.0', 'clash']]) {
    const refused = await s.pip('install', ...wanted)
    assert.equal(refused.code, 1, wanted.join(' '))
    assert.match(refused.stderr, /no-solution/)
  }
  assert.equal(await s.list(), '')
})

test('requirements files: includes, constraints, hashes, options', async (t) => {
  const wheel = buildWheel(app('1.0'))
  const sha256 = crypto.createHash('sha256').update(wheel).digest('hex')
  const baseHash = crypto
    .createHash('sha256')
    .update(buildWheel(baseWheel('1.0')))
    .digest('hex')
  const s = await scene(t, '3.12', {
    'requirements.txt': '-r more.txt\n-c limits.txt\napp  # the app\n',
    'more.txt': 'extra_thing\n',
    'limits.txt': 'base<2\napp<2\n',
    'hashed.txt': `app==1.0 --hash=sha256:${sha256}\nbase==1.0 --hash=sha256:${baseHash}\n`,
    'wrong.txt': `app==1.0 --hash=sha256:${'0'.repeat(64)}\nbase==1.0 --hash=sha256:${baseHash}\n`,
    'unpinned.txt': `app>=1.0 --hash=sha256:${sha256}\n`,
  })
  if (s === undefined) return
  await s.done('install', '-r', 'requirements.txt')
  assert.equal(await s.list(), 'app==1.0 base==1.0 extra-thing==1.0')
  await s.done('uninstall', '-y', 'app', 'base', 'extra-thing')
  for (const [file, code] of [
    ['wrong.txt', 'hash-mismatch|no-solution'],
    ['unpinned.txt', 'hashes-required'],
  ] as const) {
    const refused = await s.pip('install', '-r', file)
    assert.equal(refused.code, 1, file)
    assert.match(refused.stderr, new RegExp(code))
    assert.equal(await s.list(), '')
  }
  await s.done('install', '-r', 'hashed.txt')
  assert.equal(await s.list(), 'app==1.0 base==1.0')
  assert.match((await s.pip('install', '-r', 'nowhere.txt')).stderr, /requirements-file-missing/)
})

const backend = `
import os, zipfile
def _build(directory, editable):
    name = "own-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(directory, name), "w") as z:
        if editable:
            z.writestr("own.pth", os.path.join(os.getcwd(), "src") + "\\n")
        else:
            z.writestr("own.py", "where = 'built'\\n")
        z.writestr("own-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: own\\nVersion: 1.0\\nRequires-Dist: base\\n")
        z.writestr("own-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: own\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        rows = [(n, "", "") for n in z.namelist()]
        import hashlib, base64
        text = ""
        for n in z.namelist():
            data = z.read(n)
            text += "%s,sha256=%s,%d\\n" % (n, base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode(), len(data))
        z.writestr("own-1.0.dist-info/RECORD", text + "own-1.0.dist-info/RECORD,,\\n")
    return name
def build_wheel(directory, config_settings=None, metadata_directory=None):
    return _build(directory, False)
def build_editable(directory, config_settings=None, metadata_directory=None):
    return _build(directory, True)
`
const project = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'

test('a local project is built, or installed to be edited', async (t) => {
  const s = await scene(t, '3.12', {
    'own/pyproject.toml': project,
    'own/backend.py': backend,
    'own/src/own.py': "where = 'source'\n",
  })
  if (s === undefined) return
  await s.done('install', './own')
  assert.equal(await s.python('import own, base; print(own.where)'), 'built')
  const [distInfo] = fs.readdirSync(s.site).filter((name) => name.startsWith('own-'))
  assert.deepEqual(JSON.parse(fs.readFileSync(path.join(s.site, distInfo!, 'direct_url.json'), 'utf8')), {
    url: `file://${s.root}/own`,
    dir_info: {},
  })
  await s.done('install', '-e', './own')
  assert.equal(await s.python('import own; print(own.where)'), 'source')
  assert.match(await s.done('freeze'), /^-e .*own$/m)
  await s.done('wheel', '-w', 'wheels', '--no-deps', './own')
  assert.deepEqual(fs.readdirSync(path.join(s.root, 'wheels')), ['own-1.0-py3-none-any.whl'])
})

test('a backend that fails says so, and nothing is changed', async (t) => {
  const s = await scene(t, '3.12', {
    'bad/pyproject.toml': project,
    'bad/backend.py': 'def build_wheel(*given, **named):\n    raise SystemExit("no compiler for you")\n',
  })
  if (s === undefined) return
  const refused = await s.pip('install', 'base', './bad')
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /build-failed/)
  assert.match(refused.stderr, /no compiler for you/)
  assert.equal(await s.list(), '')
})

test('without isolation the environment builds, and what it lacks is told when asked', async (t) => {
  const s = await scene(t, '3.12', {
    'own/pyproject.toml': project.replace('requires = []', 'requires = ["base>=2"]'),
    'own/backend.py': backend,
  })
  if (s === undefined) return
  const refused = await s.pip('install', '--no-build-isolation', '--check-build-dependencies', '--no-deps', './own')
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /build-dependencies-missing/)
  assert.match(refused.stderr, /den pip install 'base>=2'/)
  await s.done('install', 'base')
  await s.done('install', '--no-build-isolation', '--check-build-dependencies', './own')
  assert.equal(await s.list(), 'base==2.0 own==1.0')
})

test('--target, --prefix, --root and wheels by path and address', async (t) => {
  const s = await scene(t)
  if (s === undefined) return
  await s.done('install', '--no-compile', '--target', 'lib', 'app==1.0')
  assert.deepEqual(fs.readdirSync(path.join(s.root, 'lib')).sort(), [
    'app',
    'app-1.0.dist-info',
    'base-2.0.dist-info',
    'base.py',
    'bin',
  ])
  // What is there is left alone, whatever comes beside it, until --upgrade is said.
  for (const name of ['base.py', 'base-2.0.dist-info']) fs.rmSync(path.join(s.root, 'lib', name), { recursive: true })
  const version = (): string[] => fs.readdirSync(path.join(s.root, 'lib')).filter((name) => /^(app|base)-/.test(name))
  const again = await s.pip('install', '--no-compile', '--target', 'lib', 'app==2.0')
  assert.equal(again.code, 0)
  assert.match(again.stderr, /WARNING: app 1\.0 is in \S*lib and stays as it is: --upgrade replaces it/)
  assert.match(again.stdout, /Successfully installed base-2\.0\n/)
  assert.deepEqual(version(), ['app-1.0.dist-info', 'base-2.0.dist-info'])
  await s.done('install', '--no-compile', '--target', 'lib', '--upgrade', 'app==2.0')
  assert.deepEqual(version(), ['app-2.0.dist-info', 'base-2.0.dist-info'])
  await s.done('install', '--prefix', 'pre', '--no-deps', 'app==1.0')
  assert.ok(fs.existsSync(path.join(s.root, 'pre/lib/python3.12/site-packages/app/__init__.py')))
  assert.ok(fs.existsSync(path.join(s.root, 'pre/bin/app')))
  await s.done('install', '--root', 'image', '--no-deps', 'app==1.0')
  assert.ok(fs.existsSync(path.join(s.root, 'image', s.site, 'app/__init__.py')))
  assert.equal(await s.list(), '')

  const name = wheelFilename(baseWheel('1.0'))
  writeTree(s.root, { [name]: buildWheel(baseWheel('1.0')) })
  await s.done('install', `./${name}`)
  const told = JSON.parse(fs.readFileSync(path.join(s.site, 'base-1.0.dist-info/direct_url.json'), 'utf8'))
  assert.equal(told.url, `file://${s.root}/${name}`)
  assert.match(told.archive_info.hashes.sha256, /^[0-9a-f]{64}$/)
  await s.done('install', `base @ ${s.index.origin}/files/${wheelFilename(baseWheel('2.0'))}`)
  assert.equal(await s.list(), 'base==2.0')
})

test('download and wheel hand over no wheel that install would refuse, and nothing of the set', async (t) => {
  const empty = baseWheel('1.0')
  const s = await pipScene(t, {
    files: [
      servedWheel({ ...empty, name: 'empty', record: '' }),
      servedWheel({
        ...empty,
        name: 'lies',
        record: (right) => right.replace(/(base\.py,sha256=)[\w-]{6}/, '$1AAAAAA'),
      }),
      servedWheel({ ...empty, name: 'adds', extra: [{ name: 'more.py', data: 'x = 1\n' }] }),
      servedWheel({ ...empty, name: 'good' }),
    ],
  })
  if (s === undefined) return
  for (const name of ['empty', 'lies', 'adds']) {
    const told = new RegExp(`invalid-wheel[\\s\\S]*${name}-1\\.0-py3-none-any\\.whl[\\s\\S]*RECORD`)
    assert.match(await s.refused('install', name), told)
    assert.match(await s.refused('download', '-d', 'files', 'good', name), told)
    assert.match(await s.refused('wheel', '-w', 'files', 'good', name), told)
    assert.equal(fs.existsSync(path.join(s.root, 'files')), false)
  }
  await s.done('download', '-d', 'files', 'good')
  assert.deepEqual(fs.readdirSync(path.join(s.root, 'files')), ['good-1.0-py3-none-any.whl'])
})

test('download takes one of the hashes that a requirement allows, wherever the file lies', async (t) => {
  const s = await pipScene(t)
  if (s === undefined) return
  const bytes = buildWheel(baseWheel('1.0'))
  writeTree(s.root, { 'links/base-1.0-py3-none-any.whl': bytes })
  const right = crypto.createHash('sha256').update(bytes).digest('hex')
  const line = (...digests: readonly string[]): string =>
    `base==1.0 ${digests.map((digest) => `--hash=sha256:${digest}`).join(' ')}\n`
  const download = ['download', '--no-index', '--find-links', 'links', '-d', 'files', '-r', 'r.txt']
  fs.writeFileSync(path.join(s.root, 'r.txt'), line('a'.repeat(64), 'b'.repeat(64)))
  assert.match(await s.refused(...download), /base/)
  fs.writeFileSync(path.join(s.root, 'r.txt'), line('a'.repeat(64), right))
  await s.done(...download)
})

test('download saves files, and installs from them without an index', async (t) => {
  const s = await scene(t)
  if (s === undefined) return
  await s.done('download', '-d', 'files', 'app==1.0')
  assert.deepEqual(fs.readdirSync(path.join(s.root, 'files')).sort(), [
    'app-1.0-py3-none-any.whl',
    'base-2.0-py3-none-any.whl',
  ])
  const asked = s.index.requests.length
  await s.done('install', '--no-index', '--find-links', 'files', 'app')
  assert.equal(s.index.requests.length, asked)
  assert.equal(await s.list(), 'app==1.0 base==2.0')
})

test('who asks for what nobody knows is told where den looked, and no password', async (t) => {
  const s = await scene(t)
  if (s === undefined) return
  fs.mkdirSync(path.join(s.root, 'files'))
  const secret = s.index.url.replace('://', '://me:secret@')
  const lost = await s.pip('install', '--index-url', secret, '--find-links', 'files', 'app', 'lost')
  assert.equal(lost.code, 1)
  assert.doesNotMatch(lost.stderr, /secret/)
  const shown = s.index.url.replace('://', '://****@')
  assert.ok(lost.stderr.includes(`        looked in: ${shown}, files\n`), lost.stderr)
  const nowhere = await s.pip('install', '--no-index', 'app')
  assert.match(nowhere.stderr, /den looked nowhere: .*\n +fix: leave --no-index out, or name a place: --find-links DIR/)
  // A version that is not there is no matter of places.
  assert.doesNotMatch((await s.pip('install', 'app>9')).stderr, /looked in/)
})

test('the report is pip’s', async (t) => {
  const s = await scene(t)
  if (s === undefined) return
  const report = JSON.parse(await s.done('install', '-q', '--dry-run', '--report', '-', 'app[more]==1.0'))
  assert.equal(report.version, '1')
  assert.equal(report.environment.python_version, '3.12')
  const one = report.install.find((each: { metadata: { name: string } }) => each.metadata.name === 'app')
  assert.equal(one.requested, true)
  assert.deepEqual(one.requested_extras, ['more'])
  assert.equal(one.is_direct, false)
  assert.match(one.download_info.archive_info.hashes.sha256, /^[0-9a-f]{64}$/)
  assert.ok(one.metadata.requires_dist.includes('base>=1.0'))

  // Nobody promises a hash of a file that is here: it is worked out.
  const wheel = buildWheel(baseWheel('1.0'))
  const name = wheelFilename(baseWheel('1.0'))
  writeTree(s.root, { [`files/${name}`]: wheel })
  const sha256 = crypto.createHash('sha256').update(wheel).digest('hex')
  for (const wish of [['--no-index', '--find-links', 'files', 'base'], [`./files/${name}`]]) {
    const { install } = JSON.parse(await s.done('install', '-q', '--dry-run', '--report', '-', ...wish))
    assert.deepEqual(install[0].download_info.archive_info, { hash: `sha256=${sha256}`, hashes: { sha256 } })
  }
})

test('Python 2.7 gets packages as well', async (t) => {
  const s = await scene(t, '2.7')
  if (s === undefined) return
  s.index.add(servedWheel({ name: 'old', version: '1.0', tag: 'py2-none-any', files: { 'old.py': 'x = 1\n' } }))
  await s.done('install', 'old')
  assert.equal(await s.python('import old; print(old.x)'), '1')
})
