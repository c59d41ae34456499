// Work on many things of which only so many may be under way at a time: a server is asked by a few connections, not by a thousand.

/** The values, in the order of the items. The first that fails ends it. */
export async function mapTogether<Item, Value>(
  items: readonly Item[],
  together: number,
  work: (item: Item) => Promise<Value>,
): Promise<readonly Value[]> {
  const values: Value[] = []
  let next = 0
  let failed = false
  const worker = async (): Promise<void> => {
    while (!failed && next < items.length) {
      const at = next
      next += 1
      try {
        values[at] = await work(items[at]!)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(together, items.length) }, worker))
  return values
}
