// What a check is, and what it finds. A check reads files and variables; none runs Python.

import type { Change } from '../change.ts'
import type { Environment } from '../environment.ts'
import type { DoctorContext, Examination } from './examination.ts'

export type CheckId =
  | 'executable'
  | 'home'
  | 'base-version'
  | 'moved'
  | 'system-site-flag'
  | 'configuration'
  | 'half-made'
  | 'packages'
  | 'abi'
  | 'activation'
  | 'search-path'
  | 'virtual-env'
  | 'variables'
  | 'user-site'
  | 'path-traps'
  | 'mounts'

/** `error`: something does not work. `warning`: it works, otherwise than one would think. `note`: worth knowing. */
export type Severity = 'error' | 'warning' | 'note'

/** A part of a repair, as data. plan-repair.ts turns the steps of all findings into one list of changes. */
export type RepairStep =
  /** Keys of pyvenv.cfg get these values; the rest of the file stays. */
  | { readonly kind: 'configure'; readonly values: Readonly<Record<string, string>> }
  /** pyvenv.cfg is written anew with these lines and no others. */
  | { readonly kind: 'configuration'; readonly pairs: readonly (readonly [string, string])[] }
  /** The executable and whatever else leads to the base lead to the Python at `executable`. */
  | { readonly kind: 'relink'; readonly executable: string; readonly version: string }
  /** Files that know the environment under these paths are written for the present one. */
  | { readonly kind: 'relocate'; readonly from: readonly string[] }
  /** The activation scripts that are there are written anew by den. */
  | { readonly kind: 'activation' }
  /** Scripts whose first line the system cannot read get one that it can. Names in the scripts directory. */
  | { readonly kind: 'headers'; readonly scripts: readonly string[] }
  | { readonly kind: 'change'; readonly change: Change }
  /** Damaged packages are put in again, from the store or from where they came: "name==version". */
  | { readonly kind: 'packages'; readonly requirements: readonly string[] }
  /** Needs other packages than those that are there: explained, not carried out. */
  | { readonly kind: 'reinstall'; readonly requirements: readonly string[] }

export interface Finding {
  readonly check: CheckId
  readonly severity: Severity
  /** One sentence that names the thing. */
  readonly what: string
  /** The facts found. */
  readonly why?: string
  /** Commands or edits, best first. */
  readonly fix: readonly string[]
  /** What `den repair` does about it; absent where it can do nothing. */
  readonly repair?: readonly RepairStep[]
}

/** What a check of an environment says; the doctor adds the check's id. */
export type Found = Omit<Finding, 'check'>

/** Looks at one environment. */
export interface EnvironmentCheck {
  readonly id: CheckId
  readonly title: string
  readonly scope: 'environment'
  run(examination: Examination): readonly Found[] | Promise<readonly Found[]>
}

/** Looks at the shell that den was started from: its variables, its PATH, the user's settings. Run once, whatever is examined. */
export interface ShellCheck {
  readonly id: CheckId
  readonly title: string
  readonly scope: 'shell'
  /** `environment`: the one that is selected, if any. */
  run(context: DoctorContext, environment: Environment | undefined): readonly Found[] | Promise<readonly Found[]>
}

export type Check = EnvironmentCheck | ShellCheck
