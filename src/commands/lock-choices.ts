// What somebody who installs by a lock may say of it, and whether it will do for them.

import { lockState, type ProjectLock } from '../project/lock-read.ts'
import type { Manifest } from '../project/manifest.ts'
import { type PackageChoices, packageChoices } from './package-choices.ts'

/** How the lock is taken: made anew where it is stale, refused where it is stale, or as it stands. */
export type LockUse = 'update' | 'locked' | 'frozen'

/** What is to be done about the lock first. */
export interface LockChoices {
  /** `update` unless said. */
  readonly lock?: LockUse
  /** Its versions are chosen anew: all, and those of these projects. */
  readonly upgrade?: boolean
  readonly upgradePackages?: readonly string[]
}

/** Whether versions are to be given up though the lock is what it should be. */
export function givesUpVersions({ upgrade = false, upgradePackages = [] }: LockChoices): boolean {
  return upgrade || upgradePackages.length > 0
}

/** Why the lock is not what the manifest asks for, or not chosen as is said; undefined: it is. */
export function whyStale(
  manifest: Manifest,
  lock: ProjectLock | undefined,
  choices: PackageChoices = {},
): readonly string[] | undefined {
  const state = lockState(manifest, lock, choices)
  return state === 'current' ? undefined : state.because
}

/** The same for who installs by it. Which files will do decides what is put in here; the lock is for others as well. */
export function whyUnfit(
  manifest: Manifest,
  lock: ProjectLock | undefined,
  request: PackageChoices,
): readonly string[] | undefined {
  const { noBinary: _, onlyBinary: __, ...choices } = packageChoices(request)
  return whyStale(manifest, lock, choices)
}

/** What of such a request is told to whoever makes the lock. */
export function lockingChoices(
  request: PackageChoices & LockChoices,
): PackageChoices & Pick<LockChoices, 'upgrade' | 'upgradePackages'> {
  const { upgrade, upgradePackages } = request
  return {
    ...packageChoices(request),
    ...(upgrade === undefined ? {} : { upgrade }),
    ...(upgradePackages === undefined ? {} : { upgradePackages }),
  }
}
