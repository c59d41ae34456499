// Which versions of a project could be installed for a target, and which of a version's files that would be. What can't be installed
// doesn't exist for the solver; why it can't is worked out again when somebody has to be told.

import type { ProjectName } from '../base/brand.ts'
import { denVersion } from '../base/version.ts'
import { sha256Hex } from '../host/hash.ts'
import type { DistributionFile, ProjectFiles, ProjectHead, ProjectVersion } from '../indexes/distribution-file.ts'
import { versionFlags } from '../indexes/page-record.ts'
import type { Target } from '../python/target.ts'
import type { Tier } from '../resolve/problem.ts'
import { type PythonCandidate, tiers } from '../resolve/python.ts'
import { compareBuildTags, type WheelFilename } from '../spec/filename.ts'
import { specifiersContain, tryParseSpecifiers } from '../spec/specifier.ts'
import { rankOfWheel } from '../spec/tag.ts'
import { isPrerelease, parseVersion, type Version } from '../spec/version.ts'
import { formatsFor } from './formats.ts'

/** Normalized names, or `:all:`, which a name in the other set overrules. */
export interface FormatControl {
  /** Only from source. */
  readonly noBinary: ReadonlySet<string>
  /** Only as a wheel. */
  readonly onlyBinary: ReadonlySet<string>
  /** An older wheel rather than a newer source distribution. */
  readonly preferBinary: boolean
}

/** Normalized names, or `:all:`, which a name in the other set overrules. */
export interface ReleaseControl {
  /** Pre-releases like any other. */
  readonly allReleases: ReadonlySet<string>
  /** No pre-release, whatever asks for one. */
  readonly onlyFinal: ReadonlySet<string>
}

/** hashlib's names to the digests of which a file must have one. */
export type AllowedHashes = ReadonlyMap<string, ReadonlySet<string>>

export interface CandidateRules {
  readonly target: Target
  readonly formats: FormatControl
  readonly releases: ReleaseControl
  readonly ignoreRequiresPython: boolean
  readonly hashes: ReadonlyMap<string, AllowedHashes>
}

/** A version of an index. */
export interface IndexCandidate extends PythonCandidate {
  readonly kind: 'index'
  readonly project: ProjectName
  readonly version: Version
  /** Of a project whose files differ from part to part: the place that gives this one. Two of one version differ in it. */
  readonly part?: string | undefined
  /** The file that would be installed; undefined when a closer look finds that there is none. May throw `cache-damaged`. */
  readonly file: () => DistributionFile | undefined
}

export interface CandidateChooser {
  /** Those that could be installed, oldest first. */
  candidatesOf(project: ProjectFiles): readonly IndexCandidate[]
  /** Why versions that `wanted` lets through are not among them: "3.0 needs Python >=3.13". */
  whyNot(project: ProjectFiles, wanted: (version: Version) => boolean): string | undefined
  /** Whether this Python is one that a Requires-Python lets through; one that can't be read does. */
  fitsPython(requiresPython: string | undefined): boolean
  /** Whether a wheel is for this Python and this machine, by the tags in its name. */
  fitsMachine(wheel: WheelFilename): boolean
}

export type Obstacle = 'python' | 'files' | 'source' | 'prerelease'
/** Finds the file of a version that would be installed. */
export type Look = (index: number) => DistributionFile | Obstacle
type Verdict = Obstacle | { readonly tier: Tier; readonly lesser: boolean }

export function openCandidateChooser(rules: CandidateRules): CandidateChooser {
  const { target, formats, releases, hashes } = rules
  const pureWheel = target.pythonVersion.release[0] === 2 ? versionFlags.py2Wheel : versionFlags.pureWheel
  const pythons = new Map<string, boolean>()
  const fitsPlainly = plainPythonTest(target.pythonVersion)
  const fitsPython = (requiresPython: string | undefined): boolean => {
    if (requiresPython === undefined || rules.ignoreRequiresPython) return true
    let fits = pythons.get(requiresPython)
    if (fits === undefined) {
      fits = fitsPlainly(requiresPython)
      if (fits === undefined) {
        const specifiers = tryParseSpecifiers(requiresPython)
        fits = specifiers === undefined || specifiersContain(specifiers, target.pythonVersion)
      }
      pythons.set(requiresPython, fits)
    }
    return fits
  }

  let fingerprint: string | undefined
  const rulesFor = (project: ProjectFiles): ProjectRules => {
    const { name } = project
    const { binary, source } = formatsFor(formats, name)
    const own = hashes.get(name)
    fingerprint ??= fingerprintOf(target, rules.ignoreRequiresPython)
    return {
      binary,
      source,
      preferBinary: formats.preferBinary,
      prereleases: releasesFor(releases, name),
      hashes: own,
      // Which hashes are allowed is a matter of one run.
      ...(own === undefined ? { looked: `${fingerprint}${binary ? 1 : 0}${source ? 1 : 0}` } : {}),
    }
  }

  /** What `choose` finds, from the notes of the project where it was found before. */
  const lookAt = (project: ProjectFiles, index: number, own: ProjectRules): DistributionFile | Obstacle => {
    const { notes } = project
    if (notes === undefined || own.looked === undefined) return choose(project.versions[index]!, own)
    const before = notes.recall(index, own.looked)
    if (before !== undefined) return before as DistributionFile | Obstacle
    const found = choose(project.versions[index]!, own)
    notes.note(index, own.looked, found)
    return found
  }

  const choose = (version: ProjectVersion, own: ProjectRules): DistributionFile | Obstacle => {
    let obstacle: Obstacle = 'files'
    let best: Rated | undefined
    for (const file of version.files) {
      const { parsed } = file
      if (!(parsed.kind === 'wheel' ? own.binary : own.source)) {
        if (parsed.kind === 'sdist') obstacle = 'source'
        continue
      }
      const rank = parsed.kind === 'wheel' ? rankOfWheel(parsed, target.ranks) : Number.MAX_SAFE_INTEGER
      if (rank === undefined) continue
      if (!fitsPython(file.requiresPython)) {
        obstacle = 'python'
        continue
      }
      const rated = { file, rank, yanked: file.yanked !== undefined, trust: trustIn(file, own.hashes) }
      if (best === undefined || isBetter(rated, best)) best = rated
    }
    return best?.file ?? obstacle
  }

  const ripeness = (unripe: boolean, own: ProjectRules): Tier =>
    unripe && own.prereleases !== true ? tiers.prerelease : tiers.ordinary

  /** What can be said of a version without its files; undefined: look at them. */
  const judgeByHead = (head: ProjectHead, own: ProjectRules, index: number): Verdict | undefined => {
    const flags = head.flagsOf(index)
    const unripe = (flags & versionFlags.prerelease) !== 0
    if (unripe && own.prereleases === false) return 'prerelease'
    if ((flags & (versionFlags.mixedPython | versionFlags.cut | versionFlags.someYanked)) !== 0) return undefined
    if (!fitsPython(head.requiresPythonOf(index))) return 'python'
    const tier = (flags & versionFlags.yanked) !== 0 ? tiers.yanked : ripeness(unripe, own)
    if (own.binary && (flags & pureWheel) !== 0) return { tier, lesser: false }
    const mayHaveWheel = own.binary && (flags & versionFlags.platformWheel) !== 0
    const hasSource = own.source && (flags & versionFlags.sdist) !== 0
    if (hasSource && !(mayHaveWheel && own.preferBinary)) return { tier, lesser: own.preferBinary }
    if (mayHaveWheel || hasSource) return undefined
    return (flags & versionFlags.sdist) !== 0 && !own.source ? 'source' : 'files'
  }

  const judgeByFiles = (project: ProjectFiles, own: ProjectRules, index: number): Verdict => {
    const flags = project.head?.flagsOf(index)
    const unripe =
      flags === undefined ? isPrerelease(project.versions[index]!.version) : (flags & versionFlags.prerelease) !== 0
    if (unripe && own.prereleases === false) return 'prerelease'
    const file = lookAt(project, index, own)
    if (typeof file === 'string') return file
    const lesser = own.preferBinary && file.parsed.kind === 'sdist'
    return { tier: file.yanked === undefined ? ripeness(unripe, own) : tiers.yanked, lesser }
  }

  /** What stands in a version's way; the file where it had to be looked for. */
  const judge = (project: ProjectFiles, own: ProjectRules, index: number): Verdict =>
    (project.head === undefined ? undefined : judgeByHead(project.head, own, index)) ??
    judgeByFiles(project, own, index)

  return {
    fitsPython,
    fitsMachine: (wheel) => rankOfWheel(wheel, target.ranks) !== undefined,
    candidatesOf(project) {
      const own = rulesFor(project)
      const found: IndexCandidate[] = []
      const count = project.head?.count ?? project.versions.length
      const look: Look = (index) => lookAt(project, index, own)
      const { head } = project
      let state = -1
      let known: Verdict | undefined
      for (let index = count - 1; index >= 0; index--) {
        // Most versions of a project are alike, and what is said of one without its files holds for the next.
        if (head !== undefined && head.stateOf(index) !== state) {
          state = head.stateOf(index)
          known = judgeByHead(head, own, index)
        }
        const verdict = known ?? judgeByFiles(project, own, index)
        if (typeof verdict === 'string') continue
        found.push(new Found(project, index, verdict.tier, verdict.lesser, look))
      }
      return found
    },
    whyNot(project, wanted) {
      const own = rulesFor(project)
      return obstacleWords(project, wanted, {
        judge: (index) => judge(project, own, index),
        fitsPython,
        python: (text, needs) => `${text} needs Python ${needs}, and this is ${target.pythonVersion.text}`,
        files: (text) => `no file of ${text} fits this Python and this machine`,
      })
    },
  }
}

/** Why none of the versions that are wanted is a candidate: the first two reasons there are. */
export function obstacleWords(
  { versions }: Pick<ProjectFiles, 'versions'>,
  wanted: (version: Version) => boolean,
  words: {
    /** What stands in the way of a version, or what it is as a candidate. */
    readonly judge: (index: number) => Obstacle | object
    readonly fitsPython: (requiresPython: string | undefined) => boolean
    readonly python: (version: string, needs: string | undefined) => string
    readonly files: (version: string) => string
  },
): string | undefined {
  const reasons: string[] = []
  const seen = new Set<Obstacle>()
  for (const [index, { version, files }] of versions.entries()) {
    if (reasons.length === 2) break
    if (!wanted(version)) continue
    const obstacle = words.judge(index)
    if (typeof obstacle !== 'string' || seen.has(obstacle)) continue
    seen.add(obstacle)
    const { text } = version
    const needs = files.find(({ requiresPython }) => !words.fitsPython(requiresPython))?.requiresPython
    reasons.push(
      {
        python: words.python(text, needs),
        files: words.files(text),
        source: `${text} is there as source only, and only wheels may be taken`,
        prerelease: `${text} is a pre-release, and only final releases may be taken`,
      }[obstacle],
    )
  }
  return reasons.length === 0 ? undefined : reasons.join('; ')
}

/**
 * Whether a Requires-Python of the ordinary kind (">=3.9,!=3.10.*,<4") lets a final release through, which is told by its numbers alone;
 * undefined for any other. There are a hundred different ones in a resolution, and parsing them all is felt.
 */
function plainPythonTest(python: Version): (requiresPython: string) => boolean | undefined {
  const { release } = python
  const isFinal = python.text === release.join('.')
  const compare = (numbers: readonly number[], count: number): number => {
    for (let at = 0; at < count; at++) {
      const difference = (release[at] ?? 0) - (numbers[at] ?? 0)
      if (difference !== 0) return difference
    }
    return 0
  }
  return (requiresPython) => {
    if (!isFinal) return undefined
    let fits = true
    for (const part of requiresPython.split(',')) {
      const match = /^ *(>=|<|!=) *(\d{1,9}(?:\.\d{1,9}){0,3})(\.\*)? *$/.exec(part)
      if (match === null || (match[3] !== undefined) !== (match[1] === '!=')) return undefined
      const numbers = match[2]!.split('.').map(Number)
      const order = compare(numbers, match[1] === '!=' ? numbers.length : Math.max(numbers.length, release.length))
      if (match[1] === '>=' ? order < 0 : match[1] === '<' ? order >= 0 : order === 0) fits = false
    }
    return fits
  }
}

interface ProjectRules {
  readonly binary: boolean
  readonly source: boolean
  readonly preferBinary: boolean
  readonly prereleases: boolean | undefined
  readonly hashes: AllowedHashes | undefined
  /** What names all that `choose` goes by; 16 hex digits. */
  readonly looked?: string
}

/** 14 hex digits, and the project's formats make it 16. What another den chose it may have chosen otherwise. */
function fingerprintOf({ tags, pythonVersion }: Target, ignoreRequiresPython: boolean): string {
  return sha256Hex(`${denVersion} ${pythonVersion.text} ${ignoreRequiresPython} ${tags.join()}`).slice(0, 14)
}

/** There can be thousands of a project, of which most are never looked at: what they hold is read when it is asked for. */
export class Found implements IndexCandidate {
  // Plain fields, and as few as can be: a resolution makes sixty thousand of these.
  readonly tier: Tier
  readonly lesser: boolean
  readonly files: ProjectFiles
  readonly index: number
  private readonly look: Look
  private declare chosen?: DistributionFile
  private declare knownKey?: string
  private declare knownVersion?: Version

  constructor(files: ProjectFiles, index: number, tier: Tier, lesser: boolean, look: Look) {
    this.tier = tier
    this.lesser = lesser
    this.files = files
    this.index = index
    this.look = look
  }

  get kind(): 'index' {
    return 'index'
  }

  get project(): ProjectName {
    return this.files.name
  }

  get key(): string {
    this.knownKey ??= this.files.head?.keyOf(this.index) ?? this.version.key
    return this.knownKey
  }

  get label(): string {
    return this.files.head?.textOf(this.index) ?? this.version.text
  }

  get version(): Version {
    const { head } = this.files
    // Without an object for each version of the project.
    this.knownVersion ??=
      head === undefined ? this.files.versions[this.index]!.version : parseVersion(head.textOf(this.index))
    return this.knownVersion
  }

  file(): DistributionFile | undefined {
    if (this.chosen !== undefined) return this.chosen
    const found = this.look(this.index)
    if (typeof found === 'string') return undefined
    this.chosen = found
    return found
  }
}

interface Rated {
  readonly file: DistributionFile
  readonly rank: number
  readonly yanked: boolean
  readonly trust: number
}

/** One with an allowed hash, not yanked, then the better tag (a source distribution has none), then the higher build tag; otherwise the first found. */
function isBetter(a: Rated, b: Rated): boolean {
  if (a.trust !== b.trust) return a.trust > b.trust
  if (a.yanked !== b.yanked) return b.yanked
  if (a.rank !== b.rank) return a.rank < b.rank
  const [x, y] = [a.file.parsed, b.file.parsed]
  return x.kind === 'wheel' && y.kind === 'wheel' && compareBuildTags(x.build, y.build) > 0
}

/** Whether pre-releases of a project may be taken: always, never, or (undefined) as the standard has it. */
export function releasesFor({ allReleases, onlyFinal }: ReleaseControl, name: string): boolean | undefined {
  if (allReleases.has(name)) return true
  if (onlyFinal.has(name)) return false
  if (allReleases.has(':all:')) return true
  return onlyFinal.has(':all:') ? false : undefined
}

/** As in pip: where no file has an allowed hash, one is chosen all the same, and refused when it comes. */
function trustIn({ hashes }: DistributionFile, allowed: AllowedHashes | undefined): number {
  if (allowed === undefined) return 0
  const told = Object.entries(hashes)
  if (told.some(([algorithm, digest]) => allowed.get(algorithm)?.has(digest) === true)) return 2
  return told.length === 0 ? 1 : 0
}
