// The layout that version managers share: one directory a version, each an installation of its own.

import type { Host } from '../../host/host.ts'
import { compareNumbers, listQuietly, presenceOf, statQuietly } from '../looking.ts'
import type { Candidate } from './locator.ts'

/** The installations under a directory, newest first by their names. `links`: links to directories count as well. */
export function* installationsIn(
  host: Host,
  directory: string,
  { links = false }: { readonly links?: boolean } = {},
): Iterable<Candidate> {
  const entries = listQuietly(host, directory)
    .filter(({ kind }) => kind === 'directory' || (links && kind === 'link'))
    .sort((one, other) => compareNumbers(other.name, one.name))
  for (const { name } of entries) {
    const prefix = host.path.join(directory, name)
    if (name.startsWith('.') || (links && statQuietly(host, prefix) !== 'directory')) continue
    const executable = executableIn(host, prefix, name)
    if (executable !== undefined) yield { executable, name }
  }
}

/**
 * The executable of an installation: the one with the version in its name where the directory's name tells it, else the plain one.
 * The plain name also where none is there but there is a place for it, and any that this user is kept from looking at: a broken
 * installation is shown. undefined: no installation.
 */
export function executableIn(host: Host, prefix: string, name: string = ''): string | undefined {
  const { path, platform } = host
  const stem = /pypy/i.test(name) ? 'pypy' : /graal/i.test(name) ? 'graalpy' : 'python'
  if (platform === 'win32') {
    for (const file of [`${stem}.exe`, 'python.exe', path.join('Scripts', 'python.exe')]) {
      if (statQuietly(host, path.join(prefix, file)) === 'file') return path.join(prefix, file)
    }
    return undefined
  }
  const line = /(?:^|[^\d.])(\d\.\d{1,2})(?![\d])/.exec(name)?.[1]
  const threads = /freethreaded|\dt(?:-|$)/.test(name) ? 't' : ''
  const names = new Set([
    ...(line === undefined ? [] : [`${stem}${line}${threads}`]),
    stem,
    'python',
    'python3',
    'pypy3',
  ])
  for (const one of names) {
    const executable = path.join(prefix, 'bin', one)
    if (presenceOf(host, executable) !== 'absent') return executable
  }
  return statQuietly(host, path.join(prefix, 'bin')) === 'directory' ? path.join(prefix, 'bin', 'python') : undefined
}
