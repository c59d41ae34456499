// `den repair`: mends what the doctor finds in one environment and keeps its packages.

import { DenError } from '../base/error.ts'
import { applyChanges, type Change } from '../env/change.ts'
import { registerMoved } from '../env/copy.ts'
import type { Finding } from '../env/doctor/check.ts'
import { diagnoseEnvironment } from '../env/doctor/diagnose.ts'
import { planRepair } from '../env/doctor/plan-repair.ts'
import { type Environment, readEnvironment } from '../env/environment.ts'
import { versionText } from '../env/label.ts'
import { forgetEnvironment } from '../env/registry.ts'
import { selectEnvironment } from '../env/select.ts'
import { findPython } from '../python/find.ts'
import { formatPythonVersion, type Interpreter } from '../python/interpreter.ts'
import { parsePythonRequest } from '../spec/python-request.ts'
import type { Core } from './core.ts'
import { type ReportedFinding, reportedFinding } from './doctor.ts'

export interface RepairRequest {
  /** A path, or the name of a named environment; the selected environment when neither this nor `name` is given. */
  readonly path?: string
  readonly name?: string
  /** The Python to link to, of the environment's own minor version; the best one on the machine unless said. */
  readonly python?: string
  /** Show the plan and change nothing. */
  readonly dryRun?: boolean
}

/** A change as it is told: `text` is what a file will hold, where it is text. */
export type ReportedChange =
  | { readonly kind: 'write'; readonly path: string; readonly text?: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'copy'; readonly path: string; readonly from: string }
  | { readonly kind: 'directory' | 'remove'; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }

export interface RepairResult {
  readonly root: string
  /** Relative to the root, in the order in which they are made. */
  readonly changes: readonly ReportedChange[]
  /** False for a dry run, and where there was nothing to do. */
  readonly changed: boolean
  readonly mended: readonly ReportedFinding[]
  /** What den cannot mend, each with what can. */
  readonly left: readonly ReportedFinding[]
  /** What has to be installed again, "name==version". */
  readonly reinstall: readonly string[]
}

/**
 * Repairs the environment. Each file is replaced whole; a repair cut short leaves an environment that another repair finishes.
 * Throws `environment-not-found`, `python-not-found`, `environment-upgrade-mismatch`, and what the disk throws.
 */
export async function repair(core: Core, request: RepairRequest = {}): Promise<RepairResult> {
  const environment = environmentToRepair(core, request)
  const replacement = request.python === undefined ? undefined : await chosen(core, environment, request.python)
  const findings = await diagnoseEnvironment(core, environment, { replacement })
  const plan = await planRepair(core, environment, withChoice(findings, replacement))
  const changes = plan.changes.map(reportedChange)
  const isDone = request.dryRun !== true && plan.changes.length > 0
  let { mended, left } = plan
  if (isDone) {
    applyChanges(core, environment.root, plan.changes)
    registerAgain(core, environment, findings)
    // What was mended is what is no longer found.
    const after = await diagnoseEnvironment(core, readEnvironment(core.host, environment.root) ?? environment)
    const remains = new Set(after.map(({ check, what }) => `${check} ${what}`))
    mended = mended.filter(({ check, what }) => !remains.has(`${check} ${what}`))
    left = after
  }
  return {
    root: environment.root,
    changes,
    changed: isDone,
    mended: mended.map(reportedFinding),
    left: left.map(reportedFinding),
    reinstall: plan.reinstall,
  }
}

/** An environment that was moved by other means is known again by the path it has now. */
function registerAgain(core: Core, environment: Environment, findings: readonly Finding[]): void {
  const steps = findings.flatMap(({ repair: found }) => found ?? [])
  const [old] = steps.flatMap((step) => (step.kind === 'relocate' ? step.from : []))
  if (old === undefined) return
  registerMoved(core, old, environment.root, environment)
  if (core.host.files.lstat(old) === undefined) forgetEnvironment(core, core.places.registry, old)
}

function environmentToRepair(core: Core, request: RepairRequest): Environment {
  const { host } = core
  // The remains of an environment, which no command would select, are what repairing is for.
  const place = request.path === undefined ? undefined : host.path.resolve(host.cwd, request.path)
  const given = place === undefined ? undefined : readEnvironment(host, place)
  if (given !== undefined) return given
  const { root } = selectEnvironment(core, { path: request.path, name: request.name })
  const environment = readEnvironment(host, root)
  if (environment === undefined) throw new DenError('environment-not-found', { wanted: root, looked: [root] })
  return environment
}

async function chosen(core: Core, environment: Environment, text: string): Promise<Interpreter> {
  const { interpreter } = await findPython(core, parsePythonRequest(text))
  const version = environment.pythonVersion
  const fits =
    interpreter !== undefined &&
    (version === undefined ||
      (interpreter.version.major === version.major &&
        interpreter.version.minor === version.minor &&
        interpreter.freeThreaded === version.freeThreaded))
  if (!fits) {
    throw new DenError('environment-upgrade-mismatch', {
      path: environment.root,
      had: versionText(environment),
      wanted: interpreter === undefined ? text : formatPythonVersion(interpreter.version),
    })
  }
  return interpreter
}

/** A Python that was asked for is linked to also where nothing is wrong with the old one. */
function withChoice(findings: readonly Finding[], replacement: Interpreter | undefined): readonly Finding[] {
  if (replacement === undefined || findings.some(({ repair: steps }) => steps?.some(({ kind }) => kind === 'relink')))
    return findings
  const version = formatPythonVersion(replacement.version)
  const choice: Finding = {
    check: 'executable',
    severity: 'note',
    what: `the base becomes ${replacement.executable}, Python ${version}`,
    fix: [],
    repair: [{ kind: 'relink', executable: replacement.executable, version }],
  }
  return [choice, ...findings]
}

function reportedChange(change: Change): ReportedChange {
  if (change.kind !== 'write') return change
  try {
    return { kind: 'write', path: change.path, text: new TextDecoder('utf-8', { fatal: true }).decode(change.bytes) }
  } catch {
    return { kind: 'write', path: change.path }
  }
}
