// What install, download, wheel and lock are asked for, as plain data: no argv in it and no configuration file. pip's face makes it of
// a command line (cli/compat/pip/install-request.ts); den's own verbs and the library make it themselves.

import type { IndexStrategy } from '../config/index-strategy.ts'
import type { ResolveRequest } from '../engine/resolve-request.ts'
import type { InstallPlace } from '../env/schemes.ts'
import type { SourceSettings } from '../indexes/package-source.ts'

export type { InstallPlace } from '../env/schemes.ts'

/** What is wanted. Texts are as written; the files are not read yet. */
export interface WantedPackages {
  /** One each: `six`, `six==1.0; python_version > "3"`, a path, an address, `name @ address`. */
  readonly requirements: readonly string[]
  /** Local directories and VCS addresses to install in place. */
  readonly editables: readonly string[]
  /** requirements.txt files and pylock.toml files (with `[extra]` behind them): paths or addresses. */
  readonly requirementFiles: readonly string[]
  /** What the file `-` holds, where that is standard input. */
  readonly standardInput?: Uint8Array
  readonly constraintFiles: readonly string[]
  /** requirements.txt files whose requirements stand in place of whatever is asked of the projects they name. */
  readonly overrideFiles?: readonly string[]
  /** Python files with a `script` block (PEP 723). */
  readonly scripts: readonly string[]
  /** Dependency groups (PEP 735) and the pyproject.toml or pylock.toml they stand in. */
  readonly groups: readonly { readonly file: string; readonly group: string }[]
  /** `none`: what is named and nothing else; `only`: what the named ones need, without themselves. */
  readonly dependencies: 'all' | 'none' | 'only'
}

/** Projects by normal name; `:all:` stands for every one. */
export type ProjectSet = ReadonlySet<string>

/** Which of the files that there are may be taken. */
export interface FileChoice {
  readonly noBinary: ProjectSet
  readonly onlyBinary: ProjectSet
  readonly preferBinary: boolean
  /** Pre-releases as well, or never; projects in neither set follow PEP 440. */
  readonly allReleases: ProjectSet
  readonly onlyFinal: ProjectSet
  /** Milliseconds since 1970: only files uploaded before. */
  readonly uploadedBefore?: number
  readonly ignoreRequiresPython: boolean
  /** `auto`: as soon as one requirement has a hash all need one. */
  readonly hashes: 'auto' | 'require' | 'ignore'
}

/** Where files come from. Addresses as written, with their credentials: they are turned into SafeUrls before anything is shown. */
export interface PackageSources {
  /** The main index; undefined: the public one. */
  readonly index?: string
  readonly extraIndexes: readonly string[]
  /** No index is asked, only `findLinks`. */
  readonly noIndex: boolean
  readonly findLinks: readonly string[]
  /** From all indexes the best version, as pip has it, or from the first index that has the project; undefined: what settings say. */
  readonly policy?: IndexStrategy
  /** Ask again about these projects, whatever the cache holds. */
  readonly refresh: ProjectSet
  readonly offline?: boolean
}

export interface NetworkWishes {
  /** Hosts, or host:port, whose certificate is not looked at. */
  readonly trustedHosts: readonly string[]
  readonly proxy?: string
  /** HTTP_PROXY and its kin have no say. */
  readonly ignoreProxyVariables: boolean
  readonly retries: number
  /** How often a download that broke off is taken up again. */
  readonly resumeRetries: number
  /** Seconds without a byte. */
  readonly timeout: number
  readonly certificates?: string
  readonly clientCertificate?: string
  readonly keyring: 'auto' | 'disabled' | 'import' | 'subprocess'
  /** Whether the user may be asked for a password. */
  readonly mayAsk: boolean
  /** False: no cache; undefined: den's own. */
  readonly cache?: string | false
}

export interface BuildWishes {
  readonly isolation: boolean
  /** Check that what a build needs is there, where `isolation` is off. */
  readonly checkDependencies: boolean
  readonly constraintFiles: readonly string[]
  readonly configSettings: Readonly<Record<string, string | readonly string[]>>
  /** Where VCS editables are checked out; undefined: `src` in the environment. */
  readonly sourceDirectory?: string
  /** What becomes of another repository that stands there: it is left alone, and the request refused, unless said. */
  readonly inTheWay?: 'switch' | 'keep' | 'wipe' | 'back up'
  readonly keepDirectories: boolean
  /** The directory of the project that this is for: its formats hold for what comes from addresses as well. */
  readonly project?: string
}

/** The tags that are asked for instead of the environment's own. */
export interface TargetWishes {
  readonly platforms?: readonly string[]
  /** [3], [3, 12] or [3, 12, 1]. */
  readonly pythonVersion?: readonly number[]
  readonly implementation?: string
  readonly abis?: readonly string[]
}

/** The Python, or the environment, that a command is about. */
export interface EnvironmentWish {
  /** `--python`: an executable, an environment's directory, a name. */
  readonly python?: string
  /** Refuse to work outside of a virtual environment. */
  readonly requireVirtual: boolean
  /** PIP_* variables and the user's configuration have no say. */
  readonly isolated: boolean
}

/** What install, download, wheel and lock have in common. */
export interface PackagesRequest {
  readonly wanted: WantedPackages
  readonly choice: FileChoice
  readonly sources: PackageSources
  readonly network: NetworkWishes
  readonly build: BuildWishes
  readonly environment: EnvironmentWish
  readonly target: TargetWishes
  /** pip's names of features that were asked for; den does what they ask for anyway, or passes over them. */
  readonly features: readonly string[]
  /** In place of what `sources` and `network` come to: what a project has settled. */
  readonly settings?: SourceSettings
  /** What pip has no words for. */
  readonly solving?: Pick<ResolveRequest, 'strategy' | 'exclusions' | 'preferences'>
}

export interface InstallPackagesRequest extends PackagesRequest {
  readonly place: InstallPlace
  /** All paths are put below this directory, as if it were the root of the file system. */
  readonly root?: string
  /** `needed`: what is named; `eager`: what it needs too. */
  readonly upgrade: 'no' | 'needed' | 'eager'
  readonly forceReinstall: boolean
  /** What is neither named nor required goes. */
  readonly exact?: boolean
  /** As if nothing were installed. */
  readonly ignoreInstalled: boolean
  /** Also where a package manager owns the environment (PEP 668). */
  readonly breakSystemPackages: boolean
  readonly compileBytecode: boolean
  /** It was asked for, as opposed to being what pip does unless told otherwise: then nothing is left for later. */
  readonly compileNow?: boolean
  readonly dryRun: boolean
  /** Where the report goes: a file, or `-`. */
  readonly report?: string
  readonly warnings: { readonly scriptsOutsidePath: boolean; readonly conflicts: boolean; readonly root: boolean }
}

export interface DownloadRequest extends PackagesRequest {
  readonly directory: string
}

export interface WheelRequest extends PackagesRequest {
  readonly directory: string
  /** Whether a wheel that was built is looked at before it is handed over. */
  readonly verify: boolean
}

export interface LockRequest extends PackagesRequest {
  /** The pylock.toml to write, or `-`. */
  readonly output: string
}

export interface UninstallPackagesRequest {
  /** Names as typed; what stands behind a name counts not. */
  readonly names: readonly string[]
  readonly requirementFiles: readonly string[]
  readonly environment: EnvironmentWish
  readonly breakSystemPackages: boolean
}
