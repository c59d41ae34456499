// CRC-32, to notice damage in den's own files: Bun's own where there is one, since loading node:zlib costs a start more than the sums.

declare const Bun: { readonly hash: { readonly crc32: (data: Uint8Array) => number } } | undefined

export function crc32(bytes: Uint8Array): number {
  if (typeof Bun !== 'undefined') return Bun.hash.crc32(bytes)
  return process.getBuiltinModule('node:zlib').crc32(bytes)
}
