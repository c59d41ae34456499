// Locks changed at random: read or refused, and all that den does with one done or refused, never anything else. Some are sealed again, as
// if den had written them, so that they go the way of den's own. DEN_SEED varies the cases, DEN_CASES their number.

import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { isDenError } from '../../src/base/error.ts'
import { requirementsFile } from '../../src/project/lock-export.ts'
import { openLockGraph, reachable } from '../../src/project/lock-graph.ts'
import { lockState, parseLock, preferencesOf } from '../../src/project/lock-read.ts'
import { restrictLock, selectLocked } from '../../src/project/lock-select.ts'
import { lockOf, lockText, sealedLock } from '../../src/project/lock-write.ts'
import { parseManifest } from '../../src/project/read-manifest.ts'
import type { MarkerEnvironment } from '../../src/spec/marker.ts'
import { parsePylock } from '../../src/spec/pylock.ts'
import { formatPylock } from '../../src/spec/pylock-write.ts'
import { rankTags } from '../../src/spec/tag.ts'
import { indexFile, type WrittenPackage, writtenAnswer } from '../kit/lock-answer.ts'
import { mutate } from '../kit/mutate.ts'
import { randomFrom, seed } from '../kit/random.ts'

const count = Number(process.env['DEN_CASES'] ?? 1500)

const markers: MarkerEnvironment = {
  implementation_name: 'cpython',
  implementation_version: '3.13.1',
  os_name: 'posix',
  platform_machine: 'x86_64',
  platform_python_implementation: 'CPython',
  platform_release: '6.1',
  platform_system: 'Linux',
  platform_version: '1',
  python_full_version: '3.13.1',
  python_version: '3.13',
  sys_platform: 'linux',
}
const ranks = rankTags(['py3-none-any'])

const project = `[project]
name = "app"
version = "1.0"
requires-python = ">=3.9"
dependencies = ["web[fast]>=2", "split", "lib @ file:///p/lib"]
[project.optional-dependencies]
plot = ["draw>=1"]
[dependency-groups]
dev = ["web"]
[build-system]
requires = ["hatchling"]
[tool.den]
conflicts = [[{extra = "plot"}, {group = "dev"}]]
`
const universe: readonly WrittenPackage[] = [
  { name: 'web', version: '2.1', extras: ['fast'], requires: ['base>=1,<3', 'quick; extra == "fast"'] },
  { name: 'base', version: '2.0', requires: ['web; sys_platform == "win32"'], requiresPython: '>=3.8' },
  { name: 'quick', version: '1.5', files: [indexFile('quick-1.5.tar.gz'), indexFile('quick-1.5-py3-none-any.whl')] },
  { name: 'split', version: '1.0', marker: 'python_version < "3.12"' },
  { name: 'split', version: '2.0', marker: 'python_version >= "3.12"', requires: ['base'] },
  { name: 'draw', version: '1.1', marker: '"plot" in extras', requires: ['base'] },
  { name: 'lib', version: '1', link: { directUrl: { url: 'file:///p/lib', dir_info: {} }, editable: true } },
]

const manifest = parseManifest(project, { file: '/p/pyproject.toml', directory: '/p', now: 0 })
const own = lockText(lockOf({ manifest, result: writtenAnswer(manifest, universe), path: path.posix }))
const bare = own.replace(/^digest = .*\n/m, '')
const merging = own
  .replace(/^version = "1\.5"\n/m, (line) => `<<<<<<< HEAD\n${line}=======\nversion = "1.6"\n>>>>>>> other\n`)
  .replace(
    /^digest = .*\n/m,
    (line) => `<<<<<<< HEAD\n${line}||||||| base\n=======\ndigest = "sha256:00"\n>>>>>>> other\n`,
  )
const other = formatPylock({ ...parsePylock(own), tool: {} })

/** All that den does with a lock that it has read; what it is refused for counts as an answer. */
function useAll(text: string): 'read' | 'refused' {
  const tried = (work: () => unknown): void => {
    try {
      work()
    } catch (error) {
      if (!isDenError(error)) throw error
    }
  }
  try {
    const lock = parseLock(text, '/p/pylock.toml')
    tried(() => lockState(manifest, lock))
    tried(() => preferencesOf(lock))
    for (const choice of [{}, { extras: ['plot'] }, { groups: ['dev'] }, { groups: ['dev'], onlyGroups: true }]) {
      tried(() => selectLocked(lock, { ...choice, markers, ranks }))
      tried(() =>
        requirementsFile(restrictLock(lock, choice), { hashes: true, publicIndex: 'https://index.example.org/' }),
      )
    }
    const whole = lock.lock
    if (whole !== undefined) {
      const graph = openLockGraph(whole, lock.inputs)
      tried(() => reachable(graph, { extras: new Set(['plot']), groups: new Set(['dev']) }, undefined))
      // What the lines tell is what the parser tells.
      if (lock.written === 'den') assert.deepEqual(whole, parsePylock(text))
    }
    return 'read'
  } catch (error) {
    if (!isDenError(error)) throw error
    // What is left of it is never refused. What bears den's digest is looked at later.
    const salvaged = parseLock(text, '/p/pylock.toml', { salvage: true })
    if (salvaged.written !== 'den') {
      assert.equal(salvaged.written, 'broken')
      preferencesOf(salvaged)
    }
    return 'refused'
  }
}

test('the texts are what the test means', () => {
  assert.deepEqual(
    [own, sealedLock(bare), bare, merging, other].map((text) => parseLock(text, '/p/pylock.toml').written),
    ['den', 'den', 'edited', 'merging', 'other'],
  )
})

test('mutated locks are read or refused, and never anything else', () => {
  const random = randomFrom(seed)
  const found = { read: 0, refused: 0 }
  let slowest = 0
  for (let at = 0; at < count; at += 1) {
    const from = [own, bare, merging, other][at % 4]!
    const mutated = new TextDecoder().decode(mutate(new TextEncoder().encode(from), random))
    const text = from === bare ? sealedLock(mutated) : mutated
    const started = performance.now()
    try {
      found[useAll(text)] += 1
    } catch (error) {
      throw new Error(`case ${at} of seed ${seed}:\n${text}`, { cause: error })
    }
    slowest = Math.max(slowest, performance.now() - started)
  }
  assert.ok(found.read > count / 10 && found.refused > count / 20, JSON.stringify(found))
  assert.ok(slowest < 4000, `${slowest} ms`)
})
