// The registry: one small file for each environment that den made or met, so that `den env list` and the collector know them all.
// A file's name is made of the environment's own path; its modification time is the environment's last use.

import { diagnose, isDenError } from '../base/error.ts'
import type { Context } from '../host/host.ts'
import { ioCode } from '../host/io-error.ts'

/** What is written down of an environment. */
export interface RegisteredEnvironment {
  /** The root, absolute. */
  readonly root: string
  /** The Python's version, "3.13.0". */
  readonly version: string
  readonly implementation: string
  /** The base interpreter's executable. */
  readonly base: string
  /** Milliseconds since 1970. */
  readonly created: number
  /** "pip", "pip 24.2", …: what was put in when it was made. */
  readonly seeds: readonly string[]
  /** The name of a named environment. */
  readonly name?: string
}

export interface RegistryEntry extends RegisteredEnvironment {
  /** Milliseconds since 1970: the last time den created, ran or changed it. */
  readonly lastUsed: number
  /** The file that holds the entry. */
  readonly file: string
}

/** 53 bits of a string (two rounds of a multiplicative hash): enough to tell paths apart, and no module needs loading for it. */
function hashText(text: string): string {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    high = Math.imul(high ^ code, 2654435761)
    low = Math.imul(low ^ code, 1597334677)
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909)
  return (4294967296 * (2097151 & low) + (high >>> 0)).toString(36)
}

/**
 * The registry's file for the environment at `root`: the path itself, percent-encoded where a file name can't hold it, so that the
 * shell hook finds it without starting a program (assets/hook/). A path too long for a file name goes by its directory's name and
 * a hash.
 */
export function registryFile(host: Context['host'], directory: string, root: string): string {
  const special = host.platform === 'win32' ? '%/\\:*?"<>|' : '%/'
  let encoded = root
  for (const character of special) {
    encoded = encoded.replaceAll(character, `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
  }
  // A unit of UTF-16 takes three bytes at most.
  if (encoded.length * 3 <= 200 || new TextEncoder().encode(encoded).length <= 200)
    return host.path.join(directory, `${encoded}.json`)
  const name = host.path
    .basename(root)
    .replace(/[^\w.-]/g, '_')
    .slice(0, 40)
  return host.path.join(directory, `${name}-${hashText(root)}.json`)
}

/** Writes an environment down. Never fails: where the registry can't be written, a warning says so and the environment stands. */
export function registerEnvironment(context: Context, directory: string, environment: RegisteredEnvironment): void {
  const { host } = context
  const file = registryFile(host, directory, environment.root)
  const text = `${JSON.stringify(environment)}\n`
  unlessFatal(context, () => {
    try {
      host.disk.writeAtomic(file, text)
    } catch (error) {
      if (ioCode(error) !== 'ENOENT') throw error
      host.disk.makeDirectories(directory)
      host.disk.writeAtomic(file, text)
    }
  })
}

/** Takes an environment out of the registry. Nothing there is no error. */
export function forgetEnvironment(context: Context, directory: string, root: string): void {
  unlessFatal(context, () => {
    try {
      context.host.disk.removeFile(registryFile(context.host, directory, root))
    } catch (error) {
      if (ioCode(error) !== 'ENOENT') throw error
    }
  })
}

/** Notes that the environment was used now; false when it isn't registered, or the registry can't be written. */
export function touchEnvironment(context: Context, directory: string, root: string): boolean {
  const { host } = context
  const now = host.now()
  try {
    host.disk.setTimes(registryFile(host, directory, root), now, now)
    return true
  } catch {
    return false
  }
}

/** Every environment written down, by root. A damaged entry is passed over. */
export function registeredEnvironments(context: Context, directory: string): readonly RegistryEntry[] {
  const { host } = context
  const entries: RegistryEntry[] = []
  for (const { name, kind } of host.files.list(directory) ?? []) {
    if (kind !== 'file' || !name.endsWith('.json')) continue
    const file = host.path.join(directory, name)
    const text = host.files.readText(file)
    const facts = host.files.stat(file)
    const environment = text === undefined ? undefined : parseEntry(text)
    if (environment !== undefined && facts !== undefined) {
      entries.push({ ...environment, lastUsed: facts.modified, file })
    }
  }
  return entries.sort((a, b) => (a.root < b.root ? -1 : a.root > b.root ? 1 : 0))
}

function parseEntry(text: string): RegisteredEnvironment | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const { root, version, implementation, base, created, seeds, name } = (value ?? {}) as Record<string, unknown>
  const whole =
    typeof root === 'string' &&
    typeof version === 'string' &&
    typeof implementation === 'string' &&
    typeof base === 'string' &&
    typeof created === 'number' &&
    Array.isArray(seeds)
  if (!whole) return undefined
  return {
    root,
    version,
    implementation,
    base,
    created,
    seeds: seeds.filter((seed) => typeof seed === 'string'),
    ...(typeof name === 'string' ? { name } : {}),
  }
}

function unlessFatal(context: Context, write: () => void): void {
  try {
    write()
  } catch (error) {
    if (!isDenError(error)) throw error
    context.report({ kind: 'warning', warning: diagnose(error) })
  }
}
