// Where a distribution was installed from (direct_url.json, PEP 610; egg-links before it), and whether it is installed in place.

import { ifReadable } from '../env/quietly.ts'
import { pathOfFileAddress } from '../host/file-address.ts'
import type { Host } from '../host/host.ts'
import { type DirectUrl, tryParseDirectUrl } from '../spec/direct-url.ts'
import type { SeenDistribution } from './pip-distributions.ts'

/** direct_url.json, as far as pip takes it; undefined where there is none or it does not hold to the standard. */
export function directUrlOf(distribution: SeenDistribution): DirectUrl | undefined {
  const text = distribution.readText('direct_url.json')
  return text === undefined ? undefined : tryParseDirectUrl(text)
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
      return pathOfFileAddress(record.url)
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
