// Looking without being stopped: finding environments crosses directories of other users, dead mounts and broken disks, and none
// of them may end the search.

import { isDenError } from '../base/error.ts'

/** What `read` gives, or 'unreadable' where the system refused or failed. Faults of den's own are thrown on. */
export function quietly<Value>(read: () => Value): Value | 'unreadable' {
  try {
    return read()
  } catch (error) {
    if (isDenError(error, 'permission-denied', 'io-failed')) return 'unreadable'
    throw error
  }
}

/** The same, where what can't be read counts as not there. */
export function ifReadable<Value>(read: () => Value | undefined): Value | undefined {
  const value = quietly(read)
  return value === 'unreadable' ? undefined : value
}
