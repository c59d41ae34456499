import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { placesOf } from '../config/places.ts'
import { realDisk } from '../host/disk.ts'
import { isSame, type Question, tell } from '../host/facts.ts'
import { noteQuestions } from '../host/noting.ts'
import type { Standard } from '../host/standard.ts'
import { keepAnswer } from './keep.ts'
import { type Asked, askedHere, mayLast, memoryFile, openAnswer } from './recall.ts'

const posix = process.platform !== 'win32'

function setup(t: TestContext) {
  const { host, root } = testContext(t)
  const written: string[] = []
  const standard: Standard = {
    write: (descriptor, text) => written.push(`${descriptor} ${text}`) > 0,
    isTerminal: () => false,
    columns: () => 80,
  }
  const env: Record<string, string | undefined> = {
    ...host.env,
    PIP_INDEX_URL: 'https://u:secret@example.org/',
    COLOR: 'x',
  }
  const asked: Asked = { words: ['list'], env, cwd: root, uid: 1, self: [process.execPath] }
  const file = memoryFile(asked, 'linux')!
  const open = (who: Asked = asked, now = Date.now()) =>
    fs.existsSync(file) ? openAnswer(who, fs.readFileSync(file, 'utf8'), now) : undefined
  /** A command that asks these questions and prints "yes"; `lag` is the age that all it sees seems to have. */
  const command = (
    questions: readonly (readonly [Question, string])[],
    lag = 0,
    also = (_: ReturnType<typeof noteQuestions>) => {},
  ) => {
    const noting = noteQuestions(env, standard)
    const { files } = noting.host(host)
    for (const [question, place] of questions) {
      if (question === 'looked') files.stat(place)
      else if (question === 'link') files.lstat(place)
      else if (question === 'real') files.realPath(place)
      else if (fs.statSync(place, { throwIfNoEntry: false })?.isDirectory()) files.names(place)
      else files.readText(place)
    }
    noting.standard.write(1, 'yes\n')
    also(noting)
    const { notes } = noting
    keepAnswer({ asked, platform: 'linux', disk: realDisk, notes, started: Date.now() + lag, code: 0 })
  }
  return { host, root, asked, file, open, command, env }
}

test('an answer is told again until something that it rests on has changed', { skip: !posix }, (t) => {
  const { root, open, command } = setup(t)
  const at = (name: string): string => path.join(root, name)
  const many = Array.from({ length: 60 }, (_, index) => `a-rather-long-name-${index}`)
  const reset = (): void => {
    fs.rmSync(at('d'), { recursive: true, force: true })
    fs.mkdirSync(at('d/many'), { recursive: true })
    for (const name of many) fs.writeFileSync(at(`d/many/${name}`), '')
    fs.mkdirSync(at('d/few'))
    fs.writeFileSync(at('d/few/x'), '')
    fs.writeFileSync(at('d/file'), 'six==1.0\n')
    fs.symlinkSync('file', at('d/link'))
  }
  const keptTimes = (name: string, change: () => void): void => {
    const { atime, mtime } = fs.statSync(at(name))
    change()
    fs.utimesSync(at(name), atime, mtime)
  }
  const cases: readonly (readonly [string, readonly (readonly [Question, string])[], () => void])[] = [
    ['a file that was read is edited', [['read', 'd/file']], () => fs.writeFileSync(at('d/file'), 'six==1.10\n')],
    ['to the same size', [['read', 'd/file']], () => fs.writeFileSync(at('d/file'), 'six==1.1\n')],
    [
      'and its time set back',
      [['read', 'd/file']],
      () => keptTimes('d/file', () => fs.writeFileSync(at('d/file'), 'six==1.1\n')),
    ],
    ['it goes', [['read', 'd/file']], () => fs.rmSync(at('d/file'))],
    [
      'it is another',
      [['read', 'd/file']],
      () => {
        fs.writeFileSync(at('d/other'), 'six==1.1\n')
        fs.renameSync(at('d/other'), at('d/file'))
      },
    ],
    ['what was looked at is edited', [['looked', 'd/file']], () => fs.writeFileSync(at('d/file'), '')],
    ['it may be executed', [['looked', 'd/file']], () => fs.chmodSync(at('d/file'), 0o755)],
    [
      'a link leads elsewhere',
      [['link', 'd/link']],
      () => {
        fs.rmSync(at('d/link'))
        fs.symlinkSync('elsewhere', at('d/link'))
      },
    ],
    [
      'where it leads',
      [['real', 'd/link']],
      () => {
        fs.rmSync(at('d/link'))
        fs.symlinkSync('few/x', at('d/link'))
      },
    ],
    ['a directory has one more', [['read', 'd/many']], () => fs.writeFileSync(at('d/many/new'), '')],
    ['a small one', [['read', 'd/few']], () => fs.writeFileSync(at('d/few/new'), '')],
    ['one less', [['read', 'd/many']], () => fs.rmSync(at(`d/many/${many[0]!}`))],
    ['one of another name', [['read', 'd/few']], () => fs.renameSync(at('d/few/x'), at('d/few/y'))],
    [
      'one of another kind',
      [['read', 'd/few']],
      () => {
        fs.rmSync(at('d/few/x'))
        fs.mkdirSync(at('d/few/x'))
      },
    ],
    [
      'what was not there is there',
      [['looked', 'd/none/pip.conf']],
      () => {
        fs.mkdirSync(at('d/none'))
        fs.writeFileSync(at('d/none/pip.conf'), '')
      },
    ],
    [
      'in a directory that was listed',
      [
        ['read', 'd/many'],
        ['looked', 'd/many/none/x'],
      ],
      () => {
        fs.mkdirSync(at('d/many/none'))
        fs.writeFileSync(at('d/many/none/x'), '')
      },
    ],
    [
      'a link that led nowhere leads somewhere',
      [
        ['read', 'd/many'],
        ['looked', 'd/many/dangling'],
      ],
      () => fs.writeFileSync(at('d/target'), ''),
    ],
  ]
  for (const lag of [100, 10_000]) {
    for (const [name, questions, change] of cases) {
      reset()
      if (name.startsWith('a link that led')) fs.symlinkSync('../target', at('d/many/dangling'))
      command(
        questions.map(([question, place]) => [question, at(place)]),
        lag,
      )
      assert.equal(open()?.text, 'yes\n', `${name}, ${lag}`)
      change()
      assert.equal(open(), undefined, `${name}, ${lag}`)
    }
  }
})

test('what changes while den looks is not remembered', { skip: !posix }, (t) => {
  const { root, open, command } = setup(t)
  fs.writeFileSync(path.join(root, 'x'), '')
  for (const question of ['read', 'looked', 'link'] as const) {
    command([[question, path.join(root, 'x')]], -1000)
    assert.equal(open(), undefined, question)
  }
})

test('who asks has to be the same: words, directory, user, den, and the variables that were looked at', {
  skip: !posix,
}, (t) => {
  const { asked, env, file, open, command } = setup(t)
  command([], 0, ({ env }) => void [env['LANG'], env['HOME']])
  assert.equal(open()?.text, 'yes\n')
  assert.equal(open({ ...asked, env: { ...env, COLOR: 'y', OTHER: 'z' } })?.text, 'yes\n')
  const others: readonly Partial<Asked>[] = [
    { words: ['freeze'] },
    { cwd: '/' },
    { uid: 0 },
    { self: ['/elsewhere'] },
    { env: { ...env, LANG: 'C' } },
    { env: { ...env, HOME: '/elsewhere' } },
    { env: { ...env, PIP_INDEX_URL: 'https://example.org/' } },
    { env: { ...env, PIP_INDEX_URL: undefined } },
    { env: { ...env, PIP_NO_INDEX: '1' } },
  ]
  for (const other of others) assert.equal(open({ ...asked, ...other }), undefined, JSON.stringify(other))
  assert.doesNotMatch(fs.readFileSync(file, 'utf8'), /secret/)
})

test('a damaged memory is a miss, wherever the damage is', { skip: !posix }, (t) => {
  const { asked, file, command, root } = setup(t)
  // A directory of the test's own: what stands beside it comes and goes with other tests.
  fs.mkdirSync(path.join(root, 'own'))
  command([['looked', path.join(root, 'own')]], 10_000, ({ env }) => void env['HOME'])
  const text = fs.readFileSync(file, 'utf8')
  assert.notEqual(openAnswer(asked, text, 0), undefined)
  for (let at = 0; at < text.length; at += 1) {
    const damaged = `${text.slice(0, at)}${text[at] === '0' ? '1' : '0'}${text.slice(at + 1)}`
    assert.equal(openAnswer(asked, damaged, 0), undefined, `${at}`)
    assert.equal(openAnswer(asked, text.slice(0, at), 0), undefined, `cut at ${at}`)
  }
})

test('what nobody could tell again is not remembered', { skip: !posix }, async (t) => {
  const spoils: readonly ((
    noting: ReturnType<typeof noteQuestions>,
    host: ReturnType<typeof setup>['host'],
  ) => unknown)[] = [
    ({ standard }) => standard.write(2, 'careful\n'),
    ({ standard }) => standard.columns(),
    (noting, host) =>
      noting
        .host({ ...host, spawn: () => Promise.reject(new Error('no')) })
        .spawn({ command: 'x', args: [] })
        .catch(() => {}),
    (noting, host) => noting.host({ ...host, platform: 'darwin' }).kernel(),
    (noting, host) => assert.equal(noting.host(host).unnoted?.(), host),
  ]
  for (const spoil of spoils) {
    const { command, open, host } = setup(t)
    command([], 0, (noting) => void spoil(noting, host))
    assert.equal(open(), undefined, String(spoil))
  }
})

test('trees that links lead into are looked at again when it is time, and when nobody knows any more when they were', {
  skip: !posix,
}, (t) => {
  const { root, open, asked, command } = setup(t)
  const marks = ['a', 'b'].map((name) => path.join(root, 'store/v1/looked', name))
  fs.mkdirSync(path.dirname(marks[0]!), { recursive: true })
  for (const mark of marks) fs.writeFileSync(mark, '')
  const now = Date.now()
  fs.utimesSync(marks[0]!, now / 1000, (now - 50_000) / 1000)
  const questions = marks.map((mark) => ['link', mark] as const)
  command(questions, 10_000)
  assert.equal(open(asked, now)?.text, 'yes\n')
  assert.equal(open(asked, now + 9_000)?.text, 'yes\n')
  assert.equal(open(asked, now + 10_001), undefined)
  fs.rmSync(marks[0]!)
  assert.equal(open(asked, now), undefined)
  command(questions, 10_000)
  assert.equal(open(asked, now), undefined)
})

test('the memory lies in the cache, where the cache is found without a doubt', { skip: !posix }, (t) => {
  const { host, asked } = setup(t)
  const cases: readonly Record<string, string | undefined>[] = [
    {},
    { DEN_CACHE_DIR: undefined },
    { DEN_CACHE_DIR: '' },
    { DEN_CACHE_DIR: undefined, XDG_CACHE_HOME: '/xdg/.cache' },
  ]
  for (const platform of ['linux', 'darwin'] as const) {
    for (const change of cases) {
      const env = { ...asked.env, ...change }
      const { cache } = placesOf({ ...host, platform, env, home: env['HOME'] })
      const file = memoryFile({ ...asked, env }, platform)
      assert.equal(file === undefined ? undefined : path.dirname(path.dirname(file)), cache, JSON.stringify(change))
    }
  }
  for (const change of [
    { DEN_CACHE_DIR: 'here' },
    { DEN_CACHE_DIR: '/a/../b' },
    { DEN_CACHE_DIR: '/a/' },
    { HOME: undefined },
  ]) {
    assert.equal(memoryFile({ ...asked, env: { ...asked.env, ...change } }, 'linux'), undefined)
  }
  assert.equal(memoryFile(asked, 'win32'), undefined)
})

test('only questions whose answer may last are looked up', () => {
  assert.equal(mayLast(['--python', 'x', 'install', 'six']), true)
  assert.equal(mayLast(['download', 'six']), false)
  assert.equal(mayLast(['list', '--path', '\uFFFD']), false)
  // These are den's sources.
  assert.equal(askedHere(['list']), undefined)
})

test('tell() tells what the system refuses as well', { skip: !posix }, (t) => {
  const { root } = setup(t)
  fs.writeFileSync(path.join(root, 'x'), new Uint8Array([0xff, 0x0a]))
  const byHash = `=${createHash('sha256')
    .update(new Uint8Array([0xff, 0x0a]))
    .digest('hex')}`
  assert.equal(tell('text', path.join(root, 'x')), byHash)
  assert.equal(tell('text', path.join(root, 'none')), '')
  assert.equal(tell('text', path.join(root, 'x', 'none')), '')
  assert.equal(tell('text', root), '!EISDIR')
  assert.equal(isSame(tell('looked', root), tell('looked', root)), true)
  assert.equal(isSame(tell('looked', root), ''), false)
})
