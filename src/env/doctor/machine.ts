// The processor a compiled file is for, from the first bytes of it: ELF, Mach-O, PE.

import { viewOf } from '../../format/bytes.ts'

/** "x86_64", "aarch64", "i686", "universal" (several in one file), …; undefined for what is no compiled file or an unknown one. */
export function machineOf(head: Uint8Array): string | undefined {
  if (head.length < 20) return undefined
  const view = viewOf(head)
  const magic = view.getUint32(0)
  if (magic === 0x7f454c46) return elfMachines.get(view.getUint16(18, head[5] !== 2))
  // Mach-O of 64 and 32 bits, little-endian; universal ones hold several.
  if (magic === 0xcffaedfe || magic === 0xcefaedfe) return machMachines.get(view.getUint32(4, true))
  if (magic === 0xcafebabe || magic === 0xcafebabf) return 'universal'
  if (head[0] === 0x4d && head[1] === 0x5a && head.length >= 64) {
    const header = view.getUint32(60, true)
    if (header + 6 > head.length || view.getUint32(header) !== 0x50450000) return undefined
    return peMachines.get(view.getUint16(header + 4, true))
  }
  return undefined
}

const elfMachines: ReadonlyMap<number, string> = new Map([
  [3, 'i686'],
  [8, 'mips'],
  [20, 'ppc'],
  [21, 'ppc64'],
  [22, 's390x'],
  [40, 'armv7l'],
  [62, 'x86_64'],
  [183, 'aarch64'],
  [243, 'riscv64'],
  [258, 'loongarch64'],
])
const machMachines: ReadonlyMap<number, string> = new Map([
  [7, 'i686'],
  [0x01000007, 'x86_64'],
  [12, 'armv7l'],
  [0x0100000c, 'aarch64'],
])
const peMachines: ReadonlyMap<number, string> = new Map([
  [0x014c, 'i686'],
  [0x8664, 'x86_64'],
  [0xaa64, 'aarch64'],
])
