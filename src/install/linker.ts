// One file from the store into an environment: by a reflink, a second name, or a copy, whichever the file systems allow.

import type { Context } from '../host/host.ts'
import { ioCode } from '../host/io-error.ts'
import type { TreeLinks } from '../host/link-trees.ts'

export type LinkMode = 'auto' | 'clone' | 'hardlink' | 'copy'

type Mode = 'clone' | 'hardlink' | 'copy'

export interface Linker {
  /**
   * Puts the file there. `fresh`: the directory was just made, so nothing can stand there; otherwise what stands there (a link itself,
   * never its target) gives way. Whether something did. Throws what the disk throws.
   */
  place(from: string, to: string, options: { readonly executable: boolean; readonly fresh: boolean }): boolean
  /** The same for whole trees of files that are safe from harm; undefined where files are to be placed one by one. */
  readonly many?: (from: string, to: string, modified: number) => TreeLinks | undefined
  /** How the last file got there. */
  readonly mode: () => Mode
}

/** These say that a file system, or a pair of them, can't do it at all; the next mode is taken from then on. */
const unsupported = new Set(['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'ENOTTY', 'EXDEV', 'EINVAL', 'EPERM', 'EACCES'])

/**
 * A linker for one run. A mode that turns out impossible is not tried again and the next one is reported once; a file that has as many
 * names as the file system allows (EMLINK) is copied alone.
 */
export function openLinker(context: Context, wanted: LinkMode): Linker {
  const { disk, files, path } = context.host
  let mode: Mode = wanted === 'auto' ? 'clone' : wanted
  let used: Mode = mode
  let toldOfLimit = false

  /** Copies and clones are files of their own: writable, and as open as the user's umask has it, which their directory shows. */
  const setOwnMode = (to: string, executable: boolean): void => {
    const directory = files.stat(path.dirname(to))?.mode ?? 0o755
    disk.chmod(to, (directory & (executable ? 0o777 : 0o666)) | 0o600)
  }
  const next = (lower: Mode, error: unknown): void => {
    // The first step down of `auto` is the ordinary case; whoever asked for a mode by name is told, and of copies everybody.
    if (wanted !== 'auto' || lower === 'copy') {
      const text = `files are ${lower === 'copy' ? 'copied' : 'hard-linked'}: ${mode} is not possible here (${ioCode(error)})`
      context.report({ kind: 'note', text })
    }
    mode = lower
  }
  const copy = (from: string, to: string, executable: boolean): Mode => {
    disk.copyFile(from, to)
    setOwnMode(to, executable)
    return 'copy'
  }
  const tryPlace = (from: string, to: string, executable: boolean): Mode => {
    if (mode === 'clone') {
      try {
        disk.cloneFile(from, to)
        setOwnMode(to, executable)
        return mode
      } catch (error) {
        if (!unsupported.has(ioCode(error) ?? '')) throw error
        next('hardlink', error)
      }
    }
    if (mode === 'hardlink') {
      try {
        disk.hardLink(from, to)
        return mode
      } catch (error) {
        const code = ioCode(error) ?? ''
        if (code === 'EMLINK') {
          const text = 'some files are copied: they have as many names as the file system allows'
          if (!toldOfLimit) context.report({ kind: 'note', text })
          toldOfLimit = true
          return copy(from, to, executable)
        }
        if (!unsupported.has(code)) throw error
        next('copy', error)
      }
    }
    return copy(from, to, executable)
  }
  return Object.freeze({
    mode: () => used,
    many: (from: string, to: string, modified: number) =>
      mode === 'hardlink' ? disk.linkTrees?.(from, to, modified) : undefined,
    place: (from: string, to: string, options: { readonly executable: boolean; readonly fresh: boolean }) => {
      // A copy onto a file with a second name elsewhere would be written into that one too, so what stands there goes first.
      const clear = (): boolean => {
        if (files.lstat(to) === undefined) return false
        disk.removeFile(to)
        return true
      }
      const gaveWay = !options.fresh && mode !== 'hardlink' && clear()
      try {
        used = tryPlace(from, to, options.executable)
        return gaveWay
      } catch (error) {
        // A second name can't be made where something stands, and says so by itself: no look before.
        if (ioCode(error) !== 'EEXIST') throw error
        clear()
        used = tryPlace(from, to, options.executable)
        return true
      }
    },
  })
}
