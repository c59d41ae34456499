// A context for tests of the layers below commands/: the real disk, an environment of the test's own, events collected.

import path from 'node:path'
import type { DenEvent } from '../../src/base/event.ts'
import type { Places } from '../../src/config/places.ts'
import { placesOf } from '../../src/config/places.ts'
import { defaultHost } from '../../src/host/default-host.ts'
import type { Context, Host } from '../../src/host/host.ts'
import { type Cleanup, scratch } from './scratch.ts'

export interface TestContext extends Context {
  readonly places: Places
  /** A folder of the test's own. */
  readonly root: string
  readonly events: readonly DenEvent[]
}

/** `env` holds nothing of the machine's own but PATH and what is given; DEN_HOME and HOME lie in the scratch folder. */
export function testContext(
  t: Cleanup,
  options: { env?: Record<string, string>; host?: Partial<Host>; signal?: AbortSignal; root?: string } = {},
): TestContext {
  const root = options.root ?? scratch(t)
  const env = {
    PATH: '/usr/bin:/bin',
    HOME: path.join(root, 'home'),
    DEN_HOME: path.join(root, 'den'),
    DEN_CACHE_DIR: path.join(root, 'cache'),
    ...options.env,
  }
  const host = defaultHost({ env, cwd: root, home: env.HOME, ...options.host })
  const events: DenEvent[] = []
  return {
    host,
    report: (event) => void events.push(event),
    signal: options.signal,
    places: placesOf(host),
    root,
    events,
  }
}
