// What may stand at the end of an unfinished command line. The line is read leniently by the same table as real ones are; what
// lies outside the table (Pythons, environments) is asked for through `Ask`.

import { everyCommand, version } from '../options/common.ts'
import type { Command, Completes, Operand, Option } from '../options/option.ts'
import { commands, commandsUnder, findCommand } from '../options/table.ts'

export interface Candidate {
  readonly value: string
  readonly says?: string
}

export interface Answer {
  readonly candidates: readonly Candidate[]
  /** What the shell shall add by itself: nothing, paths, or directories. */
  readonly paths: 'none' | 'files' | 'directories'
  /** "--python=" where the word being completed is an option with its value; candidates then stand for what follows. */
  readonly prefix: string
}

/** What completion needs to know beyond the table. */
export interface Ask {
  pythons(): Promise<readonly Candidate[]>
  environments(): Promise<readonly Candidate[]>
  programs(): Promise<readonly Candidate[]>
  /** Names of what is installed here; nobody knows any unless given. */
  packages?(): Promise<readonly string[]>
}

const shells = ['bash', 'zsh', 'fish', 'sh', 'dash', 'ksh', 'csh', 'tcsh', 'powershell', 'nu', 'xonsh']

/** Completes `current` after `words` (the line without `den` and without the word being typed). */
export async function complete(words: readonly string[], current: string, ask: Ask): Promise<Answer> {
  const line = readLine(words)
  if (line.command?.grammar === 'pip') return completePip(words, current, ask)
  const equals = current.startsWith('--') ? current.indexOf('=') : -1
  const prefix = equals === -1 ? '' : current.slice(0, equals + 1)
  const typed = current.slice(prefix.length)
  const answer = await offers(line, current, prefix, ask)
  return { prefix, paths: answer.paths, candidates: answer.candidates.filter(({ value }) => value.startsWith(typed)) }
}

/** pip's own grammar; what follows an option that takes a value is most often a path. */
async function completePip(words: readonly string[], current: string, ask: Ask): Promise<Answer> {
  const { pipCandidates } = await import('../compat/pip/complete.ts')
  const rest = words.slice(words.indexOf('pip') + 1)
  const candidates = await pipCandidates(rest, current, async () => (await ask.packages?.()) ?? [])
  return { prefix: '', paths: candidates.length === 0 || rest.includes('install') ? 'files' : 'none', candidates }
}

interface Line {
  /** Words that name no command yet. */
  readonly unread: readonly string[]
  readonly command?: Command
  readonly options: readonly Option[]
  readonly operands: number
  /** The option whose value comes next. */
  readonly awaiting?: Option
  readonly optionsEnded: boolean
}

function readLine(words: readonly string[]): Line {
  const start = skipOptions(words, everyCommand)
  if (start.awaiting !== undefined)
    return { unread: [], options: everyCommand, operands: 0, awaiting: start.awaiting, optionsEnded: false }
  const rest = words.slice(start.index)
  const found = findCommand(rest)
  if (found === undefined)
    return { unread: rest, options: [...everyCommand, version], operands: 0, optionsEnded: false }
  const { command, taken } = found
  let operands = 0
  let index = taken
  let optionsEnded = false
  while (index < rest.length) {
    const skipped = optionsEnded ? { index: 0 } : skipOptions(rest.slice(index), command.options)
    if ('awaiting' in skipped && skipped.awaiting !== undefined) {
      return { unread: [], command, options: command.options, operands, awaiting: skipped.awaiting, optionsEnded }
    }
    index += skipped.index
    if (index >= rest.length) break
    if (rest[index] === '--' && !optionsEnded) optionsEnded = true
    else {
      operands += 1
      if (command.passThrough) optionsEnded = true
    }
    index += 1
  }
  return { unread: [], command, options: command.options, operands, optionsEnded }
}

/** How many words at the front are options with their values; `awaiting` when the last one still lacks its value. */
function skipOptions(
  words: readonly string[],
  options: readonly Option[],
): { readonly index: number; readonly awaiting?: Option } {
  let index = 0
  while (index < words.length) {
    const word = words[index]!
    if (word.length < 2 || !word.startsWith('-') || word === '--') break
    index += 1
    const option = optionAwaiting(word, options)
    if (option === undefined) continue
    if (index >= words.length) return { index, awaiting: option }
    index += 1
  }
  return { index }
}

/** The option that takes its value from the next word, when `word` is one. */
function optionAwaiting(word: string, options: readonly Option[]): Option | undefined {
  const takesValue = (option: Option | undefined): Option | undefined =>
    option?.kind === 'text' || option?.kind === 'list' ? option : undefined
  if (word.startsWith('--')) {
    const name = word.slice(2)
    return takesValue(options.find((option) => option.name === name || option.aliases?.includes(name)))
  }
  for (let at = 1; at < word.length; at += 1) {
    const option = takesValue(options.find(({ short }) => short === word[at]))
    if (option !== undefined) return at === word.length - 1 ? option : undefined
  }
  return undefined
}

type Offers = Omit<Answer, 'prefix'>
const nothing: Offers = { candidates: [], paths: 'none' }

async function offers(line: Line, current: string, prefix: string, ask: Ask): Promise<Offers> {
  if (line.awaiting !== undefined) return valueOffers(line.awaiting, ask)
  if (prefix !== '') {
    const option = optionAwaiting(prefix.slice(0, -1), line.options)
    return option === undefined ? nothing : valueOffers(option, ask)
  }
  if (current.startsWith('-') && !line.optionsEnded) return { candidates: optionOffers(line.options), paths: 'none' }
  if (line.command === undefined) return { candidates: commandOffers(line.unread), paths: 'none' }
  const operand = line.command.operands[line.operands] ?? line.command.operands.findLast(({ many }) => many)
  const answer = operand === undefined ? nothing : await operandOffers(operand, ask)
  // "den hook" is a command, and the beginning of "den hook allow".
  const further = line.operands === 0 && !line.optionsEnded ? commandOffers([line.command.name]) : []
  return { ...answer, candidates: [...answer.candidates, ...further] }
}

function optionOffers(options: readonly Option[]): readonly Candidate[] {
  return options.flatMap((option) => {
    if (option.hidden) return []
    return [option.name, ...(option.aliases ?? []), ...(option.negations ?? [])].map((name) => ({
      value: `--${name}`,
      says: option.help,
    }))
  })
}

function commandOffers(unread: readonly string[]): readonly Candidate[] {
  const [first] = unread
  if (unread.length > 1) return []
  if (first !== undefined) {
    return commandsUnder(first).map(({ name, summary }) => ({ value: name.slice(first.length + 1), says: summary }))
  }
  const offered = new Map<string, string>()
  for (const { name, summary, hidden } of commands) {
    if (hidden) continue
    const [word, second] = name.split(' ')
    if (second === undefined) offered.set(word!, summary)
    else if (!offered.has(word!))
      offered.set(
        word!,
        commandsUnder(word!)
          .map((member) => member.name.slice(word!.length + 1))
          .join(', '),
      )
  }
  return [...offered].map(([value, says]) => ({ value, says }))
}

function operandOffers(operand: Operand, ask: Ask): Promise<Offers> {
  return choose(operand.choices, operand.completes, ask)
}

function valueOffers(option: Option, ask: Ask): Promise<Offers> {
  return choose(option.choices, option.completes, ask)
}

async function choose(
  choices: readonly string[] | undefined,
  completes: Completes | undefined,
  ask: Ask,
): Promise<Offers> {
  if (choices !== undefined) return { candidates: choices.map((value) => ({ value })), paths: 'none' }
  switch (completes) {
    case 'python':
      return { candidates: await ask.pythons(), paths: 'files' }
    case 'name':
      return { candidates: await ask.environments(), paths: 'none' }
    case 'environment':
      return { candidates: await ask.environments(), paths: 'directories' }
    case 'program':
      return { candidates: await ask.programs(), paths: 'files' }
    case 'directory':
      return { candidates: [], paths: 'directories' }
    case 'file':
      return { candidates: [], paths: 'files' }
    case 'shell':
      return { candidates: shells.map((value) => ({ value })), paths: 'none' }
    case 'command':
      return { candidates: commandOffers([]), paths: 'none' }
    case undefined:
      return nothing
  }
}
