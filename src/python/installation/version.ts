// Which version an installation is, from what it says of itself in files: PEP 739's build-details.json, the header patchlevel.h, or
// the string that its own code prints.

import type { Files } from '../../host/files.ts'
import { readConstants } from '../binary/binary.ts'
import type { PythonVersion } from '../interpreter.ts'

const levels: Readonly<Record<string, PythonVersion['level']>> = {
  ALPHA: 'alpha',
  BETA: 'beta',
  GAMMA: 'candidate',
  FINAL: 'final',
  a: 'alpha',
  b: 'beta',
  rc: 'candidate',
  c: 'candidate',
}

/** Reads CPython's Include/patchlevel.h; undefined when it doesn't hold the five numbers. */
export function parsePatchLevel(text: string): PythonVersion | undefined {
  const value = (name: string): string | undefined =>
    new RegExp(`^[ \\t]*#[ \\t]*define[ \\t]+${name}[ \\t]+(\\w+)`, 'm').exec(text)?.[1]
  const [major, minor, micro] = ['PY_MAJOR_VERSION', 'PY_MINOR_VERSION', 'PY_MICRO_VERSION'].map((name) =>
    Number(value(name) ?? Number.NaN),
  )
  // Before 3.x had names for all of them, and in PyPy's copy, a level may stand as its number.
  const level = value('PY_RELEASE_LEVEL')?.replace('PY_RELEASE_LEVEL_', '')
  const known = level === undefined ? undefined : (levels[level] ?? numbered[level])
  if (![major, minor, micro].every(Number.isInteger) || known === undefined) return undefined
  return { major: major!, minor: minor!, micro: micro!, level: known, serial: Number(value('PY_RELEASE_SERIAL') ?? 0) }
}

const numbered: Readonly<Record<string, PythonVersion['level']>> = {
  '0xA': 'alpha',
  '0xB': 'beta',
  '0xC': 'candidate',
  '0xF': 'final',
}

/** `sys.version_info` as JSON has it in build-details.json and in inspect.py's answer. */
export function versionFromInfo(
  major: number,
  minor: number,
  micro: number,
  level: string,
  serial: number,
): PythonVersion | undefined {
  if (level !== 'alpha' && level !== 'beta' && level !== 'candidate' && level !== 'final') return undefined
  return { major, minor, micro, level, serial }
}

/** "3.11.2", "3.14.0rc1", also "3.11.2+" as a build from a checkout says it. */
export function parseVersionText(text: string): PythonVersion | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)(?:(a|b|c|rc)(\d+))?\+?$/.exec(text)
  if (match === null) return undefined
  const [, major, minor, micro, level, serial] = match
  return {
    major: Number(major),
    minor: Number(minor),
    micro: Number(micro),
    level: level === undefined ? 'final' : levels[level]!,
    serial: Number(serial ?? 0),
  }
}

/**
 * The one version of the line `major.minor` that stands as a string of its own among a program's constants; undefined when there
 * is none, or more than one. Py_GetVersion prints it from there.
 */
export function findVersionInConstants(
  files: Files,
  path: string,
  { arch, line }: { readonly arch: string; readonly line: string },
): PythonVersion | undefined {
  const bytes = readConstants(files, path, arch)
  if (bytes === undefined) return undefined
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const found = new Set<string>()
  for (let at = text.indexOf(`\0${line}.`); at !== -1; at = text.indexOf(`\0${line}.`, at + 1)) {
    const end = text.indexOf(0, at + 1)
    if (end === -1 || end - at > 20) continue
    const candidate = text.toString('latin1', at + 1, end)
    if (parseVersionText(candidate) !== undefined) found.add(candidate.replace('+', ''))
  }
  return found.size === 1 ? parseVersionText([...found][0]!) : undefined
}
