// What requirements resolved to, remembered for whoever wants to know the versions (`den lock` and its kin, `den pip compile`); what is to be
// installed as well has a memory of its own (remembered-answer.ts). The same question, with indexes' pages that are as they were, has the
// same answer: nothing is solved, and no page is read. Where the pages are stale all of them are asked about at once, not one after another
// as the solver meets them. Any doubt is a miss, and costs the ordinary way.

import { denVersion } from '../base/version.ts'
import {
  type KeptResult,
  type KeptUniversal,
  keptResult,
  keptUniversal,
  resultOfKept,
  universalOfKept,
} from '../engine/kept-answers.ts'
import {
  questionName,
  questionOf,
  type TargetQuestion,
  type UniversalQuestion,
  universalQuestionOf,
} from '../engine/resolve-question.ts'
import type { ResolveResult } from '../engine/resolve-request.ts'
import type { UniversalResult } from '../engine/universal-request.ts'
import type { Host } from '../host/host.ts'
import { keepNewest } from '../host/keep-newest.ts'
import type { PackageSource, SourceSettings } from '../indexes/package-source.ts'
import {
  askedAnew,
  freshAsThen,
  type PageOrigin,
  type RestedPages,
  restOn,
  type Stamp,
  sameAsThen,
  stampsNow,
} from '../indexes/rested-pages.ts'
import { openSealed, sealJson } from '../store/manifest.ts'
import type { AgeLimit } from './project-age.ts'

/** What an answer comes from, beside the question. */
export interface Surroundings {
  readonly host: Host
  /** The directory of the cache; undefined where nothing is kept. */
  readonly cache: string | undefined
  /** Opened when something is to be asked. */
  readonly source: () => Promise<Pick<PackageSource, 'project' | 'pagesRead'>>
  readonly settings: SourceSettings
  /** Where files are left out by their age; absent: by the moment in `settings`, if at all. */
  readonly ageLimit?: AgeLimit | undefined
  /** How what tells its metadata in no other way is built, as data. */
  readonly builds: unknown
  /** Asked when the answer is there. */
  readonly isOdd: () => boolean
}

interface Kept<Answer> extends RestedPages {
  /** What it answers: a file under another's name is no answer. */
  readonly question: string
  /** Milliseconds since 1970: between them the same files are old enough. */
  readonly ages?: readonly [from: number, until: number | null]
  readonly answer: Answer
}

const bucket = 'resolutions-v1'
/** Raised whenever the meaning of what is kept changes. */
const schema = 2
/** So many answers are kept: with all files of two hundred projects one takes a megabyte. */
const most = { files: 128, bytes: 50_000_000 }

/** As `work`, which resolves for one target. */
export async function rememberedResult(
  about: Surroundings,
  request: TargetQuestion,
  work: () => Promise<ResolveResult>,
): Promise<ResolveResult> {
  const { indexes } = about.settings
  const { requirements } = request
  return await remembered<ResolveResult, KeptResult>(about, questionOf(request), work, {
    kept: (result) => keptResult(result, indexes, requirements),
    opened: (kept) => resultOfKept(kept, indexes, requirements),
  })
}

/** As `work`, which resolves for every environment in scope. What is remembered has files only where `wholeFiles` asks for them. */
export async function rememberedUniversal(
  about: Surroundings,
  request: UniversalQuestion,
  work: () => Promise<UniversalResult>,
): Promise<UniversalResult> {
  const { indexes } = about.settings
  const { wholeFiles = false } = request
  return await remembered<UniversalResult, KeptUniversal>(about, universalQuestionOf(request), work, {
    kept: (result) => keptUniversal(result, wholeFiles ? indexes : undefined),
    opened: (kept) => universalOfKept(kept, indexes),
  })
}

function originOf({ settings, cache }: Surroundings): PageOrigin {
  return { settings, cache: cache! }
}

interface Form<Result, Answer> {
  kept(result: Result): Answer | undefined
  opened(kept: Answer): Result
}

async function remembered<Result, Answer>(
  about: Surroundings,
  question: unknown,
  work: () => Promise<Result>,
  form: Form<Result, Answer>,
): Promise<Result> {
  const name = nameOf(about, question)
  if (name === undefined) return await work()
  const stamps = stampsNow(about.host, originOf(about))
  const known = await recalled<Answer>(about, name)
  if (known !== undefined) return form.opened(known)
  const result = await work()
  const answer = about.isOdd() ? undefined : form.kept(result)
  if (answer !== undefined) await keep(about, { name, answer, stamps })
  return result
}

/** Undefined where there is more to it than names, versions and indexes. */
function nameOf({ cache, settings, ageLimit, builds }: Surroundings, question: unknown): string | undefined {
  const { indexes, parted, findLinks, policy, uploadedBefore, offline, unreachable, insecure } = settings
  if (cache === undefined || question === undefined || settings.cache === false || findLinks.length > 0)
    return undefined
  if (indexes.length === 0 || indexes.some(({ url }) => !/^https?:/.test(url.href))) return undefined
  return questionName([
    [schema, denVersion],
    [indexes.map(({ url, projects }) => [url.href, projects ?? null]), [...(parted ?? [])], policy],
    [
      ageLimit?.facts ?? uploadedBefore ?? null,
      offline,
      unreachable ?? '',
      insecure ?? '',
      settings.connection?.trustedHosts ?? [],
    ],
    builds,
    question,
  ])
}

function fileOf({ host, cache }: Surroundings, name: string): string {
  return host.path.join(cache!, bucket, `${name}.json`)
}

async function recalled<Answer>(about: Surroundings, name: string): Promise<Answer | undefined> {
  const { host, settings, source } = about
  const file = fileOf(about, name)
  const kept = openSealed(host.files.readText(file)) as Kept<Answer> | undefined
  if (kept?.question !== name || !holdsNow(kept.ages, host.now())) return undefined
  const origin = originOf(about)
  const isAsked = settings.refresh === true || (settings.refresh?.size ?? 0) > 0
  const rested = settings.offline
    ? await sameAsThen(host, origin, kept)
    : ((isAsked ? undefined : await freshAsThen(host, origin, kept)) ??
      (await askedAnew(host, origin, { source: await source(), rested: kept })))
  if (rested === undefined) return undefined
  if (rested !== kept) keepNewest(host, file, sealJson({ ...kept, ...rested }), most)
  return kept.answer
}

function holdsNow([from, until]: NonNullable<Kept<unknown>['ages']> = [0, null], now: number): boolean {
  return from <= now && (until === null || now < until)
}

interface Keeping<Answer> {
  readonly name: string
  readonly answer: Answer
  /** From before the answer was looked for. */
  readonly stamps: readonly Stamp[]
}

async function keep<Answer>(about: Surroundings, { name, answer, stamps }: Keeping<Answer>): Promise<void> {
  const { host, source } = about
  const read = (await source()).pagesRead()
  const rested = restOn(host, originOf(about), read, stamps)
  if (rested === undefined) return
  const ages = agesOf(about, read)
  const kept: Kept<Answer> = { question: name, ...rested, answer, ...(ages === undefined ? {} : { ages }) }
  keepNewest(host, fileOf(about, name), sealJson(kept), most)
}

/** From when on, and until when, the same files are old enough. */
function agesOf(
  { settings: { uploadedBefore }, ageLimit }: Surroundings,
  read: ReturnType<PackageSource['pagesRead']>,
): Kept<unknown>['ages'] {
  if (ageLimit === undefined || uploadedBefore === undefined) return undefined
  const { age } = ageLimit
  const first = Math.min(...read.map(({ firstTooNew }) => firstTooNew() ?? Number.POSITIVE_INFINITY))
  return [uploadedBefore + age, first === Number.POSITIVE_INFINITY ? null : first + age]
}
