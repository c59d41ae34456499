// Which parts of a project are wanted: its own dependencies, extras, dependency groups; from the words of a command line.

import type { ExtraName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import { normalizeName } from '../spec/name.ts'

/** What is asked for. Nothing: the project's own dependencies and its default groups. */
export interface PartsRequest {
  readonly extras?: readonly string[]
  readonly allExtras?: boolean
  /** Left out, whoever else asks for them. */
  readonly withoutExtras?: readonly string[]
  readonly groups?: readonly string[]
  readonly allGroups?: boolean
  readonly withoutGroups?: readonly string[]
  /** These groups and nothing else: neither the project, nor its dependencies, nor default groups. */
  readonly onlyGroups?: readonly string[]
  /** Whether default groups are wanted; they are unless said. */
  readonly defaultGroups?: boolean
}

/** What there is to choose from: of a manifest, or of a lock. */
export interface KnownParts {
  /** For errors. */
  readonly file: string
  readonly extras: Iterable<string>
  readonly groups: Iterable<string>
  readonly defaultGroups: readonly string[]
}

/** What is chosen: normalized names, sorted. */
export interface Parts {
  /** The project's own dependencies, and the project itself. */
  readonly project: boolean
  readonly extras: readonly ExtraName[]
  readonly groups: readonly string[]
}

/** The group that people mean by "dev", which a project need not have to be asked for it, or without it. */
const development = normalizeName('dev')

/** Throws `no-dependency-group`, `no-extra`. */
export function partsOf(request: PartsRequest, known: KnownParts): Parts {
  const extras = new Map([...known.extras].map((name) => [normalizeName(name) as string, name]))
  const groups = new Map([...known.groups, ...known.defaultGroups].map((name) => [normalizeName(name) as string, name]))
  const extra = (name: string): string => {
    const normalized = normalizeName(name)
    if (!extras.has(normalized)) {
      throw new DenError('no-extra', { file: known.file, extra: name, known: [...extras.values()] })
    }
    return normalized
  }
  const group = (name: string): readonly string[] => {
    const normalized = normalizeName(name)
    if (groups.has(normalized)) return [normalized]
    if (normalized === development) return []
    throw new DenError('no-dependency-group', { file: known.file, group: name, known: [...groups.values()] })
  }
  const withoutExtras = new Set((request.withoutExtras ?? []).map(extra))
  const withoutGroups = new Set((request.withoutGroups ?? []).flatMap(group))
  const { onlyGroups } = request
  const project = onlyGroups === undefined
  const wantedExtras = [
    ...(project && request.allExtras === true ? extras.keys() : []),
    ...(project ? (request.extras ?? []) : []).map(extra),
  ]
  const wantedGroups = [
    ...(onlyGroups ?? []).flatMap(group),
    ...(project && request.defaultGroups !== false ? known.defaultGroups.map((name) => normalizeName(name)) : []),
    ...(request.allGroups === true ? groups.keys() : []),
    ...(request.groups ?? []).flatMap(group),
  ]
  const chosen = (wanted: readonly string[], without: ReadonlySet<string>): string[] =>
    [...new Set(wanted)].filter((name) => !without.has(name)).toSorted()
  return {
    project,
    extras: chosen(wantedExtras, withoutExtras) as ExtraName[],
    groups: chosen(wantedGroups, withoutGroups),
  }
}
