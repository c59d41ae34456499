import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { type TestContext as Den, testContext } from '../../tests/kit/context.ts'
import { change, makeScene, picture, remains, requestOf } from '../../tests/kit/faults-scene.ts'
import { writeTree } from '../../tests/kit/scratch.ts'
import type { WheelInput } from '../../tests/kit/wheel.ts'
import { isDenError } from '../base/error.ts'
import { lastHistoryEntry, readHistory } from '../env/history.ts'
import { readInstalled } from '../env/installed.ts'
import { applyPlan } from './apply.ts'

const app = (version: string, more: Partial<WheelInput> = {}): WheelInput => ({
  name: 'app',
  version,
  files: {
    'app/__init__.py': `version = '${version}'\n`,
    [`app/only_${version.replace('.', '_')}.py`]: '',
    'app/deep/er/x.py': version,
  },
  scripts: { app: 'app:main' },
  data: { data: { 'share/app/a.txt': version } },
  ...more,
})
const lib: WheelInput = { name: 'lib', version: '3', files: { 'lib.py': 'x = 1\n' } }
const site = 'lib/python3.13/site-packages'

function setup(t: TestContext): { context: Den; root: string; names: () => readonly string[] } {
  const context = testContext(t)
  const root = path.join(context.root, 'env')
  makeScene(root)
  const names = (): readonly string[] =>
    readInstalled(context.host, [path.join(root, site)]).map(({ project, version }) => `${project} ${version}`)
  return { context, root, names }
}

const codes = (context: Den): readonly string[] =>
  context.events.flatMap((event) => (event.kind === 'warning' ? [event.warning.code] : []))

test('applyPlan() installs, upgrades and removes several at once', async (t) => {
  const { context, root, names } = setup(t)
  const empty = picture(root)
  const first = await change(context, root, { install: [app('1.0'), lib] })
  assert.deepEqual(names(), ['app 1.0', 'lib 3'])
  assert.deepEqual(
    first.installed.map(({ name, scripts }) => [name, scripts]),
    [
      ['app', ['app']],
      ['lib', []],
    ],
  )
  assert.deepEqual([first.findings, first.removed, first.linkMode, first.entry], [[], [], 'hardlink', 1])
  const second = await change(context, root, { install: [app('2.0')], remove: ['lib'] })
  assert.deepEqual(names(), ['app 2.0'])
  assert.deepEqual(second.removed.map(({ name }) => name).sort(), ['app', 'lib'])
  assert.ok(!fs.existsSync(path.join(root, site, 'app/only_1_0.py')))
  assert.equal(fs.readFileSync(path.join(root, 'share/app/a.txt'), 'utf8'), '2.0')
  await change(context, root, { remove: ['app'] })
  assert.deepEqual(picture(root), empty)
  assert.deepEqual(remains(context, root), [])
})

test('an upgrade keeps what users put into packages, and takes bytecode along', async (t) => {
  const { context, root } = setup(t)
  await change(context, root, { install: [app('1.0')] })
  writeTree(path.join(root, site), {
    'app/mine.txt': 'user',
    'app/__pycache__/__init__.cpython-313.pyc': 'old',
    'app/__pycache__/mine.cpython-313.pyc': 'user',
    'app/deep/er/__pycache__/x.cpython-313.pyc': 'old',
  })
  await change(context, root, { install: [app('2.0')] })
  const now = picture(root)
  assert.equal(now[`${site}/app/mine.txt`], 'user')
  assert.equal(now[`${site}/app/__init__.py`], "version = '2.0'\n")
  assert.deepEqual(
    Object.keys(now).filter((name) => name.endsWith('.pyc')),
    [`${site}/app/__pycache__/mine.cpython-313.pyc`],
  )
})

for (const linkMode of ['hardlink', 'copy', 'instant'] as const) {
  test(`bytecode of a module that belonged to nobody goes with it: ${linkMode}`, async (t) => {
    const { context, root } = setup(t)
    const mixed: WheelInput = {
      name: 'mixed',
      version: '1',
      files: { 'mixed.py': '', 'space/inner.py': '', 'fresh.py': '', '__pycache__/mixed.cpython-312.pyc': 'brought' },
    }
    await change(context, root, { install: [lib] }, { linkMode })
    writeTree(path.join(root, site), {
      'mixed.py': 'old',
      'mixed.pyc': 'of 2.7',
      '__pycache__/mixed.cpython-312.pyc': 'of the old one',
      '__pycache__/mixed.cpython-313.opt-1.pyc': 'of the old one',
      '__pycache__/mixed_up.cpython-313.pyc': 'of another',
      'space/inner.py': 'old',
      'space/__pycache__/inner.cpython-313.pyc': 'of the old one',
    })
    const { findings } = await change(context, root, { install: [mixed] }, { linkMode })
    assert.deepEqual([...new Set(findings.map(({ code }) => code))], ['file-replaced'])
    const own = fs.realpathSync(path.join(root, site))
    const bytecode = Object.entries(picture(own)).filter(([name]) => name.endsWith('.pyc'))
    assert.deepEqual(bytecode.map(([name]) => name).sort(), [
      '__pycache__/mixed.cpython-312.pyc',
      '__pycache__/mixed_up.cpython-313.pyc',
    ])
    assert.equal(fs.readFileSync(path.join(own, '__pycache__/mixed.cpython-312.pyc'), 'utf8'), 'brought')
  })
}

test('REQUESTED stays when another distribution has it upgraded; direct_url.json and INSTALLER are written', async (t) => {
  const { context, root } = setup(t)
  await change(context, root, { install: [app('1.0')] })
  const directUrl = { url: 'https://example.org/app.whl', archive_info: {} }
  await change(context, root, {
    install: [
      { ...app('2.0'), requested: false, directUrl },
      { ...lib, requested: false },
    ],
  })
  const info = (name: string, file: string): string | undefined => picture(root)[`${site}/${name}.dist-info/${file}`]
  assert.equal(info('app-2.0', 'REQUESTED'), '')
  assert.equal(info('lib-3', 'REQUESTED'), undefined)
  assert.equal(info('lib-3', 'INSTALLER'), 'den\n')
  assert.deepEqual(JSON.parse(info('app-2.0', 'direct_url.json') ?? ''), directUrl)
})

test('the history tells what stood before and after each change', async (t) => {
  const { context, root } = setup(t)
  const request = await requestOf(context, root, { install: [app('1.0'), { ...lib, requested: false }] })
  await applyPlan(context, { ...request, command: 'install app' })
  await change(context, root, { install: [app('2.0')] }, { undoes: 1 })
  const [first, second] = readHistory(context.host, root)
  assert.deepEqual([first?.number, first?.command, first?.before], [1, 'install app', []])
  assert.deepEqual(
    first?.after.map(({ name, version, requested }) => [name, version, requested]),
    [
      ['app', '1.0', true],
      ['lib', '3', false],
    ],
  )
  assert.match(first?.after[0]?.tree ?? '', /^[0-9a-f]{64}$/)
  assert.deepEqual(second?.before, first?.after)
  assert.deepEqual([second?.undoes, lastHistoryEntry(context.host, root)?.number], [1, 2])
})

test('a file of two distributions is reported when it comes and stays for the other when one goes', async (t) => {
  const { context, root } = setup(t)
  const one: WheelInput = { name: 'one', version: '1', files: { 'tests/__init__.py': '1', 'one.py': '' } }
  const two: WheelInput = { name: 'two', version: '1', files: { 'tests/__init__.py': '2', 'two.py': '' } }
  await change(context, root, { install: [one] })
  const { findings } = await change(context, root, { install: [two] })
  assert.deepEqual(
    findings.map(({ code, detail }) => [code, 'owners' in detail && detail.owners, 'kept' in detail && detail.kept]),
    [['file-shared', ['one'], false]],
  )
  const removed = await change(context, root, { remove: ['one'] })
  assert.deepEqual(
    removed.findings.map(({ detail }) => 'kept' in detail && detail.kept),
    [true],
  )
  assert.equal(picture(root)[`${site}/tests/__init__.py`], '2')
  await change(context, root, { remove: ['two'] })
  const both = await change(context, root, { install: [one, two] })
  assert.deepEqual(
    both.findings.map(({ code }) => code),
    ['file-shared'],
  )
  assert.deepEqual(new Set(codes(context)), new Set(['file-shared']))
})

test("what stands in a file's place and belongs to nobody is named; a directory in its place is refused", async (t) => {
  const { context, root } = setup(t)
  writeTree(root, { [`${site}/lib.py`]: 'mine' })
  const { findings } = await change(context, root, { install: [lib] })
  assert.deepEqual(
    findings.map(({ code, detail }) => [code, 'paths' in detail && detail.paths]),
    [['file-replaced', [path.join(root, site, 'lib.py')]]],
  )
  await change(context, root, { remove: ['lib'] })
  writeTree(root, { [`${site}/lib.py/x`]: 'mine' })
  const before = picture(root)
  await assert.rejects(change(context, root, { install: [app('1.0'), lib] }), (error) =>
    isDenError(error, 'install-blocked'),
  )
  assert.deepEqual([picture(root), remains(context, root)], [before, []])
})

test('start-up code and modules that the standard library hides are reported, once', async (t) => {
  const { context, root } = setup(t)
  const stdlib = path.join(context.root, 'stdlib')
  writeTree(stdlib, { 'typing.py': '', 'enum/__init__.py': '', 'plain/data.txt': '' })
  const odd: WheelInput = {
    name: 'odd',
    version: '1',
    files: {
      'typing.py': '',
      'enum/__init__.py': '',
      'plain/__init__.py': '',
      'paths.pth': '/somewhere\n',
      'code.pth': 'import odd; odd.go()\n',
      'odd.start': 'odd:go\n',
      'deep/inner.pth': 'import x\n',
    },
  }
  const more = {
    interpreter: {
      version: { major: 3, minor: 13, micro: 0, level: 'final', serial: 0 },
      platform: 'linux',
      machine: 'x86_64',
      stdlib,
    },
  } as const
  const { findings } = await change(context, root, { install: [odd] }, more)
  assert.deepEqual(
    findings.map(({ code, detail }) => [
      code,
      'module' in detail ? detail.module : 'files' in detail && detail.files.map((file) => path.basename(file)).sort(),
    ]),
    [
      ['module-hidden', 'enum'],
      ['module-hidden', 'typing'],
      ['start-up-code', ['code.pth', 'odd.start']],
    ],
  )
  const again = await change(context, root, { install: [odd] }, more)
  assert.deepEqual(
    again.findings.filter(({ code }) => code === 'start-up-code'),
    [],
  )
})

test('what leads from an editable project to its directory is no start-up code that needs telling; its sitecustomize is', async (t) => {
  const { context, root } = setup(t)
  const files = { '__editable__.odd.pth': 'import finder; finder.install()\n', 'odd.start': 'odd:go\n' }
  const started = async (input: WheelInput, directUrl: unknown): Promise<readonly (readonly string[])[]> => {
    const { findings } = await change(context, root, { install: [{ ...input, directUrl }] })
    return findings.map(({ detail }) =>
      'files' in detail ? detail.files.map((file) => path.basename(file)).sort() : [],
    )
  }
  const url = `file://${context.root}/odd`
  const more = { ...files, 'sitecustomize.py': 'x = 1\n' }
  assert.deepEqual(await started({ name: 'odd', version: '1', files }, { url, dir_info: { editable: true } }), [])
  assert.deepEqual(await started({ name: 'odd', version: '2', files: more }, { url, dir_info: { editable: true } }), [
    ['sitecustomize.py'],
  ])
  await change(context, root, { remove: ['odd'] })
  assert.deepEqual(await started({ name: 'odd', version: '1', files }, { url, dir_info: {} }), [
    ['__editable__.odd.pth', 'odd.start'],
  ])
})

test('a plan made before somebody else changed the environment is carried out against what stands', async (t) => {
  const { context, root, names } = setup(t)
  const request = await requestOf(context, root, { install: [app('2.0')] })
  await change(context, root, { install: [app('1.0')] })
  await applyPlan(context, request)
  assert.deepEqual(names(), ['app 2.0'])
  const removal = await requestOf(context, root, { remove: ['app'] })
  await change(context, root, { remove: ['app'] })
  assert.deepEqual((await applyPlan(context, removal)).removed, [])
})

test('what cannot be removed refuses the whole change, before anything is touched', async (t) => {
  const { context, root } = setup(t)
  await change(context, root, { install: [app('1.0')] })
  fs.rmSync(path.join(root, site, 'app-1.0.dist-info/RECORD'))
  const before = picture(root)
  await assert.rejects(change(context, root, { install: [lib, app('2.0')] }), (error) =>
    isDenError(error, 'uninstall-refused'),
  )
  assert.deepEqual([picture(root), remains(context, root)], [before, []])
})

test('a stopped change leaves things as they were', async (t) => {
  const { context, root } = setup(t)
  await change(context, root, { install: [app('1.0')] })
  const before = picture(root)
  const stopping = new AbortController()
  const report = (): void => stopping.abort()
  await assert.rejects(
    change({ ...context, report, signal: stopping.signal }, root, { install: [app('2.0')] }),
    (error) => isDenError(error, 'aborted'),
  )
  assert.deepEqual([picture(root), remains(context, root)], [before, []])
})

test('without a trace: nothing of den is left in a target directory', async (t) => {
  const { context, root } = setup(t)
  const applied = await change(context, root, { install: [lib] }, { traceless: true })
  assert.equal(applied.entry, undefined)
  assert.ok(!fs.existsSync(path.join(root, '.den')))
  assert.ok(fs.existsSync(path.join(root, site, 'lib.py')))
})
