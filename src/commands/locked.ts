// The distributions that a lock file (PEP 751) names for this target, each with the one file that is to be installed.

import { DenError } from '../base/error.ts'
import { tryParseUrl } from '../base/safe-url.ts'
import type { LinkedDistribution, ResolvedDistribution, WantedLink } from '../engine/resolve-request.ts'
import type { Workshop } from '../engine/workshop.ts'
import { pathOfAddress } from '../host/file-address.ts'
import type { DistributionFile, Place } from '../indexes/distribution-file.ts'
import type { Target } from '../python/target.ts'
import { parseSdistFilename } from '../spec/filename.ts'
import { type PylockFile, type PylockPackage, parsePylock } from '../spec/pylock.ts'
import { type PylockSelection, pylockUrl, selectFromPylock } from '../spec/pylock-select.ts'
import { parseVersion } from '../spec/version.ts'
import type { Core } from './core.ts'
import type { WantedLock } from './wanted.ts'

/** Throws `invalid-lock-file`, `lock-file-mismatch`, and what reading addresses throws. */
export async function distributionsOfLock(
  core: Core,
  lock: WantedLock,
  about: { readonly workshop: Workshop; readonly target: Target },
): Promise<readonly ResolvedDistribution[]> {
  const { target, workshop } = about
  const parsed = parsePylock(lock.text, { file: lock.place })
  const selection = selectFromPylock(parsed, {
    file: lock.place,
    markers: target.markers,
    ranks: target.ranks,
    extras: lock.extras,
    ...(lock.groups === undefined ? {} : { dependencyGroups: lock.groups }),
  })
  return await Promise.all(selection.map((one) => distributionOfSelection(core, lock, one, workshop)))
}

/** What is installed of a selection. Throws as `distributionsOfLock`. */
export async function distributionOfSelection(
  core: Core,
  lock: Pick<WantedLock, 'place'> & {
    /** A project's: what came from the public index is fetched from whatever stands in its place here. */
    readonly isProject?: boolean
  },
  one: PylockSelection,
  workshop: Workshop,
): Promise<ResolvedDistribution> {
  const common = { name: one.package.name, extras: [], requested: true, requestedExtras: [], dependencies: [] } as const
  const address = (place: { readonly url?: string; readonly path?: string }): string =>
    pylockUrl(lock.place, place, core.host.path)
  if (one.kind === 'wheel' || one.kind === 'sdist') {
    const found = fileOf(address(one.source), one.source, one.package)
    const { index } = one.package
    const file = lock.isProject === true && index !== undefined ? { ...found, lockedIndex: index } : found
    const hashes = new Map(
      [...one.source.hashes].map(([name, digest]) => [name, new Set([digest.toLowerCase()])] as const),
    )
    return { ...common, version: one.package.version ?? file.parsed.version, file, hashes }
  }
  const linked: LinkedDistribution = await workshop.links.read(wantedLink(one, address))
  if (linked.name !== one.package.name)
    throw new DenError('lock-file-mismatch', {
      file: lock.place,
      reason: `${one.package.name} is ${linked.name} by its metadata`,
    })
  return {
    ...common,
    version: linked.version,
    link: linked,
    directUrl: linked.directUrl,
    editable: linked.editable,
    metadata: linked.metadata,
  }
}

function wantedLink(
  one: Exclude<PylockSelection, { kind: 'wheel' | 'sdist' }>,
  address: (place: { readonly url?: string; readonly path?: string }) => string,
): WantedLink {
  const below =
    one.source.subdirectory === undefined ? [] : [`subdirectory=${encodeURIComponent(one.source.subdirectory)}`]
  const fragment = (parts: readonly string[]): string => (parts.length === 0 ? '' : `#${parts.join('&')}`)
  if (one.kind === 'directory')
    return {
      address: `${address({ path: one.source.path })}${fragment(below)}`,
      editable: one.source.editable === true,
    }
  if (one.kind === 'vcs')
    return {
      address: `${one.source.type}+${address(one.source)}@${one.source.commitId}${fragment(below)}`,
      editable: false,
    }
  const hashes = [...one.source.hashes].map(([name, digest]) => `${name}=${digest}`)
  return {
    address: `${address(one.source)}${fragment([...hashes, ...below])}`,
    editable: false,
    ...(one.source.size === undefined ? {} : { size: one.source.size }),
  }
}

function fileOf(address: string, source: PylockFile, of: PylockPackage): DistributionFile {
  const path = /^file:/i.test(address) ? pathOfAddress(address) : undefined
  const url = tryParseUrl(address)
  const place: Place | undefined =
    path !== undefined ? { kind: 'path', path } : url === undefined ? undefined : { kind: 'url', url }
  if (place === undefined) throw new DenError('invalid-link', { link: address, reason: 'this is no address' })
  const parsed =
    'parsed' in source
      ? (source as { parsed: DistributionFile['parsed'] }).parsed
      : parseSdistFilename(source.filename, { project: of.name })
  return {
    parsed: of.version === undefined ? parsed : { ...parsed, version: parseVersion(of.version.text) },
    place,
    hashes: Object.fromEntries([...source.hashes].map(([name, digest]) => [name, digest.toLowerCase()])),
    ...(source.size === undefined ? {} : { size: source.size, exactSize: true }),
    foundAt: address,
  }
}
