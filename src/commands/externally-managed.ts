// PEP 668: an installation that belongs to another package manager says so in a file beside its standard library.

import { DenError } from '../base/error.ts'
import { ifReadable } from '../env/quietly.ts'
import { findIniOption, parseIni } from '../format/ini.ts'
import { type Host, variable } from '../host/host.ts'
import type { Core } from './core.ts'
import type { AimedEnvironment } from './pip-environment.ts'

/** Throws `externally-managed` for such an installation. Environments are never managed, whatever their base is. */
export function checkExternallyManaged(core: Core, { interpreter, isVirtual, prefix }: AimedEnvironment): void {
  const file = interpreter.externallyManaged
  if (isVirtual || file === undefined) return
  const says = messageIn(core.host, file)
  throw new DenError('externally-managed', { prefix, file, ...(says === undefined ? {} : { says }) })
}

/** The file's own words: in the user's language where it has them. */
function messageIn(host: Host, file: string): string | undefined {
  const text = ifReadable(() => host.files.readText(file))
  if (text === undefined) return undefined
  try {
    const ini = parseIni(text, { file })
    const keys = [...languages(host).map((language) => `Error-${language}`), 'Error']
    for (const key of keys) {
      const found =
        findIniOption(ini, 'externally-managed', key) ?? findIniOption(ini, 'externally-managed', key.toLowerCase())
      if (found !== undefined) return found.value.trim()
    }
  } catch (error) {
    // What can't be read says nothing, and still marks the installation.
    if (!(error instanceof DenError) || error.code !== 'invalid-ini') throw error
  }
  return undefined
}

/** "de_DE" and then "de". */
function languages(host: Pick<Host, 'env' | 'platform'>): readonly string[] {
  const set = ['LC_ALL', 'LC_MESSAGES', 'LANG'].map((name) => variable(host, name)).find((value) => value)
  const language = set?.split(/[.@]/)[0] ?? ''
  if (language === '' || language === 'C' || language === 'POSIX') return []
  return [...new Set([language, language.split(/[-_]/)[0]!])]
}
