// What of a lock file is installed for a target: the specification's steps ("Installing from a lock file"), in its order.

import type { ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import { evaluateMarker, type MarkerEnvironment } from './marker.ts'
import { normalizeName } from './name.ts'
import type {
  Pylock,
  PylockArchive,
  PylockDirectory,
  PylockFile,
  PylockPackage,
  PylockPlace,
  PylockVcs,
  PylockWheel,
} from './pylock.ts'
import type { PathRules } from './requirements-txt-source.ts'
import { fileUrl } from './requirements-txt-url.ts'
import { type SpecifierSet, specifiersContain } from './specifier.ts'
import { rankOfWheel, type TagRanks } from './tag.ts'

export interface SelectOptions {
  /** The file, for errors. */
  readonly file?: string
  readonly markers: MarkerEnvironment
  readonly ranks: TagRanks
  readonly extras?: Iterable<string>
  /** Absent: the lock's default groups. */
  readonly dependencyGroups?: Iterable<string>
  /** Whether the source distribution is wanted even where a wheel fits. */
  readonly preferSdist?: (name: ProjectName) => boolean
}

export type PylockSelection = { readonly package: PylockPackage } & (
  | { readonly kind: 'vcs'; readonly source: PylockVcs }
  | { readonly kind: 'directory'; readonly source: PylockDirectory }
  | { readonly kind: 'archive'; readonly source: PylockArchive }
  | { readonly kind: 'sdist'; readonly source: PylockFile }
  | { readonly kind: 'wheel'; readonly source: PylockWheel }
)

/** Selects one source a package. Throws `lock-file-mismatch`. */
export function selectFromPylock(lock: Pylock, options: SelectOptions): readonly PylockSelection[] {
  const { file = 'pylock.toml', markers, ranks, preferSdist } = options
  const fail = (reason: string): DenError => new DenError('lock-file-mismatch', { file, reason })
  const extras = new Set([...(options.extras ?? [])].map(normalizeName))
  const groups = new Set([...(options.dependencyGroups ?? lock.defaultGroups)].map(normalizeName))
  for (const extra of extras) {
    if (!lock.extras.some((known) => normalizeName(known) === extra)) throw fail(`it knows no extra ${extra}`)
  }
  if (options.dependencyGroups !== undefined) {
    const known = new Set([...lock.dependencyGroups, ...lock.defaultGroups].map(normalizeName))
    for (const group of groups) if (!known.has(group)) throw fail(`it knows no dependency group ${group}`)
  }

  // "If requires-python is specified, check that the environment being installed for meets the requirement."
  const python = markers.python_full_version
  checkPython(lock.requiresPython, python, 'it is', fail)
  // "If environments is specified, check that at least one of the environment marker expressions is satisfied."
  if (lock.environments.length > 0 && !lock.environments.some((marker) => evaluateMarker(marker, markers))) {
    throw fail('it was made for other environments: none of those it names is this one')
  }

  const selected = new Map<ProjectName, PylockPackage>()
  for (const one of lock.packages) {
    if (one.marker !== undefined && !evaluateMarker(one.marker, markers, { extras, dependencyGroups: groups })) continue
    checkPython(one.requiresPython, python, `${one.name} is`, fail)
    // "Check that no other conflicting instance of the package has been slated to be installed."
    if (selected.has(one.name)) throw fail(`it has more than one ${one.name} for this environment`)
    selected.set(one.name, one)
  }
  return [...selected.values()].map((one) => sourceOf(one, ranks, preferSdist, fail))
}

function sourceOf(
  one: PylockPackage,
  ranks: TagRanks,
  preferSdist: SelectOptions['preferSdist'],
  fail: (reason: string) => DenError,
): PylockSelection {
  const { vcs, directory, archive, sdist, wheels = [] } = one
  if (vcs !== undefined) return { package: one, kind: 'vcs', source: vcs }
  if (directory !== undefined) return { package: one, kind: 'directory', source: directory }
  if (archive !== undefined) return { package: one, kind: 'archive', source: archive }
  if (sdist !== undefined && preferSdist?.(one.name) === true) return { package: one, kind: 'sdist', source: sdist }
  let best: { readonly wheel: PylockWheel; readonly rank: number } | undefined
  for (const wheel of wheels) {
    const rank = rankOfWheel(wheel.parsed, ranks)
    // Among equals the one that is written first.
    if (rank !== undefined && (best === undefined || rank < best.rank)) best = { wheel, rank }
  }
  if (best !== undefined) return { package: one, kind: 'wheel', source: best.wheel }
  if (sdist !== undefined) return { package: one, kind: 'sdist', source: sdist }
  throw fail(`no wheel of ${one.name} fits this environment, and there is no source distribution`)
}

function checkPython(
  requires: SpecifierSet | undefined,
  python: string,
  whose: string,
  fail: (reason: string) => DenError,
): void {
  // A Python built between releases calls itself 3.13.5+, which is no version.
  const version = python.endsWith('+') ? `${python}local` : python
  if (requires === undefined || specifiersContain(requires, version)) return
  const wanted = requires.specifiers.map(({ operator, versionText }) => operator + versionText).join(',')
  throw fail(`${whose} for Python ${wanted}, and this is ${python}`)
}

/**
 * The address of a file or directory that a lock names. A path is relative to the lock file; a lock that came from a URL reaches
 * nothing outside of its own host. Throws `lock-file-mismatch`.
 */
export function pylockUrl(lockPlace: string, { path, url }: PylockPlace, rules: PathRules): string {
  const fail = (reason: string): DenError => new DenError('lock-file-mismatch', { file: lockPlace, reason })
  if (!path) {
    if (/^https?:/i.test(lockPlace) && /^file:/i.test(url!))
      throw fail(`it came from a URL, and so ${url} cannot be a file of this machine`)
    return url!
  }
  const absolute = rules.isAbsolute(path)
  if (!/^(?:https?|file):/i.test(lockPlace)) return fileUrl(rules.resolve(rules.dirname(lockPlace), path), rules)
  if (absolute) throw fail(`it came from a URL, and so ${path} cannot be a path of this machine`)
  let found: URL
  let base: URL
  try {
    base = new URL(lockPlace)
    found = new URL(path, base)
  } catch {
    throw fail(`${path} is no path`)
  }
  if (found.protocol !== base.protocol || found.host !== base.host) {
    throw fail(`it came from a URL, and ${path} leads away from there`)
  }
  return found.href
}
