import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { type TestContext as Den, testContext } from '../../tests/kit/context.ts'
import { buildWheel, type WheelInput, wheelFilename } from '../../tests/kit/wheel.ts'
import { DenError, isDenError } from '../base/error.ts'
import type { EnvironmentPaths } from '../env/plan.ts'
import { type Disk, realDisk } from '../host/disk.ts'
import type { Interpreter } from '../python/interpreter.ts'
import { parseRecord } from '../spec/record.ts'
import { openStore, type Store, type Tree, type WheelSource } from '../store/store.ts'
import { type InstalledTree, type InstallRequest, installTree } from './install.ts'
import { openLinker } from './linker.ts'

const interpreter: Pick<Interpreter, 'version' | 'platform' | 'machine'> = {
  version: { major: 3, minor: 13, micro: 0, level: 'final', serial: 0 },
  platform: 'linux',
  machine: 'x86_64',
}

const app: WheelInput = {
  name: 'app',
  version: '1.0',
  files: { 'app/__init__.py': 'one = 1\n', 'app/deep/er/two.py': 'two = 2\n', 'run.py': 'x' },
  scripts: { app: 'app:main.run' },
  data: {
    scripts: { tool: '#!python -E\nprint(1)\n', other: '#!/bin/sh\necho\n' },
    data: { 'share/app/a.txt': 'a', 'etc/app.conf': 'c' },
    headers: { 'app.h': '/* */', 'sub/b.h': '/* */' },
    platlib: { 'native.txt': 'n' },
  },
  executables: ['run.py'],
}

interface Setup {
  readonly context: Den
  readonly store: Store
  readonly tree: Tree
  readonly source: WheelSource
  readonly paths: EnvironmentPaths
  install(changes?: Partial<InstallRequest>): Promise<InstalledTree>
  read(name: string): string
}

async function setup(t: TestContext, options: { disk?: Partial<Disk>; wheel?: WheelInput } = {}): Promise<Setup> {
  const { wheel = app } = options
  const context = testContext(t, options.disk === undefined ? {} : { host: { disk: { ...realDisk, ...options.disk } } })
  const store = openStore(context, context.places.store)
  const source = { filename: wheelFilename(wheel), read: () => buildWheel(wheel) }
  const tree = await store.ensure(source, path.join(context.root, 'private'))
  const root = path.join(context.root, 'env')
  const site = path.join(root, 'lib/python3.13/site-packages')
  const paths: EnvironmentPaths = {
    root,
    scripts: path.join(root, 'bin'),
    python: path.join(root, 'bin/python'),
    purelib: site,
    platlib: site,
    include: path.join(root, 'include/site/python3.13'),
    data: root,
  }
  fs.mkdirSync(site, { recursive: true })
  fs.mkdirSync(paths.scripts)
  return {
    context,
    store,
    tree,
    source,
    paths,
    install: (changes = {}) =>
      installTree(context, {
        tree,
        paths,
        interpreter,
        linker: openLinker(context, 'auto'),
        requested: true,
        ...changes,
      }),
    read: (name) => fs.readFileSync(path.join(root, name), 'utf8'),
  }
}

/** Every row of RECORD is there with its hash and size, and every file of the environment has a row. */
function checkRecord(root: string, distInfo: string): void {
  const site = path.join(root, 'lib/python3.13/site-packages')
  const rows = parseRecord(fs.readFileSync(path.join(site, distInfo, 'RECORD'), 'utf8'), { outside: 'allow' })
  for (const row of rows) {
    const bytes = fs.readFileSync(path.join(site, row.path))
    if (row.path === `${distInfo}/RECORD`) continue
    assert.equal(row.size, bytes.length, row.path)
    assert.equal(row.hash!.digest, crypto.createHash('sha256').update(bytes).digest('base64url'), row.path)
  }
  const files = fs
    .readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
  assert.deepEqual(rows.map((row) => path.join(site, row.path)).sort(), files.sort())
}

test('installTree() spreads the wheel over the scheme and records it', async (t) => {
  const { install, read, paths } = await setup(t)
  const result = await install({ directUrl: { url: 'https://pkg.example.org/app.whl' } })
  const site = 'lib/python3.13/site-packages'
  assert.equal(read(`${site}/app/deep/er/two.py`), 'two = 2\n')
  assert.equal(read(`${site}/native.txt`), 'n')
  assert.equal(read('share/app/a.txt'), 'a')
  assert.equal(read('etc/app.conf'), 'c')
  assert.equal(read('include/site/python3.13/app/sub/b.h'), '/* */')
  assert.equal(read('bin/tool'), `#!${paths.python}\nprint(1)\n`)
  assert.equal(read('bin/other'), '#!/bin/sh\necho\n')
  assert.match(
    read('bin/app'),
    /^#!.*\/env\/bin\/python\nimport sys\nfrom app import main\n[\s\S]*sys\.exit\(main\.run\(\)\)\n$/,
  )
  assert.equal(read(`${site}/app-1.0.dist-info/INSTALLER`), 'den\n')
  assert.equal(read(`${site}/app-1.0.dist-info/REQUESTED`), '')
  assert.deepEqual(JSON.parse(read(`${site}/app-1.0.dist-info/direct_url.json`)), {
    url: 'https://pkg.example.org/app.whl',
  })
  assert.deepEqual([...result.scripts].sort(), ['app', 'other', 'tool'])
  assert.equal(result.distInfo, path.join(paths.purelib, 'app-1.0.dist-info'))
  for (const script of result.scripts)
    assert.equal(fs.statSync(path.join(paths.scripts, script)).mode & 0o111, 0o111, script)
  assert.equal(fs.statSync(path.join(paths.purelib, 'run.py')).mode & 0o111, 0o111)
  checkRecord(paths.root, 'app-1.0.dist-info')
})

test('installTree() writes final paths while the environment is staged elsewhere', async (t) => {
  const { install, paths, context } = await setup(t)
  const final = path.join(context.root, 'final')
  const moved = (name: string): string => `${final}${name.slice(paths.root.length)}`
  const finalPaths = Object.fromEntries(
    Object.entries(paths).map(([key, value]) => [key, moved(value)]),
  ) as unknown as EnvironmentPaths
  await install({ paths: finalPaths, staged: paths.root })
  assert.equal(fs.existsSync(final), false)
  fs.renameSync(paths.root, final)
  assert.match(fs.readFileSync(path.join(final, 'bin/app'), 'utf8'), new RegExp(`^#!${final}/bin/python\n`))
  checkRecord(final, 'app-1.0.dist-info')
})

test('installTree() leaves the store as it is, and shares its files', async (t) => {
  const { install, store, tree, paths } = await setup(t)
  await install({ linker: openLinker(testContext(t), 'hardlink') })
  assert.deepEqual(store.verify(tree), [])
  const linked = fs.statSync(path.join(paths.purelib, 'app/__init__.py'))
  assert.equal(linked.ino, fs.statSync(path.join(tree.directory, 'app/__init__.py')).ino)
  assert.equal(linked.mode & 0o777, 0o444)
})

test('installTree() copies where asked, into files of the user’s own', async (t) => {
  const { install, tree, paths, context } = await setup(t)
  await install({ linker: openLinker(context, 'copy') })
  const copied = fs.statSync(path.join(paths.purelib, 'app/__init__.py'))
  assert.notEqual(copied.ino, fs.statSync(path.join(tree.directory, 'app/__init__.py')).ino)
  assert.equal(copied.mode & 0o700, 0o600)
  assert.equal(fs.statSync(path.join(paths.purelib, 'run.py')).mode & 0o700, 0o700)
})

const fails = (errno: string, name: string): never => {
  throw new DenError('io-failed', { operation: 'link', path: name, errno })
}

for (const errno of ['EXDEV', 'EPERM', 'ENOTSUP', 'ENOSYS']) {
  test(`installTree() copies where links are refused (${errno}), and says so once`, async (t) => {
    let links = 0
    const hardLink = (_: string, to: string): never => {
      links += 1
      return fails(errno, to)
    }
    const { install, context, paths } = await setup(t, { disk: { hardLink } })
    await install()
    assert.equal(links, 1)
    assert.equal(context.events.filter((event) => event.kind === 'note' && /copied/.test(event.text)).length, 1)
    assert.ok(context.events.some((event) => event.kind === 'install.linked' && event.mode === 'copy'))
    checkRecord(paths.root, 'app-1.0.dist-info')
  })
}

test('installTree() copies only the files that have too many names (EMLINK)', async (t) => {
  const hardLink = (from: string, to: string): void =>
    from.endsWith('two.py') ? fails('EMLINK', to) : realDisk.hardLink(from, to)
  const { install, paths, context } = await setup(t, { disk: { hardLink, cloneFile: (_, to) => fails('ENOTSUP', to) } })
  await install()
  assert.equal(fs.statSync(path.join(paths.purelib, 'app/deep/er/two.py')).nlink, 1)
  assert.equal(fs.statSync(path.join(paths.purelib, 'app/__init__.py')).nlink, 2)
  assert.equal(context.events.filter((event) => event.kind === 'note').length, 1)
})

test('installTree() replaces what stands there, never what a link there points to', async (t) => {
  const { install, paths, context, read } = await setup(t)
  const outside = path.join(context.root, 'outside')
  fs.writeFileSync(outside, 'mine')
  fs.symlinkSync(outside, path.join(paths.scripts, 'app'))
  fs.symlinkSync(outside, path.join(paths.purelib, 'run.py'))
  fs.mkdirSync(path.join(paths.purelib, 'app'))
  fs.linkSync(outside, path.join(paths.purelib, 'app/__init__.py'))
  for (const mode of ['hardlink', 'copy'] as const) {
    await install({ linker: openLinker(context, mode) })
    assert.equal(fs.readFileSync(outside, 'utf8'), 'mine')
    assert.equal(read('lib/python3.13/site-packages/app/__init__.py'), 'one = 1\n')
  }
  checkRecord(paths.root, 'app-1.0.dist-info')
})

const damages: Record<string, (file: string) => void> = {
  'one byte changed in place': (file) => {
    fs.chmodSync(file, 0o644)
    fs.writeFileSync(file, 'two = 3\n')
  },
  'a file emptied': (file) => {
    fs.chmodSync(file, 0o644)
    fs.truncateSync(file, 0)
  },
  'a file deleted': (file) => fs.rmSync(file),
  'a file replaced by a link': (file) => {
    fs.rmSync(file)
    fs.symlinkSync('/etc/hostname', file)
  },
  'a directory deleted': (file) => fs.rmSync(path.dirname(file), { recursive: true }),
}

for (const [what, damage] of Object.entries(damages)) {
  test(`installTree() notices ${what} in the store, has it restored and goes on`, async (t) => {
    const { install, store, tree, source, paths, context } = await setup(t)
    const file = path.join(tree.directory, 'app/deep/er/two.py')
    damage(file)
    await assert.rejects(install(), (error) => isDenError(error, 'store-damaged'))
    fs.rmSync(paths.root, { recursive: true })
    fs.mkdirSync(paths.purelib, { recursive: true })
    await install({ restore: (damaged) => store.restore(damaged, source, path.join(context.root, 'private')) })
    checkRecord(paths.root, 'app-1.0.dist-info')
    assert.deepEqual(store.verify(store.find(tree.manifest.sha256)!), [])
  })
}

test('installTree() does not restore for ever', async (t) => {
  const { install, tree } = await setup(t)
  fs.rmSync(path.join(tree.directory, 'run.py'))
  let restored = 0
  const restore = async (damaged: Tree): Promise<Tree> => {
    restored += 1
    return damaged
  }
  await assert.rejects(install({ restore }), (error) => isDenError(error, 'store-damaged'))
  assert.equal(restored, 2)
})

test('installTree() names pip’s scripts as pip and virtualenv do', async (t) => {
  const wheel: WheelInput = {
    name: 'pip',
    version: '1',
    scripts: { pip: 'pip:main', pip3: 'pip:main', 'pip3.9': 'pip:main' },
  }
  const { install } = await setup(t, { wheel })
  assert.deepEqual((await install({ scriptNames: 'pip' })).scripts, ['pip', 'pip3', 'pip3.13'])
  assert.deepEqual((await install({ scriptNames: 'virtualenv' })).scripts, ['pip', 'pip3', 'pip3.13', 'pip-3.13'])
  assert.deepEqual((await install({ scriptNames: 'written' })).scripts, ['pip', 'pip3', 'pip3.9'])
})

test('installTree() keeps a script that is in no UTF-8, but for its first line', async (t) => {
  const script = Buffer.from('#!python\n# coding: latin-1\nx = "\xe9"\n', 'latin1')
  const { install, paths } = await setup(t, {
    wheel: { name: 'app', version: '1.0', data: { scripts: { old: script } } },
  })
  await install()
  const written = fs.readFileSync(path.join(paths.scripts, 'old')).toString('latin1')
  assert.equal(written, `#!${paths.python}\n# coding: latin-1\nx = "\xe9"\n`)
})

test('installTree() refuses Windows scripts for a machine without a launcher', async (t) => {
  const { install } = await setup(t)
  const windows = { ...interpreter, platform: 'win32' as const, machine: 'ia64' }
  await assert.rejects(install({ interpreter: windows }), (error) => isDenError(error, 'no-launcher'))
})

test('installTree() makes an .exe of each script for Windows', async (t) => {
  const wheel: WheelInput = {
    name: 'app',
    version: '1.0',
    scripts: { app: 'app:main' },
    guiScripts: { appw: 'app:gui' },
  }
  const { install, paths } = await setup(t, { wheel })
  const windows = { ...interpreter, platform: 'win32' as const, machine: 'AMD64' }
  const result = await install({ interpreter: windows })
  assert.deepEqual(result.scripts, ['app.exe', 'appw.exe'])
  for (const name of result.scripts) {
    const bytes = fs.readFileSync(path.join(paths.scripts, name))
    assert.equal(bytes.subarray(0, 2).toString(), 'MZ')
    assert.ok(bytes.includes(`#!${paths.python}\n`) && bytes.includes('__main__.py'), name)
  }
  checkRecord(paths.root, 'app-1.0.dist-info')
})
