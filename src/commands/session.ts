// The only composition root: a machine, its places and a listener become a session, and every command a method of it. Nothing is
// global: two sessions with different settings live side by side. A command's code is loaded when it is first called.

import { DenError, isDenError } from '../base/error.ts'
import type { DenEvent, Report } from '../base/event.ts'
import { type Places, placesOf } from '../config/places.ts'
import { defaultHost } from '../host/default-host.ts'
import type { Host } from '../host/host.ts'
import type { AuditRequest, AuditResult } from './audit.ts'
import type { CacheClearResult, CacheInfoResult, CachePruneRequest } from './cache.ts'
import type { CheckEnvironmentRequest, CheckEnvironmentResult } from './check-environment.ts'
import type { Core } from './core.ts'
import type { CreateRequest, CreateResult } from './create.ts'
import type { DoctorRequest, DoctorResult } from './doctor.ts'
import type {
  EnvCopyRequest,
  EnvListRequest,
  EnvListResult,
  EnvMoveRequest,
  EnvMoveResult,
  EnvRemoveRequest,
  EnvRemoveResult,
  EnvSizeRequest,
  EnvSizeResult,
} from './env.ts'
import type { ExplainRequest, ExplainResult } from './explain.ts'
import type { HookAllowResult, HookRequest, HookResult } from './hook.ts'
import type { InitRequest, InitResult } from './init.ts'
import type {
  DownloadRequest,
  DownloadResult,
  EnvironmentOf,
  InstalledPackage,
  InstallRequest,
  PackageChange,
  ResolvedPackage,
  ResolveRequest,
  UninstallRequest,
  UninstallResult,
  Watched,
} from './library.ts'
import type { ExportRequest, ExportResult } from './lock-export.ts'
import type { OutdatedRequest, OutdatedResult } from './lock-outdated.ts'
import type { AddRequest } from './project-add.ts'
import type { ChangeResult } from './project-change.ts'
import type { LockProjectRequest, LockProjectResult } from './project-lock.ts'
import type { RemoveRequest } from './project-remove.ts'
import type { PreparedRun, RunRequest } from './project-run.ts'
import type { SyncProjectRequest, SyncProjectResult } from './project-sync.ts'
import type { UpgradeRequest } from './project-upgrade.ts'
import type {
  PythonFindRequest,
  PythonFindResult,
  PythonInfoRequest,
  PythonListRequest,
  PythonListResult,
} from './python.ts'
import type { PythonPinRequest, PythonPinResult } from './python-pin.ts'
import type { RepairRequest, RepairResult } from './repair.ts'
import type { ChangeScriptRequest, ChangeScriptResult, SyncScriptRequest, SyncScriptResult } from './script-change.ts'
import type { LockScriptRequest } from './script-lock.ts'
import { settleOpenChanges } from './settle.ts'
import type { ShellRequest, ShellResult } from './shell.ts'
import type {
  StoreCollectRequest,
  StoreCollectResult,
  StoreSizeResult,
  StoreVerifyRequest,
  StoreVerifyResult,
} from './store.ts'
import type { TellTreeRequest, TellTreeResult, TellWhyRequest, TellWhyResult } from './tell-tree.ts'
import type { TryRequest, TryResult } from './try.ts'
import type { HistoryResult, UndoRequest, UndoResult } from './undo.ts'
import type { UnshareRequest, UnshareResult } from './unshare.ts'

export interface SessionOptions {
  /** The machine: this process's own unless said. */
  readonly host?: Host | undefined
  /** Is told what happens, as it happens; nobody unless said. */
  readonly report?: Report | undefined
  /** Stops what the session is doing: the command leaves things as they were, or finished, and throws `aborted`. */
  readonly signal?: AbortSignal | undefined
  /** Directories of the session's own instead of DEN_HOME, DEN_CACHE_DIR and DEN_CONFIG_FILE. */
  readonly places?: { readonly home?: string; readonly cache?: string; readonly configFile?: string } | undefined
}

export interface InstalledPackages {
  readonly environment: string
  readonly packages: readonly InstalledPackage[]
}

export interface ResolvedPackages {
  readonly packages: readonly ResolvedPackage[]
  readonly milliseconds: number
}

/** Every command of den as a function. Each throws a DenError that says what, why and how to mend it. */
export interface Session extends AsyncDisposable {
  readonly host: Host
  readonly places: Places

  /** Makes environments, or keeps those that are there and as wanted. */
  create(request?: CreateRequest): Promise<CreateResult>
  /** Lists the Pythons on the machine, broken ones with what is wrong with them. */
  pythonList(request?: PythonListRequest): Promise<PythonListResult>
  /** Finds the one Python that a specifier means here. */
  pythonFind(request?: PythonFindRequest): Promise<PythonFindResult>
  /** Says all that is known of a Python. */
  pythonInfo(request: PythonInfoRequest): Promise<PythonFindResult>
  /** Shows, writes or removes the pin of a directory's Python. */
  pythonPin(request?: PythonPinRequest): Promise<PythonPinResult>

  /** Lists the environments on the machine, whoever made them. */
  envList(request?: EnvListRequest): Promise<EnvListResult>
  /** Removes environments, after a look at all of them. */
  envRemove(request: EnvRemoveRequest): Promise<EnvRemoveResult>
  /** Moves an environment with everything that names its path. */
  envMove(request: EnvMoveRequest): Promise<EnvMoveResult>
  /** Copies an environment into one of its own. */
  envCopy(request: EnvCopyRequest): Promise<EnvMoveResult>
  /** Measures what environments take on disk. */
  envSize(request?: EnvSizeRequest): Promise<EnvSizeResult>
  /** Says where python, pip and imports come from, and why. */
  explain(request?: ExplainRequest): Promise<ExplainResult>
  /** Examines an environment and the shell, and changes nothing. */
  doctor(request?: DoctorRequest): Promise<DoctorResult>
  /** Checks every file of an environment's packages against what was installed. */
  check(request?: CheckEnvironmentRequest): Promise<CheckEnvironmentResult>
  /** Mends what the doctor and the check find. */
  repair(request?: RepairRequest): Promise<RepairResult>

  /** Begins a project, or a script that says what it needs. */
  init(request?: InitRequest): Promise<InitResult>
  /** Adds requirements to a project, locks it and syncs its environment. */
  add(request: AddRequest & Watched): Promise<ChangeResult>
  /** Removes requirements from a project, locks it and syncs its environment. */
  remove(request: RemoveRequest & Watched): Promise<ChangeResult>
  /** Raises what a project asks for to newer versions, locks it and syncs its environment. */
  upgrade(request?: UpgradeRequest & Watched): Promise<ChangeResult>
  /** Brings a project's lock up to date. */
  lock(request?: LockProjectRequest & Watched): Promise<LockProjectResult>

  /** Sets what is installed, or written down, against what is known to be bad. */
  audit(request?: AuditRequest): Promise<AuditResult>

  /** Puts packages in, all or none. */
  install(request: InstallRequest): Promise<PackageChange>
  /** Takes packages out, all or none. */
  uninstall(request: UninstallRequest): Promise<UninstallResult>
  /** Lists what is installed. */
  installed(request?: EnvironmentOf & Watched): Promise<InstalledPackages>
  /** Chooses versions, and changes nothing. */
  resolve(request: ResolveRequest): Promise<ResolvedPackages>
  /** Saves the files that would be installed. */
  download(request: DownloadRequest): Promise<DownloadResult>
  /** Takes the last change of an environment's packages back, or the one that is named. */
  undo(request?: UndoRequest): Promise<UndoResult>
  /** Gives an environment files of its own in place of links into the store. */
  unshare(request: UnshareRequest): Promise<UnshareResult>
  /** Tells how an environment's packages have changed. */
  history(request?: EnvironmentOf & Watched): Promise<HistoryResult>

  /** Adds to what a script says that it needs, or takes out of it; its lock, where it has one, follows. */
  changeScript(request: ChangeScriptRequest): Promise<ChangeScriptResult>
  /** Makes the lock of a script, beside it. */
  lockScript(request: LockScriptRequest): Promise<LockProjectResult>
  /** Makes the environment of a script, in the cache. */
  syncScript(request: SyncScriptRequest): Promise<SyncScriptResult>
  /** Brings a project's environment to what its lock says; the lock is made first where it is stale. */
  sync(request?: SyncProjectRequest): Promise<SyncProjectResult>
  /** Tells who asks for what, in a project's lock or in an environment. */
  tree(request?: TellTreeRequest): Promise<TellTreeResult>
  /** Tells why packages are there, and why in these versions. */
  why(request: TellWhyRequest): Promise<TellWhyResult>
  /** Tells which packages of a project's lock have newer releases. */
  outdated(request?: OutdatedRequest): Promise<OutdatedResult>
  /** Gives a project's lock as other tools take it. */
  exportLock(request?: ExportRequest): Promise<ExportResult>

  /** The program to run, with the environment in effect, a project's brought up to date first; running it is the caller's. */
  planRun(request: RunRequest): Promise<PreparedRun>
  /** The shell to start, with the environment active in it; starting it is the caller's. */
  shell(request?: ShellRequest): Promise<ShellResult>
  /** The code that activates environments as a shell changes directory. */
  hook(request: HookRequest): Promise<HookResult>
  /** Lets the hook activate an environment that den did not make. */
  hookAllow(request?: { readonly path?: string }): Promise<HookAllowResult>
  /** Makes, fills, runs and explains a small example. */
  tryExample(request?: TryRequest): Promise<TryResult>
  /** Empties the cache. */
  cacheClear(): Promise<CacheClearResult>
  /** Measures the cache. */
  cacheInfo(): Promise<CacheInfoResult>
  /** Removes from the cache what is of no use any more. */
  cachePrune(request?: CachePruneRequest): Promise<CacheClearResult>
  /** Measures the store, and says which environments use what of it. */
  storeSize(): Promise<StoreSizeResult>
  /** Hashes every file of the store. */
  storeVerify(request?: StoreVerifyRequest): Promise<StoreVerifyResult>
  /** Removes from the store what no environment uses. */
  storeCollect(request?: StoreCollectRequest): Promise<StoreCollectResult>
  /** Stops what still runs; afterwards every command throws `aborted`. Called by `await using`. */
  close(): Promise<void>
}

/** Opens a session. Touches nothing. Throws `no-home` where neither the options nor the machine say where den may keep things. */
export function openSession(options: SessionOptions = {}): Session {
  const host = options.host ?? defaultHost()
  const places = placesWith(host, options.places)
  const closing = new AbortController()
  const signal = options.signal === undefined ? closing.signal : AbortSignal.any([closing.signal, options.signal])
  const core: Core = Object.freeze({ host, places, signal, report: options.report ?? (() => undefined) })
  const running = new Set<Promise<unknown>>()

  const command =
    <Arguments extends readonly unknown[], Result>(
      operation: string,
      work: (...given: Arguments) => Promise<Result>,
    ): ((...given: Arguments) => Promise<Result>) =>
    async (...given) => {
      if (signal.aborted) throw new DenError('aborted', { operation })
      const done = settleOpenChanges(core).then(() => work(...given))
      running.add(done)
      try {
        return await done
      } finally {
        running.delete(done)
      }
    }

  /** The same, for requests that may bring a listener and a signal of their own. */
  const watched = <Request extends Watched, Result>(
    operation: string,
    work: (own: Core, request: Request) => Promise<Result>,
  ): ((request: Request) => Promise<Result>) =>
    command(operation, async (request: Request) => {
      const own = watchedCore(core, request)
      const isStopped = (): boolean => own.signal?.aborted === true
      if (isStopped()) throw new DenError('aborted', { operation })
      try {
        return await work(own, request)
      } catch (error) {
        // The runtime's own, from a wait that nobody of den's stood around.
        const isBare = !isDenError(error) && isStopped()
        throw isBare ? new DenError('aborted', { operation }, { cause: error }) : error
      }
    })

  const close = async (): Promise<void> => {
    closing.abort()
    await Promise.allSettled(running)
  }

  const listInstalled = watched('list', async (own, request: EnvironmentOf & Watched) =>
    (await import('./library.ts')).installed(own, request),
  )
  const takeBack = watched('undo', async (own, request: UndoRequest) => (await import('./undo.ts')).undo(own, request))
  const tellHistory = watched('history', async (own, request: EnvironmentOf & Watched) =>
    (await import('./undo.ts')).history(own, request),
  )

  const lock = watched('lock', async (own, request: LockProjectRequest & Watched) =>
    (await import('./project-lock.ts')).lockProject(own, request),
  )

  const upgrade = watched('upgrade', async (own, request: UpgradeRequest & Watched) =>
    (await import('./project-upgrade.ts')).upgradeProject(own, request),
  )

  return Object.freeze({
    host,
    places,
    add: watched('add', async (own, request: AddRequest & Watched) =>
      (await import('./project-add.ts')).addToProject(own, request),
    ),
    remove: watched('remove', async (own, request: RemoveRequest & Watched) =>
      (await import('./project-remove.ts')).removeFromProject(own, request),
    ),
    upgrade: (request = {}) => upgrade(request),
    lock: (request = {}) => lock(request),
    create: command('create', async (request?: CreateRequest) => (await import('./create.ts')).create(core, request)),
    pythonList: command('python list', async (request?: PythonListRequest) =>
      (await import('./python.ts')).pythonList(core, request),
    ),
    pythonFind: command('python find', async (request?: PythonFindRequest) =>
      (await import('./python.ts')).pythonFind(core, request),
    ),
    pythonInfo: command('python info', async (request: PythonInfoRequest) =>
      (await import('./python.ts')).pythonInfo(core, request),
    ),
    pythonPin: command('python pin', async (request?: PythonPinRequest) =>
      (await import('./python-pin.ts')).pythonPin(core, request),
    ),
    init: command('init', async (request?: InitRequest) => (await import('./init.ts')).init(core, request)),
    envList: command('env list', async (request?: EnvListRequest) => (await import('./env.ts')).envList(core, request)),
    envRemove: command('env remove', async (request: EnvRemoveRequest) =>
      (await import('./env.ts')).envRemove(core, request),
    ),
    envMove: command('env mv', async (request: EnvMoveRequest) => (await import('./env.ts')).envMove(core, request)),
    envCopy: command('env cp', async (request: EnvCopyRequest) => (await import('./env.ts')).envCopy(core, request)),
    envSize: command('env size', async (request?: EnvSizeRequest) => (await import('./env.ts')).envSize(core, request)),
    explain: command('explain', async (request?: ExplainRequest) =>
      (await import('./explain.ts')).explain(core, request),
    ),
    doctor: command('doctor', async (request?: DoctorRequest) => (await import('./doctor.ts')).doctor(core, request)),
    check: command('check', async (request?: CheckEnvironmentRequest) =>
      (await import('./check-environment.ts')).checkEnvironment(core, request),
    ),
    repair: command('repair', async (request?: RepairRequest) => (await import('./repair.ts')).repair(core, request)),
    audit: command('audit', async (request?: AuditRequest) => (await import('./audit.ts')).audit(core, request)),
    install: watched('install', async (own, request: InstallRequest) =>
      (await import('./library.ts')).install(own, request),
    ),
    uninstall: watched('uninstall', async (own, request: UninstallRequest) =>
      (await import('./library.ts')).uninstall(own, request),
    ),
    installed: (request = {}) => listInstalled(request),
    resolve: watched('resolve', async (own, request: ResolveRequest) =>
      (await import('./library.ts')).resolve(own, request),
    ),
    download: watched('download', async (own, request: DownloadRequest) =>
      (await import('./library.ts')).download(own, request),
    ),
    undo: (request = {}) => takeBack(request),
    unshare: watched('unshare', async (own, request: UnshareRequest) =>
      (await import('./unshare.ts')).unshare(own, request),
    ),
    history: (request = {}) => tellHistory(request),
    changeScript: command('script', async (request: ChangeScriptRequest) =>
      (await import('./script-change.ts')).changeScript(core, request),
    ),
    lockScript: command('lock', async (request: LockScriptRequest) =>
      (await import('./script-lock.ts')).lockScript(core, request),
    ),
    syncScript: command('sync', async (request: SyncScriptRequest) =>
      (await import('./script-change.ts')).syncScript(core, request),
    ),
    sync: command('sync', async (request?: SyncProjectRequest) =>
      (await import('./project-sync.ts')).syncProject(core, request),
    ),
    planRun: command('run', async (request: RunRequest) =>
      (await import('./project-run.ts')).prepareRun(core, request),
    ),
    tree: command('tree', async (request?: TellTreeRequest) =>
      (await import('./tell-tree.ts')).tellTree(core, request),
    ),
    why: command('why', async (request: TellWhyRequest) => (await import('./tell-tree.ts')).tellWhy(core, request)),
    outdated: command('outdated', async (request?: OutdatedRequest) =>
      (await import('./lock-outdated.ts')).outdated(core, request),
    ),
    exportLock: command('export', async (request?: ExportRequest) =>
      (await import('./lock-export.ts')).exportLock(core, request),
    ),
    shell: command('shell', async (request?: ShellRequest) => (await import('./shell.ts')).shell(core, request)),
    hook: command('hook', async (request: HookRequest) => (await import('./hook.ts')).hook(core, request)),
    hookAllow: command('hook allow', async (request?: { readonly path?: string }) =>
      (await import('./hook.ts')).hookAllow(core, request),
    ),
    tryExample: command('try', async (request?: TryRequest) => (await import('./try.ts')).tryExample(core, request)),
    cacheClear: command('cache clear', async () => (await import('./cache.ts')).cacheClear(core)),
    cacheInfo: command('cache info', async () => (await import('./cache.ts')).cacheInfo(core)),
    cachePrune: command('cache prune', async (request?: CachePruneRequest) =>
      (await import('./cache.ts')).cachePrune(core, request),
    ),
    storeSize: command('store size', async () => (await import('./store.ts')).storeSize(core)),
    storeVerify: command('store verify', async (request?: StoreVerifyRequest) =>
      (await import('./store.ts')).storeVerify(core, request),
    ),
    storeCollect: command('store collect', async (request?: StoreCollectRequest) =>
      (await import('./store.ts')).storeCollect(core, request),
    ),
    close,
    [Symbol.asyncDispose]: close,
  })
}

function watchedCore(core: Core, { signal, report }: Watched): Core {
  if (signal === undefined && report === undefined) return core
  return Object.freeze({
    ...core,
    ...(signal === undefined
      ? {}
      : { signal: core.signal === undefined ? signal : AbortSignal.any([core.signal, signal]) }),
    ...(report === undefined
      ? {}
      : {
          report: (event: DenEvent) => {
            core.report(event)
            report(event)
          },
        }),
  })
}

/** The session's own directories stand in for the variables, so that everything below follows from one rule. */
function placesWith(host: Host, given: SessionOptions['places']): Places {
  if (given === undefined) return placesOf(host)
  const env = {
    ...host.env,
    ...(given.home === undefined ? {} : { DEN_HOME: given.home }),
    ...(given.cache === undefined ? {} : { DEN_CACHE_DIR: given.cache }),
    ...(given.configFile === undefined ? {} : { DEN_CONFIG_FILE: given.configFile }),
  }
  return placesOf({ env, platform: host.platform, path: host.path, home: host.home, cwd: host.cwd })
}
