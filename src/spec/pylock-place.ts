// How a lock file is called (the specification "pylock.toml"), and how pip's command line names one.

import { normalizeName } from './name.ts'
import { splitExtras } from './requirements-txt-source.ts'

/** Whether a file may be called so: `pylock.toml` or `pylock.NAME.toml`. */
export function isPylockName(filename: string): boolean {
  return /^pylock(?:\.[^.]+)?\.toml$/.test(filename)
}

/** `pylock.toml`, given like a requirements file, with the extras that may follow in brackets; undefined for any other name. */
export function parsePylockPlace(
  place: string,
): { readonly file: string; readonly extras: readonly string[] } | undefined {
  const split = splitExtras(place)
  const file = split?.path ?? place
  const path = /^(?:https?|file):/i.test(file) ? file.replace(/[?#].*$/s, '') : file
  if (!isPylockName(path.split(/[/\\]/).at(-1)!)) return undefined
  const extras = split?.extras.slice(1, -1).split(',') ?? []
  return { file, extras: extras.map((extra) => normalizeName(extra.trim())).filter((extra) => extra !== '') }
}
