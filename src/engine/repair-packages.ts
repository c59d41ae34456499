// Damaged distributions made whole: each is put in again, all of them in one transaction. What an edit has reached through a hard link,
// the store and other environments, is found and told.

import type { ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import type { Environment } from '../env/environment.ts'
import { otherEnvironments } from '../env/other-environments.ts'
import type { EnvironmentPaths } from '../env/plan.ts'
import { ifReadable } from '../env/quietly.ts'
import type { Host } from '../host/host.ts'
import { containment } from '../install/removal.ts'
import { nameScripts, type ScriptNames } from '../install/scripts.ts'
import type { Interpreter } from '../python/interpreter.ts'
import { formatRecord } from '../spec/record.ts'
import { type ApplyRequest, applyPlan, type PreparedDistribution } from './apply.ts'
import { openRepairSources, type Regained, type RepairContext } from './repair-sources.ts'
import { type DamagedDistribution, treeFilesIn } from './verify.ts'

export interface PackageRepairRequest {
  readonly environment: Environment
  /** The base interpreter. */
  readonly interpreter: Interpreter
  readonly damaged: readonly DamagedDistribution[]
  /** Of these, what the store has is put in again; what it lacks is no failure, since there is another way to mend it. */
  readonly storeAlone?: (damage: DamagedDistribution) => boolean
  readonly offline?: boolean
  /** How packages come into this environment. */
  readonly link?: Pick<ApplyRequest, 'linkMode' | 'copied'>
}

export interface PackageRepair {
  /** What was put in again. */
  readonly mended: readonly {
    readonly name: ProjectName
    readonly version: string
    /** Where it was had: the store, the index (or the address it came from), a build. */
    readonly from: Regained['from']
  }[]
  /** Trees of the store that were damaged as well, and have been made again. */
  readonly restored: readonly { readonly distribution: string; readonly files: readonly string[] }[]
  /** What could not be had again, and why. */
  readonly left: readonly { readonly name: ProjectName; readonly version: string; readonly problem: DenError }[]
}

/**
 * Puts the damaged distributions in again. One that can't be had is left, and told; the others are mended in one transaction. Throws
 * what `applyPlan` throws; the environment is then as it was.
 */
export async function repairPackages(context: RepairContext, request: PackageRepairRequest): Promise<PackageRepair> {
  const { environment, interpreter, damaged, offline = false } = request
  const { paths, root } = environment
  const sources = openRepairSources(context, { paths, interpreter, offline })
  const hold = await sources.store.hold()
  try {
    const ready: { readonly damage: DamagedDistribution; readonly regained: Regained }[] = []
    const left: { name: ProjectName; version: string; problem: DenError }[] = []
    for (const damage of damaged) {
      const { project: name, version } = damage.distribution
      try {
        const regained = request.storeAlone?.(damage) === true ? sources.stored(damage) : await sources.regain(damage)
        if (regained !== undefined) ready.push({ damage, regained })
      } catch (error) {
        if (!(error instanceof DenError) || error.code === 'aborted' || error.code === 'internal') throw error
        left.push({ name, version, problem: error })
      }
    }
    if (ready.length > 0) {
      await applyPlan(context, {
        plan: {
          install: [],
          change: [],
          reinstall: ready.map(({ damage, regained }) => {
            const { project: name, version, location } = damage.distribution
            const source = preparedOf(context.host, paths, damage, regained)
            return { from: [{ name, version, location }], to: { name, version, source } }
          }),
          remove: [],
          unchanged: [],
        },
        environment: { root, paths },
        interpreter,
        relocatable: environment.relocatable,
        ...request.link,
        unnoted: true,
        records: new Map(
          ready.flatMap(({ damage, regained }) =>
            damage.record === undefined
              ? []
              : [[damage.distribution.location, recordOf(context.host, paths, interpreter, damage, regained)] as const],
          ),
        ),
      })
    }
    return {
      mended: ready.map(({ damage, regained }) => ({
        name: damage.distribution.project,
        version: damage.distribution.version,
        from: regained.from,
      })),
      restored: ready.flatMap(({ regained: { restored, tree } }) =>
        restored.length === 0
          ? []
          : [{ distribution: `${tree.manifest.project} ${tree.manifest.version}`, files: restored }],
      ),
      left,
    }
  } finally {
    hold?.release()
    sources.close()
  }
}

/** Put in as it was: by the same installer's name, asked for or not, under the same names of scripts. */
function preparedOf(
  host: Host,
  paths: EnvironmentPaths,
  damage: DamagedDistribution,
  { tree, restore, directUrl }: Regained,
): PreparedDistribution {
  const { distribution, files, noted } = damage
  const own = (name: string): string => host.path.join(distribution.location, name)
  const isDamaged = (name: string): boolean => files.some(({ path }) => path === own(name))
  const isThere = (name: string): boolean => ifReadable(() => host.files.lstat(own(name))) !== undefined
  const installer = isDamaged('INSTALLER') ? undefined : distribution.installer()
  return {
    tree,
    requested: noted?.requested === true || isThere('REQUESTED') || isDamaged('REQUESTED'),
    installer: installer ?? (noted === undefined ? 'pip' : 'den'),
    scriptNames: scriptNamesOf(host, paths, damage),
    ...(restore === undefined ? {} : { restore }),
    ...(directUrl === undefined ? {} : { directUrl }),
  }
}

/** pip and setuptools go by the running Python's version as well, and virtualenv gives each script four names. */
function scriptNamesOf(
  host: Pick<Host, 'files' | 'path'>,
  { scripts }: EnvironmentPaths,
  { distribution: { project }, files }: DamagedDistribution,
): ScriptNames {
  const names = [
    ...(ifReadable(() => host.files.names(scripts)) ?? []),
    ...files.filter(({ path }) => host.path.dirname(path) === scripts).map(({ path }) => host.path.basename(path)),
  ]
  if (project !== 'pip' && project !== 'setuptools' && project !== 'wheel') return 'written'
  return names.some((name) => name.startsWith(`${project}-`) && /-\d+\.\d+(?:\.exe)?$/.test(name))
    ? 'virtualenv'
    : 'pip'
}

/** What its RECORD would list if it could be believed: what the tree brings, its scripts, and what stands in its dist-info directory. */
function recordOf(
  host: Host,
  paths: EnvironmentPaths,
  interpreter: Interpreter,
  damage: DamagedDistribution,
  { tree: { manifest } }: Regained,
): string {
  const { location, site } = damage.distribution
  const suffix = interpreter.platform === 'win32' ? '.exe' : ''
  const names = scriptNamesOf(host, paths, damage)
  const scripts = [...manifest.consoleScripts, ...manifest.guiScripts]
  const brought = manifest.parts
    .filter(({ scheme }) => scheme === 'scripts')
    .flatMap(({ directories }) => directories.flatMap(({ files }) => files.map(([name]) => name)))
  const inside = containment(host, paths)
  const files = new Set([
    ...[...treeFilesIn(host, paths, manifest)].map(({ file }) => linkAbove(host, site, file) ?? file),
    ...nameScripts(scripts, interpreter.version, names)
      .map(({ name }) => `${name}${suffix}`)
      .concat(brought)
      .map((name) => host.path.join(paths.scripts, name)),
    ...(ifReadable(() => host.files.names(location)) ?? []).map((name) => host.path.join(location, name)),
  ])
  const rows = [...files]
    .filter((file) => inside(file) === undefined && host.files.lstat(file)?.kind !== 'directory')
    .map((file) => ({ path: host.path.relative(site, file).replaceAll('\\', '/') }))
  return formatRecord(rows)
}

/** The link that stands for the file's package, in an environment of links: what is behind it is the store's. */
function linkAbove({ files, path }: Pick<Host, 'files' | 'path'>, site: string, file: string): string | undefined {
  if (!file.startsWith(`${site}${path.sep}`)) return undefined
  let place = site
  for (const part of path.relative(site, path.dirname(file)).split(path.sep)) {
    place = path.join(place, part)
    if (files.lstat(place)?.kind === 'link') return place
  }
  return undefined
}

/** Another environment that has the very same files, by hard links or links into the store. */
export interface SharingEnvironment {
  readonly root: string
  readonly distributions: readonly ProjectName[]
}

/** Which of the environments that den knows share the damaged files. Looks at each file once an environment; reads no content. */
export function environmentsSharing(
  context: RepairContext,
  { root, paths }: { readonly root: string; readonly paths: EnvironmentPaths },
  damaged: readonly DamagedDistribution[],
): readonly SharingEnvironment[] {
  const { host } = context
  const shared = damaged.flatMap(({ distribution, files }) =>
    files.flatMap(({ path, linked }) => {
      const facts = linked ? ifReadable(() => host.files.stat(path)) : undefined
      return facts === undefined ? [] : [{ name: distribution.project, path, ...facts }]
    }),
  )
  if (shared.length === 0) return []
  const tops = (of: EnvironmentPaths): readonly string[] => [of.purelib, of.platlib, of.scripts, of.root]
  return otherEnvironments(context, context.places.registry, root).flatMap((other) => {
    const names = new Set<ProjectName>()
    for (const { name, path, device, inode } of shared) {
      const at = tops(paths).findIndex((top) => path.startsWith(`${top}${host.path.sep}`))
      if (at === -1) continue
      const place = host.path.join(tops(other.paths)[at]!, host.path.relative(tops(paths)[at]!, path))
      const facts = ifReadable(() => host.files.stat(place))
      if (facts?.inode === inode && facts.device === device) names.add(name)
    }
    return names.size === 0 ? [] : [{ root: other.root, distributions: [...names].sort() }]
  })
}
