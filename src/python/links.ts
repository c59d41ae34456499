// Following links the way getpath does: the executable's own link, link by link, while links among its directories stay as they are.

import type { Host } from '../host/host.ts'

export type LinkEnd =
  | { readonly kind: 'found'; readonly path: string }
  | { readonly kind: 'dangling'; readonly target: string }
  | { readonly kind: 'loop' }

/** Where the last component's links end. Directory links stay: a Python called through one takes its prefix from there. */
export function followLinks(host: Pick<Host, 'files' | 'path'>, path: string): LinkEnd {
  let current = path
  for (let depth = 0; depth < 40; depth += 1) {
    const facts = host.files.lstat(current)
    if (facts === undefined) return { kind: 'dangling', target: current }
    if (facts.kind !== 'link') return { kind: 'found', path: current }
    const target = host.files.readLink(current)
    if (target === undefined) return { kind: 'found', path: current }
    current = host.path.resolve(host.path.dirname(current), target)
  }
  return { kind: 'loop' }
}
