// The command line: what was typed wrong, and what den's output met.

import { shellWord } from '../shell-word.ts'
import type { ErrorTexts } from './text.ts'

export interface CliErrorDetails {
  'unknown-command': {
    readonly name: string
    readonly suggestions: readonly string[]
    readonly known?: readonly string[]
    /** What to do in den for a word that other tools have: sentences that end in a command. */
    readonly instead?: readonly string[]
  }
  'unknown-option': { readonly option: string; readonly command: string; readonly suggestions: readonly string[] }
  'ambiguous-option': { readonly option: string; readonly command: string; readonly candidates: readonly string[] }
  'option-needs-value': { readonly option: string; readonly value: string; readonly command: string }
  'option-takes-no-value': { readonly option: string; readonly value: string; readonly command: string }
  'options-conflict': { readonly first: string; readonly second: string; readonly command: string }
  'bad-option-value': {
    /** The option as written, the variable, or the file and line the value came from. */
    readonly source: string
    readonly value: string
    readonly expected: string
    readonly command: string
    readonly suggestions: readonly string[]
  }
  'missing-operand': { readonly operand: string; readonly command: string; readonly says: string }
  'extra-operand': { readonly operand: string; readonly command: string; readonly most: number }
  'argument-not-utf8': { readonly argument: string; readonly position: number }
  /** A peer's option that den knows and cannot honour. */
  'option-not-supported': {
    readonly option: string
    readonly command: string
    readonly reason: string
    readonly instead: readonly string[]
  }
  'shell-unknown': { readonly shell: string; readonly known: readonly string[] }
  'example-failed': { readonly python: string; readonly said: string }
  'output-failed': { readonly stream: string; readonly errno: string }
  /** A fault of den's own. */
  internal: { readonly message: string; readonly name: string }
}

const helpFor = (command: string): string => `see what it takes: ${command} --help`

export const cliErrors: ErrorTexts<CliErrorDetails> = {
  'example-failed': {
    what: ({ python }) => `the example's program failed under ${python}`,
    why: ({ said }) => `it said: ${said.trim()}`,
    fix: () => ['see what is wrong with the environment: den doctor', 'try another Python: den python list'],
  },
  'unknown-command': {
    what: ({ name }) => `den has no command ${shellWord(name)}`,
    why: ({ known }) => (known === undefined ? undefined : `it has: ${known.join(', ')}`),
    fix: ({ suggestions, instead = [] }) => [
      ...instead,
      ...suggestions.map((name) => `den ${name}`),
      'see all commands: den --help',
    ],
    exit: 2,
  },
  'unknown-option': {
    what: ({ option, command }) => `${command} has no option ${option}`,
    why: ({ suggestions }) => (suggestions.length === 0 ? undefined : `the nearest it has: ${suggestions.join(', ')}`),
    fix: ({ command }) => [helpFor(command)],
    exit: 2,
  },
  'ambiguous-option': {
    what: ({ option, command }) => `${option} is the beginning of several options of ${command}`,
    why: ({ candidates }) => `it could be ${candidates.join(', ')}`,
    fix: () => ['write the option out'],
    exit: 2,
  },
  'option-needs-value': {
    what: ({ option, value, command }) => `${command}: ${option} needs a value, ${value}`,
    fix: ({ option, value, command }) => [
      `${command} ${option} ${value}`,
      ...(option.startsWith('--') ? [`where the value begins with a dash: ${option}=-VALUE`] : []),
    ],
    exit: 2,
  },
  'option-takes-no-value': {
    what: ({ option, value, command }) =>
      `${command}: ${option} is a switch and takes no value, but ${shellWord(value)} was given`,
    fix: ({ option, command }) => [`${command} ${option}`],
    exit: 2,
  },
  'options-conflict': {
    what: ({ first, second, command }) => `${command}: ${first} and ${second} cannot both be given`,
    fix: () => ['leave one of them out'],
    exit: 2,
  },
  'bad-option-value': {
    what: ({ source, value }) => `${source}: ${shellWord(value)} will not do`,
    why: ({ expected }) => `expected ${expected}`,
    fix: ({ suggestions, command }) => [...suggestions.map((word) => `did you mean ${word}?`), helpFor(command)],
    exit: 2,
  },
  'missing-operand': {
    what: ({ operand, command }) => `${command} needs ${operand}`,
    why: ({ operand, says }) => `${operand} is ${says}`,
    fix: ({ command }) => [helpFor(command)],
    exit: 2,
  },
  'extra-operand': {
    what: ({ operand, command }) => `${command} does not know what to do with ${shellWord(operand)}`,
    why: ({ most }) =>
      most === 0
        ? 'it takes options only'
        : `it takes ${most === 1 ? 'one operand' : `${most} operands`} and was given more`,
    fix: ({ command }) => [helpFor(command)],
    exit: 2,
  },
  'argument-not-utf8': {
    what: ({ argument, position }) => `argument ${position} (${argument}) is not valid UTF-8`,
    why: () => 'the runtime has replaced the wrong bytes, so that den no longer knows which file was meant',
    fix: () => ['rename the file or directory, or reach it by another name'],
    exit: 2,
  },
  'option-not-supported': {
    what: ({ option, command }) => `${command}: den does not do ${option}`,
    why: ({ reason }) => reason,
    fix: ({ instead }) => instead,
    exit: 2,
  },
  'shell-unknown': {
    what: ({ shell }) => `den has no completions for the shell ${shellWord(shell)}`,
    why: ({ known }) => `it knows ${known.join(', ')}`,
    fix: ({ known }) => known.map((name) => `den completions ${name}`),
    exit: 2,
  },
  'output-failed': {
    what: ({ stream, errno }) => `cannot write to ${stream} (${errno})`,
    why: ({ errno }) => (errno === 'ENOSPC' ? 'the disk it leads to is full' : undefined),
  },
  internal: {
    what: ({ name, message }) => `den met an error of its own: ${name}: ${message}`,
    why: () => 'this is a fault in den, not in what you did',
    fix: () => ['run it again with -vv and report what it prints'],
  },
}
