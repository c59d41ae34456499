// Which type a command's JSON holds, for docs/reference/json.md.

export type ResultType = { readonly file: string; readonly type: string } | { readonly text: string }

const from = (file: string, type: string): ResultType => ({ file: `src/commands/${file}.ts`, type })

/** By the command's name. */
export const resultTypes: Readonly<Record<string, ResultType>> = {
  init: from('init', 'InitResult'),
  add: from('project-change', 'ChangeResult'),
  remove: from('project-change', 'ChangeResult'),
  upgrade: from('project-change', 'ChangeResult'),
  lock: from('project-lock', 'LockProjectResult'),
  sync: from('project-sync', 'SyncProjectResult'),
  tree: from('lock-tree', 'LockTreeResult'),
  why: from('lock-why', 'LockWhyResult'),
  outdated: from('lock-outdated', 'OutdatedResult'),
  export: from('lock-export', 'ExportResult'),
  'python pin': from('python-pin', 'PythonPinResult'),
  create: from('create', 'CreateResult'),
  venv: from('create', 'CreateResult'),
  virtualenv: from('create', 'CreateResult'),
  hook: from('hook', 'HookResult'),
  'hook allow': from('hook', 'HookAllowResult'),
  history: from('undo', 'HistoryResult'),
  undo: from('undo', 'UndoResult'),
  unshare: from('unshare', 'UnshareResult'),
  explain: from('explain', 'ExplainResult'),
  doctor: from('doctor', 'DoctorResult'),
  check: from('check-environment', 'CheckEnvironmentResult'),
  repair: from('repair', 'RepairResult'),
  'env list': from('env', 'EnvListResult'),
  'env remove': from('env', 'EnvRemoveResult'),
  'env mv': from('env', 'EnvMoveResult'),
  'env cp': from('env', 'EnvMoveResult'),
  'env size': from('env', 'EnvSizeResult'),
  'python list': from('python', 'PythonListResult'),
  'python find': from('python', 'PythonFindResult'),
  'python info': from('python', 'PythonFindResult'),
  try: from('try', 'TryResult'),
  completions: {
    text: '{\n  readonly shell: string\n  /** What the shell shall evaluate. */\n  readonly script: string\n}',
  },
  help: { file: 'src/cli/handlers/help.ts', type: 'HelpResult' },
  'cache dir': { text: '{ readonly directory: string }' },
  'cache clear': from('cache', 'CacheClearResult'),
  'cache info': from('cache', 'CacheInfoResult'),
  'cache prune': from('cache', 'CacheClearResult'),
  'store size': from('store', 'StoreSizeResult'),
  'store verify': from('store', 'StoreVerifyResult'),
  'store collect': from('store', 'StoreCollectResult'),
  audit: from('audit', 'AuditResult'),
  version: {
    text: '{\n  readonly version: string\n  readonly runtime: string\n  readonly platform: string\n  readonly executable: string\n  readonly home: string\n  readonly cache: string\n}',
  },
}
