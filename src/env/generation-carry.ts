// From one generation to the next: what stays is taken along. Links are made anew, ordinary files (what other tools put there) get a
// second name, and directories that the change emptied are left out.

import type { Context, Host } from '../host/host.ts'
import { ioCode } from '../host/io-error.ts'
import { sentinel } from './generation.ts'

export interface CarryRequest {
  /** A directory, or a single file or link. */
  readonly from: string
  /** Nothing stands there, or a directory that holds none of it; the parent stands. */
  readonly to: string
  /** Files and links that are left behind, relative to `from`, with `/`. */
  readonly gone: ReadonlySet<string>
  /** Directories that stay when nothing is left in them; relative, with `/`. */
  readonly keep?: ReadonlySet<string>
}

interface Staying {
  readonly name: string
  readonly kind: 'file' | 'link' | 'directory'
  readonly mode: number
  readonly entries: readonly Staying[]
}

/** Takes everything along but what goes. Throws what the disk throws. */
export function carryOver({ host }: Pick<Context, 'host'>, request: CarryRequest): void {
  const { files, disk } = host
  const facts = files.lstat(request.from)
  if (facts === undefined || facts.kind === 'other') return
  if (facts.kind !== 'directory') {
    carryEntry(host, request.from, request.to, facts.kind)
    return
  }
  const { entries } = survey(host, request, request.from, '')
  if (files.lstat(request.to) === undefined) makeDirectory(host, request.to, facts.mode)
  const write = (from: string, to: string, staying: readonly Staying[]): void => {
    for (const { name, kind, mode, entries: inside } of staying) {
      const target = `${to}/${name}`
      if (kind !== 'directory') carryEntry(host, `${from}/${name}`, target, kind)
      else {
        makeDirectory(host, target, mode)
        write(`${from}/${name}`, target, inside)
      }
    }
  }
  write(request.from, request.to, entries)
  // A directory that its owner may not write to has been filled by now.
  if ((files.lstat(request.to)?.mode ?? facts.mode) !== facts.mode) disk.chmod(request.to, facts.mode)
}

/** What stays of a directory, and whether anything goes. */
function survey(
  { files }: Pick<Host, 'files'>,
  request: CarryRequest,
  directory: string,
  relative: string,
): { readonly entries: readonly Staying[]; readonly goes: boolean } {
  let goes = false
  const entries: Staying[] = []
  for (const { name, kind } of files.list(directory) ?? []) {
    const place = relative === '' ? name : `${relative}/${name}`
    if (kind === 'directory') {
      const inside = survey({ files }, request, `${directory}/${name}`, place)
      goes ||= inside.goes
      // What was emptied goes as well; what was empty before is somebody's wish.
      const emptied = inside.goes && inside.entries.every((entry) => entry.name === sentinel)
      if (emptied && request.keep?.has(place) !== true) continue
      entries.push({ name, kind, mode: files.lstat(`${directory}/${name}`)?.mode ?? 0o755, entries: inside.entries })
    } else if (request.gone.has(place)) goes = true
    // A socket or a pipe has no second place.
    else if (kind !== 'other') entries.push({ name, kind, mode: 0, entries: [] })
  }
  return { entries, goes }
}

function makeDirectory({ files, disk }: Pick<Host, 'files' | 'disk'>, directory: string, mode: number): void {
  disk.makeDirectory(directory)
  if ((files.lstat(directory)?.mode ?? mode) !== mode) disk.chmod(directory, mode | 0o700)
}

function carryEntry(
  { files, disk, platform }: Pick<Host, 'files' | 'disk' | 'platform'>,
  from: string,
  to: string,
  kind: string,
): void {
  try {
    // Only Linux gives a link itself a second name.
    if (kind === 'link' && platform !== 'linux') disk.symlink(files.readLink(from)!, to)
    else disk.hardLink(from, to)
  } catch (error) {
    // As many names as the file system allows, or another user's file.
    if (!/^(?:EMLINK|EPERM|EACCES|EXDEV|ENOTSUP|EOPNOTSUPP|ENOSYS)$/.test(ioCode(error) ?? '')) throw error
    if (kind === 'link') {
      disk.symlink(files.readLink(from)!, to)
      return
    }
    disk.copyFile(from, to)
    disk.chmod(to, files.lstat(from)?.mode ?? 0o644)
  }
}
