// What den tells of a project's lock: den tree, den why, den outdated, den export.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { den } from '../kit/den.ts'
import { servedWheel } from '../kit/index-server.ts'
import type { WrittenPackage } from '../kit/lock-answer.ts'
import { type LockedProject, lockedProject } from '../kit/lock-project.ts'
import { pythonOr } from '../kit/pythons.ts'
import { scratch } from '../kit/scratch.ts'

const pyproject = `[project]
name = "app"
version = "1.0"
requires-python = ">=3.9"
dependencies = ["web[fast]>=2", "old; python_version < '3.10'", "split"]
[project.optional-dependencies]
plot = ["draw>=1"]
[dependency-groups]
dev = ["check"]
docs = ["book"]
[build-system]
requires = ["hatchling"]
[tool.den]
constraint-dependencies = ["quick<2"]
`

const packages: readonly WrittenPackage[] = [
  { name: 'web', version: '2.1', extras: ['fast'], requires: ['base>=1,<3', 'quick; extra == "fast"'] },
  { name: 'base', version: '2.0', requires: ['win; sys_platform == "win32"'], requiresPython: '>=3.8' },
  { name: 'win', version: '1', marker: 'sys_platform == "win32"' },
  { name: 'quick', version: '1.5' },
  { name: 'old', version: '0.9', marker: 'python_version < "3.10"' },
  { name: 'split', version: '1.0', marker: 'python_version < "3.12"' },
  { name: 'split', version: '2.0', marker: 'python_version >= "3.12"', requires: ['base'] },
  { name: 'draw', version: '1.1', marker: '"plot" in extras', requires: ['base'] },
  { name: 'check', version: '8.0', marker: '"dev" in dependency_groups', requires: ['web'] },
  { name: 'book', version: '4.0', marker: '"docs" in dependency_groups' },
]

const newer = [
  servedWheel({ name: 'base', version: '2.5' }),
  servedWheel({ name: 'base', version: '3.0' }),
  servedWheel({ name: 'base', version: '4.0rc1' }),
  servedWheel({ name: 'quick', version: '2.0' }),
  servedWheel({ name: 'web', version: '2.2' }),
  servedWheel({ name: 'web', version: '2.3' }, { yanked: 'broken' }),
  servedWheel({ name: 'draw', version: '2.0', requires: [] }, { requiresPython: '>=3.14' }),
  servedWheel({ name: 'book', version: '9.0' }, { requiresPython: '<3' }),
]

async function scene(t: TestContext): Promise<LockedProject> {
  return await lockedProject(t, { pyproject, packages, served: newer })
}

/** stdout of what must succeed. */
async function told(project: LockedProject, ...args: readonly string[]): Promise<string> {
  const done = await project.den(...args)
  assert.equal(done.code, 0, done.stderr)
  return done.stdout
}

test('den tree tells who asks for what, here and everywhere', async (t) => {
  if (pythonOr(t, '3.13') === undefined || pythonOr(t, '3.10') === undefined) return
  const project = await scene(t)
  assert.equal(
    await told(project, 'tree', '-p', '3.13'),
    `app 1.0
├── split 2.0
│   └── base 2.0
├── web[fast] 2.1 >=2
│   ├── base 2.0 <3,>=1
│   └── quick 1.5
└── check 8.0 (group dev)
    └── web 2.1 (see above)
`,
  )
  assert.match(await told(project, 'tree', '-p', '3.10', '--no-dev'), /^├── split 1\.0$/m)
  const everywhere = await told(project, 'tree', '--universal', '--all-extras', '--no-dev')
  assert.match(everywhere, /^├── old 0\.9 ; python_version < "3\.10"$/m)
  assert.match(everywhere, /^├── split 1\.0$/m)
  assert.match(everywhere, /^├── split 2\.0$/m)
  assert.match(everywhere, /─ win 1 ; sys_platform == "win32"$/m)
  assert.match(everywhere, /^└── draw 1\.1 >=1 \(extra plot\)$/m)
  assert.equal(await told(project, 'tree', '--universal', '--depth', '0'), 'app 1.0\n')
  assert.equal(
    await told(project, 'tree', '--invert', 'base', '-p', '3.13', '--depth', '2'),
    `base 2.0
├── split 2.0
│   └── app
└── web 2.1 (asks for <3,>=1)
    ├── app (asks for [fast]>=2)
    └── check 8.0
`,
  )
  assert.equal(
    await told(project, 'tree', '--only-group', 'docs', '-p', '3.13'),
    'app 1.0\n└── book 4.0 (group docs)\n',
  )
  const sized = await told(project, 'tree', '--sizes', '--no-dev', '-p', '3.13')
  assert.match(sized, /^app 1\.0 \([\d.]+ kB in all\)$/m)
  assert.match(sized, /web\[fast\] 2\.1 >=2 \[\d+ B\] \([\d.]+ k?B in all\)$/m)
  const none = await project.den('tree', 'nothing', '--universal')
  assert.equal(none.code, 1)
  assert.match(none.stderr, /nothing is not there/)
  const json = (await project.den('tree', '--universal', '--json')).json<{
    schema: string
    roots: { children: { name: string }[] }[]
  }>()
  assert.equal(json.schema, 'den.tree/1')
  assert.deepEqual(
    json.roots[0]!.children.map(({ name }) => name),
    ['old', 'split', 'split', 'web', 'check'],
  )
})

test('den tree tells of an environment where there is no lock, and where one is named', async (t) => {
  const python = pythonOr(t, '3.13')
  if (python === undefined) return
  const project = await scene(t)
  const made = await project.den('create', '-p', python.executable, '--seed', 'none', 'env')
  assert.equal(made.code, 0, made.stderr)
  const env = path.join(project.root, 'env', 'bin', 'python')
  const installed = await project.den('pip', '--python', env, 'install', 'check==8.0', 'web==2.1', 'base==2.0')
  assert.equal(installed.code, 0, installed.stderr)
  assert.equal(await told(project, 'tree', '-e', 'env'), 'check 8.0\n└── web 2.1\n    └── base 2.0 <3,>=1\n')
  assert.match(await told(project, 'why', '-e', 'env', 'base'), /^ {2}web → base$/m)
  fs.rmSync(path.join(project.root, 'pylock.toml'))
  const missing = await project.den('tree')
  assert.equal(missing.code, 1)
  assert.match(missing.stderr, /has no lock/)
})

test('den why tells the ways to a package, and what holds its version', async (t) => {
  const project = await scene(t)
  assert.equal(
    await told(project, 'why', 'base', 'quick'),
    `base 2.0
  app (extra plot) (>=1) → draw 1.1 → base 2.0
  app → split 2.0 → base 2.0
  app (>=2) → web 2.1 (<3,>=1) → base 2.0
its version is held by
  web 2.1: base<3,>=1
quick 1.5
  app (>=2) → web 2.1 (; extra == "fast") → quick 1.5
its version is held by
  a constraint of the project: quick<2
`,
  )
  assert.match(await told(project, 'why', 'split'), /^split 1\.0 ; python_version < "3\.12"$/m)
  const latest = await told(project, 'why', '--latest', 'base', 'web', 'draw', 'quick', 'check')
  assert.match(latest, /the newest release is 3\.0, and\n {2}web 2\.1 asks for base<3,>=1/)
  assert.match(latest, /the newest release is 2\.2, and only the lock holds it: den upgrade web/)
  assert.match(latest, /the newest release is 2\.0, and\n {2}it is for Python >=3\.14, and the project for >=3\.9/)
  assert.match(latest, /the newest release is 2\.0, and\n {2}a constraint of the project asks for quick<2/)
  assert.match(latest, /check 8\.0[\s\S]*it is the newest release there is/)
  assert.equal((await project.den('why', 'nothing')).code, 1)
})

test('den outdated tells what is newer, and what of it would be taken', async (t) => {
  const project = await scene(t)
  const { packages: found, compared } = (await project.den('outdated', '--json')).json<{
    packages: { name: string; locked: string; wanted: string; latest: string; because: string[]; direct: boolean }[]
    compared: number
  }>()
  assert.deepEqual(
    found.map(({ name, locked, wanted, latest, direct }) => `${name} ${locked} ${wanted} ${latest} ${direct}`),
    [
      'base 2.0 2.5 3.0 false',
      'draw 1.1 2.0 2.0 true',
      'quick 1.5 1.5 2.0 false',
      'split 1.0 2.0 2.0 true',
      'web 2.1 2.2 2.2 true',
    ],
  )
  assert.deepEqual(
    found.map(({ because }) => because.length),
    [1, 0, 1, 0, 0],
  )
  assert.equal(compared, packages.length)
  assert.match(await told(project, 'outdated', '--direct'), /^package +locked +allowed +newest\ndraw/)
  // Whatever is read by columns finds one in each.
  const lines = (await told(project, 'outdated')).trimEnd().split('\n').slice(1)
  assert.deepEqual(
    lines.map((line) => line.split(/ {2,}/)),
    [
      ['base', '2.0', '2.5', '3.0', 'web 2.1 asks for base<3,>=1'],
      ['draw', '1.1', '2.0', '2.0', 'only where "plot" in extras'],
      ['quick', '1.5', '1.5', '2.0', 'a constraint of the project asks for quick<2'],
      ['split', '1.0', '2.0', '2.0', 'only where python_version < "3.12"'],
      ['web', '2.1', '2.2', '2.2'],
    ],
  )
})

test('den export writes requirements and locks that pip takes', async (t) => {
  const python = pythonOr(t, '3.13')
  if (python === undefined) return
  const project = await scene(t)
  assert.equal(
    await told(project, 'export', '--no-hashes', '--no-dev'),
    `# Made by den export from pylock.toml.
--extra-index-url ${project.index.url}
-e .
base==2.0
old==0.9; python_version < "3.10"
quick==1.5
split==1.0; python_version < "3.12"
split==2.0; python_version >= "3.12"
web==2.1
win==1; sys_platform == "win32"
`,
  )
  const whole = fs.readFileSync(path.join(project.root, 'pylock.toml'), 'utf8')
  assert.match((await project.den('export', '-o', './pylock.toml')).stderr, /error\[export-over-lock\]/)
  assert.equal(fs.readFileSync(path.join(project.root, 'pylock.toml'), 'utf8'), whole)
  const written = await project.den('export', '-o', 'out/requirements.txt', '--no-project')
  assert.equal(written.code, 0, written.stderr)
  assert.match(written.stderr, /^wrote .*requirements\.txt: 8 packages$/m)
  const text = fs.readFileSync(path.join(project.root, 'out', 'requirements.txt'), 'utf8')
  assert.match(text, /^check==8\.0 \\\n {4}--hash=sha256:[0-9a-f]{64}$/m)
  assert.match((await project.den('export')).stderr, /app has no hash/)
  const misnamed = await project.den('export', '--format', 'pylock.toml', '-o', 'out/lock.toml')
  assert.match(misnamed.stderr, /^note: lock\.toml is no name of a lock to pip and uv/m)
  const named = await project.den('export', '--format', 'pylock.toml', '-o', 'out/pylock.some.toml')
  assert.doesNotMatch(named.stderr, /no name of a lock/)
  const one = await project.den(
    'export',
    '--for-python',
    '3.13',
    '-o',
    'pylock.deploy.toml',
    '--group',
    'docs',
    '--no-dev',
  )
  assert.equal(one.code, 0, one.stderr)
  const lock = fs.readFileSync(path.join(project.root, 'pylock.deploy.toml'), 'utf8')
  assert.doesNotMatch(lock, /marker|tool|extras|groups/)
  const made = await project.den('create', '-p', python.executable, '--seed', 'none', 'a', 'b')
  assert.equal(made.code, 0, made.stderr)
  const list = async (env: string, ...from: readonly string[]): Promise<string> => {
    const executable = path.join(project.root, env, 'bin', 'python')
    const done = await project.den('pip', '--python', executable, 'install', ...from)
    assert.equal(done.code, 0, done.stderr)
    return await told(project, 'pip', '--python', executable, 'freeze')
  }
  assert.equal(
    await list('a', '-r', 'out/requirements.txt', '--index-strategy', 'best-version'),
    'base==2.0\ncheck==8.0\nquick==1.5\nsplit==2.0\nweb==2.1\n',
  )
  assert.equal(await list('b', '-r', 'pylock.deploy.toml'), 'base==2.0\nbook==4.0\nquick==1.5\nsplit==2.0\nweb==2.1\n')
})

test('a lock that is out of date is told of as it stands, and that it is', async (t) => {
  const project = await scene(t)
  fs.writeFileSync(path.join(project.root, 'pyproject.toml'), pyproject.replace('"split"', '"split>=2"'))
  for (const words of [['tree', '--universal'], ['why', 'split'], ['export']]) {
    const done = await project.den(...words)
    assert.equal(done.code, 0, done.stderr)
    assert.match(done.stderr, /the lock is out of date \(split is now split>=2\): den lock/)
  }
  fs.writeFileSync(path.join(project.root, 'pylock.toml'), '<<<<<<< HEAD\n=======\n>>>>>>> other\n')
  const merging = await project.den('tree')
  assert.match(merging.stderr, /marks of a merge/)
  const nowhere = scratch(t)
  const none = await den(['export'], { cwd: nowhere })
  assert.equal(none.code, 1)
  assert.match(none.stderr, /no project/)
})

test('where there is no lock yet, that is said, with what makes it', async (t) => {
  const cwd = scratch(t)
  fs.writeFileSync(path.join(cwd, 'pyproject.toml'), '[project]\nname = "app"\nversion = "1"\n')
  for (const args of [['tree'], ['why', 'app'], ['export'], ['outdated']]) {
    const { code, stderr } = await den(args, { cwd })
    assert.equal(code, 1, args.join(' '))
    assert.match(stderr, /^error\[lock-missing\]: the project in .* has no lock yet\n.*\n {3}fix: make it: den lock\n$/)
    // Nobody asked for none to be made.
    assert.doesNotMatch(stderr, /none is to be made/)
  }
})

const exclusive = `[project]
name = "app"
version = "1.0"
requires-python = ">=3.9"
dependencies = ["calc"]
[project.optional-dependencies]
cpu = ["calc>=1"]
gpu = ["calc>=1"]
[tool.den]
conflicts = [[{ extra = "cpu" }, { extra = "gpu" }]]
`

test('of extras that exclude each other each is shown with its own', async (t) => {
  if (pythonOr(t, '3.13') === undefined) return
  const project = await lockedProject(t, {
    pyproject: exclusive,
    packages: [
      { name: 'calc', version: '1.0', marker: '"gpu" not in extras', requires: ['part'] },
      { name: 'calc', version: '2.0', marker: '"cpu" not in extras and "gpu" in extras', requires: ['part'] },
      { name: 'part', version: '1.0', marker: '"gpu" not in extras' },
      { name: 'part', version: '2.0', marker: '"cpu" not in extras and "gpu" in extras' },
    ],
  })
  const one = (version: string, asked: string): string =>
    `app 1.0\n├── calc ${version}\n│   └── part ${version}\n└── calc ${version} >=1 (extra ${asked}) (see above)\n`
  assert.equal(await told(project, 'tree', '-p', '3.13', '--extra', 'cpu'), one('1.0', 'cpu'))
  assert.equal(await told(project, 'tree', '-p', '3.13', '--extra', 'gpu'), one('2.0', 'gpu'))
  const both = `app 1.0
├── calc 1.0
│   └── part 1.0
├── calc 2.0
│   └── part 2.0
├── calc 1.0 >=1 (extra cpu) (see above)
└── calc 2.0 >=1 (extra gpu) (see above)
`
  assert.equal(await told(project, 'tree', '-p', '3.13', '--extra', 'cpu', '--extra', 'gpu'), both)
  assert.equal(await told(project, 'tree', '-p', '3.13', '--all-extras'), both)
  const everywhere = await told(project, 'tree', '--universal', '--all-extras')
  assert.equal(everywhere.replaceAll(/ ; .* extras$/gm, ''), both)
  // What each comes to in bytes can be told too, and only an environment has to choose.
  assert.match(await told(project, 'tree', '-p', '3.13', '--all-extras', '--sizes'), /calc 2\.0 \[\d+ B\]/)
  assert.match((await project.den('export', '--all-extras')).stderr, /extra cpu and extra gpu exclude each other/)
})
