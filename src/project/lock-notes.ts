// What a lock says beyond the standard: [tool.den] with what it was made from, and [packages.tool.den] with who asks what of whom. The
// standard's own `dependencies` name other packages of the file and no more; here each stands as it was asked, marker and all.

import { isTomlTable, type TomlTable, type TomlValue } from '../format/toml.ts'
import type { Pylock, PylockPackage } from '../spec/pylock.ts'
import { type Requirement, tryParseRequirement } from '../spec/requirement.ts'
import type { LockInputs } from './lock-values.ts'

/** Of [tool.den]. A greater one is a newer den's. */
export const notesVersion = 1

/** `directories`: their fingerprints, by the paths that the lock has for them. */
export function topNotes({ script, inputs, chosen, directories }: Omit<TopNotes, 'version'>): TomlTable {
  const told = Object.fromEntries([...directories].sort(([a], [b]) => (a < b ? -1 : 1)))
  return {
    den: {
      version: notesVersion,
      ...(script === undefined ? {} : { script }),
      inputs,
      ...(Object.keys(chosen).length === 0 ? {} : { chosen }),
      ...(directories.size === 0 ? {} : { directories: told }),
    },
  }
}

/** What of a package has no place in the standard; undefined where there is nothing. */
export function packageNotes(notes: {
  /** Of a checkout, whose version the standard will not have told. */
  readonly version?: string | undefined
  readonly requires: readonly string[]
}): TomlTable | undefined {
  const { version, requires } = notes
  if (version === undefined && requires.length === 0) return undefined
  return {
    den: { ...(version === undefined ? {} : { version }), ...(requires.length === 0 ? {} : { requires }) },
  }
}

export interface TopNotes {
  /** Of the notes. */
  readonly version: number
  /** The name of the script's file: of two names that differ in dots the locks have one. */
  readonly script?: string | undefined
  readonly inputs: LockInputs
  /** What a command line said in place of them. */
  readonly chosen: LockInputs
  readonly directories: ReadonlyMap<string, string>
}

/** undefined: another tool's lock. */
export function readTopNotes(lock: Pick<Pylock, 'tool'>): TopNotes | undefined {
  const notes = lock.tool?.['den']
  if (!isTomlTable(notes)) return undefined
  const { version, script, inputs, chosen, directories } = notes
  if (typeof version !== 'bigint' && typeof version !== 'number') return undefined
  const told = isTomlTable(directories) ? Object.entries(directories) : []
  return {
    version: Number(version),
    ...(typeof script === 'string' ? { script } : {}),
    inputs: isTomlTable(inputs) ? inputs : {},
    chosen: isTomlTable(chosen) ? chosen : {},
    directories: new Map(told.filter((entry): entry is [string, string] => typeof entry[1] === 'string')),
  }
}

/** What a package asks of others, as its notes say; undefined where they say nothing. */
export function requirementsOf(one: Pick<PylockPackage, 'tool'>): readonly Requirement[] | undefined {
  const requires = notesOf(one)?.['requires']
  if (!Array.isArray(requires)) return undefined
  return (requires as readonly TomlValue[]).flatMap((text) =>
    typeof text === 'string' ? (tryParseRequirement(text) ?? []) : [],
  )
}

/** A package's version, whoever tells it; undefined: nobody does, as of a directory. */
export function versionTextOf(one: Pick<PylockPackage, 'tool' | 'version'>): string | undefined {
  const noted = notesOf(one)?.['version']
  return one.version?.text ?? (typeof noted === 'string' ? noted : undefined)
}

function notesOf({ tool }: Pick<PylockPackage, 'tool'>): TomlTable | undefined {
  const notes = tool?.['den']
  return isTomlTable(notes) ? notes : undefined
}
