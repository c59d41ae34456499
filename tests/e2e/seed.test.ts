// Real pip in real environments: every Python of this machine, compared with what its own `python -m venv` leaves.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, type SuiteContext, suite, type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import type { Sha256 } from '../../src/base/brand.ts'
import { create } from '../../src/commands/create.ts'
import { defaultSeeds } from '../../src/engine/seed-choice.ts'
import { parseRecord } from '../../src/spec/record.ts'
import { openStore } from '../../src/store/store.ts'
import { type TestContext as Den, testContext } from '../kit/context.ts'
import { pythons, type RealPython } from '../kit/pythons.ts'
import { buildWheel, wheelFilename } from '../kit/wheel.ts'

const run = promisify(execFile)

const pipEnvironment = {
  PATH: '/usr/bin:/bin',
  HOME: '/nonexistent',
  PIP_CONFIG_FILE: '/dev/null',
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
  PIP_NO_INDEX: '1',
  PYTHONDONTWRITEBYTECODE: '1',
  PYTHONWARNINGS: 'ignore',
}

/** One store for all: the tests also show that environments do not disturb each other. */
let shared: Den
const cleanups: (() => void | Promise<void>)[] = []
before(() => {
  shared = testContext({ after: (done) => void cleanups.push(done) }, { env: { PIP_CONFIG_FILE: '/dev/null' } })
})
after(async () => {
  for (const done of cleanups) await done()
})

const minorOf = (python: RealPython): { major: number; minor: number } => {
  const [major = 0, minor = 0] = python.version.split('.').map(Number)
  return { major, minor }
}

async function createWith(python: RealPython, name: string): Promise<string> {
  const root = path.join(shared.root, name)
  const seeds = defaultSeeds(minorOf(python), 'venv')
  await create(shared, { paths: [root], python: python.executable, seeds, download: false })
  return root
}

function siteOf(root: string): string {
  const lib = path.join(root, 'lib')
  return path.join(lib, fs.readdirSync(lib).find((name) => name.startsWith('python'))!, 'site-packages')
}

/** Every dist-info's RECORD: each row is there with its hash and size. */
function checkRecords(root: string): number {
  const site = siteOf(root)
  let rows = 0
  for (const info of fs.readdirSync(site).filter((name) => name.endsWith('.dist-info'))) {
    const record = parseRecord(fs.readFileSync(path.join(site, info, 'RECORD'), 'utf8'), { outside: 'allow' })
    for (const { path: name, hash, size } of record) {
      const bytes = fs.readFileSync(path.join(site, name))
      rows += 1
      if (hash === undefined) continue
      assert.equal(bytes.length, size, name)
      assert.equal(crypto.createHash('sha256').update(bytes).digest('base64url'), hash.digest, name)
    }
  }
  return rows
}

function verifyStore(): void {
  const store = openStore(shared, shared.places.store)
  for (const key of fs.readdirSync(path.join(store.directory, 'v1/trees'))) {
    const tree = store.find(key as Sha256)
    assert.ok(tree !== undefined, key)
    assert.deepEqual(store.verify(tree), [], tree.manifest.filename)
  }
}

const real = pythons()
if (real.length === 0)
  test('seeds in real environments', (t) => t.skip('NOT TESTED: there is no Python on this machine'))

for (const python of real) {
  suite(`Python ${python.version} (${python.executable})`, { concurrency: 1 }, (_: SuiteContext) => {
    let root: string
    before(async () => {
      root = await createWith(python, `env-${python.version}-${real.indexOf(python)}`)
    })

    test('pip runs, as a module and as a script, and lists what there is', async () => {
      const asModule = await run(path.join(root, 'bin/python'), ['-m', 'pip', '--version'], { env: pipEnvironment })
      assert.ok(asModule.stdout.includes(`from ${siteOf(root)}`), asModule.stdout)
      const asScript = await run(path.join(root, 'bin/pip'), ['list', '--format=freeze'], { env: pipEnvironment })
      const names = asScript.stdout
        .trim()
        .split('\n')
        .map((line) => line.split('==')[0])
      const wanted = Object.entries(defaultSeeds(minorOf(python), 'venv')).flatMap(([name, wish]) =>
        wish === false ? [] : [name],
      )
      assert.deepEqual(names.sort(), wanted.sort())
    })

    test('every RECORD tells the truth', () => {
      assert.ok(checkRecords(root) > 100)
    })

    test('pip installs, replaces itself and uninstalls, and the store stays as it was', async () => {
      const wheels = path.join(root, 'wheels')
      fs.mkdirSync(wheels)
      const app = {
        name: 'app',
        version: '1.0',
        tag: 'py2.py3-none-any',
        scripts: { app: 'app:main' },
        files: { 'app.py': 'def main():\n    print("hello")\n' },
      }
      fs.writeFileSync(path.join(wheels, wheelFilename(app)), buildWheel(app))
      const bundled = [...fs.readdirSync(siteOf(root))].find((name) => /^pip-.*\.dist-info$/.test(name))!.slice(4, -10)
      const pip = (...args: string[]): Promise<unknown> =>
        run(path.join(root, 'bin/python'), ['-m', 'pip', ...args], { env: pipEnvironment })
      await pip('install', '--find-links', wheels, 'app')
      assert.equal((await run(path.join(root, 'bin/app'), [])).stdout, 'hello\n')
      const own = ownWheel(python, bundled)
      if (own !== undefined) await pip('install', '--force-reinstall', '--no-deps', own)
      await pip('uninstall', '-y', 'app')
      assert.equal(fs.existsSync(path.join(root, 'bin/app')), false)
      await pip('--version')
      verifyStore()
    })
  })
}

/** The wheel of pip that this Python brings for ensurepip. */
function ownWheel(python: RealPython, version: string): string | undefined {
  const prefix = path.resolve(fs.realpathSync(python.executable), '../..')
  const { major, minor } = minorOf(python)
  const directories = [path.join(prefix, `lib/python${major}.${minor}/ensurepip/_bundled`), '/usr/share/python-wheels']
  for (const directory of directories) {
    const name = fs.existsSync(directory)
      ? fs.readdirSync(directory).find((one) => one.startsWith(`pip-${version}-`))
      : undefined
    if (name !== undefined) return path.join(directory, name)
  }
  return undefined
}

/** Files under a directory, without bytecode, as `path mode`. */
function listing(root: string, directory: string): readonly string[] {
  return fs
    .readdirSync(path.join(root, directory), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.pyc'))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .sort()
}

// Two of them, an old layout and a new one: each run of ensurepip takes seconds.
for (const line of ['3.8', '3.13']) {
  test(`den leaves the files that python${line} -m venv leaves`, async (t: TestContext) => {
    const python = real.find(({ version }) => version.startsWith(`${line}.`))
    if (python === undefined) return t.skip(`NOT TESTED: there is no Python ${line} on this machine`)
    const theirs = path.join(shared.root, `venv-${line}`)
    await run(python.executable, ['-m', 'venv', theirs], {
      env: { ...pipEnvironment, PYTHONPYCACHEPREFIX: path.join(shared.root, 'cache') },
    })
    const ours = await createWith(python, `like-venv-${line}`)
    assert.deepEqual(listing(siteOf(ours), '.'), listing(siteOf(theirs), '.'))
    const scripts = (root: string): readonly string[] =>
      fs
        .readdirSync(path.join(root, 'bin'))
        .filter((name) => /^(?:pip|easy)/.test(name))
        .sort()
    assert.deepEqual(scripts(ours), scripts(theirs))
    for (const name of scripts(ours)) {
      const [a, b] = [ours, theirs].map((root) => fs.readFileSync(path.join(root, 'bin', name), 'utf8'))
      const imports = /^from .* import .*$/m
      assert.equal(imports.exec(a!)![0], imports.exec(b!)![0], name)
      assert.equal(fs.statSync(path.join(ours, 'bin', name)).mode, fs.statSync(path.join(theirs, 'bin', name)).mode)
    }
  })
}
