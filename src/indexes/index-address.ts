// When two addresses are one index, and an address without what only its user may know.

import { hideCredentials } from '../base/safe-url.ts'

/** Whether two addresses are one index: credentials, a slash at the end and the case of the host say nothing. */
export function isSameIndex(a: string, b: string): boolean {
  return plain(a) === plain(b)
}

/** What stands before the host goes, whole, with no stars in its place. */
export function withoutCredentials(address: string): string {
  if (!address.includes('@')) return address
  return hideCredentials(address).replace(/^([a-z][a-z0-9+.-]*:\/\/)\*{4}@/i, '$1')
}

function plain(address: string): string {
  const bare = withoutCredentials(address).replace(/\/+$/, '')
  return bare.replace(/^[a-z]+:\/\/[^/]*/i, (origin) => origin.toLowerCase())
}
