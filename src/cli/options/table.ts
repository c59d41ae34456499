// Every command, in the order help shows them, and how the words of a command line lead to one.

import { auditCommand } from './audit.ts'
import { environmentCommands } from './environments.ts'
import { interpreterCommands } from './interpreters.ts'
import { lockViewCommands } from './lock-views.ts'
import { machineCommands } from './machine.ts'
import type { Command } from './option.ts'
import { packageCommands } from './packages.ts'
import { peerCommands } from './peers.ts'
import { pipCommand } from './pip.ts'
import { projectChangeCommands } from './project-change.ts'
import { pinCommand, projectStartCommands } from './project-start.ts'
import { syncCommands } from './project-sync.ts'
import { storeCommands } from './store.ts'

export const commands: readonly Command[] = [
  ...projectStartCommands,
  ...projectChangeCommands,
  ...syncCommands,
  ...lockViewCommands,
  ...environmentCommands,
  ...packageCommands,
  auditCommand,
  ...interpreterCommands,
  pinCommand,
  ...peerCommands,
  pipCommand,
  ...storeCommands,
  ...machineCommands,
]

/** The command that the first words name, with how many words that took; the longest name wins. */
export function findCommand(
  words: readonly string[],
): { readonly command: Command; readonly taken: number } | undefined {
  const two = words.length > 1 ? `${words[0]} ${words[1]}` : undefined
  for (const [name, taken] of [
    [two, 2],
    [words[0], 1],
  ] as const) {
    if (name === undefined) continue
    for (const command of commands) {
      if (command.name === name || command.aliases?.includes(name)) return { command, taken }
    }
  }
  return undefined
}

/** The commands whose name begins with this word: `den env` → env list, env remove, … */
export function commandsUnder(word: string): readonly Command[] {
  return commands.filter(({ name }) => name.startsWith(`${word} `))
}

/** Every word or pair of words that help can be given on: commands, their aliases, and the first words that several share. */
export function commandNames(): readonly string[] {
  const names = commands.filter(({ hidden }) => !hidden).flatMap(({ name, aliases }) => [name, ...(aliases ?? [])])
  return [...new Set([...names, ...names.flatMap((name) => (name.includes(' ') ? [name.split(' ')[0]!] : []))])]
}
