// den sync: the environment of a project is what its lock says, for the parts that are asked for; it is changed as a whole or not at all.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { den } from '../kit/den.ts'
import { runWay } from '../kit/faults-cli.ts'
import { serveIndex } from '../kit/index-server.ts'
import { packageTree, projectFiles, projectScene, pyproject } from '../kit/project-scene.ts'
import { pythonOr } from '../kit/pythons.ts'
import { quickScratch } from '../kit/scratch.ts'

test('den sync locks, makes the environment and puts in what the lock says, the project itself in place', async (t) => {
  const s = await projectScene(t)
  if (s === undefined) return
  const first = await s.done('sync', '--json')
  const told = first.json<{ environment: { outcome: string }; lock: { state: string }; changes: object[] }>()
  assert.deepEqual([told.environment.outcome, told.lock.state], ['created', 'made'])
  assert.deepEqual(told.changes, [
    { name: 'app', to: '2.0' },
    { name: 'base', to: '2.0' },
    { name: 'shop', to: '0.1', editable: true },
    { name: 'tester', to: '1.0' },
  ])
  assert.equal(s.installed(), 'app==2.0 base==2.0 shop==0.1 tester==1.0')
  assert.equal(await s.inside('import shop; print(shop.where)'), path.join(s.root, 'shop/__init__.py'))

  // With nothing to do nobody is asked, nothing is built and nothing is written.
  const asked = s.index.requests.length
  const before = fs.statSync(s.site).ctimeMs
  for (const _ of [1, 2, 3]) assert.match((await s.done('sync')).stderr, /has what the lock says: 4 packages/)
  assert.equal(s.index.requests.length, asked)
  assert.equal(fs.statSync(s.site).ctimeMs, before)
  assert.equal(fs.readFileSync(path.join(s.root, 'builds.log'), 'utf8'), 'built\n')
  assert.match((await s.done('history')).stdout, /^1 .* sync$/m)
})

test('den sync takes the parts that are asked for, and takes the others out', async (t) => {
  const s = await projectScene(t)
  if (s === undefined) return
  const cases: readonly (readonly [readonly string[], string])[] = [
    [['--extra', 'tls'], 'app==2.0 base==2.0 shop==0.1 tester==1.0 tls==1.0'],
    [['--all-extras', '--no-extra', 'tls', '--no-dev'], 'app==2.0 base==2.0 shop==0.1'],
    [['--all-groups'], 'app==2.0 base==2.0 docs==1.0 shop==0.1 tester==1.0'],
    [['--no-default-groups', '--group', 'docs'], 'app==2.0 base==2.0 docs==1.0 shop==0.1'],
    [['--only-group', 'docs'], 'docs==1.0'],
    [['--only-dev'], 'tester==1.0'],
    [['--no-install-project'], 'app==2.0 base==2.0 tester==1.0'],
    [['--no-install-package', 'base', '--no-dev'], 'app==2.0 shop==0.1'],
    [['--inexact'], 'app==2.0 base==2.0 shop==0.1 tester==1.0'],
  ]
  for (const [args, expected] of cases) {
    await s.done('sync', ...args)
    assert.equal(s.installed(), expected, args.join(' '))
  }
  await s.done('sync', '--only-group', 'docs')
  await s.done('sync', '--inexact')
  assert.equal(s.installed(), 'app==2.0 base==2.0 docs==1.0 shop==0.1 tester==1.0')
  assert.match(await s.refused('sync', '--extra', 'nothing'), /error\[no-extra\].*nothing[\s\S]*it has: tls/)
  assert.match(await s.refused('sync', '--group', 'nothing'), /error\[no-dependency-group\]/)
  assert.match((await s.den('sync', '--only-group', 'docs', '--all-extras')).stderr, /error\[options-conflict\]/)
})

test('den sync notices whatever has changed: the manifest, the lock, the environment, the project’s own files', async (t) => {
  const s = await projectScene(t)
  if (s === undefined) return
  await s.done('sync')
  const changes = async (...args: readonly string[]): Promise<string> => {
    const { changes: list } = (await s.done('sync', '--json', ...args)).json<{
      changes: { name: string; from?: string; to?: string }[]
    }>()
    return list.map(({ name, from = '', to = '' }) => `${name} ${from}>${to}`).join(', ')
  }
  // Twice, so that what is remembered is there to be wrong.
  assert.equal(await changes(), '')
  assert.equal(await changes(), '')
  s.write(packageTree(pyproject(['app<2'])))
  assert.match(await s.refused('sync', '--locked'), /error\[lock-stale\][\s\S]*app<2/)
  assert.equal(await changes('--frozen'), 'shop 0.1>0.1')
  assert.equal(await changes(), 'app 2.0>1.0')
  assert.equal(await changes(), '')
  const lock = path.join(s.root, 'pylock.toml')
  const text = fs.readFileSync(lock, 'utf8')
  fs.rmSync(lock)
  assert.match(await s.refused('sync', '--frozen'), /error\[lock-missing\]/)
  fs.writeFileSync(lock, text)
  await s.done('pip', 'uninstall', '-y', 'base')
  assert.equal(await changes(), 'base >2.0')
  await s.done('pip', 'install', 'docs')
  assert.equal(await changes(), 'docs 1.0>')
  fs.rmSync(path.join(s.site, 'tester-1.0.dist-info'), { recursive: true })
  assert.equal(await changes(), 'tester >1.0')
  // A file of the same name that came from elsewhere is another one.
  await s.done('pip', 'install', '--force-reinstall', `${s.index.origin}/files/base-2.0-py3-none-any.whl`)
  assert.equal(await changes(), 'base 2.0>2.0')
  assert.equal(await changes('--reinstall-package', 'app'), 'app 1.0>1.0')
  assert.equal(await changes('--no-editable'), 'shop 0.1>0.1')
  assert.match(await s.inside('import shop; print(shop.where)'), /site-packages/)
  assert.equal(await changes('--no-editable'), '')
  s.write({ 'shop/__init__.py': 'where = "changed"\n' })
  assert.equal(await changes('--no-editable'), 'shop 0.1>0.1')
  assert.equal(await s.inside('import shop; print(shop.where)'), 'changed')
  fs.rmSync(path.join(s.root, '.venv'), { recursive: true })
  assert.match((await s.done('sync')).stderr, /made \.venv/)
})

test('den sync --dry-run and --check change nothing, and --check ends with 1 where something would change', async (t) => {
  const s = await projectScene(t)
  if (s === undefined) return
  await s.done('lock')
  const plan = await s.done('sync', '--dry-run')
  assert.match(plan.stdout, /^\.venv would be made with Python 3\.12\.\d+\n\+ app 2\.0\n\+ base 2\.0\n\+ shop 0\.1/)
  assert.equal((await s.den('sync', '--check')).code, 1)
  assert.equal(fs.existsSync(path.join(s.root, '.venv')), false)
  await s.done('sync')
  assert.match((await s.done('sync', '--check')).stdout, /nothing to do/)
  s.write(packageTree(pyproject(['app<2'])))
  const stale = await s.den('sync', '--check')
  assert.equal(stale.code, 1)
  assert.match(stale.stdout, /the lock would be made anew/)
})

test('an environment with a Python that the project cannot have is made anew; where that fails the old one stays', async (t) => {
  const s = await projectScene(t)
  const other = pythonOr(t, '3.11')
  if (s === undefined || other === undefined) return
  await s.done('sync')
  s.write({ '.python-version': '3.11\n' })
  const env = { ...s.env, DEN_PYTHON: undefined }
  const now = (): string => fs.readFileSync(path.join(s.root, '.venv/pyvenv.cfg'), 'utf8')
  const before = now()
  fs.rmSync(path.join(path.dirname(s.root), `.home-of-${path.basename(s.root)}`, 'den-home/store'), {
    recursive: true,
    force: true,
  })
  s.index.fault({ on: '/files/', kind: 'status', status: 404 })
  const failed = await den(['sync', '--refresh'], {
    cwd: s.root,
    env: { ...env, DEN_CACHE_DIR: path.join(s.root, 'cold') },
  })
  assert.equal(failed.code, 1, failed.stderr)
  assert.equal(now(), before)
  assert.equal(await s.inside('import app; print(app.version)'), '2.0')
})

test('an environment is made anew for another Python', async (t) => {
  const s = await projectScene(t)
  if (s === undefined || pythonOr(t, '3.11') === undefined) return
  await s.done('sync')
  s.write({ '.python-version': '3.11\n' })
  const env = { ...s.env, DEN_PYTHON: undefined }
  const anew = await den(['sync'], { cwd: s.root, env })
  assert.equal(anew.code, 0, anew.stderr)
  assert.match(anew.stderr, /anew with Python 3\.11.*it has Python 3\.12.*\.python-version asks for another/)
  assert.equal(await s.inside('import sys, app, shop; print(sys.version_info[:2])'), '(3, 11)')
  s.write({ '.python-version': '3.8\n' })
  const wrong = await den(['sync'], { cwd: s.root, env })
  assert.match(wrong.stderr, /error\[(?:python-not-for-project|python-not-found)\]/)
  // Whose wish it is that no Python meets is said, with what to change.
  s.write({ '.python-version': '3.99\n' })
  const pinned = await den(['sync'], { cwd: s.root, env })
  assert.match(pinned.stderr, /error\[python-not-found\].* is 3\.99, which .*\.python-version asks for\n/)
  fs.rmSync(path.join(s.root, '.python-version'))
  s.write({ 'pyproject.toml': pyproject().replace('>=3.9', '>=3.98') })
  for (const command of [['sync'], ['lock'], ['run', 'python']]) {
    const required = await den(command, { cwd: s.root, env })
    assert.match(required.stderr, /is >=3\.98, which requires-python in .*pyproject\.toml asks for\n/)
    assert.match(required.stderr, /fix: loosen requires-python in .*pyproject\.toml\n/)
  }
})

test('the environment is where the project, or a variable, says; a directory of something else is left alone', async (t) => {
  const s = await projectScene(t)
  if (s === undefined) return
  s.write({ 'pyproject.toml': `${pyproject()}\n[tool.den]\nenvironment = "made/here"\n` })
  await s.done('sync')
  assert.ok(fs.existsSync(path.join(s.root, 'made/here/pyvenv.cfg')))
  const told = await den(['sync', '--json'], { cwd: s.root, env: { ...s.env, DEN_PROJECT_ENVIRONMENT: 'elsewhere' } })
  assert.equal(told.json<{ environment: { root: string } }>().environment.root, path.join(s.root, 'elsewhere'))
  s.write({ 'shop/data.txt': '' })
  const refused = await den(['sync'], { cwd: s.root, env: { ...s.env, DEN_PROJECT_ENVIRONMENT: 'shop' } })
  assert.match(refused.stderr, /error\[not-an-environment\]/)
})

test('a project with links to whole packages', async (t) => {
  const s = await projectScene(t)
  if (s === undefined) return
  const made = await s.done('sync', '--link-mode', 'instant', '--json')
  assert.equal(made.json<{ changes: object[] }>().changes.length, 4)
  assert.equal(await s.inside('import app, base, shop; print(app.version, base.version)'), '2.0 2.0')
  assert.match((await s.done('sync')).stderr, /has what the lock says: 4 packages/)
  s.write(packageTree(pyproject(['app<2'])))
  await s.done('sync')
  assert.equal(await s.inside('import app; print(app.version)'), '1.0')
})

for (const [name, before, change] of [
  ['a missing environment', [], ['sync', '--frozen']],
  ['one that lacks something', [['sync', '--frozen', '--only-dev']], ['sync', '--frozen']],
] as const) {
  test(`${name}, and den sync ended at any change of the disk: old or new`, async (t) => {
    const python = pythonOr(t, '3.12')
    if (python === undefined) return
    const root = quickScratch(t)
    const index = await serveIndex(t, projectFiles(), { cacheControl: 'max-age=600' })
    const home = path.join(root, 'home')
    const env = {
      DEN_INDEX_URL: index.url,
      PIP_CONFIG_FILE: '/dev/null',
      HOME: home,
      DEN_PYTHON: python.executable,
    }
    const scene = {
      project: path.join(root, 'project'),
      home,
      env,
      kept: path.join(root, 'kept'),
      files: { 'pyproject.toml': pyproject() },
    }
    const tallies = await runWay(scene, { name, before: [['lock'], ...before], change }, [
      { fault: 'kill', sample: 16 },
      { fault: 'ENOSPC', sample: 6 },
      { fault: 'EIO', sample: 6 },
    ])
    for (const tally of tallies) {
      assert.deepEqual(tally.broken, [], tally.fault)
      assert.deepEqual(tally.unhealed, [], tally.fault)
    }
    const kills = tallies.find(({ fault }) => fault === 'kill')!
    assert.ok(kills.old > 0 && kills.old + kills.new === kills.points, JSON.stringify(kills))
  })
}
