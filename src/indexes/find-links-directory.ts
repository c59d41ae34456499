// A directory of wheels: the form of find-links that needs no network, and what ensurepip and Debian keep theirs in.

import type { Context } from '../host/host.ts'

/** A wheel on this machine. */
export interface LinkedPath {
  readonly kind: 'path'
  readonly filename: string
  readonly path: string
  readonly size: number
  /** Milliseconds since 1970. */
  readonly modified: number
}

/** The wheels in a directory, by name; none where there is no such directory. `filter` decides by the name before a file is looked at. */
export function wheelsIn(
  { host }: Pick<Context, 'host'>,
  directory: string,
  filter: (filename: string) => boolean,
): readonly LinkedPath[] {
  const { files, path } = host
  return (files.list(directory) ?? [])
    .filter(({ name, kind }) => kind !== 'directory' && name.endsWith('.whl') && filter(name))
    .flatMap(({ name }) => {
      const file = path.join(directory, name)
      const facts = files.stat(file)
      return facts?.kind === 'file'
        ? [{ kind: 'path' as const, filename: name, path: file, size: facts.size, modified: facts.modified }]
        : []
    })
    .sort((a, b) => (a.filename < b.filename ? -1 : 1))
}
