// What runs of setuptools inside an environment of links put there: setup.py install and develop, easy_install, pip's editable installs. It
// lands in the environment and outlives its generations, den knows it and takes it out whole, and the store is as it was.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { type DenRun, den, runProgram } from '../kit/den.ts'
import { servedWheel, serveIndex } from '../kit/index-server.ts'
import { pythonOr } from '../kit/pythons.ts'
import { scratch, writeTree } from '../kit/scratch.ts'

const setup = `from setuptools import setup
setup(
    name='demo-pkg', version='1.0', packages=['demo_pkg'], zip_safe=False, scripts=['demo-script'],
    entry_points={'console_scripts': ['demo=demo_pkg:main']},
)
`
/** An editable wheel by hand: Pythons of today bring no setuptools. */
const backend = `import os, zipfile
def build_editable(directory, config_settings=None, metadata_directory=None):
    info = 'demo_pkg-1.0.dist-info/'
    files = {
        'demo_pkg.pth': os.getcwd() + '\\n',
        info + 'METADATA': 'Metadata-Version: 2.1\\nName: demo-pkg\\nVersion: 1.0\\n',
        info + 'WHEEL': 'Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n',
        info + 'entry_points.txt': '[console_scripts]\\ndemo = demo_pkg:main\\n',
    }
    with zipfile.ZipFile(os.path.join(directory, 'demo_pkg-1.0-py3-none-any.whl'), 'w') as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
        wheel.writestr(info + 'RECORD', ''.join(name + ',,\\n' for name in files))
    return 'demo_pkg-1.0-py3-none-any.whl'
`

interface Scene {
  readonly source: string
  readonly site: string
  /** The environment's Python, in the project's sources. */
  python(...args: readonly string[]): Promise<string>
  /** `den pip` that must succeed; its stdout. */
  done(...args: readonly string[]): Promise<string>
  /** What the program in the environment prints. */
  program(name: string): Promise<string>
  /** Everything in site-packages and among the scripts. */
  picture(): readonly string[]
  den(...args: readonly string[]): Promise<DenRun>
}

async function scene(t: TestContext, line: string): Promise<Scene | undefined> {
  const real = pythonOr(t, line)
  if (real === undefined) return undefined
  const root = scratch(t)
  const source = path.join(root, 'source')
  writeTree(source, {
    'setup.py': setup,
    'demo-script': '#!/usr/bin/env python\nprint("script")\n',
    'demo_pkg/__init__.py': 'def main():\n    print("demo in " + __file__)\n',
    'backend.py': backend,
  })
  const index = await serveIndex(t, [servedWheel({ name: 'other', version: '1.0', tag: 'py2.py3-none-any' })])
  const where = await runProgram(real.executable, ['-c', 'import ensurepip; print(ensurepip.__path__[0])'], {
    cwd: root,
  })
  const bundled = path.join(where.stdout.trim(), '_bundled')
  const env = { PIP_INDEX_URL: index.url, PIP_CONFIG_FILE: '/dev/null', PIP_FIND_LINKS: bundled }
  const run = (...args: readonly string[]): Promise<DenRun> => den(args, { cwd: root, env })
  const done = async (...args: readonly string[]): Promise<string> => {
    const ran = await run('pip', '--python', 'env', ...args)
    assert.equal(ran.code, 0, `${args.join(' ')}\n${ran.stdout}\n${ran.stderr}`)
    return ran.stdout
  }
  const made = await run('create', '-p', real.executable, '--link-mode', 'instant', '--seed', 'none', 'env')
  assert.equal(made.code, 0, made.stderr)
  await done('install', line === '3.12' ? 'pip' : 'setuptools', 'other')
  const bin = path.join(root, 'env', 'bin')
  const site = path.join(root, 'env/lib', `python${line}`, 'site-packages')
  return {
    source,
    site,
    python: async (...args) => {
      const ran = await runProgram(path.join(bin, 'python'), ['-B', ...args], { cwd: source })
      assert.equal(ran.code, 0, ran.stderr)
      return ran.stdout
    },
    done,
    program: async (name) => {
      const ran = await runProgram(path.join(bin, name), [], { cwd: root, env: { PYTHONDONTWRITEBYTECODE: '1' } })
      assert.equal(ran.code, 0, ran.stderr)
      return ran.stdout.trim()
    },
    picture: () =>
      [site, bin].flatMap((directory) =>
        fs.readdirSync(directory).filter((name) => !/^(?:easy-install\.pth|__pycache__|.*\.pyc)$/.test(name)),
      ),
    den: run,
  }
}

interface Way {
  readonly args: readonly string[]
  /** Where the package is imported from, below site-packages; the sources where absent. */
  readonly lands?: RegExp
  /** What pip leaves of it, too. */
  readonly left?: readonly string[]
}

const oldWays: Readonly<Record<string, Way>> = {
  'setup.py install': { args: ['setup.py', '-q', 'install'], lands: /demo_pkg-1\.0-py[\d.]+\.egg/ },
  'setup.py install without an egg': {
    args: ['setup.py', '-q', 'install', '--single-version-externally-managed', '--record', 'record.txt'],
    lands: /demo_pkg/,
    left: ['demo-script'],
  },
  'setup.py develop': { args: ['setup.py', '-q', 'develop'], left: ['demo-script'] },
  easy_install: { args: ['setup.py', '-q', 'easy_install', '.'], lands: /demo_pkg-1\.0-py[\d.]+\.egg/ },
}

async function cycle(s: Scene, { args, lands, left = [] }: Way): Promise<void> {
  const before = s.picture()
  await s.python('-W', 'ignore', ...args)
  const where = async (): Promise<string> => /demo in (.*)/.exec(await s.program('demo'))![1]!
  const inPlace = async (): Promise<void> => {
    const file = await where()
    if (lands === undefined) assert.ok(file.startsWith(s.source), file)
    else assert.match(path.relative(s.site, file), lands)
  }
  await inPlace()
  assert.match(await s.done('list', '--format', 'freeze'), /^demo-pkg==1\.0$/m)
  assert.match(await s.done('freeze'), lands === undefined ? /^-e .*source$/m : /^demo-pkg==1\.0$/m)
  // Another change is another generation, and takes it along; the one that it was put into goes after that.
  for (let times = 0; times < 3; times += 1) await s.done('install', '--force-reinstall', 'other')
  await inPlace()
  const scripts = fs.readdirSync(s.site).filter((name) => name.endsWith('.pth') || name.endsWith('.egg-link'))
  for (const name of scripts) {
    const text = fs.readFileSync(path.join(s.site, name), 'utf8')
    assert.doesNotMatch(text, /\.den/, `${name} names a generation, which goes`)
  }
  await s.done('uninstall', '-y', 'demo-pkg')
  assert.doesNotMatch(await s.done('list', '--format', 'freeze'), /demo/)
  assert.deepEqual([...s.picture()].sort(), [...before, ...left].sort())
  for (const name of left) fs.rmSync(path.join(s.site, '../../../bin', name))
  const checked = await s.den('check', 'env')
  assert.equal(checked.code, 0, `${checked.stdout}${checked.stderr}`)
  assert.match((await s.den('store', 'verify')).stdout, /sound/)
}

for (const line of ['2.7', '3.8']) {
  for (const [name, way] of Object.entries(oldWays)) {
    test(`${name} in an environment of links, ${line}`, async (t) => {
      const s = await scene(t, line)
      if (s !== undefined) await cycle(s, way)
    })
  }
}

test('pip install -e in an environment of links, 3.12', async (t) => {
  const s = await scene(t, '3.12')
  if (s === undefined) return
  fs.rmSync(path.join(s.source, 'setup.py'))
  writeTree(s.source, {
    'pyproject.toml': '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
  })
  await cycle(s, { args: ['-m', 'pip', '-q', 'install', '--no-build-isolation', '-e', '.'] })
})

test('setup.py install over a package of links leaves the store alone', async (t) => {
  const s = await scene(t, '3.8')
  if (s === undefined) return
  const wheel = servedWheel({ name: 'demo-pkg', version: '0.9', files: { 'demo_pkg/__init__.py': 'old = True\n' } })
  const links = path.join(s.source, '../links')
  fs.mkdirSync(links)
  fs.writeFileSync(path.join(links, wheel.filename), wheel.bytes)
  await s.done('install', '--find-links', links, 'demo-pkg==0.9')
  await s.python('-W', 'ignore', 'setup.py', '-q', 'install')
  assert.match((await s.den('store', 'verify')).stdout, /sound/)
  // Both go: what is asked to be gone is gone.
  await s.done('uninstall', '-y', 'demo-pkg')
  assert.doesNotMatch(await s.done('list', '--format', 'freeze'), /demo/)
  assert.deepEqual(
    fs.readdirSync(s.site).filter((name) => /^demo/.test(name)),
    [],
  )
})
