// INI files as Python's configparser reads them (RawConfigParser with its defaults): virtualenv.ini, pip.conf, setup.cfg,
// pydistutils.cfg. No interpolation, like the tools that own these files. Every option keeps its line, so that a setting can be
// traced to where it stands.

import { DenError } from '../base/error.ts'
import { strip, stripEnd, stripStart } from './python-text.ts'

export interface IniOption {
  /** Continuation lines joined by `\n`. */
  readonly value: string
  /** Where the option begins, from 1. */
  readonly line: number
}

export type IniSection = ReadonlyMap<string, IniOption>

export interface IniFile {
  /** By name, in their order, without DEFAULT. Options are keyed by their name in lower case (unless asked otherwise). */
  readonly sections: ReadonlyMap<string, IniSection>
  /** The section DEFAULT: options that every other section has unless it sets them. */
  readonly defaults: IniSection
}

export interface ParseIniOptions {
  /** The file's name, for errors. */
  readonly file?: string
  /** Keep the case of option names (configparser's `optionxform = str`). */
  readonly keepCase?: boolean
  /** Let a later option or section of one name win silently, as Python 2 does, instead of refusing it. */
  readonly allowDuplicates?: boolean
}

/** Reads an INI file. Throws `invalid-ini` for the first thing that configparser would refuse. */
export function parseIni(text: string, options: ParseIniOptions = {}): IniFile {
  const { file, keepCase = false, allowDuplicates = false } = options
  const sections = new Map<string, Map<string, DraftOption>>()
  const defaults = new Map<string, DraftOption>()
  const met = new Set<Map<string, DraftOption>>()
  let section: Map<string, DraftOption> | undefined
  let option: DraftOption | undefined
  let indentation = 0

  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/)
  // configparser goes on after a line it can't read, and so reports a duplicate further down first; here the first fault counts.
  for (const [index, raw] of lines.entries()) {
    const number = index + 1
    const fail = (reason: string, start: number, end: number): never => {
      const span = { start, end }
      throw new DenError('invalid-ini', {
        source: raw,
        span,
        reason,
        ...(file === undefined ? {} : { file }),
        line: number,
      })
    }
    const line = strip(raw)
    if (line === '') {
      option?.lines.push('')
      continue
    }
    if (line.startsWith('#') || line.startsWith(';')) continue

    const indent = raw.length - stripStart(raw).length
    if (option !== undefined && indent > indentation) {
      option.lines.push(line)
      continue
    }
    indentation = indent

    const header = /^\[([^\n]+)\]/.exec(line)?.[1]
    if (header !== undefined) {
      option = undefined
      if (header === 'DEFAULT') {
        section = defaults
        continue
      }
      section = sections.get(header)
      if (section === undefined) {
        section = new Map()
        sections.set(header, section)
      } else if (!allowDuplicates && met.has(section)) {
        fail(`the section [${header}] stands here for the second time`, indent, indent + line.length)
      }
      met.add(section)
      continue
    }
    if (section === undefined)
      return fail('a section header, as [global], is missing before it', indent, indent + line.length)

    const delimiter = line.search(/[=:]/)
    if (delimiter === -1) return fail('an option is written like name = value', indent, indent + line.length)
    const written = stripEnd(line.slice(0, delimiter))
    if (written === '') return fail('the name of the option is missing', indent, indent + 1)
    const name = keepCase ? written : written.toLowerCase()
    const before = section.get(name)
    if (before !== undefined && !allowDuplicates) {
      fail(`the option ${name} was set already, in line ${before.line}`, indent, indent + written.length)
    }
    option = { lines: [strip(line.slice(delimiter + 1))], line: number }
    section.set(name, option)
  }

  const joined = (from: ReadonlyMap<string, DraftOption>): IniSection =>
    new Map([...from].map(([name, { lines, line }]) => [name, { value: stripEnd(lines.join('\n')), line }]))
  return {
    sections: new Map([...sections].map(([name, drafts]) => [name, joined(drafts)])),
    defaults: joined(defaults),
  }
}

/** An option of a section, or the one of DEFAULT; undefined also where there is no such section. */
export function findIniOption(ini: IniFile, section: string, option: string): IniOption | undefined {
  const options = ini.sections.get(section)
  return options === undefined ? undefined : (options.get(option) ?? ini.defaults.get(option))
}

interface DraftOption {
  readonly lines: string[]
  readonly line: number
}
