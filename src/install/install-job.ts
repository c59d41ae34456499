// What the thread that was asked and the one that helps it (together.ts, install-worker.ts) say to each other.

import type { Sha256 } from '../base/brand.ts'
import type { DenEvent } from '../base/event.ts'
import type { InstalledTree, InstallRequest } from './install.ts'
import type { LinkMode } from './linker.ts'

/** One of many: whoever installs it links as all of them are linked. */
export type TreeRequest = Omit<InstallRequest, 'linker'>

export type HandedRequest = Omit<TreeRequest, 'tree' | 'restore'> & {
  readonly tree: { readonly directory: string; readonly manifest: string; readonly sha256: Sha256 }
}

export interface InstallJob {
  /** In the order in which they are taken. */
  readonly requests: readonly HandedRequest[]
  readonly mode: LinkMode
  readonly shared: Int32Array
}

export interface InstallAnswer {
  /** Which of the requests. */
  readonly turn: number
  /** Without the rows of RECORD, which stand in its file. */
  readonly tree: Omit<InstalledTree, 'record'>
  readonly events: readonly DenEvent[]
}

/** The cells of `shared`: how many have been taken, and whether the helping thread has begun. */
export const cells = { taken: 0, begun: 1 } as const
