// Commands whose answers are remembered (cli/recall.ts): whatever changes between two runs, the second says what a den without
// a memory says.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { type DenRun, den } from '../kit/den.ts'
import { distInfo } from '../kit/installed.ts'
import { pythonOr } from '../kit/pythons.ts'
import { scratch, writeTree } from '../kit/scratch.ts'

interface Scene {
  readonly cwd: string
  readonly root: string
  readonly site: string
  readonly env: Record<string, string | undefined>
  run(env?: Record<string, string | undefined>): Promise<DenRun>
}

const words = {
  install: ['install', '--no-index', '-r', 'requirements.txt'],
  list: ['list'],
  freeze: ['freeze'],
  show: ['show', 'six'],
  check: ['check'],
} as const

async function scene(t: TestContext, command: keyof typeof words): Promise<Scene | undefined> {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return undefined
  const cwd = scratch(t)
  const root = path.join(cwd, '.venv')
  const site = path.join(root, 'lib/python3.12/site-packages')
  const made = await den(['create', '--seed', 'none', '-p', python.executable], { cwd })
  assert.equal(made.code, 0, made.stderr)
  writeTree(site, distInfo({ name: 'six', version: '1.0' }))
  writeTree(site, distInfo({ name: 'other', version: '2.0', headers: ['Requires-Dist: six>=1'] }))
  fs.writeFileSync(path.join(cwd, 'requirements.txt'), 'six>=1\nother\n')
  const env = {
    VIRTUAL_ENV: undefined,
    CONDA_PREFIX: undefined,
    DEN_CACHE_DIR: path.join(cwd, 'cache'),
    HOME: path.join(cwd, 'home'),
  }
  return {
    cwd,
    root,
    site,
    env,
    run: (more = {}) => den(['pip', ...words[command]], { cwd, env: { ...env, ...more } }),
  }
}

/** The inodes of what is remembered: a memory that served stays, one that did not is written anew. */
function memories({ cwd }: Scene): readonly string[] {
  const directory = path.join(cwd, 'cache/recall-v1')
  if (!fs.existsSync(directory)) return []
  return fs.readdirSync(directory).map((name) => `${name} ${fs.statSync(path.join(directory, name)).ino}`)
}

/** Runs until the answer comes from memory; an install solves first, then finds that nothing has changed. */
async function warm(place: Scene): Promise<DenRun> {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const before = memories(place)
    const run = await place.run()
    assert.equal(run.code, 0, run.stderr)
    if (before.length === 1 && memories(place).join() === before.join()) return run
  }
  throw new Error('the answer was never remembered')
}

type Change = (place: Scene) => Record<string, string | undefined> | undefined

const edit = (file: string, from: string, to: string): void =>
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(from, to))

const metadata = ({ site }: Scene, name: string): string => path.join(site, `${name}.dist-info`, 'METADATA')

/** What changes, and for which commands; a variable is what is answered. */
const changes: readonly (readonly [name: string, commands: readonly (keyof typeof words)[], change: Change])[] = [
  [
    'a dist-info goes',
    ['install', 'list', 'freeze', 'show', 'check'],
    ({ site }) => void fs.rmSync(path.join(site, 'six-1.0.dist-info'), { recursive: true }),
  ],
  ['one comes', ['list', 'freeze'], ({ site }) => void writeTree(site, distInfo({ name: 'new', version: '1' }))],
  [
    'one is of another version',
    ['install', 'list', 'freeze', 'show', 'check'],
    (place) => {
      fs.rmSync(path.join(place.site, 'six-1.0.dist-info'), { recursive: true })
      writeTree(place.site, distInfo({ name: 'six', version: '0.9' }))
      return undefined
    },
  ],
  [
    'metadata are edited in place',
    ['install', 'check'],
    (place) => void fs.appendFileSync(metadata(place, 'other-2.0'), 'Requires-Dist: missing\n'),
  ],
  [
    'to the same size, and the time set back',
    ['list', 'freeze', 'show'],
    (place) => {
      const file = metadata(place, 'six-1.0')
      const { atime, mtime } = fs.statSync(file)
      edit(file, 'Name: six', 'Name: SIX')
      fs.utimesSync(file, atime, mtime)
      return undefined
    },
  ],
  [
    'a path file leads to more',
    ['list', 'freeze'],
    ({ cwd, site }) => {
      writeTree(path.join(cwd, 'more'), distInfo({ name: 'more', version: '3' }))
      fs.writeFileSync(path.join(site, 'more.pth'), `${path.join(cwd, 'more')}\n`)
      return undefined
    },
  ],
  [
    'the requirements ask for more',
    ['install'],
    ({ cwd }) => void edit(path.join(cwd, 'requirements.txt'), 'six>=1', 'six>=2'),
  ],
  [
    'the environment’s own pip.conf says something',
    ['install', 'list', 'freeze'],
    ({ root }) =>
      void fs.writeFileSync(
        path.join(root, 'pip.conf'),
        '[global]\nconstraint = none.txt\n[list]\nformat = json\n[freeze]\nexclude = six\n',
      ),
  ],
  [
    'the user’s does',
    ['list'],
    ({ cwd }) => void writeTree(cwd, { 'home/.config/pip/pip.conf': '[list]\nformat = freeze\n' }),
  ],
  ['a variable says it', ['list'], () => ({ PIP_FORMAT: 'freeze' })],
  ['a variable says to begin anew', ['install'], () => ({ PIP_IGNORE_INSTALLED: '1' })],
  [
    'another environment is active',
    ['list', 'freeze', 'show', 'check'],
    () => ({ VIRTUAL_ENV: '/nowhere/at/all', PYTHONPATH: undefined }),
  ],
  [
    'PYTHONPATH leads to more',
    ['list', 'freeze'],
    ({ cwd }) => {
      writeTree(path.join(cwd, 'more'), distInfo({ name: 'more', version: '3' }))
      return { PYTHONPATH: path.join(cwd, 'more') }
    },
  ],
  [
    'the environment sees its base',
    ['list'],
    ({ root }) =>
      void edit(
        path.join(root, 'pyvenv.cfg'),
        'include-system-site-packages = false',
        'include-system-site-packages = true',
      ),
  ],
  [
    'its Python goes',
    ['install', 'list', 'check'],
    ({ root }) => void fs.rmSync(path.join(root, 'bin'), { recursive: true }),
  ],
  [
    'it leads to another',
    ['list'],
    ({ root }) => {
      fs.rmSync(path.join(root, 'bin/python'))
      fs.symlinkSync('/bin/sh', path.join(root, 'bin/python'))
      return undefined
    },
  ],
  ['the environment goes', ['install', 'list', 'show'], ({ root }) => void fs.rmSync(root, { recursive: true })],
]

/** What den makes nothing of: it finds the nearest environment all the same, and reads what is installed from its files. */
const mayStay: ReadonlySet<string> = new Set([
  'another environment is active',
  'its Python goes',
  'it leads to another',
])

for (const command of Object.keys(words) as (keyof typeof words)[]) {
  test(`den pip ${command} says from memory what it says without one, whatever has changed`, async (t) => {
    if (process.platform === 'win32') return
    const cases = changes.filter(([, commands]) => commands.includes(command))
    for (const [name, , change] of cases) {
      const place = await scene(t, command)
      if (place === undefined) return
      const first = await warm(place)
      const env = change(place) ?? {}
      const [remembering, without] = [
        await place.run(env),
        await place.run({ ...env, DEN_CACHE_DIR: path.join(place.cwd, 'empty') }),
      ]
      const seen = ({ code, stdout, stderr }: DenRun): string => `${code}\n${stdout}\n${stderr}`
      assert.equal(seen(remembering), seen(without), name)
      if (!mayStay.has(name)) assert.notEqual(seen(remembering), seen(first), name)
    }
  })
}

test('what is remembered is what was said, to the letter, and a log is written each time', async (t) => {
  const place = await scene(t, 'install')
  if (place === undefined || process.platform === 'win32') return
  const first = await place.run()
  assert.match(first.stdout, /^Requirement already satisfied: six in .*\(1\.0\)\nRequirement already satisfied: other/)
  const again = await warm(place)
  assert.deepEqual([again.stdout, again.stderr], [first.stdout, first.stderr])
  const log = path.join(place.cwd, 'log')
  for (const lines of [2, 4, 6]) {
    await den(['pip', ...words.install, '--log', log], { cwd: place.cwd, env: place.env })
    assert.equal(fs.readFileSync(log, 'utf8').trim().split('\n').length, lines)
  }
})

test('den lock and den sync with nothing to do are told from memory, until the project or its environment is another', async (t) => {
  const python = pythonOr(t, '3.12')
  if (python === undefined || process.platform === 'win32') return
  const wheels = path.resolve(import.meta.dirname, '..', '..', 'examples', 'wheels')
  const manifest = (needed: string): string =>
    `[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.8"\ndependencies = ["${needed}"]\n`
  const cwd = scratch(t, { 'pyproject.toml': manifest('den-example-greeting<2') })
  const env = {
    VIRTUAL_ENV: undefined,
    DEN_HOME: path.join(cwd, 'home/den'),
    DEN_CACHE_DIR: path.join(cwd, 'cache'),
    HOME: path.join(cwd, 'home'),
    PIP_NO_INDEX: '1',
    PIP_FIND_LINKS: wheels,
  }
  const run = async (...words: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await den([...words, '-p', python.executable], { cwd, env })
    assert.equal(code, 0, stderr)
    return stdout + stderr
  }
  const memories = (): readonly string[] =>
    fs
      .readdirSync(path.join(cwd, 'cache/recall-v1'))
      .map((name) => `${name} ${fs.statSync(path.join(cwd, 'cache/recall-v1', name)).ino}`)
      .sort()
  await run('sync')
  const said = [await run('lock'), await run('sync')]
  const kept = memories()
  assert.equal(kept.length, 2)
  assert.deepEqual([await run('lock'), await run('sync')], said)
  assert.deepEqual(memories(), kept, 'both were served')

  const module = path.join(cwd, '.venv/lib/python3.12/site-packages/den_example_greeting.py')
  const info = path.join(cwd, '.venv/lib/python3.12/site-packages/den_example_greeting-1.0.dist-info')
  fs.rmSync(info, { recursive: true })
  fs.rmSync(module)
  assert.match(await run('sync'), /1 package changed/)
  assert.ok(fs.existsSync(module))

  fs.writeFileSync(path.join(cwd, 'pyproject.toml'), manifest('den-example-greeting>=2'))
  assert.match(await run('lock'), /den-example-frame/)
  await run('sync')
  assert.ok(fs.existsSync(path.join(cwd, '.venv/lib/python3.12/site-packages/den_example_frame.py')))

  await run('lock')
  fs.appendFileSync(path.join(cwd, 'pylock.toml'), '\n# by hand\n')
  assert.doesNotMatch(await run('lock'), /up to date/)
})
