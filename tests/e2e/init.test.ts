// den init and den python pin, as they are typed: what is written, what is kept, what is refused.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { parseTomlDocument } from '../../src/format/toml.ts'
import { readProjectTable } from '../../src/spec/pyproject.ts'
import { type DenRun, den } from '../kit/den.ts'
import { pythons } from '../kit/pythons.ts'
import { scratch } from '../kit/scratch.ts'

const python = pythons().findLast(({ version }) => /^3\.(?:9|1\d)/.test(version))!
const line = python.version.split('.').slice(0, 2).join('.')

function diagnosis(run: DenRun): { readonly code: string; readonly what: string } {
  return run.json<{ code: string; what: string }>()
}

const files = (root: string): readonly string[] =>
  fs
    .readdirSync(root)
    .filter((name) => !name.startsWith('den-'))
    .sort()

test('den init begins a program that runs', async (t) => {
  const cwd = scratch(t)
  const run = await den(['init', 'My App', '-p', python.executable, '--vcs', 'none'], { cwd })
  assert.equal(run.code, 0, run.stderr)
  assert.match(run.stderr, /began my-app, a program for Python >=3\.\d+, in My App/)
  const root = path.join(cwd, 'My App')
  assert.deepEqual(files(root), ['.python-version', 'README.md', 'main.py', 'pyproject.toml'])
  const text = fs.readFileSync(path.join(root, 'pyproject.toml'), 'utf8')
  assert.equal(
    text,
    `[project]\nname = "my-app"\nversion = "0.1.0"\nreadme = "README.md"\nrequires-python = ">=${line}"\ndependencies = []\n`,
  )
  assert.ok(readProjectTable(parseTomlDocument(text)))
  assert.equal(fs.readFileSync(path.join(root, '.python-version'), 'utf8'), `${line}\n`)
  const said = spawnSync(python.executable, ['main.py'], { cwd: root, encoding: 'utf8' })
  assert.equal(said.stdout, 'Hello from my-app!\n')
})

test('a library and a package have a build system, and stand in src/', async (t) => {
  const cwd = scratch(t)
  const home = { cwd, env: { GIT_CONFIG_GLOBAL: path.join(cwd, 'gitconfig') } }
  fs.writeFileSync(path.join(cwd, 'gitconfig'), '[user]\n\tname = "Ada \\"L\\""\n\temail = ada@example.org\n')
  const lib = await den(['init', '--lib', 'lib', '-p', python.executable, '--description', 'What "it" is'], home)
  assert.equal(lib.code, 0, lib.stderr)
  const manifest = fs.readFileSync(path.join(cwd, 'lib', 'pyproject.toml'), 'utf8')
  assert.match(manifest, /\n\[build-system\]\nrequires = \["hatchling"\]\nbuild-backend = "hatchling\.build"\n$/)
  const { table } = readProjectTable(parseTomlDocument(manifest))!
  assert.deepEqual(JSON.parse(JSON.stringify([table['description'], table['authors']])), [
    'What "it" is',
    [{ name: 'Ada "L"', email: 'ada@example.org' }],
  ])
  assert.ok(fs.existsSync(path.join(cwd, 'lib', 'src', 'lib', 'py.typed')))
  assert.ok(fs.existsSync(path.join(cwd, 'lib', '.git')))
  assert.match(fs.readFileSync(path.join(cwd, 'lib', '.gitignore'), 'utf8'), /^\.venv\/$/m)

  const made = await den(['init', '--build-backend', 'setuptools', 'class', '-p', python.executable], home)
  assert.equal(made.code, 0, made.stderr)
  const text = fs.readFileSync(path.join(cwd, 'class', 'pyproject.toml'), 'utf8')
  assert.match(
    text,
    /\n\[project\.scripts\]\nclass = "_class:main"\n\n\[build-system\]\nrequires = \["setuptools>=61"\]\n/,
  )
  assert.ok(fs.existsSync(path.join(cwd, 'class', 'src', '_class', '__init__.py')))
})

test('a module that cannot be called as its project is found by the backend', async (t) => {
  const cwd = scratch(t)
  const manifestWith = async (backend: string, name: string): Promise<string> => {
    const made = await den(
      ['init', '--lib', '--build-backend', backend, '--name', name, backend, '-p', python.executable],
      {
        cwd,
      },
    )
    assert.equal(made.code, 0, made.stderr)
    assert.ok(fs.existsSync(path.join(cwd, backend, 'src', name === 'plain' ? 'plain' : '_2cool', '__init__.py')))
    const text = fs.readFileSync(path.join(cwd, backend, 'pyproject.toml'), 'utf8')
    fs.rmSync(path.join(cwd, backend), { recursive: true })
    return text
  }
  const told = {
    hatch: '\n[tool.hatch.build.targets.wheel]\npackages = ["src/_2cool"]\n',
    flit: '\n[tool.flit.module]\nname = "_2cool"\n',
    poetry: '\n[tool.poetry]\npackages = [{ include = "_2cool", from = "src" }]\n',
    uv: '\n[tool.uv.build-backend]\nmodule-name = "_2cool"\n',
    pdm: '',
    setuptools: '',
  }
  for (const [backend, words] of Object.entries(told)) {
    const text = await manifestWith(backend, '2cool')
    assert.ok(text.endsWith(words), text)
    if (words === '') assert.doesNotMatch(text, /\[tool/)
    const plain = await manifestWith(backend, 'plain')
    assert.doesNotMatch(plain, /\[tool/)
    assert.equal(/\ndescription = /.test(plain), backend === 'flit')
  }
})

test('what is there stays: other files are kept, a manifest is refused', async (t) => {
  const cwd = scratch(t, { 'p/main.py': 'mine\n', 'p/README.md': 'mine\n' })
  const root = path.join(cwd, 'p')
  const dry = await den(['init', '--dry-run', '-C', root, '-p', python.executable], { cwd })
  assert.match(dry.stdout, /would begin p/)
  assert.deepEqual(files(root), ['README.md', 'main.py'])
  const quiet = await den(['init', 'other', '-q', '-p', python.executable, '--vcs', 'none'], { cwd })
  assert.deepEqual([quiet.code, quiet.stdout, quiet.stderr], [0, '', ''])
  const run = await den(['init', '--bare', '-C', root, '-p', python.executable, '--json'], { cwd })
  assert.deepEqual(run.json<{ written: string[] }>().written, [path.join(root, 'pyproject.toml')])
  const again = await den(['init', 'p', '-p', python.executable, '--json'], { cwd })
  assert.equal(again.code, 1)
  assert.equal(diagnosis(again).code, 'project-exists')
  assert.equal(fs.readFileSync(path.join(root, 'main.py'), 'utf8'), 'mine\n')
})

test('a script gets its metadata, once, and keeps its code', async (t) => {
  const cwd = scratch(t, { 'old.py': '#!/usr/bin/env python\nprint("old")\n' })
  const init = (file: string): Promise<DenRun> =>
    den(['init', '--script', file, '-p', python.executable, '--json'], { cwd })
  assert.equal((await init('new.py')).code, 0)
  const said = spawnSync(python.executable, ['new.py'], { cwd, encoding: 'utf8' })
  assert.equal(said.stdout, 'Hello from new.py!\n')
  assert.equal((await init('old.py')).code, 0)
  assert.equal(
    fs.readFileSync(path.join(cwd, 'old.py'), 'utf8'),
    `#!/usr/bin/env python\n# /// script\n# requires-python = ">=${line}"\n# dependencies = []\n# ///\n\nprint("old")\n`,
  )
  assert.equal(diagnosis(await init('old.py')).code, 'project-exists')
  assert.equal((await den(['init', '--script'], { cwd })).code, 2)
})

test('a script of another encoding is refused, and a mark of the byte order stays in front', async (t) => {
  const latin = Buffer.from('# -*- coding: latin-1 -*-\nprint("caf\xe9")\n', 'latin1')
  const cwd = scratch(t, { 'marked.py': '\ufeffprint("marked")\n' })
  fs.writeFileSync(path.join(cwd, 'latin.py'), latin)
  const init = (file: string): Promise<DenRun> =>
    den(['init', '--script', file, '-p', python.executable, '--json'], { cwd })
  assert.equal(diagnosis(await init('latin.py')).code, 'not-utf8')
  assert.deepEqual(fs.readFileSync(path.join(cwd, 'latin.py')), latin)
  assert.equal((await init('marked.py')).code, 0)
  const text = (): string => fs.readFileSync(path.join(cwd, 'marked.py'), 'utf8')
  assert.match(text(), /^\ufeff# \/\/\/ script\n/)
  const said = spawnSync(python.executable, ['marked.py'], { cwd, encoding: 'utf8' })
  assert.equal(said.stdout, 'marked\n')
  assert.equal(diagnosis(await init('marked.py')).code, 'project-exists')
  const added = await den(['add', '--script', 'marked.py', 'app'], { cwd })
  assert.equal(added.code, 0, added.stderr)
  assert.match(text(), /^\ufeff# \/\/\/ script\n(?:#.*\n)+\nprint/)
  assert.equal(text().match(/\/\/\/ script/g)?.length, 1)
  assert.match(text(), /"app"/)
})

test('a directory whose name is no name is told, and --name helps', async (t) => {
  const cwd = scratch(t)
  const run = await den(['init', '…', '-p', python.executable, '--json'], { cwd })
  assert.equal(diagnosis(run).code, 'invalid-name')
  assert.equal(fs.existsSync(path.join(cwd, '…')), false)
  const named = await den(['init', '…', '--name', 'dots', '-p', python.executable], { cwd })
  assert.equal(named.code, 0, named.stderr)
})

test('den python pin writes, shows and removes the pin', async (t) => {
  const cwd = scratch(t, {
    'pyproject.toml': '[project]\nname = "a"\nversion = "1"\nrequires-python = ">=3.9"\n',
    'sub/x': '',
  })
  const pin = (...args: readonly string[]): Promise<DenRun> =>
    den(['python', 'pin', ...args, '-C', path.join(cwd, 'sub')], {
      cwd,
      env: { PATH: path.dirname(python.executable) },
    })
  const file = path.join(cwd, '.python-version')
  assert.match((await pin()).stderr, /nothing is pinned/)
  // Beside the manifest, wherever in the project it is typed.
  const set = await pin(line)
  assert.equal(set.code, 0, set.stderr)
  assert.equal(fs.readFileSync(file, 'utf8'), `${line}\n`)
  assert.equal((await pin()).stdout, `${line}\n`)
  await pin(line, '--resolved')
  assert.match(fs.readFileSync(file, 'utf8'), /^3\.\d+\.\d+\n$/)
  // python-outside-project is a warning: the pin is written.
  const odd = await pin('2.7')
  assert.equal(odd.code, 0)
  assert.match(odd.stderr, /requires-python is >=3\.9/)
  const refused = await pin('./bin/python', '--json')
  assert.equal(diagnosis(refused).code, 'invalid-python-request')
  assert.equal(fs.readFileSync(file, 'utf8'), '2.7\n')
  assert.match((await pin('--rm')).stdout, /removed .*\(2\.7\)/)
  assert.equal(fs.existsSync(file), false)
  assert.equal(diagnosis(await pin('--rm', '--json')).code, 'nothing-pinned')
})
