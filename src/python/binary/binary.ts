// What the header of an executable or shared library tells: ELF (Linux, BSD), Mach-O (macOS) and PE (Windows), read in small ranges.

import { isElf } from '../../format/elf.ts'
import type { Files } from '../../host/files.ts'
import { findElfConstants, readElf } from './elf.ts'
import { isMachO, readMachO } from './mach-o.ts'
import { isPe, readPe } from './pe.ts'
import { type Binary, largestRange, rangeReader } from './reader.ts'

/** What a program file is by its first bytes. */
export type Program =
  | { readonly kind: 'binary'; readonly binary: Binary }
  | { readonly kind: 'script'; readonly head: Uint8Array }
  | { readonly kind: 'empty' }
  | { readonly kind: 'unknown' }

/** Reads a program's header; undefined when the file isn't there. `arch` (Node's word) picks the slice of a universal binary. */
export function readProgram(files: Files, path: string, arch: string): Program | undefined {
  const head = files.readBytes(path, { start: 0, length: 65_536 })
  if (head === undefined) return undefined
  if (head.length === 0) return { kind: 'empty' }
  if (head[0] === 0x23 && head[1] === 0x21) return { kind: 'script', head }
  const read = rangeReader(files, path, head)
  const binary = isElf(head)
    ? readElf(read)
    : isMachO(head)
      ? readMachO(read, arch)
      : isPe(head)
        ? readPe(read)
        : undefined
  return binary === undefined ? { kind: 'unknown' } : { kind: 'binary', binary }
}

/** The constant strings of a program or library, as bytes; undefined when the file is none or doesn't say where they are. */
export function readConstants(files: Files, path: string, arch: string): Uint8Array | undefined {
  const program = readProgram(files, path, arch)
  if (program?.kind !== 'binary') return undefined
  const { format, constants } = program.binary
  const range = format === 'elf' ? findElfConstants(rangeReader(files, path, new Uint8Array())) : constants
  return range === undefined || range.length > largestRange ? undefined : files.readBytes(path, range)
}
