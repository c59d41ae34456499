// The known words nearest to a mistyped one.

/** Up to three of `known` that could have been meant, nearest first: few letters differ, or the word begins the same. */
export function closest(word: string, known: Iterable<string>): readonly string[] {
  const limit = Math.max(1, Math.floor(word.length / 3))
  const scored: { readonly name: string; readonly score: number }[] = []
  for (const name of known) {
    const distance = editDistance(word, name)
    if (distance <= limit) scored.push({ name, score: distance })
    else if (word.length >= 3 && name.startsWith(word)) scored.push({ name, score: limit + 1 })
  }
  return scored
    .sort((a, b) => a.score - b.score)
    .slice(0, 3)
    .map(({ name }) => name)
}

/** Damerau-Levenshtein distance of neighbouring letters: insert, delete, replace, swap. */
export function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1]
      let best = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, beforePrevious[j - 2]! + 1)
      }
      row.push(best)
    }
    beforePrevious = previous
    previous = row
  }
  return previous[b.length]!
}
