// Answers worth remembering: those of interpreters that had to be asked, and versions that took a search through a library. One
// small file; an entry counts only while the executable is the same file as then. What is damaged is a miss.

import { isDenError } from '../base/error.ts'
import type { FileFacts } from '../host/files.ts'
import type { Host } from '../host/host.ts'
import type { PythonContext } from './context.ts'
import type { Interpreter } from './interpreter.ts'

export interface InterpreterCache {
  /** The remembered facts of the interpreter at this path, if nothing they rest on has changed. */
  get(executable: string): Interpreter | undefined
  set(executable: string, interpreter: Interpreter): void
  /** Writes what was set since; failing to is no error, the next den asks again. */
  save(): void
}

interface Entry {
  /** Path to fingerprint, of every file that the facts rest on. */
  readonly seen: readonly (readonly [path: string, fingerprint: string])[]
  readonly interpreter: Interpreter
}

/** Raised whenever the meaning of an `Interpreter` changes. */
const format = 1
/** More than any machine has; beyond it the oldest answers go. */
const most = 500

/** Opens the cache; the file is read when something is first looked up. */
export function openInterpreterCache(context: PythonContext): InterpreterCache {
  const { host } = context
  const file = host.path.join(context.places.cache, `interpreters-v${format}.json`)
  let entries: Map<string, Entry> | undefined
  let changed = false
  const load = (): Map<string, Entry> => {
    entries ??= parseCache(readQuietly(host, file))
    return entries
  }
  return {
    get: (executable) => {
      const entry = load().get(executable)
      if (entry === undefined) return undefined
      return entry.seen.every(([path, fingerprint]) => fingerprintOf(host, path) === fingerprint)
        ? entry.interpreter
        : undefined
    },
    set: (executable, interpreter) => {
      const rests = new Set([executable, interpreter.realExecutable, interpreter.sharedLibrary, interpreter.stdlib])
      const seen = [...rests].flatMap((path) =>
        path === undefined ? [] : [[path, fingerprintOf(host, path)] as const],
      )
      load().delete(executable)
      load().set(executable, { seen, interpreter })
      changed = true
    },
    save: () => {
      if (!changed) return
      changed = false
      // Another den may have written since; its answers are kept, ours go on top.
      const merged = new Map([...parseCache(readQuietly(host, file)), ...load()])
      try {
        host.disk.makeDirectories(context.places.cache)
        host.disk.writeAtomic(file, formatCache([...merged].slice(-most)))
      } catch (error) {
        if (!isDenError(error)) throw error
      }
    },
  }
}

function fingerprintOf({ files }: Host, path: string): string {
  const facts: FileFacts | undefined = files.stat(path)
  return facts === undefined ? 'gone' : `${facts.size} ${facts.modified} ${facts.device} ${facts.inode}`
}

function readQuietly({ files }: Host, file: string): string | undefined {
  try {
    return files.readText(file)
  } catch (error) {
    if (isDenError(error)) return undefined
    throw error
  }
}

function formatCache(entries: readonly (readonly [string, Entry])[]): string {
  const body = JSON.stringify(entries)
  return `${checksum(body)}\n${body}\n`
}

/** A damaged file holds no entries. */
function parseCache(text: string | undefined): Map<string, Entry> {
  const end = text?.indexOf('\n') ?? -1
  if (text === undefined || end === -1 || !text.endsWith('\n')) return new Map()
  const body = text.slice(end + 1, -1)
  if (text.slice(0, end) !== checksum(body)) return new Map()
  // The checksum holds, so this is what formatCache wrote.
  return new Map(JSON.parse(body) as [string, Entry][])
}

/** FNV-1a over UTF-16 units, and the length: against damage, not against forgery, without loading a hash library. */
function checksum(text: string): string {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return `${text.length}-${(hash >>> 0).toString(16)}`
}
