// Changes to the files of an environment, as data: what moving, copying and repairing compute, `--dry-run` prints and `applyChanges`
// carries out. Each is one replacement of one file, by rename: a reader sees the old or the new, never a part.

import type { Context, Host } from '../host/host.ts'
import { ioCode } from '../host/io-error.ts'

/** One change. Paths are relative to the environment's root, with `/`. */
export type Change =
  | { readonly kind: 'write'; readonly path: string; readonly bytes: Uint8Array; readonly mode: number }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  /** A copy of a file elsewhere, with its mode. */
  | { readonly kind: 'copy'; readonly path: string; readonly from: string }
  | { readonly kind: 'directory'; readonly path: string }
  /** A file, a link or a whole directory goes; links are not followed. */
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }

/** Carries the changes out in order, in the environment at `root`. What has been done stays when a later one fails. */
export function applyChanges(context: Pick<Context, 'host'>, root: string, changes: readonly Change[]): void {
  for (const change of changes) applyChange(context.host, root, change)
}

function applyChange(host: Host, root: string, change: Change): void {
  const { disk, files, path } = host
  const place = path.join(root, change.path)
  switch (change.kind) {
    case 'write':
      disk.makeDirectories(path.dirname(place))
      disk.writeAtomic(place, change.bytes, change.mode)
      // The umask may have taken something away.
      if (host.platform !== 'win32' && files.lstat(place)?.mode !== change.mode) disk.chmod(place, change.mode)
      return
    case 'link':
      replace(host, place, (temporary) => disk.symlink(change.target, temporary))
      return
    case 'copy':
      replace(host, place, (temporary) => disk.copyFile(change.from, temporary))
      return
    case 'directory':
      // What is in the way is a dangling link, or the plan would not ask for a directory.
      if (files.lstat(place)?.kind === 'link') disk.removeFile(place)
      disk.makeDirectories(place)
      return
    case 'remove':
      disk.removeTree(place)
      return
    case 'rename':
      disk.rename(place, path.join(root, change.to))
  }
}

/** Makes the new thing under a name of its own and renames it over the old one. */
function replace(host: Host, place: string, make: (temporary: string) => void): void {
  const { disk, path } = host
  const temporary = `${place}.${host.now().toString(36)}-${Math.floor(Math.random() * 2 ** 32).toString(36)}.tmp`
  try {
    make(temporary)
  } catch (error) {
    if (ioCode(error) !== 'ENOENT') throw error
    disk.makeDirectories(path.dirname(place))
    make(temporary)
  }
  try {
    disk.rename(temporary, place)
  } catch (error) {
    disk.removeTree(temporary)
    throw error
  }
}

/** One line about a change, for people. */
export function describeChange(
  change: Exclude<Change, { kind: 'write' }> | { readonly kind: 'write'; readonly path: string },
): string {
  switch (change.kind) {
    case 'write':
      return `write ${change.path}`
    case 'link':
      return `link ${change.path} -> ${change.target}`
    case 'copy':
      return `copy ${change.from} to ${change.path}`
    case 'directory':
      return `make the directory ${change.path}`
    case 'remove':
      return `remove ${change.path}`
    case 'rename':
      return `rename ${change.path} to ${change.to}`
  }
}
