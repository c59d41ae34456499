// `pip --help` and `pip COMMAND --help`, and the usage lines that stand above a refusal.

import { additionalCommands, additionalOptions, borrowedOptions } from './additions.ts'
import { type PipOption, pipCommands, pipGroups, pipMain, pipOptions } from './grammar.ts'
import { commandWords, optionWords } from './words.ts'

/** "Usage:" with the forms of the command, as it stands above help and above what is wrong. */
export function renderPipUsage(program: string, command: string | undefined): string {
  const forms = command === undefined ? ['<command> [options]'] : (commandWords[command]?.usage ?? ['[options]'])
  const name = command === undefined ? program : `${program} ${command}`
  return ['', 'Usage:', ...forms.map((form) => `  ${name} ${form}`), ''].join('\n')
}

/** All of pip: its commands, and the options that may stand before them. */
export function renderPipHelp(program: string, columns: number): string {
  const rows = [...Object.keys(pipCommands), ...Object.keys(additionalCommands)].map(
    (name) => [name, commandWords[name]?.summary ?? ''] as const,
  )
  const options = pipMain.flatMap((group) => optionRows(pipGroups[group]!, undefined))
  return [
    renderPipUsage(program, undefined),
    'Commands:',
    ...columnsOf(rows, columns),
    '',
    'General Options:',
    ...columnsOf(options, columns),
  ].join('\n')
}

/** One command. */
export function renderPipCommandHelp(program: string, command: string, columns: number): string {
  const words = commandWords[command]!
  const parts = [renderPipUsage(program, command), 'Description:', `  ${words.summary}.`]
  for (const paragraph of words.about ?? []) parts.push(...wrap(paragraph, columns - 2).map((line) => `  ${line}`))
  const borrowed = borrowedOptions(additionalCommands[command] ?? { operands: '' })
  if (borrowed.length > 0) parts.push('', 'Options of pip:', ...columnsOf(optionRows(borrowed, command), columns))
  for (const group of pipCommands[command]?.groups ?? ['general']) {
    parts.push('', `${title(group)} Options:`, ...columnsOf(optionRows(pipGroups[group]!, command), columns))
  }
  const added = additionalOptions[command] ?? []
  if (added.length > 0) {
    const rows = added.map((option) => [optionForms(option), additionWords(option, command)] as const)
    parts.push('', 'den’s additions:', ...columnsOf(rows, columns))
  }
  return parts.join('\n')
}

/** What an option of a command does. */
export function wordsOf(key: string, command: string | undefined): string {
  return optionWords[`${command}:${key}`] ?? optionWords[key] ?? optionWords[key.slice(key.indexOf(':') + 1)] ?? ''
}

/** What an option of den's own does. */
export function additionWords({ spellings, dest }: PipOption, command: string): string {
  return wordsOf(dest, command) || wordsOf(spellings.at(-1)!.slice(2), command)
}

function optionRows(keys: readonly string[], command: string | undefined): readonly (readonly [string, string])[] {
  return keys
    .filter((key) => pipOptions[key]!.hidden !== true)
    .map((key) => [optionForms(pipOptions[key]!), wordsOf(key, command)])
}

/** "-r, --requirement <file>" */
export function optionForms({ spellings, metavar }: PipOption): string {
  const short = spellings.find((spelling) => !spelling.startsWith('--'))
  const long = spellings.find((spelling) => spelling.startsWith('--'))
  const forms = [short, long].filter((form) => form !== undefined).join(', ')
  return metavar === undefined ? forms : `${forms} <${metavar}>`
}

function title(group: string): string {
  return group.replace(/\b[a-z]/g, (letter) => letter.toUpperCase())
}

const indent = 28

function columnsOf(rows: readonly (readonly [string, string])[], columns: number): readonly string[] {
  return rows.flatMap(([left, right]) => {
    const lines = wrap(right, Math.max(columns - indent - 2, 20))
    const first = `  ${left}`
    const fits = first.length <= indent - 1
    const body = lines.map((line, index) =>
      index === 0 && fits ? `${first.padEnd(indent)}${line}` : `${' '.repeat(indent)}${line}`,
    )
    return fits ? body : [first, ...body]
  })
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
