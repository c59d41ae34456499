// den python: the Pythons of this machine.

import { everyCommand, noSpawn } from './common.ts'
import type { Command, Operand, Option } from './option.ts'

const since = '0.1.0'

const spec: Operand = {
  name: 'SPEC',
  help: 'which ones: 3.12, ">=3.9,<3.13", pypy3.10, 3.13t, a path or a name on PATH',
  completes: 'python',
}

export const allPaths: Option<boolean> = {
  name: 'all',
  short: 'a',
  kind: 'flag',
  help: 'Also the other paths that lead to each, and those in environments',
  since,
}

const list: Command = {
  name: 'python list',
  aliases: ['python ls'],
  group: 'interpreters',
  summary: 'List the Pythons on this machine, whoever put them there',
  about: ['Reads files and runs nothing where they tell enough. What is broken is listed with what is wrong with it.'],
  operands: [spec],
  options: [allPaths, noSpawn, ...everyCommand],
  schema: 1,
  since,
  load: () => import('../handlers/python-list.ts'),
}

const find: Command = {
  name: 'python find',
  group: 'interpreters',
  summary: 'Print the path of the Python that a SPEC means here',
  about: ['Without SPEC: the one that den create would take here.'],
  operands: [spec],
  options: [noSpawn, ...everyCommand],
  schema: 1,
  since,
  load: () => import('../handlers/python-find.ts'),
}

const info: Command = {
  name: 'python info',
  group: 'interpreters',
  summary: 'Show what den knows of a Python',
  operands: [
    { name: 'PATH', help: 'the executable, or a SPEC; the Python of this directory unless said', completes: 'python' },
  ],
  options: [noSpawn, ...everyCommand],
  schema: 1,
  since,
  load: () => import('../handlers/python-info.ts'),
}

export const interpreterCommands: readonly Command[] = [list, find, info]
