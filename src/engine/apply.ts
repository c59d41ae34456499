// Carrying out a plan: what goes and what comes, of any number of distributions, in one transaction. Nothing in the environment is touched
// until everything that comes stands beside it and everything that could be wrong has been looked at.
//
//   locks → what a killed process left is finished → what goes is listed → trees are staged → findings → the moves, all or none

import type { ProjectName } from '../base/brand.ts'
import { type DenError, diagnose, DenError as Failure } from '../base/error.ts'
import type { Places } from '../config/places.ts'
import { currentGeneration } from '../env/generation.ts'
import {
  formatHistoryEntry,
  type HistoryDistribution,
  type HistoryEntry,
  historyFile,
  historyNumbers,
  historyOf,
  lastHistoryEntry,
  rememberedChanges,
} from '../env/history.ts'
import { type InstalledDistribution, readInstalled } from '../env/installed.ts'
import { lockEnvironment } from '../env/lock.ts'
import type { EnvironmentPaths } from '../env/plan.ts'
import type { Context } from '../host/host.ts'
import type { InstalledTree } from '../install/install.ts'
import type { TreeRequest } from '../install/install-job.ts'
import { type LinkMode, openLinker } from '../install/linker.ts'
import { planRemoval, type Removal, staleBytecode } from '../install/removal.ts'
import type { ScriptNames } from '../install/scripts.ts'
import { installTrees } from '../install/together.ts'
import type { MovePlan } from '../journal/moves.ts'
import { openTransaction } from '../journal/transaction.ts'
import type { Plan, Wanted } from '../plan/plan.ts'
import type { Interpreter } from '../python/interpreter.ts'
import type { Tree } from '../store/store.ts'
import { filesOf, hiddenModules, ownersOf, type Staged, sharedAmong, startUpCode } from './apply-findings.ts'

/** A distribution that is ready to be put in: unpacked, verified. */
export interface PreparedDistribution {
  readonly tree: Tree
  /** Whether somebody asked for it by name. */
  readonly requested: boolean
  /** direct_url.json (PEP 610). */
  readonly directUrl?: unknown
  /** Makes a damaged tree again. */
  readonly restore?: (tree: Tree) => Promise<Tree>
  /** In place of the request's own, for a repair, which keeps what INSTALLER says and what the scripts are called. */
  readonly installer?: string
  readonly scriptNames?: ScriptNames
}

export type PreparedPlan = Plan<PreparedDistribution>

export interface ApplyRequest {
  readonly plan: PreparedPlan
  /** The environment, or whatever directory is laid out like one; all of `paths` lie in its root, which stands. */
  readonly environment: { readonly root: string; readonly paths: EnvironmentPaths }
  readonly interpreter: Pick<Interpreter, 'version' | 'platform' | 'machine'> & Partial<Pick<Interpreter, 'stdlib'>>
  /** Unless said, an environment that is one of links stays one. */
  readonly linkMode?: LinkMode | 'instant'
  /** Projects whose trees are copied where others are linked as a whole. */
  readonly copied?: ReadonlySet<string>
  readonly relocatable?: boolean
  readonly scriptNames?: ScriptNames
  /** What INSTALLER says; "den" unless said. */
  readonly installer?: string
  /** Leaves nothing of den's in the root, no history either: `--target`, `--prefix`, `--user`. */
  readonly traceless?: boolean
  /** What distutils installed is given up where something of its name comes, though nothing tells which files it has. */
  readonly overDistutils?: boolean
  /** What was asked for, for the history: "install django". */
  readonly command?: string
  /** The number of the history's entry that this change takes back. */
  readonly undoes?: number
  /** The caller holds the environment's lock already, which its own process would wait for without end. */
  readonly locked?: boolean
  /** Texts that stand in for RECORDs that are damaged, by the dist-info directory. */
  readonly records?: ReadonlyMap<string, string>
  /** Nothing is noted in the history: afterwards the same is installed as before, only whole. */
  readonly unnoted?: boolean
}

export interface AppliedDistribution {
  readonly name: ProjectName
  readonly version: string
  /** Of the dist-info directory. */
  readonly distInfo: string
  /** The names in the scripts directory. */
  readonly scripts: readonly string[]
  readonly files: number
}

export interface AppliedPlan {
  readonly installed: readonly AppliedDistribution[]
  /** What went, upgraded and reinstalled ones included. `files`: absolute. */
  readonly removed: readonly {
    readonly name: ProjectName
    readonly version: string
    readonly files: readonly string[]
  }[]
  /** What was odd about it; reported as warnings as well. */
  readonly findings: readonly DenError[]
  /** How files got there. */
  readonly linkMode: 'clone' | 'hardlink' | 'copy' | 'instant'
  /** The change's number in the history; undefined where none is kept, or nothing changed. */
  readonly entry?: number
}

/** Where a change is prepared and how it comes to be. */
export interface ApplyTarget {
  /** What comes is put here, laid out as the root is. */
  readonly stage: string
  /** Where the root stands while it has no name yet; the root itself unless said. */
  readonly standing?: string
  /** Told what goes before anything is put there. */
  readonly begin?: (remove: readonly string[]) => void
  readonly install: (trees: readonly TreeRequest[]) => Promise<readonly InstalledTree[]>
  readonly mode: () => AppliedPlan['linkMode']
  readonly plan: (remove: readonly string[], keep: readonly string[]) => MovePlan
  readonly commit: (plan: MovePlan, written: readonly string[]) => void
}

export type ApplyContext = Context & { readonly places: Pick<Places, 'journal'> }

/**
 * Carries the plan out, whole or not at all. What has changed since it was made, by another den, is seen: of a name that comes all that
 * stands there goes, and what has gone already is no error. Throws `uninstall-refused`, `install-blocked`, `store-damaged`,
 * `lock-timeout`, `aborted`, and what the disk throws; the environment is then as it was.
 */
export async function applyPlan(context: ApplyContext, given: ApplyRequest): Promise<AppliedPlan> {
  const { root } = given.environment
  const request = given.linkMode === 'instant' ? await allowedInstant(context, given) : given
  const { journal } = context.places
  const lock = request.locked === true ? undefined : await lockEnvironment(context, journal, root)
  try {
    // It may have been removed or moved away while this one waited.
    if (context.host.files.stat(root) === undefined)
      throw new Failure('environment-not-found', { wanted: root, looked: [root] })
    // Loaded only for environments that are links, which one look tells.
    if (request.linkMode === 'instant' || currentGeneration(context.host, root) !== undefined) {
      const { applyInstant } = await import('./apply-instant.ts')
      return await applyInstant(context, request)
    }
    const transaction = await openTransaction(context, {
      root,
      journal,
      ...(request.traceless === undefined ? {} : { traceless: request.traceless }),
    })
    try {
      const mode = request.linkMode ?? 'auto'
      const linker = openLinker(context, mode)
      return await applyIn(context, request, {
        ...transaction,
        install: (trees) => installTrees(context, trees, { linker, mode }),
        mode: linker.mode,
      })
    } finally {
      transaction.close()
    }
  } finally {
    lock?.release()
  }
}

/**
 * The same request, by links to files where links to whole trees can't be had; which is said. `environment`: as it stands, where that is
 * not yet where the request has it.
 */
export async function allowedInstant(
  context: ApplyContext,
  request: ApplyRequest,
  environment: ApplyRequest['environment'] = request.environment,
): Promise<ApplyRequest> {
  const { instantObstacle } = await import('./instant-obstacle.ts')
  const obstacle = instantObstacle(context.host, { ...request, environment })
  if (obstacle === undefined) return request
  context.report({ kind: 'note', text: `packages are not linked as a whole: ${obstacle}` })
  return { ...request, linkMode: 'auto' }
}

/** The change, at a place where nobody else changes anything. */
export async function applyIn(context: ApplyContext, request: ApplyRequest, target: ApplyTarget): Promise<AppliedPlan> {
  const { host, report } = context
  const { root, paths } = request.environment
  const sites = [...new Set([paths.purelib, paths.platlib])]
  const { standing = root } = target
  const present = readInstalled(
    host,
    sites.map((site) => `${standing}${site.slice(root.length)}`),
  )
  const coming = [
    ...request.plan.install,
    ...request.plan.change.map(({ to }) => to),
    ...request.plan.reinstall.map(({ to }) => to),
  ]
  const going = leaving(request.plan, coming, present)
  const staying = present.filter((one) => !going.includes(one))
  report({ kind: 'apply.started', path: root, install: coming.length, remove: going.length })

  const removals: Removal[] = []
  for (const distribution of going) {
    const record = request.records?.get(distribution.location)
    const isLeft = request.overDistutils === true && isOfDistutils(context, distribution)
    removals.push(
      isLeft
        ? { distribution, files: [distribution.location], rewrites: [] }
        : await planRemoval(context, { distribution, paths, ...(record === undefined ? {} : { record }) }),
    )
  }
  const shared = ownersOf(host, staying, new Set(removals.flatMap(({ files }) => files)))
  const remove = removals.flatMap(({ files, rewrites }) => [
    ...files.filter((file) => !shared.has(file)),
    ...rewrites.map(({ file }) => file),
  ])
  target.begin?.(remove)
  const stage = await stageTrees(context, request, target, { coming, going })
  const { staged, written, now, linkMode } = stage
  writeLists(context, removals, now, written)
  const entry =
    request.traceless === true || request.unnoted === true
      ? undefined
      : noteChange(context, request, { present, going, staged: stage }, written)

  const keep = [...sites, paths.scripts, paths.include, ...sites.map((site) => host.path.dirname(site))]
  const goes = entry === undefined ? remove : [...remove, ...entry.forgotten]
  const planned = target.plan(goes, keep)
  const stale = staleBytecode(host, arriving(host, root, planned), () => staged.flatMap((one) => filesOf(host, one)))
  const plan = stale.length === 0 ? planned : target.plan([...goes, ...stale], keep)
  const incoming = new Set(shared.size === 0 ? [] : staged.flatMap((one) => filesOf(host, one)))
  const findings = [
    ...[...shared].filter(([file]) => !incoming.has(file)).map(([file, owners]) => keptError(file, owners, removals)),
    ...replaced(host, staged, plan.displaced, staying),
    ...sharedAmong(host, staged),
    ...hiddenModules(host, staged, request.interpreter),
    ...startUpCode(host, staged, { sites: new Set(sites), now }),
  ]
  if (context.signal?.aborted)
    throw new Failure('aborted', { operation: 'the change' }, { cause: context.signal.reason })
  target.commit(plan, written)
  for (const finding of findings) report({ kind: 'warning', warning: diagnose(finding) })
  report({ kind: 'apply.done', path: root, install: coming.length, remove: going.length })
  return {
    installed: stage.installed,
    removed: removals.map(({ distribution, files }) => ({
      name: distribution.project,
      version: distribution.version,
      files: files.filter((file) => !shared.has(file)),
    })),
    findings,
    linkMode,
    ...(entry === undefined ? {} : { entry: entry.number }),
  }
}

/** Single files that come into directories which stand already, absolute. */
function arriving({ path }: Pick<Context['host'], 'path'>, root: string, plan: MovePlan): readonly string[] {
  return [...plan.moves.flatMap((move) => (move[0] === 'in' ? [path.join(root, move[1])] : [])), ...plan.displaced]
}

/** Of what distutils left, only its one file of metadata is known: the rest is replaced by what comes, or stays. */
function isOfDistutils({ host }: ApplyContext, { location }: InstalledDistribution): boolean {
  return location.endsWith('.egg-info') && host.files.stat(location)?.kind === 'file'
}

/** All that goes: what the plan names and is still there, and whatever stands of a name that comes. */
function leaving(
  plan: PreparedPlan,
  coming: readonly Wanted<PreparedDistribution>[],
  present: readonly InstalledDistribution[],
): readonly InstalledDistribution[] {
  const names = new Set<ProjectName>([...coming.map(({ name }) => name), ...plan.remove.map(({ name }) => name)])
  return present.filter(({ project }) => names.has(project))
}

interface Stage {
  readonly installed: readonly AppliedDistribution[]
  readonly staged: readonly Staged[]
  readonly noted: readonly HistoryDistribution[]
  readonly written: string[]
  readonly now: (final: string) => string
  readonly linkMode: AppliedPlan['linkMode']
}

async function stageTrees(
  context: ApplyContext,
  request: ApplyRequest,
  target: ApplyTarget,
  { coming, going }: { coming: readonly Wanted<PreparedDistribution>[]; going: readonly InstalledDistribution[] },
): Promise<Stage> {
  const { host } = context
  const { paths } = request.environment
  const written: string[] = []
  const staged: Staged[] = []
  const noted: HistoryDistribution[] = []
  const installed: AppliedDistribution[] = []
  const wasRequested = (name: ProjectName): boolean =>
    going.some(({ project, location }) => project === name && host.files.lstat(host.path.join(location, 'REQUESTED')))
  const requests = coming.map(({ name, source }) => ({
    // Who asked for it once still wants it when something else has it upgraded.
    ...treeRequestOf(request, { ...source, requested: source.requested || wasRequested(name) }),
    staged: target.stage,
  }))
  const trees = await target.install(requests)
  for (const [index, { name, version, source }] of coming.entries()) {
    const tree = trees[index]!
    const { requested } = requests[index]!
    for (const file of tree.written) written.push(file)
    staged.push({
      manifest: source.tree.manifest,
      site: host.path.dirname(tree.distInfo),
      tree,
      ...optional('directUrl', source.directUrl),
    })
    noted.push({
      name,
      version,
      requested,
      ...(source.directUrl === undefined ? {} : { directUrl: source.directUrl }),
      ...(source.tree.private ? {} : { tree: source.tree.manifest.sha256 }),
    })
    installed.push({ name, version, distInfo: tree.distInfo, scripts: tree.scripts, files: tree.rows })
  }
  const now = (final: string): string => `${target.stage}${final.slice(paths.root.length)}`
  return { installed, staged, noted, written, now, linkMode: target.mode() }
}

/** How the tree is put in, but for where it is staged. */
export function treeRequestOf(request: ApplyRequest, source: PreparedDistribution): TreeRequest {
  const { tree, requested, directUrl, restore } = source
  return {
    tree,
    paths: request.environment.paths,
    interpreter: request.interpreter,
    requested,
    relocatable: request.relocatable ?? false,
    ...optional('directUrl', directUrl),
    ...optional('restore', restore),
    ...optional('installer', source.installer ?? request.installer),
    ...optional('scriptNames', source.scriptNames ?? request.scriptNames),
  }
}

function optional<Key extends string, Value>(key: Key, value: Value | undefined): { readonly [key in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [key in Key]: Value })
}

/** Lists of paths that name what goes (easy-install.pth) come with the rest of their lines. */
function writeLists(
  context: ApplyContext,
  removals: readonly Removal[],
  now: (final: string) => string,
  written: string[],
): void {
  const { disk, files, path } = context.host
  const texts = new Map<string, string>()
  for (const { rewrites } of removals) {
    for (const { file, text } of rewrites) {
      const lines = new Set(text.split('\n'))
      // Two that go are named in one list: each rewrite lacks its own line only.
      texts.set(
        file,
        texts
          .get(file)
          ?.split('\n')
          .filter((line) => lines.has(line))
          .join('\n') ?? text,
      )
    }
  }
  for (const [file, text] of texts) {
    disk.makeDirectories(path.dirname(now(file)))
    disk.writeNew(now(file), text, files.lstat(file)?.mode)
    written.push(now(file))
  }
}

/** Stages the history's entry; what it pushes out of the history goes. */
function noteChange(
  { host }: ApplyContext,
  request: ApplyRequest,
  change: { present: readonly InstalledDistribution[]; going: readonly InstalledDistribution[]; staged: Stage },
  written: string[],
): { readonly number: number; readonly forgotten: readonly string[] } | undefined {
  const { root } = request.environment
  const { present, going, staged } = change
  if (going.length === 0 && staged.noted.length === 0) return undefined
  const numbers = historyNumbers(host, root)
  const before = historyOf(host, present, lastHistoryEntry(host, root))
  const gone = new Set(going.map(({ project }) => project))
  const after = [...before.filter(({ name }) => !gone.has(name)), ...staged.noted].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )
  const entry: HistoryEntry = {
    number: (numbers.at(-1) ?? 0) + 1,
    time: host.now(),
    ...(request.command === undefined ? {} : { command: request.command }),
    before,
    after,
    ...(request.undoes === undefined ? {} : { undoes: request.undoes }),
  }
  const file = staged.now(historyFile(host, root, entry.number))
  host.disk.makeDirectories(host.path.dirname(file))
  host.disk.writeNew(file, formatHistoryEntry(entry))
  written.push(file)
  const forgotten = numbers.slice(0, Math.max(0, numbers.length + 1 - rememberedChanges))
  return { number: entry.number, forgotten: forgotten.map((number) => historyFile(host, root, number)) }
}

function keptError(path: string, owners: readonly string[], removals: readonly Removal[]): DenError {
  const of = removals.find(({ files }) => files.includes(path))?.distribution.project ?? ''
  return new Failure('file-shared', { path, distribution: of, owners, kept: true })
}

/** What stands where something comes, and did not go by itself: another distribution's, or nobody's. */
function replaced(
  host: Context['host'],
  staged: readonly Staged[],
  displaced: readonly string[],
  staying: readonly InstalledDistribution[],
): readonly DenError[] {
  if (displaced.length === 0) return []
  const bringers = new Map(
    staged.flatMap((one) => filesOf(host, one).map((file) => [file, one.manifest.project] as const)),
  )
  const owners = ownersOf(host, staying, new Set(displaced))
  const nobodys = new Map<string, string[]>()
  const found: DenError[] = []
  for (const path of displaced) {
    const distribution = bringers.get(path)
    if (distribution === undefined) continue
    const others = owners.get(path)
    if (others !== undefined)
      found.push(new Failure('file-shared', { path, distribution, owners: others, kept: false }))
    else nobodys.set(distribution, [...(nobodys.get(distribution) ?? []), path])
  }
  for (const [distribution, files] of nobodys) found.push(new Failure('file-replaced', { paths: files, distribution }))
  return found
}
