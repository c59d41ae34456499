// `den doctor`: what is wrong with an environment, with the shell, or with every environment on the machine.

import { isDenError } from '../base/error.ts'
import type { CheckId, Finding, Severity } from '../env/doctor/check.ts'
import { diagnoseEnvironment, diagnoseShell } from '../env/doctor/diagnose.ts'
import { type Environment, type EnvironmentKind, readEnvironment } from '../env/environment.ts'
import { findEnvironments } from '../env/find/find.ts'
import { versionText } from '../env/label.ts'
import { selectEnvironment } from '../env/select.ts'
import type { Core } from './core.ts'

export interface DoctorRequest {
  /** A path, or the name of a named environment; the selected environment when neither this nor `name` is given. */
  readonly path?: string
  readonly name?: string
  /** Every environment on the machine. */
  readonly all?: boolean
}

/** A finding as it is told. */
export interface ReportedFinding {
  readonly check: CheckId
  readonly severity: Severity
  readonly what: string
  readonly why?: string
  readonly fix: readonly string[]
  /** Who mends it: `den repair`; an installer, who puts packages in again; or the reader. */
  readonly mendedBy: 'repair' | 'reinstall' | 'reader'
  /** What has to be installed again, "name==version". */
  readonly reinstall?: readonly string[]
}

export interface EnvironmentReport {
  readonly root: string
  readonly kind: EnvironmentKind
  readonly version: string
  readonly findings: readonly ReportedFinding[]
}

export interface DoctorResult {
  readonly environments: readonly EnvironmentReport[]
  /** What the shell's variables, PATH and the user's settings do. */
  readonly shell: readonly ReportedFinding[]
  /** No finding is an error. */
  readonly sound: boolean
}

/** Examines and changes nothing. Runs no Python. Throws `environment-not-found` where one was named and isn't there. */
export async function doctor(core: Core, request: DoctorRequest = {}): Promise<DoctorResult> {
  const selected = selectedEnvironment(core, request)
  const environments: EnvironmentReport[] = []
  if (request.all === true) {
    for await (const environment of findEnvironments(core)) environments.push(await report(core, environment))
  } else if (selected !== undefined) environments.push(await report(core, selected))
  const shell = (await diagnoseShell(core, selected)).map(reportedFinding)
  const all = [...shell, ...environments.flatMap(({ findings }) => findings)]
  return { environments, shell, sound: all.every(({ severity }) => severity !== 'error') }
}

/** The environment that is meant; none at all is no error unless one was named, since the shell can be examined alone. */
function selectedEnvironment(core: Core, request: DoctorRequest): Environment | undefined {
  try {
    return readEnvironment(core.host, selectEnvironment(core, { path: request.path, name: request.name }).root)
  } catch (error) {
    const isNamed = request.path !== undefined || request.name !== undefined
    if (isDenError(error, 'environment-not-found') && !isNamed) return undefined
    // One that is closed is told of in its turn, and ends nothing for the others.
    if (isDenError(error, 'permission-denied') && !isNamed && request.all === true) return undefined
    // What is too broken to be selected may still be examined: a directory with the remains of an environment.
    const place = request.path === undefined ? undefined : core.host.path.resolve(core.host.cwd, request.path)
    const remains = place === undefined ? undefined : readEnvironment(core.host, place)
    if (remains === undefined) throw error
    return remains
  }
}

async function report(core: Core, environment: Environment): Promise<EnvironmentReport> {
  const findings = await diagnoseEnvironment(core, environment)
  return {
    root: environment.root,
    kind: environment.kind,
    version: versionText(environment),
    findings: findings.map(reportedFinding),
  }
}

/** Without the steps, which are bytes and paths for the machine. */
export function reportedFinding({ repair, ...finding }: Finding): ReportedFinding {
  const reinstall = repair?.flatMap((step) => (step.kind === 'reinstall' ? step.requirements : [])) ?? []
  const needsInstaller = repair?.some(({ kind }) => kind === 'reinstall') === true
  const mendedBy = needsInstaller ? 'reinstall' : repair === undefined || repair.length === 0 ? 'reader' : 'repair'
  return { ...finding, mendedBy, ...(reinstall.length === 0 ? {} : { reinstall }) }
}
