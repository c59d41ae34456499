// What may stand next on pip's command line: its commands, their actions and options, installed packages where one is named.

import { pipCommands, pipMain, pipOptions } from './grammar.ts'
import { wordsOf } from './help.ts'
import { commandNames, optionsOf, optionsOfCommand } from './parse.ts'
import { commandWords } from './words.ts'

export interface PipCandidate {
  readonly value: string
  readonly says?: string
}

/** Completes `current` among the other words of the line (without `pip` itself). `installed` is asked where a package is named. */
export async function pipCandidates(
  words: readonly string[],
  current: string,
  installed: () => Promise<readonly string[]>,
): Promise<readonly PipCandidate[]> {
  const command = words.find((word) => commandNames.includes(word))
  const all =
    command === undefined ? mainCandidates(current) : await commandCandidates(command, words, current, installed)
  return all.filter(({ value }) => value.startsWith(current))
}

function mainCandidates(current: string): readonly PipCandidate[] {
  if (current.startsWith('-')) return optionCandidates(optionsOf(pipMain), undefined)
  return commandNames.map((value) => ({ value, says: commandWords[value]!.summary }))
}

async function commandCandidates(
  command: string,
  words: readonly string[],
  current: string,
  installed: () => Promise<readonly string[]>,
): Promise<readonly PipCandidate[]> {
  if (command === 'help')
    return commandNames
      .filter((name) => name !== 'help')
      .map((value) => ({ value, says: commandWords[value]!.summary }))
  if (['show', 'uninstall', 'tree', 'why'].includes(command) && !current.startsWith('-')) {
    const names = (await installed()).filter((name) => !words.includes(name) && name.startsWith(current.toLowerCase()))
    if (names.length > 0) return names.map((value) => ({ value }))
  }
  const given = new Set(words.map((word) => word.split('=')[0]!))
  const options = optionCandidates(optionsOfCommand(command)!, command).filter(
    ({ value }) => !given.has(value.replace(/=$/, '')),
  )
  const actions = pipCommands[command]?.actions ?? []
  const open = actions.some((action) => words.includes(action)) ? [] : actions.map((value) => ({ value }))
  return [...options, ...open]
}

/** Long spellings first; one that takes a value ends in `=`. */
function optionCandidates(options: ReturnType<typeof optionsOf>, command: string | undefined): readonly PipCandidate[] {
  const keys = new Map(Object.entries(pipOptions).map(([key, option]) => [option, key]))
  return options
    .filter(({ hidden }) => hidden !== true)
    .flatMap((option) => {
      const says = wordsOf(keys.get(option) ?? option.dest, command)
      const spellings = [...option.spellings].sort((a, b) => Number(b.startsWith('--')) - Number(a.startsWith('--')))
      return spellings.map((spelling) => ({
        value: option.type !== undefined && spelling.startsWith('--') ? `${spelling}=` : spelling,
        ...(says === '' ? {} : { says }),
      }))
    })
}
