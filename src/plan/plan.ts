// What an environment has against what it is to have: the change as a value. `--dry-run` prints it, apply carries it out, undo is
// one that leads back.

import type { ProjectName } from '../base/brand.ts'

/** A distribution as it stands in an environment, as far as planning needs it. */
export interface Present {
  readonly name: ProjectName
  /** In its normal form; empty where nothing tells it. */
  readonly version: string
  /** The dist-info directory (or egg's), absolute: tells two of one name apart. */
  readonly location: string
  /** direct_url.json's address, for what did not come from an index. */
  readonly directUrl?: string
  readonly editable?: boolean
}

/** A distribution that is to stand there. `Source` is whatever the caller installs from. */
export interface Wanted<Source> {
  readonly name: ProjectName
  /** In its normal form. */
  readonly version: string
  readonly directUrl?: string
  readonly editable?: boolean
  /** Put in anew even where the same stands already. */
  readonly reinstall?: boolean
  readonly source: Source
}

export interface Plan<Source> {
  readonly install: readonly Wanted<Source>[]
  /** Another version, or the same from elsewhere. All that stood there of this name goes. */
  readonly change: readonly { readonly from: readonly Present[]; readonly to: Wanted<Source> }[]
  readonly reinstall: readonly { readonly from: readonly Present[]; readonly to: Wanted<Source> }[]
  readonly remove: readonly Present[]
  readonly unchanged: readonly Present[]
}
