// Sets of places in a project's list of candidates, as sorted half-open intervals in one flat list: [1, 4, 6, 7] holds 1, 2, 3 and 6.
// Place 0 stands for "not installed at all", places 1 … n for the candidates from oldest to newest. With "absent" as one more place,
// a requirement and its negation are the same kind of set, and the whole algebra of terms is union, intersection and complement.

export type IndexSet = readonly number[]

/** Holds nothing. */
export const noPlaces: IndexSet = []

export function hasPlace(set: IndexSet, place: number): boolean {
  for (let at = 0; at < set.length; at += 2) {
    if (place < set[at]!) return false
    if (place < set[at + 1]!) return true
  }
  return false
}

export function countPlaces(set: IndexSet): number {
  let count = 0
  for (let at = 0; at < set.length; at += 2) count += set[at + 1]! - set[at]!
  return count
}

/** Gives `a` itself back where it lies within `b`, so that "nothing changed" is `===`. */
export function intersectSets(a: IndexSet, b: IndexSet): IndexSet {
  if (a.length === 2 && b.length === 2) {
    const low = a[0]! > b[0]! ? a[0]! : b[0]!
    const high = a[1]! < b[1]! ? a[1]! : b[1]!
    if (low === a[0] && high === a[1]) return a
    return low < high ? [low, high] : noPlaces
  }
  if (isSubset(a, b)) return a
  const both: number[] = []
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const low = a[i]! > b[j]! ? a[i]! : b[j]!
    const high = a[i + 1]! < b[j + 1]! ? a[i + 1]! : b[j + 1]!
    if (low < high) both.push(low, high)
    if (a[i + 1]! < b[j + 1]!) i += 2
    else j += 2
  }
  return both
}

export function uniteSets(a: IndexSet, b: IndexSet): IndexSet {
  if (a.length === 0) return b
  if (b.length === 0) return a
  const union: number[] = []
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const fromA = j >= b.length || (i < a.length && a[i]! <= b[j]!)
    const low = fromA ? a[i]! : b[j]!
    const high = fromA ? a[i + 1]! : b[j + 1]!
    if (fromA) i += 2
    else j += 2
    const last = union.length - 1
    if (last > 0 && low <= union[last]!) {
      if (high > union[last]!) union[last] = high
    } else union.push(low, high)
  }
  return union
}

/** What of the places 0 … `size` is not in the set. */
export function complementSet(set: IndexSet, size: number): IndexSet {
  const rest: number[] = []
  let low = 0
  for (let at = 0; at < set.length; at += 2) {
    if (low < set[at]!) rest.push(low, set[at]!)
    low = set[at + 1]!
  }
  if (low <= size) rest.push(low, size + 1)
  return rest
}

export function isSubset(a: IndexSet, b: IndexSet): boolean {
  if (a.length === 2 && b.length === 2) return a[0]! >= b[0]! && a[1]! <= b[1]!
  for (let i = 0, j = 0; i < a.length; i += 2) {
    while (j < b.length && b[j + 1]! <= a[i]!) j += 2
    if (j >= b.length || b[j]! > a[i]! || b[j + 1]! < a[i + 1]!) return false
  }
  return true
}

export function areEqual(a: IndexSet, b: IndexSet): boolean {
  return a === b || (a.length === b.length && a.every((place, at) => place === b[at]))
}

export function areDisjoint(a: IndexSet, b: IndexSet): boolean {
  if (a.length === 2 && b.length === 2) return a[1]! <= b[0]! || b[1]! <= a[0]!
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i + 1]! <= b[j]!) i += 2
    else if (b[j + 1]! <= a[i]!) j += 2
    else return false
  }
  return true
}

/** The places from the newest to the oldest; absence left out. */
export function* placesDown(set: IndexSet): Generator<number> {
  for (let at = set.length - 2; at >= 0; at -= 2) {
    for (let place = set[at + 1]! - 1; place >= set[at]! && place > 0; place--) yield place
  }
}

/** The places from the oldest to the newest; absence left out. */
export function* placesUp(set: IndexSet): Generator<number> {
  for (let at = 0; at < set.length; at += 2) {
    for (let place = Math.max(1, set[at]!); place < set[at + 1]!; place++) yield place
  }
}
