// Everything that is checked without running den: types (the whole, and the pure half without Node), lint and format, layers, docs.

import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { generateAssets } from './assets.ts'
import { layerDiagram, layerProblems } from './check-layers.ts'
import { exampleWheelProblems } from './example-wheels.ts'
import { launcherProblems } from './launchers.ts'
import { root, tool } from './toolchain.ts'

export interface Check {
  readonly name: string
  readonly problems: () => readonly string[]
}

function command(file: string, args: readonly string[]): readonly string[] {
  const done = spawnSync(file, args, { cwd: root, encoding: 'utf8' })
  return done.status === 0 ? [] : [`${done.stdout}${done.stderr}`.trim() || String(done.error)]
}

/** One check a row; scripts/test.ts counts each as a test. */
export const checks: readonly Check[] = [
  { name: 'types', problems: () => command(tool('tsc'), ['-p', 'tsconfig.json']) },
  { name: 'types of the pure layers', problems: () => command(tool('tsc'), ['-p', 'tsconfig.pure.json']) },
  { name: 'lint and format', problems: () => command(tool('biome'), ['check', '--error-on-warnings', '.']) },
  { name: 'layers', problems: layerProblems },
  {
    name: 'the diagram in ARCHITECTURE.md',
    problems: () =>
      fs.readFileSync(path.join(root, 'ARCHITECTURE.md'), 'utf8').includes(layerDiagram())
        ? []
        : ['it is stale; take the output of: node scripts/check-layers.ts --diagram'],
  },
  { name: 'example wheels', problems: exampleWheelProblems },
  { name: 'Windows launchers', problems: launcherProblems },
  { name: 'docs/reference', problems: () => command(process.execPath, ['scripts/docs.ts', '--check']) },
]

if (import.meta.main) {
  generateAssets()
  let failed = 0
  for (const check of checks) {
    const problems = check.problems()
    console.log(`${problems.length === 0 ? 'ok    ' : 'FAILED'} ${check.name}`)
    for (const problem of problems) console.log(problem.replace(/^/gm, '       '))
    if (problems.length > 0) failed += 1
  }
  process.exitCode = failed === 0 ? 0 : 1
}
