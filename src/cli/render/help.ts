// `den --help`, `den env --help`, `den create --help`: all from the table.

import { everyCommand } from '../options/common.ts'
import { type Command, commandGroups, type Operand, type Option } from '../options/option.ts'
import { commands } from '../options/table.ts'
import type { Style } from './style.ts'
import { displayWidth, wrapText } from './table.ts'

const beginnings: readonly (readonly [string, string])[] = [
  ['den create', 'an environment in .venv'],
  ['den run python', 'Python, inside it'],
  ['den explain', 'where python and imports come from, and why'],
]

/** The whole program on one screen. */
export function renderHelp(style: Style, columns: number): string {
  const lines = [
    ...wrapText('den makes Python environments in milliseconds, and explains them.', columns),
    '',
    `${style.bold('Usage:')} den COMMAND [OPTIONS]`,
    '',
    style.bold('To begin:'),
    ...pairs(
      beginnings.map(([line, says]) => [style.cyan(line), says] as const),
      columns,
    ),
  ]
  for (const group of commandGroups) {
    const members = commands.filter((command) => command.group === group && !command.hidden)
    if (members.length === 0) continue
    lines.push('', style.bold(`${group[0]!.toUpperCase()}${group.slice(1)}:`))
    lines.push(
      ...pairs(
        members.map(({ name, summary }) => [style.cyan(name), summary] as const),
        columns,
      ),
    )
  }
  const common = everyCommand.map((option) => [style.cyan(optionText(option)), option.help] as const)
  lines.push('', style.bold('On every command:'), ...pairs(common, columns))
  lines.push(
    '',
    `More about one:    ${style.cyan('den help COMMAND')}`,
    `Which den this is: ${style.cyan('den --version')}`,
  )
  return lines.join('\n')
}

/** The commands that share a first word. */
export function renderGroupHelp(word: string, members: readonly Command[], style: Style, columns: number): string {
  const rows = members.map(({ name, summary }) => [style.cyan(name), summary] as const)
  return [
    `${style.bold('Usage:')} den ${word} COMMAND [OPTIONS]`,
    '',
    ...pairs(rows, columns),
    '',
    `More about one: ${style.cyan(`den help ${word} COMMAND`)}`,
  ].join('\n')
}

/** One command: what it does, how it is called, examples, options. */
export function renderCommandHelp(command: Command, style: Style, columns: number): string {
  const lines: string[] = [
    ...wrapText(`${command.summary}.`, columns),
    '',
    `${style.bold('Usage:')} ${usageOf(command)}`,
  ]
  if (command.aliases !== undefined)
    lines.push(`${style.bold('Also:')}  ${command.aliases.map((name) => `den ${name}`).join(', ')}`)
  for (const paragraph of command.about ?? []) lines.push('', ...wrapText(paragraph, columns))
  if (command.examples !== undefined) {
    const rows = command.examples.map(({ line, says }) => [style.cyan(line), says] as const)
    lines.push('', style.bold('Examples:'), ...pairs(rows, columns))
  }
  if (command.operands.length > 0) {
    lines.push('', style.bold('Operands:'))
    lines.push(
      ...pairs(
        command.operands.map((operand) => [style.cyan(operand.name), operand.help] as const),
        columns,
      ),
    )
  }
  for (const [group, options] of groupsOf(command.options)) {
    lines.push('', style.bold(`${group[0]!.toUpperCase()}${group.slice(1)}:`), ...optionLines(options, style, columns))
  }
  return lines.join('\n')
}

/** "den create [OPTIONS] [PATH]…" */
export function usageOf(command: Command): string {
  const operands = command.operands.map(operandText).join(' ')
  return `den ${command.name}${command.options.length > 0 ? ' [OPTIONS]' : ''}${operands === '' ? '' : ` ${operands}`}`
}

function operandText(operand: Operand): string {
  const text = operand.many ? `${operand.name}…` : operand.name
  return operand.required ? text : `[${text}]`
}

/** The options by heading, in the order met; those of every command last. */
export function groupsOf(options: readonly Option[]): ReadonlyMap<string, readonly Option[]> {
  const groups = new Map<string, Option[]>()
  for (const option of options) {
    if (option.hidden) continue
    const group = option.group ?? 'Options'
    groups.set(group, [...(groups.get(group) ?? []), option])
  }
  return groups
}

/** "-p, --python SPEC": as help and the reference show an option. */
export function optionText(option: Option): string {
  const short = option.short === undefined ? '    ' : `-${option.short}, `
  const names = [option.name, ...(option.aliases ?? []), ...(option.negations ?? [])].map((name) => `--${name}`)
  const value = option.value === undefined ? '' : ` ${option.value}${option.greedy ? '…' : ''}`
  return `${short}${names.join(', ')}${value}`
}

function optionLines(options: readonly Option[], style: Style, columns: number): readonly string[] {
  return pairs(
    options.map((option) => {
      const notes = [
        ...(option.fallback === undefined ? [] : [`default: ${option.fallback}`]),
        ...(option.variable === undefined ? [] : [option.variable]),
      ]
      return [
        style.cyan(optionText(option)),
        `${option.help}${notes.length === 0 ? '' : ` [${notes.join('; ')}]`}`,
      ] as const
    }),
    columns,
  )
}

/** Two columns; a left cell that is too long has the right one under it, and all have on a narrow terminal. */
function pairs(rows: readonly (readonly [string, string])[], columns: number): readonly string[] {
  const most = 30
  const left = Math.min(most, Math.max(0, ...rows.map(([text]) => displayWidth(text))))
  if (columns - left - 4 < 24) {
    return rows.flatMap(([text, says]) => [
      `  ${text}`,
      ...wrapText(says, columns - 8).map((line) => `        ${line}`),
    ])
  }
  const margin = ' '.repeat(left + 4)
  return rows.flatMap(([text, says]) => {
    const lines = wrapText(says, columns - left - 4)
    const tooLong = displayWidth(text) > left
    const first = tooLong ? `  ${text}` : `  ${text}${' '.repeat(left - displayWidth(text))}  ${lines[0]}`
    return [first, ...lines.slice(tooLong ? 0 : 1).map((line) => `${margin}${line}`)]
  })
}
