// The fields of core metadata that tell of a project and are not needed to install it (1.0 to 2.6), as their types: PEP 241, 314, 345,
// 566, 639 (licenses), 794 (import names). Read when they are asked for: solving sees thousands of metadata and wants none of them.

import { findHeader, headerValues, type MailMessage } from '../format/mail-headers.ts'
import { strip } from '../format/python-text.ts'

export interface MetadataFields {
  readonly platforms: readonly string[]
  readonly supportedPlatforms: readonly string[]
  readonly description?: string
  readonly descriptionContentType?: string
  readonly keywords: readonly string[]
  readonly homePage?: string
  readonly downloadUrl?: string
  readonly author?: string
  readonly authorEmail?: string
  readonly maintainer?: string
  readonly maintainerEmail?: string
  /** The older field: free text, often the whole license. */
  readonly license?: string
  /** An SPDX expression. */
  readonly licenseExpression?: string
  /** Paths below `licenses/` of the dist-info directory. */
  readonly licenseFiles: readonly string[]
  readonly classifiers: readonly string[]
  readonly projectUrls: readonly { readonly label: string; readonly url: string }[]
  readonly requiresExternal: readonly string[]
  readonly providesDist: readonly string[]
  readonly obsoletesDist: readonly string[]
  /** Metadata 1.1's own words for what came to be Requires-Dist and so on: names of modules. */
  readonly requires: readonly string[]
  readonly provides: readonly string[]
  readonly obsoletes: readonly string[]
  /** What can be imported; absent where it isn't told, empty where nothing can. */
  readonly importNames?: readonly ImportName[]
  readonly importNamespaces?: readonly ImportName[]
}

export interface ImportName {
  readonly name: string
  /** Not meant for others. */
  readonly private: boolean
}

/** The fields of METADATA or PKG-INFO. Reads leniently: nothing is an error. */
export function metadataFields(message: MailMessage): MetadataFields {
  const fields: { -readonly [Field in keyof MetadataFields]: MetadataFields[Field] } = {
    platforms: many(message, 'Platform'),
    supportedPlatforms: many(message, 'Supported-Platform'),
    keywords: keywordsOf(message),
    licenseFiles: many(message, 'License-File'),
    classifiers: many(message, 'Classifier'),
    projectUrls: many(message, 'Project-URL').map(projectUrl),
    requiresExternal: many(message, 'Requires-External'),
    providesDist: many(message, 'Provides-Dist'),
    obsoletesDist: many(message, 'Obsoletes-Dist'),
    requires: many(message, 'Requires'),
    provides: many(message, 'Provides'),
    obsoletes: many(message, 'Obsoletes'),
  }
  for (const [field, name] of singles) {
    const value = one(message, name)
    if (value !== undefined) fields[field] = value
  }
  const description = descriptionOf(message)
  if (description !== undefined) fields.description = description
  const names = importNames(message, 'Import-Name')
  if (names !== undefined) fields.importNames = names
  const namespaces = importNames(message, 'Import-Namespace')
  if (namespaces !== undefined) fields.importNamespaces = namespaces
  return fields
}

const singles = [
  ['descriptionContentType', 'Description-Content-Type'],
  ['homePage', 'Home-page'],
  ['downloadUrl', 'Download-URL'],
  ['author', 'Author'],
  ['authorEmail', 'Author-email'],
  ['maintainer', 'Maintainer'],
  ['maintainerEmail', 'Maintainer-email'],
  ['license', 'License'],
  ['licenseExpression', 'License-Expression'],
] as const

/** Old setuptools wrote UNKNOWN where it knew nothing. */
function one(message: MailMessage, name: string): string | undefined {
  const header = findHeader(message, name)
  const value = header === undefined ? '' : dedentHeader(strip(header.value))
  return value === '' || value === 'UNKNOWN' ? undefined : value
}

function many(message: MailMessage, name: string): string[] {
  return headerValues(message, name)
    .map((value) => strip(value.replace(/[\r\n]+[ \t]*/g, ' ')))
    .filter((value) => value !== '' && value !== 'UNKNOWN')
}

/** With commas between them, or in old metadata blanks. */
function keywordsOf(message: MailMessage): readonly string[] {
  const value = one(message, 'Keywords')
  if (value === undefined) return []
  return value
    .split(value.includes(',') ? ',' : /\s+/)
    .map(strip)
    .filter((word) => word !== '')
}

/** "label, address". */
function projectUrl(value: string): { readonly label: string; readonly url: string } {
  const comma = value.indexOf(',')
  if (comma === -1) return { label: '', url: value }
  return { label: strip(value.slice(0, comma)), url: strip(value.slice(comma + 1)) }
}

/** Behind the headers since 2.1; before, a header whose lines may begin with a bar that keeps their indentation. */
function descriptionOf(message: MailMessage): string | undefined {
  if (message.body !== '') return message.body
  const value = findHeader(message, 'Description')?.value
  if (value === undefined || strip(value) === 'UNKNOWN' || value === '') return undefined
  return /\n {7}\|/.test(value) ? value.replace(/\n {7}\|/g, '\n') : dedentHeader(value)
}

/** "name" or "name; private". An empty field says that there are none (PEP 794). */
function importNames(message: MailMessage, field: string): readonly ImportName[] | undefined {
  const values = headerValues(message, field)
  if (values.length === 0) return undefined
  return values
    .map((value) => strip(value))
    .filter((value) => value !== '')
    .map((value) => {
      const [name = '', mark] = value.split(';')
      return { name: strip(name), private: mark !== undefined && strip(mark) === 'private' }
    })
}

/**
 * A folded header as Python's importlib.metadata gives it: the indentation that all lines share is taken off, the first line counted as
 * if it were indented by eight.
 */
export function dedentHeader(value: string): string {
  if (!value.includes('\n')) return value
  const lines = `${' '.repeat(8)}${value}`.split('\n').map((line) => (/^[ \t\r\f\v]*$/.test(line) ? '' : line))
  let margin: string | undefined
  for (const line of lines) {
    if (line === '') continue
    const indent = /^[ \t]*/.exec(line)![0]
    if (margin === undefined) margin = indent
    let same = 0
    while (same < margin.length && same < indent.length && margin[same] === indent[same]) same++
    margin = margin.slice(0, same)
  }
  const cut = margin?.length ?? 0
  return lines.map((line) => (line === '' ? '' : line.slice(cut))).join('\n')
}
