// What a resolution is asked, as data that two runs share exactly where they ask the same: beside what indexes say, their answers rest on
// nothing else. What lies on this machine, is checked out or built has no such data.

import { sha256Hex } from '../host/hash.ts'
import { formatRequirement, type Requirement } from '../spec/requirement.ts'
import { formatSpecifiers } from '../spec/specifier.ts'
import type { ResolveRequest, WantedRequirement } from './resolve-request.ts'
import type { UniversalOrigin, UniversalRequest, UniversalRoot } from './universal-request.ts'

/** What only says how the answer is come by. */
type Means = 'source' | 'knownMetadata' | 'buildMetadata' | 'readLink'

export type TargetQuestion = Omit<ResolveRequest, Means | 'likely'>
export type UniversalQuestion = Omit<UniversalRequest, Means>

/** Of one target. Undefined where an answer rests on more. A field that comes to the request comes here, or this no longer compiles. */
export function questionOf(request: TargetQuestion): unknown {
  const {
    requirements,
    constraints = [],
    overrides = [],
    exclusions,
    target,
    formats,
    releases,
    strategy,
    ignoreRequiresPython,
    dependencies,
    preferences,
    installed,
    upgrade,
    requireHashes,
    clashThreshold,
    // Of failures alone.
    tryFixes: _,
    ...rest
  } = request
  const _all: Record<string, never> = rest
  if (installed !== undefined || !areNames([...requirements, ...constraints], overrides)) return undefined
  return [
    [requirements.map(wantedData), constraints.map(wantedData), overrides.map(formatRequirement), sorted(exclusions)],
    [target.facts, target.wishes ?? null, target.markers, target.pythonVersion.text],
    [formatsData(formats), releasesData(releases), strategy ?? '', ignoreRequiresPython === true, dependencies ?? ''],
    [...(preferences ?? [])].map(([name, version]) => [name, version.text]),
    [upgrade instanceof Set ? sorted(upgrade) : (upgrade ?? ''), requireHashes ?? '', clashThreshold ?? 0],
  ]
}

/** Of every environment in scope. Undefined where an answer rests on more. */
export function universalQuestionOf(request: UniversalQuestion): unknown {
  const {
    roots,
    requiresPython,
    environments = [],
    requiredEnvironments = [],
    conflicts = [],
    origins,
    constraints = [],
    overrides = [],
    exclusions,
    formats,
    releases,
    strategy,
    forkStrategy,
    apart = [],
    preferences,
    clashThreshold,
    wholeFiles,
    tryFixes: _,
    ...rest
  } = request
  const _all: Record<string, never> = rest
  if (!areNames([...roots, ...constraints], overrides)) return undefined
  const texts = (markers: readonly { readonly text: string }[]): readonly string[] => markers.map(({ text }) => text)
  return [
    [roots.map(wantedData), constraints.map(wantedData), overrides.map(formatRequirement), sorted(exclusions)],
    [requiresPython === undefined ? '' : formatSpecifiers(requiresPython), texts(environments)],
    [texts(requiredEnvironments), conflicts.map(texts), texts(apart), [...(origins ?? [])].map(originData)],
    [formatsData(formats), releasesData(releases), strategy ?? '', forkStrategy ?? ''],
    [clashThreshold ?? 0, wholeFiles === true],
    [...(preferences ?? [])].map(([name, all]) => [name, all.map((one) => [one.version.text, one.marker?.text ?? ''])]),
  ]
}

/** A question as a name for a file. */
export function questionName(question: unknown): string {
  return sha256Hex(JSON.stringify(question)).slice(0, 40)
}

function areNames(wanted: readonly WantedRequirement[], overrides: readonly Requirement[]): boolean {
  const isName = (one: Requirement | undefined): boolean => one !== undefined && one.url === undefined
  return wanted.every(({ requirement, link }) => link === undefined && isName(requirement)) && overrides.every(isName)
}

function wantedData(one: WantedRequirement & Pick<UniversalRoot, 'when'>): unknown {
  const { requirement, extras, marker, editable, hashes = [], configSettings, when } = one
  return [
    requirement === undefined ? '' : formatRequirement(requirement),
    extras,
    [marker?.text ?? '', when?.text ?? ''],
    [editable === true, hashes.map(({ algorithm, digest }) => `${algorithm}:${digest}`), [...(configSettings ?? [])]],
  ]
}

function originData([name, all]: readonly [string, readonly UniversalOrigin[]]): unknown {
  return [
    name,
    all.map(({ indexes, all: each, where }) => [indexes.map(({ href }) => href), each === true, where.text]),
  ]
}

function formatsData({ noBinary, onlyBinary, preferBinary }: NonNullable<ResolveRequest['formats']> = {}): unknown {
  return [sorted(noBinary), sorted(onlyBinary), preferBinary === true]
}

function releasesData({ allReleases, onlyFinal }: NonNullable<ResolveRequest['releases']> = {}): unknown {
  return [sorted(allReleases), sorted(onlyFinal)]
}

function sorted(names: ReadonlySet<string> | undefined): readonly string[] {
  return [...(names ?? [])].sort()
}
