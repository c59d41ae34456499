// `den pip` as a user types it: environments that den finds by itself, what it refuses, what it removes. What it prints is compared with
// pip's own output in peers/pip-installed.test.ts.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { den } from '../kit/den.ts'
import { distInfo, distutilsFile, eggDirectory } from '../kit/installed.ts'
import { pythonOr } from '../kit/pythons.ts'
import { scratch, writeTree } from '../kit/scratch.ts'
import { buildWheel } from '../kit/wheel.ts'

interface Place {
  readonly cwd: string
  readonly root: string
  readonly site: string
}

async function project(t: TestContext, line = '3.12'): Promise<Place | undefined> {
  const python = pythonOr(t, line)
  if (python === undefined) return undefined
  const cwd = scratch(t)
  const made = await den(['create', '--seed', 'none', '-p', python.executable], { cwd })
  assert.equal(made.code, 0, made.stderr)
  const root = path.join(cwd, '.venv')
  return { cwd, root, site: path.join(root, 'lib', `python${line}`, 'site-packages') }
}

const nowhere = { VIRTUAL_ENV: undefined, CONDA_PREFIX: undefined }

test('den pip works on the environment that is active, else on the nearest .venv, else says what to do', async (t) => {
  const place = await project(t)
  if (place === undefined) return
  const { cwd, root, site } = place
  writeTree(site, distInfo({ name: 'six', version: '1.0' }))
  fs.mkdirSync(path.join(cwd, 'sub'))
  const inSub = await den(['pip', 'freeze'], { cwd: path.join(cwd, 'sub') })
  assert.equal(inSub.stdout, 'six==1.0\n')
  const elsewhere = scratch(t)
  const active = await den(['pip', 'freeze'], { cwd: elsewhere, env: { VIRTUAL_ENV: root } })
  assert.equal(active.stdout, 'six==1.0\n')
  const none = await den(['pip', 'list'], { cwd: elsewhere, env: nowhere })
  assert.equal(none.code, 1)
  assert.match(none.stderr, /environment-not-found[\s\S]*den create/)
  const named = await den(['pip', '--python', root, 'list', '--format=json'], { cwd: elsewhere })
  assert.deepEqual(named.json(), [{ name: 'six', version: '1.0' }])
  const executable = await den(['pip', `--python=${path.join(root, 'bin', 'python')}`, 'freeze'], { cwd: elsewhere })
  assert.equal(executable.stdout, 'six==1.0\n')
  const version = await den(['pip', '--version'], { cwd })
  assert.match(version.stdout, /^pip \d[\w.]* from .+ \(python 3\.12\)\n$/)
})

test('den pip ends with pip’s exit codes, and says what is wrong', async (t) => {
  const cwd = scratch(t)
  const cases: readonly (readonly [
    args: readonly string[],
    exit: number,
    code?: string,
    env?: Record<string, string>,
  ])[] = [
    [['list', '--nothing'], 2, 'unknown-option'],
    [['--nothing'], 2, 'unknown-option'],
    [['list', '--ex', 'x'], 2, 'ambiguous-option'],
    [['hash', '-a'], 2, 'option-needs-value'],
    [['hash', '-a', 'md5'], 2, 'bad-option-value'],
    [['list', '--local=1'], 2, 'option-takes-no-value'],
    [['lst'], 1, 'unknown-pip-command'],
    [['help', 'lst'], 1, 'unknown-pip-command'],
    [['list', '--python', 'x'], 1, 'pip-option-misplaced'],
    [['list', '-o', '-u'], 1, 'pip-options-refused'],
    [['search', 'x'], 1, 'search-gone'],
    [['hash'], 1],
    [['config', 'set', 'global.x', 'y'], 1, 'no-pip-configuration'],
    [['list'], 3, 'pip-setting-wrong', { PIP_RETRIES: 'five' }],
    [['list'], 2, 'bad-option-value', { PIP_QUIET: 'five' }],
    [[], 0],
    [['--help'], 0],
    [['list', '-h'], 0],
    [['help', 'install'], 0],
  ]
  for (const [args, exit, code, env] of cases) {
    const run = await den(['pip', ...args], { cwd, env: { ...nowhere, PIP_CONFIG_FILE: '/dev/null', ...env } })
    assert.equal(run.code, exit, `${args.join(' ')}\n${run.stderr}`)
    if (code !== undefined) assert.match(run.stderr, new RegExp(`error\\[${code}\\]`), args.join(' '))
  }
})

test('den pip --no-color, --log, -q and -v', async (t) => {
  const place = await project(t)
  if (place === undefined) return
  const { cwd, site } = place
  writeTree(site, distInfo({ name: 'six', version: '1.0' }))
  const colored = { FORCE_COLOR: '1', NO_COLOR: undefined, PIP_CONFIG_FILE: '/dev/null' }
  const run = (args: readonly string[], env = {}) => den(['pip', ...args], { cwd, env: { ...colored, ...env } })
  assert.match((await run(['lst'])).stderr, /\x1b\[/)
  assert.doesNotMatch((await run(['lst', '--no-color'])).stderr, /\x1b/)
  assert.doesNotMatch((await run(['lst'], { PIP_NO_COLOR: 'yes' })).stderr, /\x1b/)
  assert.equal((await run(['-q', 'list'])).stdout, '')
  assert.equal((await run(['-q', 'freeze'])).stdout, 'six==1.0\n')
  assert.match((await run(['-q', 'show', 'six', 'absent'])).stderr, /WARNING: Package\(s\) not found: absent/)
  assert.equal((await run(['-qq', 'show', 'six', 'absent'])).stderr, '')
  const { stderr } = await run(['-v', 'list'])
  assert.match(stderr, /python\.found/)
  await run(['--log', 'logs/pip.log', 'show', 'six', 'absent'])
  const log = fs.readFileSync(path.join(cwd, 'logs', 'pip.log'), 'utf8')
  assert.match(log, /^\d{4}-\d\d-\d\dT[\d:,]+ WARNING: Package\(s\) not found: absent\n.* Name: six\n/)
})

test('den pip index versions and list --outdated ask the index that pip’s options name', async (t) => {
  const place = await project(t)
  if (place === undefined) return
  const { cwd, site } = place
  writeTree(site, distInfo({ name: 'six', version: '1.0' }))
  const links = path.join(cwd, 'links')
  const wheel = (version: string, requiresPython = '>=3'): void =>
    writeTree(links, { [`six-${version}-py3-none-any.whl`]: buildWheel({ name: 'six', version, requiresPython }) })
  for (const version of ['1.0', '1.2', '2.0rc1']) wheel(version)
  writeTree(links, { 'six-1.10.tar.gz': 'never opened', 'six-3.0-cp27-cp27m-win32.whl': 'of another machine' })
  const ask = (...args: readonly string[]) =>
    den(['pip', ...args, '--no-index', '--find-links', links], { cwd, env: { PIP_CONFIG_FILE: '/dev/null' } })
  const versions = await ask('index', 'versions', 'six')
  assert.equal(
    versions.stdout,
    'six (1.10)\nAvailable versions: 1.10, 1.2, 1.0\n  INSTALLED: 1.0\n  LATEST:    1.10\n',
    versions.stderr,
  )
  const pre = await ask('index', 'versions', 'six', '--pre', '--only-binary', ':all:', '--json')
  assert.deepEqual(pre.json(), {
    name: 'six',
    versions: ['2.0rc1', '1.2', '1.0'],
    latest: '2.0rc1',
    installed_version: '1.0',
  })
  const absent = await ask('index', 'versions', 'absent')
  assert.equal(absent.code, 1)
  assert.match(absent.stderr, /no-such-release/)
  const outdated = await ask('list', '--outdated', '--only-binary=six', '--format=json')
  assert.deepEqual(outdated.json(), [{ name: 'six', version: '1.0', latest_version: '1.2', latest_filetype: 'wheel' }])
  assert.equal((await ask('list', '--uptodate')).stdout, '')
  assert.match(
    (await ask('list', '-o')).stdout,
    /^Package Version Latest Type\n-+ -+ -+ -+\nsix {5}1\.0 {5}1\.10 {3}sdist\n$/,
  )
})

test('den pip --require-virtualenv lets commands that only read go on and stops the others', async (t) => {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  const cwd = scratch(t)
  const ask = (...args: readonly string[]) =>
    den(['pip', '--python', python.executable, '--require-virtualenv', ...args], { cwd, env: nowhere })
  assert.equal((await ask('list')).code, 0)
  const refused = await ask('uninstall', '-y', 'nothing')
  assert.equal(refused.code, 3)
  assert.match(refused.stderr, /environment-required/)
})

test('den pip uninstall asks, and removes what it said', async (t) => {
  const place = await project(t)
  if (place === undefined) return
  const { cwd, site } = place
  writeTree(site, distInfo({ name: 'one', version: '1.0' }))
  writeTree(site, distInfo({ name: 'two', version: '2.0' }))
  writeTree(site, { 'pack/__init__.py': '', 'pack/mine.txt': 'added by hand' })
  fs.appendFileSync(path.join(site, 'two-2.0.dist-info', 'RECORD'), 'pack/__init__.py,,\n')
  const before = fs.readdirSync(site).sort()
  const no = await den(['pip', 'uninstall', 'one'], { cwd, input: 'n\n' })
  assert.equal(no.code, 0, no.stderr)
  assert.match(no.stdout, /Found existing installation: one 1\.0\nUninstalling one-1\.0:\n {2}Would remove:\n/)
  assert.ok(no.stdout.includes(`${path.join(site, 'one-1.0.dist-info')}/*`))
  assert.doesNotMatch(no.stdout, /Successfully/)
  assert.deepEqual(fs.readdirSync(site).sort(), before)
  const end = await den(['pip', 'uninstall', 'one'], { cwd, input: '' })
  assert.equal(end.code, 1)
  assert.match(end.stderr, /nobody-answers/)
  const silent = await den(['pip', '--no-input', 'uninstall', 'one'], { cwd })
  assert.equal(silent.code, 1)
  const odd = await den(['pip', 'uninstall', 'two', 'absent'], { cwd, input: 'what\ny\n' })
  assert.equal(odd.code, 0, odd.stderr)
  assert.match(odd.stdout, /Would not remove \(might be manually added\):\n.*pack\/mine\.txt/)
  assert.match(odd.stdout, /was not one of the expected responses/)
  assert.match(odd.stdout, /Successfully uninstalled two-2\.0/)
  assert.match(odd.stderr, /Skipping absent as it is not installed/)
  assert.equal(fs.readFileSync(path.join(site, 'pack', 'mine.txt'), 'utf8'), 'added by hand')
  writeTree(cwd, { 'gone.txt': 'one>=1  # not needed\n' })
  const filed = await den(['pip', 'uninstall', '-y', '-r', 'gone.txt'], { cwd })
  assert.equal(filed.code, 0, filed.stderr)
  assert.equal((await den(['pip', 'freeze'], { cwd })).stdout, '')
})

test('den pip uninstall takes eggs away, refuses what has no list of files, and then removes nothing', async (t) => {
  const place = await project(t)
  if (place === undefined) return
  const { cwd, site } = place
  writeTree(site, distutilsFile('dumb', '0.1'))
  writeTree(site, { ...eggDirectory('eggdir', '3.0'), 'easy-install.pth': './eggdir-3.0-py3.11.egg\n' })
  const both = await den(['pip', 'uninstall', '-y', 'eggdir', 'dumb'], { cwd })
  assert.equal(both.code, 1)
  assert.match(both.stderr, /uninstall-refused/)
  assert.ok(fs.existsSync(path.join(site, 'eggdir-3.0-py3.11.egg')))
  const egg = await den(['pip', 'uninstall', '-y', 'eggdir'], { cwd })
  assert.equal(egg.code, 0, egg.stderr)
  assert.ok(!fs.existsSync(path.join(site, 'eggdir-3.0-py3.11.egg')))
  assert.ok(fs.existsSync(path.join(site, 'dumb.py')))
})

test('den pip uninstall leaves an installation alone that belongs to another package manager', async (t) => {
  const system = '/usr/bin/python3'
  const managed = fs
    .globSync('/usr/lib/python3*/EXTERNALLY-MANAGED')
    .find((file) => fs.realpathSync(system).includes(path.basename(path.dirname(file))))
  if (managed === undefined) {
    t.skip('NOT TESTED: no Python here says that it is managed externally')
    return
  }
  const cwd = scratch(t)
  const refused = await den(['pip', '--python', system, 'uninstall', '-y', 'nothing-of-this-name'], {
    cwd,
    env: nowhere,
  })
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /externally-managed[\s\S]*--break-system-packages/)
  const forced = await den(
    ['pip', '--python', system, 'uninstall', '-y', '--break-system-packages', 'nothing-of-this-name'],
    { cwd, env: nowhere },
  )
  assert.equal(forced.code, 0, forced.stderr)
})

test('den pip tree and why tell what requires what', async (t) => {
  const place = await project(t)
  if (place === undefined) return
  const { cwd, site } = place
  writeTree(
    site,
    distInfo({
      name: 'app',
      version: '1.0',
      requested: true,
      headers: ['Requires-Dist: lib>=1', 'Requires-Dist: absent'],
    }),
  )
  writeTree(site, distInfo({ name: 'lib', version: '0.5', headers: ['Requires-Dist: base', 'Requires-Dist: app'] }))
  writeTree(site, distInfo({ name: 'base', version: '2.0' }))
  const down = await den(['pip', 'tree'], { cwd })
  assert.equal(
    down.stdout,
    [
      'app 1.0',
      '├── absent (not installed)',
      '└── lib 0.5 (required: >=1) (conflict)',
      '    ├── app 1.0 (see above)',
      '    └── base 2.0',
      '',
    ].join('\n'),
  )
  const up = await den(['pip', 'tree', '--invert', 'base', '--depth', '1'], { cwd })
  assert.equal(up.stdout, 'base 2.0\n└── lib 0.5\n')
  const why = await den(['pip', 'why', 'base', 'nothing'], { cwd })
  assert.equal(why.code, 1)
  assert.match(why.stdout, /base 2\.0 is there because of:\n {2}app → lib → base\n/)
  const json = await den(['pip', 'why', '--json', 'base'], { cwd })
  assert.deepEqual(json.json()['packages'], [
    { name: 'base', version: '2.0', requested: false, chains: [['app', 'lib', 'base']] },
  ])
})

test('den pip hash, cache, config and completion', async (t) => {
  const cwd = scratch(t, {
    file: 'abc',
    'pip.conf': '[global]\ntimeout = 9\n# kept no longer\n[list]\nformat = json\n',
  })
  const env = { ...nowhere, PIP_CONFIG_FILE: path.join(cwd, 'pip.conf'), HOME: cwd, XDG_CONFIG_HOME: cwd }
  const run = (...args: readonly string[]) => den(['pip', ...args], { cwd, env })
  const hash = await run('hash', 'file', '-a', 'sha512')
  assert.equal(hash.stdout.split(':').at(-1)!.trim().length, 128)
  assert.equal((await run('hash', 'absent')).code, 1)
  assert.equal((await run('cache', 'dir', '--cache-dir', '/x')).stdout, '/x\n')
  assert.equal((await run('cache')).code, 1)
  assert.equal((await run('cache', 'dir', '--no-cache-dir')).code, 1)
  assert.equal((await run('cache', 'list')).stdout, 'No locally built wheels cached.\n')
  writeTree(cwd, {
    'c/built-v1/ab/six-1.0-py3-none-any.whl': 'x'.repeat(2000),
    'c/built-v1/ab/wheel.json': '{}',
    'c/built-v1/cd/other-1-py3-none-any.whl': 'y',
    'c/http-v1/e/f': 'z',
    'c/mine.txt': '',
  })
  const list = await run('cache', 'list', '--cache-dir', 'c')
  assert.equal(
    list.stdout,
    'Cache contents:\n\n - other-1-py3-none-any.whl (1 bytes)\n - six-1.0-py3-none-any.whl (2.0 kB)\n',
  )
  assert.match(
    (await run('cache', 'remove', 'six', '--cache-dir', 'c')).stdout,
    /Files removed: 1 \(2\.0 kB\)\nDirectories removed: 1\n/,
  )
  assert.match((await run('cache', 'purge', '--cache-dir', 'c')).stdout, /Files removed: 2/)
  assert.deepEqual(fs.readdirSync(path.join(cwd, 'c')), ['mine.txt'])
  assert.match(
    (await run('config', 'list')).stdout,
    /global\.timeout='9'\nlist\.format='json'\n:env:\.config-file='.*'\n$/,
  )
  assert.equal((await run('config', 'get')).code, 1)
  const { PIP_CONFIG_FILE: _file, ...plain } = env
  const set = await den(['pip', 'config', 'set', 'global.index-url', 'https://example.org/simple'], { cwd, env: plain })
  assert.equal(set.code, 0, set.stderr)
  assert.equal(set.stdout, `Writing to ${path.join(cwd, 'pip', 'pip.conf')}\n`)
  assert.equal(
    (await den(['pip', 'config', 'get', 'global.index_url'], { cwd, env: plain })).stdout,
    'https://example.org/simple\n',
  )
  assert.equal((await den(['pip', 'config', 'unset', 'global.index-url'], { cwd, env: plain })).code, 0)
  assert.equal((await den(['pip', 'config', 'unset', 'global.index-url'], { cwd, env: plain })).code, 1)
  const edited = await den(['pip', 'config', '--editor', 'printf "[list]\\nformat=freeze" >', 'edit'], {
    cwd,
    env: plain,
  })
  assert.equal(edited.code, 0, edited.stderr)
  assert.equal((await den(['pip', 'config', 'get', 'list.format'], { cwd, env: plain })).stdout, 'freeze\n')
  const words = (line: string, at: number) =>
    den(['pip'], { cwd, env: { ...env, PIP_AUTO_COMPLETE: '1', COMP_WORDS: line, COMP_CWORD: String(at) } })
  assert.equal((await words('pip un', 1)).stdout, 'uninstall\n')
  assert.equal((await words('pip hash --al', 2)).stdout, '--algorithm=\n')
  assert.equal((await words('pip cache re', 2)).stdout, 'remove\n')
  for (const shell of ['bash', 'zsh', 'fish', 'powershell']) {
    assert.match((await run('completion', `--${shell}`)).stdout, /PIP_AUTO_COMPLETE/)
  }
})
