// A process of its own that seeds one environment, for tests that kill it or start many: `node seed-child.ts JSON`.

import fs from 'node:fs'
import path from 'node:path'
import { placesOf } from '../../src/config/places.ts'
import { seedEnvironment } from '../../src/engine/seed.ts'
import { environmentPaths } from '../../src/env/paths.ts'
import { defaultHost } from '../../src/host/default-host.ts'
import { interpreter } from './interpreters.ts'

export interface SeedChild {
  /** The environment's root, made when it isn't there. */
  readonly root: string
  /** The directory of wheels that the base brings. */
  readonly wheels: string
}

/** Seeds pip with the host that the process's variables describe (DEN_HOME, DEN_TEST_FAULT). */
export async function seedChild({ root, wheels }: SeedChild): Promise<void> {
  const host = defaultHost()
  const base = interpreter('3.13.0', { wheelDirectories: [wheels] })
  const paths = environmentPaths(base, root, path.posix)
  fs.mkdirSync(paths.purelib, { recursive: true })
  const context = { host, report: () => undefined, places: placesOf(host) }
  await seedEnvironment(context, { interpreter: base, paths, staged: root, seeds: { pip: 'embed' } })
}

if (import.meta.main) await seedChild(JSON.parse(process.argv[2] ?? '{}') as SeedChild)
