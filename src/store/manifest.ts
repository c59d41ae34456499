// What the store knows of one unpacked wheel, so that installing it reads one file and walks nothing. The file carries its own hash:
// a damaged manifest is found before a word of it is believed.

import type { ProjectName, Sha256 } from '../base/brand.ts'
import { sha256Hex } from '../host/hash.ts'

/** The directories of sysconfig's scheme that a wheel can put files into. */
export type SchemeKey = 'purelib' | 'platlib' | 'scripts' | 'headers' | 'data'

/** One file: name, bytes, SHA-256 in RECORD's spelling, flags. A tuple, because a manifest holds thousands. */
export type TreeFile = readonly [name: string, size: number, sha256: string, flags: number]

/** The flags of a `TreeFile`, added up. */
export const fileFlags = {
  /** Was packed executable, or belongs into the scripts directory. */
  executable: 1,
  /** Starts with `#!python`: the first line is rewritten for each environment. */
  pythonScript: 2,
} as const

export interface TreeDirectory {
  /** Relative to its part, with `/`; empty for the part's own top. Parents come before what is in them. */
  readonly path: string
  readonly files: readonly TreeFile[]
}

/** The files of a wheel that go into one directory of the scheme. */
export interface TreePart {
  readonly scheme: SchemeKey
  /** Where they stand in the tree: empty for the wheel's root, or "NAME-1.0.data/scripts". */
  readonly from: string
  readonly directories: readonly TreeDirectory[]
}

export interface ScriptEntry {
  readonly name: string
  readonly module: string
  /** The object in the module, with dots. */
  readonly attribute: string
}

export interface TreeManifest {
  readonly schema: 1
  /** Of the wheel's bytes: the key of the tree. */
  readonly sha256: Sha256
  readonly filename: string
  readonly project: ProjectName
  readonly version: string
  /** The name of the dist-info directory. */
  readonly distInfo: string
  /** The modification time of every file of the tree: even seconds, in milliseconds since 1970. */
  readonly modified: number
  /** The first is the wheel's root. */
  readonly parts: readonly TreePart[]
  readonly consoleScripts: readonly ScriptEntry[]
  readonly guiScripts: readonly ScriptEntry[]
  /** The entries at the top of the wheel's root: modules, packages, the dist-info directory. */
  readonly topLevel: readonly string[]
}

const head = '{"sha256":"'
const middle = '","content":'
const hashEnd = head.length + 64

/** A value as a JSON text that carries the hash of its own content. */
export function sealJson(value: unknown): string {
  const content = JSON.stringify(value)
  return `${head}${sha256Hex(content)}${middle}${content}}\n`
}

/** The value of a sealed text; undefined when a byte of it has changed. */
export function openSealed(text: string | undefined): unknown {
  if (text === undefined || !text.startsWith(head) || !text.startsWith(middle, hashEnd) || !text.endsWith('}\n'))
    return undefined
  const content = text.slice(hashEnd + middle.length, -2)
  if (sha256Hex(content) !== text.slice(head.length, hashEnd)) return undefined
  return JSON.parse(content)
}

/** A manifest's text, read back; undefined for a damaged one and for one of another den's. */
export function parseManifest(text: string | undefined): TreeManifest | undefined {
  const value = openSealed(text)
  // The hash says that den wrote it; the schema says which den.
  return typeof value === 'object' && value !== null && 'schema' in value && value.schema === 1
    ? (value as TreeManifest)
    : undefined
}

/** Number of files in all parts. */
export function fileCount(manifest: TreeManifest): number {
  return manifest.parts.reduce(
    (sum, part) => sum + part.directories.reduce((files, directory) => files + directory.files.length, 0),
    0,
  )
}

/** "pip 24.2": how messages name it. */
export function distributionLabel(manifest: Pick<TreeManifest, 'project' | 'version'>): string {
  return `${manifest.project} ${manifest.version}`
}
