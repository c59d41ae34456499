// requires.txt of an egg-info directory: what setuptools wrote before there was Requires-Dist. Requirements stand one a line, those of an
// extra or of some machines in a section: `[extra]`, `[:marker]`, `[extra:marker]`.

import { splitLines, strip } from '../format/python-text.ts'
import { normalizeName } from './name.ts'

export interface EggRequirements {
  /** As Requires-Dist has them, text: what was written may be no requirement. */
  readonly requiresDist: readonly string[]
  /** Normalized, each once. */
  readonly providesExtra: readonly string[]
}

/** Reads requires.txt as the metadata's own fields. Nothing is an error. */
export function parseRequiresTxt(text: string): EggRequirements {
  const requiresDist: string[] = []
  const extras = new Set<string>()
  let extra = ''
  let marker = ''
  for (const written of splitLines(text)) {
    if (written === '') continue
    const line = strip(written)
    if (line === '' || line.startsWith('#')) continue
    if (line.startsWith('[') && line.endsWith(']')) {
      const title = line.replace(/^[[\]]+/, '').replace(/[[\]]+$/, '')
      const colon = title.indexOf(':')
      extra = normalizeName(colon === -1 ? title : title.slice(0, colon))
      marker = colon === -1 ? '' : title.slice(colon + 1)
      continue
    }
    // Only an extra with something in it is known: an empty section provides it in name alone.
    if (extra !== '') extras.add(extra)
    const conditions: string[] = []
    if (marker !== '') conditions.push(extra === '' ? marker : `(${marker})`)
    if (extra !== '') conditions.push(`extra == "${extra}"`)
    // The space before the semicolon is what ends an address.
    requiresDist.push(conditions.length === 0 ? line : `${line} ; ${conditions.join(' and ')}`)
  }
  return { requiresDist, providesExtra: [...extras] }
}
