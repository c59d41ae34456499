// Cases that a seed decides, so that one that fails can be had again: DEN_SEED is the seed, DEN_CASES how many cases of a kind are made.

export const seed: number = Number(process.env['DEN_SEED'] ?? 20261121)
export const caseCount: number = Number(process.env['DEN_CASES'] ?? 4000)

/** Numbers in [0, 1) (mulberry32): the same for the same seed on every machine. */
export function randomFrom(start: number): () => number {
  let state = start >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let value = Math.imul(state ^ (state >>> 15), state | 1)
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61)
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32
  }
}

/** What generators of cases are made of. All of one dice's draws come from one stream of numbers. */
export interface Dice {
  random(): number
  below(limit: number): number
  one<Item>(items: readonly Item[]): Item
  /** The text with this chance, or none. */
  some(chance: number, make: () => string): string
  /** Up to so many. */
  list<Item>(most: number, make: () => Item): Item[]
}

export function diceFrom(start: number): Dice {
  const random = randomFrom(start)
  const below = (limit: number): number => Math.floor(random() * limit)
  return {
    random,
    below,
    one: (items) => items[below(items.length)]!,
    some: (chance, make) => (random() < chance ? make() : ''),
    list: (most, make) => Array.from({ length: below(most + 1) }, make),
  }
}

export function many<Item>(make: () => Item, number: number = caseCount): Item[] {
  return Array.from({ length: number }, make)
}
