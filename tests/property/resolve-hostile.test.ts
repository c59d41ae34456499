// Universes of hostile sizes: an answer or a reason comes, without a stack that runs out and in time that grows with the size.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explainFailure } from '../../src/resolve/explain.ts'
import { ordinary, placedIn, solveUniversalCase } from '../scenarios/universal.ts'
import { chosenLines, fixesOf, type Release, solveCase } from '../scenarios/universe.ts'

const release = (project: string, version: string, ...requires: readonly string[]): Release => ({
  project,
  version,
  requires,
  extras: [],
})
const count = (length: number): number[] => Array.from({ length }, (_, index) => index)

test('a chain of five thousand projects is followed to its end, and its failure told from there', () => {
  const chain = count(5000).map((at) => release(`p${at}`, '1', `p${at + 1}`))
  const { answer } = solveCase({ releases: [...chain, release('p5000', '1')], wants: ['p0'] })
  assert.equal(chosenLines(answer).length, 5001)
  const broken = solveCase({ releases: chain, wants: ['p0'] }).answer
  assert.ok(broken.kind === 'failed')
  const { reasons, unknown } = explainFailure(broken.failure, { spec: ({ text }) => text })
  assert.deepEqual(unknown, ['p5000'])
  assert.ok(reasons.length > 0)
})

test('a ring of three thousand extras is gone round once', () => {
  const extras = count(3000).map((at) => `e${at}`)
  const ring: Release = {
    project: 'ring',
    version: '1',
    extras,
    requires: extras.map((extra, at) => `ring[e${(at + 1) % 3000}]; extra == "${extra}"`),
  }
  const { answer } = solveCase({ releases: [ring], wants: ['ring[e7]'] })
  assert.ok(answer.kind === 'solved')
  assert.equal(answer.chosen.get('ring')!.extras.length, 3000)
})

test('two thousand versions that each contradict are told in a few sentences, with a way out', () => {
  const releases = [
    ...count(2000).map((at) => release('app', `1.${at}`, `lib>=${at % 2 === 0 ? 2 : 3}`)),
    ...count(5).map((at) => release('lib', `${at}`)),
  ]
  const given = { releases, wants: ['app', 'lib<2'] }
  const { answer } = solveCase(given)
  assert.ok(answer.kind === 'failed')
  const { reasons } = explainFailure(answer.failure, { spec: ({ text }) => text })
  assert.ok(reasons.length <= 4, `${reasons.length} sentences`)
  assert.ok(reasons.every((one) => one.length < 300))
  assert.deepEqual(
    fixesOf(given).map(({ words }) => words),
    ['ask lib>=2 for lib<2'],
  )
})

test('a hundred parts of the scope are each solved, and a thousand markers beside each other compared', () => {
  const names = count(100).map((at) => `platform${at}`)
  const forks = solveUniversalCase({
    releases: names.map((_, at) => release('lib', `${at}`)),
    wants: names.map((name, at) => `lib==${at}; sys_platform == "${name}"`),
    universal: ordinary,
  })
  assert.equal(placedIn(forks).length, 100)
  const wide = solveUniversalCase({
    releases: [release('app', '1', ...count(1000).map((at) => `lib; sys_platform == "p${at}"`)), release('lib', '1')],
    wants: ['app'],
    universal: ordinary,
  })
  assert.equal(placedIn(wide).length, 2)
})

test('a chain whose every link has a marker is followed for every environment', () => {
  const markers = ['sys_platform != "win32"', 'python_version >= "3.9"', 'implementation_name == "cpython"']
  const chain = count(1000).map((at) => release(`p${at}`, '1', `p${at + 1}; ${markers[at % 3]}`))
  const answer = solveUniversalCase({
    releases: [...chain, release('p1000', '1')],
    wants: ['p0'],
    universal: ordinary,
  })
  const placed = placedIn(answer)
  assert.equal(placed.length, 1001)
  const last = placed.find(({ project }) => project === 'p1000')!
  assert.equal(
    answer.space.words(last.where, answer.scope)?.text,
    'python_version >= "3.9" and implementation_name == "cpython" and sys_platform != "win32"',
  )
})
