// What a package brings besides its own: a file of another one, names of the interpreter and of activation, modules of the standard library,
// code that runs whenever Python starts. Refused, or reported in plain words; and whatever a package brings, den does not run it.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { layApart } from '../kit/apart.ts'
import { changesBetween, snapshot } from '../kit/bad-archives-run.ts'
import { type DenRun, runProgram } from '../kit/den.ts'
import { eggInfo, eggLink } from '../kit/installed.ts'
import { skipWithoutPython } from '../kit/pythons.ts'
import { type Tree, writeTree } from '../kit/scratch.ts'
import { buildWheel, type WheelInput, wheelFilename } from '../kit/wheel.ts'

const skip = skipWithoutPython('3.12', 'overlaps')

interface Scene {
  readonly root: string
  readonly environment: string
  readonly site: string
  den(...args: readonly string[]): Promise<DenRun>
  /** `den pip install` of these, from files. */
  install(...wheels: readonly WheelInput[]): Promise<DenRun>
  python(code: string): Promise<string>
}

async function scene(t: TestContext): Promise<Scene> {
  const { root, cwd, env, environment, site, run } = await layApart(t)
  let count = 0
  return {
    root,
    environment,
    site,
    den: run,
    install: (...wheels) => {
      count += 1
      const files = wheels.map((wheel) => path.join(root, 'wheels', String(count), wheelFilename(wheel)))
      for (const [index, wheel] of wheels.entries()) writeTree('/', { [files[index]!.slice(1)]: buildWheel(wheel) })
      return run('pip', 'install', '--no-index', ...files)
    },
    python: async (code) => {
      const done = await runProgram(path.join(environment, 'bin/python'), ['-c', code], { cwd, env })
      assert.equal(done.code, 0, done.stderr)
      return done.stdout.trim()
    },
  }
}

const one: WheelInput = { name: 'one', version: '1.0', files: { 'shared/__init__.py': 'who = "one"\n', 'one.py': '' } }
const two: WheelInput = { name: 'two', version: '1.0', files: { 'shared/__init__.py': 'who = "two"\n', 'two.py': '' } }

test('two distributions with one file: both owners are named, and the file outlives the first that goes', {
  skip,
}, async (t) => {
  const s = await scene(t)
  assert.equal((await s.install(one)).code, 0)
  const second = await s.install(two)
  assert.equal(second.code, 0, second.stderr)
  assert.match(second.stderr, /warning\[file-shared\]: .*shared\/__init__\.py/)
  assert.match(second.stderr, /\bone\b/)
  assert.match(second.stderr, /\btwo\b/)
  assert.equal(await s.python('import shared; print(shared.who)'), 'two')
  const gone = await s.den('pip', 'uninstall', '-y', 'one')
  assert.equal(gone.code, 0, gone.stderr)
  assert.match(gone.stderr, /file-shared/)
  assert.equal(await s.python('import shared; print(shared.who)'), 'two')
  assert.equal((await s.den('pip', 'check')).code, 0)
  assert.equal((await s.den('pip', 'uninstall', '-y', 'two')).code, 0)
  assert.deepEqual(fs.readdirSync(s.site), [])
})

test('two distributions with one file that come together', { skip }, async (t) => {
  const s = await scene(t)
  const both = await s.install(one, two)
  assert.equal(both.code, 0, both.stderr)
  assert.match(both.stderr, /warning\[file-shared\]: .*shared\/__init__\.py/)
})

test('two distributions with one script', { skip }, async (t) => {
  const s = await scene(t)
  assert.equal((await s.install({ name: 'one', version: '1.0', scripts: { tool: 'one:main' } })).code, 0)
  const second = await s.install({ name: 'two', version: '1.0', scripts: { tool: 'two:main' } })
  assert.equal(second.code, 0, second.stderr)
  assert.match(second.stderr, /warning\[file-shared\]: .*bin\/tool/)
})

test('a file of nobody’s that gives way is named', { skip }, async (t) => {
  const s = await scene(t)
  writeTree(s.site, { 'one.py': 'mine = 1\n' })
  const run = await s.install({ name: 'one', version: '1.0' })
  assert.equal(run.code, 0, run.stderr)
  assert.match(run.stderr, /warning\[file-replaced\]: .*one\.py/)
})

for (const name of [
  'python',
  'python3',
  'Python',
  'PYTHON3.12',
  'activate',
  'Activate.ps1',
  'deactivate',
  'activate_this.py',
  'pyvenv.cfg',
]) {
  test(`a script called ${name} is refused, however it comes`, { skip }, async (t) => {
    const s = await scene(t)
    const before = snapshot(s.environment)
    const ways: readonly WheelInput[] = [
      { name: 'evil', version: '1.0', scripts: { [name]: 'evil:main' } },
      { name: 'evil', version: '1.1', guiScripts: { [name]: 'evil:main' } },
      { name: 'evil', version: '1.2', data: { scripts: { [name]: '#!python\n' } } },
      { name: 'evil', version: '1.3', data: { data: { [`bin/${name}`]: 'x' } } },
    ]
    for (const wheel of ways) {
      const run = await s.install(wheel)
      assert.equal(run.code, 1, run.stdout)
      assert.match(run.stderr, /^error\[(?:install-refused|invalid-wheel)\]: /m)
      assert.deepEqual(changesBetween(before, snapshot(s.environment)), [])
    }
  })
}

test('a script called pip is what a distribution may bring, and said when it takes another’s place', {
  skip,
}, async (t) => {
  const s = await scene(t)
  assert.equal((await s.install({ name: 'pip', version: '1.0', scripts: { pip: 'pip:main' } })).code, 0)
  const run = await s.install({ name: 'evil', version: '1.0', scripts: { pip: 'evil:main' } })
  if (run.code === 0) assert.match(run.stderr, /warning\[file-(?:shared|replaced)\]: .*bin\/pip/)
  else assert.match(run.stderr, /install-refused/)
})

test('modules that the standard library hides are named', { skip }, async (t) => {
  const s = await scene(t)
  for (const [name, files] of Object.entries({
    enum34: { 'enum/__init__.py': '' },
    json: { 'json.py': '' },
    typing: { 'typing.py': '' },
  })) {
    const run = await s.install({ name, version: '1.0', files })
    assert.equal(run.code, 0, run.stderr)
    assert.match(
      run.stderr,
      new RegExp(`warning\\[module-hidden\\]: .*${Object.keys(files)[0]!.replace(/[/.].*/, '')}`),
    )
  }
  const plain = await s.install({ name: 'plain', version: '1.0' })
  assert.doesNotMatch(plain.stderr, /warning/)
})

const startUp: Readonly<Record<string, string>> = {
  'evil.pth': 'import os; os.environ.setdefault("EVIL", "1")\n',
  'evil.start': 'evil:begin\n',
  'sitecustomize.py': 'evil = 1\n',
  'usercustomize.py': 'evil = 1\n',
}
for (const [file, content] of Object.entries(startUp)) {
  test(`code that runs at every start is reported: ${file}`, { skip }, async (t) => {
    const s = await scene(t)
    const bring = (version: string, text: string): WheelInput => ({ name: 'evil', version, files: { [file]: text } })
    const run = await s.install(bring('1.0', content))
    assert.equal(run.code, 0, run.stderr)
    assert.match(run.stderr, /warning\[start-up-code\]: .*evil 1\.0/)
    assert.ok(run.stderr.includes(file), run.stderr)
    // What was there already is no news; what is new in it is.
    const same = await s.install(bring('1.1', content))
    assert.doesNotMatch(same.stderr, /start-up-code/)
    const changed = await s.install(bring('1.2', `${content}# more\n`))
    assert.match(changed.stderr, /start-up-code/)
    assert.equal((await s.den('pip', 'uninstall', '-y', 'evil')).code, 0)
    assert.deepEqual(fs.readdirSync(s.site), [])
  })
}

test('a path in a .pth file is no code', { skip }, async (t) => {
  const s = await scene(t)
  const run = await s.install({ name: 'quiet', version: '1.0', files: { 'quiet.pth': './elsewhere\n# import this\n' } })
  assert.equal(run.code, 0)
  assert.doesNotMatch(run.stderr, /start-up-code/)
})

test('den runs nothing of what it has installed', { skip }, async (t) => {
  const s = await scene(t)
  const canary = path.join(s.root, 'canary')
  const code = `open(${JSON.stringify(canary)}, "a").write(__name__ + "\\n")\n`
  const evil: WheelInput = {
    name: 'evil',
    version: '1.0',
    files: {
      ...Object.fromEntries(
        // What an interpreter that is asked for facts, or compiles bytecode, would import.
        [
          'sitecustomize',
          'usercustomize',
          'encodings',
          'site',
          'json',
          'compileall',
          'py_compile',
          'concurrent',
          'struct',
          'sysconfig',
          'platform',
          'os',
          'setuptools',
          'pip',
          'wheel',
          'evil',
        ].map((name) => [`${name}.py`, code]),
      ),
      'evil.pth': `import sys; open(${JSON.stringify(canary)}, "a").write("pth\\n")\n`,
    },
    scripts: { evil: 'evil:main' },
  }
  assert.equal((await s.install(evil)).code, 0)
  const other: WheelInput = { name: 'other', version: '1.0', files: { 'other.py': 'x = 1\n' } }
  assert.equal((await s.install(other)).code, 0)
  for (const command of [
    ['pip', 'list'],
    ['pip', 'freeze'],
    ['pip', 'check'],
    ['pip', 'show', '-f', 'evil'],
    ['pip', 'inspect'],
    ['pip', 'tree'],
    ['pip', 'debug'],
    ['pip', '--version'],
    ['check'],
    ['repair'],
    ['doctor'],
    ['explain'],
    ['history'],
    ['env', 'list'],
    ['python', 'list'],
  ])
    await s.den(...command)
  assert.equal(
    (
      await s.den(
        'pip',
        'install',
        '--no-index',
        '--force-reinstall',
        '--compile',
        path.join(s.root, 'wheels/2', wheelFilename(other)),
      )
    ).code,
    0,
  )
  assert.equal((await s.den('pip', 'uninstall', '-y', 'evil')).code, 0)
  assert.equal(fs.existsSync(canary), false, fs.existsSync(canary) ? fs.readFileSync(canary, 'utf8') : '')
})

const outside = [
  '../../../../outside.txt',
  'ABSOLUTE',
  '../../../../.venv_evil/x',
  'link/outside.txt',
  './../../../../outside.txt',
  '../../../bin/python',
  '../../../pyvenv.cfg',
]
for (const row of outside) {
  test(`a RECORD that lists ${row} has nothing removed outside, and nothing half removed`, { skip }, async (t) => {
    const s = await scene(t)
    assert.equal((await s.install(one)).code, 0)
    writeTree(s.root, { 'project/outside.txt': 'mine', 'outside.txt': 'mine', 'elsewhere/outside.txt': 'mine' })
    writeTree(path.dirname(s.environment), { '.venv_evil/x': 'mine' })
    fs.symlinkSync(path.join(s.root, 'elsewhere'), path.join(s.site, 'link'))
    const record = path.join(s.site, 'one-1.0.dist-info/RECORD')
    fs.appendFileSync(record, `${row.replace('ABSOLUTE', path.join(s.root, 'outside.txt'))},,\n`)
    const before = snapshot(path.join(s.root, 'project'))
    const beside = snapshot(s.root, ['project', 'data', 'cache', 'wheels', 'home'])
    const run = await s.den('pip', 'uninstall', '-y', 'one')
    assert.equal(run.code, 1, run.stdout)
    assert.match(run.stderr, /^error\[uninstall-refused\]: /m)
    const changes = changesBetween(before, snapshot(path.join(s.root, 'project')))
    assert.deepEqual(
      changes.filter((name) => !name.startsWith('.venv/.den')),
      [],
    )
    assert.deepEqual(changesBetween(beside, snapshot(s.root, ['project', 'data', 'cache', 'wheels', 'home'])), [])
  })
}

const legacy: Readonly<Record<string, (outside: string) => Tree>> = {
  'installed-files.txt that climbs': () => ({
    ...eggInfo('old', '1.0', ''),
    'old-1.0-py3.11.egg-info/installed-files.txt': '../old.py\nPKG-INFO\n../../../../../../outside.txt\n',
  }),
  'installed-files.txt with an absolute path': (outside) => ({
    ...eggInfo('old', '1.0', ''),
    'old-1.0-py3.11.egg-info/installed-files.txt': `../old.py\nPKG-INFO\n${outside}\n`,
  }),
  'installed-files.txt through a link': () => ({
    ...eggInfo('old', '1.0', ''),
    'old-1.0-py3.11.egg-info/installed-files.txt': '../old.py\nPKG-INFO\n../link/outside.txt\n',
  }),
  'top_level.txt that climbs': () => {
    const { 'old-1.0-py3.11.egg-info/installed-files.txt': _, ...tree } = eggInfo('old', '1.0', '')
    return { ...tree, 'old-1.0-py3.11.egg-info/top_level.txt': '../../../../../outside\nold\n' }
  },
  'top_level.txt with an absolute path': (outside) => {
    const { 'old-1.0-py3.11.egg-info/installed-files.txt': _, ...tree } = eggInfo('old', '1.0', '')
    return { ...tree, 'old-1.0-py3.11.egg-info/top_level.txt': `${outside.replace('.txt', '')}\nold\n` }
  },
  'an egg-link to a directory elsewhere': (outside) => ({
    ...eggLink('old', path.dirname(outside)),
    'easy-install.pth': `${path.dirname(outside)}\n`,
  }),
  'an egg that is a link': () => ({ 'easy-install.pth': './old-1.0-py3.11.egg\n' }),
}
for (const [name, make] of Object.entries(legacy)) {
  test(`a legacy install whose removal would reach outside: ${name}`, { skip }, async (t) => {
    const s = await scene(t)
    const outside = path.join(s.root, 'elsewhere', 'outside.txt')
    const egg: Tree = { 'EGG-INFO/PKG-INFO': 'Metadata-Version: 1.1\nName: old\nVersion: 1.0\n', 'old.py': '' }
    writeTree(s.root, {
      'elsewhere/outside.txt': 'mine',
      'elsewhere/outside/x': 'mine',
      'outside.txt': 'mine',
      'project/outside/x': 'mine',
    })
    writeTree(path.join(s.root, 'elsewhere'), { 'old.egg-info/PKG-INFO': egg['EGG-INFO/PKG-INFO'] })
    writeTree(path.join(s.root, 'egg'), egg)
    fs.symlinkSync(path.join(s.root, 'elsewhere'), path.join(s.site, 'link'))
    writeTree(s.site, make(outside))
    if (name === 'an egg that is a link')
      fs.symlinkSync(path.join(s.root, 'egg'), path.join(s.site, 'old-1.0-py3.11.egg'))
    const but = ['project/.venv', 'data', 'cache', 'home']
    const before = snapshot(s.root, but)
    assert.match((await s.den('pip', 'list')).stdout, /^old /m)
    const run = await s.den('pip', 'uninstall', '-y', 'old')
    assert.doesNotMatch(run.stderr, /error\[internal\]/, run.stderr)
    // Removed or refused, what lies outside of the environment is as it was.
    assert.deepEqual(changesBetween(before, snapshot(s.root, but)), [], run.stdout + run.stderr)
    if (run.code !== 0) assert.match(run.stderr, /^error\[uninstall-refused\]: /m)
  })
}
