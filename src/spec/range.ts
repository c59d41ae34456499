// Sets of versions as sorted, disjoint, half-open intervals over version keys (version.ts). Every bound that PEP 440 can ask for,
// "just after all locals of 1.0" included, is one string, so the set algebra is plain string comparison.

import type { Version } from './version.ts'

/** All versions with `low <= key < high`. */
export interface VersionInterval {
  readonly low: string
  readonly high: string
}

/** Sorted and disjoint; empty when no version is in it. */
export type VersionRange = readonly VersionInterval[]

/** The key of the first of all versions: 0.dev0. */
export const lowestKey = '\u0100\x01\x01\x01\u0100'
/** Above the key of every version. */
export const highestKey = '\uffff'

export const fullRange: VersionRange = [{ low: lowestKey, high: highestKey }]

/** The first place after a version and everything that differs from it in the local segment alone. */
export function afterLocals(version: Version): string {
  return version.key.slice(0, version.publicKeyLength) + highestKey
}

/** The first place after exactly this version. */
export function afterVersion(version: Version): string {
  return `${version.key}\0`
}

export function rangeContains(range: VersionRange, version: Version): boolean {
  const { key } = version
  for (const { low, high } of range) {
    if (key < low) return false
    if (key < high) return true
  }
  return false
}

export function intersectRanges(a: VersionRange, b: VersionRange): VersionRange {
  if (a === fullRange) return b
  if (b === fullRange) return a
  const both: VersionInterval[] = []
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const left = a[i]!
    const right = b[j]!
    const low = left.low > right.low ? left.low : right.low
    const high = left.high < right.high ? left.high : right.high
    if (low < high) both.push({ low, high })
    if (left.high < right.high) i++
    else j++
  }
  return both
}

/** All versions that are in one of the two. */
export function unionRanges(a: VersionRange, b: VersionRange): VersionRange {
  if (a.length === 0) return b
  if (b.length === 0) return a
  const either: VersionInterval[] = []
  let low: string | undefined
  let high = lowestKey
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const left = a[i]
    const right = b[j]
    const next = right === undefined || (left !== undefined && left.low <= right.low) ? left! : right
    if (next === left) i++
    else j++
    if (low === undefined || next.low > high) {
      if (low !== undefined) either.push({ low, high })
      low = next.low
      high = next.high
    } else if (next.high > high) high = next.high
  }
  if (low !== undefined) either.push({ low, high })
  return either
}

/** All versions that are not in it. */
export function complementRange(range: VersionRange): VersionRange {
  const rest: VersionInterval[] = []
  let from = lowestKey
  for (const { low, high } of range) {
    if (from < low) rest.push({ low: from, high: low })
    from = high
  }
  if (from < highestKey) rest.push({ low: from, high: highestKey })
  return rest
}

/** Whether no place is left in it. */
export function isEmptyRange(range: VersionRange): boolean {
  return range.length === 0
}

/** Whether all of `inner` lies in `outer`. */
export function isSubsetRange(inner: VersionRange, outer: VersionRange): boolean {
  let at = 0
  for (const { low, high } of inner) {
    while (at < outer.length && outer[at]!.high <= low) at++
    const around = outer[at]
    if (around === undefined || around.low > low || around.high < high) return false
  }
  return true
}

/** Whether nothing lies in both. */
export function rangesDisjoint(a: VersionRange, b: VersionRange): boolean {
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const left = a[i]!
    const right = b[j]!
    if (left.low < right.high && right.low < left.high) return false
    if (left.high < right.high) i++
    else j++
  }
  return true
}

/** Whether the same places are in both. */
export function equalRanges(a: VersionRange, b: VersionRange): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) {
    if (a[index]!.low !== b[index]!.low || a[index]!.high !== b[index]!.high) return false
  }
  return true
}

/** Exactly one version, its local versions not among it. */
export function exactRange(version: Version): VersionRange {
  return [{ low: version.key, high: afterVersion(version) }]
}
