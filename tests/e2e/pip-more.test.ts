// What den adds to pip, and `pip lock`: as a user runs them.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { type DenRun, den } from '../kit/den.ts'
import { serveHttp } from '../kit/http-server.ts'
import { servedWheel, serveIndex } from '../kit/index-server.ts'
import { distInfo } from '../kit/installed.ts'
import { baseWheel, pipScene } from '../kit/pip-scene.ts'
import { scratch, writeTree } from '../kit/scratch.ts'
import { buildWheel, wheelFilename } from '../kit/wheel.ts'

test('pip lock writes what pip install takes again', async (t) => {
  const s = await pipScene(t, { tree: { 'own/pyproject.toml': '[project]\nname = "own"\nversion = "1.0"\n' } })
  if (s === undefined) return
  assert.match(await s.done('lock', 'app[more]==1.0'), /^Wrote .*pylock\.toml: 3 packages$/m)
  const text = fs.readFileSync(path.join(s.root, 'pylock.toml'), 'utf8')
  assert.match(text, /^lock-version = "1\.0"$/m)
  assert.match(text, /^name = "extra-thing"$/m)
  assert.match(text, /upload-time = 2024-01-01T00:00:00Z/)
  assert.equal(await s.list(), '')
  await s.done('install', '-r', 'pylock.toml')
  assert.equal(await s.list(), 'app==1.0 base==2.0 extra-thing==1.0')
  assert.equal(await s.done('lock', '-o', '-', 'app[more]==1.0'), text)
  assert.match((await s.pip('lock', '-o', 'other.toml', 'base')).stderr, /WARNING: .*no name of a lock file/)
})

test('a lock file whose size is not the file’s is refused, whatever its hash says', async (t) => {
  const s = await pipScene(t)
  if (s === undefined) return
  await s.done('lock', 'base==1.0')
  const text = fs.readFileSync(path.join(s.root, 'pylock.toml'), 'utf8')
  const size = Number(/size = (\d+)/.exec(text)?.[1])
  const write = (text: string): void => fs.writeFileSync(path.join(s.root, 'pylock.toml'), text)
  const sized = (bytes: number): void => write(text.replace(/size = \d+/, `size = ${bytes}`))
  for (const wrong of [size + 1, size - 1]) {
    sized(wrong)
    const said = await s.refused('install', '-r', 'pylock.toml')
    assert.match(said, new RegExp(`size-mismatch[\\s\\S]*base-1\\.0.*${wrong} bytes`))
  }
  const wheel = wheelFilename(baseWheel('1.0'))
  fs.writeFileSync(path.join(s.root, wheel), buildWheel(baseWheel('1.0')))
  const hash = /sha256 = "[0-9a-f]{64}"/.exec(text)![0]
  const head = 'lock-version = "1.0"\ncreated-by = "x"\n[[packages]]\nname = "base"\n'
  const local = (bytes: number): string => `path = "${wheel}", size = ${bytes}, hashes = {${hash}}`
  for (const bytes of [size - 1, size]) {
    for (const source of [`version = "1.0"\nwheels = [{${local(bytes)}}]\n`, `archive = {${local(bytes)}}\n`]) {
      write(head + source)
      if (bytes === size) await s.done('install', '--force-reinstall', '-r', 'pylock.toml')
      else assert.match(await s.refused('install', '-r', 'pylock.toml'), /size-mismatch/)
    }
  }
  assert.equal(await s.list(), 'base==1.0')
  await s.done('uninstall', '-y', 'base')
  sized(size)
  await s.done('install', '-r', 'pylock.toml')
})

test('pip compile pins, says who wants what, and keeps the pins that are there', async (t) => {
  const s = await pipScene(t, {
    tree: {
      'requirements.in': 'app<2  # the app\n-c limits.txt\n',
      'limits.txt': 'base<3\n',
      'pyproject.toml':
        '[project]\nname = "x"\nversion = "1"\ndependencies = ["base"]\noptional-dependencies.all = ["clash"]\n',
    },
  })
  if (s === undefined) return
  assert.equal(
    await s.done('compile', '--no-header', 'requirements.in'),
    [
      'app==1.0',
      '    # via -r requirements.in',
      'base==2.0',
      '    # via',
      '    #   -c limits.txt',
      '    #   app',
      '',
    ].join('\n'),
  )
  fs.writeFileSync(path.join(s.root, 'requirements.txt'), 'base==1.0\n')
  assert.match(
    await s.done('compile', 'requirements.in', '-o', 'requirements.txt'),
    /^Wrote requirements\.txt: 2 pins$/m,
  )
  const read = (): string => fs.readFileSync(path.join(s.root, 'requirements.txt'), 'utf8')
  assert.match(
    read(),
    /^# .*\n# {4}den pip compile requirements\.in -o requirements\.txt\napp==1\.0\n[\s\S]*^base==1\.0$/m,
  )
  assert.match(await s.done('compile', 'requirements.in', '-o', 'requirements.txt'), /is as it was/)
  await s.done('compile', 'requirements.in', '-o', 'requirements.txt', '-P', 'base')
  assert.match(read(), /^base==2\.0$/m)
  await s.done('compile', 'requirements.in', '-o', 'requirements.txt', '-P', 'base==1.0')
  assert.match(read(), /^base==1\.0$/m)
  await s.done('compile', 'requirements.in', '-o', 'requirements.txt', '-U', '--generate-hashes')
  assert.match(read(), /^base==2\.0 \\\n {4}--hash=sha256:[0-9a-f]{64}\n {4}# via$/m)
  await s.done('install', '--require-hashes', '-r', 'requirements.txt')
  assert.equal(await s.list(), 'app==1.0 base==2.0')
  assert.match(await s.done('compile', 'pyproject.toml'), /^base==2\.0\n {4}# via pyproject\.toml$/m)
  assert.match(await s.done('compile', '--all-extras', 'pyproject.toml'), /^base==1\.0$/m)
  assert.match(await s.refused('compile', '--extra', 'nothing', 'pyproject.toml'), /no extra nothing/)
  // What is asked for is not written over with what it comes to, whichever way it is spelled.
  for (const output of ['requirements.in', './requirements.in'])
    assert.match(
      await s.refused('compile', 'requirements.in', '-o', output),
      /requirements\.in is what the pins are made/,
    )
  assert.equal(fs.readFileSync(path.join(s.root, 'requirements.in'), 'utf8'), 'app<2  # the app\n-c limits.txt\n')
  assert.match(await s.refused('compile'), /no file is named\n {3}fix: den pip compile requirements\.in\n/)
  assert.match(await s.done('compile', '--resolution', 'lowest', '--no-annotate', 'pyproject.toml'), /^base==1\.0$/m)
})

test('pip compile --universal pins for every machine and Python, each pin with its marker, and keeps such pins', async (t) => {
  const s = await pipScene(t, {
    tree: {
      'all.in':
        'base<2; sys_platform == "win32"\nbase>=2; sys_platform != "win32"\napp<2; python_version >= "3.12" and os_name == "nt"\n',
      'none.in': 'base<2; python_version < "3.11"\nbase>=2; python_version < "3.12"\n',
    },
  })
  if (s === undefined) return
  const compile = ['compile', '--universal', '--python-version', '3.10', '--no-header', '--no-annotate']
  const pins = [
    'app==1.0 ; python_version >= "3.12" and sys_platform == "win32"',
    'base==1.0 ; sys_platform == "win32"',
    'base==2.0 ; sys_platform != "win32"',
    '',
  ].join('\n')
  assert.equal(await s.done(...compile, 'all.in'), pins)
  await s.done(...compile, 'all.in', '-o', 'all.txt')
  assert.match(await s.done(...compile, 'all.in', '-o', 'all.txt'), /is as it was/)
  assert.equal(fs.readFileSync(path.join(s.root, 'all.txt'), 'utf8'), pins)
  await s.done('install', '-r', 'all.txt')
  assert.equal(await s.list(), process.platform === 'win32' ? 'base==1.0' : 'base==2.0')
  assert.match(await s.refused(...compile, 'none.in'), /environments in which python_version < "3\.11"/)
})

test('pip compile says what was taken back among its pins, and which extras do not exist, from memory too', async (t) => {
  const s = await pipScene(t, { tree: { 'requirements.in': 'gone==1.0\nbase[nothing]\n' } })
  if (s === undefined) return
  s.index.add(servedWheel({ name: 'gone', version: '1.0' }, { yanked: 'it was wrong' }))
  for (const more of [[], ['--universal']])
    for (const _ of ['anew', 'from memory']) {
      const { code, stderr } = await s.pip('compile', ...more, 'requirements.in')
      assert.equal(code, 0, stderr)
      assert.match(stderr, /WARNING: gone 1\.0 was taken back by its maintainers: it was wrong$/m)
      assert.match(stderr, /WARNING: base 2\.0 has no extra nothing$/m)
    }
})

test('pip compile reads requirements from standard input as -', async (t) => {
  const s = await pipScene(t, { tree: { 'more.in': 'extra-thing\n', 'out/keep': '' } })
  if (s === undefined) return
  const env = { PIP_INDEX_URL: s.index.url, PIP_CONFIG_FILE: '/dev/null' }
  const compile = async (input: string, ...args: readonly string[]): Promise<DenRun> =>
    await den(['pip', '--python', '.venv', 'compile', ...args], { cwd: s.root, env, input })
  const told = await compile('app==1.0  # wanted\n-r more.in\n', '-')
  assert.equal(told.code, 0, told.stderr)
  assert.match(
    told.stdout,
    /^app==1\.0\n {4}# via -r -\nbase==2\.0\n {4}# via app\nextra-thing==1\.0\n {4}# via -r more\.in$/m,
  )
  const both = await compile('base<2\n', 'more.in', '-', '-o', 'out/r.txt')
  assert.equal(both.code, 0, both.stderr)
  const text = fs.readFileSync(path.join(s.root, 'out/r.txt'), 'utf8')
  assert.match(text, /^base==1\.0\n {4}# via -r -\nextra-thing==1\.0\n {4}# via -r \.\.\/more\.in$/m)
  // To pip install it is a file's name, as to pip.
  assert.match(await s.refused('install', '-r', '-'), /requirements-file-missing/)
})

test('pip sync makes the environment what the files say', async (t) => {
  const s = await pipScene(t, { tree: { 'one.txt': 'base==1.0\nextra-thing==1.0\n', 'none.txt': '# nothing\n' } })
  if (s === undefined) return
  await s.done('install', 'app')
  await s.done('sync', '--dry-run', 'one.txt')
  assert.equal(await s.list(), 'app==2.0 base==2.0')
  const said = await s.done('sync', 'one.txt')
  assert.match(said, /^Uninstalled app-2\.0$/m)
  assert.equal(await s.list(), 'base==1.0 extra-thing==1.0')
  assert.match(await s.done('sync', 'one.txt'), /Everything is as the files have it/)
  assert.match(await s.refused('sync', 'none.txt'), /--allow-empty-requirements/)
  assert.equal(await s.list(), 'base==1.0 extra-thing==1.0')
  await s.done('sync', '--allow-empty-requirements', 'none.txt')
  assert.equal(await s.list(), '')
  await s.done('lock', 'app')
  await s.done('sync', 'pylock.toml')
  assert.equal(await s.list(), 'app==2.0 base==2.0')
  // What installs is no part of what is installed.
  writeTree(s.site, distInfo({ name: 'pip', version: '1.0' }))
  await s.done('sync', 'pylock.toml')
  assert.equal(await s.list(), 'app==2.0 base==2.0 pip==1.0')
  fs.rmSync(path.join(s.site, 'pip-1.0.dist-info'), { recursive: true })
  await s.done('install', '--exact', 'base')
  assert.equal(await s.list(), 'base==2.0')
})

test('pip upgrade --all takes the newest of everything that goes together', async (t) => {
  const s = await pipScene(t, {
    tree: { 'own/pyproject.toml': '[build-system]\nrequires = []\nbuild-backend = "b"\nbackend-path = ["."]\n' },
  })
  if (s === undefined) return
  await s.done('install', 'app==1.0', 'base==1.0', 'extra-thing')
  await s.done('uninstall', '-y', 'base')
  await s.done('install', '--no-deps', 'base==1.0')
  const dry = await s.done('upgrade', '--all', '--dry-run')
  assert.match(dry, /^Would install app-2\.0 base-2\.0$/m)
  const said = await s.done('install', '--upgrade', '--all')
  assert.match(said, /^ {4}Found existing installation: app 1\.0$/m)
  assert.match(said, /^ {6}Successfully uninstalled app-1\.0$/m)
  assert.equal(await s.list(), 'app==2.0 base==2.0 extra-thing==1.0')
  assert.match(await s.done('upgrade', '--all'), /Everything is up to date/)
  assert.match(await s.refused('upgrade', '--all', 'app'), /--all/)
  assert.match(await s.refused('upgrade'), /nothing is named/)
  // An installed package that needs the old one holds it.
  await s.done('install', 'clash', 'app==1.0')
  assert.equal(await s.list(), 'app==1.0 base==1.0 clash==1.0 extra-thing==1.0')
  // Nothing goes back to what the index has, and what is none of its is left alone.
  writeTree(s.site, distInfo({ name: 'own', version: '9.0', requested: true }))
  await s.done('uninstall', '-y', 'extra-thing')
  writeTree(s.site, distInfo({ name: 'extra-thing', version: '7.0' }))
  assert.doesNotMatch(await s.done('upgrade', '--all', '--dry-run'), /Would install/)
  fs.rmSync(path.join(s.site, 'own-9.0.dist-info'), { recursive: true })
  fs.rmSync(path.join(s.site, 'extra_thing-7.0.dist-info'), { recursive: true })
  await s.done('install', 'extra-thing')
  await s.done('upgrade', '--all')
  assert.equal(await s.list(), 'app==1.0 base==1.0 clash==1.0 extra-thing==1.0')
})

test('pip autoremove takes out what nothing needs any more', async (t) => {
  const s = await pipScene(t)
  if (s === undefined) return
  await s.done('install', 'app[more]', 'clash', 'app<2')
  assert.equal(await s.list(), 'app==1.0 base==1.0 clash==1.0 extra-thing==1.0')
  assert.match(await s.done('autoremove', '-y'), /Everything that is installed is needed/)
  await s.done('uninstall', '-y', 'app')
  assert.match(await s.done('autoremove', '--dry-run'), /^Would uninstall extra-thing-1\.0$/m)
  assert.match(await s.refused('autoremove', '--no-input'), /--yes/)
  await s.done('autoremove', '-y')
  assert.equal(await s.list(), 'base==1.0 clash==1.0')
  // An older pip has left no word of what was asked for.
  for (const name of fs.readdirSync(s.site).filter((each) => each.endsWith('.dist-info'))) {
    fs.rmSync(path.join(s.site, name, 'REQUESTED'), { force: true })
    fs.rmSync(path.join(s.site, name, 'INSTALLER'))
    fs.writeFileSync(path.join(s.site, name, 'INSTALLER'), 'pip\n')
  }
  assert.match(await s.refused('autoremove', '-y'), /nothing-requested/)
  assert.equal(await s.list(), 'base==1.0 clash==1.0')
  await s.done('install', '--force-reinstall', 'clash')
  await s.done('uninstall', '-y', 'clash')
  await s.done('autoremove', '-y')
  assert.equal(await s.list(), '')
})

test('a project comes from the first index that has it, and a further one goes first', async (t) => {
  const s = await pipScene(t, { tree: { 'pyproject.toml': '' } })
  if (s === undefined) return
  const inner = await serveIndex(t, [servedWheel(baseWheel('0.9'))])
  const extra = ['--extra-index-url', inner.url]
  assert.match(await s.done('install', '--dry-run', ...extra, 'base'), /^Would install base-0\.9$/m)
  const refused = await s.refused('install', ...extra, 'app')
  assert.match(refused, /base comes from .*, which is asked first; .* has it too: 2\.0, 1\.0/)
  assert.match(refused, /--index-strategy best-version/)
  const best = ['--index-strategy', 'best-version']
  assert.match(await s.done('install', '--dry-run', ...extra, ...best, 'app'), /^Would install app-2\.0 base-2\.0$/m)
  // A checkout may be a stranger's: it asks for the stricter way, and for nothing else.
  fs.writeFileSync(path.join(s.root, 'pyproject.toml'), '[tool.den]\nindex-strategy = "best-version"\n')
  const foreign = await s.pip('install', '--dry-run', ...extra, 'base')
  assert.match(foreign.stdout, /^Would install base-0\.9$/m)
  assert.match(foreign.stderr, /index-strategy in .*pyproject\.toml is not followed/)
  assert.match(await s.done('install', '--dry-run', ...extra, ...best, 'base'), /^Would install base-2\.0$/m)
  fs.writeFileSync(path.join(s.root, 'extra.txt'), `--extra-index-url ${inner.url}\nbase\n`)
  const named = await s.pip('install', '--dry-run', '-r', 'extra.txt')
  assert.match(named.stdout, /^Would install base-0\.9$/m)
  assert.match(named.stderr, /index-strategy in .*pyproject\.toml is not followed/)
  fs.writeFileSync(path.join(s.root, 'pyproject.toml'), '[tool.den]\nindex-strategy = "first-index"\n')
  assert.match(await s.done('install', '--dry-run', ...extra, 'base'), /^Would install base-0\.9$/m)
  fs.writeFileSync(path.join(s.root, 'pyproject.toml'), '[tool.den]\nindex-strategy = "worst"\n')
  assert.match(await s.refused('install', '--dry-run', ...extra, 'base'), /first-index or best-version/)
  fs.writeFileSync(path.join(s.root, 'pyproject.toml'), '')
  // Where order decides, an index that fails gives way to no other.
  const open = await s.refused('install', '--dry-run', '--extra-index-url', 'http://inner.example/simple/', 'base')
  assert.match(open, /not encrypted[\s\S]*--trusted-host inner\.example/)
  inner.fault({ on: '/simple/', kind: 'status', status: 500 })
  assert.match(await s.refused('install', '--dry-run', '--retries', '0', ...extra, 'app'), /500/)
  assert.match(await s.done('index', 'versions', 'base'), /Available versions: 2\.0, 1\.0/)
})

test('DEN_INDEX_STRATEGY says how indexes are taken, where the command line does not', async (t) => {
  const s = await pipScene(t, { env: { DEN_INDEX_STRATEGY: 'best-version' } })
  if (s === undefined) return
  const inner = await serveIndex(t, [servedWheel(baseWheel('0.9'))])
  const install = ['install', '--dry-run', '--extra-index-url', inner.url]
  assert.match(await s.done(...install, 'base'), /^Would install base-2\.0$/m)
  assert.match(await s.done(...install, '--index-strategy', 'first-index', 'base'), /^Would install base-0\.9$/m)
})

test('index-strategy in the user’s own den.toml says so as well, and a project may ask for the stricter way', async (t) => {
  const config = path.join(scratch(t, { 'den.toml': 'index-strategy = "best-version"\n' }), 'den.toml')
  const s = await pipScene(t, { env: { DEN_CONFIG_FILE: config } })
  if (s === undefined) return
  const inner = await serveIndex(t, [servedWheel(baseWheel('0.9'))])
  const install = ['install', '--dry-run', '--extra-index-url', inner.url, 'base']
  assert.match(await s.done(...install), /^Would install base-2\.0$/m)
  fs.writeFileSync(path.join(s.root, 'pyproject.toml'), '[tool.den]\nindex-strategy = "first-index"\n')
  assert.match(await s.done(...install), /^Would install base-0\.9$/m)
  fs.writeFileSync(path.join(s.root, 'pyproject.toml'), '[tool.den]\nindex-strategy = "best-version"\n')
  const both = await s.pip(...install)
  assert.match(both.stdout, /^Would install base-2\.0$/m)
  assert.doesNotMatch(both.stderr, /not followed/)
})

test('--override stands in place of what is required', async (t) => {
  const s = await pipScene(t, { tree: { 'override.txt': 'base==1.0\n' } })
  if (s === undefined) return
  await s.done('install', '--override', 'override.txt', 'app==2.0')
  assert.equal(await s.list(), 'app==2.0 base==1.0')
})

test('--json: what happens an object a line, the result last; of a failure the error', async (t) => {
  const s = await pipScene(t)
  if (s === undefined) return
  const lines = (await s.done('install', '--json', 'app'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const kinds = lines.map(({ kind, schema }) => kind ?? schema)
  assert.ok(kinds.includes('resolve.done') && kinds.includes('apply.done'), kinds.join(' '))
  const result = lines.at(-1)
  assert.equal(result.schema, 'den.pip.install/1')
  assert.deepEqual(
    result.installed.map(({ name, version, requested }: Record<string, unknown>) => [name, version, requested]),
    [
      ['app', '2.0', true],
      ['base', '2.0', false],
    ].sort(([a], [b]) => kindsOrder(result, String(a)) - kindsOrder(result, String(b))),
  )
  const failed = await s.pip('install', '--json', 'nothing-there')
  assert.equal(failed.code, 1)
  assert.equal(JSON.parse(failed.stdout.trim().split('\n').at(-1)!).code, 'no-solution')
  assert.equal(failed.stderr, '')
  for (const words of [
    ['list'],
    ['freeze'],
    ['show', 'app'],
    ['check'],
    ['tree'],
    ['why', 'base'],
    ['cache', 'dir'],
    ['config', 'list'],
  ]) {
    const document = JSON.parse(await s.done(...words, '--json'))
    assert.equal(document.schema, `den.pip.${words[0]}/1`)
  }
  assert.equal(JSON.parse(await s.done('list', '--json')).packages.length, 2)
  assert.equal(JSON.parse(await s.done('inspect', '--json')).version, '1')
  const gone = (await s.done('uninstall', '-y', '--json', 'app'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(gone.at(-1).removed, [{ name: 'app', version: '2.0' }])
})

function kindsOrder(result: { installed: { name: string }[] }, name: string): number {
  return result.installed.findIndex((one) => one.name === name)
}

test('a change that breaks what was there is told, as pip tells it', async (t) => {
  const s = await pipScene(t)
  if (s === undefined) return
  await s.done('install', 'clash')
  const broken = await s.pip('install', 'base==2.0')
  assert.equal(broken.code, 0)
  assert.match(broken.stderr, /clash 1\.0 requires base<2, but you have base 2\.0 which is incompatible\./)
  const silent = await s.pip('install', '--force-reinstall', '--no-warn-conflicts', 'base==2.0')
  assert.doesNotMatch(silent.stderr, /incompatible/)
  await s.done('install', '--no-deps', 'app==1.0')
  await s.done('uninstall', '-y', 'base')
  const missing = await s.pip('install', 'extra-thing')
  assert.equal(missing.stderr, '', 'what was broken before is not this change’s')
})

test('what is fetched is told in lines where no bar is drawn, and not at all with -q', async (t) => {
  const s = await pipScene(t)
  if (s === undefined) return
  const said = await s.done('install', 'app')
  assert.match(said, /^Collecting app==2\.0$/m)
  assert.match(said, /^Collecting base==2\.0 \(from app\)$/m)
  assert.match(said, /^ {2}Downloading app-2\.0-py3-none-any\.whl/m)
  assert.equal(await s.done('install', '-q', '--force-reinstall', 'app'), '')
  const fresh = await pipScene(t)
  const raw = await fresh!.done('install', '--progress-bar', 'raw', 'app')
  assert.match(raw, /^Progress \d+ of \d+$/m)
})

test('undo and history', async (t) => {
  const s = await pipScene(t)
  if (s === undefined) return
  await s.done('install', 'app==1.0')
  await s.done('install', '-U', 'app')
  const told = await s.den('history')
  assert.equal(told.code, 0, told.stderr)
  assert.match(told.stdout, /2 +.*install app\n/)
  // By its path, from anywhere, as den run takes it.
  const named = await s.den('-C', '/', 'history', '-e', path.join(s.root, '.venv'))
  assert.equal(named.stdout, told.stdout, named.stderr)
  for (const option of ['-e', '-n']) {
    const lost = await s.den('history', option, 'nowhere')
    assert.equal(lost.code, 1)
    assert.match(lost.stderr, /^error\[environment-not-found\]: no environment nowhere\n/)
  }
  const unknown = await s.den('undo', '9')
  assert.equal(unknown.code, 1)
  assert.match(unknown.stderr, /has no change 9\n +why: its changes are 1 to 2\n/)
  const undone = await s.den('undo')
  assert.equal(undone.code, 0, undone.stderr)
  assert.equal(await s.list(), 'app==1.0 base==2.0')
  assert.equal((await s.den('undo')).code, 0)
  assert.equal(await s.list(), '')
  const nothing = await s.den('undo')
  assert.equal(nothing.code, 1)
  assert.match(nothing.stderr, /nothing-to-undo/)
  const { changes } = (await s.den('history', '--json')).json<{ changes: { undone: boolean }[] }>()
  assert.deepEqual(
    changes.map(({ undone: back }) => back),
    [false, false, true, true],
  )
})

/** The store of the test's own den. */
function storeOf(root: string): string {
  return path.join(path.dirname(root), `.home-of-${path.basename(root)}`, 'den-home', 'store')
}

test('undo fetches what the store does not have', async (t) => {
  const s = await pipScene(t)
  if (s === undefined) return
  await s.done('install', 'app==1.0')
  await s.done('uninstall', '-y', 'app')
  const store = storeOf(s.root)
  assert.ok(fs.existsSync(store))
  const trees = fs.readdirSync(store, { recursive: true, encoding: 'utf8' }).filter((name) => /app-1\.0/.test(name))
  assert.ok(trees.length > 0)
  spawnSync('chmod', ['-R', 'u+w', store])
  fs.rmSync(store, { recursive: true, force: true })
  const offline = await s.den('undo', '--offline', '--json')
  assert.equal(offline.code, 1)
  assert.equal((await s.den('undo')).code, 0)
  assert.equal(await s.python('import app; print(app.version)'), '1.0')
})

test('undo that cannot have back what stood there changes nothing', async (t) => {
  const s = await pipScene(t, { tree: { wheels: undefined } })
  if (s === undefined) return
  const own = { name: 'own', version: '1.0' }
  writeTree(s.root, { [`wheels/${wheelFilename(own)}`]: buildWheel(own) })
  await s.done('install', '--no-index', '--find-links', 'wheels', 'own')
  await s.done('uninstall', '-y', 'own')
  spawnSync('chmod', ['-R', 'u+w', storeOf(s.root)])
  fs.rmSync(storeOf(s.root), { recursive: true, force: true })
  const refused = await s.den('undo')
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /undo-incomplete/)
  assert.match(refused.stderr, /own 1\.0/)
  assert.equal(await s.list(), '')
})

test('pip uninstall -r takes an address, too', async (t) => {
  const s = await pipScene(t)
  if (s === undefined) return
  await s.done('install', 'app')
  const { origin } = await serveHttp(t, (request, response) => {
    if (request.url === '/gone.txt') response.writeHead(404).end()
    else response.end('app\n# base stays\n')
  })
  assert.match(await s.refused('uninstall', '-y', '-r', `${origin}/gone.txt`), /requirements-file-missing/)
  await s.done('uninstall', '-y', '-r', `${origin}/requirements.txt`)
  assert.equal(await s.list(), 'base==2.0')
})
