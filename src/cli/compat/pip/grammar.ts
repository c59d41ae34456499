// pip 26.3's command line as data. Made by scripts/pip-grammar.py from pip's own parser; do not edit.
// biome-ignore-all format: generated, one option a line

export type PipAction = 'store' | 'store_true' | 'store_false' | 'store_const' | 'append' | 'count' | 'callback' | 'help'

export interface PipOption {
  /** "-r", "--requirement": short ones first. */
  readonly spellings: readonly string[]
  readonly dest: string
  readonly action: PipAction
  /** What happens with the value, where that is more than keeping it. */
  readonly callback?: string
  /** Present exactly where a value is taken. */
  readonly type?: 'text' | 'int' | 'float' | 'choice' | 'path' | 'project'
  readonly choices?: readonly string[]
  readonly constant?: string
  readonly metavar?: string
  readonly hidden?: boolean
  readonly default?: boolean | number | string | readonly never[]
}

export interface PipCommandGrammar {
  /** Keys of `pipGroups`, in the order of help. */
  readonly groups: readonly string[]
  /** Runs with --require-virtualenv outside of any environment. */
  readonly anywhere?: boolean
  /** The words that may stand first: `pip cache dir`. */
  readonly actions?: readonly string[]
}

/** The pip whose command line this is. */
export const pipVersion = '26.3'

export const pipOptions: Readonly<Record<string, PipOption>> = {
  version: { spellings: ['-V', '--version'], dest: 'version', action: 'store_true' },
  help: { spellings: ['-h', '--help'], dest: 'help', action: 'help' },
  debug: { spellings: ['--debug'], dest: 'debug_mode', action: 'store_true', default: false },
  isolated: { spellings: ['--isolated'], dest: 'isolated_mode', action: 'store_true', default: false },
  'require-virtualenv': { spellings: ['--require-virtualenv', '--require-venv'], dest: 'require_venv', action: 'store_true', default: false },
  python: { spellings: ['--python'], dest: 'python', action: 'store', type: 'text', metavar: 'python' },
  verbose: { spellings: ['-v', '--verbose'], dest: 'verbose', action: 'count', default: 0 },
  quiet: { spellings: ['-q', '--quiet'], dest: 'quiet', action: 'count', default: 0 },
  log: { spellings: ['--log', '--log-file', '--local-log'], dest: 'log', action: 'store', type: 'path', metavar: 'path' },
  'no-input': { spellings: ['--no-input'], dest: 'no_input', action: 'store_true', default: false },
  'keyring-provider': { spellings: ['--keyring-provider'], dest: 'keyring_provider', action: 'store', type: 'choice', choices: ['auto', 'disabled', 'import', 'subprocess'], metavar: 'keyring_provider', default: 'auto' },
  proxy: { spellings: ['--proxy'], dest: 'proxy', action: 'store', type: 'text', metavar: 'proxy' },
  'no-proxy-env': { spellings: ['--no-proxy-env'], dest: 'no_proxy_env', action: 'store_true', default: false },
  retries: { spellings: ['--retries'], dest: 'retries', action: 'store', type: 'int', metavar: 'retries', default: 5 },
  timeout: { spellings: ['--timeout', '--default-timeout'], dest: 'timeout', action: 'store', type: 'float', metavar: 'sec', default: 15 },
  'exists-action': { spellings: ['--exists-action'], dest: 'exists_action', action: 'append', type: 'choice', choices: ['s', 'i', 'w', 'b', 'a'], metavar: 'action', default: [] },
  'trusted-host': { spellings: ['--trusted-host'], dest: 'trusted_hosts', action: 'append', type: 'text', metavar: 'hostname', default: [] },
  cert: { spellings: ['--cert'], dest: 'cert', action: 'store', type: 'path', metavar: 'path' },
  'client-cert': { spellings: ['--client-cert'], dest: 'client_cert', action: 'store', type: 'path', metavar: 'path' },
  'cache-dir': { spellings: ['--cache-dir'], dest: 'cache_dir', action: 'store', type: 'path', metavar: 'dir' },
  'no-cache-dir': { spellings: ['--no-cache-dir'], dest: 'cache_dir', action: 'callback', callback: 'no-cache-dir' },
  'disable-pip-version-check': { spellings: ['--disable-pip-version-check'], dest: 'disable_pip_version_check', action: 'store_true', default: false },
  'no-color': { spellings: ['--no-color'], dest: 'no_color', action: 'store_true', default: false },
  'no-python-version-warning': { spellings: ['--no-python-version-warning'], dest: 'no_python_version_warning', action: 'store_true', hidden: true, default: false },
  'use-feature': { spellings: ['--use-feature'], dest: 'features_enabled', action: 'append', type: 'choice', choices: ['fast-deps', 'inprocess-build-deps', 'venv-isolation', 'truststore', 'no-binary-enable-wheel-cache', 'build-constraint'], metavar: 'feature', default: [] },
  'use-deprecated': { spellings: ['--use-deprecated'], dest: 'deprecated_features_enabled', action: 'append', type: 'choice', choices: ['legacy-resolver', 'legacy-certs'], metavar: 'feature', default: [] },
  'resume-retries': { spellings: ['--resume-retries'], dest: 'resume_retries', action: 'store', type: 'int', metavar: 'resume_retries', default: 5 },
  requirement: { spellings: ['-r', '--requirement'], dest: 'requirements', action: 'append', type: 'text', metavar: 'file', default: [] },
  constraint: { spellings: ['-c', '--constraint'], dest: 'constraints', action: 'append', type: 'text', metavar: 'file', default: [] },
  'build-constraint': { spellings: ['--build-constraint'], dest: 'build_constraints', action: 'append', type: 'text', metavar: 'file', default: [] },
  'requirements-from-script': { spellings: ['--requirements-from-script'], dest: 'requirements_from_scripts', action: 'append', type: 'text', metavar: 'file', default: [] },
  'no-deps': { spellings: ['--no-deps', '--no-dependencies'], dest: 'ignore_dependencies', action: 'store_true', default: false },
  'only-deps': { spellings: ['--only-deps', '--only-dependencies'], dest: 'only_dependencies', action: 'store_true', default: false },
  editable: { spellings: ['-e', '--editable'], dest: 'editables', action: 'append', type: 'text', metavar: 'path/url', default: [] },
  'dry-run': { spellings: ['--dry-run'], dest: 'dry_run', action: 'store_true', default: false },
  target: { spellings: ['-t', '--target'], dest: 'target_dir', action: 'store', type: 'text', metavar: 'dir' },
  platform: { spellings: ['--platform'], dest: 'platforms', action: 'append', type: 'text', metavar: 'platform' },
  'python-version': { spellings: ['--python-version'], dest: 'python_version', action: 'callback', callback: 'python-version', type: 'text', metavar: 'python_version' },
  implementation: { spellings: ['--implementation'], dest: 'implementation', action: 'store', type: 'text', metavar: 'implementation' },
  abi: { spellings: ['--abi'], dest: 'abis', action: 'append', type: 'text', metavar: 'abi' },
  user: { spellings: ['--user'], dest: 'use_user_site', action: 'store_true' },
  'no-user': { spellings: ['--no-user'], dest: 'use_user_site', action: 'store_false', hidden: true },
  root: { spellings: ['--root'], dest: 'root_path', action: 'store', type: 'text', metavar: 'dir' },
  prefix: { spellings: ['--prefix'], dest: 'prefix_path', action: 'store', type: 'text', metavar: 'dir' },
  src: { spellings: ['--src', '--source', '--source-dir', '--source-directory'], dest: 'src_dir', action: 'callback', callback: 'src', type: 'path', metavar: 'dir' },
  upgrade: { spellings: ['-U', '--upgrade'], dest: 'upgrade', action: 'store_true' },
  'upgrade-strategy': { spellings: ['--upgrade-strategy'], dest: 'upgrade_strategy', action: 'store', type: 'choice', choices: ['only-if-needed', 'eager'], metavar: 'upgrade_strategy', default: 'only-if-needed' },
  'force-reinstall': { spellings: ['--force-reinstall'], dest: 'force_reinstall', action: 'store_true' },
  'ignore-installed': { spellings: ['-I', '--ignore-installed'], dest: 'ignore_installed', action: 'store_true' },
  'ignore-requires-python': { spellings: ['--ignore-requires-python'], dest: 'ignore_requires_python', action: 'store_true' },
  'no-build-isolation': { spellings: ['--no-build-isolation'], dest: 'build_isolation', action: 'store_false', default: true },
  'use-pep517': { spellings: ['--use-pep517'], dest: 'use_pep517', action: 'store_true', hidden: true, default: true },
  'check-build-dependencies': { spellings: ['--check-build-dependencies'], dest: 'check_build_deps', action: 'store_true', default: false },
  'break-system-packages': { spellings: ['--break-system-packages'], dest: 'override_externally_managed', action: 'store_true' },
  'config-settings': { spellings: ['-C', '--config-settings'], dest: 'config_settings', action: 'callback', callback: 'config-settings', type: 'text', metavar: 'settings' },
  compile: { spellings: ['--compile'], dest: 'compile', action: 'store_true', default: true },
  'no-compile': { spellings: ['--no-compile'], dest: 'compile', action: 'store_false' },
  'no-warn-script-location': { spellings: ['--no-warn-script-location'], dest: 'warn_script_location', action: 'store_false', default: true },
  'no-warn-conflicts': { spellings: ['--no-warn-conflicts'], dest: 'warn_about_conflicts', action: 'store_false', default: true },
  'require-hashes': { spellings: ['--require-hashes'], dest: 'require_hashes', action: 'store_true', default: false },
  'no-require-hashes': { spellings: ['--no-require-hashes'], dest: 'no_require_hashes', action: 'store_true', default: false },
  'progress-bar': { spellings: ['--progress-bar'], dest: 'progress_bar', action: 'store', type: 'choice', choices: ['auto', 'on', 'off', 'raw'], metavar: 'progress_bar', default: 'auto' },
  'root-user-action': { spellings: ['--root-user-action'], dest: 'root_user_action', action: 'store', type: 'choice', choices: ['warn', 'ignore'], metavar: 'root_user_action', default: 'warn' },
  report: { spellings: ['--report'], dest: 'json_report_file', action: 'store', type: 'text', metavar: 'file' },
  group: { spellings: ['--group'], dest: 'dependency_groups', action: 'callback', callback: 'dependency-group', type: 'text', metavar: '[path:]group', default: [] },
  'no-clean': { spellings: ['--no-clean'], dest: 'no_clean', action: 'store_true', default: false },
  pre: { spellings: ['--pre'], dest: 'pre', action: 'store_true', default: false },
  'all-releases': { spellings: ['--all-releases'], dest: 'release_control', action: 'callback', callback: 'all-releases', type: 'text', metavar: 'release_control' },
  'only-final': { spellings: ['--only-final'], dest: 'release_control', action: 'callback', callback: 'only-final', type: 'text', metavar: 'release_control' },
  'no-binary': { spellings: ['--no-binary'], dest: 'format_control', action: 'callback', callback: 'no-binary', type: 'text', metavar: 'format_control' },
  'only-binary': { spellings: ['--only-binary'], dest: 'format_control', action: 'callback', callback: 'only-binary', type: 'text', metavar: 'format_control' },
  'prefer-binary': { spellings: ['--prefer-binary'], dest: 'prefer_binary', action: 'store_true', default: false },
  'index-url': { spellings: ['-i', '--index-url', '--pypi-url'], dest: 'index_url', action: 'store', type: 'text', metavar: 'url' },
  'extra-index-url': { spellings: ['--extra-index-url'], dest: 'extra_index_urls', action: 'append', type: 'text', metavar: 'url', default: [] },
  'no-index': { spellings: ['--no-index'], dest: 'no_index', action: 'store_true', default: false },
  'refresh-package': { spellings: ['--refresh-package'], dest: 'refresh_package', action: 'callback', callback: 'refresh-package', type: 'text', metavar: 'refresh_package' },
  'find-links': { spellings: ['-f', '--find-links'], dest: 'find_links', action: 'append', type: 'text', metavar: 'url', default: [] },
  'uploaded-prior-to': { spellings: ['--uploaded-prior-to'], dest: 'uploaded_prior_to', action: 'callback', callback: 'uploaded-prior-to', type: 'text', metavar: 'datetime_or_duration' },
  output: { spellings: ['-o', '--output'], dest: 'output_file', action: 'store', type: 'path', metavar: 'path', default: 'pylock.toml' },
  dest: { spellings: ['-d', '--dest', '--destination-dir', '--destination-directory'], dest: 'download_dir', action: 'store', type: 'text', metavar: 'dir', default: '.' },
  yes: { spellings: ['-y', '--yes'], dest: 'yes', action: 'store_true' },
  local: { spellings: ['-l', '--local'], dest: 'local', action: 'store_true', default: false },
  'freeze:user': { spellings: ['--user'], dest: 'user', action: 'store_true', default: false },
  path: { spellings: ['--path'], dest: 'path', action: 'append', type: 'path', metavar: 'path' },
  all: { spellings: ['--all'], dest: 'freeze_all', action: 'store_true' },
  'exclude-editable': { spellings: ['--exclude-editable'], dest: 'exclude_editable', action: 'store_true' },
  exclude: { spellings: ['--exclude'], dest: 'excludes', action: 'append', type: 'project', metavar: 'package' },
  'inspect:local': { spellings: ['--local'], dest: 'local', action: 'store_true', default: false },
  outdated: { spellings: ['-o', '--outdated'], dest: 'outdated', action: 'store_true', default: false },
  uptodate: { spellings: ['-u', '--uptodate'], dest: 'uptodate', action: 'store_true', default: false },
  'list:editable': { spellings: ['-e', '--editable'], dest: 'editable', action: 'store_true', default: false },
  format: { spellings: ['--format'], dest: 'list_format', action: 'store', type: 'choice', choices: ['columns', 'freeze', 'json'], metavar: 'list_format', default: 'columns' },
  'not-required': { spellings: ['--not-required'], dest: 'not_required', action: 'store_true' },
  'list:exclude-editable': { spellings: ['--exclude-editable'], dest: 'include_editable', action: 'store_false' },
  'include-editable': { spellings: ['--include-editable'], dest: 'include_editable', action: 'store_true', default: true },
  files: { spellings: ['-f', '--files'], dest: 'files', action: 'store_true', default: false },
  editor: { spellings: ['--editor'], dest: 'editor', action: 'store', type: 'text', metavar: 'editor' },
  global: { spellings: ['--global'], dest: 'global_file', action: 'store_true', default: false },
  'config:user': { spellings: ['--user'], dest: 'user_file', action: 'store_true', default: false },
  site: { spellings: ['--site'], dest: 'site_file', action: 'store_true', default: false },
  index: { spellings: ['-i', '--index'], dest: 'index', action: 'store', type: 'text', metavar: 'url' },
  'cache:format': { spellings: ['--format'], dest: 'list_format', action: 'store', type: 'choice', choices: ['human', 'abspath'], metavar: 'list_format', default: 'human' },
  json: { spellings: ['--json'], dest: 'json', action: 'store_true', default: false },
  'wheel-dir': { spellings: ['-w', '--wheel-dir'], dest: 'wheel_dir', action: 'store', type: 'text', metavar: 'dir', default: '.' },
  'no-verify': { spellings: ['--no-verify'], dest: 'no_verify', action: 'store_true', default: false },
  algorithm: { spellings: ['-a', '--algorithm'], dest: 'algorithm', action: 'store', type: 'choice', choices: ['sha256', 'sha384', 'sha512'], metavar: 'algorithm', default: 'sha256' },
  bash: { spellings: ['-b', '--bash'], dest: 'shell', action: 'store_const', constant: 'bash' },
  zsh: { spellings: ['-z', '--zsh'], dest: 'shell', action: 'store_const', constant: 'zsh' },
  fish: { spellings: ['-f', '--fish'], dest: 'shell', action: 'store_const', constant: 'fish' },
  powershell: { spellings: ['-p', '--powershell'], dest: 'shell', action: 'store_const', constant: 'powershell' },
}

/** Options that stand together; keys of `pipOptions`. */
export const pipGroups: Readonly<Record<string, readonly string[]>> = {
  pip: ['version'],
  general: ['help', 'debug', 'isolated', 'require-virtualenv', 'python', 'verbose', 'quiet', 'log', 'no-input', 'keyring-provider', 'proxy', 'no-proxy-env', 'retries', 'timeout', 'exists-action', 'trusted-host', 'cert', 'client-cert', 'cache-dir', 'no-cache-dir', 'disable-pip-version-check', 'no-color', 'no-python-version-warning', 'use-feature', 'use-deprecated', 'resume-retries'],
  install: ['requirement', 'constraint', 'build-constraint', 'requirements-from-script', 'no-deps', 'only-deps', 'editable', 'dry-run', 'target', 'platform', 'python-version', 'implementation', 'abi', 'user', 'no-user', 'root', 'prefix', 'src', 'upgrade', 'upgrade-strategy', 'force-reinstall', 'ignore-installed', 'ignore-requires-python', 'no-build-isolation', 'use-pep517', 'check-build-dependencies', 'break-system-packages', 'config-settings', 'compile', 'no-compile', 'no-warn-script-location', 'no-warn-conflicts', 'require-hashes', 'no-require-hashes', 'progress-bar', 'root-user-action', 'report', 'group', 'no-clean'],
  'package selection': ['pre', 'all-releases', 'only-final', 'no-binary', 'only-binary', 'prefer-binary'],
  'package index': ['index-url', 'extra-index-url', 'no-index', 'refresh-package', 'find-links', 'uploaded-prior-to'],
  lock: ['output', 'requirement', 'requirements-from-script', 'constraint', 'build-constraint', 'no-deps', 'only-deps', 'editable', 'src', 'ignore-requires-python', 'no-build-isolation', 'use-pep517', 'check-build-dependencies', 'config-settings', 'require-hashes', 'no-require-hashes', 'progress-bar', 'group', 'no-clean'],
  download: ['constraint', 'build-constraint', 'requirement', 'requirements-from-script', 'no-deps', 'only-deps', 'src', 'require-hashes', 'no-require-hashes', 'progress-bar', 'no-build-isolation', 'use-pep517', 'check-build-dependencies', 'ignore-requires-python', 'dest', 'platform', 'python-version', 'implementation', 'abi', 'group', 'no-clean'],
  uninstall: ['requirement', 'yes', 'root-user-action', 'break-system-packages'],
  freeze: ['requirement', 'local', 'freeze:user', 'path', 'all', 'exclude-editable', 'exclude'],
  inspect: ['inspect:local', 'freeze:user', 'path'],
  list: ['outdated', 'uptodate', 'list:editable', 'local', 'freeze:user', 'path', 'format', 'not-required', 'list:exclude-editable', 'include-editable', 'exclude'],
  show: ['files'],
  config: ['editor', 'global', 'config:user', 'site'],
  search: ['index'],
  cache: ['cache:format'],
  index: ['platform', 'python-version', 'implementation', 'abi', 'ignore-requires-python', 'json'],
  wheel: ['wheel-dir', 'no-build-isolation', 'use-pep517', 'check-build-dependencies', 'constraint', 'build-constraint', 'editable', 'requirement', 'requirements-from-script', 'src', 'ignore-requires-python', 'no-deps', 'only-deps', 'progress-bar', 'no-verify', 'config-settings', 'require-hashes', 'no-require-hashes', 'group', 'no-clean'],
  hash: ['algorithm'],
  completion: ['bash', 'zsh', 'fish', 'powershell'],
  debug: ['platform', 'python-version', 'implementation', 'abi'],
}

/** The groups that may stand before the command. */
export const pipMain: readonly string[] = ['pip', 'general']

export const pipCommands: Readonly<Record<string, PipCommandGrammar>> = {
  install: { groups: ['install', 'package selection', 'package index', 'general'] },
  lock: { groups: ['lock', 'package selection', 'package index', 'general'] },
  download: { groups: ['download', 'package selection', 'package index', 'general'] },
  uninstall: { groups: ['uninstall', 'general'] },
  freeze: { groups: ['freeze', 'general'], anywhere: true },
  inspect: { groups: ['inspect', 'general'], anywhere: true },
  list: { groups: ['list', 'package selection', 'package index', 'general'], anywhere: true },
  show: { groups: ['show', 'general'], anywhere: true },
  check: { groups: ['general'], anywhere: true },
  config: { groups: ['config', 'general'], anywhere: true, actions: ['list', 'edit', 'get', 'set', 'unset', 'debug'] },
  search: { groups: ['search', 'general'], anywhere: true },
  cache: { groups: ['cache', 'general'], anywhere: true, actions: ['dir', 'info', 'list', 'remove', 'purge'] },
  index: { groups: ['index', 'package selection', 'package index', 'general'], anywhere: true, actions: ['versions'] },
  wheel: { groups: ['wheel', 'package selection', 'package index', 'general'] },
  hash: { groups: ['hash', 'general'], anywhere: true },
  completion: { groups: ['completion', 'general'], anywhere: true },
  debug: { groups: ['debug', 'general'], anywhere: true },
  help: { groups: ['general'], anywhere: true },
}
