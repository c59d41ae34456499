// What is the same in every environment that links a tree is made once, beside the tree: the links themselves, RECORD, INSTALLER. An
// environment gets second names of them, so that a package costs it one directory on the disk and not a dozen entries. (On Linux a link
// itself can have a second name.)

import { isDenError } from '../base/error.ts'
import type { Context, Host } from '../host/host.ts'
import { ioCode } from '../host/io-error.ts'
import type { Tree } from '../store/store.ts'

export interface Prototypes {
  /** Makes a link at `to` that says `target`. Throws what the disk throws: EEXIST where something stands. */
  link(target: string, to: string, kind: 'file' | 'directory'): void
  /** Makes a read-only file with this text, where nothing stands. `name`: what it is kept under. False where it has to be written. */
  file(name: string, text: string, to: string): boolean
}

/** These say that there is no second name to be had; the thing itself is made then. */
const without = /^(?:EMLINK|EXDEV|EPERM|EACCES|ENOTSUP|EOPNOTSUPP|ENOSYS|EROFS)$/

export function openPrototypes({ host }: Pick<Context, 'host'>, tree: Tree): Prototypes {
  const { disk, path } = host
  const directory = path.join(path.dirname(tree.directory), 'instant')
  const can = host.platform === 'linux' && !tree.private
  const link = (target: string, to: string, kind: 'file' | 'directory'): void => {
    // Flat, and never the name of another: `/` is no letter of a file's name, and no place in a tree has a `%` too many.
    const name = encodeURIComponent(target.slice(tree.directory.length + 1))
    const made =
      can &&
      name.length < 200 &&
      secondName(host, path.join(directory, name), to, (prototype) => disk.symlink(target, prototype))
    if (!made) disk.symlink(target, to, kind === 'file' ? 'file' : 'dir')
  }
  const file = (name: string, text: string, to: string): boolean =>
    can &&
    secondName(host, path.join(directory, `=${name}`), to, (prototype) => disk.writeAtomic(prototype, text, 0o444))
  return { link, file }
}

/** Whether `to` is another name of the prototype now, which is made where it isn't there yet. Throws EEXIST for `to`. */
function secondName(
  { disk, path }: Pick<Host, 'disk' | 'path'>,
  prototype: string,
  to: string,
  make: (prototype: string) => void,
): boolean {
  try {
    disk.hardLink(prototype, to)
    return true
  } catch (error) {
    if (without.test(ioCode(error) ?? '')) return false
    if (ioCode(error) !== 'ENOENT') throw error
  }
  try {
    disk.makeDirectories(path.dirname(prototype))
    make(prototype)
  } catch (error) {
    // Another process was faster, or the store is another user's.
    if (!isDenError(error)) throw error
    if (ioCode(error) !== 'EEXIST') return false
  }
  try {
    disk.hardLink(prototype, to)
    return true
  } catch (error) {
    if (without.test(ioCode(error) ?? '') || ioCode(error) === 'ENOENT') return false
    throw error
  }
}
