// The commands that change environments, through the real executable, ended at changes of the disk spread over their whole run. Every
// point of these is met by scripts/reliability.ts; every point of the transaction itself by faults-install.test.ts.

import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { type CliWay, runWay } from '../kit/faults-cli.ts'
import { faultWays, faultWheels } from '../kit/faults-ways.ts'
import { serveIndex } from '../kit/index-server.ts'
import { pythonOr } from '../kit/pythons.ts'
import { quickScratch } from '../kit/scratch.ts'

let points = 0

for (const name of Object.keys(faultWays('python'))) {
  test(`${name}, ended at any change of the disk: old or new, and the command repeated succeeds`, async (t) => {
    const python = pythonOr(t, '3.12')
    if (python === undefined) return
    const root = quickScratch(t)
    const index = await serveIndex(t, faultWheels())
    const home = path.join(root, 'home')
    const env = { PIP_INDEX_URL: index.url, PIP_CONFIG_FILE: '/dev/null', HOME: home }
    const scene = { project: path.join(root, 'project'), home, env, kept: path.join(root, 'kept') }
    const way: CliWay = faultWays(python.executable)[name]!
    const tallies = await runWay(scene, way, [
      { fault: 'kill', sample: 16 },
      { fault: 'ENOSPC', sample: 6 },
      { fault: 'EIO', sample: 6 },
      { fault: 'EROFS', sample: 3 },
      { fault: 'EMFILE', sample: 3 },
    ])
    for (const tally of tallies) {
      assert.deepEqual(tally.broken, [], `${tally.fault}`)
      assert.deepEqual(tally.unhealed, [], `${tally.fault}`)
      points += tally.points
    }
    const kills = tallies.find(({ fault }) => fault === 'kill')!
    assert.ok(kills.old > 0 && kills.old + kills.new === kills.points, JSON.stringify(kills))
    t.diagnostic(
      `${kills.changes} changes; ${tallies.map((one) => `${one.fault}: ${one.points} points, ${one.old} old, ${one.new} new, 0 between`).join('; ')}`,
    )
  })
}

test('points through the executable', (t) => {
  if (points === 0) return t.skip('no Python 3.12 here')
  t.diagnostic(`${points} points, 0 between old and new`)
})
