// den's own pip as a seed: a wheel that den makes itself, for each minor version of Python (its scripts carry the version in their
// names). It is made once a store; after that the store is asked for it by what it was made of, and nothing is read or hashed.

import { denPipDigest, denPipVersion } from '../env/den-pip.ts'
import type { Interpreter } from '../python/interpreter.ts'
import type { Store, Tree } from '../store/store.ts'
import type { SeedSource } from './seed-files.ts'

/** The tree of den's pip for this Python; made in `fallback` where the store can't be written. */
export async function denPipTree(
  store: Store,
  interpreter: Pick<Interpreter, 'version' | 'platform'>,
  fallback: string,
): Promise<Tree> {
  const { tree, wheel } = denPipSource(store, interpreter)
  return tree ?? (await store.ensure(wheel, fallback))
}

/** The wheel for this Python, or the tree that the store remembers of it. */
export function denPipSource(
  store: Pick<Store, 'remembered'>,
  { version, platform }: Pick<Interpreter, 'version' | 'platform'>,
): SeedSource {
  const scripts = platform === 'win32' ? 'launcher' : 'shell'
  const identity = `den-pip\0${denPipDigest}\0${version.major}.${version.minor}\0${scripts}`
  const tree = store.remembered(identity)
  const wheel = {
    filename: `pip-${denPipVersion}-py2.py3-none-any.whl`,
    identity,
    read: async () => (await import('./den-pip-wheel.ts')).denPipWheel(version, scripts),
  }
  return { version: denPipVersion, wheel, ...(tree === undefined ? {} : { tree }) }
}
