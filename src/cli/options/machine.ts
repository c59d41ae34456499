// What concerns den itself and this machine: completions, the cache, help, version, try.

import { everyCommand } from './common.ts'
import type { Command } from './option.ts'

const since = '0.1.0'

/** The shells that `den completions` writes for. */
export const completionShells: readonly string[] = ['bash', 'zsh', 'fish', 'powershell']

const tryCommand: Command = {
  name: 'try',
  group: 'the machine',
  summary: 'Make an environment for a small example, run it, and explain what happened',
  operands: [],
  options: everyCommand,
  schema: 1,
  since,
  load: () => import('../handlers/try.ts'),
}

const completions: Command = {
  name: 'completions',
  group: 'the machine',
  summary: 'Print the code that completes den’s commands in your shell',
  examples: [
    { line: 'eval "$(den completions bash)"', says: 'in ~/.bashrc' },
    { line: 'eval "$(den completions zsh)"', says: 'in ~/.zshrc, after compinit' },
    { line: 'den completions fish > ~/.config/fish/completions/den.fish', says: 'once' },
    { line: 'den completions powershell | Out-String | Invoke-Expression', says: 'in $PROFILE' },
  ],
  operands: [{ name: 'SHELL', help: 'bash, zsh, fish or powershell', required: true, choices: completionShells }],
  options: everyCommand,
  schema: 1,
  since,
  load: () => import('../handlers/completions.ts'),
}

const complete: Command = {
  name: '__complete',
  group: 'the machine',
  summary: 'Answer the completion code of a shell',
  operands: [{ name: 'WORD', help: 'the words of the line so far, the one being typed last', many: true }],
  options: [],
  passThrough: true,
  hidden: true,
  since,
  load: () => import('../handlers/complete.ts'),
}

const compile: Command = {
  name: '__compile',
  group: 'the machine',
  summary: 'Compile trees of the store to bytecode, as den starts it after an install',
  operands: [{ name: 'WORK', help: 'what is to be compiled, and for whom', many: true }],
  options: [],
  passThrough: true,
  hidden: true,
  since,
  load: () => import('../handlers/compile.ts'),
}

const cacheDir: Command = {
  name: 'cache dir',
  group: 'the machine',
  summary: 'Print where den keeps what it can do without',
  operands: [],
  options: everyCommand,
  schema: 1,
  since,
  load: () => import('../handlers/cache-dir.ts'),
}

const cacheClear: Command = {
  name: 'cache clear',
  group: 'the machine',
  summary: 'Remove the cache; den fills it again as it works',
  operands: [],
  options: everyCommand,
  schema: 1,
  since,
  load: () => import('../handlers/cache-clear.ts'),
}

const helpCommand: Command = {
  name: 'help',
  group: 'the machine',
  summary: 'Explain a command',
  operands: [{ name: 'COMMAND', help: 'one word or two: create, env list', many: true, completes: 'command' }],
  options: everyCommand,
  schema: 1,
  since,
  load: () => import('../handlers/help.ts'),
}

const version: Command = {
  name: 'version',
  group: 'the machine',
  summary: 'Print den’s version, the runtime and where den keeps things',
  operands: [],
  options: everyCommand,
  schema: 1,
  since,
  load: () => import('../handlers/version.ts'),
}

export const machineCommands: readonly Command[] = [
  tryCommand,
  completions,
  complete,
  compile,
  cacheDir,
  cacheClear,
  helpCommand,
  version,
]
