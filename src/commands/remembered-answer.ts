// What a set of requirements resolved to, remembered: the same requirements, for the same Python, beside the same distributions, from pages
// that are as they were and still fresh, have the same answer, and no index, no metadata and no solver is needed to give it. Remembered are
// the files that were chosen and the pages that the choice rests on; any doubt is a miss, and costs the ordinary way.

import { denVersion } from '../base/version.ts'
import { distributionOfKept, type KeptDistribution, keptDistribution } from '../engine/kept-distribution.ts'
import type { Prepared } from '../engine/prepare.ts'
import { noStatistics, type ResolvedDistribution, type ResolveResult } from '../engine/resolve-request.ts'
import { sha256Hex } from '../host/hash.ts'
import { keepNewest } from '../host/keep-newest.ts'
import type { PageRead } from '../indexes/index-answers.ts'
import type { SourceSettings } from '../indexes/package-source.ts'
import { freshAsThen, type RestedPages, restOn } from '../indexes/rested-pages.ts'
import { targetOf } from '../python/target.ts'
import { lateTree, type TreeFacts, treeFactsOf } from '../store/late-tree.ts'
import { openSealed, sealJson } from '../store/manifest.ts'
import { openStore, type Tree } from '../store/store.ts'
import { type Core, storePlace } from './core.ts'
import type { InstallPackagesRequest } from './install-request.ts'
import type { SeenDistribution } from './pip-distributions.ts'
import type { AimedEnvironment } from './pip-environment.ts'
import { sourceSettings } from './pip-sources.ts'
import { isNamed } from './remembered.ts'

/** What is asked, told well enough that the same again has the same answer. */
export interface Question {
  /** Where the answer is kept. */
  readonly file: string
  readonly settings: SourceSettings
  /** The cache that the pages are in. */
  readonly cache: string
}

/** An answer that took no solving. */
export interface RecalledAnswer {
  readonly result: ResolveResult
  /** The texts of what was asked for, in one line. */
  readonly asked: string
  readonly trees: ReadonlyMap<ResolvedDistribution, Tree>
  /** Lets the store's collector in again. */
  close(): void
}

interface KeptAnswer extends RestedPages {
  readonly asked: string
  readonly ignored: readonly string[]
  readonly distributions: readonly KeptTree[]
}

interface KeptTree extends KeptDistribution {
  readonly tree: TreeFacts
}

const answerBucket = 'resolved-v1'
/** Raised whenever the meaning of what is kept changes. */
const schema = 2
/** So many answers are kept: each takes some ten kilobytes. */
const most = { files: 256 }
/** Environments that hold more than what they begin with differ from each other. */
const fewSeen = 8

/**
 * The question; undefined where there is more to it than names, versions and indexes: what lies on this machine, is checked out or is to
 * be had anew each time.
 */
export function questionOf(
  core: Core,
  request: InstallPackagesRequest,
  aimed: AimedEnvironment,
  seen: readonly SeenDistribution[],
): Question | undefined {
  const { host, places } = core
  if (!isPlain(request) || seen.length > fewSeen) return undefined
  const { wanted, choice, sources, network, build } = request
  const settings = sourceSettings(host, { sources, network, uploadedBefore: choice.uploadedBefore })
  if (settings.offline || settings.indexes.some(({ url }) => !/^https?:/.test(url.href))) return undefined
  const texts: string[] = []
  for (const files of [wanted.requirementFiles, wanted.constraintFiles, build.constraintFiles]) {
    for (const file of files) {
      const text = /:\/\//.test(file) ? undefined : host.files.readText(host.path.resolve(host.cwd, file))
      if (text === undefined || !holdsOnlyNames(text)) return undefined
      texts.push(sha256Hex(text))
    }
    texts.push('')
  }
  const facts = [
    [schema, denVersion],
    [wanted.requirements, texts, wanted.dependencies],
    [choice, build, request.solving, request.upgrade, request.forceReinstall, request.ignoreInstalled],
    [settings.indexes.map(({ url }) => url.href), settings.policy, settings.uploadedBefore, network.trustedHosts],
    [aimed.interpreter, targetOf(core, aimed.interpreter).facts, host.kernel()],
    seen.map((one) => [one.project, one.rawVersion, one.kind, one.readText('METADATA') ?? one.readText('PKG-INFO')]),
  ]
  const cache = network.cache === undefined ? places.cache : host.path.resolve(host.cwd, network.cache as string)
  const key = sha256Hex(JSON.stringify(facts, plainly)).slice(0, 40)
  return { file: host.path.join(cache, answerBucket, `${key}.json`), settings, cache }
}

function plainly(_: string, value: unknown): unknown {
  if (value instanceof Map) return [...(value as ReadonlyMap<string, unknown>)]
  return value instanceof Set ? [...(value as ReadonlySet<string>)].sort() : value
}

/** Whether names and versions are all there is to it, in an ordinary installation of them. */
function isPlain({ wanted, sources, place, ...request }: InstallPackagesRequest): boolean {
  const { editables, overrideFiles = [], scripts, groups } = wanted
  if ([editables, overrideFiles, scripts, groups].some((list) => list.length > 0)) return false
  if (place.kind !== 'environment' || request.root !== undefined || request.exact === true) return false
  if (request.settings !== undefined) return false
  if (request.dryRun || request.report !== undefined || request.network.cache === false) return false
  if (sources.refresh.size > 0 || sources.findLinks.length > 0 || sources.noIndex) return false
  return Object.values(request.target).every((wish) => wish === undefined) && wanted.requirements.every(isNamed)
}

/** Whether each line of a requirements file is a name with versions, and hashes perhaps. What could be read in two ways is not. */
function holdsOnlyNames(text: string): boolean {
  // Other ends of lines, other encodings.
  if (/[\v\f\x1c-\x1e\x85\u2028\u2029\ufffd\ufeff]|\r(?!\n)|coding[:=]/.test(text)) return false
  return text.split('\n').every((line) => {
    const plain = line
      .replace(/\\\r?$/, '')
      .replace(/(?:^|[ \t])#.*/, '')
      .replace(/(?:^|[ \t]+)--hash=sha256:[0-9a-f]{64}(?=\s|$)/g, '')
      .trim()
    return plain === '' || isNamed(plain)
  })
}

/** The answer that was given before; undefined where none is kept, or what it rests on may have changed. */
export async function recallAnswer(
  core: Core,
  question: Question,
  aimed: AimedEnvironment,
): Promise<RecalledAnswer | undefined> {
  const { host } = core
  const kept = openSealed(host.files.readText(question.file)) as KeptAnswer | undefined
  const rested = kept === undefined ? undefined : await freshAsThen(host, question, kept)
  if (kept === undefined || rested === undefined) return undefined
  if (rested !== kept) keepNewest(host, question.file, sealJson({ ...kept, stamps: rested.stamps }), most)
  const store = openStore(core, storePlace(core, aimed.environment))
  const held = await store.hold()
  const trees = new Map<ResolvedDistribution, Tree>()
  for (const one of kept.distributions) {
    trees.set(distributionOfKept(one, question.settings.indexes), lateTree(store, one.tree))
  }
  const { asked, ignored } = kept
  const result: ResolveResult = {
    distributions: [...trees.keys()],
    ignored: ignored.map((text) => ({ text, extras: [] })),
    yanked: [],
    unknownExtras: [],
    statistics: { ...noStatistics, remembered: true },
  }
  return { result, asked, trees, close: () => held?.release() }
}

/** What was found out, and what it was found in. */
export interface FreshAnswer {
  readonly result: ResolveResult
  readonly ready: ReadonlyMap<ResolvedDistribution, Prepared>
  readonly pages: readonly PageRead[]
  readonly asked: string
  readonly settings: SourceSettings
}

/** Keeps the answer, where all of it came from an index's wheels and nothing was odd about it. */
export async function rememberAnswer(core: Core, question: Question, answer: FreshAnswer): Promise<void> {
  const { result, ready, pages } = answer
  if (result.yanked.length > 0 || result.unknownExtras.length > 0) return
  const { indexes } = question.settings
  const distributions: KeptTree[] = []
  for (const one of result.distributions) {
    const prepared = ready.get(one)
    const kept = prepared === undefined ? undefined : keptTree(one, prepared, indexes)
    if (kept === undefined) return
    distributions.push(kept)
  }
  const rested = restOn(core.host, question, pages)
  if (rested === undefined) return
  const kept: KeptAnswer = {
    ...rested,
    asked: answer.asked,
    ignored: result.ignored.map(({ text }) => text),
    distributions,
  }
  keepNewest(core.host, question.file, sealJson(kept), most)
}

function keptTree(
  one: ResolvedDistribution,
  { tree, directUrl }: Prepared,
  indexes: SourceSettings['indexes'],
): KeptTree | undefined {
  const { file, metadata, hashes } = one
  if (file?.parsed.kind !== 'wheel' || metadata === undefined) return undefined
  // The store has it by the hash that the page promises, so that this hash is all that has to be looked for.
  if (file.hashes['sha256'] !== tree.manifest.sha256 || tree.private || directUrl !== undefined) return undefined
  if (hashes !== undefined && (hashes.size !== 1 || !hashes.has('sha256'))) return undefined
  const kept = keptDistribution(one, indexes)
  return kept && { ...kept, tree: treeFactsOf(tree.manifest) }
}
