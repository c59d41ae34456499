// What a server, a proxy or a connection that says nothing is turned into.

/** A server that says nothing is rarely mended by asking it again, and each time costs a long wait (attempts.ts). */
export interface Silence extends Error {
  readonly silent: true
}

export function silence(milliseconds: number): Silence {
  return Object.assign(new Error(`no byte came for ${milliseconds / 1000} s`), { silent: true as const })
}
