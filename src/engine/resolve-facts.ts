// What the solver is told: its needs answered from a package source, at once where the cache knows, otherwise as answers come in. What
// is likely to be needed next is asked for meanwhile; what that brings changes nothing but the time.

import type { ProjectName } from '../base/brand.ts'
import { compareTexts } from '../base/compare.ts'
import { type DenError, diagnose, isDenError } from '../base/error.ts'
import { turns } from '../host/slices.ts'
import type { DistributionFile, ProjectFiles } from '../indexes/distribution-file.ts'
import type { PackageSource } from '../indexes/package-source.ts'
import { placesDown, placesUp } from '../resolve/index-set.ts'
import type { Fact, Need, Unavailable, Wishes } from '../resolve/problem.ts'
import {
  cutVersions,
  type PythonCandidate,
  type PythonSpec,
  type PythonWish,
  tiers,
  type WishReader,
} from '../resolve/python.ts'
import type { Metadata } from '../spec/metadata.ts'
import type { Version } from '../spec/version.ts'
import type { CandidateChooser, IndexCandidate } from './resolve-candidates.ts'
import type { LinkedDistribution, PresentDistribution, ResolveRequest } from './resolve-request.ts'

export interface LinkCandidate extends PythonCandidate {
  readonly kind: 'link'
  readonly version: Version
  readonly link: LinkedDistribution
}

export interface PresentCandidate extends PythonCandidate {
  readonly kind: 'present'
  readonly version: Version
  readonly present: PresentDistribution
}

export type PipCandidate = IndexCandidate | LinkCandidate | PresentCandidate
export type PipNeed = Need<PipCandidate, PythonSpec>
export type PipFact = Fact<PipCandidate, PythonSpec>

/** At a time. */
const buildsAtOnce = 4

export interface FactsOptions {
  readonly request: Pick<ResolveRequest, 'buildMetadata' | 'knownMetadata' | 'dependencies' | 'strategy' | 'likely'>
  readonly source: PackageSource
  readonly chooser: CandidateChooser
  readonly reader: WishReader
  /** What is present of a project, if that may be chosen. */
  readonly present: (project: string) => PresentCandidate | undefined
  /** Projects that come from an address, and from no index. */
  readonly fixed: ReadonlyMap<string, readonly LinkCandidate[]>
  /** Projects that are asked for by name: what would be taken of them is most likely wanted. */
  readonly asked: ReadonlySet<string>
  /** What asks for a project in one version alone. */
  readonly pinned: ReadonlyMap<string, PythonWish>
  /** Told of a candidate whose file or metadata is not what it should be. */
  readonly passedOver: (candidate: PipCandidate, error: DenError) => void
  /** The candidate behind an address that some metadata names. */
  readonly readLink: (project: string, address: string) => Promise<LinkCandidate>
}

export interface Facts {
  /** What of the needs can be told now; the rest is under way. */
  now(needs: readonly PipNeed[]): readonly PipFact[]
  /** Whether some of what blocks is under way. */
  isWaiting(): boolean
  /** Waits until what blocks is there; gives everything that has come. */
  later(): Promise<readonly PipFact[]>
  /** Waits for what was begun and nobody waits for. */
  idle(): Promise<void>
  /** From now on what would have to be built, and an address not looked at before, can't be had. */
  stopBuilding(): void
  metadataOf(candidate: PipCandidate): Metadata | undefined
  /** The file that a candidate is installed from. */
  fileOf(candidate: IndexCandidate): DistributionFile | undefined
  projectOf(name: string): ProjectFiles | undefined
  readonly counts: { pagesAsked: number; metadataAsked: number; pagesCached: number; metadataCached: number }
}

export function openFacts(options: FactsOptions): Facts {
  const { request, source, chooser, reader, present, fixed, asked } = options
  const counts = { pagesAsked: 0, metadataAsked: 0, pagesCached: 0, metadataCached: 0 }
  const projects = new Map<string, ProjectFiles | undefined>()
  const chosen = new Map<string, readonly IndexCandidate[] | undefined>()
  const asking = new Map<string, Promise<void>>()
  const metadata = new Map<PipCandidate, Metadata | undefined>()
  const wishes = new Map<PipCandidate, Wishes<PythonSpec> | Unavailable>()
  const reading = new Map<PipCandidate, Promise<void>>()
  const withoutDependencies = request.dependencies === 'none'
  const addresses = openAddressRefusal()
  let waiting: Promise<void>[] = []
  const likely: PipNeed[] = []

  // Projects

  const learnProject = (name: string, project: ProjectFiles | undefined): void => {
    projects.set(name, project)
    chosen.set(name, project === undefined ? undefined : chooser.candidatesOf(project))
    tellLikely(name)
  }
  /** What was asked for by `==` is what will be taken, if anything is. */
  const tellLikely = (name: string): void => {
    const wish = options.pinned.get(name)
    if (request.likely === undefined || wish === undefined || present(name) !== undefined || fixed.has(name)) return
    try {
      const file = guess(wish)?.file()
      if (file?.parsed.kind === 'wheel' && file.hashes['sha256'] !== undefined) request.likely(file)
    } catch (error) {
      if (!isDenError(error, 'cache-damaged')) throw error
    }
  }
  const tryProject = (name: string): boolean => {
    if (projects.has(name)) return true
    const project = source.cachedProject(name as ProjectName)
    if (project === undefined) return false
    try {
      learnProject(name, project)
    } catch (error) {
      // Its files had to be looked at, and what is kept of them is damaged: the index is asked.
      if (!isDenError(error, 'cache-damaged')) throw error
      projects.delete(name)
      return false
    }
    counts.pagesCached++
    return true
  }
  const askProject = (name: string): Promise<void> => {
    let asked = asking.get(name)
    if (asked === undefined) {
      counts.pagesAsked++
      const learn = async (): Promise<void> => learnProject(name, await source.project(name as ProjectName))
      // A page may be found damaged when it is used; it is gone then, and comes from the index the next time.
      asked = learn().catch((error: unknown) => (isDenError(error, 'cache-damaged') ? learn() : Promise.reject(error)))
      asking.set(name, asked)
    }
    return asked
  }

  // Metadata

  /** Files of candidates whose page turned out to be damaged, from the page that came in its place. */
  const mended = new Map<IndexCandidate, DistributionFile>()
  const fileNow = (candidate: IndexCandidate): DistributionFile | undefined => mended.get(candidate) ?? candidate.file()
  const learnWishes = (candidate: PipCandidate, read: Metadata | undefined): void => {
    metadata.set(candidate, read)
    if (read === undefined) wishes.set(candidate, { always: [], extras: new Map() })
    else if (!chooser.fitsPython(read.requiresPython) && candidate.kind !== 'present')
      wishes.set(candidate, { unavailable: `it needs Python ${read.requiresPython}` })
    else if (withoutDependencies) wishes.set(candidate, { always: [], extras: extrasOf(reader.wishesOf(read)) })
    else {
      const own = reader.wishesOf(read)
      const isRemote = candidate.kind === 'index' && /^https?:/.test(fileNow(candidate)?.foundAt ?? '')
      wishes.set(candidate, isRemote ? addresses.refusedIn(own) : own)
    }
  }
  /** An index's files are chosen from by their tags; what an address names is the one file there is. */
  const learnLink = (candidate: LinkCandidate): void => {
    const { file, metadata } = candidate.link
    if (file?.parsed.kind === 'wheel' && !chooser.fitsMachine(file.parsed))
      wishes.set(candidate, { unavailable: `${file.parsed.filename} does not fit this Python and this machine` })
    else learnWishes(candidate, metadata)
  }
  /** A file that can't be read, or metadata that can't be believed, is a candidate that can't be chosen; any other error ends the search. */
  const learnFault = (candidate: PipCandidate, error: unknown): void => {
    if (!isDenError(error, 'metadata-mismatch', 'invalid-metadata', 'invalid-wheel', 'invalid-archive')) throw error
    const { what, why } = diagnose(error as DenError)
    options.passedOver(candidate, error)
    wishes.set(candidate, { unavailable: why === undefined ? what : `${what} (${why.split('\n')[0]})` })
  }
  const tryWishes = (candidate: PipCandidate): boolean => {
    if (wishes.has(candidate)) return true
    if (candidate.kind === 'link') learnLink(candidate)
    else if (candidate.kind === 'present') learnWishes(candidate, candidate.present.metadata())
    else {
      try {
        const file = fileNow(candidate)
        if (file === undefined) {
          wishes.set(candidate, { unavailable: 'none of its files fits this Python and this machine' })
          return true
        }
        const cached =
          source.cachedMetadata(file) ?? (file.parsed.kind === 'sdist' ? request.knownMetadata?.(file) : undefined)
        if (cached === undefined) return false
        counts.metadataCached++
        learnWishes(candidate, cached)
      } catch (error) {
        if (isDenError(error, 'cache-damaged')) return false
        learnFault(candidate, error)
      }
    }
    return true
  }
  const fileOf = async (candidate: IndexCandidate): Promise<DistributionFile | undefined> => {
    try {
      return fileNow(candidate)
    } catch (error) {
      if (!isDenError(error, 'cache-damaged')) throw error
      // The source has thrown the damaged page away; what it gives now is whole.
      const again = await source.project(candidate.project)
      const { key, part } = candidate
      const same = again && chooser.candidatesOf(again).find((one) => one.key === key && one.part === part)
      const file = same?.file()
      if (file !== undefined) mended.set(candidate, file)
      return file
    }
  }
  const read = async (candidate: IndexCandidate): Promise<void> => {
    const file = await fileOf(candidate)
    if (file === undefined) {
      wishes.set(candidate, { unavailable: 'none of its files fits this Python and this machine' })
      return
    }
    counts.metadataAsked++
    try {
      const found = await source.metadata(file)
      if (found !== undefined || withoutDependencies) learnWishes(candidate, found)
    } catch (error) {
      learnFault(candidate, error)
    }
  }
  const askWishes = (candidate: IndexCandidate): Promise<void> => {
    let asked = reading.get(candidate)
    if (asked === undefined) {
      asked = read(candidate)
      // Who waits for it hears of it; nobody may be waiting yet.
      asked.catch(() => {})
      reading.set(candidate, asked)
    }
    return asked
  }

  // Builds. They run code, so only what is asked for by name is built before its turn, and only while a build is waited for anyway.

  const builds = new Map<IndexCandidate, Promise<void>>()
  const spare: IndexCandidate[] = []
  let wanted = 0
  let running = 0
  const build = (candidate: IndexCandidate): Promise<void> => {
    const before = builds.get(candidate)
    if (before !== undefined) return before
    const run = async (): Promise<void> => {
      running++
      try {
        const file = await fileOf(candidate)
        learnWishes(candidate, await request.buildMetadata(file!))
      } catch (error) {
        learnFault(candidate, error)
      } finally {
        running--
        buildSpare()
      }
    }
    const done = run()
    // Who waits for it hears of it; nobody may be waiting yet.
    done.catch(() => {})
    builds.set(candidate, done)
    return done
  }
  const buildSpare = (): void => {
    while (wanted > 0 && running < buildsAtOnce && spare.length > 0) void build(spare.shift()!)
  }
  let mayBuild = true
  const askOrBuild = async (candidate: IndexCandidate): Promise<void> => {
    if (!mayBuild && (await fileOf(candidate))?.parsed.kind === 'sdist') {
      wishes.set(candidate, { unavailable: 'it would have to be built' })
      return
    }
    await askWishes(candidate)
    if (wishes.has(candidate)) return
    wanted++
    const done = build(candidate)
    buildSpare()
    try {
      await done
    } finally {
      wanted--
    }
  }
  const askLikely = async (candidate: IndexCandidate): Promise<void> => {
    await askWishes(candidate)
    if (wishes.has(candidate) || !asked.has(candidate.project)) return
    spare.push(candidate)
    buildSpare()
  }

  // Looking ahead

  const guessed = new Set<string>()
  /** The candidate that would be taken if nothing else were asked. */
  const guess = ({ project, spec }: PythonWish): IndexCandidate | undefined => {
    const candidates = chosen.get(project)
    if (candidates === undefined) return undefined
    const set = cutVersions(spec, candidates)
    for (const place of request.strategy === 'lowest' ? placesUp(set) : placesDown(set)) {
      const candidate = candidates[place - 1]!
      if (candidate.tier === tiers.ordinary) return candidate
    }
    return undefined
  }
  const lookAhead = async (wish: PythonWish): Promise<void> => {
    const { project, spec, extras } = wish
    const key = `${project} ${spec.text} ${extras.join()}`
    if (guessed.has(key) || spec.url !== undefined || present(project) !== undefined || fixed.has(project)) return
    guessed.add(key)
    if (!tryProject(project)) await askProject(project)
    const candidate = guess(wish)
    if (candidate === undefined) return
    if (!tryWishes(candidate)) await askWishes(candidate)
    lookBehind(candidate, extras)
  }
  const lookBehind = (candidate: PipCandidate, extras: readonly string[]): void => {
    const known = wishes.get(candidate)
    if (known === undefined || 'unavailable' in known) return
    const all = [known.always, ...extras.map((extra) => known.extras.get(extra) ?? [])]
    for (const wish of all.flat()) lookAhead(wish).catch(() => {})
  }

  // Needs

  const candidatesOf = (name: string, links: readonly LinkCandidate[]): PipFact => {
    const only = fixed.get(name)
    if (only !== undefined) {
      // An address for a part of the environments is there to clash with the one for all.
      const more = links.filter((link) => !only.includes(link))
      const all = more.length === 0 ? only : [...only, ...more].sort((a, b) => compareTexts(a.key, b.key))
      return { kind: 'candidates', project: name, candidates: all }
    }
    const own = present(name)
    const found: readonly IndexCandidate[] | undefined = chosen.get(name)
    if (found === undefined && own === undefined && links.length === 0)
      return { kind: 'candidates', project: name, candidates: undefined }
    if (own === undefined && links.length === 0) return { kind: 'candidates', project: name, candidates: found }
    const all = [...(found ?? []).filter(({ key }) => key !== own?.key), ...(own === undefined ? [] : [own]), ...links]
    all.sort((a, b) => compareTexts(a.key, b.key) || a.tier - b.tier)
    return { kind: 'candidates', project: name, candidates: all }
  }
  const linksOf = new Map<string, Promise<LinkCandidate>>()
  const readLinks = (need: Extract<PipNeed, { kind: 'candidates' }>): Promise<LinkCandidate[]> =>
    Promise.all(
      need.direct.flatMap((spec) => {
        const address = spec.url!
        let known = linksOf.get(address)
        if (known === undefined) {
          if (!mayBuild) return []
          known = options.readLink(need.project, address)
          linksOf.set(address, known)
        }
        return [known]
      }),
    )
  const arrived: PipFact[] = []
  const start = (need: PipNeed): Promise<void> => {
    if (need.kind === 'wishes') {
      const candidate = need.candidate as IndexCandidate
      const done = need.blocking ? askOrBuild(candidate) : askLikely(candidate)
      return done.then(() => {
        const known = wishes.get(candidate)
        if (known !== undefined) arrived.push({ kind: 'wishes', candidate, wishes: known })
        lookBehind(candidate, [])
      })
    }
    return Promise.all([readLinks(need), tryProject(need.project) ? undefined : askProject(need.project)]).then(
      ([links]) => {
        arrived.push(candidatesOf(need.project, links))
      },
    )
  }

  return {
    counts,
    metadataOf: (candidate) => metadata.get(candidate),
    fileOf: fileNow,
    projectOf: (name) => projects.get(name),
    now(needs) {
      const facts: PipFact[] = arrived.splice(0)
      for (const need of needs) {
        if (!need.blocking) {
          likely.push(need)
          continue
        }
        if (need.kind === 'candidates') {
          if (need.direct.length === 0 && (fixed.has(need.project) || tryProject(need.project))) {
            facts.push(candidatesOf(need.project, []))
            continue
          }
        } else if (tryWishes(need.candidate)) {
          facts.push({ kind: 'wishes', candidate: need.candidate, wishes: wishes.get(need.candidate)! })
          continue
        }
        waiting.push(start(need))
      }
      // What is only likely to be needed is not worth reading while there is something else to do.
      if (waiting.length > 0)
        for (const need of likely.splice(0))
          if (need.kind !== 'wishes' || !wishes.has(need.candidate)) start(need).catch(() => {})
      return facts
    },
    isWaiting: () => waiting.length > 0,
    stopBuilding: () => {
      mayBuild = false
    },
    idle: async () => {
      spare.length = 0
      await Promise.allSettled(builds.values())
    },
    async later() {
      const blocking = waiting
      waiting = []
      await Promise.all(blocking)
      return arrived.splice(0)
    },
  }
}

/**
 * Runs a search to its end, answering what it asks: what is known at once, the rest when it comes. Where there is a limit to `patience`,
 * in milliseconds, the search is resumed without what it waits for when they are over, and asks again if it still wants that. However
 * long it searches without a question, what else goes on in the process, a signal among it, has its turn. Throws `aborted`.
 */
export async function answered<Result>(
  search: Generator<readonly PipNeed[], Result, readonly PipFact[]>,
  facts: Facts,
  signal: AbortSignal | undefined,
  patience?: () => number,
): Promise<Result> {
  const turn = turns({ operation: 'resolving', signal, milliseconds: 50 })
  let step = search.next()
  while (step.done !== true) {
    const turned = turn()
    if (turned !== undefined) await turned
    const known = facts.now(step.value)
    if (facts.isWaiting()) {
      const coming = facts.later()
      const come = await (patience === undefined ? coming : atMost(patience(), coming))
      step = search.next([...known, ...(come ?? [])])
    } else step = search.next(known)
  }
  await facts.idle()
  return step.value
}

async function atMost<Value>(milliseconds: number, coming: Promise<Value>): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((done) => {
    timer = setTimeout(done, Math.max(0, milliseconds), undefined)
  })
  try {
    return await Promise.race([coming, late])
  } finally {
    clearTimeout(timer)
  }
}

function extrasOf(wishes: Wishes<PythonSpec> | Unavailable): Wishes<PythonSpec>['extras'] {
  return 'unavailable' in wishes ? new Map() : new Map([...wishes.extras.keys()].map((extra) => [extra, []]))
}

/**
 * What comes from an index must not have other things fetched from anywhere: what it wishes from an address is met only where somebody
 * else asks for that address.
 */
function openAddressRefusal(): {
  refusedIn(wishes: Wishes<PythonSpec> | Unavailable): Wishes<PythonSpec> | Unavailable
} {
  const refused = new Map<PythonSpec, PythonSpec>()
  const refuse = (wish: PythonWish): PythonWish => {
    if (wish.spec.url === undefined) return wish
    const spec = refused.get(wish.spec) ?? { ...wish.spec, refused: true }
    refused.set(wish.spec, spec)
    return { ...wish, spec }
  }
  const inList = (list: readonly PythonWish[]): readonly PythonWish[] =>
    list.some(({ spec }) => spec.url !== undefined) ? list.map(refuse) : list
  return {
    refusedIn: (wishes) => {
      if ('unavailable' in wishes) return wishes
      const { extras } = wishes
      const get = (extra: string): readonly PythonWish[] | undefined => {
        const list = extras.get(extra)
        return list && inList(list)
      }
      return {
        always: inList(wishes.always),
        extras: { has: (extra) => extras.has(extra), keys: () => extras.keys(), get },
      }
    },
  }
}
