// Why a project is at this version and not at a newer one: what each newer version would meet with, as data and as sentences. It needs
// no search, only an answer (a lock's, or the solver's) and what is known of newer versions; so it says what stands in a version's way
// in this answer, not that there is no other answer with it.

import { type SpecifierSet, specifiersContain } from '../spec/specifier.ts'
import { compareVersions, isPrerelease, type Version } from '../spec/version.ts'

/** A version of the project, as far as it is known. */
export interface KnownVersion {
  readonly version: Version
  readonly yanked?: true | string
  readonly requiresPython?: string
  /** Why it could not be installed anyway: "no file of it fits this Python and this machine". */
  readonly unusable?: string
  /** What it needs, where that is known. */
  readonly needs?: readonly { readonly name: string; readonly specifiers: SpecifierSet; readonly text: string }[]
}

/** What is asked of the project in the answer. */
export interface Asking {
  /** Who asks: "app 1.0". Absent: the project whose answer it is, or the command line. */
  readonly by?: string
  readonly kind: 'requirement' | 'constraint' | 'override'
  readonly specifiers: SpecifierSet
  /** As it is written: "<3,>=1". */
  readonly text: string
  /** Where only: "sys_platform == 'win32'". */
  readonly marker?: string
}

export interface WhyQuestion {
  readonly name: string
  readonly chosen: Version
  /** Any of the project's; those that are not newer are passed over. */
  readonly versions: readonly KnownVersion[]
  readonly askings: readonly Asking[]
  /** Pre-releases of it may be taken, whoever asks. */
  readonly prereleases?: boolean
  /** The versions that others have in the answer; one project may have several. */
  readonly others?: ReadonlyMap<string, readonly Version[]>
  /** Whether every Python that the answer is for is one that a Requires-Python lets through. */
  readonly fitsPython?: (requiresPython: string) => boolean
  /** These Pythons, in words: "Python 3.12", "Python >=3.9". */
  readonly python?: string
}

export type Hindrance =
  | {
      readonly kind: 'asking'
      readonly by?: string
      readonly is: Asking['kind']
      readonly text: string
      readonly marker?: string
    }
  | { readonly kind: 'yanked'; readonly reason?: string }
  | { readonly kind: 'prerelease' }
  | { readonly kind: 'python'; readonly requires: string }
  | { readonly kind: 'unusable'; readonly reason: string }
  /** It needs what the answer has in another version. */
  | { readonly kind: 'need'; readonly name: string; readonly text: string; readonly has: readonly string[] }

/** Newer versions with the same in their way. */
export interface NewerVersions {
  /** Newest first. */
  readonly versions: readonly string[]
  /** None: nothing but the answer itself, an earlier lock's choice for one, keeps them out. */
  readonly hindrances: readonly Hindrance[]
}

/** The versions that are newer than the chosen one, newest first; none: it is the newest. */
export function whyNotNewer(question: WhyQuestion): readonly NewerVersions[] {
  const newer = question.versions
    .filter(({ version }) => compareVersions(version, question.chosen) > 0)
    .sort((a, b) => compareVersions(b.version, a.version))
  const groups: { readonly versions: string[]; readonly hindrances: readonly Hindrance[] }[] = []
  for (const one of newer) {
    const hindrances = hindrancesOf(one, question)
    const last = groups.at(-1)
    if (last !== undefined && JSON.stringify(last.hindrances) === JSON.stringify(hindrances))
      last.versions.push(one.version.text)
    else groups.push({ versions: [one.version.text], hindrances })
  }
  return groups
}

function hindrancesOf(one: KnownVersion, question: WhyQuestion): readonly Hindrance[] {
  const { askings, prereleases = false, others, fitsPython } = question
  const { version, yanked, requiresPython, unusable } = one
  const found: Hindrance[] = []
  for (const { by, kind, specifiers, text, marker } of askings)
    if (!specifiersContain(specifiers, version, { prereleases: true }))
      found.push({
        kind: 'asking',
        ...(by === undefined ? {} : { by }),
        is: kind,
        text,
        ...(marker === undefined ? {} : { marker }),
      })
  if (requiresPython !== undefined && fitsPython?.(requiresPython) === false)
    found.push({ kind: 'python', requires: requiresPython })
  if (yanked !== undefined) found.push({ kind: 'yanked', ...(yanked === true ? {} : { reason: yanked }) })
  const named = askings.some(({ specifiers }) => specifiers.namesPrerelease)
  if (isPrerelease(version) && !prereleases && !named) found.push({ kind: 'prerelease' })
  if (unusable !== undefined) found.push({ kind: 'unusable', reason: unusable })
  for (const { name, specifiers, text } of one.needs ?? []) {
    const has = others?.get(name) ?? []
    if (has.length > 0 && !has.some((other) => specifiersContain(specifiers, other, { prereleases: true })))
      found.push({ kind: 'need', name, text, has: has.map((other) => other.text) })
  }
  return found
}

/** One sentence for each group of newer versions: "lib 3.0 to 3.2: app 1.0 depends on lib<3". */
export function whySentences(
  { name, chosen, python = 'this Python' }: Pick<WhyQuestion, 'name' | 'chosen' | 'python'>,
  groups: readonly NewerVersions[],
): readonly string[] {
  if (groups.length === 0) return [`${name} ${chosen.text} is the newest there is`]
  return groups.map(({ versions, hindrances }) => {
    const [last = ''] = versions
    const first = versions.at(-1)!
    const which = versions.length === 1 ? last : versions.length === 2 ? `${first}, ${last}` : `${first} to ${last}`
    const why = hindrances.map((one) => hindranceSentence(name, one, python))
    return `${name} ${which}: ${why.length === 0 ? 'nothing stands in the way, but another version was chosen before' : why.join('; ')}`
  })
}

function hindranceSentence(name: string, one: Hindrance, python: string): string {
  switch (one.kind) {
    case 'asking': {
      const where = one.marker === undefined ? '' : ` where ${one.marker}`
      if (one.is === 'constraint') return `a constraint says ${name}${one.text}${where}`
      if (one.is === 'override') return `an override says ${name}${one.text}${where}`
      return `${one.by === undefined ? 'you ask for' : `${one.by} depends on`} ${name}${one.text}${where}`
    }
    case 'yanked':
      return one.reason === undefined ? 'yanked' : `yanked: ${one.reason}`
    case 'prerelease':
      return 'a pre-release, and nothing asks for one'
    case 'python':
      return `needs Python ${one.requires}, and this is for ${python}`
    case 'unusable':
      return one.reason
    case 'need':
      return `needs ${one.name}${one.text}, and ${one.name} is at ${one.has.join(' and ')}`
  }
}
