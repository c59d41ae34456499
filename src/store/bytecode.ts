// Bytecode is compiled once per tree and kind of Python, and shared by every environment: it stands in the tree's own __pycache__
// directories, where Python looks for it behind a link, and a sealed list beside the tree says that it is all there.

import { DenError, isDenError } from '../base/error.ts'
import { sha256Base64Url } from '../host/hash.ts'
import type { Context, Host } from '../host/host.ts'
import { ioCode } from '../host/io-error.ts'
import { acquireLock } from '../host/lock.ts'
import { openSealed, sealJson } from './manifest.ts'
import type { Tree } from './store.ts'

/** One compiled file: its place in the tree ("pkg/__pycache__/a.cpython-313.pyc"), bytes, SHA-256 in RECORD's spelling. */
export type BytecodeFile = readonly [path: string, size: number, sha256: string]

/** The tag of a Python's bytecode ("cpython-313") and its magic number, which must be right too: pre-releases change it. */
export interface BytecodeKind {
  readonly tag: string
  readonly magic: number
}

function listFile(host: Pick<Host, 'path'>, tree: Tree, { tag, magic }: BytecodeKind): string {
  if (!/^[a-z0-9-]+$/.test(tag)) throw new RangeError(`${JSON.stringify(tag)} is no tag of bytecode`)
  return host.path.join(host.path.dirname(tree.directory), 'bytecode', `${tag}-${magic}.json`)
}

/** What was compiled for this kind of Python; undefined when nothing was yet, or when the list is damaged. Costs one read. */
export function findBytecode(
  host: Pick<Host, 'files' | 'path'>,
  tree: Tree,
  kind: BytecodeKind,
): readonly BytecodeFile[] | undefined {
  if (tree.private) return undefined
  const value = openSealed(host.files.readText(listFile(host, tree, kind)))
  if (typeof value !== 'object' || value === null || !('files' in value)) return undefined
  return value.files as readonly BytecodeFile[]
}

/** Whether a compiled file is as it was published, as far as size and time tell. */
export function isSoundBytecode(
  { files }: Pick<Host, 'files'>,
  { file, size, modified }: { readonly file: string; readonly size: number; readonly modified: number },
): boolean {
  const facts = files.lstat(file)
  return facts?.kind === 'file' && facts.size === size && facts.modified === modified
}

/** Something of it is damaged: it counts as not compiled, and is compiled again. A store that can't be written keeps its list. */
export function forgetBytecode({ disk, path }: Pick<Host, 'disk' | 'path'>, tree: Tree, kind: BytecodeKind): void {
  try {
    disk.removeFile(listFile({ path }, tree, kind))
  } catch (error) {
    if (!isDenError(error)) throw error
  }
}

/**
 * Puts compiled files into the tree. `compiled` is a directory laid out as the tree is, holding only `__pycache__` directories with .pyc
 * files in them; its files are moved, and get the tree's time. Each file appears whole, the list when all of them stand. Throws `install-refused` for anything
 * else in `compiled`, and what the disk throws; the tree is as good as before then.
 */
export async function publishBytecode(
  context: Context,
  storeDirectory: string,
  tree: Tree,
  kind: BytecodeKind,
  compiled: string,
): Promise<readonly BytecodeFile[]> {
  const { host } = context
  const { path, files, disk } = host
  const lock = await acquireLock(path.join(storeDirectory, 'v1', 'locks', tree.manifest.sha256), {
    signal: context.signal,
  })
  try {
    const known = findBytecode(host, tree, kind)
    if (known !== undefined) return known
    const found = compiledFiles(host, compiled, kind.tag)
    const modules = new Set(moduleDirectories(tree))
    for (const { directory, cache } of found) {
      if (!modules.has(directory))
        throw new DenError('install-refused', {
          distribution: tree.manifest.filename,
          path: cache,
          reason: 'bytecode stands beside modules of the tree',
        })
    }
    const published: BytecodeFile[] = []
    for (const { directory, cache, names } of found) {
      const parent = place(host, tree.directory, directory)
      const target = place(host, tree.directory, cache)
      disk.chmod(parent, 0o755)
      try {
        if (files.lstat(target) === undefined) disk.makeDirectory(target)
        disk.chmod(target, 0o755)
        for (const name of names) {
          const from = path.join(place(host, compiled, cache), name)
          const bytes = files.readBytes(from)!
          // A look, not trust: Python reads the rest, and compares the source's time and size, or its hash.
          if (bytes.length < 16 || Buffer.from(bytes).readUInt16LE(0) !== kind.magic) continue
          disk.chmod(from, 0o444)
          disk.setTimes(from, tree.manifest.modified, tree.manifest.modified)
          disk.rename(from, path.join(target, name))
          published.push([`${cache}/${name}`, bytes.length, sha256Base64Url(bytes)])
        }
        disk.chmod(target, 0o555)
        disk.setTimes(parent, tree.manifest.modified, tree.manifest.modified)
      } finally {
        disk.chmod(parent, 0o555)
      }
    }
    const list = listFile(host, tree, kind)
    disk.makeDirectories(path.dirname(list))
    disk.writeAtomic(list, sealJson({ files: published }))
    return published
  } catch (error) {
    // EACCES: another user's store, which only its owner fills.
    if (ioCode(error) === 'EACCES' || ioCode(error) === 'EROFS') return []
    throw error
  } finally {
    lock.release()
  }
}

function place(host: Pick<Host, 'path'>, root: string, relative: string): string {
  return relative === '' ? root : host.path.join(root, ...relative.split('/'))
}

/** Directories of the tree that hold modules. */
function* moduleDirectories(tree: Tree): Generator<string> {
  for (const part of tree.manifest.parts) {
    if (part.scheme !== 'purelib' && part.scheme !== 'platlib') continue
    for (const { path, files } of part.directories) {
      if (files.some(([name]) => name.endsWith('.py')))
        yield [part.from, path].filter((piece) => piece !== '').join('/')
    }
  }
}

interface CompiledDirectory {
  /** The modules' own, relative to the tree. */
  readonly directory: string
  readonly cache: string
  readonly names: readonly string[]
}

function compiledFiles(host: Pick<Host, 'path' | 'files'>, root: string, tag: string): readonly CompiledDirectory[] {
  const found: CompiledDirectory[] = []
  const walk = (relative: string): void => {
    for (const { name, kind } of host.files.list(place(host, root, relative)) ?? []) {
      if (kind !== 'directory') continue
      const inside = relative === '' ? name : `${relative}/${name}`
      if (name !== '__pycache__') walk(inside)
      else {
        const names = (host.files.list(place(host, root, inside)) ?? [])
          .filter((file) => file.kind === 'file' && file.name.includes(`.${tag}.`) && file.name.endsWith('.pyc'))
          .map((file) => file.name)
        if (names.length > 0) found.push({ directory: relative, cache: inside, names: names.sort() })
      }
    }
  }
  walk('')
  return found
}
