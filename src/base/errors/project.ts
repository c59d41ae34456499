// What a project says of itself, and what it cannot mean.

import { printable } from '../span.ts'
import { type ParseDetail, parseError } from './spec.ts'
import type { ErrorTexts } from './text.ts'

export interface ProjectErrorDetails {
  /** [tool.den] and den.toml, and what den reads of other tools' tables. */
  'invalid-project-settings': ParseDetail
  /** A key of [tool.den] or den.toml that means nothing; a warning. */
  'unknown-project-setting': {
    readonly file: string
    readonly line: number
    readonly key: string
    /** Nearest first. */
    readonly meant: readonly string[]
  }
  'workspace-not-read': { readonly file: string; readonly line: number }
  'no-project': { readonly directory: string }
  'locked-file-changed': {
    readonly lock: string
    readonly name: string
    readonly filename: string
    /** "sha256:…", as locked and as the index tells it now. */
    readonly locked: string
    readonly told: string
  }
  /** A requirements file that is added names other files than the index has. `hashes`: "sha256:…". */
  'hashes-not-locked': { readonly requirement: string; readonly hashes: readonly string[] }
  'not-utf8': { readonly file: string; readonly line: number }
  /** Where one is to begin. `file`: a pyproject.toml, or a script with metadata. */
  'project-exists': { readonly file: string }
  'nothing-pinned': { readonly directory: string }
  /** A pin that is none of the project's Pythons; a warning. */
  'python-outside-project': { readonly pinned: string; readonly requires: string; readonly file: string }
  /** A project that asks for itself, without extras. */
  'project-needs-itself': ParseDetail
  /** What is to be added, where the manifest's words cannot say it. */
  'no-place-for-requirement': ParseDetail
  'not-required': {
    readonly file: string
    readonly name: string
    /** "the project", "the extra web", "the group dev". */
    readonly place: string
    readonly elsewhere: readonly string[]
    /** The lock has it, since others need it. */
    readonly locked?: boolean
    /** What is required and has a name like it, the nearest first. */
    readonly meant?: readonly string[]
  }
  /** `requires-python` that leaves none. */
  'no-python-possible': ParseDetail
}

export const projectErrors: ErrorTexts<ProjectErrorDetails> = {
  'invalid-project-settings': parseError("a setting of a project's that den can follow"),
  'unknown-project-setting': {
    what: ({ file, line, key }) => `line ${line} of ${file} sets ${printable(key)}, which den does not know`,
    fix: ({ meant }) => meant.map((key) => `if that is meant, write ${key}`),
  },
  'workspace-not-read': {
    what: ({ file, line }) =>
      `line ${line} of ${file} makes this the root of a workspace, and den does not read workspaces yet`,
    why: () => 'what its other members ask for is neither locked nor installed with it',
    fix: () => ['ask for the members that are needed here, each with its place: den add --editable PATH'],
  },
  'locked-file-changed': {
    what: ({ filename }) => `${printable(filename)} is another file than the one that was locked`,
    why: ({ lock, locked, told }) =>
      `${lock} has ${printable(locked)}, the index tells ${printable(told)}; files of a release are not to change`,
    fix: ({ name }) => [
      'find out why: somebody may have replaced it who should not',
      `if it is right so, give up what is locked of it: den lock --upgrade-package ${name}`,
    ],
  },
  'hashes-not-locked': {
    what: ({ requirement }) =>
      `no file that would be locked for ${printable(requirement)} has a hash that was given with it`,
    why: ({ hashes }) => `given: ${printable(hashes.join(', '))}`,
    fix: () => [
      'find out why: the index has other files under this name than those who wrote the hashes down had',
      'if it is right so, add it without hashes',
    ],
  },
  'not-utf8': {
    what: ({ file, line }) => `line ${line} of ${file} is not UTF-8`,
    why: () => 'it is read as UTF-8, and writing it again would lose what stands there',
    fix: () => ['save the file as UTF-8'],
  },
  'no-project': {
    what: ({ directory }) => `there is no project in ${directory}`,
    why: () =>
      'a project is a pyproject.toml with [project] or a table of a tool that den reads, here or in a directory above',
    fix: () => ['begin one: den init'],
  },
  'project-exists': {
    what: ({ file }) => `${file} says already what it needs`,
    why: () => 'den init begins what is not there, and replaces nothing',
    fix: () => ['add to it: den add NAME', 'begin elsewhere: den init PATH'],
  },
  'nothing-pinned': {
    what: ({ directory }) => `no Python is pinned in ${directory}`,
    why: () => 'there is no .python-version here or above that says one',
    fix: () => ['pin one: den python pin 3.13'],
  },
  'python-outside-project': {
    what: ({ pinned, file }) => `Python ${printable(pinned)} is none of those that ${file} is for`,
    why: ({ requires }) => `its requires-python is ${printable(requires)}`,
    fix: () => ['pin one of them, or change requires-python'],
  },
  'no-place-for-requirement': parseError('a place for what is to be added'),
  'project-needs-itself': parseError('a requirement that a project can have: it is the project itself', [
    'remove it; its extras may be asked for: NAME[EXTRA]',
    'if another project is meant, give this one a name of its own',
  ]),
  'not-required': {
    what: ({ file, name, place }) => `${place} does not require ${printable(name)} in ${file}`,
    why: ({ name, elsewhere, locked }) =>
      elsewhere.length > 0
        ? `${printable(name)} is required by ${printable(elsewhere.join(' and by '))}`
        : locked === true
          ? 'the lock has it, since others need it'
          : undefined,
    fix: ({ name, elsewhere, locked, meant = [] }) => [
      ...elsewhere.map((place) => {
        const [, kind, where] = /^the (extra|group) (.+)$/.exec(place) ?? []
        const option = kind === 'extra' ? ` --optional ${where}` : kind === 'group' ? ` --group ${where}` : ''
        return `remove it from there: den remove${option} ${name}`
      }),
      ...(locked === true ? [`have its version chosen anew: den lock --upgrade-package ${name}`] : []),
      ...meant.map((one) => `if that is meant, say ${printable(one)}`),
    ],
  },
  'no-python-possible': parseError('a range that any Python is in', ['write it like >=3.10 or >=3.9,<3.14']),
}
