import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { picture } from '../../tests/kit/faults-scene.ts'
import { scratch, writeTree } from '../../tests/kit/scratch.ts'
import { isDenError } from '../base/error.ts'
import { realDisk } from '../host/disk.ts'
import { ioError } from '../host/io-error.ts'
import { openTransaction, recoverTransaction, recoverTransactions, workDirectory } from './transaction.ts'

const before = {
  'env/site/app/__init__.py': '1',
  'env/site/app/old.py': '1',
  'env/site/app/sub/x.py': '1',
  'env/site/app-1/RECORD': '1',
  'env/site/mine/own.txt': 'user',
  'env/site/mine/gone.py': '1',
  'env/bin/app': '1',
  'env/bin/python': 'python',
}
const goes = [
  'site/app/__init__.py',
  'site/app/old.py',
  'site/app/sub/x.py',
  'site/app-1/RECORD',
  'site/mine/gone.py',
  'bin/app',
]
const comes = {
  'site/app/__init__.py': '2',
  'site/app/new.py': '2',
  'site/app-2/RECORD': '2',
  'site/mine/come.py': '2',
  'bin/app': '2',
}
const after = {
  'bin/app': '2',
  'bin/python': 'python',
  'site/app/__init__.py': '2',
  'site/app/new.py': '2',
  'site/app-2/RECORD': '2',
  'site/mine/come.py': '2',
  'site/mine/own.txt': 'user',
}

test('a transaction removes and merges by few renames, and leaves what others own', async (t) => {
  const context = testContext(t)
  writeTree(context.root, before)
  const root = path.join(context.root, 'env')
  const transaction = await openTransaction(context, { root, journal: context.places.journal })
  writeTree(transaction.stage, comes)
  const plan = transaction.plan(goes.map((file) => path.join(root, file)))
  const sorted = (moves: readonly (readonly (string | number)[])[]): readonly string[] =>
    moves.map((move) => move.slice(0, move[0] === 'out' ? 2 : 3).join(' ')).sort()
  assert.deepEqual(
    sorted(plan.moves),
    sorted([
      ['out', 'bin/app'],
      ['in', 'bin/app'],
      ['out', 'site/app'],
      ['in', 'site/app'],
      ['out', 'site/app-1'],
      ['out', 'site/mine/gone.py'],
      ['in', 'site/app-2'],
      ['in', 'site/mine/come.py'],
    ]),
  )
  assert.deepEqual(plan.displaced, [])
  const at = (...move: readonly string[]): number =>
    plan.moves.findIndex((one) => one[0] === move[0] && one[1] === move[1])
  assert.equal(at('in', 'site/app'), at('out', 'site/app') + 1)
  transaction.commit(plan)
  transaction.close()
  assert.deepEqual(picture(root), Object.fromEntries(Object.entries(after).sort()))
  assert.deepEqual(fs.readdirSync(path.join(root, '.den')), ['lock'])
  assert.deepEqual(fs.readdirSync(context.places.journal), [])
})

test('a file that was not to go gives way and is named; a directory or a file in the wrong place is refused', async (t) => {
  const context = testContext(t)
  writeTree(context.root, before)
  const root = path.join(context.root, 'env')
  const transaction = await openTransaction(context, { root, journal: context.places.journal })
  writeTree(transaction.stage, { 'site/mine/own.txt': 'new' })
  assert.deepEqual(transaction.plan([]).displaced, [path.join(root, 'site/mine/own.txt')])
  writeTree(transaction.stage, { 'bin/app/x': 'directory' })
  assert.throws(
    () => transaction.plan([]),
    (error) => isDenError(error, 'install-blocked'),
  )
  fs.rmSync(path.join(transaction.stage, 'bin'), { recursive: true })
  writeTree(transaction.stage, { site: undefined, 'site/app': 'file' })
  assert.throws(
    () => transaction.plan([]),
    (error) => isDenError(error, 'install-blocked'),
  )
  transaction.close()
  assert.deepEqual(fs.readdirSync(path.join(root, '.den')), ['lock'])
})

test('through a link inside the root things come to where it leads; never through one that leads out', async (t) => {
  const context = testContext(t)
  writeTree(context.root, { 'env/lib/x': '1', 'outside/y': '1' })
  const root = path.join(context.root, 'env')
  fs.symlinkSync('lib', path.join(root, 'lib64'))
  fs.symlinkSync('../outside', path.join(root, 'store'))
  const transaction = await openTransaction(context, { root, journal: context.places.journal })
  writeTree(transaction.stage, { 'lib64/z': '2' })
  const plan = transaction.plan([path.join(root, 'lib64/x')], [path.join(root, 'lib')])
  assert.deepEqual(
    plan.moves.map((move) => (move[0] === 'out' ? move.slice(0, 2) : move)),
    [
      ['out', 'lib/x'],
      ['in', 'lib/z', 'lib64/z'],
    ],
  )
  transaction.commit(plan)
  assert.deepEqual(picture(root), { 'lib/z': '2', lib64: '-> lib', store: '-> ../outside' })
  transaction.close()
  const second = await openTransaction(context, { root, journal: context.places.journal })
  writeTree(second.stage, { 'store/evil': '2' })
  assert.throws(
    () => second.plan([]),
    (error) => isDenError(error, 'install-blocked'),
  )
  assert.throws(
    () => second.plan([path.join(root, 'store/y')]),
    (error) => isDenError(error, 'install-blocked'),
  )
  second.close()
})

test('where directories cannot be renamed their files are moved, and failing then takes every one back', async (t) => {
  for (const failAt of [undefined, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) {
    const plain = testContext(t)
    let files = 0
    const rename = (from: string, to: string): void => {
      const code = fs.lstatSync(from, { throwIfNoEntry: false })?.isDirectory() ? 'EXDEV' : undefined
      if (code === undefined && !to.endsWith('.open')) files += 1
      if (code !== undefined || files === failAt)
        throw ioError(Object.assign(new Error(), { code: code ?? 'EIO' }), 'rename to', to)
      realDisk.rename(from, to)
    }
    const context = { ...plain, host: { ...plain.host, disk: { ...realDisk, rename } } }
    writeTree(plain.root, before)
    const root = path.join(plain.root, 'env')
    const old = picture(root)
    const transaction = await openTransaction(context, { root, journal: plain.places.journal })
    writeTree(transaction.stage, comes)
    const change = (): void => transaction.commit(transaction.plan(goes.map((file) => path.join(root, file))))
    if (failAt === undefined) change()
    else assert.throws(change, (error) => isDenError(error, 'io-failed'))
    transaction.close()
    assert.deepEqual(picture(root), failAt === undefined ? Object.fromEntries(Object.entries(after).sort()) : old)
    assert.deepEqual(fs.readdirSync(path.join(root, '.den')), ['lock'])
  }
})

test('a record that was cut off means that nothing was done; one damaged later is said and left', async (t) => {
  const context = testContext(t)
  writeTree(context.root, { ...before, 'env/.den/transaction': '{"schema":1,"mo', 'env/.den/new/x': '1' })
  const root = path.join(context.root, 'env')
  assert.equal(recoverTransaction(context, root), true)
  assert.deepEqual(fs.readdirSync(path.join(root, '.den')), ['lock'])
  writeTree(root, { '.den/transaction': 'x', '.den/old/site/y': '1' })
  assert.throws(
    () => recoverTransaction(context, root),
    (error) => isDenError(error, 'journal-damaged'),
  )
})

test('recoverTransactions() passes over what somebody is at, and over what is gone', async (t) => {
  const context = testContext(t)
  const { journal } = context.places
  writeTree(context.root, before)
  const root = path.join(context.root, 'env')
  const transaction = await openTransaction(context, { root, journal })
  assert.deepEqual(recoverTransactions(context, journal), [])
  assert.equal(fs.readdirSync(journal).length, 1)
  assert.ok(fs.existsSync(transaction.stage))
  transaction.close()
  fs.writeFileSync(path.join(journal, 'x.open'), `${path.join(context.root, 'nowhere')}\n`)
  assert.deepEqual(recoverTransactions(context, journal), [])
  assert.deepEqual(fs.readdirSync(journal), [])
  assert.deepEqual(recoverTransactions(context, path.join(scratch(t), 'none')), [])
})

test('what another tool put in since a kill stays, also where something was to go', async (t) => {
  const context = testContext(t)
  writeTree(context.root, before)
  const root = path.join(context.root, 'env')
  // Killed after the last rename: the record still stands.
  const removeFile = (): void => {
    throw new Error('killed')
  }
  const dying = { ...context, host: { ...context.host, disk: { ...realDisk, removeFile } } }
  const transaction = await openTransaction(dying, { root, journal: context.places.journal })
  assert.throws(() => transaction.commit(transaction.plan(goes.map((file) => path.join(root, file)))), /killed/)
  transaction.close()
  fs.writeFileSync(path.join(root, 'bin/app'), 'by pip')
  writeTree(root, { 'site/app/__init__.py': 'by pip' })
  recoverTransactions(context, context.places.journal)
  assert.deepEqual(picture(root), {
    'bin/app': 'by pip',
    'bin/python': 'python',
    'site/app/__init__.py': 'by pip',
    'site/mine/own.txt': 'user',
  })
})

test('a traceless transaction leaves nothing of den', async (t) => {
  const context = testContext(t)
  const root = path.join(context.root, 'target')
  fs.mkdirSync(root)
  const transaction = await openTransaction(context, { root, journal: context.places.journal, traceless: true })
  writeTree(transaction.stage, { 'a/b': '1' })
  transaction.commit(transaction.plan([]))
  transaction.close()
  assert.equal(fs.existsSync(workDirectory(context.host, root)), false)
  assert.deepEqual(picture(root), { 'a/b': '1' })
})
