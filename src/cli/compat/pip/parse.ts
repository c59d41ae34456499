// argv to a command, its options and its operands, by the rules of pip's parser (Python's optparse): unique prefixes of long options,
// short ones in bundles, options between operands, `--`. What the command line leaves open is taken from variables and files first,
// option by option, as pip does.

import { DenError, exitCodeOf, isDenError } from '../../../base/error.ts'
import { type PipConfigEntry, pipSettingValue } from '../../../config/pip-config.ts'
import { closest } from '../../options/suggest.ts'
import { additionalCommands, additionalOptions, borrowedOptions } from './additions.ts'
import { type PipOption, pipCommands, pipGroups, pipMain, pipOptions } from './grammar.ts'
import type { PipOptions } from './options.ts'
import { type PipValues, storeValue, type ValueHost } from './store-value.ts'

export interface PipParseRequest {
  readonly argv: readonly string[]
  readonly host: ValueHost
  /** Values of the sections `[global]` and `[command]` and of the variables, weakest first. `isolated`: without the user's. */
  readonly configured: (command: string, isolated: boolean) => readonly PipConfigEntry[]
  /** How the program is called in messages: "den pip". */
  readonly program: string
}

export type PipLine =
  | { readonly kind: 'version' }
  /** Without a command: pip's own help. */
  | { readonly kind: 'help'; readonly command?: string }
  | {
      readonly kind: 'command'
      readonly command: string
      readonly options: PipOptions
      readonly operands: readonly string[]
      /** `--python`, which counts only before the command. */
      readonly python?: string
    }

/** Reads a command line of pip. Throws what a wrong one is refused with; `pipExitCode` gives pip's 2 or 1. */
export function parsePipLine(request: PipParseRequest): PipLine {
  const { argv, program } = request
  const main = parse(request, {
    name: 'global',
    title: program,
    options: optionsOf(pipMain),
    argv,
    interspersed: false,
  })
  if (main === 'help') return { kind: 'help' }
  if (main.options['version'] === true) return { kind: 'version' }
  const [command] = main.operands
  if (command === undefined || (command === 'help' && main.operands.length === 1)) return { kind: 'help' }
  const options = optionsOfCommand(command)
  if (options === undefined) {
    const suggestions = closest(command, commandNames)
    throw new DenError('unknown-pip-command', { name: command, known: commandNames, program, suggestions })
  }
  // The general options that stand before the command are read a second time, with those after it.
  const place = argv.indexOf(command)
  const rest = argv.toSpliced(place, 1)
  const isolated = rest.includes('--isolated')
  const read = parse(request, { name: command, title: `${program} ${command}`, options, argv: rest, isolated })
  if (read === 'help') return { kind: 'help', command }
  const python = main.options['python']
  if (python === undefined && read.options['python'] !== undefined) {
    throw new DenError('pip-option-misplaced', { option: '--python', program })
  }
  return {
    kind: 'command',
    command,
    // Each key holds what the grammar's option of that `dest` stores; pip-grammar.test.ts compares all of them with pip's own.
    options: read.options as unknown as PipOptions,
    operands: read.operands,
    ...(typeof python === 'string' ? { python } : {}),
  }
}

/** pip's exit code for a refused command line: 3 for a value in a variable or a file, 2 for what is typed. */
export function pipExitCode(error: DenError): number {
  return isDenError(error, 'pip-setting-wrong') ? 3 : exitCodeOf(error)
}

/** Every command, pip's first and then den's additions. */
export const commandNames: readonly string[] = [...Object.keys(pipCommands), ...Object.keys(additionalCommands)]

/** The options of these groups, in the order of help. */
export function optionsOf(groups: readonly string[]): readonly PipOption[] {
  return groups.flatMap((group) => pipGroups[group]!.map((key) => pipOptions[key]!))
}

/** The options of a command, den's additions last; undefined for a word that is no command. */
export function optionsOfCommand(command: string): readonly PipOption[] | undefined {
  const own = Object.hasOwn(pipCommands, command) ? pipCommands[command] : undefined
  const added = Object.hasOwn(additionalCommands, command) ? additionalCommands[command] : undefined
  if (own === undefined && added === undefined) return undefined
  const borrowed = added === undefined ? [] : borrowedOptions(added).map((key) => pipOptions[key]!)
  return [...borrowed, ...optionsOf(own?.groups ?? ['general']), ...(additionalOptions[command] ?? [])]
}

interface Parser {
  readonly name: string
  readonly title: string
  readonly options: readonly PipOption[]
  readonly argv: readonly string[]
  /** Options may stand between operands: yes unless said. */
  readonly interspersed?: boolean
  readonly isolated?: boolean
}

interface Read {
  readonly options: Readonly<Record<string, unknown>>
  readonly operands: readonly string[]
}

function parse(request: PipParseRequest, parser: Parser): Read | 'help' {
  const { title: command } = parser
  const long = new Map<string, PipOption>()
  const short = new Map<string, PipOption>()
  for (const option of parser.options) {
    for (const spelling of option.spellings) (spelling.startsWith('--') ? long : short).set(spelling, option)
  }
  const values = defaultsOf(parser.options)
  const store = (option: PipOption, spelling: string, text: string | undefined): void =>
    storeValue({ option, text, values, host: request.host, source: spelling, command })
  configure(request, parser, long, values)

  const rest = [...parser.argv]
  const operands: string[] = []
  const take = (option: PipOption, spelling: string): string => {
    const value = rest.shift()
    if (value === undefined) {
      throw new DenError('option-needs-value', { option: spelling, value: option.metavar!.toUpperCase(), command })
    }
    return value
  }
  while (rest.length > 0) {
    const argument = rest.shift()!
    if (argument === '--') break
    if (argument.startsWith('--')) {
      const equals = argument.indexOf('=')
      const spelling = matchLong(equals === -1 ? argument : argument.slice(0, equals), long, {
        command,
        isPips: Object.hasOwn(pipCommands, parser.name),
      })
      const option = long.get(spelling)!
      const given = equals === -1 ? undefined : argument.slice(equals + 1)
      if (option.type === undefined) {
        if (given !== undefined)
          throw new DenError('option-takes-no-value', { option: spelling, value: given, command })
        if (option.action === 'help') return 'help'
        store(option, spelling, undefined)
      } else store(option, spelling, given ?? take(option, spelling))
    } else if (argument.startsWith('-') && argument.length > 1) {
      for (let at = 1; at < argument.length; at += 1) {
        const spelling = `-${argument[at]!}`
        const option = short.get(spelling)
        if (option === undefined) throw new DenError('unknown-option', { option: spelling, command, suggestions: [] })
        if (option.action === 'help') return 'help'
        if (option.type === undefined) store(option, spelling, undefined)
        else {
          const attached = argument.slice(at + 1)
          store(option, spelling, attached === '' ? take(option, spelling) : attached)
          break
        }
      }
    } else if (parser.interspersed === false) {
      rest.unshift(argument)
      break
    } else operands.push(argument)
  }
  return { options: values, operands: [...operands, ...rest] }
}

/** The long option that was meant: the one so called, else the only one that begins so. den's additions take no prefix from pip's. */
function matchLong(
  written: string,
  long: ReadonlyMap<string, PipOption>,
  { command, isPips }: { readonly command: string; readonly isPips: boolean },
): string {
  if (long.has(written)) return written
  const beginning = [...long.keys()].filter((name) => name.startsWith(written))
  const own = beginning.filter((name) => !isAddition(long.get(name)!))
  // On pip's own commands an addition is written out: what pip refuses is refused.
  const candidates = own.length > 0 || isPips ? own : beginning
  if (candidates.length === 1) return candidates[0]!
  if (candidates.length > 1) {
    throw new DenError('ambiguous-option', { option: written, command, candidates: candidates.sort() })
  }
  throw new DenError('unknown-option', { option: written, command, suggestions: nearest(written, [...long.keys()]) })
}

function isAddition(option: PipOption): boolean {
  return Object.values(additionalOptions).some((options) => options.includes(option))
}

/** Options whose words are mostly the same: what was most likely meant. */
function nearest(written: string, names: readonly string[]): readonly string[] {
  const words = new Set(written.split('-').filter((word) => word.length > 2))
  return names.filter((name) => name.split('-').some((word) => words.has(word))).slice(0, 3)
}

function defaultsOf(options: readonly PipOption[]): PipValues {
  const values: PipValues = {}
  for (const { dest, default: value } of options) {
    if (value !== undefined) values[dest] = value
  }
  return values
}

/** Variables and files: each value takes the place of the one before, and is read as the option's kind asks. */
function configure(
  { configured, host }: PipParseRequest,
  { name, title, isolated = false }: Parser,
  long: ReadonlyMap<string, PipOption>,
  values: PipValues,
): void {
  // What a callback makes counts in the end, whatever is set plainly: no-cache-dir in any file wins over cache-dir in all.
  const late: PipValues = { ...values }
  const made = new Set<string>()
  for (const item of configured(name, isolated)) {
    const { name: key, value, from } = item
    const option = long.get(`--${key}`)
    // A section may hold what only other commands know.
    if (option === undefined || value === '' || isAddition(option)) continue
    const { action, dest } = option
    if (action === 'help' || action === 'store_const') continue
    const setting = pipSettingValue(option, item)
    if (setting === undefined) {
      const expected =
        action === 'count' ? 'yes, no, or a whole number from 0' : 'yes or no, true or false, on or off, 1 or 0'
      throw new DenError('bad-option-value', { source: from, value, expected, command: title, suggestions: [] })
    }
    if (setting.kind !== 'texts') {
      values[dest] = setting.value
      continue
    }
    if (action === 'append') values[dest] = []
    try {
      const into = action === 'callback' ? late : values
      for (const text of setting.texts) storeValue({ option, text, values: into, host, source: from, command: title })
      if (action === 'callback') made.add(dest)
    } catch (error) {
      // pip ends otherwise here than for the same word on the command line.
      if (!isDenError(error, 'bad-option-value') || action === 'callback') throw error
      const { value: part, expected } = error.detail
      throw new DenError('pip-setting-wrong', { key, value: part, from, expected }, { cause: error })
    }
  }
  for (const dest of made) values[dest] = late[dest]
}
