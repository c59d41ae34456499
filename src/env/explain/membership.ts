// Which environment an executable or script belongs to, by the marks beside it.

import type { Host } from '../../host/host.ts'
import { ifReadable } from '../quietly.ts'

export type MembershipHost = Pick<Host, 'files' | 'path'>

/** The root of the environment that holds this executable in its bin or Scripts: a pyvenv.cfg beside it or one level up. */
export function environmentOf({ files, path }: MembershipHost, executable: string): string | undefined {
  const directory = path.dirname(executable)
  const has = (...parts: readonly string[]): boolean => ifReadable(() => files.stat(path.join(...parts))) !== undefined
  const root = path.dirname(directory)
  for (const place of [directory, root]) if (has(place, 'pyvenv.cfg')) return place
  if (has(root, 'conda-meta')) return root
  const libraries = ifReadable(() => files.list(path.join(root, 'lib'))) ?? []
  const old = libraries.some(({ name }) => name.startsWith('python') && has(root, 'lib', name, 'orig-prefix.txt'))
  return old ? root : undefined
}
