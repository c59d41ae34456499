// Changes of one environment by many processes, by processes that are killed, and on a disk that is really full.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { isDenError } from '../../src/base/error.ts'
import { readInstalled } from '../../src/env/installed.ts'
import { realDisk } from '../../src/host/disk.ts'
import { ioError } from '../../src/host/io-error.ts'
import { recoverTransactions } from '../../src/journal/transaction.ts'
import { parseRecord } from '../../src/spec/record.ts'
import { type Ended, runSource } from '../kit/child.ts'
import { type TestContext, testContext } from '../kit/context.ts'
import { den } from '../kit/den.ts'
import type { ChildChanges } from '../kit/faults-child.ts'
import { change, makeScene, picture, remains, type SceneChange, scenePaths, treeOf } from '../kit/faults-scene.ts'
import { randomFrom } from '../kit/random.ts'
import { quickScratch } from '../kit/scratch.ts'
import type { WheelInput } from '../kit/wheel.ts'

const child = path.join(import.meta.dirname, '..', 'kit', 'faults-child.ts')

function project(name: string, version: string): WheelInput {
  const files: Record<string, string> = {}
  for (let index = 0; index < 12; index += 1) files[`${name}/sub${index % 3}/m${index}.py`] = `${version}\n`
  return { name, version, files, scripts: { [name]: `${name}:main` }, data: { data: { [`share/${name}/x`]: version } } }
}

const projects = ['one', 'two', 'three'].flatMap((name) => [project(name, '1.0'), project(name, '2.0')])

/** What is wrong with the environment: files that a RECORD lists and are not there, files that none lists, two of one name. */
function problems(context: TestContext, root: string): readonly string[] {
  const { purelib } = scenePaths(root)
  const installed = readInstalled(context.host, [purelib])
  const names = installed.map(({ project: name }) => name)
  const found = names.filter((name, index) => names.indexOf(name) !== index).map((name) => `two of ${name}`)
  const listed = new Set<string>()
  for (const { location } of installed) {
    const text = fs.readFileSync(path.join(location, 'RECORD'), 'utf8')
    for (const row of parseRecord(text, { outside: 'allow' }))
      listed.add(path.relative(root, path.resolve(purelib, row.path)))
    const [info] = [path.basename(location)]
    for (const file of [...listed].filter((one) => !fs.existsSync(path.join(root, one))))
      found.push(`${info}: no ${file}`)
  }
  for (const file of Object.keys(picture(root)))
    if (!listed.has(file) && !/^(?:pyvenv\.cfg|bin\/python|.*\/)$/.test(file)) found.push(`nobody's: ${file}`)
  return found
}

function run(
  context: TestContext,
  request: ChildChanges,
  options: { fault?: string; killAfter?: number } = {},
): Promise<Ended> {
  const env = { ...context.host.env, ...(options.fault === undefined ? {} : { DEN_TEST_FAULT: options.fault }) }
  return runSource(child, [JSON.stringify(request)], { cwd: request.root, env, killAfter: options.killAfter })
}

function mixes(seed: number, count: number): readonly SceneChange[] {
  const random = randomFrom(seed)
  return Array.from({ length: count }, () => {
    const wheel = projects[Math.floor(random() * projects.length)]!
    if (random() < 0.35) return { remove: [wheel.name] }
    const other = projects[Math.floor(random() * projects.length)]!
    return { install: other.name === wheel.name ? [wheel] : [wheel, other] }
  })
}

test('32 processes install into and remove from one environment: none fails, nothing is broken', async (t) => {
  const context = testContext(t, { root: quickScratch(t) })
  const root = path.join(context.root, 'env')
  makeScene(root)
  for (const wheel of projects) await treeOf(context, wheel)
  const ended = await Promise.all(
    Array.from({ length: 32 }, (_, seed) => run(context, { root, changes: mixes(seed + 1, 3) })),
  )
  assert.deepEqual([...new Set(ended.map(({ output }) => output))], ['done'])
  assert.deepEqual(problems(context, root), [])
  assert.deepEqual(remains(context, root), [])
  t.diagnostic(
    `32 processes, 96 changes: 0 failures, ${readInstalled(context.host, [scenePaths(root).purelib]).length} distributions whole`,
  )
})

test('processes that are killed while others work leave nothing broken, and no lock', async (t) => {
  const context = testContext(t, { root: quickScratch(t) })
  const root = path.join(context.root, 'env')
  makeScene(root)
  for (const wheel of projects) await treeOf(context, wheel)
  const random = randomFrom(7)
  const ended = await Promise.all(
    Array.from({ length: 24 }, (_, seed) =>
      run(context, { root, changes: mixes(seed + 100, 3) }, seed % 2 === 0 ? { killAfter: 150 + random() * 1500 } : {}),
    ),
  )
  for (const { output, signal } of ended) assert.ok(signal === 'SIGKILL' || output === 'done', output)
  recoverTransactions(context, context.places.journal)
  assert.deepEqual(problems(context, root), [])
  assert.deepEqual(remains(context, root), [])
  t.diagnostic(`${ended.filter(({ signal }) => signal === 'SIGKILL').length} of 24 were killed`)
})

test("after SIGKILL in the middle of the renames any command of den's finishes the change", async (t) => {
  const context = testContext(t)
  let finished = 0
  for (let at = 60; at <= 200; at += 7) {
    const root = path.join(context.root, `env${at}`)
    makeScene(root)
    await change(context, root, { install: [project('one', '1.0'), project('two', '1.0')] })
    for (const wheel of projects) await treeOf(context, wheel)
    const changes = [{ install: [project('one', '2.0'), project('three', '1.0')], remove: ['two'] }]
    const { signal, output } = await run(context, { root, changes }, { fault: `kill:${at}` })
    if (signal === null) {
      assert.equal(output, 'done')
      break
    }
    const open = fs.existsSync(path.join(root, '.den', 'transaction'))
    // Another home's den would find the record too; this one is told by its own journal.
    const told = await den(['env', 'list', '--json'], { cwd: context.root, env: { DEN_HOME: context.places.home } })
    assert.equal(told.code, 0, told.stderr)
    assert.deepEqual(remains(context, root), [], `killed at ${at}`)
    assert.deepEqual(problems(context, root), [], `killed at ${at}`)
    const names = readInstalled(context.host, [scenePaths(root).purelib]).map((one) => `${one.project} ${one.version}`)
    assert.deepEqual(
      names,
      open || fs.existsSync(path.join(root, 'share/three')) ? ['one 2.0', 'three 1.0'] : ['one 1.0', 'two 1.0'],
    )
    if (open) finished += 1
  }
  assert.ok(finished > 0)
})

test('on a disk that is really full the old environment stands, and nothing is left', async (t) => {
  const disk = fs.mkdtempSync(path.join(os.tmpdir(), 'den-test-disk-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk]).status === 0
  t.after(() => {
    if (mounted) spawnSync('umount', [disk])
    fs.rmdirSync(disk)
  })
  if (!mounted) return t.skip('NOT TESTED: this user may not mount a small disk')
  const context = testContext(t)
  const root = path.join(disk, 'env')
  makeScene(root)
  const big = (version: string, megabytes: number): WheelInput => ({
    ...project('big', version),
    files: { 'big/a.bin': new Uint8Array(megabytes << 20), 'big/b.bin': new Uint8Array(megabytes << 20) },
  })
  const copied = { linkMode: 'copy' } as const
  await change(context, root, { install: [big('1.0', 1)] }, copied)
  const before = picture(root)
  await assert.rejects(change(context, root, { install: [big('2.0', 4)] }, copied), (error) =>
    isDenError(error, 'disk-full'),
  )
  assert.deepEqual([picture(root), remains(context, root), problems(context, root)], [before, [], []])
  await change(context, root, { install: [big('3.0', 2)] }, copied)
  assert.deepEqual(problems(context, root), [])
})

test('on overlayfs packages of the lower layer are upgraded and removed, and a failure puts them back', async (t) => {
  const disk = fs.mkdtempSync(path.join(os.tmpdir(), 'den-test-layers-'))
  const at = (name: string): string => path.join(disk, name)
  let mounted = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', disk]).status === 0
  t.after(() => {
    spawnSync('umount', [at('merged')])
    if (mounted) spawnSync('umount', [disk])
    fs.rmSync(disk, { recursive: true, force: true })
  })
  if (!mounted) return t.skip('NOT TESTED: this user may not mount file systems')
  const context = testContext(t)
  for (const name of ['lower', 'upper', 'work', 'merged']) fs.mkdirSync(at(name))
  const lower = path.join(at('lower'), 'env')
  makeScene(lower)
  await change(context, lower, { install: [project('one', '1.0'), project('two', '1.0')] }, { linkMode: 'copy' })
  const layers = `lowerdir=${at('lower')},upperdir=${at('upper')},workdir=${at('work')},redirect_dir=off`
  mounted = spawnSync('mount', ['-t', 'overlay', 'overlay', '-o', layers, at('merged')]).status === 0
  if (!mounted) {
    spawnSync('umount', [disk])
    return t.skip('NOT TESTED: this kernel mounts no overlayfs here')
  }
  const root = path.join(at('merged'), 'env')
  const before = picture(root)
  // A directory of the lower layer can't be renamed: that is what is tried here.
  const [from, to] = [path.join(root, 'share/one'), path.join(root, 'share/renamed')]
  assert.throws(() => fs.renameSync(from, to), { code: 'EXDEV' })
  const what: SceneChange = { install: [project('one', '2.0'), project('three', '1.0')], remove: ['two'] }
  let fails = 0
  for (let failAt = 3; failAt < 60; failAt += 4) {
    let files = 0
    const rename = (source: string, target: string): void => {
      files += 1
      if (files === failAt) throw ioError(Object.assign(new Error(), { code: 'EIO' }), 'rename to', target)
      realDisk.rename(source, target)
    }
    const failing = { ...context, host: { ...context.host, disk: { ...realDisk, rename } } }
    const failed = await change(failing, root, what, { linkMode: 'copy' }).then(
      () => false,
      (error: unknown) => isDenError(error, 'io-failed'),
    )
    if (!failed) break
    fails += 1
    assert.deepEqual([picture(root), problems(context, root), remains(context, root)], [before, [], []], String(failAt))
  }
  assert.ok(fails > 5)
  if (readInstalled(context.host, [scenePaths(root).purelib])[0]?.version === '1.0')
    await change(context, root, what, { linkMode: 'copy' })
  assert.deepEqual(problems(context, root), [])
  const names = readInstalled(context.host, [scenePaths(root).purelib]).map((one) => `${one.project} ${one.version}`)
  assert.deepEqual(names, ['one 2.0', 'three 1.0'])
})
