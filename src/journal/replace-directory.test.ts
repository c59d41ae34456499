import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { writeTree } from '../../tests/kit/scratch.ts'
import { DenError, isDenError } from '../base/error.ts'
import { type Disk, realDisk } from '../host/disk.ts'
import { tryLock } from '../host/lock.ts'
import { processMark } from '../host/processes.ts'
import { recoverJournal, replaceContents, replaceDirectory } from './replace-directory.ts'

/** A process number that belongs to nobody: above every limit of the system. */
const endedMark = `${processMark().split('-')[0]}-${(2 ** 30).toString(36)}`

/** A disk that stops for good at the change `at`, as a killed process does. */
function stopping(at: number): Disk {
  let count = 0
  return Object.fromEntries(
    Object.entries(realDisk).map(([name, change]) => [
      name,
      (...args: unknown[]) => {
        count += 1
        if (count >= at) throw new Error('killed')
        ;(change as (...args: unknown[]) => void)(...args)
      },
    ]),
  ) as unknown as Disk
}

/** The records as a process that has ended would have left them. */
function endEveryProcess(journal: string): void {
  if (!fs.existsSync(journal)) return
  for (const [index, name] of fs.readdirSync(journal).entries()) {
    fs.renameSync(path.join(journal, name), path.join(journal, `${endedMark}-${index}.json`))
  }
}

function setUp(t: Parameters<typeof testContext>[0], at = Number.POSITIVE_INFINITY) {
  const context = testContext(t, { host: { disk: stopping(at) } })
  const { root } = context
  writeTree(root, { 'env/old': 'old', 'env/both': 'old', 'env/sub/x': 'old' })
  return { context, root, journal: path.join(root, 'journal') }
}

function contentOf(directory: string): Record<string, string> {
  const names = fs.readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    names
      .map((entry) => path.join(entry.parentPath, entry.name))
      .map((file) => [path.relative(directory, file), fs.readFileSync(file, 'utf8')]),
  )
}

const before = { old: 'old', both: 'old', [path.join('sub', 'x')]: 'old' }
const after = { both: 'new', [path.join('sub', 'y')]: 'new' }

test('replaceDirectory() leaves the new directory and nothing else', (t) => {
  const { context, root, journal } = setUp(t)
  writeTree(root, { 'staged/both': 'new', 'staged/sub/y': 'new' })
  const at = (name: string): string => path.join(root, name)
  replaceDirectory(context, { journal, target: at('env'), staged: at('staged'), aside: at('aside') })
  assert.deepEqual(contentOf(at('env')), after)
  assert.deepEqual(fs.readdirSync(root).sort(), ['env', 'journal'])
  assert.deepEqual(fs.readdirSync(journal), [])
})

test('replaceDirectory() stopped at any change is finished or taken back by recoverJournal()', (t) => {
  for (let at = 1; at < 20; at += 1) {
    const { context, root, journal } = setUp(t, at)
    writeTree(root, { 'staged/both': 'new', 'staged/sub/y': 'new' })
    const place = (name: string): string => path.join(root, name)
    const request = { journal, target: place('env'), staged: place('staged'), aside: place('aside') }
    let killed = false
    try {
      replaceDirectory(context, request)
    } catch {
      killed = true
    }
    const recorded = fs.existsSync(journal) && fs.readdirSync(journal).length > 0
    endEveryProcess(journal)
    recoverJournal({ ...context, host: { ...context.host, disk: realDisk } }, journal)
    const now = contentOf(place('env'))
    assert.ok(same(now, before) || same(now, after), `${at}: ${JSON.stringify(now)}`)
    if (recorded) assert.deepEqual(fs.readdirSync(root).sort(), ['env', 'journal'], String(at))
    if (!killed) return
  }
  assert.fail('it never came to an end')
})

function sorted(value: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(value).sort())
}

function same(one: Record<string, string>, other: Record<string, string>): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))
}

test('replaceDirectory() puts the old one back when the new one cannot come', (t) => {
  const context = testContext(t, {
    host: {
      disk: {
        ...realDisk,
        rename: (from, to) => {
          if (path.basename(from) === 'staged') realDisk.rename(path.join(from, 'missing'), to)
          else realDisk.rename(from, to)
        },
      },
    },
  })
  const { root } = context
  writeTree(root, { 'env/old': 'old', 'staged/new': 'new' })
  const at = (name: string): string => path.join(root, name)
  assert.throws(
    () =>
      replaceDirectory(context, {
        journal: at('journal'),
        target: at('env'),
        staged: at('staged'),
        aside: at('aside'),
      }),
    (error) => isDenError(error, 'io-failed'),
  )
  assert.deepEqual(contentOf(at('env')), { old: 'old' })
  assert.deepEqual(fs.readdirSync(at('journal')), [])
})

function contentsRequest(root: string, journal: string) {
  const env = path.join(root, 'env')
  return {
    journal,
    target: env,
    staged: path.join(env, '.staged'),
    aside: path.join(env, '.aside'),
    old: ['old', 'both', 'sub'],
    new: ['both', 'sub'],
  }
}

test('replaceContents() keeps the directory itself and what it was not told of', (t) => {
  const { context, root, journal } = setUp(t)
  writeTree(root, { 'env/.staged/both': 'new', 'env/.staged/sub/y': 'new', 'env/.other': 'kept' })
  const inode = fs.statSync(path.join(root, 'env')).ino
  replaceContents(context, contentsRequest(root, journal))
  assert.deepEqual(contentOf(path.join(root, 'env')), { ...after, '.other': 'kept' })
  assert.equal(fs.statSync(path.join(root, 'env')).ino, inode)
  assert.deepEqual(fs.readdirSync(journal), [])
})

test('replaceContents() stopped at any change is finished by recoverJournal()', (t) => {
  for (let at = 1; at < 20; at += 1) {
    const { context, root, journal } = setUp(t, at)
    writeTree(root, { 'env/.staged/both': 'new', 'env/.staged/sub/y': 'new' })
    let killed = false
    try {
      replaceContents(context, contentsRequest(root, journal))
    } catch {
      killed = true
    }
    const recorded = fs.existsSync(journal) && fs.readdirSync(journal).length > 0
    endEveryProcess(journal)
    recoverJournal({ ...context, host: { ...context.host, disk: realDisk } }, journal)
    // What was aside when the record was struck out is no part of the change any more; whoever gave it its name removes it.
    const left = Object.entries(contentOf(path.join(root, 'env')))
    const now = Object.fromEntries(left.filter(([name]) => !name.startsWith('.')))
    if (recorded) assert.equal(left.length, Object.keys(now).length)
    assert.ok(same(now, at <= 3 ? before : after), `${at}: ${JSON.stringify(now)}`)
    if (!killed) return
  }
  assert.fail('it never came to an end')
})

test('replaceContents() takes every move back when one fails', (t) => {
  let moves = 0
  const failing: Disk = {
    ...realDisk,
    rename: (from, to) => {
      moves += 1
      realDisk.rename(moves === 5 ? `${from}.missing` : from, to)
    },
  }
  const context = testContext(t, { host: { disk: failing } })
  writeTree(context.root, {
    'env/old': 'old',
    'env/both': 'old',
    'env/sub/x': 'old',
    'env/.staged/both': 'new',
    'env/.staged/sub/y': 'new',
  })
  assert.throws(() => replaceContents(context, contentsRequest(context.root, path.join(context.root, 'journal'))))
  assert.deepEqual(sorted(contentOf(path.join(context.root, 'env'))), sorted(before))
})

test('recoverJournal() leaves the work of a living process and what it cannot read', (t) => {
  const { context, root } = setUp(t)
  const journal = path.join(root, 'journal')
  const record = {
    kind: 'directory',
    target: path.join(root, 'env'),
    staged: path.join(root, 's'),
    aside: path.join(root, 'a'),
  }
  writeTree(journal, {
    [`${processMark()}-1.json`]: JSON.stringify(record),
    [`${endedMark}-2.json`]: '{"kind":"direc',
    [`${endedMark}-3.json`]: JSON.stringify({ ...record, kind: 'contents', old: ['../../etc'], new: [] }),
    'notes.txt': 'not ours',
  })
  assert.equal(recoverJournal(context, journal), 0)
  assert.equal(fs.readdirSync(journal).length, 4)
  assert.deepEqual(
    context.events.map((event) => (event.kind === 'warning' ? event.warning.code : event.kind)),
    ['journal-damaged', 'journal-damaged'],
  )
})

for (const way of ['a lock', 'a process'] as const) {
  test(`recoverJournal() leaves what was finished between reading its record and seeing that ${way} is gone`, (t) => {
    const { context, root, journal } = setUp(t, 5)
    writeTree(root, { 'env/.staged/both': 'new', 'env/.staged/sub/y': 'new' })
    const lock = path.join(root, 'lock')
    const request = { ...contentsRequest(root, journal), ...(way === 'a lock' ? { lock } : {}) }
    assert.throws(() => replaceContents(context, request))
    endEveryProcess(journal)
    const sound = { ...context, host: { ...context.host, disk: realDisk } }
    let settledByOther = 0
    const files = {
      ...sound.host.files,
      readText: (file: string) => {
        const text = sound.host.files.readText(file)
        if (settledByOther === 0) settledByOther = recoverJournal(sound, journal)
        return text
      },
    }
    assert.equal(recoverJournal({ ...sound, host: { ...sound.host, files } }, journal), 0)
    assert.equal(settledByOther, 1)
    assert.deepEqual(sorted(contentOf(path.join(root, 'env'))), sorted(after))
    tryLock(lock)!.release()
  })
}

test('recoverJournal() of an empty or missing journal finds nothing', (t) => {
  const { context, root } = setUp(t)
  assert.equal(recoverJournal(context, path.join(root, 'nowhere')), 0)
})

test('recoverJournal() brings the old entries back when the new directory is lost', (t) => {
  for (const at of [9, 10]) {
    const { context, root, journal } = setUp(t, at)
    writeTree(root, { 'env/.staged/both': 'new', 'env/.staged/sub/y': 'new' })
    assert.throws(() => replaceContents(context, contentsRequest(root, journal)))
    fs.rmSync(path.join(root, 'env/.staged'), { recursive: true })
    endEveryProcess(journal)
    recoverJournal({ ...context, host: { ...context.host, disk: realDisk } }, journal)
    assert.deepEqual(sorted(contentOf(path.join(root, 'env'))), sorted(before))
  }
})

test('recoverJournal() goes by the lock where there is one', (t) => {
  const { context, root, journal } = setUp(t, 3)
  const sound = { ...context, host: { ...context.host, disk: realDisk } }
  writeTree(root, { 'staged/both': 'new', 'staged/sub/y': 'new', 'journal/x': '' })
  const at = (name: string): string => path.join(root, name)
  const lock = tryLock(at('journal/env.lock'))!
  const request = { journal, target: at('env'), staged: at('staged'), aside: at('aside'), lock: lock.path }
  assert.throws(() => replaceDirectory(context, request))
  assert.ok(!fs.existsSync(at('env')))
  assert.equal(recoverJournal(sound, journal), 0, 'somebody is at it')
  assert.equal(recoverJournal(sound, journal, { holding: lock.path }), 1, 'the caller is')
  assert.deepEqual(sorted(contentOf(at('env'))), sorted(after))
  lock.release()
})

/** A replacement of `name` that was stopped between its two renames by a process that has ended. */
function stopped(root: string, journal: string, name: string): void {
  writeTree(root, { [`${name}.staged/both`]: 'new', [`${name}.aside/both`]: 'old' })
  const at = (suffix: string): string => path.join(root, `${name}${suffix}`)
  const record = { kind: 'directory', target: at(''), staged: at('.staged'), aside: at('.aside') }
  writeTree(journal, { [`${endedMark}-${name}.json`]: `${JSON.stringify(record)}\n` })
}

test('recoverJournal() lets one place that cannot be settled keep nobody from another', (t) => {
  const { context, root, journal } = setUp(t)
  for (const name of ['a', 'b', 'c']) stopped(root, journal, name)
  const stubborn: Disk = {
    ...realDisk,
    rename: (from, to) => {
      if (to === path.join(root, 'b'))
        throw new DenError('permission-denied', { operation: 'rename', path: to, errno: 'EACCES' })
      realDisk.rename(from, to)
    },
  }
  const refusing = { ...context, host: { ...context.host, disk: stubborn } }
  assert.equal(recoverJournal(refusing, journal, { about: path.join(root, 'a') }), 2)
  assert.deepEqual(
    [contentOf(path.join(root, 'a')), contentOf(path.join(root, 'c'))],
    [{ both: 'new' }, { both: 'new' }],
  )
  assert.deepEqual(fs.readdirSync(journal), [`${endedMark}-b.json`])
  assert.deepEqual(
    context.events.map((event) => (event.kind === 'warning' ? event.warning.code : event.kind)),
    ['permission-denied'],
  )
  // What was to be settled here is no side matter: going on would take it for rubbish.
  assert.throws(
    () => recoverJournal(refusing, journal, { about: path.join(root, 'b') }),
    (error) => isDenError(error, 'permission-denied'),
  )
})

test('recoverJournal() keeps a record whose lock cannot be had', (t) => {
  const { context, root, journal } = setUp(t)
  const at = (name: string): string => path.join(root, name)
  writeTree(root, { 'staged/x': 'new', 'a file': '' })
  const record = {
    kind: 'directory',
    target: at('gone'),
    staged: at('staged'),
    aside: at('aside'),
    lock: at('a file/lock'),
  }
  writeTree(journal, { [`${endedMark}-1.json`]: JSON.stringify(record) })
  assert.equal(recoverJournal(context, journal), 0)
  assert.deepEqual(contentOf(at('staged')), { x: 'new' })
  assert.equal(context.events.length, 1)
})

test('recoverJournal() waits a month for a disk that is not there', (t) => {
  const { context, root, journal } = setUp(t)
  stopped(root, journal, 'a')
  const day = 24 * 60 * 60 * 1000
  const later = (days: number) => ({
    ...context,
    host: { ...context.host, disk: realDisk, now: () => Date.now() + days * day },
  })
  const unplugged = path.join(root, 'unplugged')
  fs.mkdirSync(unplugged)
  for (const suffix of ['staged', 'aside']) fs.renameSync(path.join(root, `a.${suffix}`), path.join(unplugged, suffix))
  assert.equal(recoverJournal(later(2), journal), 0)
  assert.equal(fs.readdirSync(journal).length, 1)
  for (const suffix of ['staged', 'aside']) fs.renameSync(path.join(unplugged, suffix), path.join(root, `a.${suffix}`))
  assert.equal(recoverJournal(later(2), journal), 1)
  assert.deepEqual(contentOf(path.join(root, 'a')), { both: 'new' })

  stopped(root, journal, 'b')
  for (const suffix of ['staged', 'aside']) fs.rmSync(path.join(root, `b.${suffix}`), { recursive: true })
  assert.equal(recoverJournal(later(40), journal), 1)
  assert.deepEqual(fs.readdirSync(journal), [])
})
