// Which C library a Python on Linux runs with, and which release of it: wheels are built for those (PEP 600, 656). Told by files
// alone: the program names its loader, and the library holds its release as a text.

import { viewOf } from '../format/bytes.ts'
import type { Host } from '../host/host.ts'
import { readConstants, readProgram } from './binary/binary.ts'
import type { Interpreter } from './interpreter.ts'

export interface Libc {
  readonly kind: 'glibc' | 'musl'
  readonly major: number
  readonly minor: number
}

/** The C library of a Linux Python; undefined where it needs none (a static build) or its files don't tell. */
export function readLibc(
  { files, arch, path }: Pick<Host, 'files' | 'arch' | 'path'>,
  { realExecutable }: Pick<Interpreter, 'realExecutable'>,
): Libc | undefined {
  const program = readProgram(files, realExecutable, arch)
  if (program?.kind !== 'binary') return undefined
  const loader = program.binary.interpreter
  const realLoader = loader === undefined ? undefined : files.realPath(loader)
  if (loader === undefined || realLoader === undefined) return undefined
  if (loader.includes('musl')) {
    // musl's loader and its library are one file.
    return versionIn('musl', readConstants(files, realLoader, arch))
  }
  // glibc's loader stands beside its library; in the directory by which it is called there may be a link to it alone.
  for (const directory of new Set([path.dirname(realLoader), path.dirname(loader)])) {
    const found = versionIn('glibc', readConstants(files, path.join(directory, 'libc.so.6'), arch))
    if (found !== undefined) return found
  }
  return undefined
}

function versionIn(kind: Libc['kind'], constants: Uint8Array | undefined): Libc | undefined {
  if (constants === undefined) return undefined
  const bytes = Buffer.from(constants.buffer, constants.byteOffset, constants.length)
  if (kind === 'glibc') {
    // "GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36."
    const at = bytes.indexOf(' release version ')
    return at === -1 ? undefined : numbersAt(kind, bytes, at + ' release version '.length)
  }
  // "musl libc (x86_64)\nVersion %s": what is put in stands elsewhere, alone: "1.2.3", "1.2.4-git-13-g…".
  if (!bytes.includes('musl libc')) return undefined
  const match = /\0(\d{1,3})\.(\d{1,3})\.\d{1,3}(?:-[^\0]{0,80})?\0/.exec(bytes.toString('latin1'))
  return match === null ? undefined : { kind, major: Number(match[1]), minor: Number(match[2]) }
}

function numbersAt(kind: Libc['kind'], bytes: Buffer, at: number): Libc | undefined {
  const match = /^(\d{1,3})\.(\d{1,4})/.exec(bytes.toString('latin1', at, at + 12))
  return match === null ? undefined : { kind, major: Number(match[1]), minor: Number(match[2]) }
}

const EM_ARM = 40
const EF_ARM_EABIMASK = 0xff000000
const EF_ARM_EABI_VER5 = 0x05000000
const EF_ARM_ABI_FLOAT_HARD = 0x00000400

/** Whether a 32-bit ARM program passes floats in registers of their own (ELF for the Arm architecture, e_flags). */
export function hasHardFloat(
  { files }: Pick<Host, 'files'>,
  { realExecutable }: Pick<Interpreter, 'realExecutable'>,
): boolean {
  const head = files.readBytes(realExecutable, { start: 0, length: 52 })
  if (head === undefined || head.length < 52 || head[0] !== 0x7f || head[4] !== 1 || head[5] !== 1) return false
  const view = viewOf(head)
  const flags = view.getUint32(36, true)
  return (
    view.getUint16(18, true) === EM_ARM &&
    (flags & EF_ARM_EABIMASK) === EF_ARM_EABI_VER5 &&
    (flags & EF_ARM_ABI_FLOAT_HARD) === EF_ARM_ABI_FLOAT_HARD
  )
}
