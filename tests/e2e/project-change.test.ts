// den add, remove and upgrade: what becomes of the manifest, the lock and the environment.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import type { ChangeResult } from '../../src/commands/project-change.ts'
import type { HistoryResult, UndoResult } from '../../src/commands/undo.ts'
import { lockedPins, plainProject, projectScene } from '../kit/change-scene.ts'
import { denCommand, denEnvironment, runProgram } from '../kit/den.ts'
import { servedWheel, serveIndex } from '../kit/index-server.ts'
import { buildWheel } from '../kit/wheel.ts'

test('what is added gets a bound, keeps the file as it was around it, is locked and installed', async (t) => {
  const scene = await projectScene(t)
  if (scene === undefined) return
  const result = (await scene.done('add', 'app', '--json')).json<ChangeResult>()
  assert.equal(result.outcome, 'changed')
  assert.deepEqual(result.requirements, [{ place: 'dependencies', name: 'app', after: 'app>=2.0' }])
  assert.equal(scene.read('pyproject.toml'), plainProject.replace('  "base>=1",', '  "app>=2.0",\n  "base>=1",'))
  assert.equal(scene.locked(), 'app==2.0 base==2.0')
  assert.equal(scene.installed(), 'app==2.0 base==2.0')
  assert.equal((await scene.den('lock', '--check')).code, 0)
})

test('bounds: the kinds, what is given, what stands there already, and none with --raw', async (t) => {
  const scene = await projectScene(t)
  if (scene === undefined) return
  const added = async (...args: readonly string[]): Promise<string> => {
    scene.write('pyproject.toml', plainProject)
    await scene.done('add', '--no-sync', ...args)
    return /"(app[^"]*)"/.exec(scene.read('pyproject.toml'))![1]!
  }
  assert.equal(await added('app', '--bounds', 'exact'), 'app==2.0')
  assert.equal(await added('app', '--bounds', 'major'), 'app>=2.0,<3.0')
  assert.equal(await added('app', '--bounds', 'minor'), 'app>=2.0,<2.1')
  assert.equal(await added('app<2'), 'app<2')
  assert.equal(await added('app', '--raw'), 'app')
  assert.equal(await added('app>=1', 'app<2'), 'app>=1,<2')
  assert.equal(await added('app', 'app<2'), 'app<2')
  assert.equal(
    await added('app', '--extra', 'x', '--marker', 'sys_platform == "linux"'),
    "app[x]>=1.5.2; sys_platform == 'linux'",
  )
  await scene.done('add', '--no-sync', 'base')
  assert.match(scene.read('pyproject.toml'), /"base>=1", {2}# the base of it/)
  scene.write('pyproject.toml', plainProject.replace('base>=1', 'tool[more]'))
  await scene.done('add', '--no-sync', 'tool>=0.5')
  assert.match(scene.read('pyproject.toml'), /"tool\[more\]>=0\.5"/)
  const two = await scene.refused(
    'add',
    'app @ https://a.example.org/app-1.0.zip',
    'app @ https://b.example.org/app-1.0.zip',
  )
  assert.match(two, /error\[invalid-link\]: .*app is asked for from another place too/s)
})

test('a marker that stands with the name is kept, on the command line and in a file', async (t) => {
  const scene = await projectScene(t)
  if (scene === undefined) return
  scene.write('wanted.txt', 'tool; python_version < "3"\n')
  await scene.done('add', 'app; sys_platform == "win32"', '-r', 'wanted.txt', '--no-sync')
  const text = scene.read('pyproject.toml')
  assert.match(text, /"app>=2\.0; sys_platform == 'win32'",/)
  assert.match(text, /"tool; python_version < '3'",/)
  assert.match(scene.read('pylock.toml'), /name = "app"\nversion = "2\.0"\nmarker = 'sys_platform == "win32"'/)
})

test('to a group, an extra, and out of them again; what is not there is told with where it is', async (t) => {
  const scene = await projectScene(t)
  if (scene === undefined) return
  await scene.done('add', '--dev', 'tool[more]')
  await scene.done('add', '--optional', 'net', 'app<2')
  assert.match(scene.read('pyproject.toml'), /\[dependency-groups\]\ndev = \[\n? *"tool\[more\]>=1\.0",?\n?\]/)
  assert.match(scene.read('pyproject.toml'), /\[project\.optional-dependencies\]\nnet = \[\n? *"app<2",?\n?\]/)
  assert.match(scene.installed(), /app==1\.5\.2 base==2\.0 extra_thing==1\.0 tool==1\.0/)
  const told = await scene.refused('remove', 'tool')
  assert.match(told, /error\[not-required\]/)
  assert.match(told, /group dev/)
  await scene.done('remove', '--dev', 'tool')
  await scene.done('remove', '--optional', 'net', 'app')
  assert.equal(scene.locked(), 'base==2.0')
  assert.equal(scene.installed(), 'base==2.0')
})

test('a dry run shows all and writes nothing; --frozen writes the manifest alone; --no-sync leaves the environment', async (t) => {
  const scene = await projectScene(t)
  if (scene === undefined) return
  const dry = await scene.done('add', 'app', '--dry-run')
  assert.equal(dry.stdout, 'dependencies: + app>=2.0\n+ app 2.0\n+ base 2.0\nnothing was written\n')
  assert.deepEqual(fs.readdirSync(scene.root), ['pyproject.toml'])
  await scene.done('add', 'app', '--frozen')
  assert.match(scene.read('pyproject.toml'), /"app",/)
  assert.deepEqual(fs.readdirSync(scene.root), ['pyproject.toml'])
  await scene.done('remove', 'app', '--no-sync')
  assert.deepEqual(fs.readdirSync(scene.root).sort(), ['pylock.toml', 'pyproject.toml'])
})

test('a lock that was edited is told before it is made anew', async (t) => {
  const scene = await projectScene(t)
  if (scene === undefined) return
  await scene.done('lock')
  const { stderr: quiet } = await scene.done('add', 'tool', '--no-sync')
  assert.doesNotMatch(quiet, /changed since/)
  scene.write('pylock.toml', `# mine\n${scene.read('pylock.toml')}`)
  assert.match(
    (await scene.done('sync')).stderr,
    /note: .*pylock\.toml was changed since den wrote it: it is made anew/,
  )
})

test('a lock that cannot be read is refused with the way out, and made anew with what its lines tell', async (t) => {
  const scene = await projectScene(t, { tree: { 'project/s.py': '# /// script\n# dependencies = ["base"]\n# ///\n' } })
  if (scene === undefined) return
  await scene.done('add', 'app<2', '--no-sync')
  await scene.done('lock', '-P', 'base==1.4')
  const good = scene.read('pylock.toml')
  const broken = good.replace('[tool.den]', '[tool.den')
  scene.write('pylock.toml', broken)
  for (const words of [['lock'], ['lock', '-U'], ['add', 'tool'], ['remove', 'app'], ['upgrade'], ['sync'], ['tree']]) {
    const told = await scene.refused(...words)
    assert.match(told, /error\[lock-unreadable\]: line \d+ of .*pylock\.toml is not what a lock can hold/)
    assert.match(told, /\[tool\.den\n/)
    assert.match(told, /den lock --force\n/)
    assert.equal(scene.read('pylock.toml'), broken)
  }
  const dry = await scene.done('lock', '--force', '--dry-run')
  assert.match(dry.stderr, /note: .*pylock\.toml cannot be read: it is made anew, with the versions that its lines/)
  assert.equal(scene.read('pylock.toml'), broken)
  assert.equal((await scene.den('lock', '--force', '--check')).code, 1)
  await scene.done('lock', '--force')
  assert.equal(scene.read('pylock.toml'), good)

  // One that is TOML, and no lock.
  scene.write('pylock.toml', good.replace('\nname = "base"', '\nname = 5'))
  const told = await scene.refused('sync')
  assert.match(told, /name is a string, this is a number/)
  assert.match(told, /den lock --force\n/)
  // One of a standard to come.
  scene.write('pylock.toml', good.replace('lock-version = "1.0"', 'lock-version = "2.0"'))
  assert.match(await scene.refused('lock'), /error\[unsupported-lock-file\][\s\S]*den lock --force\n/)
  await scene.done('lock', '--force')
  assert.equal(scene.read('pylock.toml'), good)

  await scene.done('lock', '--script', 's.py', '-P', 'base==1.0')
  const own = scene.read('pylock.s.toml')
  scene.write('pylock.s.toml', `${own}[[`)
  assert.match(await scene.refused('sync', '--script', 's.py'), /den lock --script s\.py --force\n/)
  await scene.done('lock', '--script', 's.py', '--force')
  assert.equal(scene.read('pylock.s.toml'), own)
})

test('a name that nobody knows is told, with the one that may be meant', async (t) => {
  const scene = await projectScene(t)
  if (scene === undefined) return
  await scene.done('add', 'app', 'tool[more]', '--no-sync')
  const warned = /bsae was to be chosen anew, and nobody in the project needs it; is base meant\?/
  assert.match((await scene.done('lock', '-P', 'bsae')).stderr, warned)
  assert.match((await scene.done('sync', '-P', 'bsae')).stderr, warned)
  assert.match((await scene.done('add', 'app', '-P', 'bsae')).stderr, warned)
  assert.doesNotMatch((await scene.done('lock', '-P', 'extra-thing', '-P', 'base')).stderr, /chosen anew/)
  assert.match(await scene.refused('upgrade', 'ap'), /error\[not-required\][\s\S]*if that is meant, say app\n/)
  assert.match(await scene.refused('remove', 'ap'), /error\[not-required\][\s\S]*if that is meant, say app\n/)
  assert.match(
    await scene.refused('upgrade', 'extra-thing'),
    /the lock has it, since others need it\n.*den lock --upgrade-package extra-thing\n/,
  )
})

test('pre-releases are offered in words that the projects commands have', async (t) => {
  const scene = await projectScene(t)
  if (scene === undefined) return
  scene.index.add(servedWheel({ name: 'app', version: '4.0rc1', requires: ['base<2'] }))
  assert.match(await scene.refused('add', 'app>=2', 'clash'), /allow pre-releases of app: --prerelease allow\n/)
})

test('a file that the index has replaced is refused, until its lock is given up', async (t) => {
  const scene = await projectScene(t)
  if (scene === undefined) return
  await scene.done('lock')
  const before = [scene.read('pyproject.toml'), scene.read('pylock.toml')]
  scene.index.add(servedWheel({ name: 'base', version: '2.0', files: { 'base.py': 'version = "another"\n' } }))
  const told = await scene.refused('add', 'app', '--refresh')
  assert.match(told, /error\[locked-file-changed\]: base-2\.0-py3-none-any\.whl /)
  assert.match(told, /den lock --upgrade-package base\n/)
  assert.deepEqual([scene.read('pyproject.toml'), scene.read('pylock.toml')], before)
  await scene.done('lock', '--upgrade-package', 'base', '--refresh')
  assert.notEqual(scene.read('pylock.toml'), before[1])
})

test('what cannot be had leaves both files byte for byte as they were', async (t) => {
  const scene = await projectScene(t)
  if (scene === undefined) return
  await scene.done('add', 'app', '--no-sync')
  const before = [scene.read('pyproject.toml'), scene.read('pylock.toml')]
  for (const wish of ['clash', 'app>=7', 'nobody-has-this']) {
    assert.match(await scene.refused('add', wish), /error\[no-solution\]/)
    assert.deepEqual([scene.read('pyproject.toml'), scene.read('pylock.toml')], before)
  }
  assert.deepEqual(fs.readdirSync(scene.root).sort(), ['pylock.toml', 'pyproject.toml'])
})

test('where the environment cannot follow, what was added or raised is taken back; what was removed is not', async (t) => {
  const scene = await projectScene(t)
  if (scene === undefined) return
  // Its metadata is known then.
  await scene.done('add', 'app', '--dry-run')
  scene.index.fault({ on: '/files/app-2.0-py3-none-any.whl', kind: 'flip' })
  const back = /note: the environment cannot follow, and so the project is as it was before; --no-sync changes it all/
  const told = await scene.refused('add', 'app')
  assert.match(told, back)
  assert.match(told, /error\[hash-mismatch\]/)
  assert.equal(scene.read('pyproject.toml'), plainProject)
  assert.deepEqual(fs.readdirSync(scene.root), ['pyproject.toml'])

  await scene.done('add', 'app<2')
  const before = [scene.read('pyproject.toml'), scene.read('pylock.toml')]
  assert.match(await scene.refused('upgrade', 'app', '--latest'), back)
  assert.deepEqual([scene.read('pyproject.toml'), scene.read('pylock.toml')], before)
  assert.equal(scene.installed(), 'app==1.5.2 base==2.0')
  assert.equal((await scene.den('sync', '--check')).code, 0)

  await scene.done('add', 'app>=2', '--no-sync')
  await scene.done('add', 'tool', '--no-sync')
  assert.match(
    await scene.refused('remove', 'tool'),
    /note: the project is changed and locked; its environment is not up to date: den sync/,
  )
  assert.doesNotMatch(scene.read('pyproject.toml'), /tool/)
  assert.equal((await scene.den('lock', '--check')).code, 0)
})

test('who gives up waiting for what is added gets the project back as it was', async (t) => {
  const scene = await projectScene(t)
  if (scene === undefined) return
  // Its metadata is known then.
  await scene.done('add', 'app', '--dry-run')
  const wheel = '/files/app-2.0-py3-none-any.whl'
  scene.index.fault({ on: wheel, kind: 'stall', where: 'body' })
  const [command, ...before] = denCommand()
  const home = path.join(path.dirname(scene.root), `.home-of-${path.basename(scene.root)}`)
  const env = denEnvironment(home, scene.env)
  const child = spawn(command, [...before, 'add', 'app'], { cwd: scene.root, env, stdio: 'ignore' })
  const ended = once(child, 'exit')
  while (!scene.index.paths().includes(wheel)) await new Promise((resolve) => setTimeout(resolve, 20))
  assert.match(scene.read('pyproject.toml'), /app>=2\.0/)
  child.kill('SIGINT')
  assert.deepEqual(await ended, [130, null])
  assert.equal(scene.read('pyproject.toml'), plainProject)
  assert.deepEqual(fs.readdirSync(scene.root), ['pyproject.toml'])
})

test('extras and groups that stand in the environment stay, as they are locked now; what has left the lock goes', async (t) => {
  const pyproject = `${plainProject}
[project.optional-dependencies]
net = ["tool[more]"]
none = []
[dependency-groups]
old = ["app<1.2"]
new = ["app>=1.5,<2"]
[tool.den]
conflicts = [[{ group = "old" }, { group = "new" }]]
`
  const scene = await projectScene(t, { pyproject })
  if (scene === undefined) return
  await scene.done('sync', '--extra', 'net', '--group', 'old')
  assert.equal(scene.installed(), 'app==1.0 base==2.0 extra_thing==1.0 tool==1.0')
  await scene.done('add', 'clash')
  assert.equal(scene.installed(), 'app==1.0 base==1.4 clash==1.0 extra_thing==1.0 tool==1.0')
  // What nobody of the project's asked for is nobody's business here.
  fs.mkdirSync(path.join(scene.root, '.venv/lib/python3.12/site-packages/own-1.0.dist-info'))
  await scene.done('remove', 'clash')
  assert.equal(scene.installed(), 'app==1.0 base==1.4 extra_thing==1.0 own==1.0 tool==1.0')
  // What is asked for by name counts more than what stands.
  await scene.done('add', '--group', 'new', 'winlib')
  assert.equal(scene.installed(), 'app==1.5.2 base==1.4 extra_thing==1.0 own==1.0 tool==1.0 winlib==1.0')
  await scene.done('remove', '--optional', 'net', 'tool')
  assert.equal(scene.installed(), 'app==1.5.2 base==1.4 own==1.0 winlib==1.0')
})

test('what the lock has for other environments alone leaves this one, unless a hand put it there', async (t) => {
  const pyproject = plainProject.replace(/dependencies = \[[\s\S]*\]/, 'dependencies = ["tool", "winlib"]')
  const scene = await projectScene(t, { pyproject })
  if (scene === undefined) return
  await scene.done('sync')
  assert.equal(scene.installed(), 'tool==1.0 winlib==1.0')
  const { stderr } = await scene.done('remove', 'winlib')
  assert.match(stderr, /^- winlib 1\.0$/m)
  assert.match(scene.locked(), /winlib/)
  assert.equal(scene.installed(), 'tool==1.0')
  await scene.done('run', 'pip', 'install', '-i', scene.index.url, 'winlib')
  await scene.done('add', 'base<2')
  assert.equal(scene.installed(), 'base==1.4 tool==1.0 winlib==1.0')
  // Asked for by a group that is not synced: who takes the project's own away has it no more.
  await scene.done('add', '--group', 'more', 'base<2', '--no-sync')
  await scene.done('remove', 'base')
  assert.equal(scene.installed(), 'tool==1.0 winlib==1.0')
  assert.match(scene.locked(), /base/)
})

test('the history says what was asked for', async (t) => {
  const scene = await projectScene(t)
  if (scene === undefined) return
  await scene.done('add', 'app<2', 'tool')
  await scene.done('upgrade', '--latest', 'app')
  await scene.done('add', '--dev', 'extra-thing')
  await scene.done('remove', 'tool')
  await scene.done('add', 'tool', '--no-sync')
  await scene.done('run', 'python', '-c', '')
  const { changes } = (await scene.done('history', '--json')).json<HistoryResult>()
  assert.deepEqual(
    changes.map(({ command }) => command),
    ['run', 'remove tool', 'add --group dev extra-thing', 'upgrade --latest app', 'add app<2 tool'],
  )
})

test('undo in a project says that its files stay as they are, and what changes them likewise', async (t) => {
  const scene = await projectScene(t)
  if (scene === undefined) return
  await scene.done('sync')
  await scene.done('add', '--dev', 'app<2', 'tool')
  const undone = await scene.done('undo')
  assert.match(undone.stdout, /^undid change 2 \(add --group dev app<2 tool\)$/m)
  assert.match(undone.stderr, /note: pyproject\.toml and its lock stay as they are: den sync puts back/)
  assert.match(undone.stderr, /to change them likewise: den remove --group dev app tool\n/)
  assert.equal(scene.installed(), 'base==2.0')
  assert.match(scene.read('pyproject.toml'), /tool/)
  const removed = (await scene.done('remove', '--dev', 'app', 'tool', '--no-sync', '--json')).json<ChangeResult>()
  assert.equal(removed.outcome, 'changed')
  // Now the files ask for no more than what stands.
  await scene.done('run', 'pip', 'install', 'tool')
  assert.equal((await scene.done('undo', '--json')).json<UndoResult>().project, undefined)
  await scene.done('add', 'tool')
  await scene.done('remove', 'tool')
  assert.match((await scene.done('undo')).stderr, /to change them likewise: den add tool\n/)
  // What an index has of the name of what came from a file is something else.
  const file = 'app-7.0-py3-none-any.whl'
  fs.writeFileSync(path.join(scene.root, file), buildWheel({ name: 'app', version: '7.0', files: { 'app.py': '' } }))
  await scene.done('add', `./${file}`)
  await scene.done('remove', 'app')
  const { stderr, stdout } = await scene.done('undo')
  assert.match(stdout, /\+ app 7\.0/)
  assert.match(stderr, /stay as they are/)
  assert.doesNotMatch(stderr, /likewise/)
})

test('what is said of addresses is refused for a name', async (t) => {
  const scene = await projectScene(t)
  if (scene === undefined) return
  const told =
    /error\[link-not-found\]: tool is to come from '1\.0', and there is nothing[\s\S]*fix: if a version is meant: tool==1\.0/
  assert.match(await scene.refused('add', 'tool@1.0'), told)
  for (const words of [['--rev', 'x'], ['--subdirectory', 'lib'], ['--editable']])
    assert.match(
      await scene.refused('add', 'tool', ...words),
      /error\[invalid-link\]: .*'tool'\n {3}why: only .*(?:revis|subdir|edited)/,
    )
  assert.equal(scene.read('pyproject.toml'), plainProject)
})

test('a group or an extra that is begun has a name that other tools read', async (t) => {
  const scene = await projectScene(t)
  if (scene === undefined) return
  for (const option of ['--group', '--optional'])
    assert.match(
      await scene.refused('add', option, 'my group', 'tool', '--no-sync'),
      /error\[invalid-name\][\s\S]*my group/,
    )
  assert.equal(scene.read('pyproject.toml'), plainProject)
  // One that is there already is somebody's.
  scene.write('pyproject.toml', `${plainProject}\n[dependency-groups]\n"my group" = []\n`)
  await scene.done('add', '--group', 'my group', 'tool', '--no-sync')
  assert.match(scene.read('pyproject.toml'), /"my group" = \[\s*"tool>=1\.0",?\s*\]/)
})

test('from directories and repositories: as sources, installed in place where that is asked for', async (t) => {
  const project = (name: string): string =>
    `[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n[project]\nname = "${name}"\nversion = "0.3"\n`
  const scene = await projectScene(t, {
    tree: { 'lib/pyproject.toml': project('lib'), 'repo/pyproject.toml': project('from-repo') },
  })
  if (scene === undefined) return
  const options = ['--no-sync', '--raw']
  const { stderr } = await scene.done('add', '--no-sync', '--editable', '../lib')
  assert.match(stderr, /^\+ lib \(\.\.\/lib\)$/m)
  assert.match(scene.read('pyproject.toml'), /"lib",/)
  assert.match(
    scene.read('pyproject.toml'),
    /\[tool\.den\.sources\]\nlib = ?\{ ?path = "\.\.\/lib", editable = true ?\}/,
  )
  assert.match(scene.read('pylock.toml'), /name = "lib"\ndirectory = \{path = "\.\.\/lib", editable = true\}/)
  await scene.done('remove', '--no-sync', 'lib')
  assert.doesNotMatch(scene.read('pyproject.toml'), /sources/)

  const repo = path.join(scene.root, '..', 'repo')
  const git = async (...args: readonly string[]): Promise<void> => {
    const ran = await runProgram('git', ['-c', 'user.name=x', '-c', 'user.email=x@x', ...args], { cwd: repo })
    assert.equal(ran.code, 0, ran.stderr)
  }
  await git('init', '-q', '-b', 'main')
  await git('add', '.')
  await git('commit', '-qm', 'x')
  await git('tag', 'v1')
  await scene.done('add', '--no-sync', `git+file://${fs.realpathSync(repo)}`, '--tag', 'v1')
  assert.match(scene.read('pyproject.toml'), /from-repo = ?\{ ?git = "file:\/\/.*\/repo", rev = "v1" ?\}/)
  assert.match(
    scene.read('pylock.toml'),
    /name = "from-repo"\nvcs = \{.*requested-revision = "v1", commit-id = "[0-9a-f]{40}"/,
  )
  await scene.done('remove', '--no-sync', 'from-repo')
  await scene.done('add', ...options, `from-repo @ git+file://${fs.realpathSync(repo)}@v1`)
  assert.match(scene.read('pyproject.toml'), /"from-repo @ git\+file:\/\/.*@v1",/)
})

test('from requirements and constraints files', async (t) => {
  const scene = await projectScene(t, {
    tree: { 'project/r.txt': 'app\n# more\ntool[more]==1.0\n', 'project/c.txt': 'app<2\nextra-thing==1.0\n' },
  })
  if (scene === undefined) return
  await scene.done('add', '--no-sync', '-r', 'r.txt', '-c', 'c.txt')
  assert.match(scene.read('pyproject.toml'), /"app>=1\.5\.2",[\s\S]*"tool\[more\]==1\.0",/)
  assert.match(scene.locked(), /app==1\.5\.2/)
})

test('hashes of a requirements file must be those of a file that is locked', async (t) => {
  const scene = await projectScene(t)
  if (scene === undefined) return
  await scene.done('add', 'tool', '--no-sync')
  const [, digest] = /tool-1\.0[^\n]*sha256 = "([0-9a-f]{64})"/.exec(scene.read('pylock.toml'))!
  await scene.done('remove', 'tool', '--no-sync')
  const before = [scene.read('pyproject.toml'), scene.read('pylock.toml')]
  const wrong = '0'.repeat(64)
  scene.write('r.txt', `tool==1.0 \\\n    --hash=sha256:${wrong}\n`)
  assert.match(
    await scene.refused('add', '-r', 'r.txt'),
    /error\[hashes-not-locked\]: no file that would be locked for tool==1\.0 has/,
  )
  assert.deepEqual([scene.read('pyproject.toml'), scene.read('pylock.toml')], before)
  scene.write('r.txt', `tool==1.0 --hash=sha256:${wrong} --hash=sha256:${digest}\napp # no hash\n`)
  await scene.done('add', '-r', 'r.txt')
  assert.equal(scene.installed(), 'app==2.0 base==2.0 tool==1.0')
  assert.match(scene.read('pyproject.toml'), /"tool==1\.0",/)
})

test('an index that is given to add is written down before the others; with a name, what is added comes from it', async (t) => {
  const scene = await projectScene(t)
  if (scene === undefined) return
  const wheel = (name: string, version: string) => servedWheel({ name, version, files: { [`${name}.py`]: '' } })
  const other = await serveIndex(t, [wheel('app', '9.0'), wheel('base', '9.0'), wheel('inner', '1.0')])
  const third = await serveIndex(t, [wheel('base', '5.0')], { login: { user: 'me', password: 'hidden' } })
  const bare = other.url.replace(/\/$/, '')
  await scene.done('add', '--index', `ours=${bare}`, 'inner', 'app', '--no-sync')
  const written = scene.read('pyproject.toml')
  assert.ok(written.includes(`[[tool.den.index]]\nname = "ours"\nurl = "${bare}"\n`), written)
  assert.match(written, /\[tool\.den\.sources\]\ninner = \{ ?index = "ours" ?\}\napp = \{ ?index = "ours" ?\}\n/)
  assert.match(scene.locked(), /app==9\.0 base==9\.0 inner==1\.0/)
  // Who locks next asks the same.
  await scene.done('lock', '--upgrade')
  assert.match(scene.locked(), /app==9\.0 base==9\.0 inner==1\.0/)
  // Once is enough, whatever its address ends with, and under one name.
  await scene.done('add', '--index', other.url, 'tool', '--no-sync')
  assert.equal(scene.read('pyproject.toml').match(/\[\[tool\.den\.index\]\]/g)?.length, 1)
  const taken = await scene.den('add', '--index', 'ours=https://example.org/simple', 'tool')
  assert.match(taken.stderr, /error\[bad-option-value\]/)
  // Credentials are nobody else's business.
  const secret = third.url.replace('://', '://me:hidden@')
  const { stderr } = await scene.done('add', '--index', secret, 'base>=5', '-P', 'base', '--no-sync')
  assert.match(stderr, /note: the credentials in http:\/\/.* are not written into the project/)
  const both = scene.read('pyproject.toml') + scene.read('pylock.toml')
  assert.doesNotMatch(both, /hidden/)
  assert.match(scene.read('pyproject.toml'), new RegExp(`index\\]\\]\nurl = "${third.url}"\n\n\\[\\[tool.den.index`))
  assert.match(scene.locked(), /base==5\.0/)

  // A script has them in its block.
  scene.write('s.py', '# /// script\n# dependencies = []\n# ///\nimport inner\nprint("ran")\n')
  await scene.done('add', '--script', 's.py', '--index', `ours=${bare}`, 'inner')
  assert.ok(
    scene.read('s.py').includes(`# [[tool.den.index]]\n# name = "ours"\n# url = "${bare}"\n`),
    scene.read('s.py'),
  )
  assert.match(scene.read('s.py'), /# inner = \{ ?index = "ours" ?\}\n/)
  assert.equal((await scene.done('run', 's.py')).stdout, 'ran\n')

  // Those of a requirements file, likewise.
  scene.write('pyproject.toml', plainProject)
  scene.write('r.txt', `--extra-index-url ${other.url}\ninner\n`)
  await scene.done('add', '-r', 'r.txt', '--no-sync')
  assert.match(scene.read('pyproject.toml'), /\[\[tool\.den\.index\]\]\nurl = /)
  assert.match(scene.locked(), /inner==1\.0/)
})

test('what is asked for already keeps its bound when it is to come from an index of its own', async (t) => {
  const scene = await projectScene(t)
  if (scene === undefined) return
  const wheel = (name: string, version: string) => servedWheel({ name, version, files: { [`${name}.py`]: '' } })
  const other = await serveIndex(t, [wheel('base', '1.0'), wheel('base', '1.3'), wheel('base', '9.0')])
  const index = `[[tool.den.index]]\nname = "corp"\nurl = "${other.url}"\nexplicit = true\n`
  const project = `${plainProject.replace('base>=1', 'base<2')}\n${index}`
  const ways = [
    ['--index', 'corp'],
    ['--from-index', 'corp'],
    ['--index', `corp=${other.url}`],
    ['--index', `elsewhere=${other.url}`],
  ]
  for (const way of ways) {
    scene.write('pyproject.toml', project)
    fs.rmSync(path.join(scene.root, 'pylock.toml'), { force: true })
    await scene.done('add', 'base', ...way, '--no-sync')
    const written = scene.read('pyproject.toml')
    assert.match(written, /^ {2}"base<2", {2}# the base of it$/m, way.join(' '))
    assert.match(written, /\[tool\.den\.sources\]\nbase = \{ ?index = "corp" ?\}\n/, way.join(' '))
    assert.equal(written.match(/tool\.den\.index/g)?.length, 1)
    assert.equal(scene.locked(), 'base==1.3')
  }
  // A bound that is given takes the place of it.
  await scene.done('add', 'base>=1.1', '--index', 'corp', '--no-sync')
  assert.match(scene.read('pyproject.toml'), /"base>=1\.1", {2}# the base of it/)
  // A directory is one, whatever an index is called.
  scene.write('pyproject.toml', project)
  fs.mkdirSync(path.join(scene.root, 'corp'))
  await scene.done('add', 'base', '--index', 'corp', '--no-sync')
  assert.match(scene.read('pyproject.toml'), /\[\[tool\.den\.index\]\]\nurl = "corp"\n/)
})

test('what an address gives without a hash is fetched for its hash, and not once more to be installed', async (t) => {
  const scene = await projectScene(t, { pyproject: plainProject.replace('"base>=1",', '') })
  if (scene === undefined) return
  // Larger than what is asked for to read its metadata.
  const words = Array.from({ length: 20_000 }, (_, at) => ((at * 7919) % 100_003).toString(36)).join('')
  const own = servedWheel({ name: 'plain', version: '1.0', files: { 'plain.py': `words = '${words}'\n` } })
  const index = await serveIndex(t, [own], { ranges: true })
  const wholes = (file: string): number =>
    index.requests.filter(({ path: asked, headers }) => asked.endsWith(file) && headers.range === undefined).length
  await scene.done('add', `plain @ ${index.origin}/files/${own.filename}`)
  assert.equal(scene.installed(), 'plain==1.0')
  assert.equal(wholes(own.filename), 1)
})

test('where a requirements file finds links is written down with what it asks for', async (t) => {
  const wheel = buildWheel({ name: 'linked', version: '1.0', files: { 'linked.py': '' } })
  const tree = { 'project/reqs/wheels/linked-1.0-py3-none-any.whl': wheel }
  const scene = await projectScene(t, { tree })
  if (scene === undefined) return
  scene.write('reqs/r.txt', '--find-links wheels\n--no-index\nlinked\n--only-binary :all:\n')
  const { stderr } = await scene.done('add', '-r', 'reqs/r.txt')
  assert.match(stderr, /note: --no-index and --only-binary in a requirements file count for nothing in a project/)
  const written = scene.read('pyproject.toml')
  assert.match(written, /\[\[tool\.den\.index\]\]\nurl = "reqs\/wheels"\nformat = "flat"\n/)
  assert.match(written, /"linked>=1\.0"/)
  assert.equal(scene.installed(), 'base==2.0 linked==1.0')
  // Who locks next finds it there, and it is written once.
  fs.rmSync(path.join(scene.root, 'pylock.toml'))
  await scene.done('lock')
  assert.equal(scene.locked(), 'base==2.0 linked==1.0')
  await scene.done('add', '-r', 'reqs/r.txt')
  assert.equal(scene.read('pyproject.toml').match(/flat/g)?.length, 1)
  // One that the project's settings name already.
  scene.write('pyproject.toml', `${plainProject}\n[tool.uv]\nfind-links = ["reqs/wheels/"]\n`)
  await scene.done('add', '-r', 'reqs/r.txt', '--no-sync')
  assert.doesNotMatch(scene.read('pyproject.toml'), /flat/)
})

test('a project comes from one index here and from another there, as its sources say', async (t) => {
  const wheel = (name: string, version: string, requires: readonly string[] = []) =>
    servedWheel({ name, version, requires, files: { [`${name}.py`]: `version = '${version}'\n` } })
  const linux = await serveIndex(t, [wheel('app', '4.0', ['base==1.0']), wheel('app', '5.0+gpu', ['base==1.4'])])
  const windows = await serveIndex(t, [wheel('app', '4.0', ['tool'])])
  const table = (sources: string) => `${plainProject.replace('"base>=1",', '"app", "base",')}
[tool.den.sources]
app = [${sources}]
[[tool.den.index]]
name = "linux"
url = "${linux.url}"
explicit = true
[[tool.den.index]]
name = "windows"
url = "${windows.url}"
explicit = true
[project.optional-dependencies]
gpu = []
`
  const two = `{ index = "linux", marker = "sys_platform == 'linux'" }, { index = "windows", marker = "sys_platform == 'win32'" }`
  const scene = await projectScene(t, { pyproject: table(two) })
  if (scene === undefined) return
  /** Of app: "version marker host". */
  const apps = (): readonly string[] =>
    [
      ...scene
        .read('pylock.toml')
        .matchAll(/name = "app"\nversion = "(.*)"\n(?:marker = '(.*)'\n)?[\s\S]*?index = "(.*)"/g),
    ]
      .map(([, version, marker, from]) => {
        const at = [linux.url, windows.url].indexOf(from!)
        return `${version} ${['linux', 'windows'][at] ?? 'general'} ${marker}`
      })
      .sort()
  await scene.done('sync')
  const elsewhere =
    /2\.0 general sys_platform != "linux" and sys_platform != "win32"|2\.0 general sys_platform != "win32" and sys_platform != "linux"/
  assert.match(apps()[0]!, elsewhere)
  assert.deepEqual(apps().slice(1), ['4.0 windows sys_platform == "win32"', '5.0+gpu linux sys_platform == "linux"'])
  assert.equal(scene.installed(), 'app==5.0+gpu base==1.4')
  assert.match(scene.read('pylock.toml'), /name = "tool"\nversion = "1\.0"\nmarker = 'sys_platform == "win32"'/)
  assert.equal((await scene.den('lock', '--check')).code, 0)
  const again = scene.read('pylock.toml')
  await scene.done('lock', '--upgrade')
  assert.equal(scene.read('pylock.toml'), again)

  // One version, from each its own file and what that one needs.
  scene.write(
    'pyproject.toml',
    table(two).replace('"app"', `"app==4.0; sys_platform == 'linux' or sys_platform == 'win32'"`),
  )
  await scene.done('sync')
  assert.deepEqual(apps(), ['4.0 linux sys_platform == "linux"', '4.0 windows sys_platform == "win32"'])
  assert.equal(scene.installed(), 'app==4.0 base==1.0')

  // What is left over goes to the indexes that are named for nobody, the same one perhaps: then it is one package.
  const open = table(`{ index = "linux", marker = "sys_platform == 'linux'" }`).replace('explicit = true\n', '')
  scene.write('pyproject.toml', open)
  await scene.done('lock', '--upgrade')
  assert.deepEqual(apps(), ['5.0+gpu linux undefined'])

  // Only for an extra.
  scene.write('pyproject.toml', table('{ index = "linux", extra = "gpu" }'))
  await scene.done('sync')
  assert.equal(scene.installed(), 'app==2.0 base==2.0')
  await scene.done('sync', '--extra', 'gpu', '--upgrade')
  assert.equal(scene.installed(), 'app==5.0+gpu base==1.4')
})

test('upgrade raises bounds as far as they let it, --latest over them, and only what is named', async (t) => {
  const pyproject = plainProject.replace('"base>=1"', '"base>=1", "app>=1.0,<2", "tool==1.0"')
  const scene = await projectScene(t, { pyproject })
  if (scene === undefined) return
  await scene.done('lock', '-P', 'app==1.0', '-P', 'base==1.0')
  const dry = await scene.done('upgrade', '--dry-run')
  assert.match(dry.stdout, /app 1\.0 → 1\.5\.2/)
  await scene.done('upgrade', 'app', '--no-sync')
  assert.match(scene.read('pyproject.toml'), /"base>=1", "app>=1\.5\.2,<2", "tool==1\.0"/)
  assert.match(scene.locked(), /app==1\.5\.2 base==1\.0/)
  await scene.done('upgrade', '--latest')
  assert.match(scene.read('pyproject.toml'), /"base>=2", "app>=2\.0,<3", "tool==1\.0", {2}# the base of it/)
  assert.equal(scene.installed(), 'app==2.0 base==2.0 tool==1.0')
  const again = (await scene.done('upgrade', '--latest', '--json', '--no-sync')).json<ChangeResult>()
  assert.equal(again.outcome, 'unchanged')
  assert.match(await scene.refused('upgrade', 'nobody'), /error\[not-required\]/)
  assert.match(await scene.refused('upgrade', '-i'), /error\[not-a-terminal\]/)
})

test('what an upgrade leaves behind the newest is told, with what holds it and how to go over it', async (t) => {
  const pyproject = plainProject.replace('"base>=1"', '"base>=1", "app<2", "clash"')
  const scene = await projectScene(t, { pyproject })
  if (scene === undefined) return
  const own = /^app stays at 1\.5\.2 \(newest: 2\.0\): mine asks for app<2\n/m
  const other = /^base stays at 1\.4 \(newest: 2\.0\): clash 1\.0 asks for base<2\n/m
  const named = await scene.done('upgrade', 'app', '--dry-run')
  assert.match(named.stderr, own)
  assert.doesNotMatch(named.stderr, other)
  const { stderr } = await scene.done('upgrade', '--no-sync')
  assert.match(stderr, own)
  assert.match(stderr, other)
  // Only where that is all that holds it.
  assert.match(stderr, /^over the project’s own bounds: den upgrade --latest app\n/m)
  const { held } = (await scene.done('upgrade', '--no-sync', '--json')).json<ChangeResult>()
  assert.deepEqual(
    held?.map(({ name, own: isOwn }) => [name, isOwn]),
    [
      ['app', true],
      ['base', false],
    ],
  )
  await scene.done('remove', 'clash', '--no-sync')
  const after = await scene.done('upgrade', '--latest', '--no-sync')
  assert.doesNotMatch(after.stderr, /stays at/)
  assert.equal(scene.locked(), 'app==2.0 base==2.0')
})

test("poetry's own project: what is raised keeps its source and its other words, and an extra takes nothing away", async (t) => {
  const scene = await projectScene(t)
  if (scene === undefined) return
  const corp = await serveIndex(t, [
    servedWheel({ name: 'own', version: '1.0' }),
    servedWheel({ name: 'own', version: '1.5' }),
    servedWheel({ name: 'own', version: '2.0' }),
  ])
  const text = (version: string, base: string): string => `[tool.poetry]
name = "mine"
version = "0.1"
package-mode = false

[tool.poetry.dependencies]
python = "^3.10"
own = { version = "${version}", source = "corp", allow-prereleases = false }
base = "${base}"

[[tool.poetry.source]]
name = "corp"
url = "${corp.url}"
priority = "explicit"
`
  scene.write('pyproject.toml', text('^1.0', '^1.0'))
  await scene.done('upgrade', '--no-sync')
  assert.equal(scene.read('pyproject.toml'), text('^1.5', '^1.4'))
  await scene.done('upgrade', '--no-sync', '--latest')
  assert.equal(scene.read('pyproject.toml'), text('^2.0', '^2.0'))
  assert.equal(scene.locked(), 'base==2.0 own==2.0')
  assert.match(await scene.refused('add', '--optional', 'web', 'own'), /error\[no-place-for-requirement\]/)
  assert.equal(scene.read('pyproject.toml'), text('^2.0', '^2.0'))
  assert.equal((await scene.den('lock', '--check')).code, 0)
})

test("groups that a project of poetry 2 has in poetry's tables: upgraded, added to and removed there", async (t) => {
  const text = (lines: string): string =>
    `${plainProject}\n[tool.poetry]\npackage-mode = false\n\n[tool.poetry.group.dev.dependencies]\n${lines}`
  const scene = await projectScene(t, { pyproject: text('app = "^1.0"\n') })
  if (scene === undefined) return
  await scene.done('sync')
  assert.equal(scene.installed(), 'app==1.5.2 base==2.0')
  await scene.done('upgrade', '--latest', 'app')
  assert.equal(scene.read('pyproject.toml'), text('app = "^2.0"\n'))
  await scene.done('add', '--dev', 'app<2', 'tool')
  assert.equal(scene.read('pyproject.toml'), text('app = "<2"\ntool = ">=1.0"\n'))
  assert.equal(scene.installed(), 'app==1.5.2 base==2.0 tool==1.0')
  await scene.done('remove', '--dev', 'app', 'tool')
  assert.doesNotMatch(scene.read('pyproject.toml'), /^(?:app|tool) /m)
  assert.equal(scene.installed(), 'base==2.0')
})

test('two dens that add at once come one after the other, and both are there at the end', async (t) => {
  const scene = await projectScene(t)
  if (scene === undefined) return
  const ran = await Promise.all(['app', 'tool', 'extra-thing'].map((name) => scene.den('add', name)))
  for (const { code, stderr } of ran) assert.equal(code, 0, stderr)
  assert.match(
    scene.read('pyproject.toml'),
    /"app>=2\.0",\n {2}"base>=1",.*\n {2}"extra-thing>=1\.0",\n {2}"tool>=1\.0",/,
  )
  assert.equal(lockedPins(scene.read('pylock.toml')), 'app==2.0 base==2.0 extra-thing==1.0 tool==1.0 winlib==1.0')
  assert.equal((await scene.den('lock', '--check')).code, 0)
  await scene.done('sync')
  assert.equal(scene.installed(), 'app==2.0 base==2.0 extra_thing==1.0 tool==1.0')
})

test('an index that is said for all is asked, and is no source of what is added', async (t) => {
  const scene = await projectScene(t, { env: { DEN_INDEX_URL: '' } })
  if (scene === undefined) return
  const added = ['--default-index', scene.index.url, '--no-sync']
  await scene.done('add', ...added, 'tool')
  assert.match(scene.read('pyproject.toml'), /"tool>=1\.0"/)
  assert.doesNotMatch(scene.read('pyproject.toml'), /sources|127\.0\.0\.1/)
  scene.write('one.py', '# /// script\n# dependencies = []\n# ///\n')
  await scene.done('add', ...added.slice(0, 2), '--script', 'one.py', 'tool')
  assert.equal(scene.read('one.py'), '# /// script\n# dependencies = [\n#     "tool",\n# ]\n# ///\n')
})

test('what a project without requires-python was locked for is what releases are told for', async (t) => {
  const pyproject = '[project]\nname = "mine"\nversion = "1"\ndependencies = ["newer<2"]\n'
  const newer = (version: string, requiresPython: string) =>
    servedWheel({ name: 'newer', version, files: { 'newer.py': '' } }, { requiresPython })
  const scene = await projectScene(t, { pyproject, files: [newer('1.0', '>=3.6'), newer('2.0', '>=3.9')] })
  if (scene === undefined) return
  await scene.done('lock')
  assert.match(scene.read('pylock.toml'), /^requires-python = ">=3\.12"$/m)
  const { stdout } = await scene.done('outdated')
  assert.match(stdout, /^newer +1\.0 +1\.0 +2\.0 +mine asks for newer<2$/m)
  assert.doesNotMatch((await scene.done('why', '--latest', 'newer')).stdout, /it is for Python/)
  await scene.done('upgrade', '--latest', '--no-sync')
  assert.match((await scene.done('outdated')).stderr, /^nothing is newer for the one package\n$/m)
  await scene.done('remove', 'newer', '--no-sync')
  assert.match((await scene.done('outdated')).stderr, /^nothing of the lock comes from an index\n$/m)
})
