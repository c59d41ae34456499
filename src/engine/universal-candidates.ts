// Which versions of a project could be installed by somebody in scope, and where: by the Pythons that they say they are for, and by the
// tags of their wheels where there is no source to build from.

import type { ProjectName } from '../base/brand.ts'
import { denVersion } from '../base/version.ts'
import { sha256Hex } from '../host/hash.ts'
import type { DistributionFile, ProjectFiles, ProjectHead } from '../indexes/distribution-file.ts'
import { versionFlags } from '../indexes/page-record.ts'
import type { Tier } from '../resolve/problem.ts'
import { tiers } from '../resolve/python.ts'
import type { UniversalCandidate } from '../resolve/universal-problem.ts'
import { type Condition, type MarkerSpace, pythonsLetThrough } from '../spec/marker-space.ts'
import { tryParseSpecifiers } from '../spec/specifier.ts'
import { openTagConditions } from '../spec/tag-condition.ts'
import { isPrerelease } from '../spec/version.ts'
import { formatsFor } from './formats.ts'
import {
  type CandidateChooser,
  type FormatControl,
  Found,
  type IndexCandidate,
  type Look,
  type Obstacle,
  obstacleWords,
  type ReleaseControl,
  releasesFor,
} from './resolve-candidates.ts'
import type { UniversalOrigin } from './universal-request.ts'

export interface UniversalRules {
  readonly space: MarkerSpace
  readonly scope: Condition
  /** What the scope is made of, as text: names what was found by it. */
  readonly scopeText: string
  readonly formats: FormatControl
  readonly releases: ReleaseControl
  /** Projects whose files are for different parts of the scope by where they were found. */
  readonly origins?: ReadonlyMap<ProjectName, readonly CandidateOrigin[]>
}

export type CandidateOrigin = Omit<UniversalOrigin, 'where'> & { readonly where: Condition }

export interface UniversalIndexCandidate extends IndexCandidate, UniversalCandidate {
  readonly kind: 'index'
  /** Where one of its files fits. May throw `cache-damaged`. */
  readonly closeFit: () => Condition
  /** Every file of the version that somebody in scope could install, wheels first. May throw `cache-damaged`. */
  readonly scopedFiles: () => readonly DistributionFile[]
}

export interface UniversalChooser extends CandidateChooser {
  candidatesOf(project: ProjectFiles): readonly UniversalIndexCandidate[]
  /** The Pythons of a Requires-Python. */
  pythonsOf(requiresPython: string | undefined): Condition
  /** Where a file fits: its Pythons, and the tags of a wheel. */
  fitOf(file: Pick<DistributionFile, 'parsed' | 'requiresPython'>): Condition
}

interface Verdict {
  readonly tier: Tier
  readonly lesser: boolean
  readonly allowed: Condition
  readonly fits: Condition
  /** There are only wheels for some platforms, and what they fit was not looked at. */
  readonly isRough?: true
}

interface Rules {
  readonly binary: boolean
  readonly source: boolean
  readonly prereleases: boolean | undefined
  readonly looked: string
}

export function openUniversalChooser(rules: UniversalRules): UniversalChooser {
  const { space, scope, scopeText, formats, releases, origins } = rules
  const fingerprint = sha256Hex(`${denVersion} universal ${scopeText}`).slice(0, 14)
  const pythons = new Map<string, Condition>()
  const pythonsOf = (requiresPython: string | undefined): Condition => {
    if (requiresPython === undefined) return space.always
    let known = pythons.get(requiresPython)
    if (known === undefined) {
      const specifiers = tryParseSpecifiers(requiresPython)
      known = specifiers === undefined ? space.always : space.pythons(pythonsLetThrough(specifiers, 'open'))
      pythons.set(requiresPython, known)
    }
    return known
  }
  const fitOfTags = openTagConditions(space)
  const fits = new Map<string, Condition>()
  const fitOf: UniversalChooser['fitOf'] = ({ parsed, requiresPython }) => {
    if (parsed.kind === 'sdist') return pythonsOf(requiresPython)
    // What stands behind a wheel's name and version are its tags, as they are written; a build number among them does no harm.
    const { filename } = parsed
    const tags = filename.slice(filename.indexOf('-', filename.indexOf('-') + 1))
    const key = requiresPython === undefined ? tags : `${tags} ${requiresPython}`
    let where = fits.get(key)
    if (where === undefined) {
      where = space.both(pythonsOf(requiresPython), fitOfTags(parsed))
      fits.set(key, where)
    }
    return where
  }
  const isReachable = (where: Condition): boolean => !space.areDisjoint(scope, where)
  const rulesFor = ({ name }: ProjectFiles): Rules => {
    const { binary, source } = formatsFor(formats, name)
    const looked = `${fingerprint}${binary ? 1 : 0}${source ? 1 : 0}`
    return { binary, source, prereleases: releasesFor(releases, name), looked }
  }
  const filesOf = (project: ProjectFiles, index: number, { binary, source }: Rules): readonly DistributionFile[] => {
    const { files } = project.versions[index]!
    const allowed = files.filter(({ parsed }) => (parsed.kind === 'wheel' ? binary : source))
    const offered = allowed.filter(({ yanked }) => yanked === undefined)
    return offered.length > 0 ? offered : allowed
  }

  const tierOf = (unripe: boolean, yanked: boolean, { prereleases }: Rules): Tier =>
    yanked ? tiers.yanked : unripe && prereleases !== true ? tiers.prerelease : tiers.ordinary

  /** What can be said of a version without its files; undefined: look at them. */
  const judgeByHead = (head: ProjectHead, own: Rules, index: number): Verdict | Obstacle | undefined => {
    const flags = head.flagsOf(index)
    const unripe = (flags & versionFlags.prerelease) !== 0
    if (unripe && own.prereleases === false) return 'prerelease'
    if ((flags & (versionFlags.mixedPython | versionFlags.cut | versionFlags.someYanked)) !== 0) return undefined
    const where = pythonsOf(head.requiresPythonOf(index))
    if (!isReachable(where)) return 'python'
    const tier = tierOf(unripe, (flags & versionFlags.yanked) !== 0, own)
    if (own.binary && (flags & versionFlags.pureWheel) !== 0)
      return { tier, lesser: false, allowed: where, fits: where }
    const mayHaveWheel = own.binary && (flags & (versionFlags.platformWheel | versionFlags.py2Wheel)) !== 0
    if (own.source && (flags & versionFlags.sdist) !== 0)
      return { tier, lesser: formats.preferBinary && !mayHaveWheel, allowed: where, fits: where }
    // Which platforms its wheels are for matters when it is taken, if at all.
    if (mayHaveWheel) return { tier, lesser: false, allowed: where, fits: where, isRough: true }
    return (flags & versionFlags.sdist) !== 0 && !own.source ? 'source' : 'files'
  }

  const judgeByFiles = (project: ProjectFiles, own: Rules, index: number): Verdict | Obstacle => {
    const { version } = project.versions[index]!
    const unripe = isPrerelease(version)
    if (unripe && own.prereleases === false) return 'prerelease'
    const files = filesOf(project, index, own)
    let fits = space.never
    let where = space.never
    for (const file of files) {
      fits = space.either(fits, fitOf(file))
      where = space.either(where, pythonsOf(file.requiresPython))
    }
    if (files.length === 0) return project.versions[index]!.files.length > 0 && !own.source ? 'source' : 'files'
    if (!isReachable(where)) return 'python'
    if (!isReachable(fits)) return 'files'
    const yanked = files.every((file) => file.yanked !== undefined)
    const lesser = formats.preferBinary && files.every(({ parsed }) => parsed.kind === 'sdist')
    return { tier: tierOf(unripe, yanked, own), lesser, allowed: where, fits }
  }

  const judge = (project: ProjectFiles, own: Rules, index: number): Verdict | Obstacle =>
    (project.head === undefined ? undefined : judgeByHead(project.head, own, index)) ??
    judgeByFiles(project, own, index)

  /** The file whose metadata stands for the version: a wheel whose metadata can be had alone, before all. */
  const choose = (project: ProjectFiles, index: number, own: Rules): DistributionFile | Obstacle => {
    let best: { readonly file: DistributionFile; readonly rank: number } | undefined
    for (const file of filesOf(project, index, own)) {
      const { parsed, metadata } = file
      if (!isReachable(fitOf(file))) continue
      const rank = (parsed.kind === 'sdist' ? 4 : 0) + (metadata === undefined ? 2 : 0) + (isPure(file) ? 0 : 1)
      if (best === undefined || rank < best.rank) best = { file, rank }
    }
    return best?.file ?? 'files'
  }
  const lookAt = (project: ProjectFiles, index: number, own: Rules): DistributionFile | Obstacle => {
    const { notes } = project
    const before = notes?.recall(index, own.looked)
    if (before !== undefined) return before as DistributionFile | Obstacle
    const found = choose(project, index, own)
    notes?.note(index, own.looked, found)
    return found
  }

  const within = (verdict: Verdict, where: Condition | undefined): Verdict =>
    where === undefined
      ? verdict
      : { ...verdict, allowed: space.both(verdict.allowed, where), fits: space.both(verdict.fits, where) }
  const candidatesIn = (project: ProjectFiles, part?: Part): UniversalIndexCandidate[] => {
    const where = part?.where
    const own = rulesFor(project)
    const found: UniversalIndexCandidate[] = []
    const { head } = project
    const look: Look = (index) => lookAt(project, index, own)
    const scoped = (index: number): readonly DistributionFile[] =>
      filesOf(project, index, own).filter((file) => isReachable(fitOf(file)))
    const closeFit = (index: number): Condition => {
      const verdict = judgeByFiles(project, own, index)
      return typeof verdict === 'string' ? space.never : within(verdict, where).fits
    }
    const looks: Looks = { scoped, closeFit, part: part?.place }
    const count = head?.count ?? project.versions.length
    let state = -1
    let known: Verdict | Obstacle | undefined
    for (let index = count - 1; index >= 0; index--) {
      // Most versions of a project are alike, and what is said of one without its files holds for the next.
      if (head !== undefined && head.stateOf(index) !== state) {
        state = head.stateOf(index)
        known = judgeByHead(head, own, index)
      }
      const verdict = known ?? judgeByFiles(project, own, index)
      if (typeof verdict !== 'string')
        found.push(new FoundSomewhere(project, index, within(verdict, where), look, looks))
    }
    return found
  }

  return {
    pythonsOf,
    fitOf,
    fitsPython: (requiresPython) => isReachable(pythonsOf(requiresPython)),
    fitsMachine: (wheel) => isReachable(fitOf({ parsed: wheel })),
    candidatesOf(project) {
      const parts = origins?.get(project.name)
      if (parts === undefined) return candidatesIn(project)
      // Of one version there may be a candidate for each part: its files, and what it needs, may differ from index to index.
      // Where two parts come to the same index they are one.
      const places = new Map<string, Part & { readonly indexes: ReadonlySet<string> }>()
      for (const part of parts) {
        const indexes = indexesGiving(project, part)
        const key = [...indexes].join(' ')
        const before = places.get(key)?.where
        places.set(key, {
          place: key,
          indexes,
          where: before === undefined ? part.where : space.either(before, part.where),
        })
      }
      const known = new Set(parts.flatMap((part) => part.indexes.map(({ href }) => href)))
      return [...places.values()]
        .flatMap(({ indexes, ...part }) =>
          candidatesIn(
            withFiles(project, ({ foundAt }) => indexes.has(foundAt) || !known.has(foundAt)),
            part,
          ),
        )
        .sort((x, y) => (x.key < y.key ? -1 : x.key > y.key ? 1 : 0))
    },
    whyNot(project, wanted) {
      const own = rulesFor(project)
      return obstacleWords(project, wanted, {
        judge: (index) => judge(project, own, index),
        fitsPython: (requiresPython) => isReachable(pythonsOf(requiresPython)),
        python: (text, needs) => `${text} needs Python ${needs}, which none of the project’s Pythons is`,
        files: (text) => `no file of ${text} fits any environment that the project is for`,
      })
    },
  }
}

function isPure({ parsed }: DistributionFile): boolean {
  return parsed.kind === 'wheel' && parsed.platformTags.includes('any')
}

/** Those of an origin's indexes that give it the project. */
function indexesGiving({ versions }: ProjectFiles, { indexes, all }: CandidateOrigin): ReadonlySet<string> {
  const addresses = indexes.map(({ href }) => href)
  if (all === true) return new Set(addresses)
  const first = addresses.find((href) => versions.some(({ files }) => files.some((file) => file.foundAt === href)))
  return new Set(first === undefined ? [] : [first])
}

function withFiles(
  { name, versions, status }: ProjectFiles,
  isMeant: (file: DistributionFile) => boolean,
): ProjectFiles {
  return {
    name,
    versions: versions.flatMap(({ version, files }) => {
      const left = files.filter(isMeant)
      return left.length === 0 ? [] : [{ version, files: left }]
    }),
    ...(status === undefined ? {} : { status }),
  }
}

/** A part of the scope, and the indexes that give a project there. */
interface Part {
  readonly place: string
  readonly where: Condition
}

interface Looks {
  readonly part: string | undefined
  readonly scoped: (index: number) => readonly DistributionFile[]
  readonly closeFit: (index: number) => Condition
}

class FoundSomewhere extends Found implements UniversalIndexCandidate {
  readonly allowed: Condition
  readonly fits: Condition
  private readonly isRough: boolean
  private readonly looks: Looks
  private declare close?: Condition

  constructor(files: ProjectFiles, index: number, verdict: Verdict, look: Look, looks: Looks) {
    super(files, index, verdict.tier, verdict.lesser, look)
    this.allowed = verdict.allowed
    this.fits = verdict.fits
    this.isRough = verdict.isRough === true
    this.looks = looks
  }

  get part(): string | undefined {
    return this.looks.part
  }

  closeFit(): Condition {
    if (!this.isRough) return this.fits
    this.close ??= this.looks.closeFit(this.index)
    return this.close
  }

  scopedFiles(): readonly DistributionFile[] {
    return this.looks.scoped(this.index)
  }
}
