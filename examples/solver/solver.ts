// den's solver alone, over an index that is made up: no network, no Python, no environment. It runs as it is: node solver.ts, bun solver.ts

import {
  cutVersions,
  explainFailure,
  type Fact,
  inEnvironment,
  isDirectSpec,
  type Need,
  opensTier,
  openWishReader,
  type PythonCandidate,
  type PythonSpec,
  type Resolution,
  solve,
  tiers,
} from 'denpy/resolve'
import { isPrerelease, parseMetadata, parseRequirement, parseVersion } from 'denpy/spec'

/** What each release requires. */
const index: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  ship: { '2.0': ['sail>=2', 'crew[cook]'], '1.0': ['sail'] },
  sail: { '2.1': ['rope<2', 'needle; sys_platform == "win32"'], '2.0': ['rope<2'], '1.0': ['rope'], '3.0b1': [] },
  rope: { '2.0': [], '1.5': [] },
  crew: { '1.0': ['captain; extra == "captain"', 'stew; extra == "cook"'] },
  captain: { '1.0': [] },
  stew: { '1.0': [] },
}

/** What the solver tells versions apart by: a key that sorts as versions do. */
interface Release extends PythonCandidate {
  readonly project: string
}

type Question = Need<Release, PythonSpec>
type Answer = Fact<Release, PythonSpec>

/** Markers are evaluated for this environment. */
const reader = openWishReader({ holds: inEnvironment({ python_version: '3.13', sys_platform: 'linux' }) })

const releases = new Map(
  Object.entries(index).map(([project, versions]) => [
    project,
    Object.keys(versions)
      .map((text): Release => {
        const version = parseVersion(text)
        const tier = isPrerelease(version) ? tiers.prerelease : tiers.ordinary
        return { project, label: version.text, key: version.key, tier }
      })
      // Oldest first.
      .sort((a, b) => (a.key < b.key ? -1 : 1)),
  ]),
)

/** One answer. It may take as long as it likes, and come in any order: what is chosen does not depend on that. */
async function answer(need: Question): Promise<Answer> {
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 5))
  if (need.kind === 'candidates')
    return { kind: 'candidates', project: need.project, candidates: releases.get(need.project) }
  const { candidate } = need
  const lines = index[candidate.project]?.[candidate.label] ?? []
  const extras = lines.flatMap((line) => /extra == "(\w+)"/.exec(line)?.[1] ?? [])
  const metadata = parseMetadata(
    [
      'Metadata-Version: 2.1',
      `Name: ${candidate.project}`,
      `Version: ${candidate.label}`,
      ...lines.map((line) => `Requires-Dist: ${line}`),
      ...extras.map((extra) => `Provides-Extra: ${extra}`),
    ].join('\n'),
  )
  return { kind: 'wishes', candidate, wishes: reader.wishesOf(metadata) }
}

async function choose(...wanted: readonly string[]): Promise<Resolution<Release, PythonSpec>> {
  const search = solve<Release, PythonSpec>({
    wishes: reader.wishesOfAll(wanted.map((text) => parseRequirement(text))),
    cut: cutVersions,
    opens: opensTier,
    isDirect: isDirectSpec,
  })
  let step = search.next()
  while (step.done !== true) {
    // Those that do not block are hints: a real index would begin to fetch them.
    const facts = await Promise.all(step.value.filter(({ blocking }) => blocking).map(answer))
    step = search.next(facts)
  }
  return step.value
}

for (const wanted of [['ship'], ['ship', 'rope>=2'], ['ship>=2', 'rope>=2'], ['sail>=3']]) {
  const resolution = await choose(...wanted)
  console.log(`${wanted.join(', ')}:`)
  if (resolution.kind === 'solved') {
    for (const [project, { candidate, extras }] of [...resolution.chosen].sort())
      console.log(`  ${project}${extras.length === 0 ? '' : `[${extras.join(',')}]`} ${candidate.label}`)
    const { decisions, conflicts } = resolution.statistics
    console.log(`  (${decisions} decisions, ${conflicts} conflicts)`)
  } else {
    const { reasons } = explainFailure(resolution.failure, { spec: ({ text }) => text })
    for (const reason of reasons) console.log(`  ${reason}`)
  }
}
