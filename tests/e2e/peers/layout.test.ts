// den's environments beside those of `python -m venv`, virtualenv and uv: what agrees, byte for byte, and every difference by name.
// DEN_PEERS is a directory of an environment that has virtualenv and uv.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { create } from '../../../src/commands/create.ts'
import { parsePyvenvCfg } from '../../../src/spec/pyvenv-cfg.ts'
import { type TestContext, testContext } from '../../kit/context.ts'
import { peerProgram, skipWithout } from '../../kit/oracle.ts'
import { pythons } from '../../kit/pythons.ts'

/** "bin/python3 link python", "lib dir", "pyvenv.cfg file 644", by name; links to the base as the file behind them. */
function layout(root: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const walk = (below: string): void => {
    for (const entry of fs.readdirSync(path.join(root, below), { withFileTypes: true })) {
      const name = path.join(below, entry.name)
      const place = path.join(root, name)
      if (entry.isSymbolicLink()) {
        const target = fs.readlinkSync(place)
        found.set(name, `link ${/^bin\/python/.test(name) ? fs.realpathSync(place) : target}`)
      } else if (entry.isDirectory()) {
        found.set(name, `dir ${(fs.statSync(place).mode & 0o777).toString(8)}`)
        walk(name)
      } else found.set(name, `file ${(fs.statSync(place).mode & 0o777).toString(8)}`)
    }
  }
  walk('')
  return found
}

/** What one has and the other hasn't, or has otherwise. */
function differences(den: string, peer: string): readonly string[] {
  const [mine, theirs] = [layout(den), layout(peer)]
  const names = [...new Set([...mine.keys(), ...theirs.keys()])].sort()
  return names.flatMap((name) => {
    const [one, other] = [mine.get(name), theirs.get(name)]
    if (one === other) return []
    if (one === undefined) return [`- ${name}`]
    return other === undefined ? [`+ ${name}`] : [`~ ${name}: ${one} for ${other}`]
  })
}

function cfgDifferences(den: string, peer: string): readonly string[] {
  const read = (root: string) => parsePyvenvCfg(fs.readFileSync(path.join(root, 'pyvenv.cfg'), 'utf8')).values
  const [mine, theirs] = [read(den), read(peer)]
  return [...new Set([...mine.keys(), ...theirs.keys()])].sort().flatMap((key) => {
    const [one, other] = [mine.get(key), theirs.get(key)]
    if (one === other) return []
    return [one === undefined ? `- ${key}` : other === undefined ? `+ ${key}` : `~ ${key}`]
  })
}

function run(context: TestContext, command: string, ...args: readonly string[]): void {
  const env = {
    PATH: '/usr/bin:/bin',
    HOME: context.host.home,
    UV_PYTHON_DOWNLOADS: 'never',
    UV_CACHE_DIR: path.join(context.root, 'uv'),
    VIRTUALENV_OVERRIDE_APP_DATA: path.join(context.root, 'app'),
  }
  const done = spawnSync(command, args, { encoding: 'utf8', env, cwd: context.root })
  assert.equal(done.status, 0, done.stderr)
}

async function pair(
  t: Parameters<typeof testContext>[0],
  executable: string,
  face: 'venv' | 'virtualenv',
): Promise<{ readonly context: TestContext; readonly den: string; readonly peer: string }> {
  const context = testContext(t)
  const [den, peer] = ['den', 'peer'].map((name) => path.join(context.root, name, 'env')) as [string, string]
  await create(context, { paths: [den], python: executable, face })
  fs.mkdirSync(path.dirname(peer))
  return { context, den, peer }
}

const ownScripts = ['activate.nu', 'activate.xsh', 'activate_this.py']

for (const { version, executable } of pythons()) {
  if (version.startsWith('2.')) continue
  const minor = Number(version.split('.')[1])

  test(`${version}: den's environment is venv's, and so much more`, async (t) => {
    const { context, den, peer } = await pair(t, executable, 'venv')
    run(context, executable, '-m', 'venv', '--without-pip', peer)
    const wanted = [
      // venv has it from 3.13 on; there with a line of comment.
      ...(minor < 13 ? ['+ .gitignore'] : []),
      '+ CACHEDIR.TAG',
      ...(minor < 8 ? ['+ bin/Activate.ps1'] : []),
      ...ownScripts.map((name) => `+ bin/${name}`),
      // den's can be run, to say that it has to be sourced.
      '~ bin/activate: file 755 for file 644',
      // venv up to 3.8 gave only the name it was started by.
      ...(minor < 9 ? [`+ bin/python3.${minor}`] : []),
    ]
    assert.deepEqual(differences(den, peer), wanted.sort(byName))
    assert.deepEqual(cfgDifferences(den, peer), [
      '+ base-exec-prefix',
      '+ base-executable',
      '+ base-prefix',
      ...(minor < 11 ? [] : ['~ command']),
      '+ den',
      ...(minor < 11 ? ['+ executable'] : []),
      '+ implementation',
      '+ version_info',
    ])
    // venv's lines come first, in venv's order; the command differs by the place alone.
    const text = (root: string): string => fs.readFileSync(path.join(root, 'pyvenv.cfg'), 'utf8')
    assert.ok(text(den).startsWith(text(peer).replaceAll(peer, den)), `${text(peer)}\n---\n${text(den)}`)
    assert.equal(fs.statSync(den).mode, fs.statSync(peer).mode)
  })

  // virtualenv has given up what is older.
  if (minor >= 8) {
    test(`${version}: den's environment beside virtualenv's`, {
      skip: skipWithout(['virtualenv'], 'den’s layout beside virtualenv’s'),
    }, async (t) => {
      const { context, den, peer } = await pair(t, executable, 'virtualenv')
      run(context, peerProgram('virtualenv'), '-q', '--no-seed', '-p', executable, peer)
      const site = `lib/python3.${minor}/site-packages`
      assert.deepEqual(
        differences(den, peer),
        [
          '+ bin/Activate.ps1',
          '- bin/activate.ps1',
          // One script does both in den's csh.
          '- bin/deactivate.csh',
          '~ bin/activate: file 755 for file 644',
          ...(minor < 11 ? [] : [`+ include/python3.${minor}`]),
          '+ lib64',
          // A guard against distutils.cfg, which den's doctor reports instead.
          ...(minor < 10 ? [`- ${site}/_virtualenv.pth`, `- ${site}/_virtualenv.py`] : []),
        ].sort(byName),
      )
      assert.deepEqual(cfgDifferences(den, peer), ['- command', '+ den', '- python-version', '- virtualenv'])
    })
  }

  test(`${version}: den's environment beside uv's`, {
    skip: skipWithout(['uv'], 'den’s layout beside uv’s'),
  }, async (t) => {
    const { context, den, peer } = await pair(t, executable, 'virtualenv')
    run(context, peerProgram('uv'), 'venv', '-q', '-p', executable, peer)
    const site = `lib/python3.${minor}/site-packages`
    assert.deepEqual(
      differences(den, peer),
      [
        '+ bin/Activate.ps1',
        '- bin/activate.ps1',
        // These are cmd's, which no POSIX system has.
        ...['activate.bat', 'deactivate.bat', 'pydoc.bat'].map((name) => `- bin/${name}`),
        '~ bin/activate: file 755 for file 644',
        '+ include',
        ...(minor < 11 ? [] : [`+ include/python3.${minor}`]),
        ...(minor < 10 ? [`- ${site}/_virtualenv.pth`, `- ${site}/_virtualenv.py`] : []),
      ].sort(byName),
    )
    assert.equal(
      fs.readFileSync(path.join(den, '.gitignore'), 'utf8').trim(),
      fs.readFileSync(path.join(peer, '.gitignore'), 'utf8'),
    )
    assert.deepEqual(cfgDifferences(den, peer), [
      '+ base-exec-prefix',
      '+ base-executable',
      '+ base-prefix',
      '+ den',
      '+ executable',
      '- uv',
      '+ version',
      // Three numbers; den and virtualenv write all five.
      '~ version_info',
    ])
  })
}

/** By the name behind the sign, as `differences` sorts. */
function byName(one: string, other: string): number {
  const [a, b] = [one, other].map((line) => line.slice(2).split(':')[0]!)
  return a! < b! ? -1 : a! > b! ? 1 : 0
}
