import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Clause, Core } from './core.ts'
import { failureOf } from './failure.ts'

const count = (length: number): number[] => Array.from({ length }, (_, at) => at)

const only = (place: number) => [place, place + 1]

/** A core and a proof: more pigeons than holes, no two in one; and first, what has nothing to do with that. */
function pigeons(amount: number) {
  const core = new Core({ narrowed: () => {}, released: () => {}, clashed: () => {}, lost: () => false })
  const birds = count(amount).map(() => core.variable(amount - 1))
  const other = core.variable(3)
  const said: Clause[] = []
  const say = (variables: (typeof other)[], places: readonly number[]): void => {
    const ground = { kind: 'unavailable', project: `v${variables[0]!.id}`, place: said.length, reason: '' }
    said.push(core.add(variables, places.map(only), ground))
  }
  say([other], [0])
  say([other], [2])
  for (const bird of birds) say([bird], [0])
  for (const hole of count(amount - 1))
    for (const [at, bird] of birds.entries())
      for (const beside of birds.slice(at + 1)) say([bird, beside], [hole + 1, hole + 1])
  const impossible = said
    .slice(1)
    .reduce<Clause>(
      (proof, clause) => ({ variables: [], sets: [], cause: undefined, parents: [proof, clause], settled: false }),
      said[0]!,
    )
  return { core, impossible, said }
}

const subjectOf = ({ id }: { readonly id: number }) => ({ project: `v${id}`, unknown: false, candidates: [] })

test('what a failure is told with has a limit: what was found by then is told', (t) => {
  const { core, impossible, said } = pigeons(9)
  const decided = t.mock.method(Core.prototype, 'decide')
  const telling = failureOf(impossible, core, subjectOf)
  let step = telling.next()
  while (step.done !== true) {
    assert.ok(decided.mock.callCount() < 30_000, 'it has an end')
    step = telling.next()
  }
  const { core: told } = step.value
  // What was tried before the end is not among it.
  assert.ok(told.length < said.length && !told.some((ground) => 'project' in ground && ground.project === 'v9'))
  assert.ok(decided.mock.callCount() > 5000 && decided.mock.callCount() < 30_000, String(decided.mock.callCount()))
  // Where the limit is far away, nothing that is told can be spared.
  const few = pigeons(4)
  const small = failureOf(few.impossible, few.core, subjectOf).next().value as { core: readonly unknown[] }
  assert.equal(small.core.length, few.said.length - 2)
})
