// What an environment lacks of what a lock selects for it, told from names, direct_url.json and the projects' own files: no network, no
// metadata.

import type { ProjectName } from '../base/brand.ts'
import { type InstalledDistribution, readInstalled } from '../env/installed.ts'
import { ifReadable } from '../env/quietly.ts'
import { pathOfAddress } from '../host/file-address.ts'
import { sha256Hex } from '../host/hash.ts'
import type { Host } from '../host/host.ts'
import { type Plan, type Present, plan, type Wanted } from '../plan/plan.ts'
import { directoryFingerprint } from '../project/lock-directories.ts'
import { type DirectUrl, tryParseDirectUrl, withoutSecrets } from '../spec/direct-url.ts'
import { type PylockSelection, pylockUrl } from '../spec/pylock-select.ts'
import { openSealed, sealJson } from '../store/manifest.ts'
import type { Core } from './core.ts'

export interface LockDifferenceRequest {
  /** The lock's file: paths in it are relative to that. */
  readonly file: string
  /** The environment. */
  readonly root: string
  readonly selection: readonly PylockSelection[]
  /** The environment's site-packages; none: there is no environment yet. */
  readonly sites: readonly string[]
  /** What nobody selected goes: all of it, or what is among these. */
  readonly exact: boolean | ReadonlySet<ProjectName>
  /** Never taken out. */
  readonly keep: ReadonlySet<ProjectName>
  /** Put in anew, whatever is there. */
  readonly reinstall?: (name: ProjectName) => boolean
}

/** The change that makes the environment what is selected. A version is empty where only what is fetched will tell it. */
export function lockDifference(core: Core, request: LockDifferenceRequest): Plan<PylockSelection> {
  const { selection, sites, exact, keep, reinstall } = request
  const installed = readInstalled(core.host, sites)
  const byName = Map.groupBy(installed, ({ project }) => project)
  const present = installed.map(({ project, version, location }): Present => ({ name: project, version, location }))
  const wanted = selection.map((one): Wanted<PylockSelection> => {
    const { name, version } = one.package
    const [there] = byName.get(name) ?? []
    const isThere = there !== undefined && reinstall?.(name) !== true && isWhatStands(core, request, one, there)
    return {
      name,
      version: version?.text ?? there?.version ?? '',
      ...(isThere ? {} : { reinstall: true }),
      source: one,
    }
  })
  const staying = typeof exact === 'boolean' ? [] : present.flatMap(({ name }) => (exact.has(name) ? [] : [name]))
  const mode = exact === false ? 'additive' : 'exact'
  return plan(present, wanted, { mode, keep: new Set([...keep, ...staying]), same: 'version' })
}

/** The version is compared by `plan`; this is about where it came from. */
function isWhatStands(
  core: Core,
  { file, root }: Pick<LockDifferenceRequest, 'file' | 'root'>,
  one: PylockSelection,
  there: InstalledDistribution,
): boolean {
  const { host } = core
  const text = ifReadable(() => host.files.readText(host.path.join(there.location, 'direct_url.json')))
  const from = text === undefined ? undefined : tryParseDirectUrl(text)
  if (one.kind === 'wheel' || one.kind === 'sdist') return text === undefined
  if (from === undefined || (from.subdirectory ?? '') !== (one.source.subdirectory ?? '')) return false
  const address = pylockUrl(file, one.source, host.path)
  if (one.kind === 'vcs')
    return from.vcs_info?.commit_id === one.source.commitId && from.url === withoutSecrets(address)
  if (one.kind === 'archive') return isSameArchive(from, one.source.hashes, address)
  const place = pathOfAddress(address)
  const isSame = from.dir_info !== undefined && pathOfAddress(from.url) === place
  const editable = one.source.editable === true
  if (!isSame || place === undefined || (from.dir_info?.editable === true) !== editable) return false
  const stamp = sourceStamp(host, below(host, place, one.source.subdirectory), editable)
  return readStamp(core, root, there.location) === stamp
}

function isSameArchive(
  { archive_info, url }: DirectUrl,
  hashes: ReadonlyMap<string, string>,
  address: string,
): boolean {
  if (archive_info === undefined || url !== withoutSecrets(address.replace(/#.*$/, ''))) return false
  const known = Object.entries(archive_info.hashes ?? {})
  return known.every(([name, digest]) => (hashes.get(name)?.toLowerCase() ?? digest) === digest.toLowerCase())
}

function below({ path }: Pick<Host, 'path'>, place: string, subdirectory: string | undefined): string {
  return subdirectory === undefined ? place : path.join(place, subdirectory)
}

/** Tells in the environment's files what a directory's metadata is made of. */
const keyFiles = ['pyproject.toml', 'setup.py', 'setup.cfg'] as const

/** More files than these are nobody's sources, but data that lies beside them. */
const mostFiles = 5000

/**
 * A hash of what an installation of this directory rests on: of one that is installed in place the files that its metadata is made of,
 * of a copy how every file of it looks.
 */
export function sourceStamp(host: Pick<Host, 'files' | 'path'>, directory: string, editable: boolean): string {
  const { files, path } = host
  const facts: string[] = keyFiles.map((name) => ifReadable(() => files.readText(path.join(directory, name))) ?? '')
  // What else a backend reads its requirements from.
  if (editable && /^\s*dynamic\s*=\s*\[[^\]]*dependencies/m.test(facts[0]!))
    facts.push(ifReadable(() => directoryFingerprint(host, directory)) ?? '')
  if (!editable) {
    let count = 0
    const walk = (place: string): void => {
      for (const { name, kind } of [...(files.list(place) ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1))) {
        if (count > mostFiles || isNoSource(name)) continue
        const here = path.join(place, name)
        if (kind === 'directory') {
          if (files.stat(path.join(here, 'pyvenv.cfg')) === undefined) walk(here)
          continue
        }
        count++
        const seen = files.stat(here)
        facts.push(`${here} ${seen?.size} ${seen?.modified}`)
      }
    }
    walk(directory)
  }
  return sha256Hex(facts.join('\n'))
}

/** What building and running leave behind, and what versions are kept in. */
function isNoSource(name: string): boolean {
  return name.startsWith('.') || /^(?:__pycache__|build|dist|node_modules|.*\.egg-info)$/.test(name)
}

export const stampBucket = 'sources-v1'

/** A generation of an environment may have its dist-info directories elsewhere; their names stay. */
function stampFile({ host, places }: Core, root: string, distInfo: string): string {
  const key = sha256Hex(`${root}\n${host.path.basename(distInfo)}`).slice(0, 32)
  return host.path.join(places.cache, stampBucket, `${key}.json`)
}

function readStamp(core: Core, root: string, distInfo: string): string | undefined {
  return openSealed(core.host.files.readText(stampFile(core, root, distInfo))) as string | undefined
}

/** Kept when the directory has been installed. A cache that can't be written means that it is built again. */
export function keepStamp(core: Core, root: string, distInfo: string, stamp: string): void {
  const { host } = core
  const file = stampFile(core, root, distInfo)
  try {
    host.disk.makeDirectories(host.path.dirname(file))
    host.disk.writeAtomic(file, sealJson(stamp))
  } catch {}
}

/** The stamp of what a lock names, where that is a directory. */
export function stampOfSelection(host: Core['host'], file: string, one: PylockSelection): string | undefined {
  if (one.kind !== 'directory') return undefined
  const place = pathOfAddress(pylockUrl(file, one.source, host.path))
  if (place === undefined) return undefined
  return sourceStamp(host, below(host, place, one.source.subdirectory), one.source.editable === true)
}
