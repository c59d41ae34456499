// A project's manifest resolved for everybody it is for, and what came of it as a lock.

import type { ProjectName } from '../base/brand.ts'
import { closest } from '../base/closest.ts'
import { DenError, isDenError } from '../base/error.ts'
import type { UniversalQuestion } from '../engine/resolve-question.ts'
import type { WantedRequirement } from '../engine/resolve-request.ts'
import type { UniversalRequest, UniversalResult } from '../engine/universal-request.ts'
import type { Workshop } from '../engine/workshop.ts'
import { sha256Hex } from '../host/hash.ts'
import type { DistributionFile } from '../indexes/distribution-file.ts'
import type { PackageSource } from '../indexes/package-source.ts'
import { choosesOtherwise } from '../project/lock-choice.ts'
import { directoryFingerprint } from '../project/lock-directories.ts'
import { changedHashes } from '../project/lock-hashes.ts'
import { type LockPreferences, type ProjectLock, preferencesOf } from '../project/lock-read.ts'
import { filesWithoutHash, lockOf, lockText } from '../project/lock-write.ts'
import type { Manifest } from '../project/manifest.ts'
import { formatPythonVersion, type Interpreter } from '../python/interpreter.ts'
import type { Pylock } from '../spec/pylock.ts'
import { formatRequirement, parseRequirement, type Requirement } from '../spec/requirement.ts'
import { parseSpecifiers, type SpecifierSet } from '../spec/specifier.ts'
import { rankOfWheel } from '../spec/tag.ts'
import type { Core } from './core.ts'
import { type Late, late } from './late.ts'
import { type Watched, watchOdd } from './odd-events.ts'
import type { PackageChoices } from './package-choices.ts'
import { sayWhatIsTooYoung } from './project-age.ts'
import { type AskedBackend, askedBackend, withTold } from './project-dynamic.ts'
import { projectFormats } from './project-formats.ts'
import { projectConflicts, projectRoots } from './project-roots.ts'
import { projectSources } from './project-sources.ts'
import { buildWishes } from './project-wish.ts'
import { rememberedUniversal, type Surroundings } from './remembered-resolution.ts'
import { resolutionWarnings } from './resolution-warnings.ts'

/** How versions are chosen, beside what the project says of it. */
export interface ProjectChoices extends PackageChoices {
  /** Which of the earlier lock's versions are given up: all, or those of these projects. None unless said. */
  readonly upgrade?: 'all' | readonly ProjectName[]
  /** Limits for this run alone: `--upgrade-package x==1.2`. */
  readonly limits?: readonly Requirement[]
}

/** What `--upgrade` and `--upgrade-package x==1.2` come to. Throws `invalid-requirement`. */
export function givenUp(
  upgrade: boolean,
  upgradePackages: readonly string[],
): Pick<ProjectChoices, 'upgrade' | 'limits'> & { readonly limits: readonly Requirement[] } {
  const named = upgradePackages.map(parseRequirement)
  return {
    ...(upgrade ? { upgrade: 'all' } : named.length > 0 ? { upgrade: named.map(({ name }) => name) } : {}),
    limits: named.filter(({ specifiers, url }) => specifiers.specifiers.length > 0 || url !== undefined),
  }
}

export interface ResolvedProject {
  readonly result: UniversalResult
  /** The lock of a manifest that asks for the same, bounds of what it asks for apart. Throws what hashing files takes. */
  lockFor(manifest: Manifest): Promise<{ readonly lock: Pylock; readonly text: string }>
  /** Sentences. */
  readonly warnings: readonly string[]
}

/**
 * Resolves the manifest. `work` gets the answer while what it came from is still open. Throws `no-solution`, what the indexes, building and
 * reading links throw, and what the settings throw.
 */
export async function resolveProject<Result>(
  core: Core,
  { manifest, earlier }: { readonly manifest: Manifest; readonly earlier?: ProjectLock | undefined },
  choices: ProjectChoices,
  work: (resolved: ResolvedProject) => Promise<Result>,
): Promise<Result> {
  if (earlier?.written === 'edited')
    core.report({ kind: 'note', text: `${earlier.file} was changed since den wrote it: it is made anew` })
  if (earlier?.written === 'broken')
    core.report({
      kind: 'note',
      text: `${earlier.file} cannot be read: it is made anew, with the versions that its lines still tell`,
    })
  const watched = watchOdd(core)
  const from = projectSources(core, manifest, choices, earlier)
  const source = late(async () => {
    const { openPackageSource } = await import('../indexes/package-source.ts')
    return openPackageSource(watched.core, from.settings)
  })
  const workshopFor = (interpreter: Interpreter): Late<Workshop> =>
    late(async () => {
      const { openWorkshop } = await import('../engine/workshop.ts')
      return openWorkshop(watched.core, {
        interpreter,
        source: await source.open(),
        formats: projectFormats(manifest, choices),
        offline: from.settings.offline,
        build: buildWishes(core, manifest, interpreter, choices),
      })
    })
  try {
    const asked = await askedBackend(watched.core, manifest, choices, workshopFor)
    try {
      return await resolveAsked(core, { manifest, earlier, from, source, watched, ...asked }, choices, work)
    } finally {
      await asked.workshop.close()
    }
  } finally {
    await source.close()
  }
}

interface Asked extends AskedBackend {
  readonly manifest: Manifest
  readonly earlier?: ProjectLock | undefined
  readonly from: ReturnType<typeof projectSources>
  readonly source: Late<PackageSource>
  /** What the answer is looked for with. */
  readonly watched: Watched
}

async function resolveAsked<Result>(
  core: Core,
  { manifest, earlier, from, source, watched, told, interpreter, workshop }: Asked,
  choices: ProjectChoices,
  work: (resolved: ResolvedProject) => Promise<Result>,
): Promise<Result> {
  const { host } = core
  const { settings } = manifest
  const { mirror, origins } = from
  const whole = withTold(manifest, told)
  const requiresPython = whole.requiresPython ?? pythonsFor(core, manifest, earlier, interpreter)
  const answers = {
    ...(whole.requiresPython === undefined ? { requiresPython } : {}),
    ...(mirror === undefined ? {} : { mirror }),
  }
  const releases = releasesOf(choices.prereleases ?? settings.prereleases)
  const strategy = choices.strategy ?? settings.strategy
  const forkStrategy = choices.forkStrategy ?? settings.forkStrategy
  const preferences = keptPreferences(manifest, earlier, choices)
  const question: UniversalQuestion = {
    roots: projectRoots(host, whole),
    requiresPython,
    environments: settings.environments,
    requiredEnvironments: settings.requiredEnvironments,
    conflicts: projectConflicts(manifest),
    ...(origins === undefined ? {} : { origins }),
    constraints: [...settings.constraints, ...(choices.limits ?? [])].map(constraintOf),
    overrides: settings.overrides,
    exclusions: new Set(settings.exclusions),
    formats: projectFormats(manifest, choices),
    ...(releases === undefined ? {} : { releases }),
    ...(strategy === undefined ? {} : { strategy }),
    ...(forkStrategy === undefined ? {} : { forkStrategy }),
    ...(preferences === undefined ? {} : { preferences }),
    tryFixes: true,
    wholeFiles: true,
  }
  const surroundings: Surroundings = {
    host,
    cache: core.places.cache,
    source: source.open,
    settings: from.settings,
    ageLimit: from.ageLimit,
    // Not where the project is: others that ask for the same have the same answer.
    builds: [
      [interpreter.implementation, formatPythonVersion(interpreter.version)],
      [choices.configSettings ?? null, choices.noBuildIsolation === true ? interpreter.executable : null],
    ],
    isOdd: watched.isOdd,
  }
  const solve = async (): Promise<UniversalResult> => {
    const [{ resolveUniversal }, { asking }] = await Promise.all([
      import('../engine/resolve-universal.ts'),
      workshop.open(),
    ])
    return await resolveUniversal(watched.core, { ...asking, ...question })
  }
  const result = await rememberedUniversal(surroundings, question, solve).catch(async (error: unknown) => {
    await sayWhatIsTooYoung(core, from.settings, error, await source.open())
    return inProjectWords(error)
  })
  return await work({
    result,
    lockFor: async (wanted) => {
      const hashless = filesWithoutHash(result)
      const digests = hashless.length === 0 ? undefined : await digestsOf(core, await workshop.open(), hashless)
      const lock = lockOf({
        ...answers,
        manifest: withTold(wanted, told),
        choice: choices,
        result,
        ...(digests === undefined ? {} : { digests }),
        path: host.path,
        // Of the project itself as it will be, which need not be as it is.
        fingerprint: (directory) =>
          directoryFingerprint(host, directory, directory === wanted.directory ? wanted.text : undefined),
      })
      checkHashesStay(earlier, lock, choices.upgrade)
      return { lock, text: lockText(lock) }
    },
    warnings: [...resolutionWarnings(result), ...unknownUpgrades(choices, question.roots, earlier, result)],
  })
}

/** A project, or a script, that does not say for which Pythons it is is for those that it was for, else for this one and newer ones. */
function pythonsFor(
  { report }: Core,
  { script = 'the project' }: Pick<Manifest, 'script'>,
  earlier: ProjectLock | undefined,
  { version }: Interpreter,
): SpecifierSet {
  if (earlier?.lock?.requiresPython !== undefined) return earlier.lock.requiresPython
  const text = `>=${version.major}.${version.minor}`
  report({ kind: 'note', text: `${script} does not say which Pythons it is for: taking requires-python = "${text}"` })
  return parseSpecifiers(text)
}

function keptPreferences(
  manifest: Manifest,
  earlier: ProjectLock | undefined,
  choices: ProjectChoices,
): LockPreferences | undefined {
  const { upgrade } = choices
  if (earlier === undefined || upgrade === 'all' || choosesOtherwise(earlier, manifest, choices)) return undefined
  const given = new Set(upgrade ?? [])
  return new Map([...preferencesOf(earlier)].filter(([name]) => !given.has(name)))
}

/** What den locked and nobody gave up has the files that it had. Of a lock that somebody else wrote nothing is known. */
function checkHashesStay(earlier: ProjectLock | undefined, now: Pylock, upgrade: ProjectChoices['upgrade']): void {
  if (earlier?.written !== 'den' || earlier.lock === undefined || upgrade === 'all') return
  const given = new Set<string>(upgrade ?? [])
  const [changed] = changedHashes(earlier.lock, now).filter(({ name }) => !given.has(name))
  if (changed !== undefined) throw new DenError('locked-file-changed', { lock: earlier.file, ...changed })
}

/** The projects' commands have no `--pre`. */
function inProjectWords(error: unknown): never {
  if (!isDenError(error, 'no-solution') || error.detail.fixes === undefined) throw error
  const fixes = error.detail.fixes.map((fix) =>
    fix.kind === 'prereleases' ? { ...fix, option: '--prerelease allow' as const } : fix,
  )
  throw new DenError('no-solution', { ...error.detail, fixes }, { cause: error })
}

function releasesOf(policy: ProjectChoices['prereleases']): UniversalRequest['releases'] {
  if (policy === 'allow') return { allReleases: new Set([':all:']) }
  return policy === 'never' ? { onlyFinal: new Set([':all:']) } : undefined
}

function constraintOf(requirement: Requirement): WantedRequirement {
  const { url, marker } = requirement
  return {
    text: formatRequirement(requirement),
    requirement,
    extras: [],
    ...(url === undefined ? {} : { link: url }),
    ...(marker === undefined ? {} : { marker }),
  }
}

async function digestsOf(
  { host }: Core,
  workshop: Workshop,
  files: readonly DistributionFile[],
): Promise<ReadonlyMap<DistributionFile, string>> {
  const found = new Map<DistributionFile, string>()
  for (const file of files) {
    const { parsed } = file
    // What is for this machine is kept: mostly it is installed next.
    const keep = parsed.kind === 'sdist' || rankOfWheel(parsed, workshop.target.ranks) !== undefined
    const fetched = await workshop.source.fetch(file, { keep })
    const bytes = fetched.bytes ?? (fetched.path === undefined ? undefined : host.files.readBytes(fetched.path))
    found.set(file, fetched.sha256 ?? sha256Hex(bytes ?? new Uint8Array()))
    fetched.release?.()
  }
  return found
}

/** A sentence for each name that was to be chosen anew and that nobody knows: a slip of the pen, most of the time. */
function unknownUpgrades(
  { upgrade }: ProjectChoices,
  roots: UniversalRequest['roots'],
  earlier: ProjectLock | undefined,
  { packages }: Pick<UniversalResult, 'packages'>,
): readonly string[] {
  if (upgrade === undefined || upgrade === 'all') return []
  const known = new Set<string>([...(earlier?.pins ?? []), ...packages].map(({ name }) => name))
  for (const { requirement } of roots) if (requirement !== undefined) known.add(requirement.name)
  return upgrade
    .filter((name) => !known.has(name))
    .map((name) => {
      const [meant] = closest(name, known)
      const hint = meant === undefined ? '' : `; is ${meant} meant?`
      return `${name} was to be chosen anew, and nobody in the project needs it${hint}`
    })
}
