// What the locators come across, brought together: one entry an interpreter, however many names lead to it.

import { isDenError } from '../base/error.ts'
import type { Host } from '../host/host.ts'
import type { Locator } from './locators/locator.ts'
import { membershipOf } from './virtual.ts'

export interface GatheredCandidate {
  readonly executable: string
  readonly locator: string
  readonly name?: string
  /** Grows while more names for it are met. */
  readonly alsoAt: string[]
}

/**
 * What makes two addresses one interpreter: the same file in the same directory, links resolved. Hard links in another directory
 * are another installation (conda shares files between environments so), and a virtual environment's link is the environment's.
 */
export function identityOf(host: Host, executable: string): string {
  const { files, path, platform } = host
  try {
    const membership = membershipOf(host, executable)
    if (membership !== undefined) return `environment ${files.realPath(membership.root) ?? membership.root}`
    const real = files.realPath(executable)
    if (real === undefined) return `missing ${executable}`
    if (platform === 'win32') return real.toLowerCase()
    const facts = files.stat(real)
    // python3.6 and python3.6m are two names of one file.
    return facts !== undefined && facts.links > 1 ? `${path.dirname(real)} ${facts.device} ${facts.inode}` : real
  } catch (error) {
    if (isDenError(error, 'permission-denied', 'io-failed')) return `unreadable ${executable}`
    throw error
  }
}

/** Runs the locators in order. Nothing is inspected; an address is met once, and its first locator keeps it. */
export async function gather(
  host: Host,
  locators: readonly Locator[],
  seen: ReadonlySet<string> = new Set(),
): Promise<readonly GatheredCandidate[]> {
  const found = new Map<string, GatheredCandidate>()
  const identities = new Map<string, string>()
  for (const locator of locators) {
    for await (const { executable, name, alsoAt = [] } of locator.find(host)) {
      const identity = identities.get(executable) ?? identityOf(host, executable)
      identities.set(executable, identity)
      if (seen.has(identity)) continue
      const known = found.get(identity)
      if (known === undefined) {
        const entry = { executable, locator: locator.name, alsoAt: [...alsoAt] }
        found.set(identity, name === undefined ? entry : { ...entry, name })
        continue
      }
      for (const address of [executable, ...alsoAt]) {
        if (address !== known.executable && !known.alsoAt.includes(address)) known.alsoAt.push(address)
      }
      // The tool that installed it knows its name, though PATH came first.
      if (known.name === undefined && name !== undefined) found.set(identity, { ...known, name })
    }
  }
  return [...found.values()]
}
