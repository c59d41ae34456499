// SHA-256. Loading node:crypto costs the executable 2 ms, so it is taken only when something is hashed, and under Bun not at all.

import type { createHash } from 'node:crypto'
import type { Sha256 } from '../base/brand.ts'

/** A digest that grows piece by piece. */
export interface Sha256Stream {
  update(bytes: Uint8Array): void
  /** Ends the stream: call one of the two, once. */
  hex(): Sha256
  base64Url(): string
}

interface Hasher {
  update(data: string | Uint8Array): unknown
  digest(encoding: 'hex' | 'base64url'): string
}

declare const Bun: { readonly CryptoHasher: new (algorithm: string) => Hasher } | undefined

function hasher(algorithm: string): Hasher {
  if (typeof Bun !== 'undefined') return new Bun.CryptoHasher(algorithm)
  return (process.getBuiltinModule('node:crypto').createHash as typeof createHash)(algorithm)
}

/** Lower-case hex of the SHA-256 of bytes or of a text's UTF-8. */
export function sha256Hex(data: string | Uint8Array): Sha256 {
  const hash = hasher('sha256')
  hash.update(data)
  return hash.digest('hex') as Sha256
}

/** The SHA-256 as RECORD writes it: URL-safe base64 without padding. */
export function sha256Base64Url(data: string | Uint8Array): string {
  const hash = hasher('sha256')
  hash.update(data)
  return hash.digest('base64url')
}

/** A digest by SHA-256, 384 or 512; undefined for an algorithm that proves nothing (MD5, SHA-1) or that den does not know. */
export function strongDigest(algorithm: string, data: Uint8Array, encoding: 'hex' | 'base64url'): string | undefined {
  if (!/^sha(?:256|384|512)$/.test(algorithm)) return undefined
  const hash = hasher(algorithm)
  hash.update(data)
  return hash.digest(encoding)
}

export function sha256Stream(): Sha256Stream {
  const hash = hasher('sha256')
  return {
    update: (bytes) => void hash.update(bytes),
    hex: () => hash.digest('hex') as Sha256,
    base64Url: () => hash.digest('base64url'),
  }
}

/** A digest by any of the runtime's algorithms, grown piece by piece. */
export function digestStream(algorithm: string): {
  update(bytes: Uint8Array): void
  digest(encoding: 'hex' | 'base64url'): string
} {
  const hash = hasher(algorithm)
  return { update: (bytes) => void hash.update(bytes), digest: (encoding) => hash.digest(encoding) }
}
