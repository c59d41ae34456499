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
  const shown = (publishers: readonly Publisher[]): string => publishers.map(formatPublisher).join(', ')
  if (wanted !== undefined && wanted !== 'any') {
    if (found.length === 0) return { kind: 'missing', wanted: formatPublisher(wanted) }
    return found.some((one) => matchesPublisher(wanted, one))
      ? { kind: 'accepted' }
      : { kind: 'mismatch', wanted: formatPublisher(wanted), found: shown(found) }
  }
  if (found.length === 0) {
    if (before.length > 0) return { kind: 'lost', before: shown(before) }
    return wanted === 'any' ? { kind: 'missing', wanted: 'any publisher' } : { kind: 'accepted' }
  }
  // Workflows are renamed; a project's repository rarely is.
  const sameSource = ({ workflow: _, ...earlier }: Publisher): boolean =>
    found.some((one) => matchesPublisher(earlier, one))
  return before.length === 0 || before.some(sameSource)
    ? { kind: 'accepted' }
    : { kind: 'changed', before: shown(before), found: shown(found) }
}
