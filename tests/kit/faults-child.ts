// A process of its own that changes one environment, several times: for tests that kill it, or run many. The words are one JSON argument;
// DEN_TEST_FAULT is honoured by the default host. Prints "done", or the error's code.

import { isDenError } from '../../src/base/error.ts'
import { placesOf } from '../../src/config/places.ts'
import { defaultHost } from '../../src/host/default-host.ts'
import { change, type SceneChange } from './faults-scene.ts'

export interface ChildChanges {
  readonly root: string
  readonly changes: readonly SceneChange[]
}

const { root, changes } = JSON.parse(process.argv[2]!) as ChildChanges
const host = defaultHost({ cwd: root })
const context = { host, report: () => undefined, places: placesOf(host) }
try {
  for (const one of changes) await change(context, root, one)
  process.stdout.write('done')
} catch (error) {
  if (!isDenError(error)) throw error
  process.stdout.write(`${error.code}: ${error.message}`)
}
