import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { fakeHost } from '../../tests/kit/fake-host.ts'
import { writeTree } from '../../tests/kit/scratch.ts'
import { isDenError } from '../base/error.ts'
import { processMark, processState } from '../host/processes.ts'
import { isEnvironmentName, namedRoot } from './name.ts'
import { checkRoot, readStanding, settlePlace } from './place.ts'
import { isStagingName, stagingName } from './stage.ts'

const endedMark = `${processMark().split('-')[0]}-${(2 ** 30).toString(36)}`

test('checkRoot() refuses what no environment can bear, on each platform by its own rules', () => {
  const posix = fakeHost({ home: '/home/me' })
  for (const root of ['/', '/home/me', '/a:b', '/a\nb', '/a\rb', '/a\0b', '/a\u2028b']) {
    assert.throws(
      () => checkRoot(posix, root),
      (error) => isDenError(error, 'environment-path-unusable'),
      JSON.stringify(root),
    )
  }
  assert.throws(
    () => checkRoot(posix, '/a\uFFFD'),
    (error) => isDenError(error, 'path-not-utf8'),
  )
  for (const root of ['/a;b', '/a b', "/it's", '/é', '/home/me/.venv', '/$(x)']) checkRoot(posix, root)

  const windows = fakeHost({ platform: 'win32', home: 'C:\\Users\\me' })
  for (const root of ['C:\\', 'C:\\Users\\me', 'C:\\a;b']) {
    assert.throws(
      () => checkRoot(windows, root),
      (error) => isDenError(error, 'environment-path-unusable'),
      root,
    )
  }
  checkRoot(windows, 'C:\\Users\\me\\.venv')
})

test('readStanding() tells what is at a place', (t) => {
  const context = testContext(t)
  const at = (name: string): string => path.join(context.root, name)
  writeTree(context.root, {
    'venv/pyvenv.cfg': 'home = /x\n',
    'old/lib/python2.7/orig-prefix.txt': '/usr',
    'conda/pyvenv.cfg': '',
    'conda/conda-meta/history': '',
    'other/notes.txt': '',
    empty: undefined,
    [`making/${stagingName('making')}/bin/python`]: '',
    file: '',
  })
  fs.symlinkSync('venv', at('link'))
  const kinds = ['venv', 'old', 'conda', 'other', 'empty', 'making', 'nothing', 'link'].map(
    (name) => readStanding(context, at(name)).kind,
  )
  assert.deepEqual(kinds, [
    'environment',
    'environment',
    'directory',
    'directory',
    'empty',
    'empty',
    'nothing',
    'environment',
  ])
  assert.throws(
    () => readStanding(context, at('file')),
    (error) => isDenError(error, 'environment-path-taken'),
  )
  // A project whose environment stands elsewhere has one.
  fs.writeFileSync(at('redirect'), 'venv\n')
  assert.throws(
    () => readStanding(context, at('redirect')),
    (error) =>
      isDenError(error, 'environment-path-taken') && error.detail.by.endsWith(`leads to the environment ${at('venv')}`),
  )
  const movable = (name: string, cwd = context.root): unknown => {
    const standing = readStanding({ host: { ...context.host, cwd } }, at(name))
    return 'movable' in standing ? standing.movable : undefined
  }
  assert.deepEqual([movable('venv'), movable('link'), movable('venv', at('venv'))], [true, false, false])
})

test('settlePlace() removes what ended processes left, and nothing else', (t) => {
  const context = testContext(t)
  const { root } = context
  const running = stagingName('env')
  writeTree(root, {
    [`.env.den-${endedMark}-1/bin/python`]: '',
    [`env/.env.den-${endedMark}-2/x`]: '',
    [`.other.den-${endedMark}-3/x`]: '',
    [`${running}/x`]: '',
    '.env.den-notes': 'mine',
  })
  assert.equal(settlePlace(context, path.join(root, 'env'), context.places.journal).kind, 'empty')
  assert.deepEqual(fs.readdirSync(root).sort(), [running, '.env.den-notes', `.other.den-${endedMark}-3`, 'env'].sort())
})

test("settlePlace() takes another machine's stage for abandoned after a day", (t) => {
  const day = 24 * 60 * 60 * 1000
  for (const [age, left] of [
    [day / 2, 1],
    [day * 2, 0],
  ] as const) {
    const context = testContext(t, { host: { now: () => Date.now() + age } })
    writeTree(context.root, { '.env.den-elsewhere-1a-2b/x': '' })
    settlePlace(context, path.join(context.root, 'env'), context.places.journal)
    assert.equal(fs.readdirSync(context.root).filter((name) => name.startsWith('.env')).length, left)
  }
})

test('stagingName() fits any name into a directory entry, and is known again', () => {
  for (const name of ['.venv', 'x'.repeat(255), 'two words', 'é'.repeat(100), 'a\nb', `x${'😀'.repeat(60)}`]) {
    const staging = stagingName(name)
    assert.ok(staging.isWellFormed(), name)
    assert.ok(new TextEncoder().encode(staging).length <= 255, name)
    assert.ok(isStagingName(staging), staging)
  }
  for (const name of ['.venv', '.den', '.env.den-notes', 'env.den-a-b-c']) assert.ok(!isStagingName(name), name)
})

test('processState() knows this process, one that ended, and one of elsewhere', () => {
  assert.equal(processState(`${processMark()}-x`), 'running')
  assert.equal(processState(endedMark), 'ended')
  for (const mark of ['elsewhere-1', '', 'x', `${processMark().split('-')[0]}-!`])
    assert.equal(processState(mark), 'unknown', mark)
})

test('processMark() tells containers apart that have one name', { skip: process.platform !== 'linux' }, (t) => {
  const mine = processMark().split('-')[0]
  const script = "import('./src/host/processes.ts').then(({ processMark }) => console.log(processMark().split('-')[0]))"
  const node = [process.execPath, '--no-warnings', '-e', script]
  const run = (command: string, ...args: readonly string[]): string =>
    spawnSync(command, args, { encoding: 'utf8', cwd: path.resolve(import.meta.dirname, '../..') }).stdout.trim()
  assert.equal(run(node[0]!, ...node.slice(1)), mine)
  const other = run('unshare', '--pid', '--fork', '--mount-proc', ...node)
  if (other === '') return t.skip('NOT TESTED: this user may not make a process namespace')
  assert.notEqual(other, mine)
})

test('isEnvironmentName() lets no name lead out of the directory', () => {
  for (const name of ['science', 'a', '3.12', 'my-env_2.0']) assert.ok(isEnvironmentName(name), name)
  for (const name of ['', '.', '..', '.hidden', '-x', 'a/b', 'a\\b', 'a b', 'é', 'a:b', 'a.', 'x'.repeat(201)]) {
    assert.ok(!isEnvironmentName(name), name)
  }
  assert.throws(
    () => namedRoot(fakeHost(), { environments: '/e' }, '../x'),
    (error) => isDenError(error, 'environment-name-unusable'),
  )
})
