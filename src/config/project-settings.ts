// What a project says of den itself: [tool.den] of its pyproject.toml, or a den.toml, whose top is the same table.

import { isTomlTable, parseToml, type TomlTable } from '../format/toml.ts'
import type { Host } from '../host/host.ts'

export interface ProjectSettings {
  /** The file that says it. */
  readonly file: string
  readonly table: TomlTable
}

/**
 * The settings in the nearest file at or above `directory` that speaks of den; where both stand in one directory, den.toml. A
 * pyproject.toml in which the word does not occur is not read as TOML: if it is broken, that is not den's to complain of. Throws
 * `invalid-toml`.
 */
export function projectSettings(
  { files, path }: Pick<Host, 'files' | 'path'>,
  directory: string,
): ProjectSettings | undefined {
  for (let place = directory; ; place = path.dirname(place)) {
    for (const name of ['den.toml', 'pyproject.toml']) {
      const file = path.join(place, name)
      const text = files.stat(file)?.kind === 'file' ? files.readText(file) : undefined
      if (text === undefined || (name === 'pyproject.toml' && !/\bden\b/.test(text))) continue
      const document = parseToml(text, { file })
      const tool = document['tool']
      const table = name === 'den.toml' ? document : isTomlTable(tool) ? tool['den'] : undefined
      if (isTomlTable(table)) return { file, table }
    }
    if (path.dirname(place) === place) return undefined
  }
}
