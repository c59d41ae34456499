// den's own pip inside environments: `bin/pip`, `bin/pipX`, `bin/pipX.Y` and `python -m pip` all reach den, wherever the environment and den
// have gone, from every shell; and where den is nowhere, it says what helps.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { type DenRun, den, denCommand, runProgram } from '../kit/den.ts'
import { pythonOr, pythons, type RealPython } from '../kit/pythons.ts'
import { scratch, writeTree } from '../kit/scratch.ts'
import { findShell } from '../kit/shells.ts'
import { buildWheel, wheelFilename } from '../kit/wheel.ts'

const skip = process.platform === 'win32' ? { skip: 'NOT TESTED: scripts are launchers on Windows' } : {}

/** PATH without any den. */
const plain = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' }

async function made(t: TestContext, python: RealPython, name: string, ...options: readonly string[]): Promise<string> {
  const cwd = scratch(t)
  const run = await den(['create', '-p', python.executable, ...options, name], { cwd, env: { DEN_OFFLINE: '1' } })
  assert.equal(run.code, 0, run.stderr)
  return path.join(cwd, name)
}

/** Runs a program beside the environment, where the test's DEN_HOME is. */
const run = (
  root: string,
  program: string,
  args: readonly string[],
  env: Record<string, string> = plain,
): Promise<DenRun> => runProgram(program, args, { cwd: path.dirname(root), env })

/** A den that says by which words it was called, one a line. */
const parrot = '#!/bin/sh\nprintf "%s\\n" "$@"\n'

/** An environment as far as the script goes: `den-command` and bin/pip. */
function scene(t: TestContext, name: string, command?: string): { readonly top: string; readonly root: string } {
  const top = scratch(t)
  const root = path.join(top, name)
  const script = fs.readFileSync(path.join(import.meta.dirname, '../../assets/pip/pip.sh'), 'utf8')
  writeTree(top, { 'den here/den': parrot, 'path/den': parrot })
  writeTree(root, {
    'bin/pip': script,
    'pyvenv.cfg': `home = /usr/bin\nden-command = ${command ?? `'${path.join(top, 'den here', 'den')}'`}`,
  })
  for (const file of [path.join(top, 'den here/den'), path.join(top, 'path/den'), path.join(root, 'bin/pip')])
    fs.chmodSync(file, 0o755)
  return { top, root }
}

for (const python of pythons()) {
  const [major, minor] = python.version.split('.')
  const names = ['pip', `pip${major}`, `pip${major}.${minor}`]
  test(`Python ${python.version}: every name of pip reaches den, and its RECORD is true`, skip, async (t) => {
    const root = await made(t, python, "it's my env ünï")
    for (const [program, ...args] of [
      ...names.map((name) => [path.join(root, 'bin', name)] as const),
      [path.join(root, 'bin', 'python'), '-m', 'pip'] as const,
    ]) {
      const answer = await run(root, program, [...args, '--version'])
      assert.match(
        answer.stdout,
        new RegExp(`^pip 26\\.3 from den .* \\(python ${major}\\.${minor}\\)\\n$`),
        answer.stderr,
      )
      assert.equal(answer.code, 0)
    }
    const list = await run(root, path.join(root, 'bin', 'pip'), ['list', '--format', 'freeze'])
    assert.equal(list.stdout, 'pip==26.3+den\n', list.stderr)
    const shown = await run(root, path.join(root, 'bin', 'pip'), ['show', '-f', 'pip'])
    for (const name of names) assert.ok(shown.stdout.includes(`../../../bin/${name}\n`), shown.stdout)
    const doctor = await den(['doctor', root], { cwd: path.dirname(root), env: plain })
    assert.doesNotMatch(doctor.stdout, /pip/, doctor.stdout)
    const gone = await run(root, path.join(root, 'bin', 'pip'), ['uninstall', '-y', 'pip'])
    assert.equal(gone.code, 0, gone.stderr)
    assert.deepEqual(
      fs.readdirSync(path.join(root, 'bin')).filter((name) => name.startsWith('pip')),
      [],
    )
    const site = path.join(root, 'lib', `python${major}.${minor}`, 'site-packages')
    assert.deepEqual(
      fs.readdirSync(site).filter((name) => name.startsWith('pip')),
      [],
    )
  })
}

test('it installs into its own environment, whichever is active and wherever one stands', skip, async (t) => {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  const root = await made(t, python, 'own')
  const top = path.dirname(root)
  const wheel = { name: 'thing', version: '1.0', files: { 'thing.py': 'x = 1\n' } }
  writeTree(top, { [`wheels/${wheelFilename(wheel)}`]: buildWheel(wheel) })
  const other = path.join(top, 'other')
  assert.equal((await den(['create', '-p', python.executable, 'other'], { cwd: top })).code, 0)
  for (const [program, ...args] of [
    [path.join(root, 'bin', 'pip')] as const,
    [path.join(root, 'bin', 'python'), '-m', 'pip'] as const,
  ]) {
    const install = [...args, 'install', '--no-index', '--find-links', 'wheels', '--force-reinstall', 'thing']
    const answer = await run(root, program, install, { ...plain, VIRTUAL_ENV: other })
    assert.match(answer.stdout, /^Successfully installed thing-1\.0$/m, answer.stderr)
  }
  const has = (environment: string): boolean =>
    fs.existsSync(path.join(environment, 'lib/python3.12/site-packages/thing.py'))
  assert.ok(has(root))
  assert.ok(!has(other))
  const refused = await run(root, path.join(root, 'bin', 'pip'), ['install', '--no-index', 'nothing-of-the-kind'])
  assert.equal(refused.code, 1)
})

test('in an environment of links, where bin leads into a generation, it is the same', skip, async (t) => {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  const root = await made(t, python, 'own')
  const wheel = { name: 'thing', version: '1.0', files: { 'thing.py': 'x = 1\n' } }
  writeTree(path.dirname(root), { [`wheels/${wheelFilename(wheel)}`]: buildWheel(wheel) })
  const install = ['install', '--no-index', '--find-links', 'wheels', 'thing']
  const done = await run(root, path.join(root, 'bin/pip'), install, { ...plain, DEN_LINK_MODE: 'instant' })
  assert.equal(done.code, 0, done.stderr)
  assert.equal(fs.lstatSync(path.join(root, 'bin')).isSymbolicLink(), true)
  for (const [program, ...args] of [
    [path.join(root, 'bin/pip3')] as const,
    [path.join(root, 'bin/python'), '-m', 'pip'] as const,
  ]) {
    const list = await run(root, program, [...args, 'list', '--format', 'freeze'])
    assert.equal(list.stdout, 'pip==26.3+den\nthing==1.0\n', list.stderr)
  }
})

test('pip.main() of a program calls den and answers its code', skip, async (t) => {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  const root = await made(t, python, 'own')
  const code =
    "import pip; print(pip.__version__, pip.main(['list', '--format', 'freeze']), pip.main(['no-such-command']))"
  const answer = await run(root, path.join(root, 'bin', 'python'), ['-c', code])
  assert.match(answer.stdout, /^26\.3 0 [12]$/m, answer.stderr)
})

test('the script finds its environment from every shell, by every way to call it', skip, (t) => {
  for (const name of ['env', 'o\'my $HOME `x` "ü"\\', 'a//b/./env']) {
    const { top, root } = scene(t, name)
    const clean = path.resolve(root)
    const expected = `pip\n--python\n${clean}\ninstall\na b\n\n$x\n`
    const args = ['install', 'a b', '', '$x']
    const call = (program: string, more: readonly string[] = [], cwd = top, env: Record<string, string> = plain) =>
      spawnSync(program, [...more, ...args], { cwd, env: { ...plain, ...env }, encoding: 'utf8' })
    for (const shell of ['sh', 'dash', 'bash', 'busybox', 'ksh', 'mksh', 'zsh', 'yash']) {
      const file = findShell(shell)
      if (file === undefined) {
        t.diagnostic(`NOT TESTED: there is no ${shell}`)
        continue
      }
      const before = shell === 'busybox' ? ['sh'] : []
      const script = path.join(root, 'bin', 'pip')
      for (const [place, cwd] of [
        [script, top],
        ['bin/pip', clean],
        ['./pip', path.join(clean, 'bin')],
        ['pip', path.join(clean, 'bin')],
        [`../${path.basename(clean)}/bin/pip`, clean],
        [`${clean}/bin//pip`, top],
      ] as const) {
        const answer = call(file, [...before, place], cwd)
        assert.equal(answer.stdout, expected, `${shell} ${place}: ${answer.stderr}`)
      }
    }
    assert.equal(call(path.join(root, 'bin', 'pip')).stdout, expected)
    assert.equal(call('/usr/bin/env', ['pip'], top, { PATH: `${clean}/bin:/usr/bin:/bin` }).stdout, expected)
    assert.equal(call('/bin/sh', ['-c', 'pip "$@"', 'sh'], clean, { PATH: 'bin:/usr/bin:/bin' }).stdout, expected)
  }
})

test('links: of bin, of the script into the store, and to the script from elsewhere', skip, (t) => {
  const { top, root } = scene(t, 'env')
  const expected = `pip\n--python\n${root}\nlist\n`
  const call = (program: string, cwd = top): string => {
    const answer = spawnSync(program, ['list'], { cwd, env: plain, encoding: 'utf8' })
    return answer.stdout + answer.stderr
  }
  // A generation: bin is a link into .den, and the script a link out of the environment.
  writeTree(top, { 'store/tree/.keep': '', 'env/.den/1/.keep': '', 'home/bin/.keep': '' })
  fs.renameSync(path.join(root, 'bin'), path.join(root, '.den/1/bin'))
  fs.symlinkSync('.den/1/bin', path.join(root, 'bin'))
  fs.renameSync(path.join(root, 'bin/pip'), path.join(top, 'store/tree/pip'))
  fs.symlinkSync(path.join(top, 'store/tree/pip'), path.join(root, 'bin/pip'))
  assert.equal(call(path.join(root, 'bin/pip')), expected)
  assert.equal(call('./bin/pip', root), expected)
  fs.symlinkSync('../../env/bin/pip', path.join(top, 'home/bin/pip'))
  fs.symlinkSync('pip', path.join(top, 'home/bin/pip3'))
  assert.equal(call(path.join(top, 'home/bin/pip')), expected)
  assert.equal(call(path.join(top, 'home/bin/pip3')), expected)
  // The environment by another name stays that one.
  fs.symlinkSync('env', path.join(top, 'alias'))
  assert.equal(call(path.join(top, 'alias/bin/pip')), expected.replace(root, path.join(top, 'alias')))
  assert.match(
    call(path.join(top, 'store/tree/pip')),
    /^ERROR: .* stands in no environment: call ENVIRONMENT\/bin\/pip, or den pip\n$/,
  )
})

test('den elsewhere: the words of pyvenv.cfg, else PATH, else what to do', skip, (t) => {
  const call = (root: string, env: Record<string, string> = plain) =>
    spawnSync(path.join(root, 'bin/pip'), ['list'], { cwd: root, env, encoding: 'utf8' })
  const several = scene(t, 'several', "/bin/sh '@/den here/den' --quiet")
  const cfg = path.join(several.root, 'pyvenv.cfg')
  fs.writeFileSync(cfg, fs.readFileSync(cfg, 'utf8').replace('@', several.top))
  assert.equal(call(several.root).stdout, `--quiet\npip\n--python\n${several.root}\nlist\n`)
  // Of several words one is gone.
  fs.rmSync(path.join(several.top, 'den here'), { recursive: true })
  assert.equal(
    call(several.root, { PATH: `${several.top}/path:/usr/bin:/bin` }).stdout,
    `pip\n--python\n${several.root}\nlist\n`,
  )
  const lost = call(several.root)
  assert.equal(lost.status, 1)
  assert.match(lost.stderr, /den is not found: .* is gone, and PATH has no den\.\n {7}Put den on your PATH\.\n$/)
})

test('without den: one message, and the commands of that message bring the real pip', skip, async (t) => {
  const python = [...pythons()].reverse().find(({ executable }) => {
    return spawnSync(executable, ['-c', 'import ensurepip; ensurepip.version()']).status === 0
  })
  if (python === undefined) return t.skip('NOT TESTED: no Python with ensurepip on this machine')
  const root = await made(t, python, 'with space')
  const cfg = path.join(root, 'pyvenv.cfg')
  fs.writeFileSync(cfg, fs.readFileSync(cfg, 'utf8').replace(/^den-command = .*$/m, 'den-command = /gone/den'))
  const own = path.join(root, 'bin', 'python')
  const message = [
    "ERROR: this pip is den's, and den is not found: /gone/den is gone, and PATH has no den.",
    '       Put den on your PATH, or have the real pip instead:',
    `       '${own}' -m pip uninstall --yes pip && '${own}' -m ensurepip --default-pip`,
    '',
  ].join('\n')
  for (const [program, ...args] of [[path.join(root, 'bin', 'pip')], [own, '-m', 'pip']] as const) {
    const answer = await run(root, program, [...args, 'install', 'x'])
    assert.deepEqual([answer.code, answer.stdout, answer.stderr], [1, '', message])
  }
  const mended = await run(root, '/bin/sh', ['-c', message.split('\n')[2]!])
  assert.equal(mended.code, 0, mended.stderr)
  const real = await run(root, path.join(root, 'bin', 'pip'), ['--version'])
  assert.match(real.stdout, /^pip [\d.]+ from .*site-packages.pip /, real.stderr)
  const library = fs.readdirSync(path.join(root, 'lib')).find((name) => name.startsWith('python'))!
  const left = fs.readdirSync(path.join(root, 'lib', library, 'site-packages'))
  assert.ok(left.some((name) => /^pip-[\d.]+\.dist-info$/.test(name)))
  assert.ok(!left.some((name) => name.includes('+den')), left.join(' '))
})

test('a den that has moved is written down by the next den command, and doctor and repair know', skip, async (t) => {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  const root = await made(t, python, 'env')
  const cfg = path.join(root, 'pyvenv.cfg')
  const command = (): string => /^den-command = (.*)$/m.exec(fs.readFileSync(cfg, 'utf8'))![1]!
  const right = command()
  const lose = (): void =>
    fs.writeFileSync(cfg, fs.readFileSync(cfg, 'utf8').replace(/^den-command = .*$/m, 'den-command = /gone/den'))
  const options = { cwd: path.dirname(root), env: plain }
  for (const args of [
    ['run', '-e', root, 'pip', '--version'],
    ['pip', '--python', root, 'list'],
    ['create', '-p', python.executable, root],
    ['repair', root],
  ]) {
    lose()
    const answer = await den(args, options)
    assert.equal(answer.code, 0, answer.stderr)
    assert.equal(command(), right, args.join(' '))
  }
  lose()
  const doctor = await den(['doctor', root], options)
  assert.match(
    doctor.stdout,
    /warning\[configuration\]: the pip of .* is den's, and looks for den where it is no longer: \/gone\/den/,
  )
  assert.equal(command(), '/gone/den', 'the doctor changes nothing')
  fs.rmSync(path.join(root, 'bin', 'pip'))
  const damaged = await den(['doctor', root], options)
  assert.match(damaged.stdout, /pip 26\.3\+den is not whole: 1 of its 10 files is missing/)
  assert.doesNotMatch(damaged.stdout, /pip==26/, 'no index has it')
  assert.equal((await den(['repair', root], { ...options, env: { ...plain, DEN_OFFLINE: '1' } })).code, 0)
  assert.equal((await run(root, path.join(root, 'bin', 'pip'), ['--version'])).code, 0)
  const explained = await den(['explain', root], { ...options, env: { PATH: `${root}/bin:/usr/bin:/bin` } })
  assert.match(explained.stdout, /den's own pip/, explained.stdout)
})

test('environments that are moved, copied and made to be moved take their pip along', skip, async (t) => {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  const root = await made(t, python, 'one', '--relocatable')
  const top = path.dirname(root)
  const reaches = async (place: string): Promise<void> => {
    for (const [program, ...args] of [
      [path.join(place, 'bin/pip3.12')] as const,
      [path.join(place, 'bin/python'), '-m', 'pip'] as const,
    ]) {
      const answer = await run(place, program, [...args, 'show', '-f', 'pip'])
      assert.ok(answer.stdout.includes(`Location: ${place}/lib/`), answer.stdout + answer.stderr)
    }
  }
  assert.equal((await den(['env', 'cp', root, path.join(top, 'it is a copy')], { cwd: top })).code, 0)
  await reaches(path.join(top, 'it is a copy'))
  assert.equal(
    (await den(['env', 'mv', path.join(top, 'it is a copy'), path.join(top, 'moved')], { cwd: top })).code,
    0,
  )
  await reaches(path.join(top, 'moved'))
  fs.renameSync(path.join(top, 'moved'), path.join(top, 'by hand'))
  await reaches(path.join(top, 'by hand'))
})

test('den and the real pip give way to each other when they are asked for', skip, async (t) => {
  const python = pythonOr(t, '3.12')
  const wheels =
    python &&
    path.join(path.dirname(path.dirname(fs.realpathSync(python.executable))), 'lib/python3.12/ensurepip/_bundled')
  if (python === undefined || wheels === undefined || !fs.existsSync(wheels))
    return t.skip('NOT TESTED: no Python 3.12 with its own pip')
  const root = await made(t, python, 'env')
  const options = { cwd: path.dirname(root), env: { ...plain, DEN_OFFLINE: '1' } }
  const version = async (): Promise<string> => (await run(root, path.join(root, 'bin/pip'), ['--version'])).stdout
  const scripts = (): readonly string[] =>
    fs
      .readdirSync(path.join(root, 'bin'))
      .filter((name) => name.startsWith('pip'))
      .sort()
  const create = async (...more: readonly string[]): Promise<DenRun> =>
    den(['create', '-p', python.executable, ...more, root], options)

  const upgrade = ['install', '-U', 'pip', '--no-index', '--find-links', wheels]
  const upgraded = await run(root, path.join(root, 'bin/pip'), upgrade)
  assert.match(upgraded.stdout, /^Successfully installed pip-\d/m, upgraded.stderr)
  assert.match(await version(), /site-packages.pip /)
  assert.deepEqual(scripts(), ['pip', 'pip3', 'pip3.12'])
  // den's is on no index, and comes back all the same.
  const undone = await den(['undo'], { ...options, env: { ...options.env, VIRTUAL_ENV: root } })
  assert.equal(undone.code, 0, undone.stderr)
  assert.match(await version(), /from den /)
  assert.deepEqual(scripts(), ['pip', 'pip3', 'pip3.12'])
  assert.equal((await run(root, path.join(root, 'bin/pip'), upgrade)).code, 0)
  assert.match((await create('--seed', 'den')).stderr, /its pip is not den's own/)
  // What is put in unless said otherwise is no demand on what is there.
  assert.equal((await create()).code, 0)
  assert.equal((await create('--upgrade')).code, 0)
  assert.match(await version(), /site-packages.pip /)
  assert.equal((await create('--upgrade', '--seed', 'den')).code, 0)
  assert.match(await version(), /from den /)
  assert.deepEqual(scripts(), ['pip', 'pip3', 'pip3.12'])
  assert.match((await create('--seed', 'pip')).stderr, /its pip is den's own/)
  assert.equal((await create('--upgrade', '--seed', 'pip')).code, 0)
  assert.match(await version(), /site-packages.pip /)
  assert.equal((await create('--clear')).code, 0)
  assert.match(await version(), /from den /)
})

test('what needs pip as a library gets the real one', skip, async (t) => {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  const root = await made(t, python, 'env')
  const top = path.dirname(root)
  const real = { name: 'pip', version: '25.0', files: { 'pip/__init__.py': "x = 'real'\n" } }
  const user = { name: 'user', version: '1.0', files: { 'user.py': '' }, requires: ['pip>=22'] }
  for (const wheel of [real, user]) writeTree(top, { [`wheels/${wheelFilename(wheel)}`]: buildWheel(wheel) })
  const install = await run(root, path.join(root, 'bin/pip'), [
    'install',
    '--no-index',
    '--find-links',
    'wheels',
    'user',
  ])
  assert.match(install.stdout, /^Successfully installed pip-25\.0 user-1\.0$/m, install.stderr)
  assert.equal((await run(root, path.join(root, 'bin/python'), ['-c', 'import pip; print(pip.x)'])).stdout, 'real\n')
})

test('--seed says what goes in: den unless said, none, and one pip only', skip, async (t) => {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  const cwd = scratch(t)
  const create = (...args: readonly string[]): Promise<DenRun> =>
    den(['create', '-p', python.executable, ...args], { cwd, env: { DEN_OFFLINE: '1' } })
  assert.match((await create('usual')).stderr, /with pip 26\.3\+den/)
  assert.equal((await create('--seed', 'none', 'bare')).code, 0)
  assert.deepEqual(fs.readdirSync(path.join(cwd, 'bare/lib/python3.12/site-packages')), [])
  assert.doesNotMatch(fs.readFileSync(path.join(cwd, 'bare/pyvenv.cfg'), 'utf8'), /den-command/)
  assert.equal((await create('bare')).code, 0, 'one without pip is kept')
  assert.deepEqual(fs.readdirSync(path.join(cwd, 'bare/lib/python3.12/site-packages')), [])
  for (const value of ['den,pip', 'den==1']) {
    const refused = await create('--seed', value, 'refused')
    assert.equal(refused.code, 2, value)
    assert.match(refused.stderr, /--seed/)
  }
  const planned = (await create('--dry-run', '--json', 'planned')).json<{
    environments: { plan: { entries: { path: string }[] } }[]
  }>()
  assert.ok(planned.environments[0]?.plan.entries.some((entry) => entry.path === 'bin/pip3.12'))
  for (const face of ['venv', 'virtualenv']) {
    const made = await den([face, '--help'], { cwd })
    assert.equal(made.code, 0)
  }
  assert.match(
    fs.readFileSync(path.join(cwd, 'usual/pyvenv.cfg'), 'utf8'),
    new RegExp(`^den-command = ${denCommand()[0]}`, 'm'),
  )
})
