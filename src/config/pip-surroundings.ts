// The machine as requirements files see it: the working directory, what stands there, variables, the locale.

import { type Host, variable } from '../host/host.ts'
import type { FileContent, RequirementsContext } from '../spec/requirements-txt.ts'
import { percentDecoded } from '../spec/requirements-txt-url.ts'

type SurroundingsHost = Pick<Host, 'env' | 'platform' | 'path' | 'cwd' | 'files'>

/** What `parseRequirementsText` and `parseRequirementSource` look at, on this machine. */
export function requirementsContextOf(host: SurroundingsHost): RequirementsContext {
  const { files, path, cwd } = host
  const localeEncoding = localeEncodingOf(host)
  return {
    directory: cwd,
    path,
    look: (place) => {
      // Whether it may be read is seen by whoever reads it.
      const kind = kindOf(files, place)
      if (kind !== 'directory') return kind
      const isProject = ['pyproject.toml', 'setup.py'].some((file) => kindOf(files, path.join(place, file)) === 'file')
      return isProject ? 'project' : 'directory'
    },
    variable: (name) => variable(host, name),
    ...(localeEncoding === undefined ? {} : { localeEncoding }),
  }
}

/** The bytes of a requirements file on this machine, given as a path or a `file:` URL; undefined where it isn't there. */
export function readRequirementsPlace(host: Pick<Host, 'files' | 'platform'>, place: string): FileContent {
  if (!/^file:/i.test(place)) return host.files.readBytes(place)
  const plain = percentDecoded(place.replace(/^file:(?:\/\/(?:localhost)?(?=\/))?/i, '').replace(/[?#].*$/s, ''))
  return host.files.readBytes(host.platform === 'win32' ? plain.replace(/^\/(?=[a-z]:)/i, '') : plain)
}

function kindOf(files: Host['files'], place: string): 'file' | 'directory' | undefined {
  // A name that no file can have, as requirements often are one, is no error here.
  if (place.includes('\0')) return undefined
  try {
    const kind = files.stat(place)?.kind
    return kind === undefined ? undefined : kind === 'directory' ? 'directory' : 'file'
  } catch {
    return undefined
  }
}

/** What stands behind the dot of LC_ALL and its kin: "ISO-8859-1". */
function localeEncodingOf(host: Pick<Host, 'env' | 'platform'>): string | undefined {
  const locale = ['LC_ALL', 'LC_CTYPE', 'LANG'].map((name) => variable(host, name)).find((value) => value)
  return /\.([\w-]+)/.exec(locale ?? '')?.[1]
}
