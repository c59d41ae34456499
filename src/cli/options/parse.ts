// argv → values, by the table. One reader for den's own grammar and for argparse's, which the peers' command lines follow:
// --name=value, --name value, -nvalue, -n value, clusters (-qv), counts, lists, `--`, unique prefixes where the grammar has them.

import { DenError } from '../../base/error.ts'
import type { Grammar, Option, OptionValue } from './option.ts'
import { closest } from './suggest.ts'

export interface ParseRequest {
  readonly argv: readonly string[]
  readonly options: readonly Option[]
  readonly grammar?: Grammar | undefined
  /** From the first operand on, everything is left as it stands. */
  readonly passThrough?: boolean | undefined
  /** The command as errors name it: "den create". */
  readonly command: string
}

/** What the command line said, and nothing else: variables and fallbacks come in values.ts. */
export interface ParsedArguments {
  readonly given: ReadonlyMap<Option, OptionValue>
  readonly operands: readonly string[]
}

interface Spelling {
  readonly option: Option
  readonly negated: boolean
}

/** Throws `unknown-option`, `ambiguous-option`, `option-needs-value`, `option-takes-no-value`, `options-conflict`, `bad-option-value`. */
export function parseArguments(request: ParseRequest): ParsedArguments {
  const { argv, options, command } = request
  const strict = request.grammar === 'argparse'
  const long = new Map<string, Spelling>()
  const short = new Map<string, Option>()
  for (const option of options) {
    long.set(option.name, { option, negated: false })
    for (const name of option.aliases ?? []) long.set(name, { option, negated: false })
    for (const name of option.negations ?? []) long.set(name, { option, negated: true })
    if (option.short !== undefined) short.set(option.short, option)
  }
  const given = new Map<Option, OptionValue>()
  const exclusive = new Map<string, Spelling & { readonly written: string }>()
  const operands: string[] = []
  let index = 0

  const resolveLong = (name: string): Spelling => {
    const exact = long.get(name)
    if (exact !== undefined) return exact
    if (strict && name !== '') {
      // argparse takes any prefix that only one of its options begins with; den's additions don't count, so that none of the
      // peer's prefixes becomes ambiguous.
      const matches = [...long].filter(([known, { option }]) => known.startsWith(name) && !option.addition)
      if (matches.length === 1) return matches[0]![1]
      if (matches.length > 1) {
        throw new DenError('ambiguous-option', {
          option: `--${name}`,
          command,
          candidates: matches.map(([known]) => `--${known}`),
        })
      }
    }
    throw new DenError('unknown-option', {
      option: `--${name}`,
      command,
      suggestions: closest(name, long.keys()).map((known) => `--${known}`),
    })
  }

  const isOption = (argument: string): boolean => {
    if (argument.length < 2 || !argument.startsWith('-')) return false
    if (argument === '--') return true
    if (argument.startsWith('--')) return strict || long.has(argument.slice(2).split('=', 1)[0]!)
    // argparse reads "-1.5" as a number and "-a b" (one argument) as a text.
    return strict ? !/^-\d+$|^-\d*\.\d+$/.test(argument) && !argument.includes(' ') : short.has(argument[1]!)
  }

  const needValue = (written: string, option: Option): string => {
    const value = argv[index]
    if (value === undefined || isOption(value)) {
      throw new DenError('option-needs-value', { option: written, value: option.value ?? 'VALUE', command })
    }
    index += 1
    return value
  }

  const set = (spelling: Spelling, written: string, attached: string | undefined): void => {
    const { option, negated } = spelling
    if (option.excludes !== undefined) {
      const other = exclusive.get(option.excludes)
      if (other !== undefined && (other.option !== option || other.negated !== negated)) {
        throw new DenError('options-conflict', { first: other.written, second: written, command })
      }
      exclusive.set(option.excludes, { ...spelling, written })
    }
    if (option.kind === 'flag' || option.kind === 'count') {
      if (attached !== undefined)
        throw new DenError('option-takes-no-value', { option: written, value: attached, command })
      given.set(option, option.kind === 'flag' ? !negated : ((given.get(option) as number | undefined) ?? 0) + 1)
      return
    }
    const values = [attached ?? needValue(written, option)]
    if (option.greedy && attached === undefined) {
      while (index < argv.length && !isOption(argv[index]!)) values.push(argv[index++]!)
    }
    if (option.kind === 'text') {
      checkChoice(option, written, values[0]!, command)
      given.set(option, values[0]!)
      return
    }
    const texts = option.commas ? values.flatMap(divideByCommas) : values
    for (const text of texts) checkChoice(option, written, text, command)
    given.set(option, [...((given.get(option) as readonly string[] | undefined) ?? []), ...texts])
  }

  const readCluster = (argument: string): void => {
    for (let at = 1; at < argument.length; at += 1) {
      const letter = argument[at]!
      const option = short.get(letter)
      if (option === undefined) {
        throw new DenError('unknown-option', { option: `-${letter}`, command, suggestions: [] })
      }
      const rest = argument.slice(at + 1)
      if (option.kind === 'flag' || option.kind === 'count') {
        set({ option, negated: false }, `-${letter}`, rest.startsWith('=') ? rest.slice(1) : undefined)
      } else {
        // What follows the letter is its value: -p3.12, and -p=3.12 as argparse and clap read it.
        set(
          { option, negated: false },
          `-${letter}`,
          rest === '' ? undefined : rest.startsWith('=') ? rest.slice(1) : rest,
        )
        return
      }
    }
  }

  while (index < argv.length) {
    const argument = argv[index++]!
    if (argument === '--') {
      operands.push(...argv.slice(index))
      break
    }
    if (argument.startsWith('--')) {
      const equals = argument.indexOf('=')
      const name = equals === -1 ? argument.slice(2) : argument.slice(2, equals)
      const spelling = resolveLong(name)
      set(spelling, `--${name}`, equals === -1 ? undefined : argument.slice(equals + 1))
    } else if (argument.length > 1 && argument.startsWith('-') && (!strict || isOption(argument))) {
      readCluster(argument)
    } else {
      operands.push(argument)
      if (request.passThrough) {
        operands.push(...argv.slice(index))
        break
      }
    }
  }
  return { given, operands }
}

/** The parts between commas, trimmed, empty ones left out. */
export function divideByCommas(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/** Throws `bad-option-value` for a value that is none of the option's choices. `source` is the option as written, or a variable's name. */
export function checkChoice(option: Option, source: string, value: string, command: string): void {
  if (option.choices === undefined || option.choices.includes(value)) return
  throw new DenError('bad-option-value', {
    source,
    value,
    command,
    expected: `one of ${option.choices.join(', ')}`,
    suggestions: closest(value, option.choices),
  })
}
