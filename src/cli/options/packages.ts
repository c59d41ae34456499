// den's own verbs for the packages of an environment: history, undo, unshare.

import { dryRun, environmentName, environmentPath, everyCommand, offline } from './common.ts'
import type { Command } from './option.ts'

const since = '0.1.0'

export const historyCommand: Command = {
  name: 'history',
  group: 'environments',
  summary: 'Tell how the packages of an environment have changed',
  about: ['Every change that den makes is noted with the change itself, the last 100 of them.'],
  examples: [
    { line: 'den history', says: 'the newest change first' },
    { line: 'den history -n tools --json', says: 'of a named environment, for a program' },
  ],
  operands: [],
  options: [environmentName, environmentPath, ...everyCommand],
  schema: 1,
  since,
  load: () => import('../handlers/history.ts'),
}

export const undoCommand: Command = {
  name: 'undo',
  group: 'environments',
  summary: 'Take the last change of an environment’s packages back',
  about: [
    'The environment is then as it was before that change, in one step. With a number, as it was before that change and all after it. What the store no longer has is fetched. The files of a project stay as they are: den says so, and which command changes them likewise.',
  ],
  examples: [
    { line: 'den undo', says: 'take back what den did last' },
    { line: 'den undo 3 --dry-run', says: 'what it would take to be where one was before change 3' },
  ],
  operands: [{ name: 'CHANGE', help: 'its number, as den history tells it; the last one that was not undone' }],
  options: [environmentName, environmentPath, dryRun, offline, ...everyCommand],
  schema: 1,
  since,
  load: () => import('../handlers/undo.ts'),
}

export const unshareCommand: Command = {
  name: 'unshare',
  group: 'environments',
  summary: 'Give an environment files of its own in place of links into the store',
  about: [
    'What is linked from the store is read-only and the same for all environments. A package that is to be edited, or that writes beside itself, gets ordinary files; the other environments keep what they have. Installing it again makes links of it again.',
  ],
  examples: [
    { line: 'den unshare certifi', says: 'to append a certificate to its bundle' },
    { line: 'den unshare -n tools yaml', says: 'by the name of the module' },
  ],
  operands: [{ name: 'NAME', help: 'a package that den installed, or a module of one', required: true, many: true }],
  options: [environmentName, environmentPath, ...everyCommand],
  schema: 1,
  since,
  load: () => import('../handlers/unshare.ts'),
}

export const packageCommands: readonly Command[] = [historyCommand, undoCommand, unshareCommand]
