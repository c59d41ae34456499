// What this process received from its parent and Bun has changed since: the limit of open files, ignored signals, descriptors.
// den's executable notes them at its first instruction (scripts/entry/); here they are read back, and BUN_* variables, hidden from
// the runtime by that code, get their names again.

/** The address of the record; the build puts the number in, and no name is left where there is no record. */
declare const DEN_RECEIVED_AT: number

export interface Received {
  /** The soft and hard limit of open files. */
  readonly openFiles: { readonly soft: bigint; readonly hard: bigint }
  /** Signals (by number) that were ignored and that Bun ignores in any case, with whether they were. */
  readonly ignored: ReadonlyMap<number, boolean>
  /** Descriptors above 2 and below `notedBelow` that were open. */
  readonly descriptors: readonly number[]
  /** The first descriptor of which the record says nothing. */
  readonly notedBelow: number
}

const magic = 0x4e4544

/** The record of the executable; undefined in Node and where the executable has none. */
export async function readReceived(): Promise<Received | undefined> {
  const at = typeof DEN_RECEIVED_AT === 'number' ? DEN_RECEIVED_AT : 0
  if (at === 0) return undefined
  const { read } = await loadFfi()
  if (read.u32(at, 0) !== magic) return undefined
  const ignoredAt = (offset: number): boolean => read.u64(at, offset) === 1n
  const openFiles = { soft: read.u64(at, 16), hard: read.u64(at, 24) }
  // poll(2) refuses to look at more descriptors than the limit allows, and then has noted nothing.
  const noted = openFiles.soft < 256n ? 0 : 256
  const descriptors: number[] = []
  for (let index = 0; index < noted; index += 1) {
    const entry = 96 + index * 8
    const closed = (read.u16(at, entry + 6) & 0x20) !== 0
    if (!closed) descriptors.push(read.i32(at, entry))
  }
  return {
    openFiles,
    notedBelow: 3 + noted,
    ignored: new Map([
      [13, ignoredAt(32)],
      [25, ignoredAt(64)],
    ]),
    descriptors,
  }
}

/** What the entry code itself told the engine. The user's own variables of these names are hidden like the others. */
const added: ReadonlySet<string> = new Set(['BUN_JSC_useConcurrentGC', 'BUN_JSC_useWarmUpMarkedBlocks'])

/** What stands for the B: no shell can set a variable whose name begins so. */
const hiddenLetter = '\x01'

/** The name that the entry code has given to a BUN_* variable. */
export function hiddenName(name: string): string {
  return `${hiddenLetter}${name.slice(1)}`
}

/** Gives the BUN_* variables their names back. Returns the environment as the user's shell made it. */
export function restoreVariables(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const restored: Record<string, string | undefined> = {}
  const hidden = typeof DEN_RECEIVED_AT === 'number' && DEN_RECEIVED_AT !== 0
  for (const [name, value] of Object.entries(env)) {
    if (hidden && added.has(name)) continue
    restored[hidden && name.startsWith(`${hiddenLetter}UN_`) ? `B${name.slice(1)}` : name] = value
  }
  return restored
}

/** The part of bun:ffi that den uses. */
export interface Ffi {
  readonly read: {
    u16(address: number, offset: number): number
    u32(address: number, offset: number): number
    i32(address: number, offset: number): number
    u64(address: number, offset: number): bigint
  }
  dlopen(
    path: string,
    symbols: Readonly<Record<string, { readonly args: readonly string[]; readonly returns: string }>>,
  ): { readonly symbols: Readonly<Record<string, (...args: readonly unknown[]) => number>>; close(): void }
  ptr(buffer: ArrayBufferView): number
}

/** Only Bun has this module; the name is put together so that bundlers and Node don't look for it. */
export async function loadFfi(): Promise<Ffi> {
  const name = 'bun:ffi'
  return (await import(name)) as Ffi
}
