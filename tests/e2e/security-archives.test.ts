// Every bad archive of the kit (under Node three of each mechanism) through `den pip install`, from a file and over HTTP: refused aloud
// before anything is touched, nothing written outside, nothing left behind, the same verdict both ways; every honest one is installed,
// works, and can be taken out again.

import assert from 'node:assert/strict'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type ArchiveCase, badArchives } from '../kit/bad-archives.ts'
import {
  attempt,
  type Installer,
  inLanes,
  isPlainName,
  mechanismOf,
  resetGround,
  type Way,
} from '../kit/bad-archives-run.ts'
import { denInstaller } from '../kit/bad-archives-tools.ts'
import { runProgram, runtime } from '../kit/den.ts'
import { newestPython, skipWithoutPython } from '../kit/pythons.ts'
import { type Cleanup, scratch } from '../kit/scratch.ts'

const python = newestPython('3.12')
const skip = skipWithoutPython('3.12', 'bad archives through den')

describe('bad archives through den pip install', { skip }, () => {
  const lanes: Installer[] = []
  const ends: (() => void | Promise<void>)[] = []
  const cleanup: Cleanup = { after: (end) => void ends.push(end) }
  before(async () => {
    for (let lane = 0; lane < 2; lane += 1) lanes.push(await denInstaller(scratch(cleanup), python!.executable))
  })
  after(async () => {
    for (const end of ends) await end()
  })

  /** What is wrong with how den took it; none is right. */
  const faults = async (one: ArchiveCase, lane: Installer, way: Way): Promise<readonly string[]> => {
    const found: string[] = []
    const fault = (text: string): void => void found.push(`${one.kind} ${JSON.stringify(one.name)} by ${way}: ${text}`)
    const { verdict, residue, output, milliseconds } = await attempt(lane, one, way)
    const expected = one.verdict === 'accept' ? 'installed' : 'refused'
    if (verdict !== expected) fault(`${verdict}\n${output}`)
    if (residue.length > 0) fault(`left ${residue.join(', ')}`)
    if (milliseconds > 20_000) fault(`took ${Math.round(milliseconds)} ms`)
    if (verdict === 'refused' && !/^error\[(?!internal|build-)[a-z-]+\]: ./m.test(output))
      fault(`said no reason:\n${output}`)
    if (verdict === 'installed') {
      if (one.verdict === 'accept' && way === 'file') for (const text of await useAndRemove(lane)) fault(text)
      resetGround(lane)
    }
    return found
  }

  for (const [mechanism, cases] of Map.groupBy(badArchives(), mechanismOf)) {
    // src/store/bad-archives.test.ts gives each of them to den's readers under Node; the way to them is the same for all.
    const tried = runtime === 'node' ? cases.slice(0, 3) : cases
    test(`${mechanism}: ${tried.length}`, async () => {
      const found: string[] = []
      const trials = tried.flatMap((one) =>
        (isPlainName(one.filename) ? (['file', 'http'] as const) : (['http'] as const)).map((way) => ({ one, way })),
      )
      await inLanes(trials, lanes, async ({ one, way }, lane) => void found.push(...(await faults(one, lane, way))))
      assert.deepEqual(found, [])
    })
  }
})

/** What does not work of an honest archive that was just installed. */
async function useAndRemove({ ground, uninstall }: Installer): Promise<readonly string[]> {
  const executable = path.join(ground.environment, 'bin', 'python')
  const imported = await runProgram(executable, ['-B', '-I', '-c', 'import app; assert app.one == 1'], {
    cwd: ground.cwd,
  })
  const found = imported.code === 0 ? [] : [`does not work: ${imported.stderr}`]
  const { code, output } = await uninstall!('app')
  return code === 0 ? found : [...found, `cannot be taken out: ${output}`]
}
