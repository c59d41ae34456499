// What a locator is: it knows where one tool puts its Pythons, and names them. It looks at directories and never starts anything.

import type { Host } from '../../host/host.ts'

export interface Candidate {
  /** The path to call it by: of several names the one that will last longest. It may be broken. */
  readonly executable: string
  /** The tool's own name for it. */
  readonly name?: string
  /** Shims and other addresses that lead here and are no links. */
  readonly alsoAt?: readonly string[]
}

export interface Locator {
  readonly name: string
  find(host: Host): Iterable<Candidate> | AsyncIterable<Candidate>
}
