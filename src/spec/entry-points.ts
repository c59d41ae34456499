// entry_points.txt (the specification "Entry points"): which scripts a distribution wants, and what it offers to plug-in hosts.
// Read line by line as importlib.metadata does, because that is what decides at run time.

import { DenError } from '../base/error.ts'
import { splitLines, strip } from '../format/python-text.ts'

export interface EntryPoint {
  readonly group: string
  readonly name: string
  /** As written: "package.module:attribute [extra]". */
  readonly value: string
  /** From 1. */
  readonly line: number
}

/** What the value refers to: `import module; module.attribute`. */
export interface ObjectReference {
  readonly module: string
  /** May be dotted; absent where the module itself is meant. */
  readonly attribute?: string
  readonly extras: readonly string[]
}

export interface ScriptEntryPoint {
  readonly name: string
  readonly gui: boolean
  readonly module: string
  readonly attribute: string
}

/** Reads entry_points.txt. Lines before the first group, and lines without `=`, mean nothing. */
export function parseEntryPoints(text: string): EntryPoint[] {
  const entries: EntryPoint[] = []
  let group: string | undefined
  for (const [index, raw] of splitLines(text).entries()) {
    const line = strip(raw)
    if (line === '' || line.startsWith('#')) continue
    if (line.startsWith('[') && line.endsWith(']')) {
      group = line.replace(/^[[\]]+|[[\]]+$/g, '')
      continue
    }
    const equals = line.indexOf('=')
    if (group === undefined || equals === -1) continue
    entries.push({ group, name: strip(line.slice(0, equals)), value: strip(line.slice(equals + 1)), line: index + 1 })
  }
  return entries
}

/** The parts of an entry point's value; undefined for what is no object reference. */
export function tryParseObjectReference(value: string): ObjectReference | undefined {
  const match = /^([\p{L}\p{N}_.]+)\s*(?::\s*([\p{L}\p{N}_.]+)\s*)?(?:\[(.*)\]\s*)?$/u.exec(value)
  if (match === null) return undefined
  const [, module = '', attribute, extras] = match
  const list = extras?.match(/[\p{L}\p{N}_.-]+/gu) ?? []
  return { module, ...(attribute === undefined ? {} : { attribute }), extras: [...list] }
}

/**
 * The scripts that an installer makes: the groups console_scripts and gui_scripts; of two with one name and kind the last stands.
 * The names become files and the references Python code, so both are checked: a name stays in its directory, a reference is
 * dotted identifiers. Throws `invalid-metadata`.
 */
export function scriptEntryPoints(
  entries: readonly EntryPoint[],
  options: { readonly file?: string } = {},
): ScriptEntryPoint[] {
  const scripts = new Map<string, ScriptEntryPoint>()
  for (const { group, name, value, line } of entries) {
    if (group !== 'console_scripts' && group !== 'gui_scripts') continue
    const source = `${name} = ${value}`
    const fail = (reason: string, start: number, end: number): never => {
      throw new DenError('invalid-metadata', { source, span: { start, end }, reason, line, ...options })
    }
    if (name === '' || name === '.' || name === '..' || /[/\\:\p{Cc}]/u.test(name)) {
      fail("a script's name is a plain file name", 0, Math.max(1, name.length))
    }
    const reference = tryParseObjectReference(value)
    if (
      reference?.attribute === undefined ||
      !isDottedIdentifier(reference.module) ||
      !isDottedIdentifier(reference.attribute)
    ) {
      return fail(
        'a script refers to a function, as in package.module:main',
        source.length - value.length,
        source.length,
      )
    }
    const gui = group === 'gui_scripts'
    scripts.set(`${gui} ${name}`, { name, gui, module: reference.module, attribute: reference.attribute })
  }
  return [...scripts.values()]
}

function isDottedIdentifier(text: string): boolean {
  return text.split('.').every((part) => /^[\p{XID_Start}_]\p{XID_Continue}*$/u.test(part))
}
