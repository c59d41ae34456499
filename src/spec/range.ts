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

/** Below the key of every version. */
export const lowestKey = ''
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
