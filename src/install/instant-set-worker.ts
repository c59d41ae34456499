// The thread that goes through lists beside the one that was asked, for commands that make many environments of one set: most of that is
// the kernel's work for `link` and `mkdir`, which two threads get done in little more than half the time.

import { parentPort } from 'node:worker_threads'
import { defaultHost } from '../host/default-host.ts'
import type { RowsDone } from '../host/place-rows.ts'
import type { WorkerReply } from '../host/workers.ts'
import { type KeptSet, placeSet, readSet, type SetJob, withoutLooks } from './instant-set.ts'
import { openLinker } from './linker.ts'

export interface HandedSet extends SetJob {
  /** Where the set is kept, and which it has to be. */
  readonly file: string
  readonly seal: string
  /** Whether what it rests on is to be looked at. */
  readonly looks: boolean
}

/** `lost`: it is not there any more as the other thread knows it; nothing was made. */
export type SetAnswer = RowsDone | 'lost'

const host = defaultHost()
const copier = openLinker({ host, report: () => undefined }, 'copy')
let known: { readonly file: string; readonly whole: KeptSet; readonly rest: KeptSet } | undefined

function run(job: HandedSet): SetAnswer {
  const { file, seal, looks } = job
  if (known?.file !== file || known.whole.seal !== seal) {
    const whole = readSet(host, { file })
    if (whole?.seal !== seal) return 'lost'
    known = { file, whole, rest: withoutLooks(whole) }
  }
  return placeSet(host, looks ? known.whole : known.rest, job, copier)
}

parentPort?.on('message', (job: HandedSet) => {
  let reply: WorkerReply<SetAnswer>
  try {
    reply = { answer: run(job) }
  } catch {
    // Whatever it is, the thread that was asked meets it too, and says so.
    reply = { answer: 'stopped' }
  }
  parentPort?.postMessage(reply)
})
