// The flags of pip install that uv refuses, one by one: each does what it does in pip.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { den, denCommand, runProgram } from '../kit/den.ts'
import { serveHttp } from '../kit/http-server.ts'
import { type ServedFile, servedWheel, serveIndex } from '../kit/index-server.ts'
import { distutilsFile } from '../kit/installed.ts'
import { appWheel, baseWheel, type PipScene, pipScene } from '../kit/pip-scene.ts'
import { pythonOr } from '../kit/pythons.ts'
import { writeTree } from '../kit/scratch.ts'
import { buildSdist, sdistFilename } from '../kit/tar.ts'
import { certificateOr } from '../kit/tls.ts'

function servedSdist(name: string, version: string, files: Readonly<Record<string, string>> = {}): ServedFile {
  const bytes = buildSdist({
    name,
    version,
    files: { 'PKG-INFO': `Metadata-Version: 2.2\nName: ${name}\nVersion: ${version}\n`, ...files },
  })
  return { project: name, filename: sdistFilename({ name, version }), bytes }
}

const native = (tag: string): ServedFile => servedWheel({ name: 'native', version: '1.0', tag })

async function nativeScene(t: TestContext): Promise<PipScene | undefined> {
  return await pipScene(t, {
    files: [
      native('cp311-cp311-win_amd64'),
      native('cp311-abi3-win_amd64'),
      native('cp312-cp312-macosx_11_0_arm64'),
      native('pp310-pypy310_pp73-win_amd64'),
      servedWheel({ name: 'marked', version: '1.0', requires: ['native ; sys_platform == "win32"'] }),
    ],
  })
}

const saved = (s: PipScene, directory: string): readonly string[] => fs.readdirSync(path.join(s.root, directory)).sort()

test('--platform, --python-version, --implementation and --abi choose for another machine', async (t) => {
  const s = await nativeScene(t)
  if (s === undefined) return
  const wheels = ['--only-binary', ':all:']
  const windows = ['--platform', 'win_amd64', '--python-version', '3.11']
  await s.done('download', '-d', 'one', ...wheels, ...windows, '--implementation', 'cp', '--abi', 'cp311', 'native')
  assert.deepEqual(saved(s, 'one'), ['native-1.0-cp311-cp311-win_amd64.whl'])
  await s.done('download', '-d', 'two', ...wheels, ...windows, '--implementation', 'cp', '--abi', 'abi3', 'native')
  assert.deepEqual(saved(s, 'two'), ['native-1.0-cp311-abi3-win_amd64.whl'])
  await s.done('download', '-d', 'three', ...wheels, '--platform', 'macosx_12_0_arm64', 'native')
  assert.deepEqual(saved(s, 'three'), ['native-1.0-cp312-cp312-macosx_11_0_arm64.whl'])
  const pypy = [
    '--platform',
    'win_amd64',
    '--implementation',
    'pp',
    '--python-version',
    '3.10',
    '--abi',
    'pypy310_pp73',
  ]
  await s.done('install', '-t', 'flat', ...wheels, ...pypy, 'native')
  assert.ok(saved(s, 'flat').includes('native-1.0.dist-info'))
  // pip asks the running Python for markers; den asks the one that is aimed at.
  await s.done('download', '-d', 'four', ...wheels, ...windows, 'marked')
  assert.deepEqual(saved(s, 'four').length, 2)
  assert.match(await s.refused('install', ...windows, 'native'), /--only-binary=:all:/)
})

test('--all-releases and --only-final let pre-releases in, and keep them out', async (t) => {
  const s = await pipScene(t)
  if (s === undefined) return
  assert.match(await s.done('install', '--dry-run', '--all-releases', 'app', 'app'), /app-3\.0rc1/)
  assert.match(await s.done('install', '--dry-run', '--all-releases', 'base', 'app'), /app-2\.0/)
  assert.match(
    await s.done('install', '--dry-run', '--all-releases', ':all:', '--only-final', 'app', 'app'),
    /app-2\.0/,
  )
  assert.match(await s.refused('install', '--dry-run', '--only-final', ':all:', 'app==3.0rc1'), /no-solution/)
})

test('--uploaded-prior-to leaves out what came later', async (t) => {
  const s = await pipScene(t)
  if (s === undefined) return
  assert.match(await s.done('install', '--dry-run', '--uploaded-prior-to', '2024-06-01', 'app'), /app-1\.0 base-1\.0/)
  assert.match(await s.refused('install', '--dry-run', '--uploaded-prior-to', '2023-06-01', 'app'), /no-solution/)
})

test('--ignore-requires-python takes releases for other Pythons', async (t) => {
  const s = await pipScene(t, {
    files: [
      servedWheel({ name: 'old', version: '1.0', requiresPython: '<3' }, { requiresPython: '<3' }),
      servedWheel({ name: 'old', version: '0.9', requiresPython: '<3' }, { requiresPython: '<3' }),
    ],
  })
  if (s === undefined) return
  assert.match(await s.refused('install', 'old'), /no-solution/)
  await s.done('install', '--ignore-requires-python', 'old')
  assert.equal(await s.list(), 'old==1.0')
})

test('--ignore-installed puts it in anew, also over what distutils left', async (t) => {
  const s = await pipScene(t)
  if (s === undefined) return
  writeTree(s.site, { ...distutilsFile('base', '1.0'), 'base.py': "version = 'old'\n" })
  assert.equal(await s.list(), 'base==1.0')
  assert.match(await s.refused('install', '-U', 'base'), /uninstall-refused/)
  assert.equal(await s.python('import base; print(base.version)'), 'old')
  await s.done('install', '--ignore-installed', 'base')
  assert.equal(await s.python('import base; print(base.version)'), '2.0')
  assert.equal(await s.list(), 'base==2.0')
  assert.match(await s.done('install', '-I', 'base'), /^Successfully installed base-2\.0$/m)
})

for (const mode of ['hardlink', 'copy', 'instant']) {
  test(`Python never goes on with the bytecode of what another module replaced: ${mode}`, async (t) => {
    const s = await pipScene(t, { env: { DEN_LINK_MODE: mode } })
    if (s === undefined) return
    const file = path.join(s.site, 'base.py')
    const version = (): Promise<string> => s.python('import base; print(base.version)')
    await s.done('install', '--no-compile', 'base==2.0')
    const { size, mtimeMs } = fs.statSync(file)
    /** As long as the real one and of its second, so that only its absence keeps the bytecode from being taken. */
    const putInPlace = async (): Promise<void> => {
      const text = "version = 'old'\n"
      assert.equal(text.length, size)
      for (const one of [file, path.join(s.site, '__pycache__')]) fs.rmSync(one, { force: true, recursive: true })
      fs.writeFileSync(file, text)
      fs.utimesSync(file, mtimeMs / 1000, mtimeMs / 1000)
      assert.equal(await version(), 'old')
      assert.equal(fs.readdirSync(path.join(s.site, '__pycache__')).length, 1)
    }
    await putInPlace()
    assert.equal((await s.den('repair', '.venv')).code, 0)
    assert.equal(await version(), '2.0')

    await putInPlace()
    await s.done('install', '--no-compile', '--force-reinstall', 'base==2.0')
    assert.equal(await version(), '2.0')

    await s.done('uninstall', '-y', 'base')
    await putInPlace()
    await s.done('install', '--no-compile', 'base==2.0')
    assert.equal(await version(), '2.0')
  })
}

test('--only-deps takes what is required without what requires it', async (t) => {
  const s = await pipScene(t)
  if (s === undefined) return
  await s.done('install', '--only-deps', 'app[more]')
  assert.equal(await s.list(), 'base==2.0 extra-thing==1.0')
})

test('--prefer-binary takes an older wheel rather than a newer source', async (t) => {
  const files = [servedWheel(baseWheel('1.0')), servedSdist('base', '2.0')]
  const s = await pipScene(t, { files })
  if (s === undefined) return
  assert.match(await s.done('install', '--dry-run', 'base'), /base-2\.0/)
  assert.match(await s.done('install', '--dry-run', '--prefer-binary', 'base'), /base-1\.0/)
})

test('--upgrade-strategy eager upgrades what is required, too', async (t) => {
  const s = await pipScene(t)
  if (s === undefined) return
  await s.done('install', 'app==1.0', 'base==1.0')
  const lazy = appWheel('2.0', { version: '1.5', requires: ['base'] })
  s.index.add(servedWheel(lazy))
  assert.match(await s.done('install', '-U', '--dry-run', 'app==1.5'), /^Would install app-1\.5$/m)
  const eager = await s.done('install', '-U', '--upgrade-strategy', 'eager', '--dry-run', 'app==1.5')
  assert.match(eager, /^Would install app-1\.5 base-2\.0$/m)
})

test('--require-virtualenv ends with 3 outside of one', async (t) => {
  const s = await pipScene(t)
  const real = pythonOr(t, '3.12')
  if (s === undefined || real === undefined) return
  assert.equal((await s.pip('--python', real.executable, 'install', '--require-virtualenv', 'base')).code, 3)
  await s.done('install', '--require-virtualenv', 'base')
})

test('--user and --no-user', async (t) => {
  const s = await pipScene(t)
  const real = pythonOr(t, '3.12')
  if (s === undefined || real === undefined) return
  const home = path.join(s.root, 'home')
  const env = { HOME: home, PIP_INDEX_URL: s.index.url, PIP_CONFIG_FILE: '/dev/null' }
  const user = await den(['pip', '--python', real.executable, 'install', '--user', 'app==1.0'], { cwd: s.root, env })
  assert.equal(user.code, 0, user.stderr)
  assert.match(user.stderr, /WARNING: The script app is installed in '.*\/bin' which is not on PATH\./)
  const code = 'import app, sys; print(app.__file__)'
  const ran = await runProgram(real.executable, ['-c', code], { cwd: s.root, env: { HOME: home } })
  assert.equal(ran.stdout.trim(), path.join(home, '.local/lib/python3.12/site-packages/app/__init__.py'))
  const quiet = ['install', '--user', '--force-reinstall', '--no-warn-script-location', 'app==1.0']
  const silent = await den(['pip', '--python', real.executable, ...quiet], { cwd: s.root, env })
  assert.doesNotMatch(silent.stderr, /not on PATH/)
  const gone = await den(['pip', '--python', real.executable, 'uninstall', '-y', 'app', 'base'], { cwd: s.root, env })
  assert.equal(gone.code, 0, gone.stderr)
  assert.equal(fs.existsSync(path.join(home, '.local/lib/python3.12/site-packages/app')), false)
  assert.match(await s.refused('install', '--user', 'base'), /--user/)
  await s.done('install', '--user', '--no-user', 'base')
  assert.equal(await s.list(), 'base==2.0')
})

test('--root puts everything below a directory as if it were the root', async (t) => {
  const s = await pipScene(t)
  if (s === undefined) return
  await s.done('install', '--root', 'image', 'app==1.0')
  assert.ok(fs.existsSync(path.join(s.root, 'image', s.site, 'app/__init__.py')))
  const script = fs.readFileSync(path.join(s.root, 'image', s.root, '.venv/bin/app'), 'utf8')
  assert.ok(script.startsWith(`#!${s.root}/.venv/bin/python`), script)
  assert.equal(await s.list(), '')
})

test('--root-user-action ignore silences what root is told about installations', async (t) => {
  const s = await pipScene(t)
  const real = pythonOr(t, '3.12')
  if (s === undefined || real === undefined) return
  if (process.getuid?.() !== 0) return t.skip('NOT TESTED: these tests do not run as root')
  const install = ['--python', real.executable, 'install', '-t', 'flat', '-U', 'base']
  assert.match((await s.pip(...install)).stderr, /WARNING: .*--root-user-action=ignore/)
  assert.equal((await s.pip(...install, '--root-user-action', 'ignore')).stderr, '')
  assert.doesNotMatch((await s.pip('install', 'base')).stderr, /root/)
})

test('--target --upgrade leaves nothing of the version before', async (t) => {
  const s = await pipScene(t)
  if (s === undefined) return
  await s.done('install', '--no-compile', '-t', 'flat', 'app==1.0')
  await s.done('install', '--no-compile', '-t', 'flat', '-U', 'app==2.0')
  assert.deepEqual(saved(s, 'flat'), ['app', 'app-2.0.dist-info', 'base-2.0.dist-info', 'base.py', 'bin'])
})

test('--target --upgrade leaves no bytecode of a module that it replaces', async (t) => {
  const s = await pipScene(t)
  if (s === undefined) return
  const version = (): Promise<string> =>
    s.python("import sys; sys.path.insert(0, 'flat'); import base; print(base.version)")
  await s.done('install', '--no-compile', '-t', 'sample', 'base==2.0')
  const { mtimeMs } = fs.statSync(path.join(s.root, 'sample/base.py'))
  for (const nobodys of [true, false]) {
    // Not in place: it may be a second name of the store's.
    if (!nobodys)
      for (const name of ['base.py', '__pycache__']) fs.rmSync(path.join(s.root, 'flat', name), { recursive: true })
    writeTree(path.join(s.root, 'flat'), { 'base.py': "version = 'old'\n" })
    fs.utimesSync(path.join(s.root, 'flat/base.py'), mtimeMs / 1000, mtimeMs / 1000)
    assert.equal(await version(), 'old')
    await s.done('install', '--no-compile', '-t', 'flat', '-U', 'base==2.0')
    assert.equal(await version(), '2.0')
  }
})

test('bytecode is compiled at once where --compile is typed, and not with --no-compile', async (t) => {
  const s = await pipScene(t)
  if (s === undefined) return
  const compiled = (): boolean => fs.existsSync(path.join(s.site, '__pycache__'))
  await s.done('install', 'base')
  assert.equal(compiled(), false)
  await s.done('install', '--force-reinstall', '--no-compile', 'base')
  assert.equal(compiled(), false)
  await s.done('install', '--force-reinstall', '--compile', 'base')
  assert.equal(compiled(), true)
})

test('--log appends everything that is said to a file', async (t) => {
  const s = await pipScene(t)
  if (s === undefined) return
  await s.done('install', '-q', '--log', 'logs/pip.log', 'base')
  const text = fs.readFileSync(path.join(s.root, 'logs/pip.log'), 'utf8')
  assert.match(text, /^\d{4}-\d\d-\d\dT[\d:,]+ Successfully installed base-2\.0$/m)
})

test('--debug tells where in den an error arose', async (t) => {
  const s = await pipScene(t)
  if (s === undefined) return
  assert.match(await s.refused('install', '--debug', 'nothing-there'), /\n {4}at /)
  assert.doesNotMatch(await s.refused('install', 'nothing-there'), /\n {4}at /)
})

test('--progress-bar takes pip’s words and no others', async (t) => {
  const s = await pipScene(t)
  if (s === undefined) return
  for (const word of ['auto', 'on', 'off', 'raw']) await s.done('install', '--dry-run', '--progress-bar', word, 'base')
  assert.equal((await s.pip('install', '--dry-run', '--progress-bar', 'ascii', 'base')).code, 2)
})

test('--retries and --timeout', async (t) => {
  const s = await pipScene(t)
  if (s === undefined) return
  s.index.fault({ on: '/simple/base/', kind: 'status', status: 503, times: 1, retryAfter: '0' })
  assert.notEqual((await s.pip('install', '--dry-run', '--retries', '0', 'base')).code, 0)
  s.index.fault({ on: '/simple/base/', kind: 'status', status: 503, times: 1, retryAfter: '0' })
  await s.done('install', '--dry-run', '--retries', '2', 'base')
  s.index.fault({ on: '/simple/app/', kind: 'stall', where: 'headers', times: 1 })
  const started = Date.now()
  assert.notEqual((await s.pip('install', '--dry-run', '--retries', '0', '--timeout', '1', 'app')).code, 0)
  assert.ok(Date.now() - started < 10_000)
})

test('--proxy: everything goes through it', async (t) => {
  const s = await pipScene(t)
  if (s === undefined) return
  const asked: string[] = []
  const proxy = await serveHttp(t, (request, response) => {
    asked.push(request.url ?? '')
    const { pathname } = new URL(request.url!)
    http
      .get(`${s.index.origin}${pathname}`, { headers: { accept: request.headers.accept ?? '*/*' } }, (answer) => {
        response.writeHead(answer.statusCode!, answer.headers)
        answer.pipe(response)
      })
      .on('error', () => response.destroy())
  })
  const through = ['--proxy', proxy.origin, '--trusted-host', 'index.example']
  await s.done('install', ...through, '-i', 'http://index.example/simple/', 'base')
  assert.ok(
    asked.some((url) => url.startsWith('http://index.example/simple/base')),
    asked.join(' '),
  )
  assert.equal(await s.list(), 'base==2.0')
})

test('--client-cert is shown to an index that asks for one', async (t) => {
  const s = await pipScene(t)
  const certificate = certificateOr(t)
  if (s === undefined || certificate === undefined) return
  const guard = { key: certificate.key, cert: certificate.cert, requestCert: true, rejectUnauthorized: true }
  const server = https.createServer({ ...guard, ca: certificate.cert }, (request, response) => {
    http.get(`${s.index.origin}${request.url}`, { headers: { accept: request.headers.accept ?? '*/*' } }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as { port: number }
  writeTree(s.root, { 'both.pem': `${certificate.cert}\n${certificate.key}` })
  const secure = ['--cert', certificate.certFile, '-i', `https://localhost:${port}/simple/`, '--retries', '0']
  assert.notEqual((await s.pip('install', '--dry-run', ...secure, 'base')).code, 0)
  await s.done('install', '--dry-run', '--client-cert', 'both.pem', ...secure, 'base')
})

test('--no-input: an index that wants a password is not waited for', async (t) => {
  const s = await pipScene(t)
  if (s === undefined) return
  const closed = await serveIndex(t, [servedWheel(baseWheel('1.0'))], { login: { user: 'me', password: 'secret' } })
  const refused = await s.pip('install', '--no-input', '-i', closed.url, 'base')
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /401|password|credentials/i)
  await s.done('install', '--no-input', '-i', closed.url.replace('://', '://me:secret@'), 'base')
})

test('--requirements-from-script takes what the header asks for', async (t) => {
  const script = '# /// script\n# dependencies = ["app<2"]\n# ///\nprint(1)\n'
  const s = await pipScene(t, { tree: { 'tool.py': script, 'bare.py': 'print(1)\n' } })
  if (s === undefined) return
  await s.done('install', '--requirements-from-script', 'tool.py')
  assert.equal(await s.list(), 'app==1.0 base==2.0')
  assert.match(await s.refused('install', '--requirements-from-script', 'bare.py'), /script/)
})

test('--use-feature takes pip’s words', async (t) => {
  const s = await pipScene(t)
  if (s === undefined) return
  await s.done('install', '--dry-run', '--use-feature', 'fast-deps', '--use-feature', 'truststore', 'base')
  assert.equal((await s.pip('install', '--use-feature', 'time-travel', 'base')).code, 2)
})

const backend = `
import os
def build_wheel(directory, config_settings=None, metadata_directory=None):
    import base64, hashlib, zipfile
    name, info = "own-1.0-py3-none-any.whl", "own-1.0.dist-info/"
    files = {
        "own.py": "",
        info + "METADATA": "Metadata-Version: 2.1\\nName: own\\nVersion: 1.0\\n",
        info + "WHEEL": "Wheel-Version: 1.0\\nGenerator: own\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    digest = lambda text: base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
    rows = ["%s,sha256=%s,%d" % (n, digest(text), len(text)) for n, text in files.items()]
    files[info + "RECORD"] = "\\n".join(rows + [info + "RECORD,,", ""])
    with zipfile.ZipFile(os.path.join(directory, name), "w") as z:
        for n, text in files.items():
            z.writestr(n, text)
    return name
build_editable = build_wheel
`
const project = (requires: string): string =>
  `[build-system]\nrequires = [${requires}]\nbuild-backend = "backend"\nbackend-path = ["."]\n`

test('--check-build-dependencies looks for what --no-build-isolation relies on', async (t) => {
  const s = await pipScene(t, { tree: { 'own/pyproject.toml': project('"base>=2"'), 'own/backend.py': backend } })
  if (s === undefined) return
  const words = ['install', '--no-build-isolation', '--check-build-dependencies', './own']
  assert.match(await s.refused(...words), /build-dependencies-missing/)
  await s.done('install', 'base')
  await s.done(...words)
  assert.equal(await s.list(), 'base==2.0 own==1.0')
})

test('--no-clean keeps the directories of builds', async (t) => {
  const s = await pipScene(t, { tree: { 'own/pyproject.toml': project(''), 'own/backend.py': backend } })
  if (s === undefined) return
  const cache = path.join(s.root, 'cache')
  const kept = (): number => fs.readdirSync(path.join(cache, 'builds'), { recursive: true }).length
  await s.done('--cache-dir', cache, 'wheel', '-w', 'w', './own')
  const before = fs.existsSync(path.join(cache, 'builds')) ? kept() : 0
  await s.done('--cache-dir', cache, 'wheel', '--no-clean', '-w', 'w2', './own')
  assert.ok(kept() > before, `${kept()} entries, ${before} before`)
})

/** A repository with one commit. */
function repository(s: PipScene, name: string): string {
  const directory = path.join(s.root, name)
  writeTree(directory, { 'pyproject.toml': project(''), 'backend.py': backend, name })
  const git = (...args: readonly string[]): void => {
    const settings = ['-c', 'user.name=x', '-c', 'user.email=x@example.org', '-c', 'init.defaultBranch=main']
    const ran = spawnSync('git', ['-C', directory, ...settings, ...args], { encoding: 'utf8' })
    assert.equal(ran.status, 0, ran.stderr)
  }
  git('init', '-q')
  git('add', '.')
  git('commit', '-qm', 'first')
  return `git+file://${directory}#egg=own`
}

test('--src says where repositories are checked out, --exists-action what becomes of another one there', async (t) => {
  const s = await pipScene(t)
  if (s === undefined) return
  if (spawnSync('git', ['--version']).status !== 0) return t.skip('NOT TESTED: there is no git on this machine')
  const [first, second] = [repository(s, 'first'), repository(s, 'second')]
  const holds = (place: string): string => fs.readFileSync(path.join(s.root, 'checkouts', place, 'name'), 'utf8')
  const install = ['install', '--src', 'checkouts', '-e']
  await s.done(...install, first)
  assert.equal(holds('own'), 'first')
  assert.match(await s.refused(...install, second), /another repository/)
  assert.match(
    await s.refused('install', '--exists-action', 'a', '--src', 'checkouts', '-e', second),
    /another repository/,
  )
  assert.equal(holds('own'), 'first')
  await s.done('install', '--exists-action', 'i', '--src', 'checkouts', '-e', second)
  assert.equal(holds('own'), 'first')
  await s.done('install', '--exists-action', 'b', '--src', 'checkouts', '-e', second)
  assert.deepEqual([holds('own'), holds('own.bak')], ['second', 'first'])
  await s.done('install', '--exists-action', 'w', '--src', 'checkouts', '-e', first)
  assert.equal(holds('own'), 'first')
  await s.done('install', '--exists-action', 's', '--src', 'checkouts', '-e', second)
  assert.equal(holds('own'), 'second')
})

test('--report writes a file, and --no-warn-conflicts is quiet about what breaks', async (t) => {
  const s = await pipScene(t)
  if (s === undefined) return
  await s.done('install', 'clash')
  const ran = await s.pip('install', '--report', 'r.json', '--no-warn-conflicts', 'base==2.0')
  assert.equal(ran.stderr, '')
  const report = JSON.parse(fs.readFileSync(path.join(s.root, 'r.json'), 'utf8'))
  assert.match(report.install[0].download_info.archive_info.hashes.sha256, /^[0-9a-f]{64}$/)
})

test('where an installation belongs to somebody else, packages go to the user’s own directory, as in pip', async (t) => {
  const s = await pipScene(t)
  if (s === undefined) return
  const python = '/usr/bin/python3'
  const command = denCommand()
  const before = ['--reuid', '65534', '--regid', '65534', '--clear-groups']
  const home = path.join(s.root, 'nobody')
  fs.mkdirSync(home)
  const can = process.getuid?.() === 0 && spawnSync('setpriv', [...before, ...command, '--version']).status === 0
  if (!can || !fs.existsSync(python)) return t.skip('NOT TESTED: no other user can be had here, or no system Python')
  fs.chownSync(home, 65534, 65534)
  fs.chmodSync(s.root, 0o755)
  const words = ['pip', '--python', python, 'install', '--break-system-packages', '--no-deps', 'extra-thing']
  const env = {
    HOME: home,
    DEN_HOME: path.join(home, 'den'),
    DEN_CACHE_DIR: path.join(home, 'cache'),
    PIP_INDEX_URL: s.index.url,
    PIP_CONFIG_FILE: '/dev/null',
  }
  const ran = await runProgram('setpriv', [...before, ...command, ...words], { cwd: home, env })
  assert.equal(ran.code, 0, ran.stderr)
  assert.match(ran.stdout, /^Defaulting to user installation because normal site-packages is not writeable$/m)
  const found = fs.readdirSync(path.join(home, '.local', 'lib'), { recursive: true, encoding: 'utf8' })
  assert.ok(
    found.some((name) => name.endsWith('site-packages/extra_thing.py')),
    found.join(' '),
  )
})
