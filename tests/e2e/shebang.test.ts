// Script headers run by the system: by the kernel, and by every shell that may stand behind /bin/sh.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { scriptHeader, scriptText } from '../../src/env/shebang.ts'
import { pythons } from '../kit/pythons.ts'
import { scratch } from '../kit/scratch.ts'

const body = [
  '"""the docstring"""',
  'from __future__ import print_function',
  'import sys',
  'print(sys.argv[1:], __doc__)',
].join('\n')

const nasty = [
  'plain',
  'two words',
  "it's",
  'a"b',
  'back`tick',
  '$HOME',
  'back\\slash',
  '$(touch pwned)',
  'é',
  '-x',
  'a;b',
  '!x',
  '*',
  "''' \\N{x}",
]

/** A bin directory with `python` in it and a script beside, and what it prints for the arguments `a b` and `c`. */
function runScript(t: Parameters<typeof scratch>[0], name: string, python: string, relocatable: boolean): string {
  const root = scratch(t)
  const bin = path.join(root, name, 'bin')
  fs.mkdirSync(bin, { recursive: true })
  fs.symlinkSync(python, path.join(bin, 'python'))
  const script = path.join(bin, 'tool')
  fs.writeFileSync(script, scriptText({ python: path.join(bin, 'python'), platform: 'linux', relocatable }, body), {
    mode: 0o755,
  })
  const run = spawnSync(script, ['a b', 'c'], { encoding: 'utf8', cwd: root })
  assert.deepEqual([...fs.readdirSync(root)], [name], 'nothing is executed')
  assert.equal(run.stderr, '')
  return run.stdout
}

test('scripts run from directories of any name, with the docstring and the future import in force', async (t) => {
  const [newest, oldest] = [pythons().findLast(({ version }) => version.startsWith('3.13')), pythons()[0]]
  for (const python of [newest, oldest]) {
    if (python === undefined) continue
    for (const name of nasty) {
      for (const relocatable of [false, true]) {
        await t.test(`${python.version} ${name} ${relocatable ? 'relocatable' : ''}`, (t) => {
          const printed = runScript(t, name, python.executable, relocatable)
          assert.match(printed, /^\['a b', 'c'\] /)
          assert.match(printed, /the docstring\n$/)
        })
      }
    }
  }
})

test('the relocatable header works in every shell, from anywhere, and through links', async (t) => {
  const python = pythons().at(-1)
  if (python === undefined) return t.skip('NOT TESTED: no Python on this machine')
  const root = scratch(t)
  const bin = path.join(root, 'env', 'bin')
  fs.mkdirSync(bin, { recursive: true })
  fs.symlinkSync(python.executable, path.join(bin, 'python'))
  const header = scriptHeader({ python: path.join(bin, 'python'), platform: 'linux', relocatable: true })
  fs.writeFileSync(path.join(bin, 'tool'), `${header}import sys\nprint(sys.argv)\n`, { mode: 0o755 })
  fs.mkdirSync(path.join(root, 'links'))
  fs.symlinkSync('../env/bin/tool', path.join(root, 'links', 'relative'))
  fs.symlinkSync(path.join(root, 'links', 'relative'), path.join(root, 'absolute'))
  for (const shell of ['sh', 'dash', 'bash', 'ksh', 'mksh', 'zsh', 'yash', 'busybox']) {
    await t.test(shell, (t) => {
      const command = shell === 'busybox' ? ['busybox', 'sh'] : [shell]
      if (spawnSync(command[0]!, [...command.slice(1), '-c', ':']).error !== undefined) {
        return t.skip(`NOT TESTED: ${shell} is not on this machine`)
      }
      const cases: readonly (readonly [cwd: string, script: string])[] = [
        [root, 'env/bin/tool'],
        [root, 'links/relative'],
        [root, 'absolute'],
        [bin, 'tool'],
        ['/', path.join(bin, 'tool')],
      ]
      for (const [cwd, script] of cases) {
        const run = spawnSync(command[0]!, [...command.slice(1), script, 'x y'], { encoding: 'utf8', cwd })
        assert.equal(run.stderr, '', script)
        assert.match(run.stdout, /'x y'\]\n$/, script)
      }
    })
  }
})

test('a script with a relocatable header follows its environment', (t) => {
  const python = pythons().at(-1)
  if (python === undefined) return t.skip('NOT TESTED: no Python on this machine')
  const root = scratch(t)
  fs.mkdirSync(path.join(root, 'one', 'bin'), { recursive: true })
  fs.symlinkSync(python.executable, path.join(root, 'one', 'bin', 'python'))
  const header = scriptHeader({ python: path.join(root, 'one/bin/python'), platform: 'linux', relocatable: true })
  fs.writeFileSync(path.join(root, 'one/bin/tool'), `${header}print('works')\n`, { mode: 0o755 })
  fs.renameSync(path.join(root, 'one'), path.join(root, 'two words'))
  assert.equal(spawnSync(path.join(root, 'two words/bin/tool'), { encoding: 'utf8' }).stdout, 'works\n')
})
