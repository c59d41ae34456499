// A search that asks for nothing any more and takes minutes: Ctrl-C ends it as it ends everything else.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { denCommand, denEnvironment } from '../kit/den.ts'
import { servedWheel } from '../kit/index-server.ts'
import { projectScene } from '../kit/project-scene.ts'

/** Eleven pigeons, ten holes, no two in one: no solver that learns by resolution finds out soon that this cannot be. */
const count = 11
const pigeons = Array.from({ length: count }, (_, index) => index + 1)
const holes = pigeons.slice(1).map((number) => number - 1)
const files = [
  ...pigeons.flatMap((pigeon) =>
    holes.map((hole) =>
      servedWheel({ name: `pigeon${pigeon}`, version: `${hole}.0`, requires: [`hole${hole}==${pigeon}.0`] }),
    ),
  ),
  ...holes.flatMap((hole) => pigeons.map((pigeon) => servedWheel({ name: `hole${hole}`, version: `${pigeon}.0` }))),
]

test('Ctrl-C ends den lock and den pip install while the solver searches without a question', async (t) => {
  const names = pigeons.map((pigeon) => `pigeon${pigeon}`)
  const pyproject = `[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = ${JSON.stringify(names)}\n`
  const s = await projectScene(t, { files, tree: { 'pyproject.toml': pyproject } })
  if (s === undefined) return
  await s.done('create')
  const home = path.join(path.dirname(s.root), `.home-of-${path.basename(s.root)}`)
  for (const args of [['lock'], ['pip', 'install', ...names]]) {
    const [command, ...before] = denCommand()
    const child: ChildProcess = spawn(command, [...before, ...args], { cwd: s.root, env: denEnvironment(home, s.env) })
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
    // Once nothing is asked any more, only the search is left.
    for (let asked = -1; asked !== s.index.requests.length; await sleep(1500)) asked = s.index.requests.length
    assert.equal(child.exitCode, null, 'it searches for minutes')
    const since = performance.now()
    child.kill('SIGINT')
    const code = await Promise.race([ended, sleep(20_000, 'still running' as const, { ref: false })])
    if (code === 'still running') child.kill('SIGKILL')
    assert.equal(code, 130, args.join(' '))
    t.diagnostic(`${args[0]} ended ${Math.round(performance.now() - since)} ms after the signal`)
    assert.ok(performance.now() - since < 2500, 'at once, as far as a person can tell, on a busy machine too')
  }
  assert.equal(fs.existsSync(path.join(s.root, 'pylock.toml')), false)
  assert.equal(fs.readFileSync(path.join(s.root, 'pyproject.toml'), 'utf8'), pyproject)
})
