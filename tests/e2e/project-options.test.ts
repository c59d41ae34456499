// What a command about a project was told of packages holds for all that it does: locking, building, syncing.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { defaultHost } from '../../src/host/default-host.ts'
import { openSession } from '../../src/index.ts'
import { type DenRun, den, denEnvironment, runProgram } from '../kit/den.ts'
import { type ServedFile, servedWheel, serveIndex } from '../kit/index-server.ts'
import { type ProjectScene, packageTree, projectScene } from '../kit/project-scene.ts'
import type { Tree } from '../kit/scratch.ts'
import { buildSdist, sdistFilename } from '../kit/tar.ts'

/** Its wheel tells that it was built, and with which setting. */
function servedSource(name: string, version: string, requires: readonly string[] = []): ServedFile {
  const bytes = buildSdist({
    name,
    version,
    files: {
      'PKG-INFO': `Metadata-Version: 2.2\nName: ${name}\nVersion: ${version}\n`,
      'pyproject.toml': `[build-system]\nrequires = ${JSON.stringify(requires)}\nbuild-backend = "backend"\nbackend-path = ["."]\n`,
      'backend.py': `
import base64, hashlib, zipfile
def build_wheel(directory, config_settings=None, metadata_directory=None):
    name, info = "${name}-${version}-py3-none-any.whl", "${name}-${version}.dist-info/"
    files = {
        "${name}.py": "made = %r\\n" % ("built " + str((config_settings or {}).get("way"))),
        info + "METADATA": "Metadata-Version: 2.1\\nName: ${name}\\nVersion: ${version}\\n",
        info + "WHEEL": "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    record = info + "RECORD,,\\n"
    with zipfile.ZipFile(directory + "/" + name, "w") as wheel:
        for path, text in files.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record += "%s,sha256=%s,%d\\n" % (path, digest, len(text))
            wheel.writestr(path, text)
        wheel.writestr(info + "RECORD", record)
    return name
`,
    },
  })
  return { project: name, filename: sdistFilename({ name, version }), bytes }
}

const wheel = (name: string, version: string): ServedFile =>
  servedWheel({ name, version, files: { [`${name}.py`]: `made = 'wheel'\nversion = '${version}'\n` } })

const manifest = (dependencies: readonly string[], more = ''): string =>
  `[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = ${JSON.stringify(dependencies)}\n${more}`

const made = async (s: ProjectScene, name: string): Promise<string> =>
  await s.inside(`import ${name}; print(${name}.made)`)

test('den sync builds, or builds not, what it was told, whatever was locked', async (t) => {
  const files = [servedSource('baz', '1.0'), wheel('foo', '1.0'), servedSource('foo', '1.0'), wheel('only', '1.0')]
  const tree = { 'pyproject.toml': manifest(['baz', 'foo', 'only']) }
  const s = await projectScene(t, { files, tree })
  if (s === undefined) return
  await s.done('lock')
  for (const name of ['baz', ':all:'])
    for (const more of [[], ['--dry-run']])
      assert.match(
        await s.refused('sync', '--no-build-package', name, ...more),
        /error\[build-forbidden\]: baz 1\.0 would have to be built/,
      )
  await s.done('sync')
  assert.deepEqual([await made(s, 'baz'), await made(s, 'foo')], ['built None', 'wheel'])
  // What is there already is not built.
  await s.done('sync', '--no-build-package', 'baz')
  await s.done('sync', '--reinstall-package', 'foo', '--no-binary-package', 'foo')
  assert.equal(await made(s, 'foo'), 'built None')
  assert.match(
    await s.refused('sync', '--reinstall', '--no-binary-package', 'only'),
    /error\[lock-file-mismatch\][\s\S]*no source distribution of only 1\.0/,
  )
  // What the project has settled is as good.
  s.write({ 'pyproject.toml': manifest(['baz', 'foo', 'only'], '[tool.den]\nno-binary-package = ["foo"]\n') })
  await s.done('sync', '--reinstall-package', 'foo', '--no-binary-package', 'baz')
  assert.equal(await made(s, 'foo'), 'wheel')
})

test('a source that may not be built is not built to tell its metadata either, wherever it comes from', async (t) => {
  const setup = 'from setuptools import setup\nsetup(name="lib", version="1.0", py_modules=["lib"])\n'
  const backend = `import os
os.system("touch ran")
def prepare_metadata_for_build_wheel(directory, config_settings=None):
    os.mkdir(os.path.join(directory, "lib-1.0.dist-info"))
    with open(os.path.join(directory, "lib-1.0.dist-info", "METADATA"), "w") as file:
        file.write("Metadata-Version: 2.1\\nName: lib\\nVersion: 1.0\\n")
    return "lib-1.0.dist-info"
prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel
build_editable = build_wheel = None
`
  const lib = {
    'lib/setup.py': setup,
    'lib/backend.py': backend,
    'lib/pyproject.toml': '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
  }
  const s = await projectScene(t, { files: [], tree: { 'pyproject.toml': manifest(['lib']), ...lib } })
  if (s === undefined) return
  const git = (...args: readonly string[]): Promise<DenRun> =>
    runProgram('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
      cwd: path.join(s.root, 'lib'),
    })
  await git('init', '-q')
  await git('add', '-A')
  await git('commit', '-qm', 'x')
  const repository = pathToFileURL(path.join(s.root, 'lib')).href
  const sources = {
    git: `{ git = "${repository}" }`,
    path: '{ path = "lib" }',
    edited: '{ path = "lib", editable = true }',
  }
  const isBuilt = (): boolean => fs.existsSync(path.join(s.root, 'lib/ran'))
  const told = /error\[build-forbidden\]: .*lib.* would have to be built[\s\S]*why: only a wheel of it may be taken/
  for (const [kind, source] of Object.entries(sources)) {
    const project = (settings: string): string =>
      manifest(['lib'], `[tool.den]\n${settings}\n[tool.den.sources]\nlib = ${source}\n`)
    s.write({ 'pyproject.toml': project('') })
    assert.match(await s.refused('lock', '--no-build-package', 'lib'), told, kind)
    s.write({ 'pyproject.toml': project('no-build-package = ["lib"]') })
    assert.match(await s.refused('lock'), told, kind)
    assert.match(await s.refused('sync'), told, kind)
    assert.ok(!isBuilt(), kind)
    s.write({ 'pyproject.toml': project('no-build = true') })
    // Directories are one's own.
    if (kind !== 'git') await s.done('lock', '--dry-run')
    else assert.match(await s.refused('lock'), /error\[build-forbidden\][\s\S]*why: only wheels may be taken: no-build/)
    assert.equal(isBuilt(), kind !== 'git', kind)
    fs.rmSync(path.join(s.root, 'lib/ran'), { force: true })
    // What somebody locked who may is not put in by who may not.
    s.write({ 'pyproject.toml': project('') })
    await s.done('lock')
    assert.match(await s.refused('sync', '--no-build-package', 'lib'), told, kind)
    fs.rmSync(path.join(s.root, 'lib/ran'), { force: true })
    fs.rmSync(path.join(s.root, 'pylock.toml'))
  }
  // The project itself is installed in any case; a script without a lock is no better than a project.
  const settings = '[tool.den]\nno-build = true\nno-build-package = ["shop"]\n'
  s.write(packageTree(manifest([], settings).replace('"p"', '"shop"')))
  await s.done('sync')
  s.write({
    's.py': `# /// script\n# dependencies = ["lib @ git+${repository}"]\n# [tool.den]\n# no-build-package = ["lib"]\n# ///\n`,
  })
  assert.match(await s.refused('run', 's.py'), told)
})

test('a project that cannot be built is told what to do about it, and need not be', async (t) => {
  const project = (more: string): Tree => ({
    ...packageTree(manifest([], more).replace('"p"', '"shop"')),
    'backend.py': 'raise SystemExit("no package here")\n',
  })
  const s = await projectScene(t, { files: [], tree: project('') })
  if (s === undefined) return
  const said = await s.refused('sync')
  assert.match(
    said,
    /error\[build-failed\][\s\S]*fix: mend what the backend complains of[\s\S]*or: .*: package = false/,
  )
  assert.doesNotMatch(said, /wheel for this Python/)
  s.write(project('[tool.den]\npackage = false\n'))
  await s.done('sync')
})

test('builds have the isolation and the settings that were asked for, locking, syncing and adding', async (t) => {
  const files = [servedSource('own', '1.0', ['nowhere-to-be-found']), wheel('foo', '1.0')]
  const s = await projectScene(t, { files, tree: { 'pyproject.toml': manifest([]) } })
  if (s === undefined) return
  assert.match(await s.refused('add', 'own'), /nowhere-to-be-found/)
  await s.done('add', '--no-build-isolation', 'own')
  assert.equal(await made(s, 'own'), 'built None')
  await s.done('cache', 'clear')
  assert.match(await s.refused('sync', '--reinstall'), /nowhere-to-be-found/)
  await s.done('sync', '--reinstall', '--no-build-isolation')
  const home = path.join(path.dirname(s.root), `.home-of-${path.basename(s.root)}`)
  await using session = openSession({
    host: { ...defaultHost(), env: denEnvironment(home, s.env), cwd: s.root, home },
  })
  const choices = { directory: s.root, noBuildIsolation: true, configSettings: { way: 'mine' } }
  await session.sync({ ...choices, reinstall: true })
  assert.equal(await made(s, 'own'), 'built mine')
  await session.add({ ...choices, requirements: ['foo'], sync: false })
  await session.upgrade(choices)
  assert.equal(await made(s, 'own'), 'built mine')
})

test('what is laid over, and a script, locked or not, ask the indexes that were said, and no others', async (t) => {
  const s = await projectScene(t, { files: [wheel('foo', '1.0'), wheel('qux', '1.0')], tree: {} })
  if (s === undefined) return
  const nowhere = 'http://127.0.0.1:9/simple/'
  const env = { ...s.env, DEN_INDEX_URL: undefined, PIP_INDEX_URL: nowhere, PIP_RETRIES: '0' }
  const done = async (...args: readonly string[]): Promise<string> => {
    const ran = await den(args, { cwd: s.root, env })
    assert.equal(ran.code, 0, `${args.join(' ')}\n${ran.stderr}`)
    return ran.stdout.trim()
  }
  const code = 'import qux; print(qux.version)'
  const layered = ['--with', 'qux', 'python', '-c', code]
  const index = `[[tool.den.index]]\nname = "corp"\nurl = "${s.index.url}"\ndefault = true\n`
  const block = (needs: string, more: string): string =>
    `# /// script\n# dependencies = ["${needs}"]\n${more.replace(/^(?=.)/gm, '# ')}# ///\n${code}\n`
  s.write({ 'wheels/.keep': '', 'tool.py': block('qux', ''), 'own.py': block('qux', index) })
  const file = wheel('qux', '1.0')
  fs.writeFileSync(path.join(s.root, 'wheels', file.filename), file.bytes)

  for (const way of [
    ['--default-index', s.index.url],
    ['--no-index', '-f', 'wheels'],
  ]) {
    assert.equal(await done('run', ...way, ...layered), '1.0')
    assert.equal(await done('run', ...way, 'tool.py'), '1.0')
    assert.equal(await done('run', ...way, '--with', 'qux', 'tool.py'), '1.0')
  }
  assert.equal(await done('run', 'own.py'), '1.0')
  // What is laid over a script is chosen as the script says.
  assert.equal(await done('run', '--with', 'foo', 'own.py'), '1.0')
  s.write({ 'pyproject.toml': manifest(['foo'], index) })
  assert.equal(await done('run', ...layered), '1.0')

  await done('lock', '--script', 'tool.py', '--default-index', s.index.url)
  s.write({ 'tool.py': block('qux>=1', '') })
  const asked = s.index.requests.length
  const offline = await den(['run', '--offline', '--refresh', 'tool.py'], { cwd: s.root, env })
  assert.notEqual(offline.code, 0)
  assert.equal(s.index.requests.length, asked)
  assert.equal(await done('run', '--default-index', s.index.url, 'tool.py'), '1.0')
  assert.match(await done('lock', '--check', '--script', 'tool.py', '--json'), /"outcome": ?"current"/)
})

const day = 24 * 60 * 60 * 1000
const aged = (version: string, days: number): ServedFile => ({
  ...wheel('foo', version),
  uploadTime: new Date(Date.now() - days * day).toISOString(),
})

test('versions are chosen anew where another way is said, and stay as they were chosen where nothing is', async (t) => {
  const files = [aged('1.0', 400), aged('2.0', 30), aged('3.0rc1', 20), wheel('bar', '1.0'), wheel('bar', '2.0')]
  const s = await projectScene(t, { files, tree: { 'pyproject.toml': manifest(['foo']) } })
  if (s === undefined) return
  const locked = (): string => fs.readFileSync(path.join(s.root, 'pylock.toml'), 'utf8')
  const version = async (...args: readonly string[]): Promise<string> =>
    (await s.done('run', ...args, 'python', '-c', 'import foo; print(foo.version)')).stdout.trim()
  await s.done('sync')
  const plain = locked()
  const ways: readonly (readonly [readonly string[], string, RegExp])[] = [
    [['--resolution', 'lowest'], '1.0', /strategy was highest and is now lowest/],
    [['--prerelease', 'allow'], '3.0rc1', /prereleases was if-asked and is now allow/],
    [['--exclude-newer', '100 days'], '1.0', /exclude-newer is now 2400 hours ago/],
    [['--exclude-newer', new Date(Date.now() - 50 * day).toISOString()], '1.0', /exclude-newer is now 20/],
  ]
  for (const [way, chosen, because] of ways) {
    assert.equal((await s.den('lock', '--check', ...way)).code, 1)
    assert.match(await s.refused('sync', '--locked', ...way), because)
    assert.match((await s.done('sync', '--dry-run', ...way)).stdout, /would be made anew first/)
    assert.equal(await version('--frozen', ...way), '2.0')
    assert.equal(locked(), plain)
    assert.equal(await version(...way), chosen)
    const made = locked()
    assert.match(made, /\n\[tool\.den\.chosen\]\n/)
    // Nobody is asked again, by who says it again nor by who says nothing.
    const asked: number = s.index.requests.length
    for (const again of [[], way]) {
      assert.match((await s.done('lock', ...again)).stderr, /up to date/)
      assert.equal((await s.den('lock', '--check', ...again)).code, 0)
      await s.done('sync', '--locked', ...again)
      assert.equal(await version(...again), chosen)
    }
    assert.deepEqual([s.index.requests.length, locked()], [asked, made])
    await s.done('lock', '--upgrade')
    assert.equal(locked(), plain)
  }
  // What is changed afterwards is chosen as the project says, and the rest stays.
  await s.done('lock', '--resolution', 'lowest')
  s.write({ 'pyproject.toml': manifest(['foo', 'bar']) })
  await s.done('lock')
  assert.match(locked(), /name = "bar"\nversion = "2\.0"[\s\S]*name = "foo"\nversion = "1\.0"/)
  assert.doesNotMatch(locked(), /tool\.den\.chosen/)
  // What the project itself says of it counts at once.
  s.write({ 'pyproject.toml': manifest(['foo', 'bar'], '[tool.den]\nresolution = "lowest"\n') })
  await s.done('lock')
  assert.match(locked(), /name = "bar"\nversion = "1\.0"/)
  const own = locked()
  const before = s.index.requests.length
  await s.done('lock', '--resolution', 'lowest')
  assert.deepEqual([locked(), s.index.requests.length], [own, before])
  await s.done('add', 'foo', '--resolution', 'highest')
  assert.match(locked(), /name = "bar"\nversion = "2\.0"/)
  assert.equal(await version(), '2.0')
})

test('den lock asks the indexes that are named, though the lock is what the project asks for', async (t) => {
  const s = await projectScene(t, { files: [wheel('foo', '1.0')], tree: { 'pyproject.toml': manifest(['foo']) } })
  if (s === undefined) return
  await s.done('lock')
  const lock = path.join(s.root, 'pylock.toml')
  const before = fs.readFileSync(lock, 'utf8')
  const other = await serveIndex(t, [wheel('foo', '9.0')], { cacheControl: 'max-age=600' })
  for (const way of [
    ['--default-index', other.url],
    ['--index', other.url],
  ]) {
    assert.equal((await s.den('lock', '--check', ...way)).code, 1)
    assert.match((await s.done('lock', '--dry-run', ...way)).stdout, /foo/)
  }
  assert.match(await s.refused('lock', '--no-index'), /error\[no-solution\]/)
  const asked = s.index.requests.length
  assert.match((await s.done('lock', '--refresh')).stderr, /up to date/)
  assert.ok(s.index.requests.length > asked)
  assert.equal(fs.readFileSync(lock, 'utf8'), before)
  await s.done('lock', '--index', other.url)
  assert.match(fs.readFileSync(lock, 'utf8'), /version = "9\.0"/)
})

test('a script is chosen for anew as a project is, and its lock stays as it was chosen', async (t) => {
  const block = '# /// script\n# dependencies = ["foo"]\n# ///\nimport foo; print(foo.version)\n'
  const s = await projectScene(t, { files: [wheel('foo', '1.0'), wheel('foo', '2.0')], tree: { 'tool.py': block } })
  if (s === undefined) return
  const ran = async (...args: readonly string[]): Promise<string> =>
    (await s.done('run', ...args, 'tool.py')).stdout.trim()
  await s.done('lock', '--script', 'tool.py')
  assert.equal(await ran(), '2.0')
  assert.match(await s.refused('run', '--locked', '--resolution', 'lowest', 'tool.py'), /is now lowest/)
  assert.equal((await s.den('lock', '--script', 'tool.py', '--check', '--resolution', 'lowest')).code, 1)
  assert.equal(await ran('--resolution', 'lowest'), '1.0')
  assert.equal(await ran(), '1.0')
  assert.equal(await ran('--resolution', 'highest'), '2.0')
})
