// netrc files, read as CPython's netrc module reads them: words apart by blanks, "quoted" ones, and a backslash that takes the next
// character as it is. Comments are more forgiving than there: a `#` where a keyword should stand ends the line.

import type { Files } from '../host/files.ts'
import { type Host, variable } from '../host/host.ts'
import type { Credentials } from './auth.ts'

/** Machine to login; `default` holds for every machine that isn't named. */
export type Netrc = ReadonlyMap<string, Credentials>

/** Throws a plain Error that says which word can't be understood; never one that stands where a password would. */
export function parseNetrc(text: string): Netrc {
  const machines = new Map<string, Credentials>()
  const blanks = ' \t\r\n'
  let at = 0
  const word = (): string => {
    while (at < text.length && blanks.includes(text[at]!)) at += 1
    const quoted = text[at] === '"'
    if (quoted) at += 1
    let found = ''
    while (at < text.length && !(quoted ? text[at] === '"' : blanks.includes(text[at]!))) {
      if (text[at] === '\\') at += 1
      found += text[at] ?? ''
      at += 1
    }
    if (quoted) at += 1
    return found
  }
  const skipLine = (): void => {
    const end = text.indexOf('\n', at)
    at = end === -1 ? text.length : end + 1
  }
  let keyword = word()
  while (keyword !== '') {
    if (keyword.startsWith('#')) {
      skipLine()
      keyword = word()
      continue
    }
    if (keyword === 'macdef') {
      // A macro goes up to the first empty line.
      const end = text.indexOf('\n\n', at)
      if (end === -1) throw new Error('a macro has no empty line at its end')
      at = end + 2
      keyword = word()
      continue
    }
    if (keyword !== 'machine' && keyword !== 'default') throw new Error('a word stands where "machine" should')
    const name = keyword === 'machine' ? word() : 'default'
    if (name === '') throw new Error('a machine has no name')
    let username = ''
    let password = ''
    for (keyword = word(); !['', 'machine', 'default', 'macdef'].includes(keyword); keyword = word()) {
      if (keyword.startsWith('#')) skipLine()
      else if (keyword === 'login' || keyword === 'user') username = word()
      else if (keyword === 'password') password = word()
      else if (keyword === 'account') word()
      else throw new Error(`the entry of ${name} has a word that is none of login, user, account and password`)
    }
    machines.set(name, { username, password })
  }
  return machines
}

/** The file that NETRC names, else ~/.netrc, else ~/_netrc; undefined where there is none. */
export function netrcFile(
  host: Pick<Host, 'env' | 'platform' | 'path' | 'home' | 'cwd'> & { files: Pick<Files, 'stat'> },
): string | undefined {
  const named = variable(host, 'NETRC')
  const { home } = host
  const places =
    named === undefined || named === ''
      ? home === undefined
        ? []
        : ['.netrc', '_netrc'].map((name) => host.path.join(home, name))
      : [host.path.resolve(host.cwd, named.replace(/^~(?=[\\/]|$)/, home ?? '~'))]
  return places.find((file) => host.files.stat(file)?.kind === 'file')
}
