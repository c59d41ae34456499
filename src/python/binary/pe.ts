// PE headers (Microsoft's PE/COFF specification): machine, imported DLLs, the version resource's fixed numbers.

import { viewOf } from '../../format/bytes.ts'
import type { RangeReader } from '../../format/elf.ts'
import { type Binary, textAt } from './reader.ts'

const machines: Readonly<Record<number, string>> = { 332: 'x86', 452: 'ARM', 34404: 'AMD64', 43620: 'ARM64' }

/** VS_FIXEDFILEINFO's signature, as its bytes stand in the file. */
const versionSignature = [0xbd, 0x04, 0xef, 0xfe] as const

export function isPe(head: Uint8Array): boolean {
  return head[0] === 0x4d && head[1] === 0x5a
}

/** Reads a PE file; undefined when it is cut short or is an MS-DOS program. */
export function readPe(read: RangeReader): Binary | undefined {
  try {
    return readHeaders(read)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

interface Section {
  readonly name: string
  readonly address: number
  readonly size: number
  readonly offset: number
}

function readHeaders(read: RangeReader): Binary | undefined {
  const start = viewOf(read(0, 64)).getUint32(60, true)
  const coff = viewOf(read(start, 24))
  if (coff.getUint32(0, true) !== 0x4550) return undefined
  const machine = machines[coff.getUint16(4, true)]
  if (machine === undefined) return undefined
  const sectionCount = coff.getUint16(6, true)
  const optionalSize = coff.getUint16(20, true)
  const optional = viewOf(read(start + 24, optionalSize))
  const wide = optional.getUint16(0, true) === 0x20b
  const table = read(start + 24 + optionalSize, sectionCount * 40)
  const view = viewOf(table)
  const sections = Array.from({ length: sectionCount }, (_, index): Section => {
    const at = index * 40
    return {
      name: textAt(table.subarray(at, at + 8), 0),
      address: view.getUint32(at + 12, true),
      size: view.getUint32(at + 16, true),
      offset: view.getUint32(at + 20, true),
    }
  })
  const fileVersion = readFileVersion(read, sections)
  const constants = sections.find(({ name }) => name === '.rdata')
  return {
    format: 'pe',
    bits: wide ? 64 : 32,
    machine,
    // The data directory's second entry is the import table.
    needed: readImports(read, sections, optional.getUint32((wide ? 112 : 96) + 8, true)),
    runpath: [],
    ...(fileVersion === undefined ? {} : { fileVersion }),
    ...(constants === undefined ? {} : { constants: { start: constants.offset, length: constants.size } }),
  }
}

function readImports(read: RangeReader, sections: readonly Section[], table: number): string[] {
  const offsetOf = (address: number): number | undefined => {
    const section = sections.find((one) => address >= one.address && address < one.address + one.size)
    return section === undefined ? undefined : address - section.address + section.offset
  }
  const names: string[] = []
  const start = table === 0 ? undefined : offsetOf(table)
  if (start === undefined) return names
  // A descriptor is five numbers, the fourth the address of the DLL's name; an empty one ends the table.
  for (let index = 0; index < 256; index += 1) {
    const name = viewOf(read(start + index * 20, 20)).getUint32(12, true)
    if (name === 0) break
    const at = offsetOf(name)
    if (at !== undefined) names.push(textAt(read(at, 256), 0))
  }
  return names
}

function readFileVersion(read: RangeReader, sections: readonly Section[]): Binary['fileVersion'] {
  const resources = sections.find(({ name }) => name === '.rsrc')
  if (resources === undefined) return undefined
  const bytes = read(resources.offset, Math.min(resources.size, 1024 * 1024))
  for (let at = 0; at + 16 <= bytes.length; at += 4) {
    if (versionSignature.every((byte, index) => bytes[at + index] === byte)) {
      const view = viewOf(bytes)
      const high = view.getUint32(at + 8, true)
      const low = view.getUint32(at + 12, true)
      return [high >>> 16, high & 0xffff, low >>> 16, low & 0xffff]
    }
  }
  return undefined
}
