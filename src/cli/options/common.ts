// The options that several commands share. A command's own stand with the command.

import type { Option } from './option.ts'
import type { Values } from './values.ts'

const since = '0.1.0'
const everywhere = 'On every command'

export const help: Option<boolean> = {
  name: 'help',
  short: 'h',
  kind: 'flag',
  help: 'Explain this command',
  group: everywhere,
  since,
}

export const quiet: Option<number> = {
  name: 'quiet',
  short: 'q',
  kind: 'count',
  variable: 'DEN_QUIET',
  help: 'Say less: once, only warnings and errors; twice, only errors',
  group: everywhere,
  since,
}

export const verbose: Option<number> = {
  name: 'verbose',
  short: 'v',
  kind: 'count',
  variable: 'DEN_VERBOSE',
  help: 'Say more: once, each step; twice, also where an error arose',
  group: everywhere,
  since,
}

export const json: Option<boolean> = {
  name: 'json',
  kind: 'flag',
  help: 'Answer with one JSON document on stdout, errors included',
  group: everywhere,
  since,
}

export const color: Option<string> = {
  name: 'color',
  kind: 'text',
  value: 'WHEN',
  choices: ['auto', 'always', 'never'],
  variable: 'DEN_COLOR',
  fallback: 'auto',
  help: 'Colour the output: always, never, or auto (on a terminal, unless NO_COLOR is set)',
  group: everywhere,
  since,
}

export const noProgress: Option<boolean> = {
  name: 'no-progress',
  kind: 'flag',
  variable: 'DEN_NO_PROGRESS',
  help: 'Show no progress lines',
  group: everywhere,
  since,
}

export const directory: Option<string> = {
  name: 'directory',
  short: 'C',
  kind: 'text',
  value: 'DIR',
  completes: 'directory',
  help: 'Work in DIR instead of the current directory',
  group: everywhere,
  since,
}

/** In place of a command; `den --version` alone is answered in main.ts. */
export const version: Option<boolean> = {
  name: 'version',
  short: 'V',
  kind: 'flag',
  help: 'Print den’s version',
  since,
}

/** What every command of den takes; those in a peer's grammar only as far as the peer's own letters leave room. */
export const everyCommand: readonly Option[] = [help, quiet, verbose, json, color, noProgress, directory]

/** For the commands whose stdout belongs to another program. */
export const everyCommandButJson: readonly Option[] = everyCommand.filter((option) => option !== json)

export const python: Option<string> = {
  name: 'python',
  short: 'p',
  kind: 'text',
  value: 'SPEC',
  variable: 'DEN_PYTHON',
  completes: 'python',
  fallback: '.python-version, else the first Python on PATH',
  help: 'The Python to use: 3.12, ">=3.9,<3.13", pypy3.10, 3.13t, a path or a name on PATH',
  group: 'Python',
  since,
}

/** The Python that is asked for, and the variable that does so where the command line doesn't. */
export function askedPython(values: Values): { readonly python?: string; readonly pythonFrom?: string } {
  const word = values.get(python)
  if (word === undefined) return {}
  return values.typed(python) ? { python: word } : { python: word, pythonFrom: python.variable! }
}

export const noSpawn: Option<boolean> = {
  name: 'no-spawn',
  kind: 'flag',
  variable: 'DEN_NO_SPAWN',
  help: 'Never run a Python to learn about it; refuse one that files alone do not describe',
  group: 'Python',
  since,
}

export const environmentName: Option<string> = {
  name: 'name',
  short: 'n',
  kind: 'text',
  value: 'NAME',
  completes: 'name',
  help: 'The named environment NAME, which can be used from anywhere',
  since,
}

export const environmentPath: Option<string> = {
  name: 'env',
  short: 'e',
  kind: 'text',
  value: 'PATH',
  completes: 'environment',
  help: 'The environment at PATH',
  since,
}

export const dryRun: Option<boolean> = {
  name: 'dry-run',
  kind: 'flag',
  help: 'Show what would be done, and do nothing',
  since,
}

export const offline: Option<boolean> = {
  name: 'offline',
  kind: 'flag',
  variable: 'DEN_OFFLINE',
  help: 'Use no network',
  group: 'Packages',
  since,
}

export const linkMode: Option<string> = {
  name: 'link-mode',
  kind: 'text',
  value: 'MODE',
  choices: ['auto', 'clone', 'hardlink', 'copy', 'instant'],
  variable: 'DEN_LINK_MODE',
  fallback: 'auto: the first of clone, hardlink and copy that the disk can do',
  help: 'How files come from the store: auto, clone, hardlink or copy; instant links whole packages',
  group: 'Packages',
  since,
}
