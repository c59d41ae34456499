// What a command about a project was told of packages holds for all that it does: locking, building, syncing.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { defaultHost } from '../../src/host/default-host.ts'
import { openSession } from '../../src/index.ts'
import { den, denEnvironment } from '../kit/den.ts'
import { type ServedFile, servedWheel } from '../kit/index-server.ts'
import { type ProjectScene, projectScene } from '../kit/project-scene.ts'
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
