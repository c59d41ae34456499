// Ways through what requires what.

/** All that can be reached from these, themselves too. What stands in `reached` is known already. */
export function reach<One>(
  start: readonly One[],
  next: (one: One) => readonly One[],
  reached: Set<One> = new Set(),
): Set<One> {
  const waiting = [...start]
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    if (reached.has(one)) continue
    reached.add(one)
    waiting.push(...next(one))
  }
  return reached
}

/** From where all of them are reached: what nothing requires, and of a ring that stands alone its first. */
export function topsOf<One>(
  all: readonly One[],
  isRequired: (one: One) => boolean,
  next: (one: One) => readonly One[],
): readonly One[] {
  const tops = all.filter((one) => !isRequired(one))
  const reached = reach(tops, next)
  for (const one of all) {
    if (reached.has(one)) continue
    tops.push(one)
    reach([one], next, reached)
  }
  return tops
}
