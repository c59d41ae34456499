// How old the files of a project's packages must be: what its manifest, the policy and the command line come to, and what is said where
// something was too young.

import type { ProjectName } from '../base/brand.ts'
import { type DenError, isDenError } from '../base/error.ts'
import { sha256Hex } from '../host/hash.ts'
import type { PackageSource, SourceSettings } from '../indexes/package-source.ts'
import type { ProjectLock } from '../project/lock-read.ts'
import { tryParseProjectName } from '../spec/name.ts'
import type { PylockPackage } from '../spec/pylock.ts'
import { tryParseRequirement } from '../spec/requirement.ts'
import { specifiersContain } from '../spec/specifier.ts'
import { formatVersion, type Version } from '../spec/version.ts'
import type { Core } from './core.ts'
import { readPolicy } from './policy.ts'
import { type AgePolicy, type LockedFile, uploadSettings } from './policy-age.ts'
import type { Described, ProjectSourcesRequest } from './project-sources.ts'

/** How old files must be. */
type AgeRule =
  | { readonly kind: 'before'; readonly moment: number; readonly age?: number | undefined }
  | { readonly kind: 'policy'; readonly policy: AgePolicy }

/** As `exclude-newer` says, which is exact and holds for all of them, else as the policy does; undefined: files of any age will do. */
function ageRule(
  { host }: Pick<Core, 'host'>,
  { directory, settings }: Described,
  { excludeNewer, excludeNewerAge, minimumAge }: ProjectSourcesRequest,
): AgeRule | undefined {
  if (excludeNewer !== undefined) return { kind: 'before', moment: excludeNewer, age: excludeNewerAge }
  if (settings.excludeNewer !== undefined)
    return { kind: 'before', moment: settings.excludeNewer, age: settings.excludeNewerAge }
  if (minimumAge === 0) return undefined
  const { age } = readPolicy(host, directory)
  const policy = minimumAge === undefined ? age : { ...age, minimumAge }
  return policy.minimumAge === 0 ? undefined : { kind: 'policy', policy }
}

export interface Uploads {
  /** What of it a package source takes. */
  readonly settings: Pick<SourceSettings, 'uploadedBefore' | 'uploadExceptions'>
  /** Absent where no file is left out, or those after a moment. */
  readonly ageLimit?: AgeLimit
}

/** An age below which files are left out. */
export interface AgeLimit {
  /** Milliseconds. */
  readonly age: number
  /** What it leaves out and what not, the same for the next who asks. What was locked is of no age, and so the earlier lock counts. */
  readonly facts: unknown
}

/** `earlier`: the lock whose files are of no age, having been decided for. */
export function uploadsOf(
  core: Core,
  manifest: Described,
  wish: ProjectSourcesRequest,
  earlier: Pick<ProjectLock, 'lock' | 'text'> | undefined,
): Uploads {
  const rule = ageRule(core, manifest, wish)
  if (rule === undefined) return { settings: {} }
  const age = rule.kind === 'policy' ? rule.policy.minimumAge : rule.age
  const facts = [factsOf(rule), earlier === undefined ? '' : sha256Hex(earlier.text)]
  const ages = age === undefined ? {} : { ageLimit: { age, facts } }
  if (rule.kind === 'before') return { settings: { uploadedBefore: rule.moment }, ...ages }
  const locked = (): readonly LockedFile[] => lockedFiles(earlier?.lock?.packages ?? [])
  return { settings: uploadSettings(rule.policy, { now: core.host.now(), locked }), ...ages }
}

/** How old files must be, to be compared: what is said as an age is another moment each time, and the same age. */
export function uploadFacts(core: Pick<Core, 'host'>, manifest: Described, wish: ProjectSourcesRequest): unknown {
  const rule = ageRule(core, manifest, wish)
  return rule && factsOf(rule)
}

function factsOf(rule: AgeRule): unknown {
  if (rule.kind === 'policy') return [rule.policy.minimumAge, [...rule.policy.exempt].sort()]
  return rule.age === undefined ? new Date(rule.moment).toISOString() : { age: rule.age }
}

/**
 * What is too young is not there, for the solver: it cannot say so itself. `looked`: the source that it has looked in; without it what the
 * cache knows.
 */
export async function sayWhatIsTooYoung(
  core: Core,
  settings: SourceSettings,
  error: unknown,
  looked?: PackageSource,
): Promise<void> {
  if (settings.uploadExceptions === undefined || !isDenError(error, 'no-solution')) return
  const { refresh: _, ...kept } = settings
  const quiet = { ...core, report: () => undefined }
  const { openPackageSource } = await import('../indexes/package-source.ts')
  const source = looked ?? openPackageSource(quiet, { ...kept, findLinks: [], offline: true })
  try {
    const names = tooYoungFor(source, error.detail)
    if (names.length === 0) return
    const text = `releases of ${names.join(', ')} younger than minimum-age were left out: --minimum-age 0 lets them in`
    core.report({ kind: 'note', text })
  } finally {
    if (source !== looked) source.close()
  }
}

/** The projects of a conflict of which something was left out that what is asked for would let through. */
function tooYoungFor(
  source: PackageSource,
  { asked, reasons, missing }: DenError<'no-solution'>['detail'],
): readonly ProjectName[] {
  const wishes = asked.flatMap((text) => tryParseRequirement(text) ?? [])
  const words = [...asked, ...reasons, ...missing].flatMap((text) => text.match(/[\w.-]+/g) ?? [])
  const found: ProjectName[] = []
  for (const name of new Set(words.flatMap((word) => tryParseProjectName(word) ?? []))) {
    const own = wishes.filter((wish) => wish.name === name)
    // Words that are no projects are in no cache, and nobody is asked about them.
    const versions = source.cachedProject(name)?.tooNew?.() ?? []
    const isMeant = (version: Version): boolean =>
      own.every(({ specifiers }) => specifiersContain(specifiers, version, { prereleases: true }))
    if (versions.some(isMeant)) found.push(name)
  }
  return found.sort()
}

function lockedFiles(packages: readonly PylockPackage[]): readonly LockedFile[] {
  return packages.flatMap(({ name, version, sdist, wheels = [] }) => {
    if (version === undefined) return []
    const text = formatVersion(version)
    return [...wheels, ...(sdist === undefined ? [] : [sdist])].map(({ hashes }) => ({
      project: name,
      version: text,
      hashes: Object.fromEntries(hashes),
    }))
  })
}
