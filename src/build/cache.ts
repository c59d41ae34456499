// Wheels built before, and metadata prepared before, by what they were made from: the source's hash, the Python, the settings. It lies
// in the cache: what is damaged or gone is built again.

import type { Sha256 } from '../base/brand.ts'
import { attempt } from '../base/error.ts'
import { isJsonObject } from '../format/json.ts'
import { sha256Hex } from '../host/hash.ts'
import type { Context } from '../host/host.ts'
import { parseWheelFilename, type WheelFilename } from '../spec/filename.ts'
import { openSealed, sealJson } from '../store/manifest.ts'

/** What decides how a build comes out, as far as it can be known. */
export interface BuildInputs {
  /** The source archive's SHA-256, or a repository's address and commit. */
  readonly source: string
  readonly subdirectory?: string
  readonly kind: 'wheel' | 'editable'
  /** "cp313-cp313-linux_x86_64": a build may look at anything of its Python. */
  readonly python: string
  readonly configSettings?: Readonly<Record<string, string | readonly string[]>>
  /** The build's own constraints, as text. */
  readonly constraints?: readonly string[]
}

export interface CachedWheel {
  readonly path: string
  readonly parsed: WheelFilename
  readonly sha256: Sha256
}

export interface BuildCache {
  /** Costs a look; its bytes are compared by `soundWheel`. */
  wheel(inputs: BuildInputs): CachedWheel | undefined
  /** The same, read and found as it was put in. */
  soundWheel(inputs: BuildInputs): CachedWheel | undefined
  /** Takes the file at `path` over and gives its place in the cache; where the cache can't be written the file stays where it is. */
  putWheel(inputs: BuildInputs, path: string): CachedWheel
  metadata(inputs: BuildInputs): string | undefined
  putMetadata(inputs: BuildInputs, text: string): void
}

/** A cache below `directory`, which needs not exist. */
export function openBuildCache({ host }: Pick<Context, 'host'>, directory: string): BuildCache {
  const { files, disk, path } = host
  const top = path.join(directory, 'built-v1')
  const placeOf = (inputs: BuildInputs): string => path.join(top, sha256Hex(canonical(inputs)))

  const wheel = (inputs: BuildInputs): CachedWheel | undefined => {
    const place = placeOf(inputs)
    const told = openSealed(files.readText(path.join(place, 'wheel.json')))
    if (!isTold(told)) return undefined
    const file = path.join(place, told.filename)
    // The size tells of a half-written one at no cost.
    if (files.lstat(file)?.size !== told.size) return undefined
    return { path: file, parsed: parseWheelFilename(told.filename), sha256: told.sha256 }
  }

  const putWheel = (inputs: BuildInputs, from: string): CachedWheel => {
    const filename = path.basename(from)
    const bytes = files.readBytes(from) ?? new Uint8Array()
    const facts = { filename, sha256: sha256Hex(bytes), size: bytes.length }
    const place = placeOf(inputs)
    const file = path.join(place, filename)
    const kept = attempt(() => {
      disk.makeDirectories(place)
      disk.writeAtomic(file, bytes)
      disk.writeAtomic(path.join(place, 'wheel.json'), sealJson(facts))
      return file
    })
    return { path: kept ?? from, parsed: parseWheelFilename(filename), sha256: facts.sha256 }
  }

  const soundWheel = (inputs: BuildInputs): CachedWheel | undefined => {
    const known = wheel(inputs)
    const bytes = known === undefined ? undefined : files.readBytes(known.path)
    return bytes !== undefined && sha256Hex(bytes) === known?.sha256 ? known : undefined
  }

  return Object.freeze({
    wheel,
    soundWheel,
    putWheel,
    metadata: (inputs: BuildInputs) => {
      const told = openSealed(files.readText(path.join(placeOf(inputs), 'metadata.json')))
      return typeof told === 'string' ? told : undefined
    },
    putMetadata: (inputs: BuildInputs, text: string) => {
      // A cache that can't be written costs time the next time.
      attempt(() => {
        disk.makeDirectories(placeOf(inputs))
        disk.writeAtomic(path.join(placeOf(inputs), 'metadata.json'), sealJson(text))
      })
    },
  })
}

function canonical(inputs: BuildInputs): string {
  const settings = Object.entries(inputs.configSettings ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  const { source, subdirectory = '', kind, python, constraints = [] } = inputs
  return JSON.stringify([source, subdirectory, kind, python, settings, constraints])
}

function isTold(value: unknown): value is { filename: string; sha256: Sha256; size: number } {
  if (!isJsonObject(value)) return false
  const { filename, sha256, size } = value
  return typeof filename === 'string' && typeof sha256 === 'string' && typeof size === 'number'
}
