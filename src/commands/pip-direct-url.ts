// Where a distribution was installed from (direct_url.json, PEP 610; egg-links before it), and whether it is installed in place.

import { fileURLToPath, pathToFileURL } from 'node:url'
import { ifReadable } from '../env/quietly.ts'
import type { Host } from '../host/host.ts'
import type { DirectUrl } from '../spec/direct-url.ts'
import type { SeenDistribution } from './pip-distributions.ts'

const isText = (value: unknown): value is string => typeof value === 'string'
const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** direct_url.json, checked as far as pip checks it; undefined where there is none or it does not hold to the standard. */
export function directUrlOf(distribution: SeenDistribution): DirectUrl | undefined {
  const text = distribution.readText('direct_url.json')
  if (text === undefined) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isTable(value) || !isText(value['url'])) return undefined
  const { url, subdirectory, vcs_info: vcs, archive_info: archive, dir_info: directory } = value
  if ([vcs, archive, directory].filter((each) => each !== undefined).length !== 1) return undefined
  const shared = { url, ...(isText(subdirectory) ? { subdirectory } : {}) }
  if (isTable(vcs) && isText(vcs['vcs']) && isText(vcs['commit_id'])) {
    const revision = vcs['requested_revision']
    return {
      ...shared,
      vcs_info: {
        vcs: vcs['vcs'],
        commit_id: vcs['commit_id'],
        ...(isText(revision) ? { requested_revision: revision } : {}),
      },
    }
  }
  if (isTable(archive)) return { ...shared, archive_info: archiveInfo(archive) }
  if (isTable(directory)) return { ...shared, dir_info: directory['editable'] === true ? { editable: true } : {} }
  return undefined
}

/** `hash` is the older form of `hashes`; each stands in for the other. */
function archiveInfo(archive: Record<string, unknown>): NonNullable<DirectUrl['archive_info']> {
  const written = isTable(archive['hashes']) ? Object.entries(archive['hashes']).filter(([, hex]) => isText(hex)) : []
  const [, algorithm, digest] = isText(archive['hash']) ? (/^([^=]+)=(.*)$/.exec(archive['hash']) ?? []) : []
  const hashes: Readonly<Record<string, string>> =
    written.length > 0
      ? (Object.fromEntries(written) as Record<string, string>)
      : algorithm === undefined || digest === undefined
        ? {}
        : { [algorithm]: digest }
  const [first] = Object.entries(hashes)
  return first === undefined ? {} : { hash: `${first[0]}=${first[1]}`, hashes }
}

/** The directory of the project that is installed in place; undefined for what is installed as a copy. */
export function editableLocation(
  host: Pick<Host, 'files' | 'path'>,
  distribution: SeenDistribution,
  sysPath: readonly string[],
): string | undefined {
  const record = directUrlOf(distribution)
  if (record !== undefined) {
    if (record.dir_info?.editable !== true) return undefined
    try {
      return fileURLToPath(record.url)
    } catch {
      return undefined
    }
  }
  if (distribution.kind === 'dist-info') return undefined
  const { rawName } = distribution
  const names = [`${rawName.replace(/[^A-Za-z0-9.]+/g, '-')}.egg-link`, `${rawName}.egg-link`]
  const linked = sysPath.some((directory) =>
    names.some((name) => ifReadable(() => host.files.stat(host.path.join(directory, name)))?.kind === 'file'),
  )
  return linked ? distribution.location : undefined
}

/** "name @ address": the requirement that gives the same again. */
export function formatDirectReference(record: DirectUrl, name: string): string {
  const fragments: string[] = []
  let address = record.url
  if (record.vcs_info !== undefined) address = `${record.vcs_info.vcs}+${record.url}@${record.vcs_info.commit_id}`
  const hash = record.archive_info?.hash
  if (hash !== undefined) fragments.push(hash)
  if (record.subdirectory !== undefined) fragments.push(`subdirectory=${record.subdirectory}`)
  return `${name} @ ${address}${fragments.length === 0 ? '' : `#${fragments.join('&')}`}`
}

/** A directory as an address. */
export function fileUrlOf(directory: string): string {
  return pathToFileURL(directory).href
}
