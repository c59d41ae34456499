// Prepares the Bun that den's executable is made from: on x86-64 Linux the first instruction becomes scripts/entry/x86-64.S, which
// notes what the process received before Bun changes it. Elsewhere Bun is taken as it is, and src/host/received.ts knows less.

import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

export interface Runtime {
  /** The prepared executable; undefined when Bun's own serves. */
  readonly executable: string | undefined
  /** The address of the record in memory; 0 when there is none. */
  readonly receivedAt: number
}

// scripts/entry/x86-64.S, assembled.
const entryCode = [
  '52535548bb111111111111111148c70344454e00b82e01000031ffbe0700000031d24c8d53100f05b80d000000bf0d00000031f6488d532041ba0800',
  '00000f05b80d000000bf1900000031f6488d534041ba080000000f05488d7b60b8030000008944c7e8c744c7ec00000000ffc03d0301000075ebbe00',
  '01000031d2b8070000000f05488b442418488d6cc428488b45004885c074114883c508813842554e5f75ebc60001ebe64989e85d5b5a4989e1498d40',
  '08488b084883c0104885c975f44889c14c29c94829cc4883ec104883e4f04889e74c89ce4c89c14c29c948c1e903f348a54989c2488d053a00000048',
  'ab488d054b00000048ab4c89d14c29c148c1e903f348a5488b0424488d44c41048b9333333333333333348890148b82222222222222222ffe042554e',
  '5f4a53435f757365436f6e63757272656e7447433d300042554e5f4a53435f7573655761726d55704d61726b6564426c6f636b733d3000',
].join('')
const recordMark = 0x1111111111111111n
const entryMark = 0x2222222222222222n
const environMark = 0x3333333333333333n
const recordSize = 96 + 256 * 8

interface Segment {
  readonly type: number
  readonly flags: number
  readonly offset: number
  readonly address: number
  readonly fileSize: number
}

const pageSize = 0x1000

function segmentsOf(elf: Buffer): readonly Segment[] {
  const start = Number(elf.readBigUInt64LE(0x20))
  const size = elf.readUInt16LE(0x36)
  return Array.from({ length: elf.readUInt16LE(0x38) }, (_, index) => {
    const at = start + index * size
    return {
      type: elf.readUInt32LE(at),
      flags: elf.readUInt32LE(at + 4),
      offset: Number(elf.readBigUInt64LE(at + 8)),
      address: Number(elf.readBigUInt64LE(at + 16)),
      fileSize: Number(elf.readBigUInt64LE(at + 32)),
    }
  })
}

/** Where the loader puts libc's `environ`, by the dynamic symbol table; undefined where the program has no copy of its own. */
function environAddress(elf: Buffer): number | undefined {
  const start = Number(elf.readBigUInt64LE(0x28))
  const size = elf.readUInt16LE(0x3a)
  const sections = Array.from({ length: elf.readUInt16LE(0x3c) }, (_, index) => {
    const at = start + index * size
    return {
      type: elf.readUInt32LE(at + 4),
      offset: Number(elf.readBigUInt64LE(at + 24)),
      size: Number(elf.readBigUInt64LE(at + 32)),
      link: elf.readUInt32LE(at + 40),
    }
  })
  const symbols = sections.find(({ type }) => type === 11)
  const names = symbols === undefined ? undefined : sections[symbols.link]
  if (symbols === undefined || names === undefined) return undefined
  for (let at = symbols.offset; at < symbols.offset + symbols.size; at += 24) {
    const name = names.offset + elf.readUInt32LE(at)
    if (elf.toString('latin1', name, name + 8) === 'environ\0') return Number(elf.readBigUInt64LE(at + 8)) || undefined
  }
  return undefined
}

function replaceMark(code: Buffer, mark: bigint, value: bigint): void {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(mark)
  const at = code.indexOf(bytes)
  if (at < 0) throw new Error('scripts/runtime.ts: the entry code lacks a mark')
  code.writeBigUInt64LE(value, at)
}

/**
 * Writes the entry code into the padding before the executable segment (the kernel maps whole pages, so it is there, executable)
 * and places the record in the padding before the writable one. Returns undefined where the file isn't of that shape.
 */
export function patchEntry(elf: Buffer): number | undefined {
  const isStaticX64 =
    elf.readUInt32BE(0) === 0x7f454c46 && elf[4] === 2 && elf.readUInt16LE(16) === 2 && elf.readUInt16LE(18) === 62
  if (!isStaticX64) return undefined
  const loads = segmentsOf(elf).filter((segment) => segment.type === 1)
  const text = loads.find((segment) => segment.flags === 5)
  const data = loads.find((segment) => segment.flags === 6)
  if (text === undefined || data === undefined) return undefined
  const environ = environAddress(elf)
  if (environ === undefined) return undefined
  const code = Buffer.from(entryCode, 'hex')
  const gap = text.offset % pageSize
  const codeAt = text.offset - Math.ceil((code.length + 16) / 16) * 16
  const isPadding = codeAt >= text.offset - gap && elf.subarray(codeAt, text.offset).every((byte) => byte === 0)
  const record = Math.floor(data.address / pageSize) * pageSize
  if (!isPadding || data.address - record < recordSize) return undefined
  replaceMark(code, recordMark, BigInt(record))
  replaceMark(code, entryMark, elf.readBigUInt64LE(24))
  replaceMark(code, environMark, BigInt(environ))
  code.copy(elf, codeAt)
  elf.writeBigUInt64LE(BigInt(text.address - (text.offset - codeAt)), 24)
  return record
}

/** Makes the runtime in `directory` (kept for the next build of the same Bun). */
export function prepareRuntime(bun: string, directory: string): Runtime {
  if (process.platform !== 'linux' || process.arch !== 'x64') return { executable: undefined, receivedAt: 0 }
  const stats = fs.statSync(bun)
  const entry = createHash('sha256').update(entryCode).digest('hex').slice(0, 8)
  const executable = path.join(directory, `bun-${stats.size}-${Math.floor(stats.mtimeMs)}-${entry}`)
  const elf = fs.readFileSync(bun)
  const receivedAt = patchEntry(elf)
  if (receivedAt === undefined) return { executable: undefined, receivedAt: 0 }
  if (!fs.existsSync(executable)) {
    fs.mkdirSync(directory, { recursive: true })
    const temporary = `${executable}.${process.pid}`
    fs.writeFileSync(temporary, elf, { mode: 0o755 })
    fs.renameSync(temporary, executable)
  }
  return { executable, receivedAt }
}
