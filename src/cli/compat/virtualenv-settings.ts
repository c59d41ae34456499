// What virtualenv's options are when the command line is silent: a VIRTUALENV_* variable for every long name of every option, then
// the section [virtualenv] of virtualenv.ini. As virtualenv 21 reads them: an empty variable counts as unset, a value that does
// not fit is passed over with a warning, lists are divided by lines, else by commas, and then by the path separator.

import { isDenError } from '../../base/error.ts'
import { findIniOption, type IniFile, parseIni } from '../../format/ini.ts'
import { type Host, variable } from '../../host/host.ts'
import type { Option, OptionValue } from '../options/option.ts'
import { readBoolean } from '../options/values.ts'

export interface ConfiguredValue {
  readonly value: OptionValue
  /** The variable, or the file with the line. */
  readonly source: string
}

export interface VirtualenvSettings {
  readonly values: ReadonlyMap<Option, ConfiguredValue>
  /** Sentences about what was passed over. */
  readonly warnings: readonly string[]
  readonly file: string | undefined
}

/** Where virtualenv.ini is: VIRTUALENV_CONFIG_FILE, else the user's configuration directory as platformdirs finds it. */
export function virtualenvIniPath(host: Pick<Host, 'env' | 'platform' | 'path' | 'home' | 'cwd'>): string | undefined {
  const { path, home } = host
  const given = variable(host, 'VIRTUALENV_CONFIG_FILE')
  if (given !== undefined && given !== '') return path.resolve(host.cwd, given)
  if (host.platform === 'win32') {
    const local = variable(host, 'LOCALAPPDATA')
    return local === undefined || local === '' ? undefined : path.join(local, 'pypa', 'virtualenv', 'virtualenv.ini')
  }
  const xdg = variable(host, 'XDG_CONFIG_HOME')
  if (xdg !== undefined && xdg.trim() !== '') return path.join(xdg, 'virtualenv', 'virtualenv.ini')
  if (home === undefined) return undefined
  const base =
    host.platform === 'darwin' ? path.join(home, 'Library', 'Application Support') : path.join(home, '.config')
  return path.join(base, 'virtualenv', 'virtualenv.ini')
}

/** Reads the variables and the file for these options. Never throws for what they hold: virtualenv does not either. */
export function readVirtualenvSettings(
  host: Pick<Host, 'env' | 'platform' | 'path' | 'home' | 'cwd' | 'files'>,
  options: readonly Option[],
): VirtualenvSettings {
  const warnings: string[] = []
  const { ini, file } = readIni(host, warnings)
  const values = new Map<Option, ConfiguredValue>()
  for (const option of options) {
    if (option.addition || option.name === 'help' || option.name === 'version') continue
    const found =
      firstOf(option, (name) => fromVariable(host, name), host.path.delimiter, warnings) ??
      firstOf(option, (name) => fromFile(ini, file, name), host.path.delimiter, warnings)
    if (found !== undefined) values.set(option, found)
  }
  return { values, warnings, file: ini === undefined ? undefined : file }
}

interface Written {
  readonly text: string
  readonly source: string
}

function fromVariable(host: Pick<Host, 'env' | 'platform'>, name: string): Written | undefined {
  const source = `VIRTUALENV_${name.toUpperCase()}`
  const text = variable(host, source)
  return text === undefined || text === '' ? undefined : { text, source }
}

function fromFile(ini: IniFile | undefined, file: string | undefined, name: string): Written | undefined {
  const option = ini === undefined ? undefined : findIniOption(ini, 'virtualenv', name.toLowerCase())
  return option === undefined ? undefined : { text: option.value, source: `${file}:${option.line}` }
}

/** The first name of the option that is set and fits. A negation that is true says false; one that is false says nothing. */
function firstOf(
  option: Option,
  look: (name: string) => Written | undefined,
  separator: string,
  warnings: string[],
): ConfiguredValue | undefined {
  const names = [...(option.short === undefined ? [] : [option.short]), option.name, ...(option.aliases ?? [])]
  // The opt-out stands last in virtualenv's own table, so that it wins where both are set.
  for (const name of option.negations ?? []) {
    const written = look(name.replaceAll('-', '_'))
    const value = written === undefined ? undefined : convert(option, written, separator, warnings)
    if (value === true) return { value: false, source: written!.source }
  }
  for (const name of names) {
    const written = look(name.replaceAll('-', '_'))
    if (written === undefined) continue
    const value = convert(option, written, separator, warnings)
    if (value !== undefined) return { value, source: written.source }
  }
  return undefined
}

function convert(
  option: Option,
  { text, source }: Written,
  separator: string,
  warnings: string[],
): OptionValue | undefined {
  switch (option.kind) {
    case 'flag': {
      const value = readBoolean(text)
      if (value === undefined) warnings.push(`${source} is passed over: ${JSON.stringify(text)} is neither yes nor no`)
      return value
    }
    case 'count': {
      if (/^[+-]?\d+$/.test(text.trim())) return Number(text)
      warnings.push(`${source} is passed over: ${JSON.stringify(text)} is no whole number`)
      return undefined
    }
    case 'text':
      return text
    case 'list':
      return option.commas
        ? text
            .split(/[\n,]/)
            .map((part) => part.trim())
            .filter((part) => part !== '')
        : divide(text).flatMap((part) => part.split(separator))
  }
}

const operators = ['===', '==', '!=', '~=', '<=', '>=', '<', '>']

/** By lines where there are several, else by commas; a comma between the clauses of one version specifier divides nothing. */
function divide(text: string): readonly string[] {
  const lines = text.split(/\r\n|\r|\n/)
  if (lines.length > 1) return lines.map((line) => line.trim()).filter((line) => line !== '')
  const parts: string[] = []
  for (const part of text.split(',').map((each) => each.trim())) {
    if (part === '') continue
    const previous = parts.at(-1)
    const isClause = operators.some((operator) => part.startsWith(operator))
    if (isClause && previous !== undefined && /^[A-Za-z]*\s*(?:===|==|!=|~=|<=|>=|<|>)/.test(previous)) {
      parts[parts.length - 1] = `${previous},${part}`
    } else parts.push(part)
  }
  return parts
}

function readIni(
  host: Pick<Host, 'env' | 'platform' | 'path' | 'home' | 'cwd' | 'files'>,
  warnings: string[],
): { readonly ini: IniFile | undefined; readonly file: string | undefined } {
  const file = virtualenvIniPath(host)
  try {
    const text = file === undefined ? undefined : host.files.readText(file)
    return { ini: text === undefined ? undefined : parseIni(text, { file: file! }), file }
  } catch (error) {
    if (!isDenError(error)) throw error
    warnings.push(`${file} is passed over: ${error.message}`)
    return { ini: undefined, file }
  }
}
