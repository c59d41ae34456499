// The shape of what the three header readers give, and the ranged reading they share.

import type { RangeReader } from '../../format/elf.ts'
import type { Files } from '../../host/files.ts'

export interface Binary {
  readonly format: 'elf' | 'mach-o' | 'pe'
  readonly bits: 32 | 64
  /** The word `platform.machine()` has for the processor: "x86_64", "aarch64", "arm64", "AMD64", … */
  readonly machine: string
  /** The libraries it asks for: DT_NEEDED, LC_LOAD_DYLIB, the import table; in order. */
  readonly needed: readonly string[]
  /** DT_RUNPATH or DT_RPATH, split at colons; LC_RPATH. */
  readonly runpath: readonly string[]
  /** ELF: the program that loads it, which tells the C library (ld-linux…, ld-musl…). */
  readonly interpreter?: string
  /** PE: the four numbers of the version resource. */
  readonly fileVersion?: readonly [number, number, number, number]
  /** The part of the file that holds constant strings. */
  readonly constants?: { readonly start: number; readonly length: number }
}

/** No table or section that is wanted is as large; a damaged header may claim anything. */
export const largestRange: number = 64 * 1024 * 1024

/** Serves ranges from the file's first bytes where they suffice, else from the file. Throws RangeError for absurd ones. */
export function rangeReader(files: Files, path: string, head: Uint8Array): RangeReader {
  return (start, length) => {
    if (start + length <= head.length) return head.subarray(start, start + length)
    if (length > largestRange || start > Number.MAX_SAFE_INTEGER) throw new RangeError(`no range of ${path}`)
    return files.readBytes(path, { start, length }) ?? new Uint8Array()
  }
}

/** The text up to the next NUL. */
export function textAt(bytes: Uint8Array, start: number): string {
  let end = start
  while (end < bytes.length && bytes[end] !== 0) end += 1
  return new TextDecoder().decode(bytes.subarray(start, end))
}
