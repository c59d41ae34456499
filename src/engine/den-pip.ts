// den's own pip as a seed: a wheel that den makes itself, for each minor version of Python (its scripts carry the version in their
// names). It is made once a store; after that the store is asked for it by what it was made of, and nothing is read or hashed.

import type { ProjectName } from '../base/brand.ts'
import type { Platform } from '../host/host.ts'
import type { Interpreter } from '../python/interpreter.ts'
import type { Store } from '../store/store.ts'
import { denPipDigest } from './den-pip.generated.ts'
import type { SeedSource } from './seed-files.ts'

/** The pip whose command line `den pip` speaks, and whose it is. */
export const denPipVersion = '26.3+den'

/** Whether an installed distribution is den's pip rather than the real one. */
export function isDenPip(distribution: { readonly project: ProjectName; readonly version: string }): boolean {
  return distribution.project === ('pip' as string) && distribution.version.endsWith('+den')
}

/** The wheel for this Python, or the tree that the store remembers of it. */
export function denPipSource(store: Store, { version, platform }: Pick<Interpreter, 'version' | 'platform'>): SeedSource {
  const python = `${version.major}.${version.minor}`
  const identity = `den-pip\0${denPipDigest}\0${python}\0${kindOf(platform)}`
  const tree = store.remembered(identity)
  const wheel = {
    filename: `pip-${denPipVersion}-py${version.major}${version.minor}-none-any.whl`,
    identity,
    read: async () => (await import('./den-pip-wheel.ts')).denPipWheel(version, kindOf(platform)),
  }
  return { version: denPipVersion, wheel, ...(tree === undefined ? {} : { tree }) }
}

function kindOf(platform: Platform): 'shell' | 'launcher' {
  return platform === 'win32' ? 'launcher' : 'shell'
}
