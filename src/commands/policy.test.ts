import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { writeTree } from '../../tests/kit/scratch.ts'
import type { ProjectName } from '../base/brand.ts'
import { isDenError } from '../base/error.ts'
import { parseToml } from '../format/toml.ts'
import { defaultPolicy, type Policy, parsePolicy, readPolicy } from './policy.ts'
import { type AgePolicy, judgeAge, parseAge, uploadedBeforeOf } from './policy-age.ts'

const parse = (text: string): Policy => parsePolicy(parseToml(text), 'den.toml')
const day = 86_400_000

test('a time is written in words or as ISO 8601 has it', () => {
  const hours = (text: string): number | undefined => {
    const age = parseAge(text)
    return age === undefined ? undefined : age / 3_600_000
  }
  assert.deepEqual(
    ['1 day', '36 hours', '2 weeks', '30 minutes', '1.5 days', 'P3D', 'PT36H', 'P1W', 'P1DT12H', 'PT30M'].map(hours),
    [24, 36, 336, 0.5, 36, 72, 36, 168, 36, 0.5],
  )
  for (const text of ['', 'day', '1', '-1 day', 'P', 'PT', 'P1DT', '1 fortnight', '1 constructor'])
    assert.equal(parseAge(text), undefined, text)
})

test('a file is old enough by its upload time, by the lock, or because its project is exempt', () => {
  const policy: AgePolicy = { minimumAge: day, exempt: new Set(['mine' as ProjectName]) }
  const now = 100 * day
  const kind = (file: Partial<Parameters<typeof judgeAge>[1]>, locked?: ReadonlySet<string>): string =>
    judgeAge(
      policy,
      { project: 'x' as ProjectName, hashes: {}, ...file },
      { now, ...(locked === undefined ? {} : { locked }) },
    ).kind
  assert.equal(kind({ uploaded: now - day }), 'old enough')
  assert.equal(kind({ uploaded: now - day + 1 }), 'too young')
  assert.equal(kind({ uploaded: now, project: 'mine' as ProjectName }), 'exempt')
  assert.equal(kind({ uploaded: now, hashes: { sha256: 'AB' } }, new Set(['sha256:ab'])), 'exempt')
  assert.equal(kind({ uploaded: now, hashes: { sha256: 'cd' } }, new Set(['sha256:ab'])), 'too young')
  assert.equal(kind({}), 'unknown')
})

test('a time ahead of this machine’s clock is no age', () => {
  const policy: AgePolicy = { minimumAge: day, exempt: new Set() }
  const verdict = judgeAge(policy, { project: 'x' as ProjectName, hashes: {}, uploaded: 3650 * day }, { now: day })
  assert.deepEqual(verdict, { kind: 'too young', until: 3651 * day })
})

test('the limit of a package source and the verdict agree at the edge', () => {
  const policy: AgePolicy = { minimumAge: day, exempt: new Set() }
  const now = 50 * day
  const limit = uploadedBeforeOf(policy, now)!
  for (const uploaded of [now - day - 1, now - day, now - day + 1]) {
    const { kind } = judgeAge(policy, { project: 'x' as ProjectName, hashes: {}, uploaded }, { now })
    assert.equal(uploaded < limit, kind === 'old enough', String(uploaded - now + day))
  }
  assert.equal(uploadedBeforeOf({ minimumAge: 0, exempt: new Set() }, now), undefined)
})

test('[tool.den]: age, publishers, what is lived with', () => {
  const policy = parse(`
minimum-age = "3 days"
minimum-age-exempt = ["My.Own"]
[attestations]
Flask = "github:pallets/flask@publish.yaml"
numpy = "any"
urllib3 = { kind = "GitHub", repository = "urllib3/urllib3" }
[audit]
ignore = [
  "CVE-1",
  { id = "GHSA-x", reason = "we never parse XML", until = 2027-01-01 },
  { id = "PYSEC-2", until-fixed = true },
]
`)
  assert.equal(policy.age.minimumAge, 3 * day)
  assert.deepEqual([...policy.age.exempt], ['my-own'])
  assert.deepEqual(Object.fromEntries(policy.attestations), {
    flask: { kind: 'GitHub', repository: 'pallets/flask', workflow: 'publish.yaml' },
    numpy: 'any',
    urllib3: { kind: 'GitHub', repository: 'urllib3/urllib3' },
  })
  assert.deepEqual(policy.ignored, [
    { id: 'CVE-1' },
    { id: 'GHSA-x', reason: 'we never parse XML', until: Date.UTC(2027, 0, 1) },
    { id: 'PYSEC-2', untilFixed: true },
  ])
})

test('an age of nothing is none; an age that is not mentioned is a day', () => {
  assert.equal(parse('minimum-age = false').age.minimumAge, 0)
  assert.equal(parse('minimum-age = 0').age.minimumAge, 0)
  assert.equal(parse('minimum-age = "0"').age.minimumAge, 0)
  assert.equal(parse('').age.minimumAge, day)
})

test('what cannot be meant is refused, and named', () => {
  for (const [text, key] of [
    ['minimum-age = true', 'minimum-age'],
    ['minimum-age = 7', 'minimum-age'],
    ['minimum-age-exempt = "x"', 'minimum-age-exempt'],
    ['minimum-age-exempt = ["!"]', 'minimum-age-exempt'],
    ['attestations = "x"', 'attestations'],
    ['attestations.x = "pallets"', 'attestations.x'],
    ['attestations.x = { kind = "GitHub" }', 'attestations.x'],
    ['audit = 1', 'audit'],
    ['audit.ignore = "x"', 'audit.ignore'],
    ['audit.ignore = [{ reason = "x" }]', 'audit.ignore'],
    ['audit.ignore = [{ id = "x", until = "soon" }]', 'audit.ignore'],
    ['audit.ignore = [{ id = "x", until-fixed = "yes" }]', 'audit.ignore'],
  ] as const) {
    assert.throws(
      () => parse(text),
      (error: unknown) => isDenError(error, 'invalid-policy') && error.detail.key === key,
      text,
    )
  }
})

test('the nearest file that speaks of den counts', (t) => {
  const context = testContext(t)
  writeTree(context.root, {
    'den.toml': 'minimum-age = "5 days"\n',
    'a/pyproject.toml': '[tool.den]\nminimum-age = "2 days"\n',
    'a/b/pyproject.toml': '[project]\nname = "x"\n',
    'c/file': '',
  })
  const ageIn = (place: string): number =>
    readPolicy(context.host, context.host.path.join(context.root, place)).age.minimumAge / day
  assert.equal(ageIn('a/b'), 2)
  assert.equal(ageIn('c'), 5)
  assert.equal(readPolicy(context.host, '/').file, defaultPolicy.file)
})
