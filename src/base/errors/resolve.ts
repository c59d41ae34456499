// Resolving: requirements that nothing meets, and answers that contradict each other.

import { printable } from '../span.ts'
import type { ErrorTexts } from './text.ts'

/** Something that the solver tried in place of what was asked, and that can be had. */
export type ResolutionFix =
  | {
      readonly kind: 'ask'
      readonly changes: readonly {
        /** As asked for: "app<2". */
        readonly instead: string
        readonly ask: string
        /** What is taken then: "app 2.1". */
        readonly takes: string
      }[]
    }
  | { readonly kind: 'drop'; readonly leave: string }
  | { readonly kind: 'constraint'; readonly instead: string; readonly takes?: string }
  /** `option`: where it is another one than pip's. */
  | { readonly kind: 'prereleases'; readonly projects: readonly string[]; readonly option?: '--prerelease allow' }
  | { readonly kind: 'python'; readonly version: string }
  /** A marker: without these environments it can be had. */
  | { readonly kind: 'scope'; readonly without: string }

export interface ResolveErrorDetails {
  'no-solution': {
    /** What was asked for and takes part in the conflict: "app>=1". */
    readonly asked: readonly string[]
    /** The things that cannot be had at once, a sentence each. */
    readonly reasons: readonly string[]
    /** Projects that nobody knows, or of which no version will do. */
    readonly missing: readonly string[]
    /** Of those, the ones that nobody knows. */
    readonly unknown: readonly string[]
    /** Projects whose pre-releases were not taken. */
    readonly prereleases: readonly string[]
    /** The places that do not know some of them, where that is why. */
    readonly looked?: readonly string[]
    /** Sentences about indexes that have versions and were not asked. */
    readonly elsewhere?: readonly string[]
    /** A marker: the environments of the project's for which there is no answer. */
    readonly where?: string
    /** Absent where nothing was tried. */
    readonly fixes?: readonly ResolutionFix[]
  }
  'hashes-required': {
    /** Requirements without a hash, and the one that their file has, where the index tells it. */
    readonly missing: readonly { readonly requirement: string; readonly sha256?: string }[]
    readonly unpinned: readonly string[]
    /** Directories and checkouts. */
    readonly unhashable: readonly string[]
  }
  'invalid-constraint': { readonly constraint: string; readonly reason: string }
  /** Markers, none of whose Pythons `requiresPython` lets through. */
  'environment-out-of-scope': { readonly environments: readonly string[]; readonly requiresPython: string }
}

export const resolveErrors: ErrorTexts<ResolveErrorDetails> = {
  'no-solution': {
    what: ({ asked, missing }) => {
      const [one, ...more] = asked
      if (one === undefined) return 'the requirements cannot be met'
      if (more.length > 0) return `${listed(asked)} cannot be installed together`
      return missing.length > 0
        ? `no version of ${listed(missing)} meets what is asked of it`
        : `${one} cannot be installed`
    },
    why: ({ reasons, elsewhere = [], looked, where }) =>
      [
        ...(where === undefined ? [] : [`for environments in which ${where}:`]),
        ...reasons,
        ...elsewhere,
        ...(looked === undefined
          ? []
          : [
              looked.length === 0
                ? 'den looked nowhere: no index and no directory is to be asked'
                : `looked in: ${looked.join(', ')}`,
            ]),
      ].join('\n'),
    fix: ({ asked, prereleases, elsewhere = [], looked, fixes }) => [
      ...(looked?.length === 0 ? ['leave --no-index out, or name a place: --find-links DIR'] : []),
      ...(elsewhere.length > 0
        ? ['if the other index is to be trusted with this project as well: --index-strategy best-version']
        : []),
      ...(fixes ?? []).map(toldFix),
      ...(fixes === undefined && prereleases.length > 0 ? [`allow pre-releases of ${listed(prereleases)}: --pre`] : []),
      ...((fixes ?? []).length === 0 && asked.length > 1
        ? ['loosen what is asked of one of them, or leave one out']
        : []),
    ],
  },
  'hashes-required': {
    what: () => 'not every requirement is pinned and has a hash',
    why: ({ missing, unpinned, unhashable }) =>
      [
        'hashes are required as soon as one requirement has one, or --require-hashes is given',
        ...missing.map(({ requirement, sha256 }) => {
          const line = `${requirement}${sha256 === undefined ? '' : ` --hash=sha256:${sha256}`}`
          return sha256 === undefined ? `no hash: ${line}` : `no hash; its file on the index has: ${line}`
        }),
        ...unpinned.map((requirement) => `not pinned with ==: ${requirement}`),
        ...unhashable.map((requirement) => `a directory or a checkout cannot be hashed: ${requirement}`),
      ].join('\n'),
    fix: () => ['write requirements with all pins and hashes: den pip compile --generate-hashes'],
  },
  'invalid-constraint': {
    what: ({ constraint }) => `'${constraint}' cannot be a constraint`,
    why: ({ reason }) => reason,
    fix: () => ['write it as a requirement, or leave out what a constraint cannot have'],
  },
  'environment-out-of-scope': {
    what: ({ environments }) =>
      `nobody is in the environments that the project names: ${printable(environments.join(', '))}`,
    why: ({ requiresPython }) =>
      requiresPython === ''
        ? 'these markers hold nowhere'
        : `requires-python = "${printable(requiresPython)}" leaves out all of their Pythons`,
    fix: () => ['change `environments`, or requires-python, so that they overlap'],
  },
}

function toldFix(fix: ResolutionFix): string {
  switch (fix.kind) {
    case 'ask': {
      const { changes } = fix
      const words = `ask for ${listed(changes.map(({ ask }) => `'${ask}'`))} in place of ${listed(changes.map(({ instead }) => `'${instead}'`))}`
      const takes = changes.filter(({ ask }) => !ask.includes('=='))
      return takes.length === 0 ? words : `${words}: that takes ${listed(takes.map((one) => one.takes))}`
    }
    case 'drop':
      return `leave '${fix.leave}' out`
    case 'constraint': {
      const takes = fix.takes === undefined ? '' : `: that takes ${fix.takes}`
      return `loosen the constraint '${fix.instead}'${takes}`
    }
    case 'prereleases':
      return `allow pre-releases of ${listed(fix.projects)}: ${fix.option ?? '--pre'}`
    case 'scope':
      return / in (?:extras|dependency_groups)/.test(fix.without)
        ? `if nobody is to have both, say so (conflicts): ${fix.without}`
        : `leave out the environments in which ${fix.without} (requires-python, environments)`
    default:
      return `use Python ${fix.version}: there it can be had`
  }
}

function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
}
