// Who else goes through lists: a thread for each further core, for as long as a command makes environments.

import { realDisk } from '../host/disk.ts'
import type { Host } from '../host/host.ts'
import { workerUrl } from '../host/worker-url.ts'
import { openWorkers, spareThreads } from '../host/workers.ts'
import type { KeptSet, SetJob, SetPlace } from './instant-set.ts'
import type { HandedSet, SetAnswer } from './instant-set-worker.ts'

export interface SetHelper {
  /** Goes through the list beside this thread; undefined where it is this thread's turn. */
  place(place: SetPlace, set: KeptSet, job: SetJob): Promise<SetAnswer> | undefined
  close(): void
}

/** Undefined where nobody can help: a disk that isn't the real one (a test's, one with faults) exists on this thread alone. */
export function openSetHelper({ disk }: Host): SetHelper | undefined {
  const size = spareThreads()
  if (disk !== realDisk || size === 0) return undefined
  const lost = new Error('the worker thread ended')
  // One that it is at, and one that it finds when it is done with that.
  const workers = openWorkers<HandedSet, SetAnswer>({
    url: workerUrl('install/instant-set-worker'),
    size,
    depth: 2,
    revive: () => lost,
    lost,
  })
  return {
    place: ({ file }, set, job) => {
      const given = { ...job, file, seal: set.seal, looks: set.looks > 0 }
      // One that died may have made a part of it.
      return workers.tryRun(given)?.catch(() => 'stopped' as const)
    },
    close: workers.close,
  }
}
