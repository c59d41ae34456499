// What the store knows of one unpacked wheel, so that installing it reads one file and opens nothing else. The file carries its own
// hash: a damaged manifest is found before a word of it is believed. Its second half, the list of files, is parsed only when somebody
// asks for it: linking a tree by its top entries doesn't.

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

/** How a part that goes into site-packages is linked by whole entries (the rules of "instant" environments). */
export interface WholeLinks {
  readonly scheme: 'purelib' | 'platlib'
  readonly from: string
  /** Directories that must be real ones in the environment, parents first: see `WhyReal`. dist-info is not among them. */
  readonly real: readonly (readonly [path: string, why: WhyReal])[]
  /** What is linked into the part's top and into those directories; everything but the dist-info directory is reached by them. */
  readonly links: readonly (readonly [path: string, kind: 'file' | 'directory'])[]
}

/** It could be a namespace that others put things into, or a library below it looks for others outside the tree. */
export type WhyReal = 'namespace' | 'runpath'

/** A file at the top of site-packages that Python runs by itself when it starts. */
export interface StartupFile {
  readonly name: string
  /** The lines of a .pth or .start that are code; none for a sitecustomize. */
  readonly code: readonly string[]
}

export interface TreeManifest {
  readonly schema: 2
  /** Of the wheel's bytes: the key of the tree. */
  readonly sha256: Sha256
  readonly filename: string
  readonly project: ProjectName
  readonly version: string
  /** The name of the dist-info directory. */
  readonly distInfo: string
  /** The modification time of every file and directory of the tree: even seconds, in milliseconds since 1970. */
  readonly modified: number
  /** Of all parts. */
  readonly fileCount: number
  /** Bytes of all files. */
  readonly size: number
  readonly consoleScripts: readonly ScriptEntry[]
  readonly guiScripts: readonly ScriptEntry[]
  /** All other entry points: group, name, value. */
  readonly entryPoints: readonly (readonly [group: string, name: string, value: string])[]
  /** The top packages of its pytest plugins, whose asserts pytest rewrites only when RECORD lists them. */
  readonly pytestPackages: readonly string[]
  /** The entries at the top of the wheel's root: modules, packages, the dist-info directory. */
  readonly topLevel: readonly string[]
  readonly whole: readonly WholeLinks[]
  /** The files of the dist-info directory. */
  readonly distInfoFiles: readonly TreeFile[]
  /** The parts that don't go into site-packages: scripts, headers, data. */
  readonly outside: readonly TreePart[]
  readonly startup: readonly StartupFile[]
  /** Requirements, as METADATA writes them. */
  readonly requiresDist: readonly string[]
  readonly requiresPython?: string
  readonly providesExtra: readonly string[]
  /** Of WHEEL. */
  readonly tags: readonly string[]
  readonly generator?: string
  /** All of them; the first is the wheel's root. Parsed when it is first asked for. */
  readonly parts: readonly TreePart[]
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

/** The parts of site-packages with all that repeats written once: a tenth of the tokens, and so of the time to parse them. */
interface PackedPart {
  readonly scheme: SchemeKey
  readonly from: string
  readonly paths: readonly string[]
  /** How many files each directory has. */
  readonly counts: readonly number[]
  /** All names, with `/` between them. */
  readonly names: string
  readonly sizes: readonly number[]
  /** All hashes, 43 letters each. */
  readonly hashes: string
  /** Which file (counted through) has which flags, where they aren't 0. */
  readonly flags: readonly (readonly [file: number, flags: number])[]
}

const hashLength = 43

function packPart(part: TreePart): PackedPart {
  const files = part.directories.flatMap((directory) => directory.files)
  return {
    scheme: part.scheme,
    from: part.from,
    paths: part.directories.map(({ path }) => path),
    counts: part.directories.map((directory) => directory.files.length),
    names: files.map(([name]) => name).join('/'),
    sizes: files.map(([, size]) => size),
    hashes: files.map(([, , hash]) => hash).join(''),
    flags: files.flatMap(([, , , flags], index) => (flags === 0 ? [] : [[index, flags] as const])),
  }
}

function unpackPart(packed: PackedPart): TreePart {
  const names = packed.names === '' ? [] : packed.names.split('/')
  const flags = new Map(packed.flags)
  let next = 0
  const directories = packed.paths.map((path, index) => {
    const files: TreeFile[] = []
    for (const end = next + packed.counts[index]!; next < end; next += 1) {
      const hash = packed.hashes.slice(next * hashLength, (next + 1) * hashLength)
      files.push([names[next]!, packed.sizes[next]!, hash, flags.size === 0 ? 0 : (flags.get(next) ?? 0)])
    }
    return { path, files }
  })
  return { scheme: packed.scheme, from: packed.from, directories }
}

const magic = 'den-tree '

/** The text of a manifest's file: a line with the hash of the rest, a line of what linking needs, a line of the files. */
export function formatManifest(manifest: TreeManifest): string {
  const { parts, ...facts } = manifest
  const packed = parts.filter(({ scheme }) => isSite(scheme)).map(packPart)
  const content = `${JSON.stringify(facts)}\n${JSON.stringify(packed)}\n`
  return `${magic}${sha256Hex(content)}\n${content}`
}

/** A manifest, read back; undefined for a damaged one and for one of another den's. */
export function parseManifest(bytes: Uint8Array | undefined): TreeManifest | undefined {
  const start = magic.length + 65
  if (bytes === undefined || bytes.length < start) return undefined
  const text = new TextDecoder()
  if (text.decode(bytes.subarray(0, start)) !== `${magic}${sha256Hex(bytes.subarray(start))}\n`) return undefined
  const end = bytes.indexOf(0x0a, start)
  // The hash says that den wrote it; the schema says which den.
  const facts = JSON.parse(text.decode(bytes.subarray(start, end))) as Omit<TreeManifest, 'parts'>
  if (facts.schema !== 2) return undefined
  let parts: readonly TreePart[] | undefined
  return Object.defineProperty(facts as TreeManifest, 'parts', {
    enumerable: true,
    get: () => {
      parts ??= [
        ...(JSON.parse(text.decode(bytes.subarray(end + 1))) as readonly PackedPart[]).map(unpackPart),
        ...facts.outside,
      ]
      return parts
    },
  })
}

/** Whether files of the scheme go into site-packages. */
export function isSite(scheme: SchemeKey): scheme is 'purelib' | 'platlib' {
  return scheme === 'purelib' || scheme === 'platlib'
}

/** "pip 24.2": how messages name it. */
export function distributionLabel(manifest: Pick<TreeManifest, 'project' | 'version'>): string {
  return `${manifest.project} ${manifest.version}`
}
