// What pip's options hold once they are read, under the names that pip itself gives them (`dest` in grammar.ts). A command has those
// of its own table; the rest are undefined.

/** `--no-binary` and `--only-binary`: projects, or `:all:`. */
export interface FormatControl {
  readonly noBinary: ReadonlySet<string>
  readonly onlyBinary: ReadonlySet<string>
}

/** `--all-releases` and `--only-final`: projects, or `:all:`. */
export interface ReleaseControl {
  readonly allReleases: ReadonlySet<string>
  readonly onlyFinal: ReadonlySet<string>
}

export interface PipOptions {
  // General.
  readonly debug_mode: boolean
  readonly isolated_mode: boolean
  readonly require_venv: boolean
  readonly python?: string
  readonly verbose: number
  readonly quiet: number
  readonly log?: string
  readonly no_input: boolean
  readonly keyring_provider: string
  readonly proxy?: string
  readonly no_proxy_env: boolean
  readonly retries: number
  readonly resume_retries: number
  readonly timeout: number
  readonly exists_action: readonly string[]
  readonly trusted_hosts: readonly string[]
  readonly cert?: string
  readonly client_cert?: string
  /** False: no cache. */
  readonly cache_dir?: string | false
  readonly disable_pip_version_check: boolean
  readonly no_color: boolean
  readonly features_enabled: readonly string[]
  readonly deprecated_features_enabled: readonly string[]

  // What to install, and where.
  readonly requirements?: readonly string[]
  readonly constraints?: readonly string[]
  readonly build_constraints?: readonly string[]
  readonly requirements_from_scripts?: readonly string[]
  readonly dependency_groups?: readonly (readonly [path: string, group: string])[]
  readonly editables?: readonly string[]
  readonly ignore_dependencies?: boolean
  readonly only_dependencies?: boolean
  readonly dry_run?: boolean
  readonly target_dir?: string
  readonly root_path?: string
  readonly prefix_path?: string
  readonly use_user_site?: boolean
  readonly platforms?: readonly string[]
  readonly python_version?: readonly number[]
  readonly implementation?: string
  readonly abis?: readonly string[]
  readonly src_dir?: string
  readonly download_dir?: string
  readonly wheel_dir?: string
  readonly output_file?: string
  readonly upgrade?: boolean
  readonly upgrade_strategy?: string
  readonly force_reinstall?: boolean
  readonly ignore_installed?: boolean
  readonly ignore_requires_python?: boolean
  readonly build_isolation?: boolean
  readonly check_build_deps?: boolean
  readonly override_externally_managed?: boolean
  readonly config_settings?: Readonly<Record<string, string | readonly string[]>>
  readonly compile?: boolean
  readonly warn_script_location?: boolean
  readonly warn_about_conflicts?: boolean
  readonly require_hashes?: boolean
  readonly no_require_hashes?: boolean
  readonly progress_bar?: string
  readonly root_user_action?: string
  readonly json_report_file?: string
  readonly no_clean?: boolean
  readonly no_verify?: boolean

  // Which files to choose, and from where.
  readonly pre?: boolean
  readonly release_control?: ReleaseControl
  readonly format_control?: FormatControl
  readonly prefer_binary?: boolean
  /** Undefined: the public index. */
  readonly index_url?: string
  readonly extra_index_urls?: readonly string[]
  readonly no_index?: boolean
  readonly refresh_package?: ReadonlySet<string>
  readonly find_links?: readonly string[]
  /** Milliseconds since 1970. */
  readonly uploaded_prior_to?: number

  // The other commands.
  readonly yes?: boolean
  readonly local?: boolean
  readonly user?: boolean
  readonly path?: readonly string[]
  readonly freeze_all?: boolean
  readonly exclude_editable?: boolean
  readonly include_editable?: boolean
  readonly excludes?: readonly string[]
  readonly outdated?: boolean
  readonly uptodate?: boolean
  readonly editable?: boolean
  readonly list_format?: string
  readonly not_required?: boolean
  readonly files?: boolean
  readonly editor?: string
  readonly global_file?: boolean
  readonly user_file?: boolean
  readonly site_file?: boolean
  readonly json?: boolean
  readonly algorithm?: string
  readonly shell?: string

  // den's additions.
  readonly overrides?: readonly string[]
  readonly index_strategy?: string
  readonly exact?: boolean
  readonly allow_empty?: boolean
  readonly upgrade_all?: boolean
  readonly compile_output?: string
  readonly generate_hashes?: boolean
  readonly upgrade_packages?: readonly string[]
  readonly extras?: readonly string[]
  readonly all_extras?: boolean
  readonly resolution?: string
  readonly left_out?: readonly string[]
  readonly strip_extras?: boolean
  readonly keep_extras?: boolean
  readonly no_annotate?: boolean
  readonly no_header?: boolean
  readonly emit_index_url?: boolean
  readonly universal?: boolean
  readonly invert?: boolean
  readonly depth?: number
}
