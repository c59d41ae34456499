// Core metadata (METADATA, PKG-INFO; versions 1.0 to 2.6: PEP 241, 314, 345, 566, 643, 685, 639, 794, 808). An installer reads
// leniently: fields it doesn't use may hold anything, and requirements stay text until somebody asks for them.

import type { ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import {
  findHeader,
  headerValues,
  type MailHeader,
  type MailMessage,
  parseMailMessage,
} from '../format/mail-headers.ts'
import { strip } from '../format/python-text.ts'
import { tryParseProjectName } from './name.ts'
import { tryParseVersion, type Version } from './version.ts'

export interface Metadata {
  /** Major and minor: [2, 1]. */
  readonly metadataVersion: readonly [number, number]
  readonly name: ProjectName
  /** As its author writes it. */
  readonly rawName: string
  readonly version: Version
  readonly summary?: string
  /** A specifier set, as written. */
  readonly requiresPython?: string
  /** Requirements, as written, one line each. */
  readonly requiresDist: readonly string[]
  /** Extras, as written. */
  readonly providesExtra: readonly string[]
  /** Fields, in lower case, whose values may differ between a source distribution and its wheels (2.2 and later). */
  readonly dynamic: readonly string[]
  /** All fields as they stand, and the description that may follow them. */
  readonly message: MailMessage
}

/**
 * Reads METADATA or PKG-INFO. Throws `invalid-metadata` where it doesn't name a project and a version, or is of a major version
 * that doesn't exist yet ("must abort").
 */
export function parseMetadata(text: string, options: { readonly file?: string } = {}): Metadata {
  const { file = 'METADATA' } = options
  const message = parseMailMessage(text.replace(/^\ufeff/, ''))
  const fail = (header: MailHeader, reason: string): never => {
    const source = `${header.name}: ${header.value}`
    const span = { start: header.name.length + 2, end: source.length }
    throw new DenError('invalid-metadata', { source, span, reason, file, line: header.line })
  }
  const needed = (name: string): MailHeader => {
    const header = findHeader(message, name)
    if (header !== undefined) return header
    const span = { start: 0, end: 0 }
    throw new DenError('invalid-metadata', { source: text, span, reason: `the field ${name} is missing`, file })
  }
  const one = (name: string): string | undefined => {
    const value = findHeader(message, name)?.value
    // Old setuptools wrote UNKNOWN where it knew nothing.
    return value === undefined || strip(value) === 'UNKNOWN' ? undefined : strip(value)
  }
  const many = (name: string): string[] => headerValues(message, name).map(oneLine)

  // The field is mandatory, but tools that read old PKG-INFO can't insist.
  const versionHeader = findHeader(message, 'Metadata-Version')
  const numbers = /^(\d{1,6})\.(\d{1,6})$/.exec(strip(versionHeader?.value ?? '1.0'))
  if (numbers === null) return fail(versionHeader!, 'a version of the metadata is written like 2.1')
  const metadataVersion = [Number(numbers[1]), Number(numbers[2])] as const
  if (metadataVersion[0] > 2) fail(versionHeader!, 'den knows versions 1 and 2 of the metadata')

  const nameHeader = needed('Name')
  const rawName = strip(nameHeader.value)
  const name = tryParseProjectName(rawName) ?? fail(nameHeader, 'this is no name of a project')
  const version = needed('Version')
  const summary = one('Summary')
  const requiresPython = one('Requires-Python')
  return {
    metadataVersion,
    name,
    rawName,
    version: tryParseVersion(version.value) ?? fail(version, 'this is no version as PEP 440 has it'),
    ...(summary === undefined ? {} : { summary: oneLine(summary) }),
    ...(requiresPython === undefined ? {} : { requiresPython: oneLine(requiresPython) }),
    requiresDist: many('Requires-Dist'),
    providesExtra: many('Provides-Extra'),
    dynamic: many('Dynamic').map((field) => field.toLowerCase()),
    message,
  }
}

/** A folded value on one line. */
function oneLine(value: string): string {
  return strip(value.replace(/[\r\n]+[ \t]*/g, ' '))
}
