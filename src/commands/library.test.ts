import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ServedIndex, servedWheel, serveIndex } from '../../tests/kit/index-server.ts'
import { pythonOr } from '../../tests/kit/pythons.ts'
import { scratch } from '../../tests/kit/scratch.ts'
import { isDenError } from '../base/error.ts'
import type { DenEvent } from '../base/event.ts'
import { defaultHost } from '../host/default-host.ts'
import { tryLock } from '../host/lock.ts'
import { collectorLock } from '../store/store.ts'
import { openSession, type Session } from './session.ts'

interface Scene {
  readonly root: string
  readonly environment: string
  readonly index: ServedIndex
  readonly session: Session
  /** "app 1.0, base 2.0" */
  installed(): Promise<string>
}

async function scene(t: TestContext): Promise<Scene | undefined> {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return undefined
  const root = scratch(t)
  const index = await serveIndex(t, [
    servedWheel({ name: 'app', version: '1.0', requires: ['base'] }),
    servedWheel({ name: 'app', version: '2.0', requires: ['base'] }),
    servedWheel({ name: 'base', version: '2.0', files: { 'base.py': 'x = 1\n'.repeat(100) } }),
  ])
  const env = { HOME: root, PATH: process.env['PATH'], PIP_INDEX_URL: index.url, PIP_CONFIG_FILE: '/dev/null' }
  const session = openSession({ host: defaultHost({ cwd: root, env }) })
  t.after(() => session.close())
  const environment = path.join(root, 'env')
  await session.create({ paths: [environment], python: python.executable, seeds: {} })
  return {
    root,
    environment,
    index,
    session,
    installed: async () => {
      const { packages } = await session.installed({ environment })
      return packages.map(({ name, version }) => `${name} ${version}`).join(', ')
    },
  }
}

test('a session installs, lists, upgrades, removes, and takes it back', async (t) => {
  const s = await scene(t)
  if (s === undefined) return
  const { session, environment } = s
  const events: DenEvent['kind'][] = []
  const first = await session.install({
    environment,
    packages: ['app<2'],
    report: ({ kind }) => void events.push(kind),
  })
  assert.deepEqual(first.installed.map(({ name, version, requested }) => [name, version, requested]).sort(), [
    ['app', '1.0', true],
    ['base', '2.0', false],
  ])
  assert.equal(first.environment, environment)
  assert.equal(first.change, 1)
  assert.ok(events.includes('resolve.done') && events.includes('install.linked'), events.join(' '))
  assert.deepEqual(JSON.parse(JSON.stringify(first)), first, 'plain data')

  const again = await session.install({ environment, packages: ['app'] })
  assert.deepEqual(again.installed, [])
  assert.deepEqual(again.unchanged.map(({ name }) => name).sort(), ['app', 'base'])
  const upgraded = await session.install({ environment, packages: ['app'], upgrade: true })
  assert.deepEqual(upgraded.installed, [{ name: 'app', version: '2.0', requested: true, from: '1.0' }])
  assert.equal(await s.installed(), 'app 2.0, base 2.0')

  const { changes } = await session.history({ environment })
  assert.deepEqual(
    changes.map(({ number, packages }) => [number, packages]),
    [
      [2, [{ name: 'app', was: '1.0', is: '2.0' }]],
      [
        1,
        [
          { name: 'app', is: '1.0' },
          { name: 'base', is: '2.0' },
        ],
      ],
    ],
  )
  const would = await session.undo({ environment, dryRun: true })
  assert.deepEqual(would.installed, [{ name: 'app', version: '1.0', requested: true, from: '2.0' }])
  assert.equal(await s.installed(), 'app 2.0, base 2.0')
  await session.undo({ environment })
  assert.equal(await s.installed(), 'app 1.0, base 2.0')

  const gone = await session.uninstall({ environment, packages: ['app', 'nothing'] })
  assert.deepEqual(gone, { removed: [{ name: 'app', version: '1.0' }], missing: ['nothing'] })
  const exact = await session.install({ environment, packages: ['app'], exact: true, noDependencies: true })
  assert.deepEqual(exact.removed, [{ name: 'base', version: '2.0' }])
  assert.deepEqual(exact.conflicts, ['app 2.0 requires base, which is not installed.'])
})

test('undo and the collector keep out of each other’s way', async (t) => {
  const s = await scene(t)
  if (s === undefined) return
  const { session, environment, root } = s
  await session.install({ environment, packages: ['app<2'] })
  await session.install({ environment, packages: ['app'], upgrade: true })
  const version = path.join(root, '.local/share/den/store/v1')
  const collector = tryLock(path.join(version, 'locks', collectorLock))!
  t.after(() => collector.release())
  const undoing = session.undo({ environment })
  await sleep(700)
  assert.equal(await s.installed(), 'app 2.0, base 2.0')
  // What was collected meanwhile is had again.
  const trees = path.join(version, 'trees')
  for (const name of fs.readdirSync(trees)) {
    const tree = path.join(trees, name)
    if (!fs.existsSync(path.join(tree, 'tree/app-1.0.dist-info'))) continue
    fs.renameSync(tree, path.join(root, 'collected'))
  }
  collector.release()
  assert.deepEqual((await undoing).installed, [{ name: 'app', version: '1.0', requested: true, from: '2.0' }])
  assert.equal(await s.installed(), 'app 1.0, base 2.0')
})

test('a session resolves and downloads without an environment being changed', async (t) => {
  const s = await scene(t)
  if (s === undefined) return
  const { session, environment, root } = s
  const { packages } = await session.resolve({ environment, packages: ['app'], strategy: 'lowest' })
  const [app] = packages.filter(({ name }) => name === 'app')
  assert.equal(app!.version, '1.0')
  assert.deepEqual(app!.requires, ['base'])
  assert.match(app!.file!.hashes['sha256']!, /^[0-9a-f]{64}$/)
  assert.equal(app!.file!.filename, 'app-1.0-py3-none-any.whl')
  const { files } = await session.download({ environment, packages: ['app'], directory: 'wheels' })
  assert.deepEqual(files.map(({ path: file }) => path.relative(root, file)).sort(), [
    'wheels/app-2.0-py3-none-any.whl',
    'wheels/base-2.0-py3-none-any.whl',
  ])
  const offline = { environment, findLinks: ['wheels'], noIndex: true }
  await session.install({ ...offline, packages: ['app'] })
  assert.equal(await s.installed(), 'app 2.0, base 2.0')
})

test('failures are typed, and change nothing', async (t) => {
  const s = await scene(t)
  if (s === undefined) return
  const { session, environment } = s
  await assert.rejects(session.install({ environment, packages: ['app>9'] }), (error) => {
    assert.ok(isDenError(error, 'no-solution'))
    assert.deepEqual(error.detail.missing, ['app'])
    return true
  })
  await assert.rejects(session.install({ environment }), (error) => isDenError(error, 'pip-options-refused'))
  await assert.rejects(session.undo({ environment }), (error) => isDenError(error, 'nothing-to-undo'))
  assert.equal(await s.installed(), '')
})

/** Everything below a directory that a command could leave: paths, without what a store and a cache are for. */
function leftovers(root: string): readonly string[] {
  return fs
    .readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => /(?:^|\/)(?:\.[^/]*den-|run-|work-|tmp|incoming|stage)|\.(?:open|part|tmp)$/.test(name))
    .sort()
}

test('200 installs that are stopped, each at another point, leave the old state and nothing else', async (t) => {
  const s = await scene(t)
  if (s === undefined) return
  const { session, environment, root } = s
  await session.install({ environment, packages: ['app==1.0'] })
  const before = leftovers(root)
  const descriptors = (): number => fs.readdirSync('/proc/self/fd').length
  const handles = (): number => process.getActiveResourcesInfo().filter((name) => name !== 'TCPSocketWrap').length
  const [openBefore, handlesBefore] = [descriptors(), handles()]
  let [aborted, finished] = [0, 0]
  for (let round = 0; round < 200; round += 1) {
    const stop = new AbortController()
    let left = round % 20
    const timer = round % 2 === 0 ? undefined : setTimeout(() => stop.abort(), round / 10)
    const report = (): void => {
      left -= 1
      if (left < 0) stop.abort()
    }
    try {
      await session.install({ environment, packages: ['app==2.0'], reinstall: true, report, signal: stop.signal })
      finished += 1
      assert.equal(await s.installed(), 'app 2.0, base 2.0')
      await session.install({ environment, packages: ['app==1.0'] })
    } catch (error) {
      assert.ok(isDenError(error, 'aborted'), String(error))
      aborted += 1
    } finally {
      clearTimeout(timer)
    }
    assert.equal(await s.installed(), 'app 1.0, base 2.0', `round ${round}`)
  }
  assert.ok(aborted >= 100, `${aborted} were stopped, ${finished} were not`)
  assert.deepEqual(leftovers(root), before)
  if (process.platform === 'linux')
    assert.ok(descriptors() <= openBefore + 8, `${descriptors()} descriptors, ${openBefore} before`)
  assert.ok(handles() <= handlesBefore + 4, `${handles()} handles, ${handlesBefore} before`)
  // No lock is left: another session changes the environment at once.
  await using other = openSession({ host: session.host })
  await other.install({ environment, packages: ['app==2.0'] })
  assert.equal(await s.installed(), 'app 2.0, base 2.0')
})
