// The value of each option: what the command line says, else what its variable says. Where a value came from is kept, so that a
// wrong one is answered with the place to mend.

import { DenError } from '../../base/error.ts'
import { type Host, variable } from '../../host/host.ts'
import type { Option, OptionValue } from './option.ts'
import { checkChoice, divideByCommas, type ParsedArguments } from './parse.ts'

/** The options of one invocation. */
export interface Values {
  /** The option's value; undefined where neither the command line nor its variable gives one. */
  get<Value extends OptionValue>(option: Option<Value>): Value | undefined
  /** Whether the command line itself gave the option. */
  typed(option: Option): boolean
}

/** Throws `bad-option-value` when a variable holds what its option cannot take. */
export function resolveValues(
  parsed: ParsedArguments,
  options: readonly Option[],
  host: Pick<Host, 'env' | 'platform'>,
  command: string,
): Values {
  const values = new Map<Option, OptionValue>()
  for (const [option, value] of parsed.given) values.set(option, value)
  for (const option of options) {
    if (option.variable === undefined || values.has(option)) continue
    const text = variable(host, option.variable)
    if (text !== undefined && text !== '') values.set(option, readText(option, text, option.variable, command))
  }
  return {
    // The map holds under each option only what that option's kind allows: parse.ts and readText see to it.
    get: <Value extends OptionValue>(option: Option<Value>) => values.get(option) as Value | undefined,
    typed: (option) => parsed.given.has(option),
  }
}

/** An option's value from the text of a variable or a settings file. Throws `bad-option-value`, naming `source`. */
export function readText(option: Option, text: string, source: string, command: string): OptionValue {
  const wrong = (expected: string): DenError =>
    new DenError('bad-option-value', { source, value: text, expected, command, suggestions: [] })
  switch (option.kind) {
    case 'flag': {
      const value = readBoolean(text)
      if (value === undefined) throw wrong('1, true, yes, on, or 0, false, no, off')
      return value
    }
    case 'count': {
      if (!/^\d+$/.test(text)) throw wrong('a whole number')
      return Number(text)
    }
    case 'text':
      checkChoice(option, source, text, command)
      return text
    case 'list': {
      const parts = option.commas ? divideByCommas(text) : [text]
      for (const part of parts) checkChoice(option, source, part, command)
      return parts
    }
  }
}

/** The words that configuration files and variables use for yes and no, in any case. */
export function readBoolean(text: string): boolean | undefined {
  switch (text.toLowerCase()) {
    case '1':
    case 'true':
    case 'yes':
    case 'on':
      return true
    case '0':
    case 'false':
    case 'no':
    case 'off':
      return false
    default:
      return undefined
  }
}

export { defined } from '../../base/defined.ts'
