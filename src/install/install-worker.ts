// The thread that installs trees beside the one that was asked (together.ts). It reads manifests from the store itself, which is cheaper
// than being handed them, and gives back what it did when nothing is left to take.

import { parentPort, workerData } from 'node:worker_threads'
import type { DenEvent } from '../base/event.ts'
import { defaultHost } from '../host/default-host.ts'
import { parseManifest } from '../store/manifest.ts'
import { installTree } from './install.ts'
import { cells, type InstallAnswer, type InstallJob } from './install-job.ts'
import { openLinker } from './linker.ts'

/** What goes wrong here goes wrong on the other thread too, or is mended there; so it is left to that one. */
async function run({ requests, mode, shared }: InstallJob): Promise<readonly InstallAnswer[]> {
  Atomics.store(shared, cells.begun, 1)
  const host = defaultHost()
  const answers: InstallAnswer[] = []
  let events: DenEvent[] = []
  const context = { host, report: (event: DenEvent) => void events.push(event) }
  // That files are copied is said by the other thread, which meets the same file systems.
  const linker = openLinker({ host, report: () => undefined }, mode)
  for (;;) {
    const turn = Atomics.add(shared, cells.taken, 1)
    const request = requests[turn]
    if (request === undefined) return answers
    events = []
    try {
      const manifest = parseManifest(host.files.readBytes(request.tree.manifest))
      if (manifest?.sha256 !== request.tree.sha256) continue
      const tree = { directory: request.tree.directory, manifest, private: false }
      const { record: _, ...done } = await installTree(context, { ...request, tree, linker })
      answers.push({ turn, tree: done, events })
    } catch {}
  }
}

if (parentPort !== null) void run(workerData as InstallJob).then((answers) => parentPort?.postMessage(answers))
