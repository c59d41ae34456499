// pip’s face and the commands that put packages in and take them out.

import { shellWord } from '../shell-word.ts'
import type { ErrorTexts } from './text.ts'

export interface PackagesErrorDetails {
  'unknown-pip-command': {
    readonly name: string
    readonly known: readonly string[]
    readonly program: string
    readonly suggestions?: readonly string[]
  }
  /** A value in a variable or a configuration file of pip's. */
  'pip-setting-wrong': {
    readonly key: string
    readonly value: string
    readonly from: string
    readonly expected: string
  }
  'pip-option-misplaced': { readonly option: string; readonly program: string }
  /** Options that pip's commands refuse together; `because` is a whole sentence. */
  'pip-options-refused': { readonly command: string; readonly because: string; readonly fix: readonly string[] }
  'environment-required': { readonly executable: string }
  'externally-managed': { readonly prefix: string; readonly file: string; readonly says?: string }
  'search-gone': { readonly query: string }
  'nobody-answers': { readonly question: string }
  'no-such-release': { readonly name: string }
  /** No installed package says that somebody asked for it. */
  'nothing-requested': { readonly prefix: string; readonly packages: number }
  /** `first` and `last`: the numbers of the changes that are known, where there are any. */
  'nothing-to-undo': {
    readonly environment: string
    readonly first?: number
    readonly last?: number
    readonly number?: number
  }
  /** What stood there before cannot be had again. */
  'undo-incomplete': { readonly missing: readonly string[] }
  'no-pip-configuration': { readonly reason: string }
}

export const packagesErrors: ErrorTexts<PackagesErrorDetails> = {
  'unknown-pip-command': {
    what: ({ name }) => `pip has no command ${shellWord(name)}`,
    why: ({ known }) => `it has: ${known.join(', ')}`,
    fix: ({ program, suggestions = [] }) => [
      ...suggestions.map((name) => `${program} ${name}`),
      `see what each does: ${program} help`,
    ],
  },
  'pip-setting-wrong': {
    what: ({ key, value, from }) => `${from} sets ${key} to ${shellWord(value)}, which will not do`,
    why: ({ expected }) => `expected ${expected}`,
    fix: ({ from }) => [/^PIP_\w+$/.test(from) ? `unset ${from}` : `mend or remove the line: ${from}`],
  },
  'pip-option-misplaced': {
    what: ({ option }) => `${option} counts only before pip's command`,
    fix: ({ option, program }) => [`${program} ${option} VALUE COMMAND`],
  },
  'pip-options-refused': {
    what: ({ command, because }) => `${command}: ${because}`,
    fix: ({ fix }) => fix,
  },
  'environment-required': {
    what: ({ executable }) => `${executable} belongs to no virtual environment, and --require-virtualenv asks for one`,
    fix: () => ['make one: den create', 'activate one, or name it: den pip --python ENV …'],
  },
  'externally-managed': {
    what: ({ prefix }) => `the Python under ${prefix} belongs to another package manager`,
    why: ({ says, file }) => says ?? `${file} says so`,
    fix: () => [
      'make an environment and install there: den create',
      'change it all the same, at the risk of breaking it: add --break-system-packages',
    ],
  },
  'search-gone': {
    what: ({ query }) => `there is no searching for ${shellWord(query)}`,
    why: () => 'the public index gave up answering searches, and pip search fails everywhere since',
    fix: () => ['search on the index’s web page', 'see whether a name exists: den pip index versions NAME'],
  },
  'nobody-answers': {
    what: ({ question }) => `nobody answers "${question}"`,
    why: () => 'standard input has come to its end',
    fix: () => ['say yes beforehand: add --yes'],
  },
  'no-such-release': {
    what: ({ name }) => `no release of ${name} fits`,
    why: () => 'the indexes know no such project, or none of its files is for this Python and machine',
    fix: ({ name }) => [
      'look at the spelling',
      `pre-releases as well: den pip index versions --pre ${name}`,
      `for any Python: den pip index versions --ignore-requires-python ${name}`,
    ],
  },
  'nothing-requested': {
    what: ({ prefix }) => `what was asked for in ${prefix} is not known`,
    why: ({ packages }) =>
      `none of its ${packages} packages has a REQUESTED file: the tool that installed them wrote none, and all of them would go`,
    fix: () => [
      'ask for what you want once more: den pip install NAME…',
      'or take packages out by name: den pip uninstall NAME…',
    ],
  },
  'nothing-to-undo': {
    what: ({ environment, number }) =>
      number === undefined
        ? `no change of ${environment} is there to be undone`
        : `${environment} has no change ${number}`,
    why: ({ first, last, number }) =>
      first === undefined
        ? 'den has changed nothing there yet'
        : number === undefined
          ? 'what den changed there has been undone already'
          : `its changes are ${first === last ? first : `${first} to ${last}`}`,
    fix: () => ['see what changed: den history'],
  },
  'undo-incomplete': {
    what: ({ missing }) => `what stood there before cannot be had again: ${missing.join(', ')}`,
    why: () => 'the store does not have it, and no index does',
    fix: () => ['make an index or directory reachable that has it: PIP_INDEX_URL or PIP_FIND_LINKS'],
  },
  'no-pip-configuration': {
    what: () => 'there is no configuration file to work on',
    why: ({ reason }) => reason,
    fix: () => ['say which: --user, --global or --site', 'see all of them: den pip config debug'],
  },
}
