// pyvenv.cfg (PEP 405): read the way CPython reads it, and written so that nobody reads it otherwise. Two readers matter and
// differ: getpath takes the first `home` and stops, site.py goes through all lines and the last one of a key stands.

import { DenError } from '../base/error.ts'
import { lineBreak, pythonRepr, strip, textLines, tryParsePythonRepr } from '../format/python-text.ts'

export interface PyvenvCfgLine {
  readonly key: string
  readonly value: string
  /** From 1. */
  readonly line: number
}

export interface PyvenvCfg {
  /** Keys in lower case; of several lines with one key the last stands, as in site.py. */
  readonly values: ReadonlyMap<string, string>
  /** The first `home`: the one that getpath takes. */
  readonly firstHome?: string
  /** Keys that stand on more than one line. */
  readonly duplicates: readonly string[]
  /** A UTF-8 byte order mark becomes part of the first key, which is thereby lost to Python. */
  readonly hasByteOrderMark: boolean
  readonly lines: readonly PyvenvCfgLine[]
}

/** Reads the text of a pyvenv.cfg. Never fails: a line without `=` means nothing to Python, and so nothing here. */
export function parsePyvenvCfg(text: string): PyvenvCfg {
  const lines: PyvenvCfgLine[] = []
  const values = new Map<string, string>()
  const duplicates = new Set<string>()
  let firstHome: string | undefined
  for (const [index, line] of textLines(text).entries()) {
    const equals = line.indexOf('=')
    if (equals === -1) continue
    const key = strip(line.slice(0, equals)).toLowerCase()
    const value = strip(line.slice(equals + 1))
    lines.push({ key, value, line: index + 1 })
    if (values.has(key)) duplicates.add(key)
    values.set(key, value)
    if (key === 'home') firstHome ??= value
  }
  return {
    values,
    ...(firstHome === undefined ? {} : { firstHome }),
    duplicates: [...duplicates],
    hasByteOrderMark: text.startsWith('\ufeff'),
    lines,
  }
}

/** The prompt without its quotes: venv writes Python's repr, virtualenv a plain pair of double quotes, uv none. */
export function promptOf(cfg: PyvenvCfg): string | undefined {
  const value = cfg.values.get('prompt')
  if (value === undefined) return undefined
  const first = value.charAt(0)
  if (value.length < 2 || (first !== "'" && first !== '"') || !value.endsWith(first)) return value
  const inside = value.slice(1, -1)
  // repr takes double quotes only where a single one stands inside; all other double-quoted values are virtualenv's, unescaped.
  if (first === '"' && !inside.includes("'")) return inside
  return tryParsePythonRepr(value) ?? inside
}

/** Whether the base interpreter's packages are seen: `true` in any case, and also when the key is missing (site.py's default). */
export function includesSystemSite(cfg: PyvenvCfg): boolean {
  return (cfg.values.get('include-system-site-packages') ?? 'true').toLowerCase() === 'true'
}

export interface CfgPythonVersion {
  readonly major: number
  readonly minor: number
  readonly micro?: number
}

/** The version that the environment was made for, as far as its creator wrote it: `version`, else `version_info`. */
export function pythonVersionOf(cfg: PyvenvCfg): CfgPythonVersion | undefined {
  for (const key of ['version', 'version_info', 'python-version']) {
    const match = /^(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?(?!\d)/.exec(cfg.values.get(key) ?? '')
    if (match === null) continue
    const [, major, minor, micro] = match
    return { major: Number(major), minor: Number(minor), ...(micro === undefined ? {} : { micro: Number(micro) }) }
  }
  return undefined
}

/**
 * The text of a pyvenv.cfg with these pairs, in their order. A value that any reader would see otherwise than it was given is
 * refused: one that breaks the line (a second `home` could hide behind it), or that starts or ends with a space.
 * Throws `unwritable-value`.
 */
export function formatPyvenvCfg(pairs: Iterable<readonly [string, string]>): string {
  let text = ''
  for (const [key, value] of pairs) {
    const refuse = (reason: string): never => {
      throw new DenError('unwritable-value', { file: 'pyvenv.cfg', key, value, reason })
    }
    if (key === '' || !/^[!-<>-~]+$/.test(key)) throw new Error(`not a key of pyvenv.cfg: ${JSON.stringify(key)}`)
    if (lineBreak.test(value)) refuse('it holds a line break; what follows it would be read as a line of its own')
    if (value.includes('\0')) refuse('it holds a NUL character, which no path can have')
    if (!value.isWellFormed()) refuse('it holds half of a surrogate pair, which UTF-8 cannot express')
    if (strip(value) !== value) refuse('it starts or ends with a space, which Python takes away when it reads the file')
    text += `${key} = ${value}\n`
  }
  return text
}

/** A prompt as venv writes it: Python's repr, which stays on one line whatever the prompt holds. */
export function quotePrompt(prompt: string): string {
  return pythonRepr(prompt)
}
