// Environments that nobody keeps: for `--with`, for scripts, for one isolated run. They lie in the cache under a hash of all that they
// are made of, links to whole packages where that can be had, and go when nobody has used them for long.

import { denVersion } from '../base/version.ts'
import { environmentPaths } from '../env/paths.ts'
import { ifReadable } from '../env/quietly.ts'
import { isEnvironment } from '../env/select.ts'
import { pathOfAddress } from '../host/file-address.ts'
import { sha256Hex } from '../host/hash.ts'
import type { Host } from '../host/host.ts'
import type { Interpreter } from '../python/interpreter.ts'
import type { Core } from './core.ts'
import type { ProjectPackagesWish } from './library-request.ts'
import { sourceStamp } from './lock-difference.ts'
import { sayWhatIsTooYoung } from './project-age.ts'

export const environmentBucket = 'environments-v1'

export interface CachedEnvironmentRequest {
  readonly interpreter: Interpreter
  /** What is put in. */
  readonly wish: ProjectPackagesWish
  /** All that decides what is put in: names, texts of files, indexes, how versions are chosen. */
  readonly facts: readonly unknown[]
  /** Directories of packages that are seen through it. */
  readonly over?: readonly string[]
  /** One that is there gives way to another. */
  readonly anew?: boolean
  /** Nothing is made. */
  readonly dryRun?: boolean
}

export interface CachedEnvironment {
  readonly root: string
  readonly outcome: 'kept' | 'created' | 'replaced' | 'planned'
}

/** The place in the cache for what is made of these facts. */
export function cachedEnvironmentRoot(
  { host, places }: Core,
  { executable, version }: Pick<Interpreter, 'executable' | 'version'>,
  facts: readonly unknown[],
): string {
  const key = sha256Hex(JSON.stringify([denVersion, executable, version, facts])).slice(0, 24)
  return host.path.join(places.cache, environmentBucket, key)
}

/** How what an address stands for looks, if it lies on this machine, where it may change though its address stays. */
export function linkStamp(
  { files, path }: Pick<Host, 'files' | 'path'>,
  link: string,
  editable: boolean,
): readonly string[] {
  const place = pathOfAddress(link.replace(/#.*$/, ''))
  if (place === undefined) return []
  const facts = ifReadable(() => files.stat(place))
  const stamp =
    facts?.kind === 'directory' ? sourceStamp({ files, path }, place, editable) : `${facts?.size} ${facts?.modified}`
  return [`${place} ${stamp}`]
}

/** It is made where it isn't there yet. Throws what making environments and installing packages throw. */
export async function cachedEnvironment(core: Core, request: CachedEnvironmentRequest): Promise<CachedEnvironment> {
  const { host } = core
  const { interpreter, wish, facts, over = [], anew = false, dryRun = false } = request
  const root = cachedEnvironmentRoot(core, interpreter, [facts, over])
  const { purelib } = environmentPaths(interpreter, root, host.path)
  const layer = host.path.join(purelib, 'den-over.pth')
  const line = layerText(over, interpreter)
  const isThere = (): boolean => isEnvironment(core, root) && (over.length === 0 || host.files.readText(layer) === line)
  const wasThere = isThere()
  if (!anew && wasThere) return { root, outcome: 'kept' }
  if (dryRun) return { root, outcome: 'planned' }
  const working = { ...core, host: host.unnoted?.() ?? host }
  const isAsked = [wish.packages, wish.requirements, wish.scripts, wish.editables].some(
    (list) => (list ?? []).length > 0,
  )
  const { create } = await import('./create.ts')
  await create(working, {
    paths: [root],
    python: interpreter.executable,
    existing: anew ? 'clear' : 'keep',
    linkMode: 'instant',
    ...(isAsked ? { with: wish } : {}),
  }).catch(async (error: unknown) => {
    if (wish.settings !== undefined) await sayWhatIsTooYoung(working, wish.settings, error)
    throw error
  })
  // Until this stands there the environment counts for none.
  if (over.length > 0) working.host.disk.writeAtomic(layer, line)
  return { root, outcome: wasThere ? 'replaced' : 'created' }
}

/**
 * What site runs for each environment that starts: the directories come behind the environment's own, with their .pth files. Before Python
 * 3.12 a comprehension there sees nothing of what the line has imported. The file is read in the locale's encoding, whatever that is, so
 * the line is ASCII, and names are the bytes that they are.
 */
function layerText(over: readonly string[], { version }: Pick<Interpreter, 'version'>): string {
  const places = `[${over.map(bytesLiteral).join(', ')}]`
  return `import os, site; list(map(site.addsitedir, ${version.major === 2 ? places : `map(os.fsdecode, ${places})`}))\n`
}

function bytesLiteral(text: string): string {
  const plain = (byte: number): boolean => byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c
  const letters = [...new TextEncoder().encode(text)].map((byte) =>
    plain(byte) ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
  )
  return `b"${letters.join('')}"`
}
