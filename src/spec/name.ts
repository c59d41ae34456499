// Names of projects and extras (PEP 503, PEP 508, PEP 685): what is a name, and the one form that all spellings of it share.

import type { ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'

const valid = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/i

/** The normalized name: lower case, each run of `-`, `_` and `.` as one `-`. Throws `invalid-name`. */
export function parseProjectName(text: string): ProjectName {
  const name = tryParseProjectName(text)
  if (name !== undefined) return name
  const wrong = /[^a-zA-Z0-9._-]/.exec(text)
  const at = wrong?.index ?? (/^[._-]/.test(text) ? 0 : text.length - 1)
  const reason =
    text === ''
      ? 'it is empty'
      : wrong === null
        ? 'a name starts and ends with a letter or a digit'
        : 'a name is made of ASCII letters and digits, with . _ - between them'
  throw new DenError('invalid-name', {
    source: text,
    span: { start: Math.max(0, at), end: Math.max(0, at) + 1 },
    reason,
  })
}

/** The normalized name; undefined for what is no name. */
export function tryParseProjectName(text: string): ProjectName | undefined {
  return valid.test(text) ? normalizeName(text) : undefined
}

/** Normalizes without looking whether it is a name: for comparing with what a file or directory is called. */
export function normalizeName(text: string): ProjectName {
  // Most names are written in their normal form, and that is seen sooner than made.
  let dash = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x2d && !dash) dash = true
    else if ((code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39)) dash = false
    else return text.toLowerCase().replace(/[-_.]+/g, '-') as ProjectName
  }
  return text as ProjectName
}

/** The name as it stands in filenames of wheels, sdists and dist-info directories: `-` as `_` (PEP 427, PEP 625). */
export function escapedName(name: ProjectName): string {
  return name.replaceAll('-', '_')
}
