// Headers of programs, as small as they can be while all that den reads of them is there.

const text = new TextEncoder()

export interface FakeElf {
  readonly machine?: 'x86_64' | 'aarch64' | 'i686'
  readonly needed?: readonly string[]
  readonly runpath?: string
  /** The loader's path. */
  readonly interpreter?: string
  /** Strings of .rodata, each ended by NUL. */
  readonly constants?: readonly string[]
}

/** A little-endian ELF file: header, three program headers, dynamic section, strings, .rodata and its section headers. */
export function fakeElf(elf: FakeElf = {}): Uint8Array {
  const { machine = 'x86_64', needed = ['libc.so.6'], runpath, constants = [] } = elf
  const interpreter = elf.interpreter ?? '/lib64/ld-linux-x86-64.so.2'
  const wide = machine !== 'i686'
  const word = wide ? 8 : 4
  const names = ['', ...needed, ...(runpath === undefined ? [] : [runpath])]
  const offsets: number[] = []
  let strings = ''
  for (const name of names) {
    offsets.push(strings.length)
    strings += `${name}\0`
  }
  const headerSize = wide ? 64 : 52
  const segmentSize = wide ? 56 : 32
  const sectionSize = wide ? 64 : 40
  const interpreterAt = headerSize + 3 * segmentSize
  const stringsAt = interpreterAt + interpreter.length + 1
  const rodata = `\0${constants.map((one) => `${one}\0`).join('')}`
  const rodataAt = stringsAt + strings.length
  const sectionNames = '\0.rodata\0.shstrtab\0'
  const sectionNamesAt = rodataAt + rodata.length
  const dynamicAt = Math.ceil((sectionNamesAt + sectionNames.length) / 16) * 16
  const dynamic = [
    ...needed.map((_, index) => [1, offsets[index + 1]!] as const),
    ...(runpath === undefined ? [] : [[29, offsets.at(-1)!] as const]),
    // The string table's address; the one loaded segment maps the file to 0x10000.
    [5, 0x1_0000 + stringsAt] as const,
    [0, 0] as const,
  ]
  const sectionsAt = dynamicAt + dynamic.length * 2 * word
  const bytes = new Uint8Array(sectionsAt + 3 * sectionSize)
  const view = new DataView(bytes.buffer)
  const put = (at: number, value: number): void =>
    wide ? view.setBigUint64(at, BigInt(value), true) : view.setUint32(at, value, true)
  bytes.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, 1, 1])
  view.setUint16(16, 3, true)
  view.setUint16(18, { x86_64: 62, aarch64: 183, i686: 3 }[machine], true)
  put(wide ? 32 : 28, headerSize)
  put(wide ? 40 : 32, sectionsAt)
  view.setUint16(wide ? 54 : 42, segmentSize, true)
  view.setUint16(wide ? 56 : 44, 3, true)
  view.setUint16(wide ? 58 : 46, sectionSize, true)
  view.setUint16(wide ? 60 : 48, 3, true)
  view.setUint16(wide ? 62 : 50, 2, true)
  const segments = [
    [3, interpreterAt, interpreterAt, interpreter.length + 1],
    [1, 0, 0x1_0000, bytes.length],
    [2, dynamicAt, 0x1_0000 + dynamicAt, dynamic.length * 2 * word],
  ] as const
  for (const [index, [type, offset, address, size]] of segments.entries()) {
    const at = headerSize + index * segmentSize
    view.setUint32(at, type, true)
    put(at + (wide ? 8 : 4), offset)
    put(at + (wide ? 16 : 8), address)
    put(at + (wide ? 32 : 16), size)
  }
  bytes.set(text.encode(interpreter), interpreterAt)
  bytes.set(text.encode(strings), stringsAt)
  bytes.set(text.encode(rodata), rodataAt)
  bytes.set(text.encode(sectionNames), sectionNamesAt)
  for (const [index, [tag, value]] of dynamic.entries()) {
    put(dynamicAt + index * 2 * word, tag)
    put(dynamicAt + index * 2 * word + word, value)
  }
  const sections = [
    [0, 0, 0, 0],
    [1, 1, rodataAt, rodata.length],
    [9, 3, sectionNamesAt, sectionNames.length],
  ] as const
  for (const [index, [name, type, offset, size]] of sections.entries()) {
    const at = sectionsAt + index * sectionSize
    view.setUint32(at, name, true)
    view.setUint32(at + 4, type, true)
    put(at + (wide ? 24 : 16), offset)
    put(at + (wide ? 32 : 20), size)
  }
  return bytes
}

export interface FakeMachO {
  readonly machine?: 'arm64' | 'x86_64'
  readonly needed?: readonly string[]
  readonly runpath?: string
  readonly constants?: readonly string[]
}

/** A 64-bit Mach-O file: its load commands, and a __TEXT,__cstring section. */
export function fakeMachO(file: FakeMachO = {}): Uint8Array {
  const { machine = 'arm64', needed = ['/usr/lib/libSystem.B.dylib'], runpath, constants = [] } = file
  const padded = (name: string, head: number): number => Math.ceil((head + name.length + 1) / 8) * 8
  const libraries = needed.map((name) => ({ name, command: 0xc, head: 24 }))
  const paths = runpath === undefined ? [] : [{ name: runpath, command: 0x8000001c, head: 12 }]
  const named = [...libraries, ...paths]
  const segmentSize = 72 + 80
  const commandsSize = segmentSize + named.reduce((sum, { name, head }) => sum + padded(name, head), 0)
  const strings = `\0${constants.map((one) => `${one}\0`).join('')}`
  const stringsAt = 32 + commandsSize
  const bytes = new Uint8Array(stringsAt + strings.length)
  const view = new DataView(bytes.buffer)
  const words = [0xfeedfacf, machine === 'arm64' ? 0x0100000c : 0x01000007, 0, 2, named.length + 1, commandsSize]
  for (const [index, value] of words.entries()) view.setUint32(index * 4, value, true)
  let at = 32
  view.setUint32(at, 0x19, true)
  view.setUint32(at + 4, segmentSize, true)
  bytes.set(text.encode('__TEXT'), at + 8)
  view.setUint32(at + 64, 1, true)
  bytes.set(text.encode('__cstring'), at + 72)
  bytes.set(text.encode('__TEXT'), at + 88)
  view.setBigUint64(at + 72 + 40, BigInt(strings.length), true)
  view.setUint32(at + 72 + 48, stringsAt, true)
  at += segmentSize
  for (const { name, command, head } of named) {
    view.setUint32(at, command, true)
    view.setUint32(at + 4, padded(name, head), true)
    view.setUint32(at + 8, head, true)
    bytes.set(text.encode(name), at + head)
    at += padded(name, head)
  }
  bytes.set(text.encode(strings), stringsAt)
  return bytes
}

/** A universal file of these slices. */
export function fakeUniversal(
  slices: readonly { readonly machine: 'arm64' | 'x86_64'; readonly bytes: Uint8Array }[],
): Uint8Array {
  const head = 8 + slices.length * 20
  const total = slices.reduce((sum, { bytes }) => sum + bytes.length, head)
  const bytes = new Uint8Array(total)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, 0xcafebabe)
  view.setUint32(4, slices.length)
  let at = head
  for (const [index, slice] of slices.entries()) {
    const words = [slice.machine === 'arm64' ? 0x0100000c : 0x01000007, 0, at, slice.bytes.length, 0]
    for (const [place, value] of words.entries()) view.setUint32(8 + index * 20 + place * 4, value)
    bytes.set(slice.bytes, at)
    at += slice.bytes.length
  }
  return bytes
}

export interface FakePe {
  readonly machine?: 'AMD64' | 'ARM64' | 'x86'
  readonly needed?: readonly string[]
  /** The version resource's numbers; python.exe of 3.12.1 has [3, 12, 1150, 1013]. */
  readonly fileVersion?: readonly [number, number, number, number]
}

/** A PE file with an import table and, where asked for, a version resource. */
export function fakePe(file: FakePe = {}): Uint8Array {
  const { machine = 'AMD64', needed = [], fileVersion } = file
  const wide = machine !== 'x86'
  const optionalSize = wide ? 240 : 224
  const sectionsAt = 64 + 24 + optionalSize
  const rdataAt = 512
  const descriptors = (needed.length + 1) * 20
  const names = needed.map((name) => `${name}\0`)
  const rdataSize = descriptors + names.join('').length
  const rsrcAt = Math.ceil((rdataAt + rdataSize) / 512) * 512
  const bytes = new Uint8Array(rsrcAt + 512)
  const view = new DataView(bytes.buffer)
  bytes.set([0x4d, 0x5a])
  view.setUint32(60, 64, true)
  view.setUint32(64, 0x4550, true)
  view.setUint16(68, { AMD64: 0x8664, ARM64: 0xaa64, x86: 0x14c }[machine], true)
  view.setUint16(70, 2, true)
  view.setUint16(84, optionalSize, true)
  const optionalAt = 64 + 24
  view.setUint16(optionalAt, wide ? 0x20b : 0x10b, true)
  view.setUint32(optionalAt + (wide ? 112 : 96) + 8, 0x1000, true)
  const sections = [
    ['.rdata', 0x1000, rdataSize, rdataAt],
    ['.rsrc', 0x2000, 512, rsrcAt],
  ] as const
  for (const [index, [name, address, size, offset]] of sections.entries()) {
    const at = sectionsAt + index * 40
    bytes.set(text.encode(name), at)
    view.setUint32(at + 8, size, true)
    view.setUint32(at + 12, address, true)
    view.setUint32(at + 16, size, true)
    view.setUint32(at + 20, offset, true)
  }
  let nameAt = descriptors
  for (const [index, name] of names.entries()) {
    view.setUint32(rdataAt + index * 20 + 12, 0x1000 + nameAt, true)
    bytes.set(text.encode(name), rdataAt + nameAt)
    nameAt += name.length
  }
  if (fileVersion !== undefined) {
    const [major, minor, field, api] = fileVersion
    view.setUint32(rsrcAt + 64, 0xfeef04bd, true)
    view.setUint32(rsrcAt + 72, major * 0x1_0000 + minor, true)
    view.setUint32(rsrcAt + 76, field * 0x1_0000 + api, true)
  }
  return bytes
}
