// Packages in odd places, through the real executable: paths that shells and tools stumble over, disks that are full, read-only, of another
// kind or made of layers, links that somebody planted. Each either works wholly or is refused before anything has changed.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { openSession } from '../../src/commands/session.ts'
import { defaultHost } from '../../src/host/default-host.ts'
import { type DenRun, den, denEnvironment, runProgram } from '../kit/den.ts'
import { environmentPicture } from '../kit/faults-cli.ts'
import { type ServedIndex, servedWheel, serveIndex } from '../kit/index-server.ts'
import { pythonOr } from '../kit/pythons.ts'
import { scratch } from '../kit/scratch.ts'
import type { WheelInput } from '../kit/wheel.ts'

const app = (version: string): WheelInput => ({
  name: 'app',
  version,
  files: {
    'app/__init__.py': `version = '${version}'\ndef main(): print('app ${version}')\n`,
    'app/deep/er/mod.py': 'x = 1\n',
  },
  scripts: { app: 'app:main' },
  data: { data: { 'share/app/a.txt': 'a' }, scripts: { 'app-raw': '#!python\nprint("raw")\n' } },
  requires: ['base'],
})
const wheels = [servedWheel(app('1.0')), servedWheel(app('2.0')), servedWheel({ name: 'base', version: '1.0' })]
const site = 'lib/python3.12/site-packages'

interface Scene {
  readonly root: string
  readonly python: string
  readonly index: ServedIndex
  readonly env: Readonly<Record<string, string>>
  readonly mounts: string[]
}

async function scene(t: TestContext): Promise<Scene | undefined> {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return undefined
  // Before the directory that they are in is removed.
  const mounts: string[] = []
  t.after(() => {
    for (const place of mounts.toReversed()) spawnSync('umount', ['-l', place])
  })
  const root = scratch(t)
  const index = await serveIndex(t, wheels)
  const env = { PIP_INDEX_URL: index.url, PIP_CONFIG_FILE: '/dev/null', HOME: path.join(root, 'home') }
  return { root, python: python.executable, index, env, mounts }
}

/** Install, use, upgrade, check, take out: all of it works at this place. */
async function worksAt(s: Scene, cwd: string, env: Readonly<Record<string, string>> = s.env): Promise<void> {
  const done = async (...args: readonly string[]): Promise<DenRun> => {
    const run = await den(args, { cwd, env })
    assert.equal(run.code, 0, `${JSON.stringify(cwd)}: ${args.join(' ')}: ${run.stdout}${run.stderr}`)
    return run
  }
  await done('pip', 'install', 'app==1.0')
  for (const [script, says] of [
    ['app', 'app 1.0\n'],
    ['app-raw', 'raw\n'],
  ] as const) {
    const run = await runProgram(path.join(cwd, '.venv/bin', script), [], { cwd, env })
    assert.equal(run.stdout, says, `${JSON.stringify(cwd)}: ${run.stderr}`)
  }
  await done('pip', 'install', '-U', 'app')
  const python = await runProgram(path.join(cwd, '.venv/bin/python'), ['-B', '-c', 'import app; print(app.version)'], {
    cwd,
    env,
  })
  assert.equal(python.stdout, '2.0\n', python.stderr)
  await done('check')
  await done('pip', 'uninstall', '-y', 'app', 'base')
  // An instant environment keeps its site-packages from being taken for empty.
  const left = fs.readdirSync(path.join(cwd, '.venv', site)).filter((name) => name !== '.den-keep')
  assert.deepEqual(left, [])
}

const oddNames: Readonly<Record<string, string>> = {
  'a space': 'two words',
  'an umlaut': 'bücher',
  'a decomposed umlaut': 'bu\u0308cher',
  'an emoji': 'snake-🐍',
  'a quote': `it's`,
  'a double quote': 'say "hi"',
  'a command': '$(touch pwned)`id`',
  'a percent': '100%25',
  'a backslash': 'back\\slash',
  'a hash and a star': '#*?[a]',
  'a leading dash': '-rf',
  'a newline': 'two\nlines',
  'a colon': 'a:b',
  'a tab': 'a\tb',
  '255 bytes': 'n'.repeat(255),
  '255 bytes of UTF-8': `${'ü'.repeat(127)}x`,
}

test('projects under odd names: everything works, or nothing is made', async (t) => {
  const s = await scene(t)
  if (s === undefined) return
  const worked: string[] = []
  const refused: string[] = []
  for (const [what, name] of Object.entries(oddNames)) {
    const cwd = path.join(s.root, name)
    fs.mkdirSync(cwd)
    const made = await den(['create', '-p', s.python, '--seed', 'none'], { cwd, env: s.env })
    if (made.code === 0) {
      await worksAt(s, cwd)
      worked.push(what)
    } else {
      assert.match(made.stderr, /environment-path-unusable/, `${what}: ${made.stderr}`)
      assert.deepEqual(fs.readdirSync(cwd), [], what)
      refused.push(what)
    }
    assert.equal(fs.existsSync(path.join(cwd, 'pwned')), false)
  }
  assert.deepEqual(refused, ['a newline', 'a colon', 'a tab'])
  t.diagnostic(`${worked.length} odd names work, ${refused.length} are refused with nothing made`)
})

test('the store, the cache and the temporary directory under odd names', async (t) => {
  const s = await scene(t)
  if (s === undefined) return
  for (const [what, name] of Object.entries(oddNames)) {
    const cwd: string = fs.mkdtempSync(path.join(s.root, 'project-'))
    const odd = path.join(s.root, 'odd', name)
    const env = {
      ...s.env,
      DEN_HOME: path.join(odd, 'h'),
      DEN_CACHE_DIR: path.join(odd, 'c'),
      TMPDIR: path.join(odd, 't'),
    }
    fs.mkdirSync(env.TMPDIR, { recursive: true })
    const made = await den(['create', '-p', s.python, '--seed', 'none'], { cwd, env })
    assert.equal(made.code, 0, `${what}: ${made.stderr}`)
    await worksAt(s, cwd, env)
  }
  t.diagnostic(`${Object.keys(oddNames).length} odd names of den's own directories work`)
})

test('a path of about 4,000 bytes works or is refused with nothing changed', async (t) => {
  const s = await scene(t)
  if (s === undefined) return
  let works = 0
  let refused = 0
  for (const length of [2000, 3000, 3900, 3990, 4040, 4080]) {
    let cwd: string = s.root
    while (cwd.length + 201 < length) cwd = path.join(cwd, 'd'.repeat(200))
    if (length - cwd.length > 2) cwd = path.join(cwd, 'e'.repeat(length - cwd.length - 1))
    // Such a directory can't be named in one call; whoever works there is in it.
    const made = spawnSync('mkdir', ['-p', cwd])
    if (made.status !== 0) continue
    const created = await den(['create', '-p', s.python, '--seed', 'none'], { cwd, env: s.env })
    if (created.code !== 0) {
      refused += 1
      t.diagnostic(created.stderr.replace(/[de]{50,}/g, 'D').slice(0, 300))
      assert.match(created.stderr, /error\[[\w-]+\]/)
      assert.deepEqual(fs.readdirSync(cwd), [])
      continue
    }
    const before = environmentPicture(path.join(cwd, '.venv'))
    const installed = await den(['pip', 'install', 'app==1.0'], { cwd, env: s.env })
    if (installed.code === 0) {
      works += 1
      assert.equal((await den(['check'], { cwd, env: s.env })).code, 0)
      continue
    }
    refused += 1
    t.diagnostic(installed.stderr.replace(/[de]{50,}/g, 'D').slice(0, 300))
    assert.match(installed.stderr, /error\[[\w-]+\]/)
    assert.equal(environmentPicture(path.join(cwd, '.venv')), before, `${length}: ${installed.stderr}`)
    assert.deepEqual(
      fs.readdirSync(path.join(cwd, '.venv/.den')).filter((name) => !/^(?:lock|history)$/.test(name)),
      [],
    )
  }
  assert.ok(works >= 2 && works + refused >= 4, `${works} ${refused}`)
  t.diagnostic(`${works} long paths work, ${refused} are refused with nothing changed`)
})

const isRoot = process.getuid?.() === 0

/** A file system of its own at a directory of the test's; undefined where this user may not mount one. */
function mounted(t: TestContext, s: Scene, directory: string, ...args: readonly string[]): string | undefined {
  fs.mkdirSync(directory, { recursive: true })
  const done = isRoot ? spawnSync('mount', [...args, directory], { encoding: 'utf8' }) : undefined
  if (done?.status !== 0) {
    t.skip(`NOT TESTED: cannot mount ${args.join(' ')}${done === undefined ? '' : `: ${done.stderr.trim()}`}`)
    return undefined
  }
  s.mounts.push(directory)
  return directory
}

test('a full disk: refused, and exactly as before; with room it works', async (t) => {
  const s = await scene(t)
  if (s === undefined) return
  s.index.add(
    servedWheel({
      name: 'big',
      version: '1.0',
      files: {
        'big/__init__.py': '',
        'big/data.bin': new Uint8Array(12_000_000).map((_, index) => (index * 2654435761) >>> 13),
      },
    }),
  )
  const disk = mounted(t, s, path.join(s.root, 'small'), '-t', 'tmpfs', '-o', 'size=8m', 'tmpfs')
  if (disk === undefined) return
  const run = (args: readonly string[], env: Readonly<Record<string, string>>, cwd = disk): Promise<DenRun> =>
    den(args, { cwd, env })
  // The environment on the small disk, the store elsewhere.
  assert.equal((await run(['create', '-p', s.python, '--seed', 'none'], s.env)).code, 0)
  assert.equal((await run(['pip', 'install', 'app==1.0'], s.env)).code, 0)
  const before = environmentPicture(path.join(disk, '.venv'))
  const full = await run(['pip', 'install', 'big', 'app==2.0'], s.env)
  assert.equal(full.code, 1, full.stderr)
  assert.match(full.stderr, /disk-full/)
  // What is to be typed works although the file is not there.
  assert.match(full.stderr, /see what is free: df -h\n/)
  assert.match(full.stderr, /small/, 'the path is named')
  assert.equal(environmentPicture(path.join(disk, '.venv')), before)
  assert.deepEqual(fs.readdirSync(path.join(disk, '.venv/.den')).sort(), ['history', 'lock'])
  assert.equal((await run(['pip', 'install', 'app==2.0'], s.env)).code, 0)
  assert.equal((await run(['check'], s.env)).code, 0)
  // The store, then the cache, on the small disk.
  for (const variable of ['DEN_HOME', 'DEN_CACHE_DIR']) {
    const cwd: string = fs.mkdtempSync(path.join(s.root, 'project-'))
    const env: Readonly<Record<string, string>> = {
      ...s.env,
      HOME: path.join(s.root, variable),
      [variable]: path.join(disk, variable),
    }
    assert.equal((await run(['create', '-p', s.python, '--seed', 'none'], env, cwd)).code, 0)
    const empty = environmentPicture(path.join(cwd, '.venv'))
    const ended = await run(['pip', 'install', 'big'], env, cwd)
    if (ended.code !== 0) {
      assert.match(ended.stderr, /disk-full/, variable)
      assert.equal(environmentPicture(path.join(cwd, '.venv')), empty, variable)
    }
    const works = path.join(disk, variable, variable === 'DEN_HOME' ? 'store/v1/work' : 'nothing')
    assert.deepEqual(fs.existsSync(works) ? fs.readdirSync(works) : [], [], `${variable}: leftovers`)
    assert.equal((await run(['pip', 'install', 'app==1.0'], env, cwd)).code, 0, variable)
  }
})

test('a file system of its own for the environment, the store, the cache: files are copied, and all works', async (t) => {
  const s = await scene(t)
  if (s === undefined) return
  const disk = mounted(t, s, path.join(s.root, 'other'), '-t', 'tmpfs', '-o', 'size=64m', 'tmpfs')
  if (disk === undefined) return
  const cwd = path.join(s.root, 'here')
  fs.mkdirSync(cwd)
  const elsewhere = path.join(disk, 'project')
  fs.mkdirSync(elsewhere)
  for (const [place, env] of [
    [elsewhere, s.env],
    [cwd, { ...s.env, DEN_HOME: path.join(disk, 'home') }],
    [cwd, { ...s.env, DEN_CACHE_DIR: path.join(disk, 'cache') }],
  ] as const) {
    fs.rmSync(path.join(place, '.venv'), { recursive: true, force: true })
    assert.equal((await den(['create', '-p', s.python, '--seed', 'none'], { cwd: place, env })).code, 0)
    await worksAt(s, place, env)
  }
})

for (const mode of ['hardlink', 'instant'] as const) {
  test(`an overlay, ${mode}: packages in the lower layer are upgraded and removed, in one transaction`, async (t) => {
    const s = await scene(t)
    if (s === undefined) return
    const layers = mounted(t, s, path.join(s.root, 'layers'), '-t', 'tmpfs', '-o', 'size=64m', 'tmpfs')
    if (layers === undefined) return
    const [lower, upper, work] = ['lower', 'upper', 'work'].map((name) => path.join(layers, name))
    for (const directory of [lower!, upper!, work!]) fs.mkdirSync(directory)
    const merged = path.join(s.root, 'merged')
    // Built in the lower layer under the path that it will have, the store as well: a container's image.
    fs.mkdirSync(merged)
    const bind = mounted(t, s, merged, '--bind', lower!)
    if (bind === undefined) return
    const env = { ...s.env, DEN_HOME: path.join(merged, 'home') }
    const create = ['create', '-p', s.python, '--seed', 'none', '--link-mode', mode]
    assert.equal((await den(create, { cwd: merged, env })).code, 0)
    assert.equal((await den(['pip', 'install', 'app==1.0'], { cwd: merged, env })).code, 0)
    spawnSync('umount', [merged])
    const overlay = mounted(
      t,
      s,
      merged,
      '-t',
      'overlay',
      'overlay',
      '-o',
      `lowerdir=${lower},upperdir=${upper},workdir=${work}`,
    )
    if (overlay === undefined) return
    await worksAt(s, merged, env)
    const app = fs.lstatSync(path.join(lower!, '.venv', site, 'app'))
    assert.equal(app.isSymbolicLink(), mode === 'instant', 'the lower layer is as it was')
  })
}

for (const kind of ['xfs', 'btrfs'] as const) {
  test(`${kind}, made in a file: packages are cloned`, async (t) => {
    const s = await scene(t)
    if (s === undefined) return
    if (spawnSync(`mkfs.${kind}`, ['-V']).error !== undefined) return t.skip(`NOT TESTED: there is no mkfs.${kind}`)
    const image = path.join(s.root, 'image')
    fs.writeFileSync(image, '')
    fs.truncateSync(image, 320 * 2 ** 20)
    const made = spawnSync(`mkfs.${kind}`, ['-q', image], { encoding: 'utf8' })
    assert.equal(made.status, 0, made.stderr)
    const disk = mounted(t, s, path.join(s.root, 'disk'), '-o', 'loop', image)
    if (disk === undefined) return
    const env = { ...s.env, DEN_HOME: path.join(disk, 'home') }
    const cwd = path.join(disk, 'project')
    fs.mkdirSync(cwd)
    assert.equal((await den(['create', '-p', s.python, '--seed', 'none'], { cwd, env })).code, 0)
    await worksAt(s, cwd, env)
    const last = await den(['pip', 'install', 'app==1.0'], { cwd, env: { ...env, DEN_LINK_MODE: 'clone' } })
    assert.equal(last.code, 0, last.stderr)
    const file = path.join(cwd, '.venv', site, 'app/__init__.py')
    assert.equal(fs.statSync(file).nlink, 1, 'a file of its own')
    // What is written into a clone stays there.
    fs.appendFileSync(file, '# mine\n')
    assert.match((await den(['store', 'verify'], { cwd, env })).stdout, /^(?!.*damaged)/)
    const found = (await den(['check', '--json'], { cwd, env })).json<{
      damaged: unknown[]
      store: unknown[]
      sharing: unknown[]
    }>()
    assert.deepEqual([found.damaged.length, found.store, found.sharing], [1, [], []])
    assert.equal((await den(['repair', '--offline'], { cwd, env })).code, 0)
    assert.equal((await den(['check'], { cwd, env })).code, 0)
  })
}

test('read-only: the environment is refused unchanged; the cache, the store and HOME are done without', async (t) => {
  const s = await scene(t)
  if (s === undefined) return
  const cwd = path.join(s.root, 'project')
  fs.mkdirSync(cwd)
  assert.equal((await den(['create', '-p', s.python, '--seed', 'none'], { cwd, env: s.env })).code, 0)
  assert.equal((await den(['pip', 'install', 'base'], { cwd, env: s.env })).code, 0)
  const venv = path.join(cwd, '.venv')
  const before = environmentPicture(venv)
  if (mounted(t, s, venv, '--bind', venv) === undefined) return
  assert.equal(spawnSync('mount', ['-o', 'remount,bind,ro', venv]).status, 0)
  for (const args of [
    ['pip', 'install', 'app'],
    ['pip', 'uninstall', '-y', 'base'],
  ]) {
    const refused = await den(args, { cwd, env: s.env })
    assert.equal(refused.code, 1, refused.stderr)
    assert.match(refused.stderr, /read-only-disk/)
    assert.equal(environmentPicture(venv), before)
  }
  assert.equal((await den(['check'], { cwd, env: s.env })).code, 0, 'looking needs no writing')
  spawnSync('umount', [venv])
  // Nothing but the environment can be written.
  for (const place of ['den-cache', 'den-home'] as const) {
    const own = fs.mkdtempSync(path.join(s.root, 'home-'))
    const directory = path.join(own, place)
    fs.mkdirSync(directory)
    if (mounted(t, s, directory, '-t', 'tmpfs', '-o', 'ro', 'tmpfs') === undefined) return
    const env = { ...s.env, HOME: own }
    fs.rmSync(venv, { recursive: true, force: true })
    const made = await den(['create', '-p', s.python, '--seed', 'none'], { cwd, env })
    assert.equal(made.code, 0, `${place}: ${made.stderr}`)
    await worksAt(s, cwd, env)
  }
})

test('a /tmp from which nothing may be run', async (t) => {
  const s = await scene(t)
  if (s === undefined) return
  const temporary = mounted(t, s, path.join(s.root, 'tmp'), '-t', 'tmpfs', '-o', 'noexec,size=16m', 'tmpfs')
  if (temporary === undefined) return
  const cwd = path.join(s.root, 'project')
  fs.mkdirSync(cwd)
  const env = { ...s.env, TMPDIR: temporary }
  assert.equal((await den(['create', '-p', s.python, '--seed', 'none'], { cwd, env })).code, 0)
  await worksAt(s, cwd, env)
})

test('links that somebody planted where den works: nothing outside is changed', async (t) => {
  const s = await scene(t)
  if (s === undefined) return
  const victim = path.join(s.root, 'victim')
  const places: Readonly<Record<string, (cwd: string, home: string) => string>> = {
    'the working directory of the environment': (cwd) => path.join(cwd, '.venv/.den'),
    "the environment's lock": (cwd) => path.join(cwd, '.venv/.den/lock'),
    'what is staged': (cwd) => path.join(cwd, '.venv/.den/new'),
    'what is set aside': (cwd) => path.join(cwd, '.venv/.den/old'),
    'the record': (cwd) => path.join(cwd, '.venv/.den/transaction'),
    'the history': (cwd) => path.join(cwd, '.venv/.den/history'),
    'a package': (cwd) => path.join(cwd, '.venv', site, 'app'),
    'a dist-info': (cwd) => path.join(cwd, '.venv', site, 'app-1.0.dist-info'),
    'a script': (cwd) => path.join(cwd, '.venv/bin/app'),
    'a data directory': (cwd) => path.join(cwd, '.venv/share'),
    "uv's lock": (cwd) => path.join(cwd, '.venv/.lock'),
    "the store's trees": (_, home) => path.join(home, 'den-home/store/v1/trees'),
    "the store's work": (_, home) => path.join(home, 'den-home/store/v1/work'),
  }
  let refused = 0
  for (const [what, place] of Object.entries(places)) {
    for (const kind of ['directory', 'file', 'nothing'] as const) {
      const cwd: string = fs.mkdtempSync(path.join(s.root, 'project-'))
      const home = fs.mkdtempSync(path.join(s.root, 'home-'))
      const env: Readonly<Record<string, string>> = { ...s.env, HOME: home }
      assert.equal((await den(['create', '-p', s.python, '--seed', 'none'], { cwd, env })).code, 0)
      fs.rmSync(victim, { recursive: true, force: true })
      if (kind === 'directory') {
        fs.mkdirSync(victim)
        fs.writeFileSync(path.join(victim, 'precious'), 'precious')
      } else if (kind === 'file') fs.writeFileSync(victim, 'precious')
      const planted = place(cwd, home)
      fs.mkdirSync(path.dirname(planted), { recursive: true })
      fs.symlinkSync(victim, planted)
      const label = `${what} leads to ${kind === 'nothing' ? 'nothing' : `a ${kind}`}`
      const run = await den(['pip', 'install', 'app==1.0'], { cwd, env })
      if (run.code !== 0) {
        refused += 1
        assert.match(run.stderr, /error\[[\w-]+\]/, label)
      } else {
        // A dist-info that leads elsewhere counts as installed, and is nothing that may be taken out.
        const out = await den(['pip', 'uninstall', '-y', 'app', 'base'], { cwd, env })
        if (out.code !== 0) assert.match(out.stderr, /uninstall-refused/, label)
      }
      await den(['env', 'remove', '.venv', '--force'], { cwd, env })
      // A store that was moved elsewhere by a link is the user's own wish; then trees come, and what was there stays.
      const now = fs.existsSync(victim) ? (fs.statSync(victim).isDirectory() ? fs.readdirSync(victim) : ['file']) : []
      if (kind === 'directory') {
        assert.equal(fs.readFileSync(path.join(victim, 'precious'), 'utf8'), 'precious', label)
        if (!what.startsWith('the store')) assert.deepEqual(now, ['precious'], `${label}: ${run.stderr}`)
      } else if (kind === 'file') assert.equal(fs.readFileSync(victim, 'utf8'), 'precious', label)
      else if (!what.startsWith('the store')) assert.deepEqual(now, [], `${label}: ${run.stderr}`)
      for (const top of [cwd, home]) spawnSync('sh', ['-c', 'chmod -R u+w "$1"; rm -rf "$1"', 'sh', top])
    }
  }
  t.diagnostic(`${Object.keys(places).length * 3} planted links: nothing outside changed (${refused} commands refused)`)
})

test('a clock that is ten years off, either way, makes nothing fresh for ever', async (t) => {
  const s = await scene(t)
  if (s === undefined) return
  const index = await serveIndex(t, [servedWheel(app('1.0')), servedWheel({ name: 'base', version: '1.0' })], {
    cacheControl: 'max-age=600',
  })
  const cwd = path.join(s.root, 'project')
  fs.mkdirSync(cwd)
  const env = denEnvironment(s.env['HOME']!, { ...s.env, PIP_INDEX_URL: index.url })
  const at = (years: number) => {
    const host = { ...defaultHost(), env, cwd, home: s.env['HOME']!, now: () => Date.now() + years * 31_557_600_000 }
    return openSession({ host })
  }
  const install = async (years: number): Promise<readonly string[]> => {
    await using session = at(years)
    await session.install({ packages: ['app'], upgrade: true })
    return (await session.installed()).packages.map(({ name, version }) => `${name} ${version}`)
  }
  await using first = at(10)
  await first.create({ python: s.python, seeds: {} })
  assert.deepEqual(await install(10), ['app 1.0', 'base 1.0'])
  index.add(servedWheel(app('2.0')))
  // What was kept "in ten years" is not fresh until then.
  assert.deepEqual(await install(0), ['app 2.0', 'base 1.0'])
  index.add(servedWheel(app('3.0')))
  assert.deepEqual(await install(-10), ['app 3.0', 'base 1.0'])
  index.add(servedWheel(app('4.0')))
  assert.deepEqual(await install(0), ['app 4.0', 'base 1.0'])
})
