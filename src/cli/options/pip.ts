// `den pip` as one of den's commands. Its own grammar is in cli/compat/pip: everything behind the word `pip` is read there.

import type { Command } from './option.ts'

export const pipCommand: Command = {
  name: 'pip',
  group: 'the peers’ own command lines',
  summary: 'Manage packages with the commands and options of pip',
  about: [
    'Takes what pip 26.3 takes, reads its PIP_* variables and configuration files, and does it for every Python from 2.7 on: in the environment that --python names, else the active one, else the nearest .venv.',
    'What each command and option does is in docs/reference/pip.md, and in den pip COMMAND --help. den adds compile, sync, upgrade, autoremove, tree and why.',
  ],
  examples: [
    { line: 'den pip list', says: 'what is installed' },
    { line: 'den pip --python env check', says: 'whether the environment env has all it needs' },
    { line: 'den pip tree --invert six', says: 'what requires six' },
  ],
  operands: [{ name: 'ARGUMENTS', help: 'a command of pip with its options; --help lists them', many: true }],
  options: [],
  grammar: 'pip',
  since: '0.1.0',
  load: () => import('../compat/pip/main.ts'),
}
