// How an environment finds den again: the key `den-command` of its pyvenv.cfg holds the words that start den, quoted for a POSIX shell.
// den's own pip reads it (assets/pip/); where it leads nowhere any more, the next den command on the environment writes it anew.

import { isDenError } from '../base/error.ts'
import { shellWord } from '../base/shell-word.ts'
import type { Context, Host } from '../host/host.ts'
import { type PyvenvCfg, parsePyvenvCfg } from '../spec/pyvenv-cfg.ts'
import { ifReadable } from './quietly.ts'
import { unquoteShellWords } from './shell-words.ts'

export const denCommandKey = 'den-command'

/** The value for this den; undefined for the library, and for a den whose path one line cannot hold. */
export function denCommand({ self }: Pick<Host, 'self'>): string | undefined {
  if (self === undefined || self.some((word) => /[\0\n\r\v\f\x1c-\x1e\x85\u2028\u2029\uFFFD]/.test(word)))
    return undefined
  return self.map(shellWord).join(' ')
}

/** Whether what the words start is still there. */
export function denCommandStands({ files, path }: Pick<Host, 'files' | 'path'>, command: string): boolean {
  const words = unquoteShellWords(command)
  if (words === undefined || words.length === 0) return false
  return words.every((word) => !path.isAbsolute(word) || ifReadable(() => files.stat(word)) !== undefined)
}

/**
 * Has the environment know this den where the one that it knows is gone; `read` is its pyvenv.cfg, when somebody has read it. An
 * environment that can't be written stays as it is.
 */
export function refreshDenCommand({ host }: Pick<Context, 'host'>, root: string, read?: PyvenvCfg): void {
  const { files, path, disk } = host
  const file = path.join(root, 'pyvenv.cfg')
  const cfg = read ?? parsePyvenvCfg(ifReadable(() => files.readText(file)) ?? '')
  const known = cfg.values.get(denCommandKey)
  if (known === undefined || denCommandStands(host, known)) return
  const present = denCommand(host)
  const text = present === undefined || present === known ? undefined : ifReadable(() => files.readText(file))
  if (text === undefined) return
  const line = /^[ \t]*den-command[ \t]*=.*$/im
  try {
    disk.writeAtomic(
      file,
      text.replace(line, () => `${denCommandKey} = ${present}`),
    )
  } catch (error) {
    if (!isDenError(error)) throw error
  }
}
