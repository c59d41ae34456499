// Creating on a machine that fails: every single change of the disk is made to fail once, or is the last thing a killed process does.
// What must hold each time: the place holds what it held before or the whole new environment, and the next creation works and tidies up.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { isDenError } from '../../src/base/error.ts'
import { type CreateOptions, createEnvironment } from '../../src/env/create.ts'
import { settlePlace } from '../../src/env/place.ts'
import { type Disk, realDisk } from '../../src/host/disk.ts'
import { faultyDisk } from '../../src/host/faults.ts'
import { type Ended, runSource } from '../kit/child.ts'
import { type TestContext, testContext } from '../kit/context.ts'
import type { ChildRequest } from '../kit/create-child.ts'
import { countingDisk } from '../kit/faults-disk.ts'
import { interpreter } from '../kit/interpreters.ts'
import { quickScratch } from '../kit/scratch.ts'

const child = path.join(import.meta.dirname, '..', 'kit', 'create-child.ts')

/** What an environment is made with here: no real Python is needed, only its name. */
const python = interpreter('3.13.0')

type Way = 'new' | 'clear' | 'clear in place' | 'empty directory' | 'reuse'
const ways: readonly Way[] = ['new', 'clear', 'clear in place', 'empty directory', 'reuse']

interface Scene {
  readonly context: TestContext
  readonly options: CreateOptions
  /** The same, on a disk without faults. */
  readonly sound: TestContext
}

/** The place as it is before, and the creation to try. */
async function stage(t: Parameters<typeof testContext>[0], way: Way, disk: Disk): Promise<Scene> {
  const first = testContext(t, { root: quickScratch(t) })
  const root = path.join(first.root, 'env')
  const cwd = way === 'clear in place' ? root : first.root
  const journal = first.places.journal
  const options = { root, interpreter: python, settings: { prompt: 'new' }, ignoreFiles: true, journal } as const
  if (way === 'empty directory') fs.mkdirSync(root)
  else if (way !== 'new')
    await createEnvironment(first, { ...options, settings: { prompt: 'old' }, existing: 'refuse' })
  if (way.startsWith('clear')) fs.writeFileSync(path.join(root, 'marker'), 'old')
  const existing = way.startsWith('clear') ? 'clear' : way === 'reuse' ? 'reuse' : 'refuse'
  const host = { ...first.host, cwd }
  return {
    context: { ...first, host: { ...host, disk } },
    sound: { ...first, host: { ...host, disk: realDisk } },
    options: { ...options, existing },
  }
}

/** "nothing", "old", "new" or what is wrong. */
function state(root: string, way: Way): string {
  if (!fs.existsSync(root)) return 'nothing'
  const names = fs.readdirSync(root).filter((name) => !name.includes('.den-'))
  if (names.length === 0) return 'nothing'
  const cfg = path.join(root, 'pyvenv.cfg')
  const prompt = fs.existsSync(cfg) ? /^prompt = '(.*)'$/m.exec(fs.readFileSync(cfg, 'utf8'))?.[1] : undefined
  const missing = ['bin/activate', 'lib/python3.13/site-packages', '.gitignore', 'include/python3.13'].filter(
    (name) => !fs.existsSync(path.join(root, name)),
  )
  const link = fs.readlinkSync(path.join(root, 'bin/python'))
  if (missing.length > 0 || link !== python.executable || prompt === undefined)
    return `half-made: ${missing.join()} ${link}`
  if (way.startsWith('clear') && fs.existsSync(path.join(root, 'marker')) !== (prompt === 'old')) return 'mixed'
  return prompt
}

function leftovers(context: TestContext): readonly string[] {
  const { root, places } = context
  const inside = path.join(root, 'env')
  return [
    ...fs.readdirSync(root).filter((name) => name.includes('.den-')),
    ...(fs.existsSync(inside) ? fs.readdirSync(inside).filter((name) => name.includes('.den-')) : []),
    ...(fs.existsSync(places.journal) ? fs.readdirSync(places.journal) : []).filter((name) => !name.endsWith('.lock')),
  ]
}

async function changesOf(t: Parameters<typeof testContext>[0], way: Way): Promise<number> {
  const counter = countingDisk(realDisk)
  const { context, options } = await stage(t, way, counter.disk)
  await createEnvironment(context, options)
  assert.equal(state(options.root, way), 'new')
  assert.deepEqual(leftovers(context), [])
  return counter.count()
}

for (const way of ways) {
  test(`create (${way}): every change may fail, once or for good, and nothing is left half-made`, async (t) => {
    const changes = await changesOf(t, way)
    assert.ok(changes > 5)
    const before = way === 'new' || way === 'empty directory' ? 'nothing' : 'old'
    for (let at = 1; at <= changes; at += 1) {
      for (const how of ['ENOSPC', 'EIO', 'EROFS'] as const) {
        const { context, sound, options } = await stage(t, way, faultyDisk(realDisk, { at, how }))
        const label = `${how} at ${at} of ${changes}`
        let failed = false
        try {
          await createEnvironment(context, options)
        } catch (error) {
          failed = true
          assert.ok(isDenError(error, 'disk-full', 'io-failed', 'read-only-disk'), `${label}: ${error}`)
          assert.doesNotMatch(error.message, /\.den-/, label)
        }
        // Where the disk failed for good in the middle of a switch, the journal knows of it, and whoever looks next finishes it.
        const open =
          fs.existsSync(options.journal) && fs.readdirSync(options.journal).some((name) => name.endsWith('.json'))
        if (open) settlePlace(sound, options.root, options.journal)
        const after = state(options.root, way)
        if (way === 'reuse' || open) assert.ok([before, 'new'].includes(after), `${label}: ${after}`)
        else assert.equal(after, failed ? before : 'new', label)
        // What could not be removed at the very end stays until this process has ended.
        if (how === 'ENOSPC' || after !== 'new') assert.deepEqual(how === 'EROFS' ? [] : leftovers(context), [], label)
        if (after === 'new' && before === 'nothing') continue
        await createEnvironment(sound, options)
        assert.equal(state(options.root, way), 'new', label)
      }
    }
  })
}

function runChild(request: ChildRequest, fault?: string): Promise<Ended> {
  const env = {
    PATH: process.env['PATH'],
    HOME: '/nowhere',
    ...(fault === undefined ? {} : { DEN_TEST_FAULT: fault }),
  }
  return runSource(child, [JSON.stringify(request)], { env, cwd: request.cwd })
}

for (const way of ['new', 'clear', 'clear in place'] as const) {
  test(`create (${way}): killed at every change, the place is whole or found whole by the next`, async (t) => {
    const changes = await changesOf(t, way)
    const before = way === 'new' ? 'nothing' : 'old'
    const tryOne = async (at: number): Promise<void> => {
      const { sound, options } = await stage(t, way, realDisk)
      const { root, journal, existing } = options
      const request = {
        root,
        interpreter: python,
        existing,
        journal,
        cwd: sound.host.cwd,
        prompt: 'new',
      } as ChildRequest
      const { signal, output } = await runChild(request, `kill:${at}`)
      assert.equal(signal, 'SIGKILL', `${at}: ${output}`)
      if (way === 'new')
        assert.ok(['nothing', 'new'].includes(state(root, way)), `killed at ${at}: ${state(root, way)}`)
      // The next command that looks finds it whole; --clear makes it anew whatever it finds.
      let refused = false
      try {
        await createEnvironment(sound, { ...options, settings: { prompt: 'old' }, existing: 'refuse' })
      } catch (error) {
        refused = true
        assert.ok(isDenError(error, 'environment-exists'), `killed at ${at}: ${error}`)
      }
      const found = state(root, way)
      assert.ok(refused ? [before, 'new'].includes(found) : found === 'old', `killed at ${at}: ${found}`)
      await createEnvironment(sound, { ...options, existing: 'clear' })
      assert.equal(state(root, way), 'new')
      assert.deepEqual(leftovers(sound), [], `killed at ${at}`)
    }
    // What comes before the switch is the same for all three; there a few will do.
    const numbers = Array.from({ length: changes }, (_, index) => index + 1).filter(
      (at) => way === 'new' || at > 20 || at % 8 === 1,
    )
    for (let index = 0; index < numbers.length; index += 4) {
      await Promise.all(numbers.slice(index, index + 4).map(tryOne))
    }
  })
}

test('create: of many processes at one place one makes it and the others say so', async (t) => {
  const context = testContext(t)
  const request = (name: string): ChildRequest => ({
    root: path.join(context.root, name),
    interpreter: python,
    existing: 'refuse',
    journal: context.places.journal,
    cwd: context.root,
    prompt: 'new',
  })
  fs.mkdirSync(path.join(context.root, 'empty'))
  for (const name of ['env', 'empty']) {
    const outcomes = (await Promise.all(Array.from({ length: 16 }, () => runChild(request(name))))).map(
      ({ output }) => output,
    )
    assert.equal(outcomes.filter((outcome) => outcome === 'created').length, 1, outcomes.join())
    assert.ok(
      outcomes.every((outcome) => ['created', 'environment-raced', 'environment-exists'].includes(outcome)),
      outcomes.join(),
    )
    assert.equal(state(path.join(context.root, name), 'new'), 'new')
  }
  assert.deepEqual(leftovers(context), [])
  assert.deepEqual(
    fs.readdirSync(path.join(context.root, 'empty')).filter((name) => name.includes('.den-')),
    [],
  )
})

test('create: 32 processes make 32 environments side by side, and any number may clear one', async (t) => {
  const context = testContext(t)
  const request = (name: string, existing: ChildRequest['existing']): ChildRequest => ({
    root: path.join(context.root, name),
    interpreter: python,
    existing,
    journal: context.places.journal,
    cwd: context.root,
    prompt: 'new',
  })
  const made = await Promise.all(Array.from({ length: 32 }, (_, index) => runChild(request(`env${index}`, 'refuse'))))
  assert.deepEqual([...new Set(made.map(({ output }) => output))], ['created'])
  const cleared = await Promise.all(Array.from({ length: 12 }, () => runChild(request('env0', 'clear'))))
  assert.ok(
    cleared.every(({ output }) => ['replaced', 'created', 'environment-raced'].includes(output)),
    cleared.map(({ output }) => output).join(),
  )
  assert.equal(state(path.join(context.root, 'env0'), 'new'), 'new')
  assert.deepEqual(leftovers(context), [])
})

test('create: what another process is making at the moment is left alone', async (t) => {
  const context = testContext(t)
  const root = path.join(context.root, 'env')
  const { interpreter: _, ...rest } = (await stage(t, 'new', realDisk)).options
  const options = { ...rest, root, journal: context.places.journal, interpreter: python }
  let during: readonly string[] = []
  await createEnvironment(context, {
    ...options,
    fill: async () => {
      // A second one begins and ends while the first is still being filled.
      await createEnvironment(context, { ...options, root: path.join(context.root, 'other') })
      during = leftovers(context)
    },
  })
  assert.equal(during.length, 1)
  assert.equal(state(root, 'new'), 'new')
})

/** The directory of a small file system of its own; undefined where this user may not mount one. */
function mountSmall(t: Parameters<typeof testContext>[0], size: string): string | undefined {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'den-test-disk-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', directory]).status === 0
  t.after(() => {
    if (mounted) spawnSync('umount', [directory])
    fs.rmdirSync(directory)
  })
  return mounted ? directory : undefined
}

test('create: on a disk that is really full nothing is left, and the old environment stands', async (t) => {
  const context = testContext(t)
  const disk = mountSmall(t, '128k')
  if (disk === undefined) return t.skip('NOT TESTED: this user may not mount a small disk')
  const options = { interpreter: python, settings: {}, ignoreFiles: true, journal: context.places.journal } as const
  const one = { ...options, root: path.join(disk, 'one') }
  await createEnvironment(context, { ...one, existing: 'refuse' })
  fs.writeFileSync(path.join(one.root, 'marker'), 'old')
  const rest = fs.statfsSync(disk)
  fs.writeFileSync(path.join(disk, 'ballast'), new Uint8Array(Math.max(0, rest.bavail - 3) * rest.bsize))
  const isFull = (error: unknown): boolean => isDenError(error, 'disk-full')
  await assert.rejects(
    createEnvironment(context, { ...options, root: path.join(disk, 'two'), existing: 'refuse' }),
    isFull,
  )
  await assert.rejects(createEnvironment(context, { ...one, existing: 'clear' }), isFull)
  assert.deepEqual(fs.readdirSync(disk).sort(), ['ballast', 'one'])
  assert.ok(fs.existsSync(path.join(one.root, 'marker')))
  fs.rmSync(path.join(disk, 'ballast'))
  assert.equal((await createEnvironment(context, { ...one, existing: 'clear' })).outcome, 'replaced')
  assert.ok(!fs.existsSync(path.join(one.root, 'marker')))
})

test('create: a mount point gets an environment, and --clear leaves it mounted', async (t) => {
  const context = testContext(t)
  const root = mountSmall(t, '1m')
  if (root === undefined) return t.skip('NOT TESTED: this user may not mount a small disk')
  const { dev } = fs.statSync(root)
  const options = {
    root,
    interpreter: python,
    settings: {},
    ignoreFiles: true,
    journal: context.places.journal,
  } as const
  assert.equal((await createEnvironment(context, { ...options, existing: 'refuse' })).outcome, 'created')
  fs.writeFileSync(path.join(root, 'marker'), 'old')
  assert.equal((await createEnvironment(context, { ...options, existing: 'clear' })).outcome, 'replaced')
  assert.equal(fs.statSync(root).dev, dev)
  assert.ok(fs.existsSync(path.join(root, 'pyvenv.cfg')) && !fs.existsSync(path.join(root, 'marker')))
  assert.deepEqual(
    fs.readdirSync(root).filter((name) => name.includes('.den-')),
    [],
  )
})
