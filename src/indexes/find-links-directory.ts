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
  /** What the page that names it says of it, in hexadecimal digits. */
  readonly sha256?: string
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
      const wheel = wheelAt(files, path.join(directory, name), name)
      return wheel === undefined ? [] : [wheel]
    })
    .sort((a, b) => (a.filename < b.filename ? -1 : 1))
}

/** The wheel at a path; undefined when there is no file. */
export function wheelAt(files: Context['host']['files'], path: string, filename: string): LinkedPath | undefined {
  const facts = files.stat(path)
  return facts?.kind === 'file'
    ? { kind: 'path', filename, path, size: facts.size, modified: facts.modified }
    : undefined
}
