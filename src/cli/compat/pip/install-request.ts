// pip's options as requests: what they say, checked against each other as pip checks it.

import { DenError } from '../../../base/error.ts'
import type {
  BuildWishes,
  DownloadRequest,
  EnvironmentWish,
  FileChoice,
  InstallPackagesRequest,
  InstallPlace,
  LockRequest,
  NetworkWishes,
  PackageSources,
  PackagesRequest,
  TargetWishes,
  WantedPackages,
  WheelRequest,
} from '../../../commands/install-request.ts'
import { parseIndexStrategy } from '../../../config/index-strategy.ts'
import type { Host } from '../../../host/host.ts'
import { defined } from '../../options/values.ts'
import { pipCommands } from './grammar.ts'
import type { PipOptions } from './options.ts'

/** One parsed command line. */
export interface PipInvocation {
  /** "install", for messages. */
  readonly command: string
  readonly options: PipOptions
  readonly operands: readonly string[]
  /** As typed. */
  readonly argv?: readonly string[]
  /** What is wanted is found elsewhere: nothing needs to be named. */
  readonly namesNothing?: boolean
  /** `--python`, or what PIP_PYTHON says. */
  readonly python?: string
}

type Paths = Pick<Host, 'path' | 'cwd' | 'files'>

const refused = (command: string, because: string, ...fix: readonly string[]): DenError =>
  new DenError('pip-options-refused', { command: `pip ${command}`, because, fix })

/** pip install. Throws `pip-options-refused` where the options do not go together. */
export function installRequest(host: Paths, invocation: PipInvocation): InstallPackagesRequest {
  const { options, command } = invocation
  if (options.use_user_site === true && options.target_dir !== undefined) {
    throw refused(command, '--user and --target name two places', 'leave one of them out')
  }
  checkTargetWishes(invocation, { needsPlace: true })
  const place = placeOf(host, options)
  if (place.kind === 'user' && options.prefix_path !== undefined) {
    throw refused(command, '--user and --prefix name two places', 'leave one of them out')
  }
  if (place.kind === 'target' && (host.files.stat(place.directory)?.kind ?? 'directory') !== 'directory') {
    throw refused(command, `${place.directory} is there and is no directory`, 'choose another --target')
  }
  return {
    ...packagesRequest(invocation),
    place,
    upgrade: options.upgrade !== true ? 'no' : options.upgrade_strategy === 'eager' ? 'eager' : 'needed',
    forceReinstall: options.force_reinstall === true,
    exact: options.exact === true,
    // What is in a target directory counts as nothing, for pip.
    ignoreInstalled: options.ignore_installed === true || place.kind === 'target',
    breakSystemPackages: options.override_externally_managed === true,
    compileBytecode: options.compile !== false,
    // To compile is what pip does unless told otherwise, so the option's value tells nothing: only being typed does.
    ...(options.compile === true && invocation.argv?.some((word) => /^--com(?:p(?:i(?:le?)?)?)?$/.test(word)) === true
      ? { compileNow: true }
      : {}),
    dryRun: options.dry_run === true,
    warnings: {
      scriptsOutsidePath: options.warn_script_location !== false && place.kind !== 'target',
      // Who leaves dependencies out is not told that they are not there.
      conflicts: options.warn_about_conflicts !== false && options.ignore_dependencies !== true,
      root: options.root_user_action !== 'ignore',
    },
    ...defined({ root: absolute(host, options.root_path), report: options.json_report_file }),
  }
}

/** pip download. */
export function downloadRequest(host: Paths, invocation: PipInvocation): DownloadRequest {
  checkTargetWishes(invocation, { needsPlace: false })
  const directory = absolute(host, invocation.options.download_dir ?? '.')!
  return { ...packagesRequest(invocation), directory }
}

/** pip wheel. */
export function wheelRequest(host: Paths, invocation: PipInvocation): WheelRequest {
  const { options } = invocation
  const directory = absolute(host, options.wheel_dir ?? '.')!
  return { ...packagesRequest(invocation), directory, verify: options.no_verify !== true }
}

/** pip lock. */
export function lockRequest(host: Paths, invocation: PipInvocation): LockRequest {
  const output = invocation.options.output_file ?? 'pylock.toml'
  return { ...packagesRequest(invocation), output: output === '-' ? '-' : absolute(host, output)! }
}

function absolute({ path, cwd }: Paths, place: string | undefined): string | undefined {
  return place === undefined || place === '' ? undefined : path.resolve(cwd, place)
}

function placeOf(host: Paths, options: PipOptions): InstallPlace {
  const target = absolute(host, options.target_dir)
  if (target !== undefined) return { kind: 'target', directory: target }
  if (options.use_user_site === true) return { kind: 'user' }
  const prefix = absolute(host, options.prefix_path)
  return prefix === undefined ? { kind: 'environment' } : { kind: 'prefix', directory: prefix }
}

/** What commands that choose packages have in common. Throws `pip-options-refused`. */
export function packagesRequest(invocation: PipInvocation): PackagesRequest {
  const { options } = invocation
  return {
    wanted: wantedPackages(invocation),
    choice: fileChoice(invocation),
    sources: packageSources(options),
    network: networkWishes(options),
    build: buildWishes(options),
    environment: environmentWish(invocation),
    target: targetWishes(options),
    features: [...options.features_enabled, ...options.deprecated_features_enabled],
  }
}

function wantedPackages({ command, options, operands, namesNothing }: PipInvocation): WantedPackages {
  const { ignore_dependencies: none, only_dependencies: only } = options
  if (only === true) {
    const others = [
      ['--no-deps', none === true],
      ['--requirement', options.requirements?.length],
      ['--requirements-from-script', options.requirements_from_scripts?.length],
      ['--group', options.dependency_groups?.length],
    ] as const
    const [other] = others.find(([, given]) => given) ?? []
    if (other !== undefined) throw refused(command, `--only-deps does not go with ${other}`, 'leave one of them out')
  }
  const wanted: WantedPackages = {
    requirements: operands,
    editables: options.editables ?? [],
    requirementFiles: options.requirements ?? [],
    constraintFiles: options.constraints ?? [],
    scripts: options.requirements_from_scripts ?? [],
    groups: (options.dependency_groups ?? []).map(([file, group]) => ({ file, group })),
    ...defined({ overrideFiles: options.overrides?.length === 0 ? undefined : options.overrides }),
    dependencies: none === true ? 'none' : only === true ? 'only' : 'all',
  }
  const { requirements, editables, requirementFiles, scripts, groups } = wanted
  if (
    namesNothing !== true &&
    [requirements, editables, requirementFiles, scripts, groups].every(({ length }) => length === 0)
  ) {
    const [place] = options.find_links ?? []
    throw refused(
      command,
      'nothing is named',
      ...(place === undefined ? [] : [`name what to take from ${place}: pip ${command} -f ${place} PACKAGE`]),
      `name a package: pip ${command} PACKAGE`,
      `or a file of them: pip ${command} -r requirements.txt`,
    )
  }
  return wanted
}

/** Which files pip's options let in. Throws `pip-options-refused`. */
export function fileChoice({ command, options }: Pick<PipInvocation, 'command' | 'options'>): FileChoice {
  const { release_control: releases, format_control: formats } = options
  const allReleases = new Set(releases?.allReleases)
  const onlyFinal = new Set(releases?.onlyFinal)
  if (options.pre === true) {
    if (allReleases.size > 0 || onlyFinal.size > 0) {
      throw refused(
        command,
        '--pre does not go with --all-releases and --only-final',
        'leave --pre out: --all-releases :all: says the same',
      )
    }
    allReleases.add(':all:')
  }
  if (options.require_hashes === true && options.no_require_hashes === true) {
    throw refused(command, '--require-hashes and --no-require-hashes say the opposite', 'leave one of them out')
  }
  return {
    noBinary: formats?.noBinary ?? new Set(),
    onlyBinary: formats?.onlyBinary ?? new Set(),
    preferBinary: options.prefer_binary === true,
    allReleases,
    onlyFinal,
    ignoreRequiresPython: options.ignore_requires_python === true,
    hashes: options.require_hashes === true ? 'require' : options.no_require_hashes === true ? 'ignore' : 'auto',
    ...defined({ uploadedBefore: options.uploaded_prior_to }),
  }
}

/** Where pip's options say that files come from. */
export function packageSources(options: PipOptions): PackageSources {
  const noIndex = options.no_index === true
  return {
    extraIndexes: noIndex ? [] : (options.extra_index_urls ?? []),
    noIndex,
    findLinks: options.find_links ?? [],
    refresh: options.refresh_package ?? new Set(),
    ...defined({
      policy:
        options.index_strategy === undefined
          ? undefined
          : parseIndexStrategy(options.index_strategy, '--index-strategy'),
    }),
    ...defined({ index: noIndex ? undefined : options.index_url }),
  }
}

/** How pip's options say that the network is used. */
export function networkWishes(options: PipOptions): NetworkWishes {
  return {
    trustedHosts: options.trusted_hosts,
    ignoreProxyVariables: options.no_proxy_env,
    retries: options.retries,
    resumeRetries: options.resume_retries,
    timeout: options.timeout,
    // The option's choices are these.
    keyring: options.keyring_provider as NetworkWishes['keyring'],
    mayAsk: !options.no_input,
    ...defined({
      proxy: options.proxy,
      certificates: options.cert,
      clientCertificate: options.client_cert,
      cache: options.cache_dir,
    }),
  }
}

/** pip's letters; `a` ends the command, which den does unless told otherwise. */
const inTheWay: ReadonlyMap<string, NonNullable<BuildWishes['inTheWay']>> = new Map([
  ['s', 'switch'],
  ['i', 'keep'],
  ['w', 'wipe'],
  ['b', 'back up'],
])

function buildWishes(options: PipOptions): BuildWishes {
  return {
    isolation: options.build_isolation !== false,
    checkDependencies: options.check_build_deps === true,
    constraintFiles: options.build_constraints ?? [],
    configSettings: options.config_settings ?? {},
    keepDirectories: options.no_clean === true,
    ...defined({ sourceDirectory: options.src_dir, inTheWay: inTheWay.get(options.exists_action.at(-1) ?? '') }),
  }
}

/** Which environment pip's options are about. */
export function environmentWish({ command, options, python }: PipInvocation): EnvironmentWish {
  return {
    // Commands that change nothing may be run anywhere all the same.
    requireVirtual: options.require_venv && pipCommands[command]?.anywhere !== true,
    isolated: options.isolated_mode,
    ...defined({ python }),
  }
}

/** The tags that pip's options ask for. */
export function targetWishes(options: PipOptions): TargetWishes {
  return defined({
    platforms: options.platforms,
    pythonVersion: options.python_version,
    implementation: options.implementation,
    abis: options.abis,
  })
}

/** Wheels for another machine cannot be mixed with what this machine would build. */
function checkTargetWishes(
  { command, options }: PipInvocation,
  { needsPlace }: { readonly needsPlace: boolean },
): void {
  if (Object.keys(targetWishes(options)).length === 0) return
  const formats = options.format_control
  const onlyWheels =
    formats?.onlyBinary.has(':all:') === true && formats.onlyBinary.size === 1 && formats.noBinary.size === 0
  if (!onlyWheels && options.ignore_dependencies !== true) {
    throw refused(
      command,
      '--platform, --python-version, --implementation and --abi ask for another machine, for which nothing can be built here',
      'take wheels alone: add --only-binary=:all:',
      'take only what is named: add --no-deps',
    )
  }
  if (needsPlace && options.dry_run !== true && options.target_dir === undefined) {
    throw refused(
      command,
      'packages for another machine do not belong in this environment',
      'put them in a directory of their own: add --target DIR',
      'only look what would be installed: add --dry-run',
    )
  }
}
