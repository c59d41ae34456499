// What den remembers of an installation, and that it is as good as finding it out: the same files as without, and nothing remembered once
// anything that it rests on has changed.

import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { type DenRun, den } from '../kit/den.ts'
import { type ServedIndex, servedWheel, serveIndex } from '../kit/index-server.ts'
import { pythonOr } from '../kit/pythons.ts'
import { scratch } from '../kit/scratch.ts'
import type { WheelInput } from '../kit/wheel.ts'

interface Scene {
  readonly root: string
  readonly index: ServedIndex
  readonly cache: string
  readonly store: string
  /** Makes an environment and installs into it; what den said. */
  fill(name: string, ...words: readonly string[]): Promise<string>
  create(name: string): Promise<string>
  pip(name: string, ...words: readonly string[]): Promise<DenRun>
  /** The same, with a fault of the disk. */
  faulty(fault: string, name: string, ...words: readonly string[]): Promise<DenRun>
  site(name: string): string
}

async function scene(t: TestContext, wheels: readonly WheelInput[]): Promise<Scene | undefined> {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return undefined
  const root = scratch(t)
  const index = await serveIndex(
    t,
    wheels.map((wheel) => servedWheel(wheel)),
    { cacheControl: 'max-age=600' },
  )
  const home = path.join(path.dirname(root), `.home-of-${path.basename(root)}`)
  const env = { PIP_INDEX_URL: index.url, PIP_CONFIG_FILE: '/dev/null' }
  const found: Scene = {
    root,
    index,
    cache: path.join(home, 'den-cache'),
    store: path.join(home, 'den-home', 'store', 'v1'),
    create: async (name) => {
      const made = await den(['create', '-p', python.executable, '--link-mode', 'instant', name], { cwd: root, env })
      assert.equal(made.code, 0, made.stderr)
      return path.join(root, name)
    },
    pip: (name, ...words) => den(['pip', '--python', path.join(root, name), ...words], { cwd: root, env }),
    faulty: (fault, name, ...words) =>
      den(['pip', '--python', path.join(root, name), ...words], { cwd: root, env: { ...env, DEN_TEST_FAULT: fault } }),
    fill: async (name, ...words) => {
      await found.create(name)
      const done = await found.pip(name, 'install', ...words)
      assert.equal(done.code, 0, `${done.stdout}\n${done.stderr}`)
      return done.stdout
    },
    site: (name) => path.join(root, name, 'lib', 'python3.12', 'site-packages'),
  }
  return found
}

const versions = (s: Scene, name: string): readonly string[] =>
  fs
    .readdirSync(s.site(name))
    .filter((entry) => entry.endsWith('.dist-info') && !entry.startsWith('pip-'))
    .sort()

test('the same requirements are answered without the index, until one of its pages has changed', async (t) => {
  const base: WheelInput = { name: 'base', version: '1.0', files: { 'base.py': '' } }
  const app = (version: string): WheelInput => ({
    name: 'App',
    version,
    requires: ['base'],
    files: { 'app.py': version },
  })
  const s = await scene(t, [app('1.0'), base])
  if (s === undefined) return
  const file = path.join(s.root, 'wanted.txt')
  fs.writeFileSync(file, 'app  # no more\n')
  const first = await s.fill('first', '-r', file)
  assert.match(first, /Successfully installed App-1\.0 base-1\.0/)
  // Without these nothing could be found out anew, unless the index is asked.
  const forget = (): void => fs.rmSync(path.join(s.cache, 'metadata-v1'), { recursive: true, force: true })
  forget()
  const asked = s.index.paths().length
  const second = await s.fill('second', '-r', file)
  const told = (text: string): string => text.replace(/^ +Downloading .*\n/gm, '')
  assert.equal(told(second), told(first))
  assert.equal(s.index.paths().length, asked)
  assert.deepEqual(versions(s, 'second'), versions(s, 'first'))
  assert.match(fs.readFileSync(path.join(s.site('second'), 'App-1.0.dist-info', 'REQUESTED'), 'utf8'), /^$/)

  // Other words are another question, and so is another choice of files.
  assert.match(await s.fill('third', 'app', 'base'), /Successfully installed/)
  const none = await s.pip(
    'third',
    'install',
    '--only-binary',
    ':none:',
    '--no-binary',
    'app',
    '--dry-run',
    '-I',
    'app',
  )
  assert.equal(none.code, 1)

  // A page that has come anew meanwhile, whoever asked for it.
  s.index.add(servedWheel(app('2.0')))
  await s.create('other')
  const refreshed = await s.pip('other', 'install', '--refresh-package', 'app', 'app')
  assert.match(refreshed.stdout, /App-2\.0/)
  assert.match(await s.fill('fourth', '-r', file), /App-2\.0/)
  // And one that is gone, or is not what it was.
  const pages = path.join(s.cache, 'pages-v1')
  fs.rmSync(pages, { recursive: true })
  const before = s.index.paths().length
  assert.match(await s.fill('fifth', '-r', file), /App-2\.0/)
  assert.ok(s.index.paths().length > before)
})

test('a page that says something else of the same files makes the answer forgotten', async (t) => {
  const s = await scene(t, [{ name: 'app', version: '1.0' }])
  if (s === undefined) return
  await s.fill('first', 'app')
  const heads = fs
    .readdirSync(path.join(s.cache, 'pages-v1'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.head'))
  assert.equal(heads.length, 1)
  // Written anew with the same bytes: the directory's time is another, the page is not.
  const head = path.join(s.cache, 'pages-v1', heads[0]!)
  const bytes = fs.readFileSync(head)
  const rewrite = (content: Uint8Array): void => {
    fs.writeFileSync(`${head}.new`, content)
    fs.renameSync(`${head}.new`, head)
  }
  rewrite(bytes)
  fs.rmSync(path.join(s.cache, 'metadata-v1'), { recursive: true, force: true })
  const asked = s.index.paths().length
  await s.fill('second', 'app')
  assert.equal(s.index.paths().length, asked)
  rewrite(bytes.subarray(0, 30))
  await s.fill('third', 'app')
  assert.ok(s.index.paths().length > asked)
})

// Nine, because fewer are not kept as a set.
const set: readonly WheelInput[] = [
  { name: 'acme-one', version: '1.0', files: { 'acme/one/__init__.py': '', 'acme/one/data.txt': 'one' } },
  { name: 'acme-two', version: '1.0', files: { 'acme/two/__init__.py': 'x = 2\n' } },
  {
    name: 'big',
    version: '1.0',
    files: { 'big/__init__.py': '', 'big/cli.py': 'def main():\n    print("big")\n', 'big/deep/er/__init__.py': '' },
    scripts: { big: 'big.cli:main', 'big-2': 'big.cli:main' },
    data: {
      data: { 'share/big/one.txt': '1', 'share/big/a/b/c/leaf/deep.txt': 'deep', 'etc/big/big.conf': 'conf' },
      headers: { 'big.h': '#define BIG 1\n' },
      scripts: { 'big-tool': '#!python\nprint("tool")\n' },
    },
  },
  { name: 'plug', version: '1.0', files: { 'plug/__init__.py': '' }, entryPoints: '[pytest11]\nplug = plug\n' },
  { name: 'start', version: '1.0', files: { 'start.pth': 'import start\n', 'start.py': '' } },
  ...['a', 'b', 'c', 'd'].map((name): WheelInput => ({ name, version: '1.0', files: { [`${name}.py`]: name } })),
]
const names = set.map(({ name }) => name)

/** Everything in the newest generation: kinds, modes, links, texts; which files are second names of the store's. */
function picture(s: Scene, name: string): Record<string, string> {
  const root = path.join(s.root, name)
  const top = fs.realpathSync(path.join(root, '.den', 'now'))
  const stored = new Set<number>()
  for (const entry of fs.readdirSync(path.join(s.store, 'trees'), { recursive: true, encoding: 'utf8' }))
    stored.add(fs.lstatSync(path.join(s.store, 'trees', entry)).ino)
  const namesOf = (ino: number): string => (stored.has(ino) ? `another name of ${ino}` : 'of its own')
  const found: Record<string, string> = {}
  for (const entry of fs.readdirSync(top, { recursive: true, encoding: 'utf8' })) {
    if (entry.startsWith('.den/history/')) continue
    const file = path.join(top, entry)
    const facts = fs.lstatSync(file)
    const mode = (facts.mode & 0o7777).toString(8)
    if (facts.isSymbolicLink()) found[entry] = `link ${namesOf(facts.ino)} ${fs.readlinkSync(file)}`
    else if (facts.isDirectory()) found[entry] = `directory ${mode}`
    else {
      // Scripts name their environment, and RECORD has their hashes.
      const text = fs.readFileSync(file, 'utf8').replaceAll(root, 'ROOT')
      const told = entry.endsWith('RECORD') ? text.replace(/(bin\/[^,]*,sha256=)[^,]*,\d+/g, '$1') : text
      found[entry] = `file ${mode} ${namesOf(facts.ino)} ${told}`
    }
  }
  return found
}

/** Every row of every RECORD that has a hash is what stands there. How many. */
function checkedRows(site: string): number {
  let rows = 0
  for (const entry of fs.readdirSync(site)) {
    if (!entry.endsWith('.dist-info')) continue
    for (const line of fs.readFileSync(path.join(site, entry, 'RECORD'), 'utf8').split('\n')) {
      const [file = '', hash = '', size = ''] = line.split(',')
      if (hash === '') continue
      const bytes = fs.readFileSync(path.join(site, file))
      const digest = crypto.createHash('sha256').update(bytes).digest('base64url')
      assert.deepEqual([file, hash, size], [file, `sha256=${digest}`, String(bytes.length)])
      rows += 1
    }
  }
  return rows
}

test('a set of distributions is put in again without a manifest being read, and is the same', {
  skip: process.platform !== 'linux',
}, async (t) => {
  const s = await scene(t, set)
  if (s === undefined) return
  const sets = path.join(s.store, 'sets')
  await s.fill('first', ...names)
  assert.equal(fs.readdirSync(sets).length, 1)
  // Whoever read one of these would have to fetch its wheel again.
  const trees = fs.readdirSync(path.join(s.store, 'trees')).map((name) => path.join(s.store, 'trees', name))
  const manifests = trees.map(
    (tree) => [path.join(tree, 'manifest'), fs.readFileSync(path.join(tree, 'manifest'))] as const,
  )
  for (const [file] of manifests) {
    fs.rmSync(file)
    fs.writeFileSync(file, 'nothing')
  }
  const asked = s.index.paths().length
  await s.fill('again', ...names)
  assert.deepEqual(s.index.paths().slice(asked), [])
  for (const [file, bytes] of manifests) {
    fs.rmSync(file)
    fs.writeFileSync(file, bytes)
  }
  assert.deepEqual(picture(s, 'again'), picture(s, 'first'))
  assert.ok(checkedRows(s.site('again')) > 20)
  for (const script of ['big', 'big-2', 'big-tool']) {
    const text: string = fs.readFileSync(path.join(s.root, 'again', 'bin', script), 'utf8')
    assert.ok(text.startsWith(`#!${path.join(s.root, 'again', 'bin', 'python')}\n`), text)
  }
  // And the same as without: the history too.
  fs.rmSync(sets, { recursive: true })
  await s.fill('plainly', ...names)
  assert.deepEqual(picture(s, 'again'), picture(s, 'plainly'))
  const history = (name: string): unknown => {
    const entry = fs.readFileSync(path.join(s.root, name, '.den', 'history', '000001.json'), 'utf8')
    return { ...JSON.parse(entry), time: 0 }
  }
  assert.deepEqual(history('again'), history('plainly'))
  // It is an environment like any other.
  const undone = await s.pip('again', 'uninstall', '-y', 'big', 'acme-one')
  assert.equal(undone.code, 0, undone.stderr)
  assert.ok(fs.existsSync(path.join(s.site('again'), 'acme', 'two', '__init__.py')))
  assert.ok(!fs.existsSync(path.join(s.root, 'again', 'bin', 'big')))
})

test('where the environment or the store differ from what was found, the ordinary way is gone', {
  skip: process.platform !== 'linux',
}, async (t) => {
  const s = await scene(t, set)
  if (s === undefined) return
  await s.fill('first', ...names)
  const textOf = (name: string, file: string): string => fs.readFileSync(path.join(s.site(name), file), 'utf8')

  // Somebody's own in a directory that the set makes, and in the place of one of its links.
  await s.create('own')
  fs.mkdirSync(path.join(s.site('own'), 'acme'))
  fs.writeFileSync(path.join(s.site('own'), 'acme', 'mine.py'), 'mine')
  fs.writeFileSync(path.join(s.site('own'), 'a.py'), 'mine')
  const done = await s.pip('own', 'install', ...names)
  assert.equal(done.code, 0, done.stderr)
  assert.equal(textOf('own', 'acme/mine.py'), 'mine')
  assert.equal(textOf('own', 'acme/one/data.txt'), 'one')
  assert.equal(textOf('own', 'a.py'), 'a')
  assert.match(done.stderr, /a\.py/)
  await s.create('script')
  fs.writeFileSync(path.join(s.root, 'script', 'bin', 'big'), 'mine')
  const over = await s.pip('script', 'install', ...names)
  assert.equal(over.code, 0, over.stderr)
  assert.match(over.stderr, /bin\/big/)
  assert.match(fs.readFileSync(path.join(s.root, 'script', 'bin', 'big'), 'utf8'), /from big\.cli import main/)
  assert.deepEqual(fs.readdirSync(path.join(s.root, 'own', '.den', 'generations')).sort(), ['1', '2'])

  // A file of the store that was changed, one that is gone.
  const one = fs.realpathSync(path.join(s.site('first'), 'acme', 'one'))
  const write = (file: string, work: () => void): void => {
    fs.chmodSync(path.dirname(file), 0o755)
    work()
    fs.chmodSync(path.dirname(file), 0o555)
  }
  write(path.join(one, 'data.txt'), () => {
    fs.rmSync(path.join(one, 'data.txt'))
    fs.writeFileSync(path.join(one, 'data.txt'), 'changed')
  })
  await s.fill('second', ...names)
  assert.equal(textOf('second', 'acme/one/data.txt'), 'one')
  const tree = path.dirname(fs.realpathSync(path.join(s.site('first'), 'b.py')))
  fs.rmSync(path.dirname(tree), { recursive: true, force: true })
  await s.fill('third', ...names)
  assert.equal(textOf('third', 'b.py'), 'b')

  // A set that was cut off is none.
  const sets = path.join(s.store, 'sets')
  for (const name of fs.readdirSync(sets)) fs.truncateSync(path.join(sets, name), 200)
  await s.fill('fourth', ...names)
  assert.deepEqual(picture(s, 'fourth'), picture(s, 'third'))
})

test('killed while a set is put in: all of it or nothing', { skip: process.platform !== 'linux' }, async (t) => {
  const s = await scene(t, set)
  if (s === undefined) return
  await s.fill('first', ...names)
  const whole = picture(s, 'first')
  await s.create('counted')
  const log = path.join(s.root, 'count')
  assert.equal((await s.faulty(`count:${log}`, 'counted', 'install', ...names)).code, 0)
  assert.deepEqual(picture(s, 'counted'), whole)
  const changes = Number(fs.readFileSync(log, 'utf8'))
  assert.ok(changes > 60)
  const seen = { old: 0, new: 0 }
  // The last changes are where it comes about.
  const points = Array.from({ length: changes }, (_, at) => at + 1).filter((at) => at % 9 === 0 || at > changes - 6)
  for (const at of points) {
    const name = `killed${at}`
    await s.create(name)
    // Places that the set needs are turned over before; they are as empty then.
    const filesOf = (found: Record<string, string>): Record<string, string> =>
      Object.fromEntries(Object.entries(found).filter(([, text]) => !text.startsWith('directory')))
    const empty = filesOf(picture(s, name))
    await s.faulty(`kill:${at}`, name, 'install', ...names)
    const now = picture(s, name)
    const isNew = Object.keys(now).length === Object.keys(whole).length
    assert.deepEqual(isNew ? now : filesOf(now), isNew ? whole : empty, `at ${at}`)
    seen[isNew ? 'new' : 'old'] += 1
    assert.equal((await s.pip(name, 'list')).code, 0)
    const numbers: readonly number[] = fs.readdirSync(path.join(s.root, name, '.den', 'generations')).map(Number)
    const current: number = Number(path.basename(fs.readlinkSync(path.join(s.root, name, '.den', 'now'))))
    assert.equal(Math.max(...numbers), current, `at ${at}: nothing half-made is left`)
    assert.equal((await s.pip(name, 'install', ...names)).code, 0)
    assert.deepEqual(picture(s, name), whole, `at ${at}`)
  }
  t.diagnostic(`killed at ${points.length} of ${changes} changes: ${seen.old} times old, ${seen.new} times new`)
  assert.ok(seen.old > 0 && seen.new > 0)
})
