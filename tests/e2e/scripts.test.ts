// Scripts that say what they need (PEP 723): run, from a file, an address and standard input; locked beside them; their metadata edited.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { test } from 'node:test'
import type { OutdatedResult } from '../../src/commands/lock-outdated.ts'
import type { ChangeScriptResult, SyncScriptResult } from '../../src/commands/script-change.ts'
import { den } from '../kit/den.ts'
import { servedWheel } from '../kit/index-server.ts'
import { projectFiles, projectScene } from '../kit/project-scene.ts'

const script = (
  needs: string,
  code = 'import app, base, sys; print(app.version, base.version, sys.argv[1:])',
): string =>
  `#!/usr/bin/env python3\n# /// script\n# requires-python = ">=3.9"\n# dependencies = [${needs}]\n# ///\n${code}\n`

test('den run gives a script what it says it needs, and remembers it until it says something else', async (t) => {
  const s = await projectScene(t, { tree: { 'tool.py': script('"app<2"') } })
  if (s === undefined) return
  assert.equal((await s.done('run', 'tool.py', 'a', '-b')).stdout, "1.0 2.0 ['a', '-b']\n")
  const asked = s.index.requests.length
  for (const words of [['x'], ['y'], []]) {
    const again = await s.done('run', 'tool.py', ...words)
    assert.equal(again.stdout, `1.0 2.0 ${JSON.stringify(words).replaceAll('"', "'")}\n`)
    assert.equal(again.stderr, '')
  }
  assert.equal(s.index.requests.length, asked)
  s.write({ 'tool.py': script('"app>=2"') })
  assert.equal((await s.done('run', 'tool.py')).stdout, '2.0 2.0 []\n')
  // What stands in the cache is nobody's environment.
  assert.doesNotMatch((await s.done('env', 'list')).stdout, /environments-v1/)
  for (const _ of [1, 2, 3]) assert.equal((await s.done('run', 'tool.py')).stdout, '2.0 2.0 []\n')
  const cache = path.join(path.dirname(s.root), `.home-of-${path.basename(s.root)}`, 'den-cache')
  fs.rmSync(path.join(cache, 'environments-v1'), { recursive: true, force: true })
  assert.equal((await s.done('run', 'tool.py')).stdout, '2.0 2.0 []\n')
})

test('den run takes a script from standard input, and from an address', async (t) => {
  const s = await projectScene(t, { tree: {} })
  if (s === undefined) return
  const text = script('"app<2"')
  const read = await den(['run', '-', 'x'], { cwd: s.root, env: s.env, input: text })
  assert.equal(read.stdout, "1.0 2.0 ['x']\n", read.stderr)
  const long = `${text}\n# ${'x'.repeat(150_000)}\n`
  const server = http.createServer((request, response) => {
    const found = { '/tool.py': text, '/plain.py': 'print(1)\n' }[request.url ?? '']
    response.statusCode = found === undefined ? 404 : 200
    response.end(found ?? 'no')
  })
  t.after(() => server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  assert.equal((await s.done('run', `${origin}/tool.py`, 'y')).stdout, "1.0 2.0 ['y']\n")
  assert.match(await s.refused('run', `${origin}/gone.py`), /error\[script-missing\][\s\S]*404/)
  assert.match(
    await s.refused('run', `${origin}/plain.py`),
    /no environment here[\s\S]*den run -p 3 http.*\n.*den create/,
  )
  // What is there under the same name here has nothing to do with it.
  s.write({ 'tool.py': text })
  for (const words of [['lock'], ['add', 'tls'], ['remove', 'app']])
    assert.match(
      await s.refused(...words, '--script', `${origin}/tool.py`),
      /tool\.py is no file of this machine[\s\S]*curl -O http/,
    )
  const lock = path.join(s.root, 'pylock.tool.toml')
  assert.deepEqual([fs.readFileSync(path.join(s.root, 'tool.py'), 'utf8'), fs.existsSync(lock)], [text, false])
  await s.done('lock', '--script', 'tool.py')
  const note = /tool\.py has no lock:/
  assert.match((await s.done('tree', '--script', `${origin}/tool.py`)).stderr, note)
  assert.doesNotMatch((await s.done('tree', '--script', 'tool.py')).stderr, note)
  // By its bytes: that many letters alone would be no reason.
  for (const input of [long, `${text}\n# ${'漢'.repeat(50_000)}\n`]) {
    const big = await den(['run', '-'], { cwd: s.root, env: s.env, input })
    assert.equal(big.stdout, '1.0 2.0 []\n', big.stderr)
  }
  fs.writeFileSync(path.join(s.root, 'window.pyw'), 'print("shown")\n')
  assert.equal((await s.done('run', '-p', s.python, 'window.pyw')).stdout, 'shown\n')
})

test('what is wrong in a script is shown at its line', async (t) => {
  const s = await projectScene(t, {
    tree: {
      'bad.py': script('"app<<2"'),
      'broken.py': '# /// script\n# dependencies = [\n# ///\n',
      'old.py': script('').replace('>=3.9', '>=3.99'),
      'plain.py': 'print(1)\n',
      'open.py': '# /// script\n# dependencies = ["app"]\n\nprint(1)\n',
      'two.py': `${script('')}\n${script('')}`,
    },
  })
  if (s === undefined) return
  assert.match(await s.refused('run', 'bad.py'), /error\[invalid-script-metadata\][\s\S]*line 4 of bad\.py/)
  assert.match(await s.refused('run', 'broken.py'), /error\[invalid-toml\][\s\S]*broken\.py/)
  const old = await s.den('run', 'old.py')
  assert.match(old.stderr, /error\[python-not-for-project\].* is not for this script\n/)
  const newer = await den(['run', 'old.py'], { cwd: s.root, env: { ...s.env, DEN_PYTHON: undefined } })
  assert.match(newer.stderr, /error\[python-not-found\].* is >=3\.99, which requires-python in .*old\.py asks for/)
  assert.match(await s.refused('lock', '--script', 'plain.py'), /error\[no-script-metadata\]/)
  await s.done('create')
  const open = await s.done('run', 'open.py')
  assert.match(open.stderr, /^note: line 1 of open\.py begins a block .* has no end.* line 3 at the latest$/m)
  assert.equal(open.stdout, '1\n')
  for (const command of [['lock'], ['add', 'base'], ['sync']])
    assert.match(await s.refused(...command, '--script', 'open.py'), /line 1 of open\.py[\s\S]*the block has no end/)
  assert.match(await s.refused('run', 'two.py'), /line 9 of two\.py[\s\S]*the first stands in line 2/)
  assert.match(await s.refused('sync', '--script', 'gone.py'), /error\[script-missing\]/)
})

test('a script is locked beside itself, and runs with what its lock says', async (t) => {
  const s = await projectScene(t, { tree: { 'tool.py': script('"app"') } })
  if (s === undefined) return
  assert.match(await s.refused('run', '--locked', 'tool.py'), /error\[lock-missing\].*tool\.py/)
  s.write({ 'tool.py': script('"app<2"') })
  await s.done('lock', '--script', 'tool.py')
  const lock = path.join(s.root, 'pylock.tool.toml')
  assert.match(fs.readFileSync(lock, 'utf8'), /name = "app"\nversion = "1\.0"/)
  assert.match((await s.done('lock', '--script', 'tool.py', '--check')).stderr, /up to date/)
  assert.equal((await s.done('run', '--locked', 'tool.py')).stdout, '1.0 2.0 []\n')
  s.write({ 'tool.py': script('"app>=2"') })
  assert.match(await s.refused('run', '--locked', 'tool.py'), /error\[lock-stale\][\s\S]*app>=2/)
  assert.equal((await s.done('run', '--frozen', 'tool.py')).stdout, '1.0 2.0 []\n')
  assert.equal((await s.done('run', 'tool.py')).stdout, '2.0 2.0 []\n')
  assert.match(fs.readFileSync(lock, 'utf8'), /name = "app"\nversion = "2\.0"/)
  const made = await s.done('sync', '--script', 'tool.py', '--json')
  const { environment } = made.json<{ environment: { root: string } }>()
  assert.ok(fs.existsSync(path.join(environment.root, 'pyvenv.cfg')))
})

test('den sync --script --dry-run and --check make nothing', async (t) => {
  const s = await projectScene(t, { tree: { 'tool.py': script('"app<2"') } })
  if (s === undefined) return
  const cache = path.join(path.dirname(s.root), `.home-of-${path.basename(s.root)}`, 'den-cache/environments-v1')
  const made = (): number => (fs.existsSync(cache) ? fs.readdirSync(cache).length : 0)
  const sync = ['sync', '--script', 'tool.py']
  // Without a lock, and with one; a stale one is not made anew for it either.
  for (const count of [1, 2]) {
    assert.match((await s.done(...sync, '--dry-run')).stdout, /would get an environment/)
    assert.equal((await s.den(...sync, '--check')).code, 1)
    assert.equal(made(), count - 1)
    await s.done(...sync)
    assert.equal(made(), count)
    assert.match((await s.done(...sync, '--check')).stdout, /^nothing to do: tool\.py /)
    if (count === 1) await s.done('lock', '--script', 'tool.py')
  }
  const lock = path.join(s.root, 'pylock.tool.toml')
  const before = fs.readFileSync(lock, 'utf8')
  s.write({ 'tool.py': script('"app"') })
  assert.match((await s.done(...sync, '--dry-run')).stdout, /^the lock would be made anew first/)
  assert.equal((await s.den(...sync, '--check')).code, 1)
  assert.equal(fs.readFileSync(lock, 'utf8'), before)
  // With a lock and without one.
  for (const version of ['2.5', '2.6']) {
    s.index.add(servedWheel({ name: 'app', version, files: { 'app.py': `version = '${version}'\n` } }))
    s.write({ 'tool.py': script('"app", "base"') })
    await s.done(...sync, '--refresh', '--upgrade')
    assert.match((await s.done('run', 'tool.py')).stdout, new RegExp(`^${version.replace('.', '\\.')} `))
    fs.rmSync(lock, { force: true })
    if (version === '2.5') await s.done('run', 'tool.py')
  }
})

test('a script in another encoding runs, and is not edited: not a byte of it changes', async (t) => {
  const bytes = Buffer.from(
    '# -*- coding: latin-1 -*-\n# /// script\n# dependencies = []\n# ///\nprint("caf\xe9")\n',
    'latin1',
  )
  const s = await projectScene(t)
  if (s === undefined) return
  const file = path.join(s.root, 'tool.py')
  fs.writeFileSync(file, bytes)
  assert.match((await s.done('run', 'tool.py')).stdout, /^caf/)
  assert.match(await s.refused('add', '--script', 'tool.py', 'app'), /error\[not-utf8\]: line 5 of .*tool\.py/)
  assert.deepEqual(fs.readFileSync(file), bytes)
})

test('den add and remove edit what a script says, and its lock with it', async (t) => {
  const s = await projectScene(t, { tree: { 'tool.py': '#!/usr/bin/env python3\nimport app\nprint(app.version)\n' } })
  if (s === undefined) return
  const text = (): string => fs.readFileSync(path.join(s.root, 'tool.py'), 'utf8')
  fs.chmodSync(path.join(s.root, 'tool.py'), 0o755)
  const before = text()
  await s.done('add', '--script', 'tool.py', 'app<2', '--dry-run')
  assert.equal(text(), before)
  await s.done('add', '--script', 'tool.py', 'app<2')
  assert.match(text(), /^#!.*\n# \/\/\/ script\n# dependencies = \[\n?[\s#]*"app<2",?\s*#? ?\]\n# \/\/\/\n/)
  assert.equal(fs.statSync(path.join(s.root, 'tool.py')).mode & 0o777, 0o755)
  assert.equal((await s.done('run', 'tool.py')).stdout, '1.0\n')
  await s.done('lock', '--script', 'tool.py')
  const added = (await s.done('add', '--script', 'tool.py', 'tls', '--json')).json<ChangeScriptResult>()
  assert.deepEqual(
    [added.requirements, added.changes],
    [[{ place: 'dependencies', name: 'tls', after: 'tls' }], [{ name: 'tls', before: [], after: ['1.0'] }]],
  )
  const lock = (): string => fs.readFileSync(path.join(s.root, 'pylock.tool.toml'), 'utf8')
  assert.match(lock(), /name = "tls"/)
  assert.equal((await s.done('run', '--locked', 'tool.py')).stdout, '1.0\n')
  const [script1, lock1] = [text(), lock()]
  assert.match(await s.refused('add', '--script', 'tool.py', 'nowhere-to-be-found'), /error\[no-solution\]/)
  assert.deepEqual([text(), lock()], [script1, lock1])
  await s.done('remove', '--script', 'tool.py', 'tls')
  assert.doesNotMatch(lock(), /name = "tls"/)
  assert.match(await s.refused('remove', '--script', 'tool.py', 'tls'), /error\[not-required\]/)
})

test('what changes in a script is told with where it comes from, and warnings of its lock with it', async (t) => {
  const gone = servedWheel({ name: 'gone', version: '1.0', files: { 'gone.py': '' } }, { yanked: 'it was broken' })
  const s = await projectScene(t, { tree: { 'tool.py': script('', 'print(1)') }, files: [...projectFiles(), gone] })
  if (s === undefined) return
  const change = async (...words: readonly string[]) =>
    (await s.done(...words, '--script', 'tool.py', '--json')).json<ChangeScriptResult>()
  s.write({ 'lib/pyproject.toml': '[project]\nname = "lib"\nversion = "1"\n' })
  assert.deepEqual((await change('add', './lib')).requirements, [
    { place: 'dependencies', name: 'lib', after: 'lib (lib)' },
  ])
  assert.deepEqual((await change('add', './lib', '--editable')).requirements, [
    { place: 'dependencies', name: 'lib', before: 'lib (lib)', after: 'lib (lib, editable)' },
  ])
  assert.deepEqual((await change('add', './lib', '--editable')).requirements, [])
  assert.deepEqual((await change('remove', 'lib')).requirements, [
    { place: 'dependencies', name: 'lib', before: 'lib (lib, editable)' },
  ])
  await s.done('lock', '--script', 'tool.py')
  const back = 'gone 1.0 was taken back by its maintainers: it was broken'
  assert.deepEqual((await change('add', 'gone==1.0', '--dry-run')).warnings, [back])
  assert.ok((await s.done('add', '--script', 'tool.py', 'gone==1.0')).stderr.includes(`warning: ${back}\n`))
  await s.done('remove', '--script', 'tool.py', 'gone')
  s.write({ 'tool.py': script('"gone==1.0"', 'print(1)') })
  for (const said of [true, false]) {
    const ran = await s.done('run', 'tool.py')
    assert.deepEqual([ran.stdout, ran.stderr.includes(back)], ['1\n', said])
  }
})

test('what is told of locks is told of a script too, and of one without a lock what it would get', async (t) => {
  const constraint = '# [tool.den]\n# constraint-dependencies = ["base<9"]\n'
  const s = await projectScene(t, {
    tree: { 'tool.py': script('"app<2"').replace('# ///\nimport', `${constraint}# ///\nimport`) },
  })
  if (s === undefined) return
  const lock = path.join(s.root, 'pylock.tool.toml')
  const said = async (...args: readonly string[]) => await s.done(...args, '--script', 'tool.py')
  const views = async () => {
    const tree = (await said('tree', '-p', s.python)).stdout
    assert.equal(tree, 'tool.py\n└── app 1.0 <2\n    └── base 2.0 >=1.0\n')
    const why = (await said('why', 'base')).stdout
    assert.match(why, /tool\.py \(<2\) → app 1\.0 \(>=1\.0\) → base 2\.0\n[\s\S]*a constraint of the script: base<9/)
    assert.match(
      (await said('why', '--latest', 'app')).stdout,
      /newest release is 2\.0, and\n {2}tool\.py asks for app<2/,
    )
    const newer = (await said('outdated', '--json')).json<OutdatedResult>()
    assert.deepEqual(
      newer.packages.map(({ name, locked, latest }) => [name, locked, latest]),
      [['app', '1.0', '2.0']],
    )
    const exported = (await said('export', '--no-hashes', '--for-python', s.python)).stdout
    assert.match(exported, /^app==1\.0$\nbase==2\.0$/m)
    return [exported, newer] as const
  }
  const [before, told] = await views()
  assert.match(before, /^# Made by den export from tool\.py\.$/m)
  assert.deepEqual([told.unlocked, fs.existsSync(lock)], [true, false])
  assert.match((await said('tree')).stderr, /note: tool\.py has no lock \(den lock --script tool\.py\)/)
  await said('lock')
  const [after, locked] = await views()
  assert.match(after, /^# Made by den export from pylock\.tool\.toml\.$/m)
  assert.deepEqual([locked.unlocked, locked.file], [undefined, lock])
  s.write({ 'tool.py': script('"app"') })
  assert.match((await said('tree')).stderr, /lock is out of date .*: den lock --script tool\.py/)
  const out = path.join(s.root, 'sub', 'needs.txt')
  await said('export', '-o', out)
  assert.match(fs.readFileSync(out, 'utf8'), /^app==1\.0 \\$/m)
  assert.match(await s.refused('tree', '--script', 'gone.py'), /error\[script-missing\]/)
  assert.equal((await s.den('tree', '--script', 'tool.py', '-e', '.venv')).code, 2)
})

test('what is asked of a script is done, or refused; nothing of it is passed over', async (t) => {
  const s = await projectScene(t, { tree: { 'tool.py': script('"app"'), 'more.txt': 'docs\n' } })
  if (s === undefined) return
  const text = (): string => fs.readFileSync(path.join(s.root, 'tool.py'), 'utf8')
  const synced = async (...args: readonly string[]): Promise<SyncScriptResult> =>
    (await s.den('sync', '--script', 'tool.py', ...args, '--json')).json<SyncScriptResult>()

  // Without a lock.
  const check = await s.den('sync', '--script', 'tool.py', '--check')
  assert.deepEqual([check.code, check.stdout.trim()], [1, 'tool.py would get an environment, with Python 3.12.1'])
  const planned = await synced('--dry-run')
  assert.deepEqual([planned.environment.outcome, fs.existsSync(planned.environment.root)], ['planned', false])
  assert.equal((await synced()).environment.outcome, 'created')
  assert.equal(
    (await s.done('sync', '--script', 'tool.py', '--check')).stdout,
    'nothing to do: tool.py has its environment\n',
  )
  s.index.add(
    servedWheel({ name: 'app', version: '3.0', requires: ['base'], files: { 'app.py': 'version = "3.0"\n' } }),
  )
  assert.equal((await s.done('run', 'tool.py')).stdout, '2.0 2.0 []\n')
  assert.equal((await synced('--upgrade', '--refresh')).environment.outcome, 'replaced')
  assert.equal((await s.done('run', 'tool.py')).stdout, '3.0 2.0 []\n')
  assert.match(await s.refused('sync', '--script', 'tool.py', '-P', 'app'), /error\[lock-missing\]/)

  // With one.
  await s.done('lock', '--script', 'tool.py', '-P', 'app==2.0')
  const lock = path.join(s.root, 'pylock.tool.toml')
  const told = await synced('--dry-run')
  assert.deepEqual([told.environment.outcome, told.lock?.state], ['planned', 'current'])
  assert.deepEqual(told.changes, [
    { name: 'app', to: '2.0' },
    { name: 'base', to: '2.0' },
  ])
  assert.equal((await synced('--upgrade')).lock?.state, 'made')
  assert.match(fs.readFileSync(lock, 'utf8'), /name = "app"\nversion = "3\.0"/)
  assert.equal((await synced('--reinstall')).environment.outcome, 'replaced')
  s.write({ 'tool.py': script('"app<3"') })
  const stale = await s.den('sync', '--script', 'tool.py', '--check')
  assert.deepEqual([stale.code, /made anew first/.test(stale.stdout)], [1, true])
  assert.match(fs.readFileSync(lock, 'utf8'), /version = "3\.0"/)

  for (const option of [['--inexact'], ['--extra', 'x'], ['--no-dev'], ['--active'], ['--link-mode', 'copy']])
    assert.match(
      (await s.den('sync', '--script', 'tool.py', ...option)).stderr,
      /--script and --.* cannot both be given/,
    )
  for (const option of [['--dev'], ['--group', 'g'], ['--optional', 'x'], ['--bounds', 'exact'], ['-c', 'more.txt']])
    assert.match((await s.den('add', '--script', 'tool.py', 'tls', ...option)).stderr, /--script and --.* cannot both/)
  for (const option of [['--dev'], ['--group', 'g'], ['--optional', 'x']])
    assert.match(
      (await s.den('remove', '--script', 'tool.py', 'app', ...option)).stderr,
      /--script and --.* cannot both/,
    )

  // What is added is told as it is to a project.
  assert.match(await s.refused('add', '--script', 'tool.py', '-r', 'nothere.txt'), /nothere\.txt/)
  s.write({ 'lib/pyproject.toml': '[project]\nname = "lib"\nversion = "1"\n' })
  await s.done('add', '--script', 'tool.py', '-r', 'more.txt', 'tls', '--marker', 'python_version > "3"', '--frozen')
  await s.done('add', '--script', 'tool.py', 'tester', '--extra', 'x', '--frozen')
  await s.done('add', '--script', 'tool.py', './lib', '--editable', '--frozen')
  assert.match(text(), /docs ?; ?python_version > ['"]3/)
  assert.match(text(), /tls ?; ?python_version > ['"]3/)
  assert.match(text(), /"tester\[x\]"/)
  assert.match(text(), /"lib"/)
  assert.match(text(), /# \[tool\.den\.sources\]\n# lib = \{ ?path = "lib", editable = true ?\}/)
})

test('an environment that is named is the one in which a script runs', async (t) => {
  const s = await projectScene(t, { tree: { 'tool.py': script('"app"', 'import sys; print(sys.prefix)') } })
  if (s === undefined) return
  await s.done('create', 'own')
  await s.done('create', '-n', 'named')
  assert.equal((await s.done('run', '-e', 'own', 'tool.py')).stdout.trim(), path.join(s.root, 'own'))
  assert.match((await s.done('run', '-n', 'named', 'tool.py')).stdout, /\/named\n$/)
  const said = await s.done('run', '--extra', 'x', 'tool.py')
  assert.match(said.stdout, /environments-v1/)
  assert.match(said.stderr, /note: tool\.py says itself what it needs: extras/)
  assert.doesNotMatch((await s.done('run', 'tool.py')).stderr, /note/)
})

test('what a script settles of choosing holds without a lock as with one', async (t) => {
  const settled = '# [tool.den]\n# resolution = "lowest"\n# exclude-dependencies = ["base"]\n'
  const show = 'import app, importlib.util as u; print(app.version, u.find_spec("base"))'
  const s = await projectScene(t, {
    tree: { 'tool.py': script('"app"', show).replace('# ///\nimport', `${settled}# ///\nimport`) },
  })
  if (s === undefined) return
  assert.equal((await s.done('run', 'tool.py')).stdout, '1.0 None\n')
  await s.done('lock', '--script', 'tool.py')
  assert.equal((await s.done('run', 'tool.py')).stdout, '1.0 None\n')
})

test("two scripts whose names differ in dots alone do not take each other's lock", async (t) => {
  const s = await projectScene(t, { tree: { 'a.b.py': script('"app<2"'), 'a_b.py': script('"app"') } })
  if (s === undefined) return
  const lock = path.join(s.root, 'pylock.a_b.toml')
  const text = (): string => fs.readFileSync(lock, 'utf8')
  await s.done('lock', '--script', 'a.b.py')
  const before = text()
  for (const _ of [1, 2]) {
    assert.match(await s.refused('lock', '--script', 'a_b.py'), /error\[script-lock-taken\][\s\S]*the lock of a\.b\.py/)
    // It has none, and runs as one that has none.
    assert.equal((await s.done('run', 'a_b.py')).stdout, '2.0 2.0 []\n')
    assert.match(await s.refused('run', '--locked', 'a_b.py'), /error\[lock-missing\]/)
    assert.match((await s.done('tree', '--script', 'a_b.py')).stderr, /a_b\.py has no lock/)
    assert.equal((await s.done('run', '--locked', 'a.b.py')).stdout, '1.0 2.0 []\n')
    assert.equal(text(), before)
    await s.done('add', '--script', 'a_b.py', 'tls')
    await s.done('remove', '--script', 'a_b.py', 'tls')
    assert.equal(text(), before)
  }
  // Of a script that has another name by now it is nobody's any more.
  fs.renameSync(path.join(s.root, 'a.b.py'), path.join(s.root, 'other.py'))
  await s.done('lock', '--script', 'a_b.py', '--upgrade')
  assert.match(text(), /\nscript = "a_b\.py"\n/)
  assert.equal((await s.done('run', '--locked', 'a_b.py')).stdout, '2.0 2.0 []\n')
})

test('a script behind a link is the one that the link leads to; neither a mark at its start nor a damaged project hides it', async (t) => {
  const wheel = servedWheel({ name: 'local', version: '1.0', files: { 'local.py': 'print("local")\n' } })
  const tool =
    '# /// script\n# dependencies = ["local"]\n# [tool.den.sources]\n# local = { path = "LOCAL" }\n# ///\nimport local\n'
  const s = await projectScene(t, { tree: { 'there/tool.py': tool.replace('LOCAL', wheel.filename), 'bin/none': '' } })
  if (s === undefined) return
  fs.writeFileSync(path.join(s.root, 'there', wheel.filename), wheel.bytes)
  fs.symlinkSync('../there/tool.py', path.join(s.root, 'bin/linked.py'))
  assert.equal((await s.done('run', 'bin/linked.py')).stdout, 'local\n')
  await s.done('lock', '--script', 'bin/linked.py')
  assert.ok(fs.existsSync(path.join(s.root, 'there/pylock.tool.toml')))
  await s.done('add', '--script', 'bin/linked.py', 'tls')
  assert.ok(fs.lstatSync(path.join(s.root, 'bin/linked.py')).isSymbolicLink())
  assert.match(fs.readFileSync(path.join(s.root, 'there/tool.py'), 'utf8'), /"tls"/)
  for (const file of ['bin/linked.py', 'there/tool.py'])
    assert.equal((await s.done('run', '--locked', file)).stdout, 'local\n')
  s.write({ 'pyproject.toml': '[project\n' })
  const beside = await s.done('run', 'there/tool.py')
  assert.equal(beside.stdout, 'local\n')
  assert.match(beside.stderr, /^note: line 1 of .*pyproject\.toml is not valid TOML; the script runs without it\n$/)
  fs.rmSync(path.join(s.root, 'pyproject.toml'))
  s.write({ 'marked.py': `\ufeff${script('"app<2"').replace(/^#!.*\n/, '')}` })
  for (const _ of [1, 2]) assert.equal((await s.done('run', 'marked.py')).stdout, '1.0 2.0 []\n')
})
