// `den check`: every file of an environment against what was installed, by its hash; whether what is installed has what it requires; and
// what the doctor finds wrong. Changes nothing.

import { isDenError } from '../base/error.ts'
import type { SharingEnvironment } from '../engine/repair-packages.ts'
import { diagnoseEnvironment } from '../env/doctor/diagnose.ts'
import type { CheckProblem } from './check.ts'
import type { Core } from './core.ts'
import {
  type DamagedPackage,
  type DamagedTree,
  damagedPackage,
  damagedTrees,
  sharingOf,
  verify,
  withStoreOf,
} from './damaged-packages.ts'
import { type ReportedFinding, reportedFinding } from './doctor.ts'
import { environmentToRepair } from './repair.ts'

export interface CheckEnvironmentRequest {
  /** A path, or the name of a named environment; the selected environment when neither this nor `name` is given. */
  readonly path?: string
  readonly name?: string
}

export interface CheckEnvironmentResult {
  readonly root: string
  /** Nothing is damaged, nothing missing, and the doctor found no error. */
  readonly sound: boolean
  /** What was looked at. */
  readonly checked: { readonly distributions: number; readonly files: number; readonly bytes: number }
  readonly damaged: readonly DamagedPackage[]
  /** Trees of the store with the same damage, which it reached through hard links. */
  readonly store: readonly DamagedTree[]
  /** Other environments that share a damaged file. */
  readonly sharing: readonly SharingEnvironment[]
  /** Distributions of which nothing says what their files were. */
  readonly unverifiable: readonly { readonly name: string; readonly version: string; readonly reason: string }[]
  /** What the packages require of each other and do not have. Absent where no Python says what they are to fit. */
  readonly requirements?: readonly CheckProblem[]
  /** What else is wrong with the environment. */
  readonly findings: readonly ReportedFinding[]
}

/** Reads every file of every package. Throws `environment-not-found`, `aborted`, and what the disk throws. */
export async function checkEnvironment(
  asked: Core,
  request: CheckEnvironmentRequest = {},
): Promise<CheckEnvironmentResult> {
  const environment = environmentToRepair(asked, request)
  const core = withStoreOf(asked, environment)
  const { root } = environment
  const verification = await verify(core, environment)
  const { damaged } = verification
  const findings = (await diagnoseEnvironment(core, environment))
    // What hashes tell is told by its files.
    .filter(({ repair }) => damaged.length === 0 || repair?.some(({ kind }) => kind === 'packages') !== true)
    .map(reportedFinding)
  const requirements = await checkRequirements(core, root)
  const sharing = await sharingOf(core, environment, damaged)
  const sound =
    damaged.length === 0 && (requirements ?? []).length === 0 && findings.every(({ severity }) => severity !== 'error')
  return {
    root,
    sound,
    checked: { distributions: verification.distributions, files: verification.files, bytes: verification.bytes },
    damaged: damaged.map((one) => damagedPackage(core, root, one)),
    store: await damagedTrees(core, damaged),
    sharing,
    unverifiable: verification.unverifiable.map(({ distribution: { project: name, version }, reason }) => ({
      name,
      version,
      reason,
    })),
    ...(requirements === undefined ? {} : { requirements }),
    findings,
  }
}

async function checkRequirements(core: Core, root: string): Promise<readonly CheckProblem[] | undefined> {
  const { check } = await import('./check.ts')
  try {
    return (await check(core, { python: root, requireVirtual: false, isolated: false })).problems
  } catch (error) {
    // The doctor says what keeps its Python from running.
    if (isDenError(error, 'python-broken', 'python-not-found', 'environment-not-found')) return undefined
    throw error
  }
}
