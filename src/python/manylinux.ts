// `_manylinux`: a module by which a distribution of Linux says that wheels built for glibc elsewhere don't run on it (PEP 513, 571, 599,
// 600). It is code, and den runs none: what it is known to say is read from its text.

import type { Host } from '../host/host.ts'
import type { ManylinuxPolicy } from '../spec/tag-platform.ts'
import type { Interpreter } from './interpreter.ts'

/** What the interpreter's own `_manylinux` says; undefined where there is none. */
export function readManylinuxPolicy(
  { files, path }: Pick<Host, 'files' | 'path'>,
  { stdlib, platstdlib, vendor, soabi }: Interpreter,
): ManylinuxPolicy | undefined {
  const directories = new Set([stdlib, path.join(stdlib, 'site-packages'), path.join(platstdlib, 'site-packages')])
  if (vendor === 'debian') directories.add('/usr/lib/python3/dist-packages')
  for (const directory of directories) {
    const text = files.readText(path.join(directory, '_manylinux.py'))
    if (text !== undefined) return policyOf(text)
    // A compiled one can't be read. It is there for one purpose.
    if (soabi !== undefined && files.stat(path.join(directory, `_manylinux.${soabi}.so`)) !== undefined)
      return { all: false }
  }
  return undefined
}

/**
 * The three variables of the older standards count each for itself. The function `manylinux_compatible` may say anything; it is taken to
 * say no, since a distribution that says yes needs no such module.
 */
function policyOf(text: string): ManylinuxPolicy {
  if (/^\s*(?:def\s+manylinux_compatible\b|manylinux_compatible\s*=|from\b.*\bmanylinux_compatible\b)/m.test(text)) {
    return { all: false }
  }
  const policy: { -readonly [Name in keyof ManylinuxPolicy]: ManylinuxPolicy[Name] } = {}
  for (const name of ['manylinux1', 'manylinux2010', 'manylinux2014'] as const) {
    const said = new RegExp(`^\\s*${name}_compatible\\s*=\\s*(False|0|None)\\b`, 'm').test(text)
    if (said) policy[name] = false
  }
  return policy
}
