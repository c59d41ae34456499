// What real setuptools left behind, in real Pythons from 2.7 on, taken out by den and by the pip of that environment: the same files go.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext as Test, test } from 'node:test'
import { isDenError } from '../../src/base/error.ts'
import { applyPlan } from '../../src/engine/apply.ts'
import { readEnvironment } from '../../src/env/environment.ts'
import { readInstalled } from '../../src/env/installed.ts'
import { testContext } from '../kit/context.ts'
import { den } from '../kit/den.ts'
import { scenePython } from '../kit/faults-scene.ts'
import { pythonOr } from '../kit/pythons.ts'
import { scratch, writeTree } from '../kit/scratch.ts'

const source = {
  'setup.py': `import sys
if 'plain' in sys.argv:
    sys.argv.remove('plain')
    from distutils.core import setup
    more = {}
else:
    from setuptools import setup
    more = dict(entry_points={'console_scripts': ['legacy-run = legacy_app.sub:main']}, zip_safe='zipped' in sys.argv)
    if 'zipped' in sys.argv: sys.argv.remove('zipped')
setup(name='Legacy_App', version='1.0', packages=['legacy_app', 'legacy_app.sub'], py_modules=['legacy_single'],
      scripts=['tools/legacy-script'], package_data={'legacy_app': ['data/*.txt']},
      data_files=[('share/legacy', ['shared.txt'])], **more)
`,
  'legacy_app/__init__.py': '',
  'legacy_app/data/a.txt': 'a',
  'legacy_app/sub/__init__.py': 'def main(): print("legacy")\n',
  'legacy_single.py': 'x = 1\n',
  'tools/legacy-script': '#!/usr/bin/env python\nprint(1)\n',
  'shared.txt': 'shared',
  'README.txt': 'a project',
}

const ways: Readonly<
  Record<string, { readonly argv: readonly string[]; readonly lines: readonly string[]; readonly refused?: true }>
> = {
  'an egg': { argv: ['setup.py', 'install'], lines: ['2.7', '3.6', '3.8', '3.11'] },
  'an egg that stays zipped': { argv: ['setup.py', 'zipped', 'install'], lines: ['2.7', '3.6', '3.8'] },
  'setup.py develop': { argv: ['setup.py', 'develop'], lines: ['2.7', '3.6', '3.8', '3.11'] },
  'a flat egg-info': {
    argv: ['setup.py', 'install', '--single-version-externally-managed', '--record=record.txt'],
    lines: ['2.7', '3.6', '3.8', '3.11'],
  },
  "pip's own run of setup.py": {
    argv: ['-m', 'pip', 'install', '--no-deps', '--no-build-isolation', '--no-index', '.'],
    lines: ['2.7', '3.6'],
  },
  distutils: { argv: ['setup.py', 'plain', 'install'], lines: ['2.7', '3.6'], refused: true },
}

/** All files, those of bytecode left out: pip itself leaves some behind as it runs. */
function filesIn(root: string): readonly string[] {
  return fs
    .readdirSync(root, { recursive: true, withFileTypes: true })
    .map((entry) => `${path.relative(root, path.join(entry.parentPath, entry.name))}${entry.isDirectory() ? '/' : ''}`)
    .filter((name) => !/(?:__pycache__|\.py[co]$|^\.den|\/(?:pip|setuptools|pkg_resources)\/)/.test(name))
    .sort()
}

function run(
  python: string,
  argv: readonly string[],
  cwd: string,
): { readonly status: number | null; readonly output: string } {
  const env = {
    PATH: '/usr/bin:/bin',
    HOME: cwd,
    PYTHONDONTWRITEBYTECODE: '1',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    PIP_CONFIG_FILE: '/dev/null',
  }
  const { status, stdout, stderr } = spawnSync(python, argv, { cwd, env, encoding: 'utf8' })
  return { status, output: `${stdout}${stderr}` }
}

async function made(t: Test, line: string): Promise<string | undefined> {
  const python = pythonOr(t, line)
  if (python === undefined) return undefined
  const root = path.join(scratch(t), 'env')
  const created = await den(['create', '-p', python.executable, '--seed', 'pip,setuptools', root], {
    cwd: path.dirname(root),
  })
  assert.equal(created.code, 0, created.stderr)
  return root
}

for (const line of ['2.7', '3.6', '3.8', '3.11']) {
  test(`Python ${line}: what setuptools put in goes as pip has it go`, async (t) => {
    const template = await made(t, line)
    if (template === undefined) return
    let compared = 0
    for (const [name, { argv, lines, refused }] of Object.entries(ways)) {
      if (!lines.includes(line)) continue
      await t.test(name, async (t) => {
        const folder = scratch(t)
        const sources = path.join(folder, 'sources')
        writeTree(sources, source)
        // Where it was made is where it is compared: scripts and links name the path.
        const root = path.join(folder, 'env')
        const renew = (): void => {
          fs.rmSync(root, { recursive: true, force: true })
          clone(template, root)
        }
        renew()
        const before = filesIn(root)
        const install = run(path.join(root, 'bin/python'), argv, sources)
        if (install.status !== 0)
          return t.skip(`NOT TESTED: this setuptools does not do that (${install.output.trimEnd().split('\n').at(-1)})`)
        const after = filesIn(root)
        assert.notDeepEqual(after, before)
        const kept = path.join(folder, 'kept')
        clone(root, kept)
        const pip = run(path.join(root, 'bin/python'), ['-m', 'pip', 'uninstall', '-y', 'legacy-app'], folder)
        const byPip = filesIn(root)
        const listByPip = listOf(root)
        fs.rmSync(root, { recursive: true })
        fs.renameSync(kept, root)

        const context = testContext(t)
        const { paths } = readEnvironment(context.host, root)!
        const present = readInstalled(context.host, [paths.purelib]).filter(
          (one) => (one.project as string) === 'legacy-app',
        )
        assert.deepEqual(
          present.map(({ version }) => version),
          present.map(() => (present[0]?.kind === 'develop' ? '' : '1.0')),
        )
        assert.ok(present.length > 0, after.join('\n'))
        const remove = present.map(({ project, version, location }) => ({ name: project, version, location }))
        const request = {
          plan: { install: [], change: [], reinstall: [], remove, unchanged: [] },
          environment: { root, paths },
          interpreter: scenePython,
        }
        if (refused === true) {
          assert.notEqual(pip.status, 0, pip.output)
          await assert.rejects(applyPlan(context, request), (error) => isDenError(error, 'uninstall-refused'))
          assert.deepEqual(filesIn(root), after)
        } else {
          assert.equal(pip.status, 0, pip.output)
          await applyPlan(context, request)
          const byDen = filesIn(root)
          assert.deepEqual(
            byDen.filter((name) => !byPip.includes(name)),
            [],
          )
          // pip leaves directories behind that nothing is in any more.
          assert.deepEqual(
            byPip.filter((name) => !byDen.includes(name) && !name.endsWith('/')),
            [],
          )
          assert.equal(listOf(root), listByPip)
        }
        compared += 1
      })
    }
    t.diagnostic(`${compared} kinds of installation compared`)
  })
}

/** Second names of all files, but for lists that are written in place. */
function clone(from: string, to: string): void {
  assert.equal(spawnSync('cp', ['-al', from, to]).status, 0)
  for (const name of fs.readdirSync(to, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.pth')) continue
    fs.rmSync(path.join(to, name))
    fs.copyFileSync(path.join(from, name), path.join(to, name))
  }
}

/** The paths in easy-install.pth. */
function listOf(root: string): string {
  const lists = fs
    .readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('easy-install.pth'))
  return lists.map((name) => fs.readFileSync(path.join(root, name), 'utf8').trim()).join('\n')
}
