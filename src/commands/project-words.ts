// What somebody wants to add to a project, in the words that pip takes: as requirements, and where one comes from a place of its own, with
// the source that says so.

import type { ExtraName, ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import { hideCredentials, revealUrl } from '../base/safe-url.ts'
import { readNamedLink } from '../engine/links.ts'
import type { WantedLink, WantedRequirement } from '../engine/resolve-request.ts'
import type { Link } from '../indexes/link.ts'
import { publicIndex } from '../indexes/public-index.ts'
import { bothOf, isSameWish, secondPlace } from '../project/join-requirements.ts'
import type { DependencySource, Manifest } from '../project/manifest.ts'
import { parseMarker } from '../spec/marker.ts'
import { andMarkers } from '../spec/marker-algebra.ts'
import { normalizeName } from '../spec/name.ts'
import type { Requirement } from '../spec/requirement.ts'
import type { RequirementsOptions } from '../spec/requirements-txt.ts'
import { specifierSet } from '../spec/specifier.ts'
import type { Core } from './core.ts'
import type { AddedIndex } from './project-indexes.ts'
import { readWanted } from './wanted.ts'

/** One requirement to be added. */
export interface Addition {
  readonly requirement: Requirement
  /** Where it comes from, if not from an index of its own choice. */
  readonly source?: DependencySource
  /** One of these the file must have that is locked for it, as the requirements file says. */
  readonly hashes?: WantedRequirement['hashes']
}

export interface AdditionWords {
  /** `name`, `name>=1`, a path, an address, `name @ address`. */
  readonly requirements: readonly string[]
  readonly requirementFiles?: readonly string[]
  readonly constraintFiles?: readonly string[]
  /** Directories and repositories are to be installed in place. */
  readonly editable?: boolean
  /** As it is written: no source is made of an address. */
  readonly raw?: boolean
  /** The commit, tag or branch of what comes from a repository. */
  readonly revision?: string
  readonly subdirectory?: string
  /** Added to each. */
  readonly extras?: readonly string[]
  readonly marker?: string
  /** The name of an index that the project describes, from which they come. */
  readonly fromIndex?: string
}

export interface ReadAdditions {
  readonly additions: readonly Addition[]
  /** What constraints files say: limits for this time. */
  readonly limits: readonly Requirement[]
  /** Those that requirements files name. */
  readonly indexes: readonly AddedIndex[]
}

/**
 * Reads the words. `lookAt` tells whose project an address holds, where only a look at it does. Throws what the words' standards throw, and
 * `link-not-found`.
 */
export async function readAdditions(
  core: Core,
  manifest: Pick<Manifest, 'directory'>,
  words: AdditionWords,
  lookAt: (link: WantedLink) => Promise<{ readonly name: ProjectName }>,
): Promise<ReadAdditions> {
  const { editable = false } = words
  const read = await readWanted(core, {
    wanted: {
      requirements: words.requirements,
      editables: [],
      requirementFiles: words.requirementFiles ?? [],
      constraintFiles: words.constraintFiles ?? [],
      scripts: [],
      groups: [],
      dependencies: 'all',
    },
    choice: { noBinary: new Set(), onlyBinary: new Set(), allReleases: new Set(), onlyFinal: new Set() },
    build: { constraintFiles: [] },
    transport: async () => {
      const { openTransport } = await import('../net/transport.ts')
      return openTransport(core, {})
    },
  })
  for (const text of read.warnings) core.report({ kind: 'note', text })
  checkAddressed(read.requirements, words)
  const additions: Addition[] = []
  for (const one of read.requirements) {
    const isEditable = editable || one.editable === true
    takeIn(additions, await additionOf(core, manifest, { ...one, editable: isEditable }, words, lookAt))
  }
  const limits = read.constraints.flatMap(({ requirement }) => requirement ?? [])
  return { additions, limits, indexes: read.options.flatMap((options) => indexesOf(core, options)) }
}

/** What is said of addresses alone is not passed over where there is none: something else was meant. Throws `invalid-link`. */
function checkAddressed(
  requirements: readonly WantedRequirement[],
  { revision, subdirectory, editable = false }: AdditionWords,
): void {
  const [named] = requirements.filter(({ link }) => link === undefined)
  if (named === undefined) return
  const refused = (reason: string): DenError => new DenError('invalid-link', { link: named.text, reason })
  if (revision !== undefined) throw refused('only a repository has revisions')
  if (subdirectory !== undefined) throw refused('only an archive, a directory or a repository has subdirectories')
  if (editable && requirements.every(({ link }) => link === undefined))
    throw refused('only directories and repositories can be edited in place')
}

/** What a file says of where packages come from; what it says of how they are chosen is the project's to say. */
function indexesOf({ report }: Core, options: RequirementsOptions): readonly AddedIndex[] {
  const { indexUrl, extraIndexUrls, findLinks, noIndex, pre, preferBinary, noBinary, onlyBinary } = options
  const given = { 'no-index': noIndex, pre, 'prefer-binary': preferBinary }
  const words = [
    ...Object.entries(given).flatMap(([word, isGiven]) => (isGiven ? [word] : [])),
    ...Object.entries({ 'no-binary': noBinary, 'only-binary': onlyBinary }).flatMap(([word, names]) =>
      names.size > 0 ? [word] : [],
    ),
  ].map((word) => `--${word}`)
  if (words.length > 0)
    report({
      kind: 'note',
      text: `${words.join(' and ')} in a requirements file count${words.length === 1 ? 's' : ''} for nothing in a project`,
    })
  const isOwn = indexUrl !== undefined && indexUrl.replace(/\/+$/, '') !== publicIndex.replace(/\/+$/, '')
  return [
    ...extraIndexUrls.map((url) => ({ url })),
    ...findLinks.map((url) => ({ url, isFlat: true })),
    ...(isOwn ? [{ url: indexUrl, isDefault: true }] : []),
  ]
}

/** Beside those before it, or as one with the one of them that has its name and marker. */
function takeIn(additions: Addition[], addition: Addition): void {
  const { requirement, source } = addition
  const at = additions.findIndex((other) => isSameWish(other.requirement, requirement))
  const before = additions[at]
  if (before === undefined) {
    additions.push(addition)
    return
  }
  if (before.source !== undefined && source !== undefined && JSON.stringify(before.source) !== JSON.stringify(source))
    throw new DenError('invalid-link', {
      link: source.kind === 'path' ? source.path : source.kind === 'index' ? source.index : hideCredentials(source.url),
      reason: secondPlace(requirement.rawName),
    })
  additions[at] = { ...before, ...addition, requirement: bothOf(before.requirement, requirement) }
}

async function additionOf(
  core: Core,
  manifest: Pick<Manifest, 'directory'>,
  one: WantedRequirement,
  words: AdditionWords,
  lookAt: (link: WantedLink) => Promise<{ readonly name: ProjectName }>,
): Promise<Addition> {
  const { link: address } = one
  if (address === undefined) {
    // A reader of requirements takes the marker off, as pip does.
    const { requirement: bare, marker } = one
    const requirement = withWords({ ...bare!, ...(marker === undefined ? {} : { marker }) }, words)
    const hashes = one.hashes === undefined || one.hashes.length === 0 ? {} : { hashes: one.hashes }
    const source = words.fromIndex === undefined ? {} : { source: { kind: 'index' as const, index: words.fromIndex } }
    return { requirement, ...hashes, ...source }
  }
  const link = readNamedLink(core.host, { address, ...(one.requirement && { name: one.requirement.name }) })
  const editable = one.editable === true && link.kind !== 'archive'
  const rawName =
    one.requirement?.rawName ??
    link.egg ??
    (await lookAt({ address: withRevision(address, link, words), editable })).name
  const named: Requirement = {
    ...(one.requirement ?? { specifiers: specifierSet([]) }),
    name: normalizeName(rawName),
    rawName,
    extras: one.extras,
    ...(one.marker === undefined ? {} : { marker: one.marker }),
  }
  const source = words.raw === true ? undefined : sourceOf(core, manifest, link, { words, editable })
  const { url: _, ...bare } = named
  if (source === undefined)
    return { requirement: withWords({ ...bare, url: withRevision(address, link, words) }, words) }
  // A wheel names its version in its filename; that is no wish.
  const wished = one.requirement?.url === undefined ? { ...bare, specifiers: specifierSet([]) } : bare
  return { requirement: withWords(wished, words), source }
}

function withWords(requirement: Requirement, { extras = [], marker }: AdditionWords): Requirement {
  const all = [...new Set([...requirement.extras, ...extras.map((name) => normalizeName(name) as string as ExtraName)])]
  const condition = marker === undefined ? undefined : parseMarker(marker)
  const both =
    condition === undefined
      ? requirement.marker
      : requirement.marker === undefined
        ? condition
        : andMarkers(requirement.marker, condition)
  return { ...requirement, extras: all.sort(), ...(both === undefined ? {} : { marker: both }) }
}

/** What `[tool.den.sources]` says of it; undefined for what has no words there. */
function sourceOf(
  { host, report }: Core,
  { directory }: Pick<Manifest, 'directory'>,
  link: Link,
  { words, editable }: { readonly words: AdditionWords; readonly editable: boolean },
): DependencySource | undefined {
  const subdirectory = words.subdirectory ?? link.subdirectory
  const below = subdirectory === undefined ? {} : { subdirectory }
  if (link.kind === 'directory' || (link.kind === 'archive' && link.place.kind === 'path')) {
    const place = link.kind === 'directory' ? link.path : link.place.kind === 'path' ? link.place.path : ''
    const relative = host.path.relative(directory, place)
    const path = host.path.sep === '\\' ? relative.replaceAll('\\', '/') : relative
    return { kind: 'path', path: path || '.', ...(editable ? { editable: true } : {}), ...below }
  }
  const url = link.kind === 'vcs' ? link.url : link.place.kind === 'url' ? link.place.url : undefined
  if (url === undefined) return undefined
  // What is written into a project is everybody's.
  const isSecret = revealUrl(url) !== url.href && /^https?:/.test(url.href)
  if (isSecret) report({ kind: 'note', text: `the credentials in ${String(url)} are not written into the project` })
  const shown = link.kind === 'vcs' && !isSecret ? revealUrl(url).replace(/#.*$/s, '') : url.href
  if (link.kind === 'archive') return { kind: 'url', url: shown, ...below }
  if (link.vcs !== 'git') return undefined
  const revision = words.revision ?? link.revision
  return { kind: 'git', url: shown, ...(revision === undefined ? {} : { revision }), ...below }
}

/** The address with the revision that the command line names beside it. */
function withRevision(address: string, link: Link, { revision, subdirectory }: AdditionWords): string {
  if (link.kind !== 'vcs' && revision !== undefined)
    throw new DenError('invalid-link', { link: link.shown, reason: 'only a repository has revisions' })
  if (revision === undefined && subdirectory === undefined) return address
  const [place = '', fragment] = address.split('#', 2)
  const bare = link.kind === 'vcs' && link.revision !== undefined ? place.slice(0, -link.revision.length - 1) : place
  const which =
    revision === undefined ? (link.kind === 'vcs' && link.revision ? `@${link.revision}` : '') : `@${revision}`
  const parts = [fragment, subdirectory === undefined ? undefined : `subdirectory=${subdirectory}`].filter(Boolean)
  return `${bare}${which}${parts.length === 0 ? '' : `#${parts.join('&')}`}`
}
