// Dependency groups ([dependency-groups] of pyproject.toml; PEP 735): named lists of requirements that may include each other.
// "Tools SHOULD NOT eagerly validate": a group is checked when it, or one that includes it, is asked for.

import { DenError } from '../base/error.ts'
import type { Span } from '../base/span.ts'
import { isTomlTable, type TomlDocument, type TomlValue, tomlFault, tomlTypeOf } from '../format/toml.ts'
import type { TomlPath } from '../format/toml-places.ts'
import { normalizeName } from './name.ts'
import { reparse } from './reparse.ts'
import { parseRequirement, type Requirement } from './requirement.ts'

export interface DependencyGroups {
  readonly document: TomlDocument
  /** By normalized name: the name as written, and what stands there. */
  readonly groups: ReadonlyMap<string, { readonly rawName: string; readonly value: TomlValue }>
}

/** Finds the groups of a pyproject.toml. Throws `invalid-dependency-groups` for two of one name. */
export function parseDependencyGroups(document: TomlDocument): DependencyGroups {
  const table = document.table['dependency-groups']
  const groups = new Map<string, { readonly rawName: string; readonly value: TomlValue }>()
  if (table === undefined) return { document, groups }
  if (!isTomlTable(table)) throw fault(document, [], `groups are a table, this is ${tomlTypeOf(table)}`)
  for (const [rawName, value] of Object.entries(table)) {
    const name = normalizeName(rawName)
    const before = groups.get(name)
    // "Duplicate names (after normalization) are an error."
    if (before !== undefined) throw fault(document, [rawName], `this is the same group as ${before.rawName}`)
    groups.set(name, { rawName, value })
  }
  return { document, groups }
}

/** The requirements of a group with those it includes, in order. Throws `no-dependency-group` and `invalid-dependency-groups`. */
export function resolveDependencyGroup({ document, groups }: DependencyGroups, name: string): readonly Requirement[] {
  const found: Requirement[] = []
  /** The groups being read, outermost first: including one of them again would never end. */
  const open: string[] = []
  /** What a finished group adds; a group may be included many times over by many others. */
  const finished = new Map<string, readonly [number, number]>()
  const add = (wanted: string, missing: () => DenError): void => {
    const known = finished.get(wanted)
    if (known !== undefined) {
      if (found.length + known[1] - known[0] > mostRequirements)
        throw fault(document, [], 'the groups come to too many')
      for (let at = known[0]; at < known[1]; at++) found.push(found[at]!)
      return
    }
    const group = groups.get(wanted)
    if (group === undefined) throw missing()
    const { rawName, value } = group
    if (!Array.isArray(value)) throw fault(document, [rawName], `a group is a list, this is ${tomlTypeOf(value)}`)
    if (open.length === deepest) throw fault(document, [rawName], 'groups include each other too deep here')
    open.push(wanted)
    const start = found.length
    for (const [index, item] of (value as readonly TomlValue[]).entries()) {
      const path = [rawName, index]
      if (typeof item === 'string') {
        found.push(
          reparse(
            () => parseRequirement(item),
            (reason, span) => fault(document, path, reason, span),
          ),
        )
        continue
      }
      const included = isTomlTable(item) && Object.keys(item).length === 1 ? item['include-group'] : undefined
      if (typeof included !== 'string') {
        throw fault(document, path, 'here stands a requirement, or {include-group = "NAME"}')
      }
      const next = normalizeName(included)
      if (open.includes(next)) throw fault(document, path, `the group ${included} includes itself`)
      add(next, () => fault(document, path, `there is no group ${included}`))
    }
    open.pop()
    finished.set(wanted, [start, found.length])
  }
  add(normalizeName(name), () => {
    const known = [...groups.values()].map(({ rawName }) => rawName)
    return new DenError('no-dependency-group', { file: document.file ?? 'pyproject.toml', group: name, known })
  })
  return found
}

const deepest = 500

/** A few groups that include each other twice come to billions. */
const mostRequirements = 100_000

function fault(
  document: TomlDocument,
  path: TomlPath,
  reason: string,
  within?: Span,
): DenError<'invalid-dependency-groups'> {
  return new DenError('invalid-dependency-groups', tomlFault(document, ['dependency-groups', ...path], reason, within))
}
