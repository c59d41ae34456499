import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { type TestContext as Den, testContext } from '../../tests/kit/context.ts'
import { writeTree } from '../../tests/kit/scratch.ts'
import { isDenError } from '../base/error.ts'
import { readInstalled } from '../env/installed.ts'
import type { EnvironmentPaths } from '../env/plan.ts'
import { uninstall } from './uninstall.ts'

const lib = 'env/lib/python3.13/site-packages'

function setup(
  t: TestContext,
  rows: readonly string[],
  files: Record<string, string> = {},
): { context: Den; remove: () => Promise<unknown>; left: () => readonly string[] } {
  const context = testContext(t)
  const info = `${lib}/app-1.0.dist-info`
  writeTree(context.root, {
    'env/pyvenv.cfg': 'home = /usr/bin\n',
    'env/bin/python': '',
    'outside.txt': 'mine',
    [`${info}/METADATA`]: 'Metadata-Version: 2.1\nName: app\nVersion: 1.0\n',
    [`${info}/RECORD`]: [...rows, 'app-1.0.dist-info/METADATA,,', 'app-1.0.dist-info/RECORD,,', ''].join('\n'),
    ...files,
  })
  const root = path.join(context.root, 'env')
  const site = path.join(context.root, lib)
  const paths: EnvironmentPaths = {
    root,
    scripts: path.join(root, 'bin'),
    python: path.join(root, 'bin/python'),
    purelib: site,
    platlib: site,
    include: path.join(root, 'include'),
    data: root,
  }
  const [distribution] = readInstalled(context.host, [site])
  assert.deepEqual([distribution!.project, distribution!.version, distribution!.kind], ['app', '1.0', 'wheel'])
  const left = (): readonly string[] =>
    fs
      .readdirSync(context.root, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => path.relative(context.root, path.join(entry.parentPath, entry.name)))
      .sort()
  return { context, remove: () => uninstall(context, { distribution: distribution!, paths }), left }
}

test('uninstall() removes what RECORD lists, its bytecode, and the directories that are empty then', async (t) => {
  const { remove, left, context } = setup(
    t,
    ['app/__init__.py,,', 'app/a.py,,', '../../../bin/app,,', '../../../share/app/x,,', 'gone.py,,'],
    {
      [`${lib}/app/__init__.py`]: '',
      [`${lib}/app/a.py`]: '',
      [`${lib}/app/__pycache__/a.cpython-313.pyc`]: '',
      [`${lib}/app/__pycache__/a.cpython-313.opt-1.pyc`]: '',
      [`${lib}/app/__pycache__/__init__.cpython-313.pyc`]: '',
      [`${lib}/kept/__pycache__/a.cpython-313.pyc`]: '',
      'env/bin/app': '',
      'env/share/app/x': '',
    },
  )
  await remove()
  assert.deepEqual(left(), [
    'env/bin/python',
    `${lib}/kept/__pycache__/a.cpython-313.pyc`,
    'env/pyvenv.cfg',
    'outside.txt',
  ])
  assert.equal(fs.existsSync(path.join(context.root, lib, 'app')), false)
  assert.equal(fs.existsSync(path.join(context.root, 'env/share')), false)
})

test('uninstall() keeps a directory in which others have files', async (t) => {
  const { remove, left } = setup(t, ['app/a.py,,'], { [`${lib}/app/a.py`]: '', [`${lib}/app/mine.py`]: '' })
  await remove()
  assert.ok(left().includes(`${lib}/app/mine.py`))
})

const refused: Record<string, string> = {
  'a path that climbs out': '../../../../outside.txt,,',
  'an absolute path': '/etc/passwd,,',
  'the configuration of the environment': '../../../pyvenv.cfg,,',
  'its interpreter': '../../../bin/python,,',
  'the environment itself': '../../..,,',
  'site-packages': '.,,',
  'a path whose name only starts like the environment’s': '../../../../env_evil/x,,',
}

for (const [what, row] of Object.entries(refused)) {
  test(`uninstall() refuses a RECORD that lists ${what}, before anything is removed`, async (t) => {
    const { remove, left } = setup(t, ['a.py,,', row], { [`${lib}/a.py`]: '', 'env_evil/x': '' })
    const before = left()
    await assert.rejects(remove(), (error) => isDenError(error, 'uninstall-refused'))
    assert.deepEqual(left(), before)
  })
}

test('uninstall() does not follow a directory that is a link out of the environment', async (t) => {
  const { remove, context } = setup(t, ['linked/x.py,,'], { 'elsewhere/x.py': 'mine' })
  fs.symlinkSync(path.join(context.root, 'elsewhere'), path.join(context.root, lib, 'linked'))
  await assert.rejects(remove(), (error) => isDenError(error, 'uninstall-refused'))
  assert.equal(fs.readFileSync(path.join(context.root, 'elsewhere/x.py'), 'utf8'), 'mine')
})

test('uninstall() removes a link itself, not what it points to', async (t) => {
  const { remove, context } = setup(t, ['one.py,,'])
  fs.symlinkSync(path.join(context.root, 'outside.txt'), path.join(context.root, lib, 'one.py'))
  await remove()
  assert.equal(fs.readFileSync(path.join(context.root, 'outside.txt'), 'utf8'), 'mine')
  assert.equal(fs.existsSync(path.join(context.root, lib, 'one.py')), false)
})

test('uninstall() refuses what has no RECORD', async (t) => {
  const { remove, context } = setup(t, [])
  fs.rmSync(path.join(context.root, lib, 'app-1.0.dist-info/RECORD'))
  await assert.rejects(remove(), (error) => isDenError(error, 'uninstall-refused'))
})
