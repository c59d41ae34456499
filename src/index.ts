// denpy: Python environments as a library. `openSession()` gives every command of den as a typed function.

export { DenError, type Diagnosis, diagnose, isDenError } from './base/error.ts'
export type { ErrorCode, ErrorDetails } from './base/errors/catalogue.ts'
export type { DenEvent, Report } from './base/event.ts'
export { denVersion } from './base/version.ts'
export type { AuditRequest, AuditResult } from './commands/audit.ts'
export type { CacheClearResult, CacheInfoResult, CachePruneRequest } from './commands/cache.ts'
export type { CreatedResult, CreateRequest, CreateResult, SeedChoice } from './commands/create.ts'
export type { DoctorRequest, DoctorResult, EnvironmentReport, ReportedFinding } from './commands/doctor.ts'
export type {
  EnvCopyRequest,
  EnvListRequest,
  EnvListResult,
  EnvMoveRequest,
  EnvMoveResult,
  EnvRemoveRequest,
  EnvRemoveResult,
  EnvSizeRequest,
  EnvSizeResult,
  ListedEnvironment,
} from './commands/env.ts'
export type { ExplainRequest, ExplainResult } from './commands/explain.ts'
export type { HookAllowResult, HookRequest, HookResult } from './commands/hook.ts'
export type { InitRequest, InitResult } from './commands/init.ts'
export type {
  ChangedPackage,
  DownloadRequest,
  DownloadResult,
  EnvironmentOf,
  IndexWish,
  InstalledPackage,
  InstallRequest,
  PackageChange,
  PackagesWish,
  ResolvedPackage,
  ResolveRequest,
  UninstallRequest,
  UninstallResult,
  Watched,
} from './commands/library.ts'
export type { LockChoices } from './commands/lock-choices.ts'
export type { ExportRequest, ExportResult } from './commands/lock-export.ts'
export type { HeldBack } from './commands/lock-held.ts'
export type { OutdatedPackage, OutdatedRequest, OutdatedResult } from './commands/lock-outdated.ts'
export type { LockTreeNode } from './commands/lock-tree.ts'
export type { WhyLimit, WhyLink, WhyPackage } from './commands/lock-why.ts'
export type { PackageChoices } from './commands/package-choices.ts'
export type { PreparedRun, RunRequest } from './commands/project-run.ts'
export type {
  EnvironmentChoices,
  SyncChange,
  SyncProjectRequest,
  SyncProjectResult,
} from './commands/project-sync.ts'
export type {
  PythonFindRequest,
  PythonFindResult,
  PythonInfoRequest,
  PythonListRequest,
  PythonListResult,
} from './commands/python.ts'
export type { PythonPinRequest, PythonPinResult } from './commands/python-pin.ts'
export type { RepairRequest, RepairResult } from './commands/repair.ts'
export type { RunPlan } from './commands/run.ts'
export type {
  ChangeScriptRequest,
  ChangeScriptResult,
  SyncScriptRequest,
  SyncScriptResult,
} from './commands/script-change.ts'
export type { LockScriptRequest } from './commands/script-lock.ts'
export {
  type InstalledPackages,
  openSession,
  type ResolvedPackages,
  type Session,
  type SessionOptions,
} from './commands/session.ts'
export type { ShellRequest, ShellResult } from './commands/shell.ts'
export type {
  StoreCollectRequest,
  StoreCollectResult,
  StoreSizeResult,
  StoreVerifyRequest,
  StoreVerifyResult,
} from './commands/store.ts'
export type { TellTreeRequest, TellTreeResult, TellWhyRequest, TellWhyResult } from './commands/tell-tree.ts'
export type { TryRequest, TryResult, TryStep } from './commands/try.ts'
export type { HistoryChange, HistoryResult, UndoRequest, UndoResult } from './commands/undo.ts'
export type { UndoneProject } from './commands/undone-project.ts'
export type { UnshareRequest, UnshareResult } from './commands/unshare.ts'
export type { Places } from './config/places.ts'
export { defaultHost } from './host/default-host.ts'
export type { Host, Platform } from './host/host.ts'
export type { FoundPython, Implementation, Interpreter, PythonVersion } from './python/interpreter.ts'
