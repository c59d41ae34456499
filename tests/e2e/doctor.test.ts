// The doctor's sixteen checks on real environments: a sound one has no finding; each breakage is found, and mended where den can.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { DenError } from '../../src/base/error.ts'
import { create } from '../../src/commands/create.ts'
import { type DoctorResult, doctor, type ReportedFinding } from '../../src/commands/doctor.ts'
import { envCopy } from '../../src/commands/env.ts'
import { repair } from '../../src/commands/repair.ts'
import { fakeElf } from '../kit/binaries.ts'
import { type TestContext, testContext } from '../kit/context.ts'
import { directoriesOf, putDistribution, untrueRows } from '../kit/distribution.ts'
import { pythonOr, pythons, type RealPython, type Skipping } from '../kit/pythons.ts'
import { type Cleanup, writeTree } from '../kit/scratch.ts'

const pyenvRoot = process.env['PYENV_ROOT'] ?? path.join(os.homedir(), '.pyenv')
type Test = Cleanup & Skipping

function context(t: Cleanup, env: Record<string, string> = {}): TestContext {
  return testContext(t, { env: { PYENV_ROOT: pyenvRoot, ...env } })
}

/** A context with variables and a working directory of its own, in the same folder. */
function inside(t: Cleanup, given: TestContext, options: { env?: Record<string, string>; cwd?: string }): TestContext {
  const env = { PYENV_ROOT: pyenvRoot, ...options.env }
  return testContext(t, { env, root: given.root, host: { ...(options.cwd === undefined ? {} : { cwd: options.cwd }) } })
}

/** A venv of the oldest real Python that fits, made by Python itself, without pip. */
function venv(
  t: Test,
  core: TestContext,
  options: { line?: string; flags?: readonly string[]; base?: RealPython } = {},
): string | undefined {
  const python = options.base ?? pythonOr(t, options.line ?? '3.12')
  if (python === undefined) return undefined
  const root = path.join(core.root, 'env')
  execFileSync(python.executable, ['-m', 'venv', '--without-pip', ...(options.flags ?? []), root], { cwd: core.root })
  return root
}

async function make(core: TestContext, python: RealPython, name = 'env'): Promise<string> {
  const root = path.join(core.root, name)
  await create(core, { paths: [root], python: python.executable })
  return root
}

function ask(root: string, code: string): string {
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent' }
  return execFileSync(path.join(root, 'bin', 'python'), ['-c', code], { encoding: 'utf8', env }).trim()
}

const worksAs = (root: string): string => ask(root, 'import sys; print(sys.prefix)')

async function found(core: TestContext, root: string): Promise<readonly string[]> {
  const { environments } = await doctor(core, { path: root })
  return environments[0]!.findings.filter(({ severity }) => severity !== 'note').map(({ check }) => check)
}

/** Finds exactly these, repairs, and finds nothing. */
async function mends(core: TestContext, root: string, checks: readonly string[]): Promise<void> {
  assert.deepEqual(await found(core, root), checks)
  const planned = await repair(core, { path: root, dryRun: true })
  assert.equal(planned.changed, false)
  assert.deepEqual(await found(core, root), checks, 'a dry run changes nothing')
  const done = await repair(core, { path: root })
  assert.equal(done.changed, true)
  assert.deepEqual(done.changes, planned.changes)
  assert.deepEqual(await found(core, root), [])
  assert.deepEqual(untrueRows(directoriesOf(root).purelib), [])
}

function findingsOf(
  reports: readonly { readonly findings: readonly ReportedFinding[] }[],
  check: string,
): readonly ReportedFinding[] {
  return reports.flatMap(({ findings }) => findings).filter((finding) => finding.check === check)
}

function shellChecks(result: DoctorResult): readonly string[] {
  return result.shell.map(({ check }) => check)
}

for (const python of pythons()) {
  test(`doctor() finds nothing wrong with a new environment of Python ${python.version}`, async (t) => {
    const core = context(t)
    const root = await make(core, python)
    assert.deepEqual(await doctor(core, { path: root }), {
      environments: [
        { root, kind: 'den', version: ask(root, 'import platform; print(platform.python_version())'), findings: [] },
      ],
      shell: [],
      sound: true,
    })
    assert.deepEqual((await repair(core, { path: root })).changes, [])
  })
}

for (const line of ['2.7', '3.6', '3.12']) {
  for (const copies of [false, true]) {
    test(`executable: Python ${line}${copies ? ', copied' : ''}: a base that is gone is replaced by the same minor version, packages stay`, async (t) => {
      const python = pythonOr(t, line)
      if (python === undefined) return
      const core = context(t)
      const base = path.join(core.root, 'base')
      fs.symlinkSync(path.dirname(path.dirname(python.executable)), base)
      const root = path.join(core.root, 'env')
      await create(core, { paths: [root], python: path.join(base, 'bin', 'python'), copies })
      const environment = directoriesOf(root)
      putDistribution(environment, { name: 'kept', files: { 'kept.py': 'value = 7\n' }, tag: 'py2.py3-none-any' })
      const cfg = fs.readFileSync(path.join(root, 'pyvenv.cfg'), 'utf8')
      if (!cfg.includes(base)) return t.skip('NOT TESTED: den resolved the base behind its link')
      fs.unlinkSync(base)
      await mends(core, root, ['executable'])
      assert.equal(worksAs(root), root)
      assert.equal(ask(root, 'import kept, json; print(kept.value)'), '7')
      assert.ok(!fs.readFileSync(path.join(root, 'pyvenv.cfg'), 'utf8').includes(`${base}/`))
    })
  }
}

test('executable: a venv whose base is gone and has no replacement is explained', async (t) => {
  const core = testContext(t, { env: { PATH: '/nonexistent' } })
  const root = venv(t, core, { line: '3.9' })
  if (root === undefined) return
  fs.unlinkSync(path.join(root, 'bin', 'python'))
  fs.symlinkSync(path.join(core.root, 'gone', 'python3.9'), path.join(root, 'bin', 'python'))
  const { environments, sound } = await doctor(core, { path: root })
  assert.equal(sound, false)
  const [finding] = environments[0]!.findings
  assert.equal(finding?.check, 'executable')
  assert.equal(finding.mendedBy, 'reinstall')
  assert.match(finding.why ?? '', /gone.*no other Python 3\.9 is on this machine/)
  assert.match(finding.fix[0]!, /install Python 3\.9 and then: den repair/)
})

test('executable: a loop of links is mended', async (t) => {
  const core = context(t)
  const root = venv(t, core)
  if (root === undefined) return
  const bin = path.join(root, 'bin')
  fs.rmSync(path.join(bin, 'python'))
  fs.symlinkSync('python3', path.join(bin, 'python'))
  fs.rmSync(path.join(bin, 'python3'))
  fs.symlinkSync('python', path.join(bin, 'python3'))
  await mends(core, root, ['executable'])
  assert.equal(worksAs(root), root)
})

test('home: one that is gone, missing or relative is written anew', async (t) => {
  const core = context(t)
  const root = venv(t, core)
  if (root === undefined) return
  const file = path.join(root, 'pyvenv.cfg')
  const original = fs.readFileSync(file, 'utf8')
  for (const line of ['home = /nonexistent/bin', 'home = bin', 'home =', '']) {
    fs.writeFileSync(file, original.replace(/^home = .*$/m, line))
    await mends(core, root, ['home'])
    assert.match(fs.readFileSync(file, 'utf8'), /^home = .*\/bin$/m)
    assert.equal(worksAs(root), root)
  }
})

test('home: one that is not where the executable leads to is corrected', async (t) => {
  const other = pythonOr(t, '3.11')
  const core = context(t)
  const root = venv(t, core)
  if (root === undefined || other === undefined) return
  const file = path.join(root, 'pyvenv.cfg')
  const original = fs.readFileSync(file, 'utf8')
  fs.writeFileSync(file, original.replace(/^home = .*$/m, `home = ${path.dirname(other.executable)}`))
  await mends(core, root, ['home'])
  assert.equal(fs.readFileSync(file, 'utf8'), original)
})

test('base-version: a base that went on to the next minor version is replaced by the old one', async (t) => {
  const [old, next] = [pythonOr(t, '3.12'), pythonOr(t, '3.13')]
  if (old === undefined || next === undefined) return
  const core = context(t)
  const base = path.join(core.root, 'base')
  fs.symlinkSync(path.dirname(path.dirname(old.executable)), base)
  const root = venv(t, core, { base: { version: old.version, executable: path.join(base, 'bin', 'python3') } })!
  putDistribution(directoriesOf(root), { name: 'kept', files: { 'kept.py': 'value = 7\n' } })
  fs.unlinkSync(base)
  fs.symlinkSync(path.dirname(path.dirname(next.executable)), base)
  await mends(core, root, ['base-version'])
  assert.equal(ask(root, 'import sys, kept; print(sys.version_info[:2], kept.value)'), '(3, 12) 7')
})

test('base-version: without the old version on the machine, what to install again is listed', async (t) => {
  const [old, next] = [pythonOr(t, '3.12'), pythonOr(t, '3.13')]
  if (old === undefined || next === undefined) return
  const core = testContext(t, { env: { PATH: '/nonexistent' } })
  const base = path.join(core.root, 'base')
  fs.symlinkSync(path.dirname(path.dirname(old.executable)), base)
  const root = venv(t, core, { base: { version: old.version, executable: path.join(base, 'bin', 'python3') } })!
  putDistribution(directoriesOf(root), { name: 'kept', version: '2.5', files: { 'kept.py': '' } })
  fs.unlinkSync(base)
  fs.symlinkSync(path.dirname(path.dirname(next.executable)), base)
  const { environments } = await doctor(core, { path: root })
  const finding = environments[0]!.findings.find(({ check }) => check === 'base-version')
  assert.equal(finding?.mendedBy, 'reinstall')
  assert.deepEqual(finding.reinstall, ['kept==2.5'])
})

test('moved: after mv everything that names the old path is written anew', async (t) => {
  const core = context(t)
  const root = venv(t, core)
  if (root === undefined) return
  putDistribution(directoriesOf(root), {
    name: 'tool',
    files: { 'tool.py': 'def main():\n    print("ran")\n' },
    scripts: { tool: 'tool:main' },
  })
  const moved = path.join(core.root, 'an other place')
  fs.renameSync(root, moved)
  assert.throws(() => execFileSync(path.join(moved, 'bin', 'tool'), { stdio: 'pipe' }))
  await mends(core, moved, ['moved'])
  assert.equal(execFileSync(path.join(moved, 'bin', 'tool'), { encoding: 'utf8' }), 'ran\n')
  const sourced = execFileSync('sh', ['-c', '. "$1/bin/activate"; printf %s "$VIRTUAL_ENV"', 'sh', moved], {
    encoding: 'utf8',
  })
  assert.equal(sourced, moved)
})

test('moved: a copy made by cp is told from a move', async (t) => {
  const core = context(t)
  const root = venv(t, core)
  if (root === undefined) return
  putDistribution(directoriesOf(root), {
    name: 'tool',
    files: { 'tool.py': 'def main(): pass\n' },
    scripts: { tool: 'tool:main' },
  })
  const copy = path.join(core.root, 'copy')
  execFileSync('cp', ['-a', root, copy])
  const { environments } = await doctor(core, { path: copy })
  assert.match(environments[0]!.findings[0]!.what, /is a copy of .*env, and parts of it still use that one/)
  await mends(core, copy, ['moved'])
  assert.deepEqual(await found(core, root), [], 'the original is untouched')
})

test('system-site-flag: a missing line, which Python takes for yes, is written', async (t) => {
  const core = context(t)
  const root = venv(t, core)
  if (root === undefined) return
  const file = path.join(root, 'pyvenv.cfg')
  const isolated = ask(root, 'import sys; print(len(sys.path))')
  for (const line of ['', 'include-system-site-packages = yes']) {
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(/^include-system-site-packages.*$/m, line))
    await mends(core, root, ['system-site-flag'])
    assert.equal(ask(root, 'import sys; print(len(sys.path))'), isolated)
  }
})

test('configuration: a byte order mark, a second home and stray lines are cleaned away', async (t) => {
  const core = context(t)
  const root = venv(t, core)
  if (root === undefined) return
  const file = path.join(root, 'pyvenv.cfg')
  const original = fs.readFileSync(file, 'utf8')
  const home = /^home = (.*)$/m.exec(original)![1]!
  for (const text of [
    `\ufeff${original}`,
    `${original}prompt = x\nhome = /tmp\n`,
    `home = /nonexistent\n${original}`,
    `${original}command = one\ntwo\n`,
  ]) {
    fs.writeFileSync(file, text)
    await mends(core, root, ['configuration'])
    const mended = fs.readFileSync(file, 'utf8')
    assert.deepEqual(
      [...mended.matchAll(/^home = (.*)$/gm)].map((match) => match[1]),
      [home],
    )
    assert.equal(ask(root, 'import sys; print(sys.base_prefix)'), path.dirname(home))
  }
})

test('configuration: a pyvenv.cfg that is gone is written again', async (t) => {
  const core = context(t)
  const root = venv(t, core)
  if (root === undefined) return
  fs.unlinkSync(path.join(root, 'pyvenv.cfg'))
  await mends(core, root, ['configuration'])
  assert.equal(worksAs(root), root)
})

test('half-made: no executable, no site-packages', async (t) => {
  const core = context(t)
  const root = venv(t, core)
  if (root === undefined) return
  for (const name of fs.readdirSync(path.join(root, 'bin')))
    if (name.startsWith('python')) fs.unlinkSync(path.join(root, 'bin', name))
  await mends(core, root, ['half-made'])
  assert.equal(worksAs(root), root)
  const { purelib } = directoriesOf(root)
  fs.rmSync(purelib, { recursive: true })
  await mends(core, root, ['half-made'])
  assert.ok(fs.statSync(purelib).isDirectory())
})

test('half-made: pip without its record is explained', async (t) => {
  const core = context(t)
  const root = venv(t, core)
  if (root === undefined) return
  const environment = directoriesOf(root)
  const record = putDistribution(environment, {
    name: 'pip',
    files: { 'pip/__init__.py': '', 'pip/main.py': 'def main(): pass\n' },
    scripts: { pip: 'pip.main:main' },
  })
  assert.deepEqual(await found(core, root), [])
  fs.rmSync(record, { recursive: true })
  const { environments } = await doctor(core, { path: root })
  const finding = environments[0]!.findings.find(({ check }) => check === 'half-made')
  assert.deepEqual([finding?.mendedBy, finding?.reinstall], ['reinstall', ['pip']])
  assert.match(finding?.why ?? '', /without its \.dist-info directory/)
})

test('packages: missing files are listed for a reinstall; lost scripts, orphans and leftovers are mended', async (t) => {
  const core = context(t)
  const root = venv(t, core)
  if (root === undefined) return
  const environment = directoriesOf(root)
  const { purelib, scripts } = environment
  putDistribution(environment, {
    name: 'whole',
    files: {
      'whole/__init__.py': 'def run():\n    print("whole")\n',
      'whole/__pycache__/__init__.cpython-312.pyc': 'x',
    },
    scripts: { whole: 'whole:run' },
  })
  const record = path.join(purelib, 'whole-1.0.dist-info', 'RECORD')
  fs.appendFileSync(record, 'whole/__pycache__/__init__.cpython-312.pyc,,\n')
  assert.deepEqual(await found(core, root), [], 'compiled files come and go')

  fs.unlinkSync(path.join(scripts, 'whole'))
  const orphan = `#!${environment.python}\nimport sys\nfrom departed.cli import main\nsys.exit(main())\n`
  fs.writeFileSync(path.join(scripts, 'orphan'), orphan, { mode: 0o755 })
  fs.mkdirSync(path.join(purelib, '~hole'))
  fs.writeFileSync(path.join(purelib, '~hole', 'old.py'), '')
  fs.mkdirSync(path.join(purelib, 'ghost-1.0.dist-info'))
  await mends(core, root, ['packages', 'packages', 'packages', 'packages'])
  assert.equal(execFileSync(path.join(scripts, 'whole'), { encoding: 'utf8' }), 'whole\n')
  assert.equal(fs.existsSync(path.join(scripts, 'orphan')), false)
  assert.equal(fs.existsSync(path.join(purelib, '~hole')), false)

  fs.unlinkSync(path.join(purelib, 'whole', '__init__.py'))
  const { environments } = await doctor(core, { path: root })
  const [finding] = environments[0]!.findings
  assert.equal(finding?.what, 'whole 1.0 is not whole: 1 of its 7 files is missing')
  assert.equal(finding.mendedBy, 'repair')
  assert.match(finding.fix[0]!, /^den repair /)
  assert.match(finding.fix[1]!, /-m pip install --force-reinstall --no-deps whole==1\.0$/)
})

test('packages: what pip had put aside is put back where it is the only copy', async (t) => {
  const core = context(t)
  const root = venv(t, core)
  if (root === undefined) return
  const environment = directoriesOf(root)
  const { purelib } = environment
  putDistribution(environment, { name: 'kept', version: '1.5', files: { 'kept/__init__.py': 'value = 7\n' } })
  const aside = (): void => {
    for (const name of ['kept', 'kept-1.5.dist-info'])
      fs.renameSync(path.join(purelib, name), path.join(purelib, `~${name.slice(1)}`))
  }
  aside()
  await mends(core, root, ['packages'])
  assert.equal(ask(root, 'import kept; print(kept.value)'), '7')
  // A part of its successor is there: nothing is thrown away, and what to install is told.
  aside()
  writeTree(purelib, { 'kept/half.py': '' })
  const { environments } = await doctor(core, { path: root })
  assert.deepEqual(environments[0]!.findings.find(({ check }) => check === 'packages')?.reinstall, ['kept==1.5'])
  await repair(core, { path: root })
  assert.ok(fs.existsSync(path.join(purelib, '~ept', '__init__.py')))
  // With its successor whole it is rubbish.
  fs.rmSync(path.join(purelib, 'kept'), { recursive: true })
  putDistribution(environment, { name: 'kept', version: '2.0', files: { 'kept/__init__.py': 'value = 8\n' } })
  await mends(core, root, ['packages'])
  assert.equal(ask(root, 'import kept; print(kept.value)'), '8')
  assert.equal(fs.existsSync(path.join(purelib, '~ept')), false)
})

test("packages: people's own scripts are none of a package that is gone", async (t) => {
  const core = context(t)
  const root = venv(t, core)
  if (root === undefined) return
  const { python, scripts } = directoriesOf(root)
  const write = (name: string, text: string): void =>
    fs.writeFileSync(path.join(scripts, name), `#!${python}\n${text}`, { mode: 0o755 })
  write('parses', 'from argparse import ArgumentParser\nprint("mine")\n')
  write('helped', "import sys\nfrom helper import main\nif __name__ == '__main__':\n    sys.exit(main())\n")
  fs.writeFileSync(path.join(scripts, 'helper.py'), 'def main(): pass\n')
  write('idle', 'import sys\nfrom idlelib.pyshell import main\nsys.exit(main())\n')
  assert.deepEqual(await found(core, root), [])
})

test('packages: one project twice is told', async (t) => {
  const core = context(t)
  const root = venv(t, core)
  if (root === undefined) return
  putDistribution(directoriesOf(root), { name: 'twice', version: '1.0', files: { 'twice.py': 'x = 1\n' } })
  putDistribution(directoriesOf(root), { name: 'twice', version: '2.0', files: { 'twice.py': 'x = 1\n' } })
  const { environments } = await doctor(core, { path: root })
  assert.deepEqual(
    findingsOf(environments, 'packages').map(({ what }) => what),
    ['twice is installed 2 times: 1.0 and 2.0'],
  )
})

test('abi: tags, module names and headers of another Python or machine are told', async (t) => {
  const core = context(t)
  const root = venv(t, core)
  if (root === undefined) return
  const environment = directoriesOf(root)
  const platform = 'manylinux_2_17_x86_64'
  putDistribution(environment, { name: 'right', files: { 'right.abi3.so': 'x' }, tag: `cp38-abi3-${platform}` })
  putDistribution(environment, { name: 'pure', files: { 'pure.py': '' }, tag: 'py2.py3-none-any' })
  putDistribution(environment, {
    name: 'several',
    files: { 'one.cpython-311-x86_64-linux-gnu.so': 'x', 'one.cpython-312-x86_64-linux-gnu.so': 'x' },
  })
  assert.deepEqual(await found(core, root), [])
  putDistribution(environment, {
    name: 'older',
    files: { 'older.cpython-311-x86_64-linux-gnu.so': 'x' },
    tag: `cp311-cp311-${platform}`,
  })
  putDistribution(environment, { name: 'threads', files: { 'threads.py': '' }, tag: `cp312-cp312t-${platform}` })
  putDistribution(environment, { name: 'copied', files: { 'copied/_speed.cpython-310-x86_64-linux-gnu.so': 'x' } })
  const foreign = fakeElf({ machine: process.arch === 'arm64' ? 'x86_64' : 'aarch64' })
  putDistribution(environment, { name: 'foreign', files: { 'foreign.so': foreign } })
  const { environments } = await doctor(core, { path: root })
  const findings = findingsOf(environments, 'abi')
  assert.deepEqual(
    findings.flatMap(({ reinstall }) => reinstall ?? []),
    ['copied==1.0', 'foreign==1.0', 'older==1.0', 'threads==1.0'],
  )
  assert.match(findings[1]!.why ?? '', /foreign\.so is for (?:aarch64|x86_64), the Python is for/)
  const { left, reinstall, changed } = await repair(core, { path: root })
  assert.deepEqual([findingsOf([{ findings: left }], 'abi').length, reinstall.length, changed], [4, 4, true])
})

test('activation: a script that leaves the path to the shell is replaced', async (t) => {
  const core = context(t)
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  const loaded = path.join(core.root, 'env$(touch owned)')
  execFileSync(python.executable, ['-m', 'venv', '--without-pip', loaded])
  const script = path.join(loaded, 'bin', 'activate')
  if (!/VIRTUAL_ENV="/.test(fs.readFileSync(script, 'utf8'))) return t.skip('NOT TESTED: this venv quotes already')
  await mends(core, loaded, ['activation'])
  const out = execFileSync('sh', ['-c', '. "$1"; printf %s "$VIRTUAL_ENV"', 'sh', script], {
    encoding: 'utf8',
    cwd: core.root,
  })
  assert.equal(out, loaded)
  assert.equal(fs.existsSync(path.join(core.root, 'owned')), false)
})

test('activation: what its owner added to a script is still there after repair, and after a move', async (t) => {
  const core = context(t)
  const root = venv(t, core)
  if (root === undefined) return
  const script = path.join(root, 'bin', 'activate')
  fs.appendFileSync(script, `export DATA=${root}/data\n`)
  fs.writeFileSync(script, fs.readFileSync(script, 'utf8').replace(/^VIRTUAL_ENV=.*$/m, `VIRTUAL_ENV="${root}"`))
  const data = (place: string): string =>
    execFileSync('sh', ['-c', '. "$1"; echo "$DATA"', 'sh', path.join(place, 'bin', 'activate')], { encoding: 'utf8' })
  await repair(core, { path: root })
  assert.match(fs.readFileSync(script, 'utf8'), /_den_enter/)
  assert.equal(data(root), `${root}/data\n`)
  const moved = path.join(core.root, 'moved')
  fs.renameSync(root, moved)
  fs.writeFileSync(path.join(moved, 'bin', 'tool'), `#!${root}/bin/python\n`, { mode: 0o755 })
  await repair(core, { path: moved })
  assert.equal(data(moved).trim().split('/').at(-1), 'data')
})

test('search-path: an active environment behind another python in PATH', async (t) => {
  const core = context(t)
  const root = venv(t, core)
  if (root === undefined) return
  const bin = path.join(root, 'bin')
  const active = (PATH: string): TestContext => inside(t, core, { env: { VIRTUAL_ENV: root, PATH } })
  assert.deepEqual(shellChecks(await doctor(active(bin), { path: root })), [])
  const shims = path.join(core.root, '.pyenv', 'shims')
  fs.mkdirSync(shims, { recursive: true })
  fs.writeFileSync(path.join(shims, 'python'), '#!/bin/sh\n', { mode: 0o755 })
  const behind = await doctor(active(`${shims}:${bin}`), { path: root })
  assert.deepEqual(shellChecks(behind), ['search-path'])
  assert.match(behind.shell[0]!.why ?? '', /it is a shim of pyenv's/)
  putDistribution(directoriesOf(root), {
    name: 'pip',
    files: { 'pip.py': 'def main(): pass\n' },
    scripts: { pip: 'pip:main' },
  })
  fs.writeFileSync(
    path.join(bin, 'pip'),
    fs.readFileSync(path.join(bin, 'pip'), 'utf8').replace(/^#!.*/, '#!/elsewhere/bin/python'),
  )
  const stray = await doctor(active(bin), { path: root })
  assert.match(stray.shell[0]!.what, /pip runs \/elsewhere\/bin\/python$/)
})

test('virtual-env: gone, no environment, or another than the project’s', async (t) => {
  const core = context(t)
  const root = venv(t, core)
  if (root === undefined) return
  const gone = await doctor(inside(t, core, { env: { VIRTUAL_ENV: path.join(core.root, 'gone') } }), { path: root })
  assert.match(gone.shell[0]!.what, /which is gone$/)
  const none = await doctor(inside(t, core, { env: { VIRTUAL_ENV: core.root, PATH: '/nonexistent' } }), { path: root })
  assert.match(none.shell.find(({ check }) => check === 'virtual-env')!.what, /which is no environment$/)
  const project = path.join(core.root, 'project')
  fs.mkdirSync(path.join(project, 'src'), { recursive: true })
  await create(inside(t, core, { cwd: project }), { paths: ['.venv'], python: pythonOr(t, '3.12')!.executable })
  const env = { VIRTUAL_ENV: root, PATH: `${root}/bin` }
  const other = await doctor(inside(t, core, { env, cwd: path.join(project, 'src') }))
  assert.deepEqual(shellChecks(other), ['virtual-env'])
  assert.ok(other.shell[0]!.what.includes(path.join(project, '.venv')))
  // Standing in an environment means that one, for `den run` and so for the doctor.
  const third = path.join(core.root, 'third')
  await create(core, { paths: [third], python: pythonOr(t, '3.12')!.executable })
  const within = await doctor(inside(t, core, { env, cwd: path.join(third, 'bin') }))
  assert.equal(within.environments[0]!.root, third)
  assert.match(within.shell[0]!.what, /this directory is in another environment, .*third$/)
})

test('variables: each with what it does and the line that sets it', async (t) => {
  const core = context(t, {})
  const home = path.join(core.root, 'home')
  fs.mkdirSync(path.join(home, '.config', 'pip'), { recursive: true })
  fs.writeFileSync(path.join(home, '.bashrc'), 'alias x=y\nexport PYTHONPATH=/opt/lib\n')
  fs.writeFileSync(
    path.join(home, '.config', 'pip', 'pip.conf'),
    '[global]\nindex-url = http://127.0.0.1/\n[install]\ntarget = /opt/target\nuser = no\n',
  )
  fs.writeFileSync(path.join(home, '.pydistutils.cfg'), '[install]\nprefix=/opt\n')
  const env = { PYTHONPATH: '/opt/lib', PYTHONHOME: '/opt', PIP_USER: '0', PIP_TARGET: '/x' }
  const { shell } = await doctor(inside(t, core, { env }))
  assert.deepEqual(
    shell.map(({ check, severity, what }) => [check, severity, what]),
    [
      ['variables', 'error', 'PYTHONHOME is set: /opt'],
      ['variables', 'warning', 'PYTHONPATH is set: /opt/lib'],
      ['variables', 'warning', 'PIP_TARGET is set: /x'],
      ['variables', 'warning', `${home}/.config/pip/pip.conf:4 says target = /opt/target`],
      ['variables', 'warning', `${home}/.pydistutils.cfg:2 says prefix = /opt`],
    ],
  )
  assert.match(shell[1]!.why ?? '', new RegExp(`${home}/\\.bashrc:2 sets it$`))
})

test('user-site: packages of the user’s own seen by an environment that sees the base’s', async (t) => {
  const core = context(t)
  const root = venv(t, core, { flags: ['--system-site-packages'] })
  if (root === undefined) return
  assert.deepEqual(
    (await doctor(core, { path: root })).environments[0]!.findings.filter(({ check }) => check === 'user-site'),
    [],
  )
  const site = path.join(core.root, 'home', '.local', 'lib', 'python3.12', 'site-packages')
  fs.mkdirSync(path.join(site, 'mine-1.0.dist-info'), { recursive: true })
  const finding = (await doctor(core, { path: root })).environments[0]!.findings.find(
    ({ check }) => check === 'user-site',
  )
  assert.match(finding?.what ?? '', /sees the package in .*home\/\.local\/lib\/python3\.12\/site-packages/)
  const without = inside(t, core, { env: { PYTHONNOUSERSITE: '1' } })
  assert.equal(
    (await doctor(without, { path: root })).environments[0]!.findings.some(({ check }) => check === 'user-site'),
    false,
  )
})

test('path-traps: first lines that no system reads are written so that all do', async (t) => {
  const core = context(t)
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  for (const name of ['with space', `long-${'x'.repeat(120)}`]) {
    const root = path.join(core.root, name)
    execFileSync(python.executable, ['-m', 'venv', '--without-pip', root])
    putDistribution(directoriesOf(root), {
      name: 'tool',
      files: { 'tool.py': 'def main():\n    print("ran")\n' },
      scripts: { tool: 'tool:main' },
    })
    await mends(core, root, ['path-traps'])
    assert.equal(execFileSync(path.join(root, 'bin', 'tool'), { encoding: 'utf8' }), 'ran\n')
  }
})

test('path-traps: `:`, `!` and synchronized folders are told', async (t) => {
  const core = context(t)
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  const root = await make(core, python)
  for (const [name, said] of [
    ['a:b', /holds ":"/],
    ['a!b', /holds `!`/],
    ['OneDrive - Work/env', /is in OneDrive - Work, which is synchronized/],
  ] as const) {
    const trapped = path.join(core.root, name)
    fs.mkdirSync(path.dirname(trapped), { recursive: true })
    fs.renameSync(root, trapped)
    const { environments } = await doctor(core, { path: trapped })
    const finding = environments[0]!.findings.find(({ check }) => check === 'path-traps')
    assert.match(finding?.what ?? '', said)
    assert.equal(finding?.mendedBy, 'reader')
    fs.renameSync(trapped, root)
  }
})

test('mounts: environments of another system are told, with what to install again', async (t) => {
  const core = context(t)
  const root = venv(t, core)
  if (root === undefined) return
  putDistribution(directoriesOf(root), { name: 'kept', files: { 'kept.py': '' } })
  const file = path.join(root, 'pyvenv.cfg')
  const original = fs.readFileSync(file, 'utf8')
  const finding = async (): Promise<DoctorResult['environments'][number]['findings'][number] | undefined> =>
    (await doctor(core, { path: root })).environments[0]!.findings.find(({ check }) => check === 'mounts')
  assert.equal(await finding(), undefined)
  fs.writeFileSync(file, original.replace(/^home = .*$/m, 'home = C:\\Python312'))
  assert.match((await finding())!.what, /was made on Windows$/)
  fs.writeFileSync(file, original.replace(/^home = .*$/m, 'home = /opt/homebrew/opt/python@3.12/bin'))
  const mac = await finding()
  assert.match(mac!.what, /was made on macOS$/)
  assert.deepEqual([mac!.mendedBy, mac!.reinstall], ['reinstall', ['kept==1.0']])
})

test('repair() mends several breakages of one file in one go', async (t) => {
  const core = context(t)
  const root = venv(t, core)
  if (root === undefined) return
  putDistribution(directoriesOf(root), {
    name: 'tool',
    files: { 'tool.py': 'def main():\n    print("ran")\n' },
    scripts: { tool: 'tool:main' },
  })
  const file = path.join(root, 'pyvenv.cfg')
  fs.writeFileSync(file, `\ufeff${fs.readFileSync(file, 'utf8').replace(/^include-system.*\n/m, '')}home = /tmp\n`)
  fs.unlinkSync(path.join(root, 'bin', 'python'))
  fs.symlinkSync('/nonexistent/python', path.join(root, 'bin', 'python'))
  const moved = path.join(core.root, 'moved')
  fs.renameSync(root, moved)
  const before = await found(core, moved)
  for (const check of ['executable', 'configuration', 'system-site-flag', 'moved'])
    assert.ok(before.includes(check), check)
  await repair(core, { path: moved })
  assert.deepEqual(await found(core, moved), [])
  assert.equal(execFileSync(path.join(moved, 'bin', 'tool'), { encoding: 'utf8' }), 'ran\n')
})

test('repair() ends with one home where link and pyvenv.cfg had parted', async (t) => {
  const core = context(t)
  const root = venv(t, core)
  const other = pythonOr(t, '3.11')
  if (root === undefined || other === undefined) return
  for (const name of ['python', 'python3', 'python3.12']) {
    fs.rmSync(path.join(root, 'bin', name), { force: true })
    fs.symlinkSync(other.executable, path.join(root, 'bin', name))
  }
  await mends(core, root, ['home', 'base-version'])
  assert.equal(worksAs(root), root)
})

test('repair() brings back pyvenv.cfg and the executable in one go', async (t) => {
  const core = context(t)
  const root = venv(t, core)
  if (root === undefined) return
  fs.unlinkSync(path.join(root, 'pyvenv.cfg'))
  fs.rmSync(path.join(root, 'bin', 'python'))
  fs.symlinkSync('/nonexistent/python3.12', path.join(root, 'bin', 'python'))
  await mends(core, root, ['executable', 'configuration'])
  assert.equal(worksAs(root), root)
  assert.equal(ask(root, 'import sys; print(sys.prefix)'), root)
})

test('repair() brings back a whole bin: executables, activation, scripts of packages, pip3.12 among them', async (t) => {
  const core = context(t)
  const root = venv(t, core)
  if (root === undefined) return
  const environment = directoriesOf(root)
  putDistribution(environment, {
    name: 'pip',
    files: { 'pip/__init__.py': 'def main():\n    print("pip ran")\n' },
    scripts: { pip: 'pip:main' },
  })
  const record = path.join(environment.purelib, 'pip-1.0.dist-info', 'RECORD')
  fs.appendFileSync(record, '../../../bin/pip3.12,,\n')
  fs.rmSync(path.join(root, 'bin'), { recursive: true })
  await mends(core, root, ['half-made', 'packages'])
  for (const name of ['pip', 'pip3.12']) {
    assert.equal(execFileSync(path.join(root, 'bin', name), { encoding: 'utf8' }), 'pip ran\n')
  }
  const sourced = execFileSync('sh', [
    '-c',
    '. "$1" && python -c "import sys; print(sys.prefix)"',
    'sh',
    `${root}/bin/activate`,
  ])
  assert.equal(String(sourced).trim(), root)
})

test('repair() makes a library anew that was deleted whole, and keeps the scripts as the last trace of it', async (t) => {
  const core = context(t)
  const root = venv(t, core)
  if (root === undefined) return
  const { python, scripts, purelib } = directoriesOf(root)
  const tool = `#!${python}\nimport sys\nfrom departed.cli import main\nsys.exit(main())\n`
  fs.writeFileSync(path.join(scripts, 'tool'), tool, { mode: 0o755 })
  fs.rmSync(path.join(root, 'lib'), { recursive: true })
  assert.deepEqual(await found(core, root), ['half-made'])
  await repair(core, { path: root })
  assert.equal(fs.statSync(purelib).isDirectory(), true)
  assert.equal(fs.existsSync(path.join(scripts, 'tool')), true)
  assert.equal(worksAs(root), root)
})

test('repair() links to the Python that is asked for, and refuses another minor version', async (t) => {
  const [one, other] = [pythonOr(t, '3.12'), pythonOr(t, '3.13')]
  const core = context(t)
  const root = venv(t, core)
  if (root === undefined || one === undefined || other === undefined) return
  const alias = path.join(core.root, 'alias')
  fs.symlinkSync(path.dirname(path.dirname(one.executable)), alias)
  const done = await repair(core, { path: root, python: path.join(alias, 'bin', 'python3.12') })
  assert.equal(done.changed, true)
  assert.equal(worksAs(root), root)
  await assert.rejects(repair(core, { path: root, python: other.executable }), { code: 'environment-upgrade-mismatch' })
})

test('doctor() on everything finds copies and broken ones and never fails on a closed directory', async (t) => {
  const core = context(t)
  const root = venv(t, core)
  if (root === undefined) return
  await envCopy(core, { environment: root, to: path.join(core.root, 'second') })
  fs.unlinkSync(path.join(core.root, 'second', 'bin', 'python'))
  const { environments } = await doctor(core, { all: true })
  const byRoot = new Map(environments.map((report) => [report.root, report]))
  assert.deepEqual(
    byRoot.get(path.join(core.root, 'second'))?.findings.map(({ check }) => check),
    ['half-made'],
  )
  assert.ok(byRoot.has(root))
})

test('doctor() on everything passes the closed .venv of this project by', async (t) => {
  const core = context(t)
  const root = venv(t, core)
  if (root === undefined) return
  const closed = path.join(core.root, '.venv')
  fs.mkdirSync(closed)
  // The superuser, as whom the tests may run, is kept out of nothing.
  const refuse = <Value>(look: (place: string) => Value) => {
    return (place: string): Value => {
      if (!place.startsWith(closed + path.sep)) return look(place)
      throw new DenError('permission-denied', { operation: 'look at', path: place, errno: 'EACCES' })
    }
  }
  const { files } = core.host
  const kept = { ...files, stat: refuse(files.stat), lstat: refuse(files.lstat), list: refuse(files.list) }
  const host = { ...core.host, files: kept }
  const { environments } = await doctor({ ...core, host }, { all: true })
  assert.ok(environments.some((report) => report.root === root))
  await assert.rejects(doctor({ ...core, host }), { code: 'permission-denied' })
})

test('commands to type are quoted where the path needs it', async (t) => {
  const core = context(t)
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  const root = await make(core, python, "it's a place")
  fs.unlinkSync(path.join(root, 'bin', 'python'))
  const { environments } = await doctor(core, { path: root })
  assert.deepEqual(environments[0]!.findings[0]!.fix, [`den repair '${root.replace("'", "'\\''")}'`])
})

test('a conda environment that was moved is told, and left to conda', async (t) => {
  const core = context(t)
  const root = path.join(core.root, 'env')
  writeTree(root, {
    'conda-meta/history': '',
    'conda-meta/python-3.12.2-h_0_cpython.json': '{}',
    'bin/activate': 'VIRTUAL_ENV="/unquoted"\n',
    'bin/python': 'x',
    'bin/tool': '#!/former/env/bin/python\n',
    'lib/python3.12/site-packages/tool-1.0.dist-info/RECORD': '../../../bin/tool,,\n',
  })
  const { environments } = await doctor(core, { path: root })
  assert.deepEqual(
    environments[0]!.findings.map(({ check, mendedBy }) => [check, mendedBy]),
    [['moved', 'reader']],
  )
  assert.equal((await repair(core, { path: root })).changed, false)
})
