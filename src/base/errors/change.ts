// Changing what a project says: its manifest and its lock, by den's own hand.

import { shellWord } from '../shell-word.ts'
import type { ErrorTexts } from './text.ts'

export interface ChangeErrorDetails {
  /** Between reading a file and writing it somebody else has written it. */
  'file-changed': { readonly file: string }
  /** A question that a command would ask, and nobody is there to answer. */
  'not-a-terminal': { readonly option: string; readonly instead: readonly string[] }
  /** A source names an index that the project has not described. */
  'unknown-index': {
    readonly file: string
    readonly index: string
    readonly projects: readonly string[]
    readonly known: readonly string[]
  }
  /** A change that a killed den had begun, of files that somebody has written to since. */
  'change-dropped': { readonly directory: string; readonly paths: readonly string[] }
}

export const changeErrors: ErrorTexts<ChangeErrorDetails> = {
  'file-changed': {
    what: ({ file }) => `${file} was changed while den was at it`,
    why: () => 'somebody else wrote to it after den had read it; den has written nothing',
    fix: () => ['run the command again'],
  },
  'not-a-terminal': {
    what: ({ option }) => `${option} asks questions, and there is no terminal to ask them on`,
    fix: ({ instead }) => instead,
  },
  'unknown-index': {
    what: ({ file, index, projects }) =>
      `${file} takes ${projects.join(', ')} from an index ${index}, which it does not describe`,
    why: ({ known }) => (known.length === 0 ? 'it describes no index' : `it describes ${known.join(', ')}`),
    fix: ({ index }) => [`describe it: [[tool.den.index]] with name = "${index}" and url = "…"`],
  },
  'change-dropped': {
    what: ({ directory }) => `a change of the project in ${directory} that was cut short is not finished`,
    why: ({ paths }) => `somebody has written since to ${paths.join(' and ')}, which is left as it is`,
    fix: ({ directory }) => [`bring the lock up to date: den -C ${shellWord(directory)} lock`],
  },
}
