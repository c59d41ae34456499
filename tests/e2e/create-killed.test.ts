// `den create` killed at moments of its run: what is left is nothing, an environment, or what the next den command puts right.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { type Ended, runToEnd } from '../kit/child.ts'
import { type TestContext, testContext } from '../kit/context.ts'
import { denCommand, denEnvironment } from '../kit/den.ts'
import { pythons } from '../kit/pythons.ts'

/** Runs den and kills it after so many milliseconds, if it is still there. */
function runDen(context: TestContext, args: readonly string[], killAfter?: number): Promise<Ended> {
  const env = denEnvironment(context.root, { PIP_NO_INDEX: '1' })
  return runToEnd([...denCommand(), ...args], { env, cwd: context.root, killAfter })
}

test('den create: the program itself, killed at 50 moments, leaves nothing half-made', async (t) => {
  const python = pythons().find(({ version }) => version.startsWith('3.'))
  if (python === undefined) return t.skip('NOT TESTED: no Python 3 on this machine')
  const context = testContext(t)
  const root = path.join(context.root, 'env')
  const make = ['create', 'env', '--python', python.executable, '--clear', '-q']
  let duration = Number.POSITIVE_INFINITY
  // The machine may be busier at one moment than at another: the shortest run is what moments are parts of.
  const run = async (killAfter?: number): Promise<boolean> => {
    const start = performance.now()
    const { signal } = await runDen(context, make, killAfter)
    if (signal === null) duration = Math.min(duration, performance.now() - start)
    return signal === 'SIGKILL'
  }
  for (let times = 0; times < 4; times += 1) await run()
  let killed = 0
  for (let moment = 0; moment < 50; moment += 1) {
    // Alternately where nothing stands and in the place of another.
    if (moment % 2 === 0) fs.rmSync(root, { recursive: true, force: true })
    if (await run((duration * moment) / 50)) killed += 1
    const label = `killed after ${moment}/50 of ${duration} ms`
    const { code, output } = await runDen(context, ['create', 'env', '--python', python.executable, '-q'])
    assert.equal(code, 0, `${label}: ${output}`)
    assert.equal(spawnSync(path.join(root, 'bin/python'), ['-c', '']).status, 0, label)
    assert.deepEqual(
      fs.readdirSync(context.root).filter((name) => name.includes('.den-')),
      [],
      label,
    )
  }
  assert.ok(killed >= 10, `only ${killed} were killed in time`)
})
