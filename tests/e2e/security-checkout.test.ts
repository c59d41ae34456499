// A directory that came from a stranger: whatever lies in it, den's reading commands run nothing of it, and its files choose neither the
// interpreter that is started nor the index that is asked.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { changesBetween, snapshot } from '../kit/bad-archives-run.ts'
import { type DenRun, den } from '../kit/den.ts'
import { serveHttp } from '../kit/http-server.ts'
import { servedWheel, serveIndex } from '../kit/index-server.ts'
import { distInfo } from '../kit/installed.ts'
import { newestPython, skipWithoutPython } from '../kit/pythons.ts'
import { scratch, type Tree, writeTree } from '../kit/scratch.ts'
import { buildWheel } from '../kit/wheel.ts'

const python = newestPython('3.12')
const skip =
  process.platform === 'win32'
    ? 'NOT TESTED: hostile checkouts on Windows'
    : skipWithoutPython('3.12', 'hostile checkouts')

const reading: readonly (readonly string[])[] = [
  ['pip', 'list'],
  ['pip', 'list', '-v', '--format', 'json'],
  ['pip', 'freeze'],
  ['pip', 'check'],
  ['pip', 'show', '-f', 'app'],
  ['pip', 'inspect'],
  ['pip', 'tree'],
  ['pip', 'why', 'app'],
  ['pip', '--version'],
  ['pip', 'config', 'list'],
  ['env', 'list'],
  ['explain'],
  ['doctor'],
  ['check'],
  ['history'],
  ['python', 'find'],
  ['python', 'list'],
]

interface Scene {
  readonly root: string
  readonly cwd: string
  readonly canary: string
  /** A program that leaves a trace. */
  readonly trap: string
  run(...args: readonly string[]): Promise<DenRun>
}

function scene(t: TestContext, make: (scene: Omit<Scene, 'run'>) => Tree): Scene {
  const root = scratch(t)
  const cwd = path.join(root, 'checkout')
  const canary = path.join(root, 'canary')
  const trap = `#!/bin/sh\necho "$0 $@" >> '${canary}'\necho 3.12.1\n`
  const base = { root, cwd, canary, trap }
  fs.mkdirSync(cwd)
  writeTree(cwd, make(base))
  // Whatever begins with #! can be run.
  for (const entry of fs.readdirSync(cwd, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name)
    if (entry.isFile() && fs.readFileSync(file, 'latin1').startsWith('#!')) fs.chmodSync(file, 0o755)
  }
  const env = {
    HOME: path.join(root, 'home'),
    DEN_HOME: path.join(root, 'data'),
    DEN_CACHE_DIR: path.join(root, 'cache'),
    XDG_CONFIG_HOME: path.join(root, 'home/.config'),
    PATH: `${path.dirname(python!.executable)}:/usr/bin:/bin`,
  }
  return { ...base, run: (...args) => den(args, { cwd, env }) }
}

const said = (canary: string): string => (fs.existsSync(canary) ? fs.readFileSync(canary, 'utf8') : '')

/** No command runs anything, crashes, or hangs. */
async function staysQuiet(s: Scene, commands: readonly (readonly string[])[] = reading): Promise<void> {
  for (const command of commands) {
    const { code, stderr } = await s.run(...command)
    assert.doesNotMatch(stderr, /error\[internal\]/, `${command.join(' ')}: ${stderr}`)
    assert.ok(code !== undefined)
    assert.equal(said(s.canary), '', command.join(' '))
  }
}

const packages = (canary: string): Tree => ({
  ...distInfo({ name: 'app', version: '1.0' }),
  'sitecustomize.py': `open(${JSON.stringify(canary)}, "a").write("sitecustomize")\n`,
  'evil.pth': `import os; open(${JSON.stringify(canary)}, "a").write("pth")\n`,
})

const under = (place: string, tree: Tree): Tree =>
  Object.fromEntries(Object.entries(tree).map(([name, content]) => [`${place}/${name}`, content]))

test('an environment that came along, with a program for its python', { skip }, async (t) => {
  const s = scene(t, ({ trap, canary, cwd }) => ({
    '.venv/pyvenv.cfg': `home = ${cwd}/tools\nversion = 3.12.1\nexecutable = ${cwd}/tools/python\ncommand = ${cwd}/tools/python -m venv .venv\ninclude-system-site-packages = false\n`,
    '.venv/bin/python': trap,
    '.venv/bin/python3': trap,
    '.venv/bin/pip': trap,
    '.venv/bin/activate': `touch '${canary}'\n`,
    'tools/python': trap,
    'tools/python3.12': trap,
    ...under('.venv/lib/python3.12/site-packages', packages(canary)),
  }))
  await staysQuiet(s)
})

test('an environment whose pyvenv.cfg tells lies', { skip }, async (t) => {
  const lies: readonly string[] = [
    'home = /nowhere\n',
    'home = \n',
    'home = ../../..\nversion = 99.99\n',
    `home = ${'/x'.repeat(3000)}\n`,
    'home = /usr/bin\0\nversion_info = \x1b[2J\n',
    'home = $(touch canary)\nprompt = `touch canary`\n',
    `${'key = value\n'.repeat(20_000)}`,
    'home = /dev/zero\nexecutable = /dev/zero\n',
    'home = /proc/self/fd\nexecutable = /dev/stdin\n',
    '',
    '\ufeffhome=/usr/bin',
    'den = {"store": "/etc", "generation": "../../../.."}\nstore = ../../../../etc\n',
  ]
  for (const text of lies) {
    const s = scene(t, ({ trap, canary }) => ({
      '.venv/pyvenv.cfg': text,
      '.venv/bin/python': trap,
      ...under('.venv/lib/python3.12/site-packages', packages(canary)),
    }))
    await staysQuiet(s, [['pip', 'list'], ['pip', 'freeze'], ['explain'], ['doctor'], ['env', 'list']])
  }
})

test('what den keeps in an environment, forged', { skip }, async (t) => {
  const forged: readonly Tree[] = [
    { '.venv/.den/transaction': '{"moves":[["/etc/hostname","/tmp/den-forged"]]}\n0\n', '.venv/.den/lock': '' },
    {
      '.venv/.den/history/000001.json':
        '{"schema":1,"number":1,"time":1e308,"before":[{"name":"../../x","version":"../../y"}],"after":"x"}',
    },
    { '.venv/.den/history/000001.json': '['.repeat(100_000) },
    { '.venv/.den/now': 'not a link', '.venv/.den/generations/1/bin/python': '#!/bin/sh\n' },
    { '.venv/.den/lock': 'text', '.venv/.den/new/bin/python': 'x', '.venv/.den/old/etc/passwd': 'x' },
  ]
  for (const tree of forged) {
    const s = scene(t, ({ trap, canary }) => ({
      '.venv/pyvenv.cfg': `home = ${path.dirname(python!.executable)}\nversion = 3.12.1\n`,
      '.venv/bin/python': trap,
      ...under('.venv/lib/python3.12/site-packages', packages(canary)),
      ...tree,
    }))
    fs.writeFileSync(path.join(s.root, 'outside'), 'mine')
    await staysQuiet(s, [['pip', 'list'], ['pip', 'check'], ['history'], ['history', '--json'], ['check'], ['doctor']])
    assert.equal(fs.readFileSync(path.join(s.root, 'outside'), 'utf8'), 'mine')
    assert.equal(fs.existsSync('/tmp/den-forged'), false)
  }
})

test('a record of renames that leads out of the environment is not carried out', { skip }, async (t) => {
  const { createHash } = await import('node:crypto')
  const s = scene(t, () => ({}))
  const made = await s.run('create', '-p', python!.executable, '--seed', 'none', '.venv')
  assert.equal(made.code, 0, made.stderr)
  const outside = path.join(s.root, 'outside')
  const goal = path.join(s.root, 'goal')
  for (const moves of [
    [{ from: outside, to: goal }],
    [['../../outside', '../../goal']],
    [{ kind: 'rename', from: '../../outside', to: '../../goal' }],
  ]) {
    fs.writeFileSync(outside, 'mine')
    const body = JSON.stringify({
      schema: 1,
      version: 1,
      root: path.join(s.cwd, '.venv'),
      moves,
      renames: moves,
      steps: moves,
    })
    const seal = createHash('sha256').update(`${body}\n`).digest('hex')
    for (const text of [`${body}\n${seal}\n`, `${body}\n${createHash('sha256').update(body).digest('hex')}\n`]) {
      writeTree(s.cwd, { '.venv/.den/transaction': text })
      await s.run('pip', 'list')
      await s.run('doctor')
      assert.equal(fs.readFileSync(outside, 'utf8'), 'mine')
      assert.equal(fs.existsSync(goal), false)
    }
  }
})

test('files that name interpreters, and settings that name programs', { skip }, async (t) => {
  const s = scene(t, ({ trap, cwd }) => ({
    '.python-version': '../../../../bin/sh\n./tools/python\n',
    '.python-versions': './tools/python\n',
    'tools/python': trap,
    python: trap,
    python3: trap,
    git: trap,
    keyring: trap,
    'den.toml': `python = "${cwd}/tools/python"\nindex-url = "http://127.0.0.1:1/"\n[tool.den]\npython = "./tools/python"\nplugins = ["./tools/python"]\n`,
    'pyproject.toml': `[tool.den]\npython = "./tools/python"\nstore = "/etc"\nkeyring = "./tools/python"\n[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n`,
    'backend.py': 'import os; open(os.environ["HOME"] + "/../canary", "a").write("backend")\n',
    'setup.py': 'import os; open(os.environ["HOME"] + "/../canary", "a").write("setup.py")\n',
    'setup.cfg': '[metadata]\nname = app\n',
    'pip.conf': '[global]\nindex-url = http://127.0.0.1:1/\n',
    'virtualenv.ini': `[virtualenv]\npython = ${cwd}/tools/python\n`,
    '.envrc': 'touch canary\n',
    Pipfile: '[requires]\npython_full_version = "$(touch canary)"\n',
    'sitecustomize.py': 'raise SystemExit(1)\n',
  }))
  await staysQuiet(s)
})

test('TOML that is deep, long or odd', { skip }, async (t) => {
  const texts = [
    `x = ${'['.repeat(50_000)}`,
    `[${'a.'.repeat(50_000)}b]`,
    `[tool.den]\nindex-strategy = ${'9'.repeat(10_000)}\n`,
    `[project]\nname = ${'{a='.repeat(20_000)}`,
    `[tool.den]\nminimum-age = "${'9'.repeat(10_000)}d"\n`,
    '[[tool]]\n[[tool.den]]\n[tool.den.x]\n',
    '\0',
    '\ufeff\ufeff[x]',
  ]
  for (const text of texts) {
    const s = scene(t, () => ({ 'pyproject.toml': text, 'den.toml': text, 'pylock.toml': text }))
    await staysQuiet(s, [['pip', 'list'], ['python', 'find'], ['doctor'], ['explain']])
  }
})

test('a checkout does not say where packages come from', { skip }, async (t) => {
  const asked: (string | undefined)[] = []
  const thief = await serveHttp(t, (request, response) => {
    asked.push(request.url)
    response.writeHead(404).end()
  })
  const index = await serveIndex(t, [servedWheel({ name: 'app', version: '1.0' })])
  const s = scene(t, () => ({
    'pip.conf': `[global]\nindex-url = ${thief.origin}/simple/\n`,
    'pip.ini': `[global]\nindex-url = ${thief.origin}/simple/\n`,
    'uv.toml': `index-url = "${thief.origin}/simple/"\n`,
    'den.toml': `index-url = "${thief.origin}/simple/"\n`,
    '.env': `PIP_INDEX_URL=${thief.origin}/simple/\nDEN_INDEX_URL=${thief.origin}/simple/\n`,
    'setup.cfg': `[easy_install]\nindex_url = ${thief.origin}/simple/\n[global]\nindex-url = ${thief.origin}/simple/\n`,
    'pyproject.toml': `[tool.den]\nindex-url = "${thief.origin}/simple/"\n[tool.uv]\nindex-url = "${thief.origin}/simple/"\n[[tool.uv.index]]\nurl = "${thief.origin}/simple/"\n`,
  }))
  const made = await s.run('create', '-p', python!.executable, '--seed', 'none', '.venv')
  assert.equal(made.code, 0, made.stderr)
  const run = await s.run('pip', 'install', '--index-url', index.url, 'app')
  assert.equal(run.code, 0, run.stderr)
  const none = await s.run('pip', 'install', '--no-index', 'nothing')
  assert.equal(none.code, 1)
  assert.deepEqual(asked, [])
})

test('links and repositories that would run a program are refused', { skip }, async (t) => {
  const s = scene(t, ({ trap }) => ({ 'bin/x': trap }))
  const made = await s.run('create', '-p', python!.executable, '--seed', 'none', '.venv')
  assert.equal(made.code, 0, made.stderr)
  const command = `touch ${s.canary}`
  const links = [
    `git+ext::sh -c ${command}`,
    `git+ext::sh%20-c%20${encodeURIComponent(command)}`,
    `git+ssh://-oProxyCommand=${encodeURIComponent(command)}/x`,
    `git+file:///srv/none@--upload-pack=${encodeURIComponent(command)}`,
    `git+https://127.0.0.1:1/x@-u${encodeURIComponent(command)}`,
    `git+file:///srv/none#subdirectory=../../..`,
    `hg+file:///srv/none@--config=alias.clone=!${encodeURIComponent(command)}`,
    `hg+ssh://-oProxyCommand=${encodeURIComponent(command)}/x`,
    `svn+ssh://-oProxyCommand=${encodeURIComponent(command)}/x`,
    `bzr+ssh://-oProxyCommand=${encodeURIComponent(command)}/x`,
    `git+fd::17/foo`,
    `git+--upload-pack=${command}`,
  ]
  for (const link of links) {
    for (const args of [[`app @ ${link}`], ['-e', `${link}#egg=app`], [link]]) {
      const run = await s.run('pip', 'install', '--no-index', ...args)
      assert.notEqual(run.code, 0, run.stdout)
      assert.doesNotMatch(run.stderr, /error\[internal\]/, run.stderr)
      assert.equal(fs.existsSync(s.canary), false, link)
    }
  }
})

test('locking and planning run nothing of the directory they are run in', { skip }, async (t) => {
  const s = scene(t, ({ canary, trap }) => ({
    'pyproject.toml':
      '[project]\nname = "own"\nversion = "1.0"\ndependencies = ["app"]\n[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n[dependency-groups]\ntest = ["app"]\n',
    'backend.py': `open(${JSON.stringify(canary)}, "a").write("backend")\n`,
    'setup.py': `open(${JSON.stringify(canary)}, "a").write("setup")\n`,
    'requirements.txt': 'app\n',
    'sitecustomize.py': `open(${JSON.stringify(canary)}, "a").write("sitecustomize")\n`,
    'app.py': `open(${JSON.stringify(canary)}, "a").write("app")\n`,
    python: trap,
    'wheels/app-1.0-py3-none-any.whl': buildWheel({ name: 'app', version: '1.0' }),
  }))
  const made = await s.run('create', '-p', python!.executable, '--seed', 'none', '.venv')
  assert.equal(made.code, 0, made.stderr)
  const from = ['--no-index', '--find-links', 'wheels']
  for (const command of [
    ['pip', 'lock', ...from, '-r', 'requirements.txt', '-o', 'pylock.toml'],
    ['pip', 'install', '--dry-run', ...from, '-r', 'requirements.txt'],
    ['pip', 'install', '--dry-run', ...from, '--group', 'test'],
    ['pip', 'install', '--dry-run', ...from, '.'],
    ['pip', 'download', '-d', 'd', ...from, 'app'],
  ]) {
    const { code, stderr } = await s.run(...command)
    assert.equal(code, 0, `${command.join(' ')}: ${stderr}`)
    assert.equal(said(s.canary), '', command.join(' '))
  }
})

const backends: Readonly<Record<string, string>> = {
  'a parent': '[".."]',
  'an absolute directory': '["/tmp"]',
  'a way round': '["sub/../.."]',
  'a link that leads out': '["link"]',
  'no list': '"."',
}
for (const [name, backendPath] of Object.entries(backends)) {
  test(`a build whose backend-path is ${name} is refused`, { skip }, async (t) => {
    const s = scene(t, ({ canary }) => {
      const evil = `open(${JSON.stringify(canary)}, "a").write("backend")\ndef build_wheel(*given, **named): raise SystemExit(1)\n`
      return {
        'evil.py': evil,
        'project/pyproject.toml': `[build-system]\nrequires = []\nbuild-backend = "evil"\nbackend-path = ${backendPath}\n`,
        'project/sub/x': '',
        'project/evil.py': backendPath === '"."' ? evil : '',
      }
    })
    fs.symlinkSync(s.cwd, path.join(s.cwd, 'project/link'))
    const made = await s.run('create', '-p', python!.executable, '--seed', 'none', '.venv')
    assert.equal(made.code, 0, made.stderr)
    const run = await s.run('pip', 'install', '--no-index', './project')
    assert.equal(run.code, 1, run.stdout)
    assert.match(run.stderr, /^error\[(?:build-invalid|invalid-pyproject|invalid-archive|build-failed)\]: /m)
    assert.equal(said(s.canary), '')
  })
}

test('metadata is read without running anything', { skip }, async (t) => {
  const s = scene(t, ({ canary }) => ({
    'own/PKG-INFO': 'Metadata-Version: 2.2\nName: own\nVersion: 1.0\n',
    'own/pyproject.toml':
      '[project]\nname = "own"\nversion = "1.0"\n[build-system]\nrequires = []\nbuild-backend = "evil"\nbackend-path = ["."]\n',
    'own/evil.py': `open(${JSON.stringify(canary)}, "a").write("backend")\n`,
    'wheels/app-1.0-py3-none-any.whl': buildWheel({ name: 'app', version: '1.0' }),
  }))
  const made = await s.run('create', '-p', python!.executable, '--seed', 'none', '.venv')
  assert.equal(made.code, 0, made.stderr)
  const run = await s.run('pip', 'install', '--dry-run', '--no-index', '--find-links', 'wheels', './own', 'app')
  assert.equal(run.code, 0, run.stderr)
  assert.equal(said(s.canary), '')
})

/** Where an environment may hold a link to somewhere else, and what it is a link to. */
const planted: readonly (readonly [place: string, kind: 'directory' | 'file'])[] = [
  ['.den', 'directory'],
  ['.den/lock', 'file'],
  ['.den/new', 'directory'],
  ['.den/old', 'directory'],
  ['.den/transaction', 'file'],
  ['.den/history', 'directory'],
  ['.den/history/000001.json', 'file'],
  ['bin', 'directory'],
  ['bin/app', 'file'],
  ['lib', 'directory'],
  ['lib/python3.12/site-packages', 'directory'],
  ['lib/python3.12/site-packages/app', 'directory'],
  ['lib/python3.12/site-packages/app/__init__.py', 'file'],
  ['lib/python3.12/site-packages/app-1.0.dist-info', 'directory'],
  ['lib/python3.12/site-packages/app-1.0.dist-info/RECORD', 'file'],
  ['share', 'directory'],
]

test('links in an environment that came along lead no file of an install outside', { skip }, async (t) => {
  const app = { name: 'app', version: '1.0', files: { 'app/__init__.py': 'one = 1\n' }, scripts: { app: 'app:main' } }
  for (const [place, kind] of planted) {
    const s = scene(t, () => ({
      'app-1.0-py3-none-any.whl': buildWheel({ ...app, data: { data: { 'share/app/x': 'x' } } }),
    }))
    const made = await s.run('create', '-p', python!.executable, '--seed', 'none', '.venv')
    assert.equal(made.code, 0, made.stderr)
    const outside = path.join(s.root, 'outside')
    const goal = kind === 'directory' ? outside : path.join(outside, 'file')
    writeTree(outside, { file: 'mine' })
    const link = path.join(s.cwd, '.venv', place)
    // A directory that den made goes along, as it would in an archive of a checkout.
    if (fs.existsSync(link) && kind === 'directory')
      fs.cpSync(link, outside, { recursive: true, verbatimSymlinks: true })
    fs.rmSync(link, { recursive: true, force: true })
    fs.mkdirSync(path.dirname(link), { recursive: true })
    fs.symlinkSync(goal, link)
    const before = snapshot(outside)
    for (const command of [
      ['pip', 'install', '--no-index', './app-1.0-py3-none-any.whl'],
      ['pip', 'install', '--no-index', '--force-reinstall', './app-1.0-py3-none-any.whl'],
      ['undo'],
      ['repair'],
      ['pip', 'uninstall', '-y', 'app'],
    ]) {
      const { stderr } = await s.run(...command)
      assert.doesNotMatch(stderr, /error\[internal\]/, `${place}, ${command.join(' ')}: ${stderr}`)
      assert.deepEqual(changesBetween(before, snapshot(outside)), [], `${place}, ${command.join(' ')}: ${stderr}`)
    }
  }
})
