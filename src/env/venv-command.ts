// The `command` line that venv writes into pyvenv.cfg from Python 3.11 on: what makes such an environment again.

import type { Interpreter } from '../python/interpreter.ts'
import type { BasePython } from './base.ts'

export interface VenvFlags {
  readonly systemSitePackages?: boolean
  readonly copies?: boolean
  readonly prompt?: string
  readonly existing?: string
  readonly ignoreFiles?: boolean
  readonly seeds?: { readonly pip?: string | false }
}

/** In the order in which venv writes them; undefined before 3.11, and for a path that no line can hold as it is. */
export function venvCommand(
  interpreter: Interpreter,
  base: BasePython,
  flags: VenvFlags,
  root: string,
): string | undefined {
  const { version, platform } = interpreter
  if (version.major !== 3 || version.minor < 11 || root !== root.trim()) return undefined
  const words = [base.executable, '-m', 'venv']
  if (flags.copies === true && platform !== 'win32') words.push('--copies')
  if (typeof flags.seeds?.pip !== 'string') words.push('--without-pip')
  if (flags.systemSitePackages === true) words.push('--system-site-packages')
  if (flags.existing === 'clear') words.push('--clear')
  if (flags.existing === 'upgrade') words.push('--upgrade')
  if (flags.seeds?.pip === 'latest') words.push('--upgrade-deps')
  if (flags.prompt !== undefined) words.push(`--prompt="${flags.prompt}"`)
  if (flags.ignoreFiles === false && version.minor >= 13) words.push('--without-scm-ignore-files')
  words.push(root)
  return words.join(' ')
}
