// Where the links of an archive lead: only to places inside its top directory, whatever other links stand on the way.

import type { TarEntry } from './tar.ts'
import { collisionKey } from './zip-names.ts'

export interface LinkProblem {
  readonly entry: string
  readonly reason: string
}

/**
 * The first symbolic link that leads out of `top` ("" for the archive itself), or hard link that is none to a file before it. That no
 * entry stands behind a link is the reader's to check. Targets are followed as a file system does it: each link on the way is taken, then `..` is counted.
 */
export function findLinkProblem(entries: readonly TarEntry[], top: string): LinkProblem | undefined {
  const links = new Map<string, string>()
  const files = new Set<string>()
  for (const { name, kind, target } of entries) {
    if (kind === 'symlink') links.set(collisionKey(name), target!)
  }
  for (const { name, kind, target } of entries) {
    if (kind === 'file') files.add(name)
    if (kind === 'hardlink') {
      const clean = target!.startsWith('./') ? target!.slice(2) : target!
      if (!files.has(clean))
        return { entry: name, reason: `it is a hard link to ${JSON.stringify(target)}, no file before it` }
    }
    if (kind === 'symlink') {
      const reason = symlinkProblem(name, target!, links, top)
      if (reason !== undefined) return { entry: name, reason }
    }
  }
  return undefined
}

function symlinkProblem(
  name: string,
  target: string,
  links: ReadonlyMap<string, string>,
  top: string,
): string | undefined {
  if (/[\0\\]/.test(target) || /^[A-Za-z]:/.test(target)) return 'it is a link to a place that systems read differently'
  const out = `it is a link to ${JSON.stringify(target)}, outside the archive's directory`
  if (target.startsWith('/')) return out
  const floor = top === '' ? 0 : top.split('/').length
  const place = name.split('/').slice(0, -1)
  const steps = target.split('/').reverse()
  let followed = 0
  while (steps.length > 0) {
    const step = steps.pop()!
    if (step === '' || step === '.') continue
    if (step === '..') {
      place.pop()
      if (place.length < floor) return out
      continue
    }
    place.push(step)
    const further = links.get(collisionKey(place.join('/')))
    if (further === undefined) continue
    followed += 1
    if (followed > 40) return 'it is part of a loop of links'
    if (further.startsWith('/')) return out
    place.pop()
    steps.push(...further.split('/').reverse())
  }
  return undefined
}
