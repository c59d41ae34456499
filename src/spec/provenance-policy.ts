// What is demanded of a file's origin, and whether what was found will do: the publisher that a project names, and no step back from a
// signed release to an unsigned one.

import { formatPublisher, matchesPublisher, type Publisher } from './provenance.ts'

/** `any`: some publisher whose signature holds. */
export type ProvenanceWish = 'any' | Publisher

export interface ProvenanceCase {
  /** What the policy wants of this project; undefined: nothing. */
  readonly wanted?: ProvenanceWish | undefined
  /** Who published an earlier release, or the same one in the lock file; undefined: not known, or nobody. */
  readonly before?: readonly Publisher[] | undefined
  /** The publishers whose signatures of this file hold; empty: it has none. */
  readonly found: readonly Publisher[]
}

export type ProvenanceVerdict =
  | { readonly kind: 'accepted' }
  /** The policy wants a signature and there is none, or none of the one it names. */
  | { readonly kind: 'missing'; readonly wanted: string }
  | { readonly kind: 'mismatch'; readonly wanted: string; readonly found: string }
  /** Earlier releases were signed, this one isn't: what a stolen upload token looks like. */
  | { readonly kind: 'lost'; readonly before: string }
  /** Signed, by somebody else than before. */
  | { readonly kind: 'changed'; readonly before: string; readonly found: string }

/** A publisher that the policy names is believed whatever was before: that is how a move is allowed. */
export function judgeProvenance({ wanted, before = [], found }: ProvenanceCase): ProvenanceVerdict {
  if (wanted !== undefined && wanted !== 'any') {
    if (found.length === 0) return { kind: 'missing', wanted: formatPublisher(wanted) }
    return found.some((one) => matchesPublisher(wanted, one))
      ? { kind: 'accepted' }
      : { kind: 'mismatch', wanted: formatPublisher(wanted), found: shown(found, []) }
  }
  if (found.length === 0) {
    if (before.length > 0) return { kind: 'lost', before: shown(before, []) }
    return wanted === 'any' ? { kind: 'missing', wanted: 'any publisher' } : { kind: 'accepted' }
  }
  return before.length === 0 || before.some((earlier) => found.some((one) => isSameSource(earlier, one)))
    ? { kind: 'accepted' }
    : { kind: 'changed', before: shown(before, found), found: shown(found, before) }
}

/**
 * Workflows are renamed, and so are repositories and their owners: the number stays. A name that was given up and taken by somebody else
 * has another number.
 */
function isSameSource(earlier: Publisher, now: Publisher): boolean {
  if (earlier.repositoryId !== undefined && now.repositoryId !== undefined)
    return earlier.kind === now.kind && earlier.repositoryId === now.repositoryId
  const { workflow: _, ...source } = earlier
  return matchesPublisher(source, now)
}

/** With the number where the names alone would not tell them from the others. */
function shown(publishers: readonly Publisher[], others: readonly Publisher[]): string {
  const names = new Set(others.map(formatPublisher))
  return publishers
    .map((one) => {
      const name = formatPublisher(one)
      return names.has(name) && one.repositoryId !== undefined ? `${name} (repository ${one.repositoryId})` : name
    })
    .join(', ')
}
