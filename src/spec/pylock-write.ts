// A lock file as text: keys in the specification's order, packages and files sorted, one file a line, so that a change of one
// package is a change of few lines.

import type { TomlTable, TomlValue } from '../format/toml.ts'
import {
  formatInlineTable,
  formatTomlKey,
  formatTomlString,
  formatTomlTable,
  formatTomlValue,
} from '../format/toml-write.ts'
import type { Pylock, PylockBytes, PylockFile, PylockPackage } from './pylock.ts'
import { formatSpecifiers } from './specifier.ts'
import { compareVersions } from './version.ts'

type Pairs = readonly (readonly [string, TomlValue | undefined])[]

/** The file's text. What a lock says twice over (a file's name that its address tells) is written as it stands in the data. */
export function formatPylock(lock: Pylock): string {
  const head = lines([
    ['lock-version', lock.lockVersion],
    ['environments', listed(lock.environments.map(({ text }) => text))],
    ['requires-python', lock.requiresPython && formatSpecifiers(lock.requiresPython)],
    ['extras', listed([...lock.extras].sort())],
    ['dependency-groups', listed([...lock.dependencyGroups].sort())],
    ['default-groups', listed([...lock.defaultGroups].sort())],
    ['created-by', lock.createdBy],
    // An empty list cannot be written as [[packages]].
    ['packages', lock.packages.length === 0 ? [] : undefined],
  ])
  const packages = [...lock.packages].sort(byNameAndVersion).map(formatPackage)
  return [head, ...packages, ...toolTables(['tool'], lock.tool)].join('\n')
}

/** Packages of one name and version (by marker) keep their order. */
function byNameAndVersion(a: PylockPackage, b: PylockPackage): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1
  return a.version === undefined || b.version === undefined ? 0 : compareVersions(a.version, b.version)
}

function formatPackage(one: PylockPackage): string {
  const { vcs, directory, archive } = one
  const dependencies = one.dependencies?.map((table) => formatTomlValue(table))
  const wheels = one.wheels
    ?.map((wheel) => ({ name: wheel.filename, text: formatFile(wheel) }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .map(({ text }) => text)
  const body =
    lines([
      ['name', one.name],
      ['version', one.version?.text],
      ['marker', one.marker?.text],
      ['requires-python', one.requiresPython && formatSpecifiers(one.requiresPython)],
    ]) +
    block('dependencies', dependencies) +
    inline(
      'vcs',
      vcs && [
        ['type', vcs.type],
        ['url', vcs.url],
        ['path', vcs.path],
        ['requested-revision', vcs.requestedRevision],
        ['commit-id', vcs.commitId],
        ['subdirectory', vcs.subdirectory],
      ],
    ) +
    inline(
      'directory',
      directory && [
        ['path', directory.path],
        ['editable', directory.editable],
        ['subdirectory', directory.subdirectory],
      ],
    ) +
    inline(
      'archive',
      archive && [
        ['url', archive.url],
        ['path', archive.path],
        ['size', archive.size],
        ['upload-time', archive.uploadTime],
        ['hashes', hashesOf(archive)],
        ['subdirectory', archive.subdirectory],
      ],
    ) +
    lines([['index', one.index]]) +
    (one.sdist === undefined ? '' : `sdist = ${formatFile(one.sdist)}\n`) +
    block('wheels', wheels)
  const identities = (one.attestationIdentities ?? []).map((table) =>
    formatTomlTable(['packages', 'attestation-identities'], table).replace(/^\[(.*)\]$/m, '[[$1]]'),
  )
  return [`[[packages]]\n${body}`, ...identities, ...toolTables(['packages', 'tool'], one.tool)].join('\n')
}

/** Written out: a lock has thousands of them. */
function formatFile({ name, uploadTime, url, path, size, hashes }: PylockFile): string {
  let text = '{'
  if (name !== undefined) text += `name = ${formatTomlString(name)}, `
  if (uploadTime !== undefined) text += `upload-time = ${uploadTime.text}, `
  if (url !== undefined) text += `url = ${formatTomlString(url)}, `
  if (path !== undefined) text += `path = ${formatTomlString(path)}, `
  if (size !== undefined) text += `size = ${formatTomlValue(size)}, `
  const [first, ...more] = hashes
  if (first === undefined || more.length > 0) return `${text}hashes = ${formatTomlValue(hashesOf({ hashes }))}}`
  return `${text}hashes = {${formatTomlKey(first[0])} = ${formatTomlString(first[1])}}}`
}

function hashesOf({ hashes }: Pick<PylockBytes, 'hashes'>): TomlTable {
  return Object.fromEntries([...hashes].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function toolTables(path: readonly string[], tool: TomlTable | undefined): readonly string[] {
  return tool === undefined ? [] : [formatTomlTable(path, tool)]
}

function listed(items: readonly string[]): TomlValue | undefined {
  return items.length === 0 ? undefined : items
}

function present(pairs: Pairs): (readonly [string, TomlValue])[] {
  return pairs.filter((pair): pair is readonly [string, TomlValue] => pair[1] !== undefined)
}

/** A list of strings that is long stands on several lines. */
function lines(pairs: Pairs): string {
  return present(pairs)
    .map(([key, value]) => {
      const line = `${formatTomlKey(key)} = ${formatTomlValue(value)}\n`
      if (!Array.isArray(value) || line.length <= 100) return line
      return block(key, (value as readonly string[]).map(formatTomlString))
    })
    .join('')
}

function inline(key: string, pairs: Pairs | undefined): string {
  return pairs === undefined ? '' : `${key} = ${formatInlineTable(present(pairs))}\n`
}

function block(key: string, items: readonly string[] | undefined): string {
  if (items === undefined) return ''
  return items.length === 0 ? `${key} = []\n` : `${key} = [\n${items.map((item) => `  ${item},\n`).join('')}]\n`
}
