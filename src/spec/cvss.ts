// CVSS base scores of versions 3.0 and 3.1 from their vectors (first.org, "Base Metrics Equations"), and the words for scores. Version 4
// scores by a table of 270 rows; whoever publishes a vector of it says the word as well, and that is taken.

/** The words of the CVSS specification, section 5, lower case. */
export const severities = ['none', 'low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof severities)[number]

const confidentiality = { H: 0.56, L: 0.22, N: 0 }
const metrics: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  AV: { N: 0.85, A: 0.62, L: 0.55, P: 0.2 },
  AC: { L: 0.77, H: 0.44 },
  UI: { N: 0.85, R: 0.62 },
  S: { U: 0, C: 1 },
  C: confidentiality,
  I: confidentiality,
  A: confidentiality,
}
/** Privileges weigh less where the scope changes. */
const privileges: Readonly<Record<string, readonly [unchanged: number, changed: number]>> = {
  N: [0.85, 0.85],
  L: [0.62, 0.68],
  H: [0.27, 0.5],
}

/** The base score of a "CVSS:3.x/…" vector, 0.0 to 10.0; undefined for another version and for what is no vector. */
export function cvssBaseScore(vector: string): number | undefined {
  const match = /^CVSS:3\.([01])\/(.+)$/.exec(vector.trim())
  if (match === null) return undefined
  const given = new Map<string, string>()
  for (const part of match[2]!.split('/')) {
    const [name = '', value = '', ...rest] = part.split(':')
    if (rest.length > 0 || given.has(name)) return undefined
    given.set(name, value)
  }
  const values: Record<string, number> = {}
  for (const [name, weights] of Object.entries(metrics)) {
    const letter = given.get(name) ?? ''
    if (!Object.hasOwn(weights, letter)) return undefined
    values[name] = weights[letter]!
  }
  const level = given.get('PR') ?? ''
  if (!Object.hasOwn(privileges, level)) return undefined
  const pair = privileges[level]!
  const { AV, AC, UI, S, C, I, A } = values as Record<'AV' | 'AC' | 'UI' | 'S' | 'C' | 'I' | 'A', number>
  const changed = S === 1
  const base = 1 - (1 - C) * (1 - I) * (1 - A)
  const impact = changed ? 7.52 * (base - 0.029) - 3.25 * (base - 0.02) ** 15 : 6.42 * base
  if (impact <= 0) return 0
  const exploitability = 8.22 * AV * AC * pair[changed ? 1 : 0] * UI
  const sum = Math.min((changed ? 1.08 : 1) * (impact + exploitability), 10)
  return match[1] === '0' ? Math.ceil(sum * 10) / 10 : roundUp(sum)
}

/** "Roundup" of 3.1, Appendix A: 4.00 that came out as 4.000000000000001 is no 4.1. */
function roundUp(value: number): number {
  const whole = Math.round(value * 100_000)
  return whole % 10_000 === 0 ? whole / 100_000 : (Math.floor(whole / 10_000) + 1) / 10
}

export function severityOfScore(score: number): Severity {
  if (score <= 0) return 'none'
  if (score < 4) return 'low'
  if (score < 7) return 'medium'
  return score < 9 ? 'high' : 'critical'
}

/** The severity behind a database's own word ("MODERATE", "High"). */
export function severityOfWord(word: string): Severity | undefined {
  const lower = word.toLowerCase()
  if (lower === 'moderate') return 'medium'
  return severities.find((severity) => severity === lower)
}
