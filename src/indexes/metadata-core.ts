// The fields of metadata that solving needs, as den keeps them; METADATA's whole text is read when somebody asks for more.

import { type Metadata, parseMetadata } from '../spec/metadata.ts'
import { tryParseProjectName } from '../spec/name.ts'
import { tryParseVersion } from '../spec/version.ts'

export interface MetadataCore {
  readonly m: readonly [number, number]
  readonly n: string
  readonly v: string
  readonly s?: string
  readonly p?: string
  readonly r: readonly string[]
  readonly e: readonly string[]
  readonly d: readonly string[]
}

export function coreOf(metadata: Metadata): MetadataCore {
  const { metadataVersion, rawName, version, summary, requiresPython, requiresDist, providesExtra, dynamic } = metadata
  return {
    m: metadataVersion,
    n: rawName,
    v: version.text,
    ...(summary === undefined ? {} : { s: summary }),
    ...(requiresPython === undefined ? {} : { p: requiresPython }),
    r: requiresDist,
    e: providesExtra,
    d: dynamic,
  }
}

/** The metadata of a core, with all other fields from `text` when somebody wants them. */
export function metadataOfCore(core: MetadataCore, text: () => string | undefined): Metadata | undefined {
  const name = tryParseProjectName(core.n)
  const version = tryParseVersion(core.v)
  if (name === undefined || version === undefined) return undefined
  let message: Metadata['message'] | undefined
  return {
    metadataVersion: core.m,
    name,
    rawName: core.n,
    version,
    ...(core.s === undefined ? {} : { summary: core.s }),
    ...(core.p === undefined ? {} : { requiresPython: core.p }),
    requiresDist: core.r,
    providesExtra: core.e,
    dynamic: core.d,
    get message() {
      // What the text has lost by damage is had from the file itself; until then the fields that solving needs are all there is.
      message ??= parseMetadata(text() ?? formatCore(core)).message
      return message
    },
  }
}

/** The core as METADATA has it. */
function formatCore(core: MetadataCore): string {
  const lines = [
    `Metadata-Version: ${core.m.join('.')}`,
    `Name: ${core.n}`,
    `Version: ${core.v}`,
    ...(core.s === undefined ? [] : [`Summary: ${core.s}`]),
    ...(core.p === undefined ? [] : [`Requires-Python: ${core.p}`]),
    ...core.d.map((field) => `Dynamic: ${field}`),
    ...core.e.map((extra) => `Provides-Extra: ${extra}`),
    ...core.r.map((line) => `Requires-Dist: ${line}`),
  ]
  return `${lines.join('\n')}\n`
}
