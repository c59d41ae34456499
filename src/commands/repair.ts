// `den repair`: mends what the doctor finds in one environment and keeps its packages.

import { DenError, type Diagnosis, diagnose } from '../base/error.ts'
import type { PackageRepair, SharingEnvironment } from '../engine/repair-packages.ts'
import type { DamagedDistribution } from '../engine/verify.ts'
import { applyChanges, type Change } from '../env/change.ts'
import { registerMoved } from '../env/copy.ts'
import { isDenPip } from '../env/den-pip.ts'
import type { Finding } from '../env/doctor/check.ts'
import { diagnoseEnvironment } from '../env/doctor/diagnose.ts'
import { planRepair } from '../env/doctor/plan-repair.ts'
import { type Environment, readEnvironment } from '../env/environment.ts'
import { versionText } from '../env/label.ts'
import { forgetEnvironment } from '../env/registry.ts'
import { selectEnvironment } from '../env/select.ts'
import { findPython } from '../python/find.ts'
import { brokenError, inspectPython } from '../python/inspect.ts'
import { formatPythonVersion, type Interpreter } from '../python/interpreter.ts'
import { parsePythonRequest } from '../spec/python-request.ts'
import type { Core } from './core.ts'
import { type DamagedPackage, damagedPackage, readAgain, sharingOf, verify, withStoreOf } from './damaged-packages.ts'
import { type ReportedFinding, reportedFinding } from './doctor.ts'
import { linkModeFor } from './link-mode.ts'

export interface RepairRequest {
  /** A path, or the name of a named environment; the selected environment when neither this nor `name` is given. */
  readonly path?: string
  readonly name?: string
  /** The Python to link to, of the environment's own minor version; the best one on the machine unless said. */
  readonly python?: string
  /** Ask no index: what the store has is put in again, and nothing else. */
  readonly offline?: boolean
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
  readonly packages: RepairedPackages
}

export interface RepairedPackages {
  /** Packages with files that were missing, emptied or changed. */
  readonly damaged: readonly DamagedPackage[]
  /** What was put in again; empty for a dry run. */
  readonly mended: PackageRepair['mended']
  /** Trees of the store that were damaged as well, and have been made again. */
  readonly restored: PackageRepair['restored']
  /** What could not be had again, and why. */
  readonly left: readonly { readonly name: string; readonly version: string; readonly problem: Diagnosis }[]
  /** Other environments that share damaged files; each is mended by a repair of its own. */
  readonly sharing: readonly SharingEnvironment[]
}

/**
 * Repairs the environment. Each file is replaced whole, and damaged packages in one transaction; a repair cut short leaves an environment
 * that another repair finishes.
 * Throws `environment-not-found`, `python-not-found`, `environment-upgrade-mismatch`, and what the disk throws.
 */
export async function repair(asked: Core, request: RepairRequest = {}): Promise<RepairResult> {
  const environment = environmentToRepair(asked, request)
  const core = withStoreOf(asked, environment)
  const replacement = request.python === undefined ? undefined : await chosen(core, environment, request.python)
  const findings = await diagnoseEnvironment(core, environment, { replacement })
  const plan = await planRepair(core, environment, withChoice(findings, replacement))
  const changes: readonly ReportedChange[][] = [[], []]
  /** Plans with what stands now, and carries the plan out. */
  const mend = async (part: 0 | 1, wanted: readonly Finding[], about: Environment): Promise<void> => {
    const partial = await planRepair(core, about, wanted)
    changes[part]!.push(...partial.changes.map(reportedChange))
    if (partial.changes.length > 0) applyChanges(core, about.root, partial.changes)
  }
  let { mended, left } = plan
  const isPackages = ({ check }: Finding): boolean => check === 'packages'
  if (request.dryRun === true) changes[0]!.push(...plan.changes.map(reportedChange))
  else {
    await mend(
      0,
      withChoice(findings, replacement).filter((one) => !isPackages(one)),
      environment,
    )
    registerAgain(core, environment, findings)
  }
  const packages = await repairDamaged(core, readAgain(core, environment), request)
  if (request.dryRun !== true) {
    // What a package's own files don't mend: scripts that no store has, remains of packages that are gone. Of what was found before, that
    // is: scripts without packages look gone only since their library was made anew, and are the last trace of what there was.
    const now = readAgain(core, environment)
    const found = new Set(findings.filter(isPackages).map(({ what }) => what))
    await mend(
      1,
      (await diagnoseEnvironment(core, now)).filter((one) => isPackages(one) && found.has(one.what)),
      now,
    )
  }
  const isDone = request.dryRun !== true && (changes.flat().length > 0 || packages.mended.length > 0)
  if (isDone) {
    // What was mended is what is no longer found.
    const after = await diagnoseEnvironment(core, readAgain(core, environment))
    const remains = new Set(after.map(({ check, what }) => `${check} ${what}`))
    mended = mended.filter(({ check, what }) => !remains.has(`${check} ${what}`))
    left = after
  }
  return {
    root: environment.root,
    changes: changes.flat(),
    changed: isDone,
    mended: mended.map(reportedFinding),
    left: left.map(reportedFinding),
    reinstall: plan.reinstall,
    packages,
  }
}

/** Every package is verified, and those with damaged files are put in again. */
async function repairDamaged(core: Core, environment: Environment, request: RepairRequest): Promise<RepairedPackages> {
  const { damaged } = await verify(core, environment)
  const none = { damaged: [], mended: [], restored: [], left: [], sharing: [] }
  if (damaged.length === 0) return none
  const told = {
    damaged: damaged.map((one) => damagedPackage(core, environment.root, one)),
    // Asked before anything is replaced: afterwards they share nothing.
    sharing: await sharingOf(core, environment, damaged),
  }
  if (request.dryRun === true) return { ...none, ...told }
  const found = await inspectPython(core, environment.paths.python)
  const { interpreter } = found
  if (interpreter === undefined)
    return {
      ...none,
      ...told,
      left: told.damaged.map(({ name, version }) => ({ name, version, problem: diagnose(brokenError(found)) })),
    }
  const { repairPackages } = await import('../engine/repair-packages.ts')
  const offline = request.offline === true ? { offline: true } : {}
  // Where nothing but scripts is missing, their text can be told from entry points, without asking an index. den's own pip has none of
  // those, and den makes it without asking.
  const storeAlone = ({ record, files, distribution }: DamagedDistribution): boolean =>
    record === undefined &&
    !isDenPip(distribution) &&
    files.every(({ path, state }) => state === 'missing' && core.host.path.dirname(path) === environment.paths.scripts)
  const { mended, restored, left } = await repairPackages(core, {
    environment,
    interpreter,
    damaged,
    storeAlone,
    link: linkModeFor(core, undefined, environment.cfg),
    ...offline,
  })
  return { ...told, mended, restored, left: left.map((one) => ({ ...one, problem: diagnose(one.problem) })) }
}

/** An environment that was moved by other means is known again by the path it has now. */
function registerAgain(core: Core, environment: Environment, findings: readonly Finding[]): void {
  const steps = findings.flatMap(({ repair: found }) => found ?? [])
  const [old] = steps.flatMap((step) => (step.kind === 'relocate' ? step.from : []))
  if (old === undefined) return
  registerMoved(core, old, environment.root, environment)
  if (core.host.files.lstat(old) === undefined) forgetEnvironment(core, core.places.registry, old)
}

/** Throws `environment-not-found`. */
export function environmentToRepair(core: Core, request: Pick<RepairRequest, 'path' | 'name'>): Environment {
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
