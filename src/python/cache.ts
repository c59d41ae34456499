// What is known of interpreters, remembered: a look at a few files' sizes and times instead of reading, searching or asking again. One
// file, a line an interpreter; an entry counts only while the files it rests on are the same as then. What is damaged is a miss.

import { isDenError } from '../base/error.ts'
import { type Host, variable } from '../host/host.ts'
import type { PythonContext } from './context.ts'
import { pathsAround } from './installation/surroundings.ts'
import type { Interpreter } from './interpreter.ts'

export interface InterpreterCache {
  /** The remembered facts of the interpreter at this path, if nothing they rest on has changed. */
  get(executable: string): Interpreter | undefined
  set(executable: string, interpreter: Interpreter): void
  /** Writes what was set since; failing to is no error, the next den looks again. */
  save(): void
}

interface Entry {
  readonly executable: string
  /** Path to fingerprint, of every file that the facts rest on; `$NAME` to its value, of every variable. */
  readonly seen: readonly (readonly [path: string, fingerprint: string])[]
  readonly interpreter: Interpreter
}

/** Raised whenever the meaning of an `Interpreter` or of a line changes. */
const format = 2
/** More than any machine has; beyond it the oldest answers go. */
const most = 500

/** Opens the cache; the file is read when something is first looked up. */
export function openInterpreterCache(context: PythonContext): InterpreterCache {
  const { host } = context
  const file = host.path.join(context.places.cache, `interpreters-v${format}.txt`)
  let text: string | undefined
  const fresh = new Map<string, Entry>()
  return {
    get: (executable) => {
      text ??= readQuietly(host, file)
      const entry = fresh.get(executable) ?? findEntry(text, executable)
      for (const [path, fingerprint] of entry?.seen ?? [])
        if (fingerprintOf(host, path) !== fingerprint) return undefined
      return entry?.interpreter
    },
    set: (executable, interpreter) => {
      const rests = new Set([...leadingTo(executable, interpreter), ...pathsAround(host, interpreter)])
      const seen = [...rests].map((path) => [path, fingerprintOf(host, path)] as const)
      fresh.set(executable, { executable, seen, interpreter })
    },
    save: () => {
      if (fresh.size === 0) return
      // Another den may have written since; its answers are kept, ours go on top.
      const kept = linesOf(readQuietly(host, file)).filter((line) => !fresh.has(parseLine(line)?.executable ?? ''))
      const lines = [...kept, ...[...fresh.values()].map(formatLine)].slice(-most)
      fresh.clear()
      text = `${lines.join('\n')}\n`
      try {
        host.disk.makeDirectories(context.places.cache)
        host.disk.writeAtomic(file, text)
      } catch (error) {
        if (!isDenError(error)) throw error
      }
    },
  }
}

/** What decides which program is loaded. A look at a file goes through its links. */
function leadingTo(executable: string, interpreter: Interpreter): readonly string[] {
  const { sharedLibrary, source } = interpreter
  return [
    executable,
    ...(sharedLibrary === undefined ? [] : [sharedLibrary]),
    ...(sharedLibrary === undefined || source === 'files' ? [] : ['$LD_LIBRARY_PATH']),
    // A wrapper stays the same when what it starts is replaced, by a file or by a word of PATH.
    ...(interpreter.executable === executable ? [] : [interpreter.executable, '$PATH']),
  ]
}

function fingerprintOf(host: Host, path: string): string {
  if (path.startsWith('$')) return variable(host, path.slice(1)) ?? ''
  const facts = host.files.stat(path)
  return facts === undefined ? 'gone' : `${facts.size} ${facts.modified} ${facts.mode} ${facts.device} ${facts.inode}`
}

function readQuietly({ files }: Host, file: string): string {
  try {
    return files.readText(file) ?? ''
  } catch (error) {
    if (isDenError(error)) return ''
    throw error
  }
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => parseLine(line) !== undefined)
}

/** Only the line that is wanted is checked and parsed. */
function findEntry(text: string, executable: string): Entry | undefined {
  const at = text.indexOf(` ${beginning(executable)}`)
  if (at === -1) return undefined
  const end = text.indexOf('\n', at)
  const entry = parseLine(text.slice(text.lastIndexOf('\n', at) + 1, end === -1 ? undefined : end))
  return entry?.executable === executable ? entry : undefined
}

function beginning(executable: string): string {
  return `{"executable":${JSON.stringify(executable)},`
}

/** The checksum, a space, and the entry as JSON that begins with the executable. */
function formatLine({ executable, seen, interpreter }: Entry): string {
  const body = JSON.stringify({ executable, seen, interpreter })
  return `${checksum(body)} ${body}`
}

/** undefined for a damaged line. */
function parseLine(line: string): Entry | undefined {
  const space = line.indexOf(' ')
  const body = line.slice(space + 1)
  // Where the checksum holds, this is what formatLine wrote.
  return line.slice(0, space) === checksum(body) ? (JSON.parse(body) as Entry) : undefined
}

/** FNV-1a over UTF-16 units, and the length: against damage, not against forgery, without loading a hash library. */
function checksum(text: string): string {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return `${text.length}-${(hash >>> 0).toString(16)}`
}
