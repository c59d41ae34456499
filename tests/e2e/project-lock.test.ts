// den lock: what it writes, keeps, checks and refuses; with nothing to do nobody is asked.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import type { LockProjectResult } from '../../src/commands/project-lock.ts'
import { plainProject, projectScene } from '../kit/change-scene.ts'
import { servedWheel, serveIndex } from '../kit/index-server.ts'
import { pythonOr } from '../kit/pythons.ts'

test('a lock is written, is then up to date without a request, and is stale when the project asks for something else', async (t) => {
  const scene = await projectScene(t)
  if (scene === undefined) return
  const first = (await scene.done('lock', '--json')).json<LockProjectResult>()
  assert.equal(first.outcome, 'written')
  assert.deepEqual(first.because, ['there is no lock yet'])
  assert.deepEqual(first.changes, [{ name: 'base', before: [], after: ['2.0'] }])
  const text = scene.read('pylock.toml')
  const asked = scene.index.requests.length

  const again = await scene.done('lock')
  assert.match(again.stderr, /^pylock\.toml is up to date: 1 package\n$/)
  assert.equal((await scene.den('lock', '--check')).code, 0)
  assert.equal(scene.index.requests.length, asked)
  assert.equal(scene.read('pylock.toml'), text)

  scene.write('pyproject.toml', plainProject.replace('"base>=1"', '"base>=1", "app<2"'))
  const check = await scene.den('lock', '--check', '--json')
  assert.equal(check.code, 1)
  assert.equal(check.json<LockProjectResult>().outcome, 'outdated')
  assert.deepEqual(check.json<LockProjectResult>().because, ['app<2 is new'])
  const dry = await scene.done('lock', '--dry-run')
  assert.equal(dry.stdout, '+ app 1.5.2\n')
  assert.equal(scene.read('pylock.toml'), text)
  const written = await scene.done('lock')
  assert.match(written.stderr, /^\+ app 1\.5\.2\nlocked 2 packages in .*: pylock\.toml\n$/m)
  assert.equal(scene.locked(), 'app==1.5.2 base==2.0')
})

test('what is locked stays while it fits; --upgrade and --upgrade-package give it up', async (t) => {
  const scene = await projectScene(t, {
    pyproject: plainProject.replace('"base>=1"', '"base<2", "app<2"'),
  })
  if (scene === undefined) return
  await scene.done('lock', '-P', 'base==1.0', '-P', 'app==1.0')
  assert.equal(scene.locked(), 'app==1.0 base==1.0')
  scene.write('pyproject.toml', plainProject.replace('"base>=1"', '"base<3", "app<2"'))
  await scene.done('lock')
  assert.equal(scene.locked(), 'app==1.0 base==1.0')
  const dry = await scene.done('lock', '--upgrade', '--dry-run')
  assert.equal(dry.stdout, '~ app 1.0 → 1.5.2\n~ base 1.0 → 2.0\n')
  const check = await scene.den('lock', '--check', '--upgrade')
  assert.deepEqual([check.code, check.stdout], [1, ''])
  assert.match(check.stderr, /^~ app 1\.0 → 1\.5\.2\n~ base 1\.0 → 2\.0\npylock\.toml is not up to date\n$/m)
  await scene.done('lock', '--upgrade-package', 'base')
  assert.equal(scene.locked(), 'app==1.0 base==2.0')
  await scene.done('lock', '--upgrade-package', 'base==1.4')
  assert.equal(scene.locked(), 'app==1.0 base==1.4')
  await scene.done('lock', '--upgrade')
  assert.equal(scene.locked(), 'app==1.5.2 base==2.0')
})

test('extras, groups, other systems and a project’s own extras are locked, each with for whom it is', async (t) => {
  const scene = await projectScene(t, {
    pyproject: `${plainProject}
[project.optional-dependencies]
more = ["tool[more]"]
all = ["mine[more]", "clash; sys_platform == 'darwin'"]

[dependency-groups]
dev = [{include-group = "test"}, "app<2"]
test = ["tool"]
`,
  })
  if (scene === undefined) return
  await scene.done('lock')
  const text = scene.read('pylock.toml')
  const markerOf = (name: string, version: string): string | undefined =>
    new RegExp(`name = "${name}"\\nversion = "${version}"\\n(?:marker = (.*)\\n)?`).exec(text)?.[1]
  assert.match(
    markerOf('extra-thing', '1.0') ?? '',
    /"all" in extras or "more" in extras|"more" in extras or "all" in extras/,
  )
  assert.match(markerOf('winlib', '1.0') ?? '', /win32/)
  assert.match(markerOf('app', '1.5.2') ?? '', /"dev" in dependency_groups/)
  assert.match(markerOf('clash', '1.0') ?? '', /darwin.*"all" in extras/)
  assert.match(scene.locked(), /base==1\.4/)
})

test('a project is found from below, and one that is none is told', async (t) => {
  const scene = await projectScene(t, { tree: { 'project/src/x/y.py': '' } })
  if (scene === undefined) return
  await scene.done('-C', 'src/x', 'lock')
  assert.ok(fs.existsSync(path.join(scene.root, 'pylock.toml')))
  assert.match(await scene.refused('-C', '..', 'lock'), /error\[no-project\]/)
})

test('indexes of the project: the first that has a project gives it, one named for a project alone for that one', async (t) => {
  const named = (name: string, version: string) => servedWheel({ name, version, files: { [`${name}.py`]: '' } })
  const own = await serveIndex(t, [named('base', '1.1'), named('other', '9.0')])
  const special = await serveIndex(t, [named('app', '7.0'), named('other', '10.0')])
  const scene = await projectScene(t, {
    pyproject: `${plainProject.replace('"base>=1"', '"base>=1", "app", "other"')}
[[tool.den.index]]
name = "own"
url = "\${OWN_INDEX}"

[[tool.den.index]]
name = "special"
url = "${special.url}"
explicit = true

[tool.den.sources]
app = { index = "special" }
`,
    env: { OWN_INDEX: own.url },
  })
  if (scene === undefined) return
  await scene.done('lock')
  assert.equal(scene.locked(), 'app==7.0 base==1.1 other==9.0')
  assert.deepEqual(
    own.paths().filter((one) => one.includes('app')),
    [],
  )
  scene.write('pyproject.toml', scene.read('pyproject.toml').replace('index = "special" }', 'index = "nowhere" }'))
  assert.match(await scene.refused('lock'), /error\[unknown-index\].*app.*nowhere/)
})

test('nothing that fits leaves the lock as it is, and says why', async (t) => {
  const scene = await projectScene(t)
  if (scene === undefined) return
  await scene.done('lock')
  const before = scene.read('pylock.toml')
  scene.write('pyproject.toml', plainProject.replace('"base>=1"', '"app>=2", "clash"'))
  const told = await scene.refused('lock')
  assert.match(told, /error\[no-solution\]/)
  assert.match(told, /base/)
  assert.equal(scene.read('pylock.toml'), before)
})

test('a lock with the marks of a merge is made anew with the pins of both sides', async (t) => {
  const scene = await projectScene(t, { pyproject: plainProject.replace('"base>=1"', '"base>=1", "app"') })
  if (scene === undefined) return
  await scene.done('lock', '-P', 'base==1.4', '-P', 'app==1.0')
  const text = scene.read('pylock.toml')
  const other = text.replaceAll('1.4', '1.0')
  scene.write('pylock.toml', `<<<<<<< ours\n${text}=======\n${other}>>>>>>> theirs\n`)
  const result = (await scene.done('lock', '--json')).json<LockProjectResult>()
  assert.deepEqual(result.because, ['it holds the marks of a merge that was not finished'])
  assert.equal(scene.locked(), 'app==1.0 base==1.4')
})

test('where the project does not say which Pythons it is for, that is settled once', async (t) => {
  const scene = await projectScene(t, { pyproject: plainProject.replace('requires-python = ">=3.10"\n', '') })
  if (scene === undefined) return
  const first = await scene.done('lock')
  assert.match(first.stderr, /does not say which Pythons.*">=3\.12"/)
  assert.match(scene.read('pylock.toml'), /^requires-python = ">=3\.12"$/m)
  const again = await scene.done('lock')
  assert.match(again.stderr, /^pylock\.toml is up to date/)
})

test('what has files for other platforms or Pythons alone is locked with those', async (t) => {
  const lib = (version: string, tag?: string): ReturnType<typeof servedWheel> =>
    servedWheel({ name: 'lib', version, ...(tag === undefined ? {} : { tag, rootIsPurelib: false }) })
  const windows = 'cp310-cp310-win_amd64'
  const cases: readonly [string, readonly ReturnType<typeof servedWheel>[], string][] = [
    [`"lib", "lib<2; python_version < '4.0'"`, [lib('1.0'), lib('2.0')], 'lib==1.0 lib==2.0'],
    [`"lib; sys_platform == 'linux'"`, [lib('1.0'), lib('2.0', windows)], 'lib==2.0'],
    [`"lib; python_version >= '3.11'"`, [lib('1.0', 'cp310-cp310-manylinux_2_17_x86_64')], 'lib==1.0'],
  ]
  for (const [asked, files, pins] of cases) {
    const pyproject = plainProject.replace('"base>=1"', asked)
    const scene = await projectScene(t, { pyproject, files })
    if (scene === undefined) return
    await scene.done('lock')
    assert.equal(scene.locked(), pins, asked)
    assert.match(scene.read('pylock.toml'), /^url = ".*\.whl"|wheels = /m)
  }
})

test('what was locked apart stays so when something else is added, a pre-release where it was', async (t) => {
  const served = (name: string, ...versions: readonly string[]): readonly ReturnType<typeof servedWheel>[] =>
    versions.map((version) => servedWheel({ name, version }))
  const files = [...served('lib', '1.0', '2.0', '3.0rc1'), ...served('z', '1.0')]
  for (const asked of [`"lib", "lib<2; python_version < '3.11'"`, `"lib", "lib>=3.0rc1; sys_platform == 'linux'"`]) {
    const scene = await projectScene(t, { pyproject: plainProject.replace('"base>=1"', asked), files })
    if (scene === undefined) return
    await scene.done('lock')
    const packages = (text: string): readonly (string | undefined)[] =>
      [...text.matchAll(/^name = "lib"\n(version = .*\nmarker = .*)$/gm)].map(([, told]) => told)
    const before = packages(scene.read('pylock.toml'))
    assert.equal(before.length, 2)
    scene.write('pyproject.toml', plainProject.replace('"base>=1"', `${asked}, "z"`))
    await scene.done('lock')
    assert.equal(scene.locked().endsWith(' z==1.0'), true)
    assert.deepEqual(packages(scene.read('pylock.toml')), before)
  }
})

test('fixes are tried with each part’s own constraint; an address for a part clashes with the one for all', async (t) => {
  const named = (name: string, version: string, ...requires: readonly string[]): ReturnType<typeof servedWheel> =>
    servedWheel({ name, version, requires })
  const files = [
    named('app', '1.0', 'nowhere-to-be-had'),
    named('app', '2.0', "lib>=2; sys_platform == 'win32'"),
    named('lib', '1.0'),
    named('lib', '2.0'),
  ]
  const constraints = `\n[tool.den]\nconstraint-dependencies = ["lib<2; sys_platform == 'linux'", "lib<2; sys_platform == 'win32'"]\n`
  const scene = await projectScene(t, {
    pyproject: plainProject.replace('"base>=1"', '"app==1.0"') + constraints,
    files,
  })
  if (scene === undefined) return
  assert.doesNotMatch(await scene.refused('lock'), /app==2\.0/)
  const address = (version: string): string =>
    `lib @ ${new URL(`../files/lib-${version}-py3-none-any.whl`, scene.index.url)}`
  const both = `"${address('1.0')}", "${address('2.0')} ; python_version > '3.10'"`
  scene.write('pyproject.toml', plainProject.replace('"base>=1"', both))
  const clash = await scene.refused('lock')
  assert.match(clash, /lib-1\.0-py3/)
  assert.match(clash, /lib-2\.0-py3/)
  assert.doesNotMatch(clash, /no version of lib is that/)
})

test('a place that is not there is told with whom it is for', async (t) => {
  const source = '[tool.uv.sources]\nbase = { path = "../nowhere" }\n'
  const scene = await projectScene(t, { pyproject: `${plainProject}\n${source}` })
  if (scene === undefined) return
  assert.match(
    await scene.refused('lock'),
    /error\[link-not-found\]: base is to come from 'file:.*\/nowhere', and there is nothing\n {3}why: that is \/.*\/nowhere/,
  )
})

test('an environment that nobody is in is refused, and the lock stays', async (t) => {
  const scene = await projectScene(t)
  if (scene === undefined) return
  await scene.done('lock')
  const text = scene.read('pylock.toml')
  scene.write('pyproject.toml', `${plainProject}\n[tool.den]\nenvironments = ["python_version < '3.2'"]\n`)
  assert.match(await scene.refused('lock'), /error\[environment-out-of-scope\].*python_version < "3\.2"/)
  assert.equal(scene.read('pylock.toml'), text)
})

/** A backend that lies in the project, and tells what three files of it say. */
const tellingBackend = `import base64, hashlib, os, zipfile
def lines(name):
    return [line.strip() for line in open(name) if line.strip()] if os.path.exists(name) else []
def metadata():
    told = ["Requires-Dist: " + line for line in lines("requirements.txt")]
    told += ["Requires-Python: " + line for line in lines("pythons.in")]
    told += ["Provides-Extra: Net_1"] + ["Requires-Dist: %s; extra == 'net-1'" % line for line in lines("net.in")]
    return "\\n".join(["Metadata-Version: 2.2", "Name: mine", "Version: 1"] + told) + "\\n"
def prepare_metadata_for_build_editable(directory, config_settings=None):
    place = os.path.join(directory, "mine-1.dist-info")
    os.makedirs(place)
    open(os.path.join(place, "METADATA"), "w").write(metadata())
    return "mine-1.dist-info"
def build_editable(directory, config_settings=None, metadata_directory=None):
    files = {"METADATA": metadata(), "WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"}
    digest = lambda text: base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
    record = ["mine-1.dist-info/%s,sha256=%s,%d" % (name, digest(text), len(text)) for name, text in files.items()]
    files["RECORD"] = "\\n".join(record + ["mine-1.dist-info/RECORD,,"]) + "\\n"
    with zipfile.ZipFile(os.path.join(directory, "mine-1-py3-none-any.whl"), "w") as wheel:
        for name, text in files.items():
            wheel.writestr("mine-1.dist-info/" + name, text)
    return "mine-1-py3-none-any.whl"
`

test('what only the build backend tells: locked with whom it is for, and stale when its files say something else', async (t) => {
  const scene = await projectScene(t, {
    pyproject: `[build-system]
requires = []
build-backend = "telling"
backend-path = ["."]

[project]
name = "mine"
version = "1"
requires-python = ">=3.10"
dynamic = ["dependencies", "optional-dependencies"]

[tool.telling]
extra = "net.in"
`,
    tree: {
      'project/telling.py': tellingBackend,
      'project/requirements.txt': 'app<2\n',
      'project/net.in': 'tool\nbase<2\n',
    },
  })
  if (scene === undefined) return
  await scene.done('sync')
  assert.equal(scene.installed(), 'app==1.5.2 base==1.4 mine==1')
  await scene.done('sync', '--extra', 'net-1')
  assert.equal(scene.installed(), 'app==1.5.2 base==1.4 mine==1 tool==1.0')
  assert.match((await scene.done('tree')).stdout, /^mine 1\n└── app 1\.5\.2/)
  assert.match((await scene.done('why', 'tool')).stdout, /extra net-1/)
  const outdated = (await scene.done('outdated', '--json')).json<{
    packages: readonly { name: string; wanted: string }[]
  }>()
  assert.deepEqual(
    outdated.packages.map(({ name, wanted }) => `${name} ${wanted}`),
    ['app 1.5.2', 'base 1.4'],
  )
  const asked = scene.index.requests.length
  assert.equal((await scene.den('lock', '--check')).code, 0)
  scene.write('pyproject.toml', `${scene.read('pyproject.toml')}[tool.ruff]\nline-length = 99\n`)
  assert.equal((await scene.den('lock', '--check')).code, 0)
  assert.equal(scene.index.requests.length, asked)

  scene.write('requirements.txt', 'app<2\nextra-thing\n')
  const check = await scene.den('lock', '--check', '--json')
  assert.equal(check.code, 1)
  assert.deepEqual(check.json<LockProjectResult>().because, [
    'what the build backend tells the requirements from has changed',
  ])
  assert.equal((await scene.den('sync', '--locked')).code, 1)
  await scene.done('sync')
  assert.equal(scene.installed(), 'app==1.5.2 base==1.4 extra_thing==1.0 mine==1')
  scene.write('net.in', 'tool\n')
  await scene.done('sync')
  assert.doesNotMatch(scene.read('.venv/lib/python3.12/site-packages/mine-1.dist-info/METADATA'), /base/)
  assert.equal(scene.locked(), 'app==1.5.2 base==1.4 extra-thing==1.0 tool==1.0 winlib==1.0')
  await scene.done('upgrade', '--no-sync')
  assert.match(scene.read('pylock.toml'), /^dynamic = \[\s*"dependencies",\s*"optional-dependencies",?\s*\]$/m)
  scene.write('requirements.txt', 'base\n')
  await scene.done('lock')
  assert.match(scene.locked(), /^base==1\.4 /)
  await scene.done('upgrade', '--no-sync', 'base')
  assert.match(scene.locked(), /^base==2\.0 /)
  assert.equal((await scene.den('lock', '--check')).code, 0)
  await scene.done('add', '--dev', 'clash')
  assert.equal((await scene.den('lock', '--check')).code, 0)
})

test('the Pythons that only the build backend tells: what is locked and installed is for those', async (t) => {
  const [old, now] = [pythonOr(t, '3.11'), pythonOr(t, '3.13')]
  const scene = await projectScene(t, {
    pyproject: `[build-system]
requires = []
build-backend = "telling"
backend-path = ["."]

[project]
name = "mine"
version = "1"
dependencies = ["app", "base; python_version < '3.13'"]
dynamic = ["requires-python"]

[tool.telling]
pythons = "pythons.in"
`,
    tree: {
      'project/telling.py': tellingBackend,
      'project/pythons.in': '>=3.13\n',
      'project/.python-version': '3.11\n',
    },
    env: { DEN_PYTHON: '' },
  })
  if (scene === undefined || old === undefined || now === undefined) return
  // The Python that is asked first is none of them.
  const first = await scene.done('lock')
  assert.doesNotMatch(first.stderr, /does not say/)
  assert.match(scene.read('pylock.toml'), /^requires-python = ">=3\.13"$/m)
  assert.doesNotMatch(scene.read('pylock.toml'), /^marker = /m)
  assert.equal((await scene.den('lock', '--check')).code, 0)
  fs.rmSync(path.join(scene.root, '.python-version'))
  await scene.done('sync')
  assert.match(scene.read('.venv/pyvenv.cfg'), /^version(?:_info)? = 3\.1[3-9]/m)
  assert.match(await scene.refused('sync', '-p', old.executable), /error\[python-not-for-project\]/)
  assert.match((await scene.done('run', '--isolated', 'python', '-V')).stdout, /^Python 3\.1[3-9]/)

  scene.write('pythons.in', '>=3.11\n')
  assert.equal((await scene.den('lock', '--check')).code, 1)
  await scene.done('sync', '-p', old.executable)
  assert.match(scene.read('pylock.toml'), /^requires-python = ">=3\.11"$/m)
  assert.match(scene.read('.venv/pyvenv.cfg'), /^version(?:_info)? = 3\.11/m)
  scene.write('pythons.in', '')
  const silent = await scene.done('lock')
  assert.match(scene.read('pylock.toml'), /^requires-python = ">=3\.11"$/m)
  assert.doesNotMatch(silent.stderr, /error/)

  // What the backend told the last time holds nobody up who has no such Python.
  scene.write('pythons.in', '>=3.11\n')
  await scene.done('lock')
  const edited = scene.read('pylock.toml').replaceAll('requires-python = ">=3.11"', 'requires-python = ">=3.99"')
  scene.write('pylock.toml', edited)
  await scene.done('lock')
  assert.match(scene.read('pylock.toml'), /^requires-python = ">=3\.11"$/m)
})

test('a requires-python that seldom means what it says is told of when it is new, and no more', async (t) => {
  const pyproject = plainProject.replace(/requires-python = ".*"/, 'requires-python = "~=3.9"')
  assert.notEqual(pyproject, plainProject)
  const scene = await projectScene(t, { pyproject })
  if (scene === undefined) return
  const said = /^note: requires-python: ~=3\.9 is >=3\.9,<4: for 3\.9 alone write ==3\.9\.\*$/m
  assert.match((await scene.done('lock')).stderr, said)
  scene.write('pyproject.toml', pyproject.replace('"base>=1"', '"base>=1", "app<2"'))
  assert.doesNotMatch((await scene.done('lock')).stderr, said)
})
