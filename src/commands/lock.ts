// `pip lock`: the files that would be installed here, for this Python and machine, as a pylock.toml (PEP 751). One file a package: the
// one that was chosen, with its hash.

import { DenError } from '../base/error.ts'
import { hideCredentials } from '../base/safe-url.ts'
import type { ResolvedDistribution } from '../engine/resolve-request.ts'
import type { Workshop } from '../engine/workshop.ts'
import { tomlMomentOf } from '../format/toml.ts'
import { pathOfAddress } from '../host/file-address.ts'
import { sha256Hex } from '../host/hash.ts'
import type { DistributionFile } from '../indexes/distribution-file.ts'
import type { DirectUrl } from '../spec/direct-url.ts'
import type { Pylock, PylockBytes, PylockFile, PylockPackage } from '../spec/pylock.ts'
import { formatPylock } from '../spec/pylock-write.ts'
import { fileUrl } from '../spec/requirements-txt-url.ts'
import type { Core } from './core.ts'
import type { LockRequest } from './install-request.ts'
import { openPackages } from './packages.ts'

export interface LockResult {
  /** The file's text. */
  readonly text: string
  /** Where it belongs; undefined: stdout. */
  readonly path?: string
  readonly packages: readonly { readonly name: string; readonly version: string }[]
  readonly ignored: readonly string[]
  readonly warnings: readonly string[]
}

/** Resolves anew, whatever is installed, and writes the file. Throws as `installPackages`. */
export async function lockPackages(core: Core, request: LockRequest): Promise<LockResult> {
  const { host } = core
  const path = request.output === '-' ? undefined : request.output
  const directory = path === undefined ? host.cwd : host.path.dirname(path)
  const open = await openPackages(core, request)
  try {
    const { distributions, ignored } = await open.resolve({})
    const packages: PylockPackage[] = []
    for (const one of distributions) packages.push(await packageOf(core, one, { directory, workshop: open.workshop }))
    const lock: Pylock = {
      lockVersion: '1.0',
      environments: [],
      extras: [],
      dependencyGroups: [],
      defaultGroups: [],
      createdBy: 'den',
      packages,
    }
    const text = formatPylock(lock)
    if (path !== undefined) {
      host.disk.makeDirectories(directory)
      host.disk.writeAtomic(path, text)
    }
    return {
      text,
      ...(path === undefined ? {} : { path }),
      packages: distributions.map(({ name, version }) => ({ name, version: version.text })),
      ignored: ignored.map(({ text }) => hideCredentials(text)),
      warnings: open.read.warnings,
    }
  } finally {
    open.close()
  }
}

interface About {
  /** Of the lock file: paths are written from there. */
  readonly directory: string
  readonly workshop: Workshop
}

async function packageOf(core: Core, one: ResolvedDistribution, about: About): Promise<PylockPackage> {
  const { name } = one
  if (one.link !== undefined) return { name, ...(await linkedOf(core, one, about)) }
  const { file, version } = one
  if (file === undefined) throw new DenError('internal', { message: `${name} has no file`, name: 'lock' })
  const entry = await fileOf(core, file, about)
  return {
    name,
    version,
    ...(file.parsed.kind === 'wheel' ? { wheels: [{ ...entry, parsed: file.parsed }] } : { sdist: entry }),
  }
}

async function fileOf(core: Core, file: DistributionFile, about: About): Promise<PylockFile> {
  const { filename } = file.parsed
  return { name: filename, filename, ...(await bytesOf(core, file, about)) }
}

async function bytesOf(core: Core, file: DistributionFile, { directory, workshop }: About): Promise<PylockBytes> {
  const { hashes, size } = file
  const promised = Object.entries(hashes).filter(([name]) => strong.has(name))
  // Where nobody promises anything, the bytes themselves tell.
  const known = promised.length > 0 ? promised : ([['sha256', await digestOf(core, file, workshop)]] as const)
  const moment = file.uploaded === undefined ? undefined : tomlMomentOf(file.uploaded)
  return {
    ...placeOf(core, file, directory),
    hashes: new Map(known),
    ...(size === undefined ? {} : { size }),
    ...(moment === undefined ? {} : { uploadTime: moment }),
  }
}

const strong: ReadonlySet<string> = new Set(['sha256', 'sha384', 'sha512'])

/** Addresses without credentials. A file below the lock's directory goes where that goes. */
function placeOf(
  core: Core,
  { place }: DistributionFile,
  directory: string,
): { readonly url: string } | { readonly path: string } {
  if (place.kind === 'url') return { url: place.url.href }
  const relative = slashed(core, core.host.path.relative(directory, place.path))
  return isBelow(relative) ? { path: relative } : { url: fileUrl(place.path, core.host.path) }
}

function isBelow(relative: string): boolean {
  return relative !== '..' && !relative.startsWith('../') && !/^[A-Za-z]:|^\//.test(relative)
}

function slashed({ host }: Core, place: string): string {
  return host.path.sep === '\\' ? place.replaceAll('\\', '/') : place
}

async function digestOf({ host }: Core, file: DistributionFile, workshop: Workshop): Promise<string> {
  const fetched = await workshop.source.fetch(file)
  const bytes = fetched.bytes ?? (fetched.path === undefined ? undefined : host.files.readBytes(fetched.path))
  fetched.release?.()
  return fetched.sha256 ?? sha256Hex(bytes ?? new Uint8Array())
}

/** What came from an address, a directory or a repository. */
async function linkedOf(
  core: Core,
  one: ResolvedDistribution,
  { directory, workshop }: About,
): Promise<Partial<PylockPackage>> {
  const found = workshop.links.sourceOf(one.link!)
  const told: DirectUrl =
    found.kind === 'wheel' ? found.directUrl(await digestOf(core, found.file, workshop)) : found.directUrl
  const below = told.subdirectory === undefined ? {} : { subdirectory: told.subdirectory }
  if (told.vcs_info !== undefined) {
    const { vcs: type, commit_id: commitId, requested_revision: requested } = told.vcs_info
    const revision = requested === undefined ? {} : { requestedRevision: requested }
    return { vcs: { type, url: told.url, ...revision, commitId, ...below } }
  }
  if (told.dir_info !== undefined) {
    const path = pathOfAddress(told.url)
    if (path === undefined) throw new DenError('invalid-link', { link: told.url, reason: 'this is no directory' })
    const relative = slashed(core, core.host.path.relative(directory, path)) || '.'
    return {
      directory: { path: relative, ...(told.dir_info.editable === true ? { editable: true } : {}), ...below },
    }
  }
  const hashes = Object.entries(told.archive_info?.hashes ?? {})
  if (hashes.length === 0 && found.kind === 'source' && found.source.place.kind === 'archive')
    hashes.push(['sha256', found.source.place.sha256])
  return { archive: { url: told.url, hashes: new Map(hashes), ...below } }
}
