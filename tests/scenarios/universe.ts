// A made-up index as text, and a driver that answers the solver from it: for scenarios and for laws.
//
//   index
//     app 2.0: lib[fast]>=1, tool; python_version < "3.8"     what it needs, separated by ", "
//       [test]: pytest                                        what an extra of it adds
//     lib 1.0 yanked
//     lib 2.0 unavailable the build failed
//     lib 2.1 python>=3.9 only "sys_platform == 'win32'": tool   the Pythons it is for, and where its files fit
//     lib @ https://example.org/lib.zip 3.0: tool             what an address holds
//   want app, tool>1                                          (may be repeated)
//   constrain, override, exclude, prefer, present (NAME VERSION), lowest (NAMES or all), prereleases (NAMES or all), python, clash
//   expect
//     app 2.0
//     lib[fast] 1.0
//   or
//   fails
//     a line of the reasons
//   universal                                                for every environment, with what universal.ts says
//   fixes
//     what could be asked instead: "ask lib>=2 for lib<2", "without lib", "without the limit lib<2", "pre-releases of lib"; or none

import { type Fix, findFixes } from '../../src/resolve/fixes.ts'
import type { Fact, Need, Problem, Resolution, Wish } from '../../src/resolve/problem.ts'
import {
  cutVersions,
  inEnvironment,
  isDirectSpec,
  opensTier,
  openWishReader,
  type PythonCandidate,
  type PythonSpec,
  tiers,
  type WishOptions,
  type WishReader,
} from '../../src/resolve/python.ts'
import { relaxFor } from '../../src/resolve/relax.ts'
import { solve } from '../../src/resolve/solver.ts'
import { evaluateMarker, type MarkerEnvironment, parseMarker } from '../../src/spec/marker.ts'
import { tryParseProjectName } from '../../src/spec/name.ts'
import { parseRequirement, type Requirement } from '../../src/spec/requirement.ts'
import { formatSpecifiers, parseSpecifiers, specifierSet, specifiersContain } from '../../src/spec/specifier.ts'
import { isPrerelease, parseVersion } from '../../src/spec/version.ts'

export interface Release {
  readonly project: string
  readonly version: string
  readonly url?: string
  readonly yanked?: boolean
  readonly unavailable?: string
  /** The Pythons that it says it is for: ">=3.9". */
  readonly python?: string
  /** A marker: where its files fit. */
  readonly only?: string
  readonly requires: readonly string[]
  readonly extras: readonly string[]
}

export interface Case {
  readonly releases: readonly Release[]
  readonly wants: readonly string[]
  readonly constraints?: readonly string[]
  readonly overrides?: readonly string[]
  readonly exclusions?: readonly string[]
  readonly preferences?: ReadonlyMap<string, string>
  readonly present?: ReadonlyMap<string, string>
  /** `all`, or names. */
  readonly lowest?: readonly string[]
  readonly prereleases?: readonly string[]
  readonly python?: string
  /** sys_platform; linux unless said. */
  readonly platform?: string
  readonly clashThreshold?: number
}

export interface Candidate extends PythonCandidate {
  readonly release: Release
}

export type Answer = Resolution<Candidate, PythonSpec>
export type Question = Need<Candidate, PythonSpec>
export type Told = Fact<Candidate, PythonSpec>

/** How facts come: all at once in the order asked, unless a test has it otherwise. */
export type Delivery = (needs: readonly Question[], answer: (need: Question) => Told) => readonly Told[]

const inOrder: Delivery = (needs, answer) => needs.map(answer)

/** Whether a list of names holds a project: `all` does. */
export function isOne(names: readonly string[] | undefined, project: string): boolean {
  return names !== undefined && (names.includes('all') || names.includes(project))
}

export function candidateOf(release: Release, { prereleases }: Pick<Case, 'prereleases'>): Candidate {
  const version = parseVersion(release.version)
  const { yanked, url, project } = release
  const unripe = isPrerelease(version) && !isOne(prereleases, project)
  const tier =
    url !== undefined ? tiers.direct : yanked === true ? tiers.yanked : unripe ? tiers.prerelease : tiers.ordinary
  return { label: version.text, key: version.key, tier, release, ...(url === undefined ? {} : { url }) }
}

export function oldestFirst(a: Candidate, b: Candidate): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : a.tier - b.tier
}

/** What markers are evaluated in. */
export function environmentOf(python: string, platform = 'linux'): Partial<MarkerEnvironment> {
  return {
    python_version: python,
    python_full_version: `${python}.1`,
    sys_platform: platform,
    os_name: platform === 'win32' ? 'nt' : 'posix',
  }
}

/** Requirements by their projects. */
export function named(lines: readonly string[] | undefined): Map<string, Requirement[]> {
  const map = new Map<string, Requirement[]>()
  for (const line of lines ?? []) {
    const requirement = parseRequirement(line)
    map.set(requirement.name, [...(map.get(requirement.name) ?? []), requirement])
  }
  return map
}

interface Posed {
  readonly problem: Problem<Candidate, PythonSpec>
  readonly answer: (need: Question) => Told
  readonly reader: WishReader
}

function pose(given: Case): Posed {
  const python = given.python ?? '3.12'
  const environment = environmentOf(python, given.platform)
  const options: WishOptions = {
    holds: inEnvironment(environment),
    ...(given.overrides === undefined ? {} : { overrides: named(given.overrides) }),
    ...(given.exclusions === undefined ? {} : { exclusions: new Set(given.exclusions) }),
  }
  const reader = openWishReader(options)
  const fits = ({ python: wanted, only }: Release): boolean =>
    (wanted === undefined || specifiersContain(parseSpecifiers(wanted), `${python}.1`)) &&
    (only === undefined || evaluateMarker(parseMarker(only), environment))
  const all = given.releases
    .filter(fits)
    .map((release) => candidateOf(release, given))
    .sort(oldestFirst)
  const limits = new Map(
    [...named(given.constraints)].map(([name, list]) => [name, list.map((one) => reader.wishOf(one).spec)]),
  )
  const find = (versions: ReadonlyMap<string, string> | undefined, project: string): Candidate | undefined => {
    const version = versions?.get(project)
    return version === undefined
      ? undefined
      : all.find((one) => one.release.project === project && one.label === version)
  }
  const problem: Problem<Candidate, PythonSpec> = {
    wishes: reader.wishesOfAll(given.wants.map((line) => parseRequirement(line))),
    limits,
    cut: cutVersions,
    opens: opensTier,
    isDirect: isDirectSpec,
    prefer: (project) => find(given.preferences, project) ?? find(given.present, project),
    lowest: (project) => isOne(given.lowest, project),
    ...(given.present === undefined
      ? {}
      : { present: new Map([...given.present.keys()].map((name) => [name, find(given.present, name)!])) }),
    ...(given.clashThreshold === undefined ? {} : { clashThreshold: given.clashThreshold }),
  }
  const answer = (need: Question): Told => {
    if (need.kind === 'candidates') {
      const candidates = all.filter(
        ({ release, url }) =>
          release.project === need.project && (url === undefined || need.direct.some((spec) => spec.url === url)),
      )
      return { kind: 'candidates', project: need.project, candidates: candidates.length === 0 ? undefined : candidates }
    }
    const { candidate } = need
    const { unavailable, requires, extras } = candidate.release
    return {
      kind: 'wishes',
      candidate,
      wishes:
        unavailable === undefined
          ? reader.wishesOf({ requiresDist: requires, providesExtra: extras })
          : { unavailable },
    }
  }
  return { problem, answer, reader }
}

export function solveCase(
  given: Case,
  delivery: Delivery = inOrder,
): { readonly answer: Answer; readonly asked: readonly string[] } {
  const { problem, answer } = pose(given)
  const asked: string[] = []
  const search = solve(problem)
  for (let step = search.next(); ; ) {
    if (step.done === true) return { answer: step.value, asked }
    for (const need of step.value)
      if (need.blocking)
        asked.push(need.kind === 'candidates' ? need.project : `${need.project} ${need.candidate.label}`)
    step = search.next(delivery(step.value, answer))
  }
}

/** The same case as a fix has it, and the fix in words. */
export interface FixedCase {
  readonly words: string
  readonly given: Case
}

/** What could be asked instead where a case has no answer. */
export function fixesOf(given: Case): readonly FixedCase[] {
  const { problem, answer, reader } = pose(given)
  const run = <Result>(steps: Generator<readonly Question[], Result, readonly Told[]>): Result => {
    let step = steps.next()
    while (step.done !== true) step = steps.next(step.value.map(answer))
    return step.value
  }
  const told = run(solve(problem))
  if (told.kind === 'solved') return []
  const any = specifierSet([])
  const anyPrerelease = { text: '', specifiers: { ...any, namesPrerelease: true } }
  const relax = (
    { spec }: Wish<PythonSpec>,
    taken: readonly Candidate[],
  ): { to: PythonSpec; takes: Candidate } | undefined => {
    const versions = taken.map((candidate) => ({ candidate, version: parseVersion(candidate.label) }))
    const relaxed = relaxFor(spec.specifiers, versions)
    return relaxed && { to: reader.specOf(parseSpecifiers(relaxed.text)), takes: relaxed.takes.candidate }
  }
  const fixes = run(findFixes(problem, told.failure, { any: reader.specOf(any), anyPrerelease, relax }))
  return fixes.map((fix) => fixedCase(given, fix))
}

function fixedCase(given: Case, fix: Fix<Candidate, PythonSpec>): FixedCase {
  switch (fix.kind) {
    case 'wishes': {
      const pairs = fix.changes.map(({ wish, to }) => [wishText(wish), wishText({ ...wish, spec: to })])
      const changed = new Map(pairs as [string, string][])
      return {
        words: pairs.map(([before, after]) => `ask ${after} for ${before}`).join(' and '),
        given: { ...given, wants: given.wants.map((line) => changed.get(written(line)) ?? line) },
      }
    }
    case 'drop': {
      const gone = wishText(fix.wish)
      return {
        words: `without ${gone}`,
        given: { ...given, wants: given.wants.filter((line) => written(line) !== gone) },
      }
    }
    case 'limit': {
      const gone = fix.project + fix.spec.text
      return {
        words: `without the limit ${gone}`,
        given: { ...given, constraints: (given.constraints ?? []).filter((line) => written(line) !== gone) },
      }
    }
    case 'prereleases':
      return {
        words: `pre-releases of ${fix.projects.join(', ')}`,
        given: { ...given, prereleases: [...(given.prereleases ?? []), ...fix.projects] },
      }
  }
}

function wishText({ project, extras, spec }: Wish<PythonSpec>): string {
  return (extras.length === 0 ? project : `${project}[${extras.join(',')}]`) + spec.text
}

/** A requirement as a wish is written. */
function written(line: string): string {
  const { name, extras, specifiers } = parseRequirement(line)
  return (extras.length === 0 ? name : `${name}[${extras.join(',')}]`) + formatSpecifiers(specifiers)
}

/** What is asked for beside a case where it is resolved for every environment (universal.ts). */
export interface Universal {
  readonly requiresPython?: string
  readonly environments: readonly string[]
  readonly required: readonly string[]
  /** Of each list no two markers hold together. */
  readonly conflicts: readonly (readonly string[])[]
  readonly apart: readonly string[]
  /** What a lock has. */
  readonly chosen: readonly { readonly project: string; readonly version: string; readonly marker?: string }[]
  /** What extras and groups of the one who asks add. */
  readonly offers: readonly { readonly when: string; readonly wants: readonly string[] }[]
  readonly fewest: boolean
  /** How many parts of the scope differ. */
  readonly forks?: number
}

export interface Scenario extends Case {
  readonly title: string
  readonly universal?: Universal
  /** "name[extras] version" lines, sorted; or the reasons of the failure. */
  readonly expect?: readonly string[]
  readonly fails?: readonly string[]
  readonly fixes?: readonly string[]
  /** Bounds on the work: "conflicts 3". */
  readonly most: ReadonlyMap<string, number>
  /** What may not be asked for. */
  readonly unasked: readonly string[]
}

const releaseLine =
  /^(\S+)(?: @ (\S+))? (\S+?)(?: (yanked))?(?: python([^\s:]+))?(?: only "([^"]+)")?(?: unavailable (.*?))?(?::\s+(.*))?$/

/** Reads a scenario. Throws a plain error that names the line. */
export function parseScenario(text: string): Scenario {
  const releases: Release[] = []
  const lists: Record<string, string[]> = {}
  const blocks: Record<string, string[]> = {}
  const pairs: Record<string, Map<string, string>> = {}
  const title: string[] = []
  let block = ''
  for (const [index, line] of text.split('\n').entries()) {
    const body = line.trim()
    const fail = (): never => {
      throw new Error(`line ${index + 1} of a scenario: ${line}`)
    }
    if (body === '') continue
    if (body.startsWith('#')) {
      title.push(body.slice(1).trim())
    } else if (/^\s/.test(line)) {
      if (block !== 'index') push(blocks, block, body)
      else if (body.startsWith('[')) {
        const [, extra, rest] = /^\[([\w.-]+)\]:?\s*(.*)$/.exec(body) ?? fail()
        const last = releases[releases.length - 1]!
        const added = splitList(rest!).map((one) =>
          one.includes(';') ? `${one.replace(';', '; (')}) and extra == "${extra}"` : `${one}; extra == "${extra}"`,
        )
        releases[releases.length - 1] = {
          ...last,
          requires: [...last.requires, ...added],
          extras: [...last.extras, extra!],
        }
      } else {
        const match = releaseLine.exec(body) ?? fail()
        const [, project = '', url, version = '', yanked, python, only, unavailable, needs = ''] = match
        if (tryParseProjectName(project) !== project) fail()
        releases.push({
          project,
          version,
          ...(url === undefined ? {} : { url }),
          ...(yanked === undefined ? {} : { yanked: true }),
          ...(unavailable === undefined ? {} : { unavailable }),
          ...(python === undefined ? {} : { python }),
          ...(only === undefined ? {} : { only }),
          requires: splitList(needs),
          extras: [],
        })
      }
    } else {
      const [, key = '', rest = ''] = /^([\w-]+)\s*(.*)$/.exec(body) ?? fail()
      block = key
      if (key === 'prefer' || key === 'present' || key === 'most') {
        for (const pair of splitList(rest)) {
          const [name = '', value = ''] = pair.split(' ')
          pairs[key] = new Map([...(pairs[key] ?? []), [name, value]])
        }
      } else if (rest !== '') push(lists, key, ...splitList(rest))
      else blocks[key] ??= []
    }
  }
  const known = new Set(
    'index want constrain override exclude prefer present lowest prereleases python clash most unasked expect fails fixes universal requires-python environments required conflicts apart chosen fewest offers forks'.split(
      ' ',
    ),
  )
  for (const key of [...Object.keys(lists), ...Object.keys(blocks), ...Object.keys(pairs)])
    if (!known.has(key)) throw new Error(`a scenario has no ${key}`)
  const own = (key: string): readonly string[] => [...(lists[key] ?? []), ...(blocks[key] ?? [])]
  return {
    title: title.join(' '),
    releases,
    wants: lists['want'] ?? [],
    ...(lists['constrain'] === undefined ? {} : { constraints: lists['constrain'] }),
    ...(lists['override'] === undefined ? {} : { overrides: lists['override'] }),
    ...(lists['exclude'] === undefined ? {} : { exclusions: lists['exclude'] }),
    ...(pairs['prefer'] === undefined ? {} : { preferences: pairs['prefer'] }),
    ...(pairs['present'] === undefined ? {} : { present: pairs['present'] }),
    ...(lists['lowest'] === undefined ? {} : { lowest: lists['lowest'] }),
    ...(lists['prereleases'] === undefined ? {} : { prereleases: lists['prereleases'] }),
    ...(lists['python'] === undefined ? {} : { python: lists['python'][0]! }),
    ...(lists['clash'] === undefined ? {} : { clashThreshold: Number(lists['clash'][0]) }),
    most: new Map([...(pairs['most'] ?? [])].map(([name, value]) => [name, Number(value)])),
    unasked: lists['unasked'] ?? [],
    ...(blocks['universal'] === undefined
      ? {}
      : {
          universal: {
            ...(lists['requires-python'] === undefined ? {} : { requiresPython: lists['requires-python'].join(',') }),
            environments: own('environments'),
            required: own('required'),
            conflicts: (blocks['conflicts'] ?? []).map(splitList),
            apart: own('apart'),
            chosen: (blocks['chosen'] ?? []).map(readChosen),
            offers: (blocks['offers'] ?? []).map(readOffer),
            fewest: blocks['fewest'] !== undefined,
            ...(lists['forks'] === undefined ? {} : { forks: Number(lists['forks'][0]) }),
          },
        }),
    ...(blocks['expect'] === undefined ? {} : { expect: blocks['expect'].sort() }),
    ...(blocks['fails'] === undefined ? {} : { fails: blocks['fails'] }),
    ...(blocks['fixes'] === undefined ? {} : { fixes: blocks['fixes'] }),
  }
}

/** "lib 1.0; sys_platform == 'win32'" */
function readChosen(line: string): Universal['chosen'][number] {
  const [release = '', marker] = line.split(/\s*;\s*/)
  const [project = '', version = ''] = release.split(' ')
  return { project, version, ...(marker === undefined ? {} : { marker }) }
}

/** "extra gpu: torch>=2, other" or "group dev: pytest" */
function readOffer(line: string): Universal['offers'][number] {
  const [, kind, name, wants = ''] = /^(extra|group) ([\w.-]+): (.*)$/.exec(line) ?? []
  if (kind === undefined) throw new Error(`an offer of a scenario: ${line}`)
  return { when: `'${name}' in ${kind === 'extra' ? 'extras' : 'dependency_groups'}`, wants: splitList(wants) }
}

function push(lists: Record<string, string[]>, key: string, ...items: readonly string[]): void {
  lists[key] = [...(lists[key] ?? []), ...items]
}

function splitList(text: string): string[] {
  return text
    .split(/, (?![^[]*\])/)
    .map((one) => one.trim())
    .filter((one) => one !== '')
}

/** What was chosen, as "name[extras] version", sorted. */
export function chosenLines(answer: Answer): readonly string[] {
  if (answer.kind === 'failed') return ['nothing']
  return [...answer.chosen]
    .map(([project, { candidate, extras }]) => {
      const named = extras.length === 0 ? project : `${project}[${extras.join(',')}]`
      return `${named} ${candidate.label}${candidate.url === undefined ? '' : ` @ ${candidate.url}`}`
    })
    .sort()
}
