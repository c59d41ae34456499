// What den remembers of a resolution, for `den lock` and `den pip compile`: with it they say what they say without it, to the letter, and
// once anything has changed that an answer rests on they find it out again. Whether an answer came from memory is told by a mark that is
// put into what is kept: where it comes out again, nothing was solved.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { type DenRun, den, denCommand, denEnvironment } from '../kit/den.ts'
import { type ServedFile, type ServedIndex, type ServeOptions, servedWheel, serveIndex } from '../kit/index-server.ts'
import { pythonOr } from '../kit/pythons.ts'
import { scratch, type Tree, writeTree } from '../kit/scratch.ts'
import { buildSdist } from '../kit/tar.ts'
import type { WheelInput } from '../kit/wheel.ts'

type Env = Readonly<Record<string, string>>

interface Scene {
  readonly root: string
  readonly python: string
  readonly env: Env
  readonly index: ServedIndex
  readonly memory: string
  readonly pages: string
  write(tree: Tree): void
  den(args: readonly string[], env?: Env): Promise<DenRun>
  /** `den lock` over `before` in place of what is there; the lock, and what was said of it. */
  lock(options?: LockOptions, ...args: readonly string[]): Promise<Locked>
  /** `den pip compile --json`; what it printed. */
  compile(args: readonly string[], env?: Env): Promise<Compiled>
  forget(): void
  /** Puts the mark into all that is kept, under a seal that is right. */
  mark(): void
}

interface LockOptions {
  readonly before?: string
  readonly env?: Env
}

interface Locked {
  readonly text: string
  readonly stderr: string
  readonly isMarked: boolean
}

interface Compiled {
  readonly text: string
  /** Notes and warnings. */
  readonly said: readonly string[]
  readonly remembered: boolean
}

const long = new Date(1_600_000_000_000).toISOString()
const old = (wheel: WheelInput, changes: Partial<ServedFile> = {}): ServedFile =>
  servedWheel(wheel, { uploadTime: long, ...changes })
const fresh: ServeOptions = { cacheControl: 'max-age=600' }

async function scene(
  t: TestContext,
  files: readonly ServedFile[],
  options: ServeOptions = fresh,
): Promise<Scene | undefined> {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return undefined
  const root = scratch(t)
  const index = await serveIndex(t, files, options)
  const cache = path.join(path.dirname(root), `.home-of-${path.basename(root)}`, 'den-cache')
  const memory = path.join(cache, 'resolutions-v1')
  const base = {
    DEN_INDEX_URL: index.url,
    PIP_INDEX_URL: index.url,
    PIP_CONFIG_FILE: '/dev/null',
    DEN_PYTHON: python.executable,
  }
  const run = (args: readonly string[], env: Env = {}): Promise<DenRun> =>
    den(args, { cwd: root, env: { ...base, ...env } })
  const file = path.join(root, 'pylock.toml')
  return {
    root,
    python: python.executable,
    env: base,
    index,
    memory,
    pages: path.join(cache, 'pages-v1'),
    den: run,
    write: (tree) => writeTree(root, tree),
    lock: async ({ before, env } = {}, ...args) => {
      fs.rmSync(file, { force: true })
      if (before !== undefined) fs.writeFileSync(file, before)
      const { code, stdout, stderr } = await run(['lock', ...args], env)
      assert.equal(code, 0, `${stdout}\n${stderr}`)
      const text = fs.readFileSync(file, 'utf8')
      return { text, stderr: stderr.replace(/ in \d.*?:/, ' in … ms:'), isMarked: text.includes(markedHash) }
    },
    compile: async (args, env) => {
      const { code, stdout, stderr } = await run(
        ['pip', '--python', python.executable, 'compile', '--json', ...args],
        env,
      )
      assert.equal(code, 0, `${stdout}\n${stderr}`)
      const said = stdout.trimEnd().split('\n')
      const last = JSON.parse(said.pop()!) as { text?: string; statistics: { remembered?: true } }
      return {
        text: last.text ?? '',
        said: [...said.filter((line) => /"kind":"(?:note|warning)"/.test(line)), stderr],
        remembered: last.statistics.remembered === true,
      }
    },
    forget: () => fs.rmSync(memory, { recursive: true, force: true }),
    mark: () => {
      for (const kept of keptIn(memory)) fs.writeFileSync(kept, resealed(fs.readFileSync(kept, 'utf8')))
    },
  }
}

const markedHash = 'f'.repeat(64)

function keptIn(memory: string): readonly string[] {
  return fs.existsSync(memory) ? fs.readdirSync(memory).map((name) => path.join(memory, name)) : []
}

/** With each file's SHA-256 another one. */
function resealed(text: string): string {
  const { content } = JSON.parse(text) as { content: unknown }
  const changed = JSON.stringify(content).replace(/"sha256":"[0-9a-f]{64}"/g, `"sha256":"${markedHash}"`)
  return `{"sha256":"${crypto.createHash('sha256').update(changed).digest('hex')}","content":${changed}}\n`
}

const project = (lines: string, dependencies: readonly string[]): Tree => ({
  'pyproject.toml': `[project]
name = "mine"
version = "0.1"
requires-python = ">=3.10"
dependencies = ${JSON.stringify(dependencies)}
${lines}
`,
})

const wheels = (): readonly ServedFile[] => [
  old({ name: 'app', version: '1.0', requires: ['base>=1'] }),
  old({ name: 'app', version: '2.0', requires: ['base>=1', 'winlib; sys_platform == "win32"'] }),
  old({ name: 'app', version: '3.0rc1', requires: ['base>=1'] }),
  old({ name: 'base', version: '1.0' }),
  old({ name: 'base', version: '1.5', requiresPython: '>=3.8' }),
  old({ name: 'base', version: '2.0', requiresPython: '>=3.12' }),
  old({ name: 'winlib', version: '1.0' }),
  old({
    name: 'tool',
    version: '1.0',
    metadata: `Metadata-Version: 2.1
Name: tool
Version: 1.0
Requires-Dist: base
Requires-Dist: plug<2; extra == "more"
Requires-Dist: winlib; sys_platform == "win32" and extra == "more"
Provides-Extra: more
`,
  }),
  old({ name: 'plug', version: '1.0' }),
  old({ name: 'plug', version: '2.0' }, { yanked: 'it was wrong' }),
  old({ name: 'plug', version: '2.1' }, { yanked: true }),
]

const manifests: Readonly<Record<string, Tree>> = {
  'names alone': project('', ['app', 'base']),
  'extras and groups that exclude each other': project(
    `[project.optional-dependencies]
new = ["base>=2; python_version >= '3.12'", "tool[more]"]
old = ["base<2"]
[dependency-groups]
dev = ["plug<2", { include-group = "more" }]
more = ["tool"]
one = ["app<2"]
two = ["app>=2"]
[tool.den]
conflicts = [[{ extra = "new" }, { extra = "old" }], [{ group = "one" }, { group = "two" }]]
`,
    ['app'],
  ),
  'markers, constraints, overrides and exclusions': project(
    `[tool.den]
constraint-dependencies = ["base<2"]
override-dependencies = ["plug==1.0"]
exclude-dependencies = ["winlib"]
environments = ["sys_platform == 'linux'", "sys_platform == 'win32'"]
required-environments = ["sys_platform == 'linux' and platform_machine == 'x86_64'"]
`,
    ["app; sys_platform == 'linux'", 'tool[more]'],
  ),
  'pre-releases, and versions that were taken back': project('[tool.den]\nprerelease = "allow"\n', [
    'app',
    'plug==2.0',
    'tool[none]',
  ]),
  'the lowest versions': project('[tool.den]\nresolution = "lowest"\n', ['app', 'base']),
  'fewest versions': project('[tool.den]\nfork-strategy = "fewest"\n', ['app', 'base']),
}

for (const [what, tree] of Object.entries(manifests)) {
  test(`den lock says from memory what it says without: ${what}`, async (t) => {
    const s = await scene(t, wheels())
    if (s === undefined) return
    s.write(tree)
    const first = await s.lock()
    const asked = s.index.paths().length
    const again = await s.lock()
    assert.deepEqual(again, first)
    assert.equal(s.index.paths().length, asked)
    s.mark()
    const marked = await s.lock()
    assert.ok(marked.isMarked, 'it was not remembered')
    s.forget()
    assert.deepEqual(await s.lock(), first)
    // Over its own lock as well, whose versions it keeps.
    await s.lock({ before: first.text }, '--upgrade-package', 'base')
    const over = await s.lock({ before: first.text }, '--upgrade-package', 'base')
    s.forget()
    assert.deepEqual(await s.lock({ before: first.text }, '--upgrade-package', 'base'), over)
    assert.equal(over.text, first.text)
  })
}

test('what a lock is warned of is said again', async (t) => {
  const s = await scene(t, wheels())
  if (s === undefined) return
  s.write(project('', ['plug==2.0', 'tool[none]']))
  const first = await s.lock()
  assert.match(first.stderr, /plug 2\.0 was taken back by its maintainers: it was wrong/)
  assert.match(first.stderr, /tool 1\.0 has no extra none/)
  s.mark()
  const again = await s.lock()
  assert.ok(again.isMarked)
  assert.equal(again.stderr, first.stderr)
  // And in data.
  const warnings = async (): Promise<unknown> => {
    const { stdout } = await s.den(['lock', '--upgrade', '--dry-run', '--json'])
    return (JSON.parse(stdout) as { warnings: unknown }).warnings
  }
  const told = await warnings()
  assert.equal((told as readonly string[]).length, 2)
  s.forget()
  assert.deepEqual(await warnings(), told)
})

test('each wish of a project is another question', async (t) => {
  const s = await scene(t, wheels())
  if (s === undefined) return
  s.write(project('', ['app', 'base>=1']))
  const pins = ({ text }: Locked): string =>
    [...text.matchAll(/^name = "(.+)"\nversion = "(.+)"$/gm)]
      .map(([, name, version]) => `${name}==${version}`)
      .join(' ')
  const wishes: readonly (readonly [args: readonly string[], pins: string])[] = [
    [[], 'app==2.0 base==1.5 base==2.0 winlib==1.0'],
    [['--resolution', 'lowest'], 'app==1.0 base==1.0'],
    [['--resolution', 'lowest-direct'], 'app==1.0 base==1.0'],
    [['--prerelease', 'allow'], 'app==3.0rc1 base==1.5 base==2.0'],
    [['--fork-strategy', 'fewest'], 'app==2.0 base==1.5 winlib==1.0'],
    [['--upgrade-package', 'base==1.0'], 'app==2.0 base==1.0 winlib==1.0'],
  ]
  for (const [args, expected] of [...wishes, ...wishes]) assert.equal(pins(await s.lock({}, ...args)), expected)
  s.mark()
  for (const [args] of wishes) assert.ok((await s.lock({}, ...args)).isMarked, args.join(' '))
  for (const args of [
    ['--no-binary-package', 'app'],
    ['--exclude-newer', '2019-01-01'],
  ]) {
    const refused = await s.den(['lock', '--dry-run', '--upgrade', ...args])
    assert.match(refused.stderr, /no-solution/, args.join(' '))
  }
  // Another index is another question; so is the order of two.
  const other = await serveIndex(t, [old({ name: 'app', version: '9.0' }), ...wheels()], fresh)
  assert.match(pins(await s.lock({ env: { DEN_INDEX_URL: other.url } })), /app==9\.0/)
  assert.equal((await s.lock({ env: { DEN_INDEX_URL: other.url } })).isMarked, false)
  assert.match(pins(await s.lock({}, '--extra-index-url', other.url)), /app==9\.0/)
  const swapped = { env: { DEN_INDEX_URL: other.url } }
  assert.match(pins(await s.lock(swapped, '--extra-index-url', s.index.url)), /app==2\.0/)
})

test('what is parted among indexes is remembered by the index of each', async (t) => {
  const s = await scene(t, wheels())
  if (s === undefined) return
  const own = await serveIndex(t, [old({ name: 'app', version: '7.0' }), old({ name: 'own', version: '1.0' })], fresh)
  const lines = (where: string): string => `[[tool.den.index]]
name = "own"
url = "${own.url}"
explicit = true
[tool.den.sources]
own = { index = "own" }
app = { index = "own", marker = "${where}" }
`
  s.write(project(lines("sys_platform == 'win32'"), ['app', 'own', 'base']))
  const first = await s.lock()
  assert.match(first.text, /version = "7\.0"\nmarker = 'sys_platform == "win32"'/)
  assert.match(first.text, /version = "2\.0"\nmarker = 'sys_platform != "win32"'/)
  s.mark()
  assert.ok((await s.lock()).isMarked)
  s.forget()
  assert.deepEqual(await s.lock(), first)
  s.write(project(lines("sys_platform == 'linux'"), ['app', 'own', 'base']))
  assert.match((await s.lock()).text, /version = "7\.0"\nmarker = 'sys_platform == "linux"'/)
})

test('of several indexes each page counts, and so does that one of them has none', async (t) => {
  const s = await scene(t, [old({ name: 'app', version: '1.0' }), old({ name: 'base', version: '1.0' })])
  if (s === undefined) return
  const more = await serveIndex(t, [old({ name: 'app', version: '0.5' }), old({ name: 'base', version: '2.0' })], fresh)
  s.write({ 'all.in': 'app\nbase\nonly\n', 'two.in': 'app\nbase\n' })
  const pins = async (strategy: string, ...args: readonly string[]): Promise<string> => {
    const env = { DEN_INDEX_STRATEGY: strategy, PIP_EXTRA_INDEX_URL: more.url, PIP_TRUSTED_HOST: '127.0.0.1' }
    const { text, remembered } = await s.compile(args, env)
    return `${(text.match(/^\w+==.*/gm) ?? []).join(' ')}${remembered ? ' remembered' : ''}`
  }
  // The further index goes before the main one.
  for (const tail of ['', ' remembered']) {
    assert.equal(await pins('first-index', 'two.in'), `app==0.5 base==2.0${tail}`)
    assert.equal(await pins('best-version', 'two.in'), `app==1.0 base==2.0${tail}`)
  }
  // Which had no such project when it was asked.
  s.index.add(old({ name: 'only', version: '1.0' }))
  for (const tail of ['', ' remembered']) {
    assert.equal(await pins('first-index', 'all.in'), `app==0.5 base==2.0 only==1.0${tail}`)
    assert.equal(await pins('best-version', 'all.in'), `app==1.0 base==2.0 only==1.0${tail}`)
  }
  more.add(old({ name: 'only', version: '0.1' }))
  assert.match(await pins('first-index', 'all.in'), /only==1\.0 remembered/)
  assert.equal(await pins('first-index', '--refresh-package', 'only', 'all.in'), 'app==0.5 base==2.0 only==0.1')
  assert.match(await pins('best-version', 'all.in'), /only==1\.0$/)
  s.index.add(old({ name: 'base', version: '3.0' }))
  assert.match(await pins('best-version', '--refresh-package', 'base', 'two.in'), /base==3\.0$/)
  assert.match(await pins('best-version', 'all.in'), /base==3\.0 /)
})

test('an answer is forgotten with a page that changed, is gone or was cut', async (t) => {
  const s = await scene(t, wheels())
  if (s === undefined) return
  s.write(project('', ['app', 'base<2']))
  await s.lock()
  s.mark()
  assert.ok((await s.lock()).isMarked)
  // Another command has the page asked for again, and it is as it was; then it is another.
  s.write({ 'more.in': 'base\n' })
  await s.compile(['--refresh-package', 'base', 'more.in'])
  assert.ok((await s.lock()).isMarked)
  s.index.add(old({ name: 'base', version: '1.9' }))
  assert.ok((await s.lock()).isMarked, 'den has not heard of it yet')
  await s.compile(['--refresh-package', 'base', 'more.in'])
  const now = await s.lock()
  assert.match(now.text, /version = "1\.9"/)
  assert.equal(now.isMarked, false)

  const heads = fs
    .readdirSync(s.pages, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.head'))
    .map((name) => path.join(s.pages, name))
  for (const damage of [
    (head: string): void => fs.rmSync(head),
    (head: string): void => {
      fs.writeFileSync(`${head}.new`, fs.readFileSync(head).subarray(0, 30))
      fs.renameSync(`${head}.new`, head)
    },
  ]) {
    for (const head of heads) {
      s.mark()
      const before: number = s.index.paths().length
      damage(head)
      // It is asked for again, and is as it was.
      assert.ok((await s.lock()).isMarked)
      assert.equal(s.index.paths().length, before + 1)
    }
  }
  s.index.add(old({ name: 'base', version: '1.9.9' }))
  fs.rmSync(s.pages, { recursive: true })
  const last = await s.lock()
  assert.match(last.text, /version = "1\.9\.9"/)
  assert.equal(last.isMarked, false)
  s.forget()
  assert.deepEqual(await s.lock(), last)
})

test('stale pages are asked for at once; unchanged they leave the answer standing', async (t) => {
  const s = await scene(t, wheels(), { cacheControl: 'max-age=0', etags: true })
  if (s === undefined) return
  s.write(project('', ['app', 'base<2', 'plug==2.0']))
  const first = await s.lock()
  const names = (from: number): readonly string[] => [...new Set(s.index.paths().slice(from))].sort()
  const all = ['app', 'base', 'plug', 'winlib'].map((name) => `/simple/${name}/`)
  const before = s.index.paths().length
  assert.deepEqual(await s.lock(), first)
  assert.deepEqual(names(before), all)
  assert.equal(s.index.paths().length, before + all.length, 'each is asked for once')
  s.mark()
  const marked = await s.lock()
  assert.ok(marked.isMarked)
  assert.equal(marked.stderr, first.stderr)

  s.index.add(old({ name: 'base', version: '1.9' }))
  const changed = s.index.paths().length
  const now = await s.lock()
  assert.match(now.text, /version = "1\.9"/)
  const asked = s.index
    .paths()
    .slice(changed)
    .filter((name) => name.startsWith('/simple/'))
  assert.deepEqual([...asked].sort(), all, 'a page that was asked for is not asked for again')

  // An index that ends half-way is told of as it is without a memory; so is one that is not asked at all.
  s.index.fault({ kind: 'status', status: 403, on: '/simple/winlib/', times: 2 })
  const failing = await s.den(['lock', '--upgrade'])
  s.forget()
  const plainly = await s.den(['lock', '--upgrade'])
  assert.deepEqual([failing.code, failing.stderr], [plainly.code, plainly.stderr])
  assert.notEqual(failing.code, 0)
  await s.lock()
  const quiet = s.index.paths().length
  const offline = await s.lock({}, '--offline')
  s.mark()
  assert.deepEqual({ ...(await s.lock({}, '--offline')), isMarked: true }.isMarked, true)
  assert.equal(offline.text, now.text)
  assert.equal(s.index.paths().length, quiet)
})

test('a page that may not be kept is no ground for an answer', async (t) => {
  const s = await scene(t, wheels(), { cacheControl: 'no-store' })
  if (s === undefined) return
  s.write(project('', ['app', 'base<2']))
  await s.lock()
  s.index.add(old({ name: 'base', version: '1.9' }))
  assert.match((await s.lock()).text, /version = "1\.9"/)
  const offline = await s.den(['lock', '--upgrade', '--offline'])
  assert.match(offline.stderr, /error\[offline\]/)
})

test('what was too young is taken from the moment on in which it is old enough', async (t) => {
  const day = 24 * 60 * 60 * 1000
  // The file comes of age some seconds from here; den's start must not take all of them.
  const due = Math.ceil((Date.now() + 6000) / 1000) * 1000
  const s = await scene(t, [
    old({ name: 'base', version: '1.0' }),
    servedWheel({ name: 'base', version: '2.0' }, { uploadTime: new Date(due - day).toISOString() }),
  ])
  if (s === undefined) return
  s.write(project('', ['base']))
  assert.match((await s.lock()).text, /version = "1\.0"/)
  s.mark()
  const young = await s.lock()
  const late = Date.now() >= due
  if (!late) assert.ok(young.isMarked)
  await new Promise((done) => setTimeout(done, Math.max(0, due - Date.now()) + 20))
  const grown = await s.lock()
  assert.match(grown.text, /version = "2\.0"/)
  s.mark()
  assert.ok((await s.lock()).isMarked)
  // A limit that is a moment is that moment each time.
  assert.match((await s.lock({}, '--exclude-newer', '2021-01-01')).text, /version = "1\.0"/)
})

test('den pip compile says from memory what it says without', async (t) => {
  const s = await scene(t, [
    ...wheels(),
    old({ name: 'many', version: '1.0', tag: 'py3-none-any' }),
    old({ name: 'many', version: '2.0', tag: 'cp312-cp312-manylinux_2_17_x86_64' }),
    old({ name: 'many', version: '3.0', tag: 'cp312-cp312-win_amd64' }),
    old({ name: 'many', version: '4.0', tag: 'cp312-abi3-manylinux_2_28_x86_64' }),
  ])
  if (s === undefined) return
  s.write({
    'all.in': 'app\ntool[more]\nmany\n',
    'limits.txt': 'base<2\n',
    'override.txt': 'plug==2.0\n',
    'pins.txt': 'base==1.0\n',
    'hashes.txt': `base==1.0 --hash=sha256:${crypto
      .createHash('sha256')
      .update(wheels().find(({ filename }) => filename.startsWith('base-1.0'))!.bytes)
      .digest('hex')}\n`,
    'pre.in': '--pre\napp\n',
    'marked.in': 'app; sys_platform == "win32"\nbase; python_version < "3"\nplug<2\n',
  })
  const wishes: readonly (readonly string[])[] = [
    ['all.in'],
    ['--generate-hashes', 'all.in'],
    ['--universal', 'all.in'],
    ['--universal', '--python-version', '3.10', 'all.in'],
    ['-c', 'limits.txt', 'all.in'],
    ['--resolution', 'lowest', 'all.in'],
    ['--pre', 'all.in'],
    ['--no-deps', 'all.in'],
    ['--all-releases', 'app', 'all.in'],
    ['--only-final', 'app', 'pre.in'],
    ['pre.in'],
    ['marked.in'],
    ['hashes.txt'],
    ['--upgrade-package', 'base<1.5', 'all.in'],
    ['--platform', 'win_amd64', 'all.in'],
    ['--platform', 'manylinux_2_17_x86_64', 'all.in'],
    ['--platform', 'manylinux2014_x86_64', '--abi', 'none', 'all.in'],
    ['--platform', 'any', 'all.in'],
    ['--python-version', '3.11', 'all.in'],
    ['--implementation', 'py', 'all.in'],
    ['--uploaded-prior-to', '2025-01-01', 'all.in'],
  ]
  const found: Compiled[] = []
  for (const args of wishes) found.push(await s.compile(args))
  for (const [at, args] of wishes.entries()) {
    const again = await s.compile(args)
    assert.ok(again.remembered, args.join(' '))
    assert.deepEqual(again, { ...found[at], remembered: true }, args.join(' '))
  }
  const names = (at: number): string => found[at]!.text.match(/^many==.*/m)![0]
  assert.deepEqual([14, 15, 16, 17].map(names), ['many==3.0', 'many==2.0', 'many==1.0', 'many==1.0'])
  // Each by itself, in a den that has heard of nothing else.
  for (const [at, args] of wishes.entries()) {
    s.forget()
    assert.deepEqual(await s.compile(args), { ...found[at], remembered: false }, args.join(' '))
  }
})

test('den pip compile keeps the pins of its output file, and asks locks anew', async (t) => {
  const s = await scene(t, wheels())
  if (s === undefined) return
  s.write({ 'all.in': 'app\n', 'out.txt': 'base==1.0\n', ...project('', ['plug<2']) })
  const out = (): string => fs.readFileSync(path.join(s.root, 'out.txt'), 'utf8')
  const compile = async (...args: readonly string[]): Promise<string> => {
    fs.writeFileSync(path.join(s.root, 'out.txt'), 'base==1.0\n')
    await s.compile(['-o', 'out.txt', ...args])
    return out()
  }
  for (let round = 0; round < 2; round += 1) {
    assert.match(await compile('all.in'), /^base==1\.0$/m)
    assert.match(await compile('--upgrade', 'all.in'), /^base==2\.0$/m)
    assert.match(await compile('--upgrade-package', 'base', 'all.in'), /^base==2\.0$/m)
  }
  await s.lock()
  for (let round = 0; round < 2; round += 1) {
    const answer: Compiled = await s.compile(['pylock.toml', 'all.in'])
    assert.match(answer.text, /^plug==1\.0$/m)
    assert.match(answer.text, /^app==2\.0$/m)
    assert.equal(answer.remembered, false)
  }
})

test('what has to be built is remembered from the second time on', async (t) => {
  const backend = `import os
def prepare_metadata_for_build_wheel(directory, config_settings=None):
    need = (config_settings or {}).get("need", "base<2")
    os.mkdir(os.path.join(directory, "made-1.0.dist-info"))
    with open(os.path.join(directory, "made-1.0.dist-info", "METADATA"), "w") as file:
        file.write("Metadata-Version: 2.1\\nName: made\\nVersion: 1.0\\nRequires-Dist: %s\\n" % need)
    return "made-1.0.dist-info"
`
  const sdist: ServedFile = {
    project: 'made',
    filename: 'made-1.0.tar.gz',
    uploadTime: long,
    bytes: buildSdist({
      name: 'made',
      version: '1.0',
      files: {
        'PKG-INFO': 'Metadata-Version: 2.1\nName: made\nVersion: 1.0\n',
        'pyproject.toml': '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
        'backend.py': backend,
      },
    }),
  }
  const s = await scene(t, [...wheels(), sdist])
  if (s === undefined) return
  s.write({ 'all.in': 'made\n', ...project('', ['made']) })
  const first = await s.compile(['all.in'])
  assert.match(first.text, /^base==1\.5$/m)
  assert.equal(keptIn(s.memory).length, 0)
  assert.deepEqual(await s.compile(['all.in']), first)
  assert.deepEqual(await s.compile(['all.in']), { ...first, remembered: true })
  const other = await s.compile(['--config-settings', 'need=plug', 'all.in'])
  assert.match(other.text, /^plug==1\.0$/m)
  assert.match((await s.lock()).text, /"1\.5"/)
  s.mark()
  assert.ok((await s.lock()).isMarked)
})

test('what is kept holds no credentials, and is as good as nothing once it is damaged', async (t) => {
  const login = { user: 'somebody', password: 'hunter2hunter2' }
  const s = await scene(t, wheels(), { ...fresh, login })
  if (s === undefined) return
  const env = { DEN_INDEX_URL: s.index.url.replace('://', `://${login.user}:${login.password}@`) }
  s.write(project('', ['app', 'tool[more]']))
  const first = await s.lock({ env })
  const [file, ...others] = keptIn(s.memory)
  assert.deepEqual(others, [])
  const text = fs.readFileSync(file!, 'utf8')
  assert.doesNotMatch(text, /hunter2|somebody/)
  s.mark()
  assert.ok((await s.lock({ env })).isMarked)
  const damages: readonly Uint8Array[] = [
    Buffer.from(''),
    Buffer.from(text.slice(0, -1)),
    Buffer.from(text.slice(0, 200)),
    Buffer.from(text.replace('"app"', '"apq"')),
    Buffer.from('{"sha256":"","content":null}\n'),
    Buffer.from(`{"sha256":"${crypto.createHash('sha256').update('null').digest('hex')}","content":null}\n`),
    Buffer.alloc(text.length),
  ]
  for (const damage of damages) {
    fs.writeFileSync(file!, damage)
    assert.deepEqual(await s.lock({ env }), first)
    assert.equal(fs.readFileSync(file!, 'utf8').length > 1000, true, 'it is kept anew')
  }
  // Another question's answer under this one's name.
  await s.lock({ env }, '--resolution', 'lowest')
  const lowest = keptIn(s.memory).find((one) => one !== file)!
  fs.copyFileSync(lowest, file!)
  assert.deepEqual(await s.lock({ env }), first)
})

test('a disk that fails, a den that is killed and several at once change no answer', async (t) => {
  const s = await scene(t, wheels())
  if (s === undefined) return
  s.write({ 'all.in': 'app\ntool[more]\n' })
  const args = ['--universal', 'all.in']
  const first = await s.compile(args)
  const clear = (): void => {
    s.forget()
    fs.rmSync(s.pages, { recursive: true, force: true })
  }
  clear()
  const log = path.join(s.root, 'count')
  await s.compile(args, { DEN_TEST_FAULT: `count:${log}` })
  const changes = Number(fs.readFileSync(log, 'utf8'))
  assert.ok(changes > 3)
  // The memory is written last.
  const last = Array.from({ length: 3 }, (_, at) => changes - at)
  for (const fault of ['ENOSPC:1', 'EROFS:1', ...last.map((at) => `EIO:${at}`)]) {
    clear()
    assert.deepEqual(await s.compile(args, { DEN_TEST_FAULT: fault }), first, fault)
    assert.equal((await s.compile(args)).text, first.text, fault)
  }
  for (const at of last) {
    clear()
    const run = await s.den(['pip', '--python', s.python, 'compile', ...args], { DEN_TEST_FAULT: `kill:${at}` })
    assert.equal(run.signal, 'SIGKILL')
    assert.equal((await s.compile(args)).text, first.text, `kill:${at}`)
  }
  clear()
  const runs = await Promise.all(Array.from({ length: 4 }, () => s.compile(args)))
  for (const { text } of runs) assert.equal(text, first.text)
  assert.ok((await s.compile(args)).remembered)
  assert.equal(keptIn(s.memory).length, 1)
  // Something else in its place.
  clear()
  fs.writeFileSync(s.memory, 'no directory')
  for (let round = 0; round < 2; round += 1) assert.deepEqual(await s.compile(args), first)
})

test('files without a hash are fetched for it each time, and that is said each time', async (t) => {
  const s = await scene(t, [old({ name: 'bare', version: '1.0' }, { sha256: false })])
  if (s === undefined) return
  s.write(project('', ['bare']))
  const first = await s.lock()
  assert.match(first.text, /sha256 = "[0-9a-f]{64}"/)
  assert.match(first.stderr, /gives no SHA-256 for bare-1\.0/)
  s.mark()
  assert.deepEqual(await s.lock(), first)
  s.forget()
  assert.deepEqual(await s.lock(), first)
})

test('den add, den upgrade and scripts say from memory what they say without', async (t) => {
  const s = await scene(t, wheels())
  if (s === undefined) return
  const script = '# /// script\n# requires-python = ">=3.10"\n# dependencies = ["app"]\n# ///\nprint(1)\n'
  const commands: readonly (readonly string[])[] = [
    ['add', '--no-sync', 'tool[more]'],
    ['add', '--no-sync', '--raw', 'plug<2'],
    ['add', '--no-sync', '--group', 'dev', 'plug==2.0'],
    ['upgrade', '--no-sync'],
    ['remove', '--no-sync', 'base'],
    ['lock', '--script', 'tool.py'],
    ['add', '--script', 'tool.py', 'base<2'],
  ]
  const outcome = async (args: readonly string[]): Promise<unknown> => {
    for (const name of fs.readdirSync(s.root)) fs.rmSync(path.join(s.root, name), { recursive: true })
    s.write({ ...project('', ['app', 'base']), 'tool.py': script })
    await s.lock()
    const { code, stdout, stderr } = await s.den(args)
    const files = fs
      .readdirSync(s.root)
      .sort()
      .map((name) => [name, fs.readFileSync(path.join(s.root, name), 'utf8')])
    return [code, stdout, stderr.replace(/ in \d.*?:/, ' in … ms:'), files]
  }
  for (const args of commands) {
    s.forget()
    const first = await outcome(args)
    assert.deepEqual(await outcome(args), first, args.join(' '))
    assert.deepEqual(await outcome(args), first, args.join(' '))
  }
})

test('whoever is told to stop while pages are asked anew stops, and has spoilt nothing', {
  skip: process.platform === 'win32',
}, async (t) => {
  const s = await scene(t, wheels(), { cacheControl: 'max-age=0', etags: true })
  if (s === undefined) return
  s.write({ 'all.in': 'app\nplug<2\n' })
  const first = await s.compile(['all.in'])
  const kept = keptIn(s.memory).map((file) => fs.readFileSync(file, 'utf8'))
  s.index.fault({ kind: 'stall', where: 'headers', on: '/simple/plug/', times: 1 })
  const asked = s.index.paths().length
  const [command, ...before] = denCommand()
  const child = spawn(command, [...before, 'pip', '--python', s.python, 'compile', 'all.in'], {
    cwd: s.root,
    env: denEnvironment(path.dirname(path.dirname(s.memory)), s.env),
    stdio: 'ignore',
  })
  const ended = new Promise<readonly unknown[]>((resolve) => child.on('close', (...how) => resolve(how)))
  const deadline = Date.now() + 20_000
  while (s.index.paths().length < asked + 3 && Date.now() < deadline) await new Promise((done) => setTimeout(done, 20))
  child.kill('SIGINT')
  assert.deepEqual(await ended, [130, null])
  assert.deepEqual(
    keptIn(s.memory).map((file) => fs.readFileSync(file, 'utf8')),
    kept,
  )
  assert.deepEqual(await s.compile(['all.in']), { ...first, remembered: true })
})
