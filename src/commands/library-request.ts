// What a program asks for, in few words, as the whole request that pip's face makes of a command line. What it leaves open comes from
// pip's configuration (files and PIP_* variables), so that a program finds the indexes that its user's pip finds.

import type { IndexStrategy } from '../config/index-strategy.ts'
import { type PipConfigEntry, pipConfigItems, pipFlag, readPipConfig } from '../config/pip-config.ts'
import { selectEnvironment } from '../env/select.ts'
import { type Host, variable } from '../host/host.ts'
import type { SourceSettings } from '../indexes/package-source.ts'
import { normalizeName } from '../spec/name.ts'
import type { Core } from './core.ts'
import type { EnvironmentWish, NetworkWishes, PackageSources, PackagesRequest, ProjectSet } from './install-request.ts'

/** Where packages come from. What is left out is as pip's configuration says. */
export interface IndexWish {
  /** The main index's simple API. */
  readonly index?: string
  readonly extraIndexes?: readonly string[]
  /** Directories and pages with links to files. */
  readonly findLinks?: readonly string[]
  /** Ask no index, only `findLinks`. */
  readonly noIndex?: boolean
  readonly indexStrategy?: IndexStrategy
  /** Ask nobody: what the cache has must do. */
  readonly offline?: boolean
}

/** What is wanted of which packages. */
export interface PackagesWish extends IndexWish {
  /** As on a command line: `six`, `six>=1.16`, `./project`, `name @ https://…`. */
  readonly packages?: readonly string[]
  /** requirements.txt and pylock.toml files. */
  readonly requirements?: readonly string[]
  /** Python files that say what they require (PEP 723). */
  readonly scripts?: readonly string[]
  /** What `-` among the files of requirements stands for. */
  readonly standardInput?: Uint8Array
  /** Directories and repositories to install in place. */
  readonly editables?: readonly string[]
  readonly constraints?: readonly string[]
  /** Files whose requirements stand in place of whatever is asked of the projects they name. */
  readonly overrides?: readonly string[]
  /** Dependency groups of ./pyproject.toml, or of the file that is named. */
  readonly groups?: readonly (string | { readonly file: string; readonly group: string })[]
  /** What packages require is left out. */
  readonly noDependencies?: boolean
  /** Pre-releases of all projects, or of these. */
  readonly prereleases?: boolean | readonly string[]
  /** Projects to be built, and such that must not be. */
  readonly noBinary?: readonly string[] | true
  readonly onlyBinary?: readonly string[] | true
  /** Milliseconds since 1970: only files uploaded before. */
  readonly uploadedBefore?: number
}

/** The same for a project's packages. */
export interface ProjectPackagesWish extends PackagesWish {
  /** In place of all that is said of indexes: a project's own, with those that it names for particular packages. */
  readonly settings?: SourceSettings
  readonly solving?: PackagesRequest['solving']
  /** False: built with what the Python that is chosen for has installed. */
  readonly buildIsolation?: boolean
  readonly configSettings?: Readonly<Record<string, string | readonly string[]>>
  /** Its directory: what it says of formats holds for what comes from addresses as well. */
  readonly project?: string
}

/** Which environment is meant. */
export interface EnvironmentOf {
  /** Its directory or name, or a Python; the nearest `.venv`, else the active one, unless said. */
  readonly environment?: string
}

/** The environment as pip's commands take it. Throws `environment-not-found`. */
export function environmentWish(core: Core, { environment }: EnvironmentOf): EnvironmentWish {
  return { python: environment ?? selectEnvironment(core).root, requireVirtual: false, isolated: false }
}

/** The whole request. Throws `invalid-ini`, `invalid-setting`, `environment-not-found`. */
export function packagesRequest(core: Core, wish: ProjectPackagesWish & EnvironmentOf): PackagesRequest {
  const { host } = core
  const settings = readSettings(host)
  const { prereleases } = wish
  return {
    wanted: {
      requirements: wish.packages ?? [],
      editables: wish.editables ?? [],
      requirementFiles: wish.requirements ?? [],
      ...(wish.standardInput === undefined ? {} : { standardInput: wish.standardInput }),
      constraintFiles: wish.constraints ?? [],
      overrideFiles: wish.overrides ?? [],
      scripts: wish.scripts ?? [],
      groups: (wish.groups ?? []).map((one) =>
        typeof one === 'string' ? { file: 'pyproject.toml', group: one } : one,
      ),
      dependencies: wish.noDependencies === true ? 'none' : 'all',
    },
    choice: {
      noBinary: projects(wish.noBinary),
      onlyBinary: projects(wish.onlyBinary),
      preferBinary: false,
      allReleases: projects(prereleases === false ? undefined : prereleases),
      onlyFinal: projects(prereleases === false || undefined),
      ignoreRequiresPython: false,
      hashes: 'auto',
      ...(wish.uploadedBefore === undefined ? {} : { uploadedBefore: wish.uploadedBefore }),
    },
    sources: packageSources(host, wish, settings),
    network: networkWishes(settings),
    build: {
      isolation: wish.buildIsolation !== false,
      checkDependencies: false,
      constraintFiles: [],
      configSettings: wish.configSettings ?? {},
      keepDirectories: false,
      ...(wish.project === undefined ? {} : { project: wish.project }),
    },
    environment: environmentWish(core, wish),
    target: {},
    features: [],
    ...(wish.settings === undefined ? {} : { settings: wish.settings }),
    ...(wish.solving === undefined ? {} : { solving: wish.solving }),
  }
}

function projects(given: readonly string[] | boolean | undefined): ProjectSet {
  return new Set(given === true ? [':all:'] : given ? given.map(normalizeName) : [])
}

/** Where packages come from and through which connection, without a word on what is wanted. Throws `invalid-ini`. */
export function indexRequest(
  host: Host,
  wish: IndexWish,
): { readonly sources: PackageSources; readonly network: NetworkWishes } {
  const settings = readSettings(host)
  return { sources: packageSources(host, wish, settings), network: networkWishes(settings) }
}

type Settings = ReadonlyMap<string, PipConfigEntry>

function readSettings(host: Host): Settings {
  return new Map(pipConfigItems(readPipConfig(host), 'install').map((item) => [item.name, item]))
}

function packageSources(host: Host, wish: IndexWish, settings: Settings): PackageSources {
  const text = (...names: readonly string[]): string | undefined =>
    names.map((name) => settings.get(name)?.value.trim()).find((value) => value !== undefined && value !== '')
  const list = (name: string): readonly string[] => text(name)?.split(/\s+/) ?? []
  const index = wish.index ?? (variable(host, 'DEN_INDEX_URL')?.trim() || text('index-url', 'pypi-url'))
  const noIndex = wish.noIndex ?? pipFlag(text('no-index') ?? '') === true
  return {
    ...(index === undefined ? {} : { index }),
    // Who names an index names all of them: a further one of the user's could bring what the program does not expect.
    extraIndexes: wish.extraIndexes ?? (wish.index === undefined ? list('extra-index-url') : []),
    noIndex,
    findLinks: wish.findLinks ?? (wish.index === undefined ? list('find-links') : []),
    refresh: new Set(),
    ...(wish.indexStrategy === undefined ? {} : { policy: wish.indexStrategy }),
    ...(wish.offline === undefined ? {} : { offline: wish.offline }),
  }
}

function networkWishes(settings: Settings): NetworkWishes {
  const text = (name: string): string | undefined => settings.get(name)?.value.trim() || undefined
  const number = (name: string, otherwise: number): number => {
    const value = Number(text(name) ?? Number.NaN)
    return Number.isFinite(value) && value >= 0 ? value : otherwise
  }
  const keyring = text('keyring-provider')
  const [proxy, certificates, clientCertificate] = [text('proxy'), text('cert'), text('client-cert')]
  return {
    trustedHosts: text('trusted-host')?.split(/\s+/) ?? [],
    ignoreProxyVariables: pipFlag(text('no-proxy-env') ?? '') === true,
    retries: number('retries', 5),
    resumeRetries: number('resume-retries', 5),
    timeout: number('timeout', 15),
    keyring: keyring === 'disabled' || keyring === 'import' || keyring === 'subprocess' ? keyring : 'auto',
    // A program has no terminal to ask on.
    mayAsk: false,
    ...(proxy === undefined ? {} : { proxy }),
    ...(certificates === undefined ? {} : { certificates }),
    ...(clientCertificate === undefined ? {} : { clientCertificate }),
  }
}
