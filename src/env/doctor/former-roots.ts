// Under which paths an environment's files know it: what stands in its activation scripts and in the first lines of its scripts.

import { ifReadable } from '../quietly.ts'
import { isInside } from '../size.ts'
import type { Examination } from './examination.ts'

/** The path that an activation script sets VIRTUAL_ENV to; undefined when it finds it out by itself. */
export function activationRoot(text: string): string | undefined {
  const patterns = [
    // sh, and cmd's `set "VIRTUAL_ENV=C:\x"`
    /^[ \t]*(?:@?set )?"?(?:export )?VIRTUAL_ENV=(?:"([^"$`\r\n]+)"|'((?:[^']|'(?:\\''|"'"'))+)'|([^\s"'$;`]+(?: [^\s"'$;`]+)*))/m,
    // csh: setenv VIRTUAL_ENV "/x"; fish: set -gx VIRTUAL_ENV '/x'
    /^[ \t]*(?:setenv|set -gx) VIRTUAL_ENV (?:"([^"$`\r\n]+)"|'([^'\r\n]+)'|([^\s"'$;`(]+))/m,
  ]
  for (const pattern of patterns) {
    const match = pattern.exec(text)
    const found = match?.[1] ?? match?.[2]?.replaceAll("'\\''", "'").replaceAll(`'"'"'`, "'") ?? match?.[3]
    if (found !== undefined && /^(?:\/|[A-Za-z]:[\\/])/.test(found)) return found
  }
  return undefined
}

export interface FormerRoots {
  /** Other paths than the present one, those first that most files name. */
  readonly roots: readonly string[]
  /** The files that name them. */
  readonly witnesses: readonly string[]
}

export function formerRoots(examination: Examination): FormerRoots {
  const { environment, context, scripts, distributions } = examination
  const { files, path } = context.host
  const real = ifReadable(() => files.realPath(environment.root)) ?? environment.root
  const isOwn = (root: string): boolean => {
    const plain = path.resolve(root)
    if (plain === environment.root || plain === real) return true
    return ifReadable(() => files.realPath(plain)) === real
  }
  const named = new Map<string, string[]>()
  const note = (root: string, witness: string): void => {
    const plain = path.resolve(root)
    named.set(plain, [...(named.get(plain) ?? []), witness])
  }
  const activated = new Set<string>()
  for (const { name, head } of scripts()) {
    if (!/^activate(?:\.(?:sh|fish|csh|bat))?$/.test(name)) continue
    const root = activationRoot(head)
    if (root === undefined || isOwn(root)) continue
    note(root, name)
    activated.add(path.resolve(root))
  }
  // A script of the user's own may well call another Python; one that was installed here calls this environment's.
  const library = environment.paths.purelib
  const installed = new Set(
    distributions().flatMap((distribution) =>
      distribution
        .record()
        .filter((row) => row.startsWith('../') || path.isAbsolute(row))
        .map((row) => path.resolve(library, row)),
    ),
  )
  for (const { name, place, header } of scripts()) {
    if (header === undefined || header.form === 'relocatable') continue
    const directory = path.dirname(header.python)
    if (!path.isAbsolute(directory) || !/^(?:bin|scripts)$/i.test(path.basename(directory))) continue
    const root = path.dirname(directory)
    if (isOwn(root) || (!installed.has(place) && !activated.has(root))) continue
    if (environment.base.home !== undefined && isInside(path, root, environment.base.home) && !activated.has(root))
      continue
    note(root, name)
  }
  const sorted = [...named].sort((left, right) => right[1].length - left[1].length)
  return { roots: sorted.map(([root]) => root), witnesses: [...new Set(sorted.flatMap(([, names]) => names))] }
}
