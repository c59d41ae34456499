// Which variable is decided next: a binary heap ordered by class, then by the order in which they came up. Entries that no longer
// hold are thrown away when they come out, which costs less than looking for them.

export interface Queue {
  push(urgency: number, id: number): void
  /** What has the least urgency number, of equals the least id; undefined when empty. */
  pop(): { readonly urgency: number; readonly id: number } | undefined
}

export function openQueue(): Queue {
  // Urgency and id in one number: ids stay far below 2^32.
  const heap: number[] = []
  return {
    push(urgency, id) {
      const key = urgency * 2 ** 32 + id
      let at = heap.push(key) - 1
      while (at > 0) {
        const parent = (at - 1) >> 1
        if (heap[parent]! <= key) break
        heap[at] = heap[parent]!
        at = parent
      }
      heap[at] = key
    },
    pop() {
      const top = heap[0]
      if (top === undefined) return undefined
      const last = heap.pop()!
      const count = heap.length
      for (let at = 0; at < count; ) {
        let child = 2 * at + 1
        if (child + 1 < count && heap[child + 1]! < heap[child]!) child++
        if (child >= count || heap[child]! >= last) {
          heap[at] = last
          break
        }
        heap[at] = heap[child]!
        at = child
      }
      return { urgency: Math.floor(top / 2 ** 32), id: top % 2 ** 32 }
    },
  }
}
