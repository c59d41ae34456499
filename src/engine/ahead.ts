// Wheels that are fetched and unpacked while the resolver is still at work: those of projects that were asked for in one version alone.
// Nearly always they are what is chosen in the end; where they are not, the store has a tree more. What is reported of them waits until
// it is their turn, so that progress reads as it would without.

import type { DenEvent } from '../base/event.ts'
import type { Context } from '../host/host.ts'
import type { DistributionFile } from '../indexes/distribution-file.ts'
import type { Tree } from '../store/store.ts'

export interface Ahead {
  /** For all that is done ahead: reports are held back, and `stop` is its signal. */
  readonly context: Context
  /** Has the file made ready by and by. */
  begin(file: DistributionFile): void
  /** From now on nothing more is begun and nothing held back. */
  arrive(): void
  /** What has become of a file that was begun; undefined for any other. */
  treeOf(file: DistributionFile): Promise<Tree> | undefined
  /** Ends what nobody has taken. */
  stop(): void
}

/** At a time: the resolver's pages go over the same connections, and are waited for. */
const atOnce = 6

/** `make` gets the tree of a file. */
export function openAhead(context: Context, make: (file: DistributionFile) => Promise<Tree>): Ahead {
  const ending = new AbortController()
  const { signal: outer } = context
  const signal = outer === undefined ? ending.signal : AbortSignal.any([outer, ending.signal])
  const begun = new Map<string, Promise<Tree>>()
  const queue: DistributionFile[] = []
  let held: DenEvent[] | undefined
  let running = 0
  let arrived = false
  const next = (): void => {
    while (!arrived && running < atOnce && queue.length > 0) {
      const file = queue.shift()!
      running += 1
      const made = make(file).finally(() => {
        running -= 1
        next()
      })
      // Who takes it hears of it; perhaps nobody does.
      made.catch(() => undefined)
      begun.set(keyOf(file), made)
    }
  }
  return {
    context: {
      ...context,
      signal,
      report: (event) => {
        if (held === undefined) context.report(event)
        else held.push(event)
      },
    },
    begin(file) {
      // A file of this machine need not be waited for.
      if (file.place.kind !== 'url') return
      if (arrived || begun.has(keyOf(file)) || queue.some((one) => keyOf(one) === keyOf(file))) return
      held ??= []
      queue.push(file)
      next()
    },
    arrive() {
      arrived = true
      const events = held ?? []
      held = undefined
      for (const event of events) context.report(event)
    },
    treeOf: (file) => begun.get(keyOf(file)),
    stop() {
      arrived = true
      ending.abort()
    },
  }
}

/** By what it is to be: a page that was read again gives another value for the same file. */
function keyOf({ hashes, parsed }: DistributionFile): string {
  return `${hashes['sha256']} ${parsed.filename}`
}
