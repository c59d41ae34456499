// What a project says of itself and of what it needs, whichever tool's words it says it in: the one value that locking, syncing, adding
// and telling start from.

import type { ExtraName, ProjectName } from '../base/brand.ts'
import type { Diagnosis } from '../base/error.ts'
import type { TomlDocument } from '../format/toml.ts'
import type { DependencyGroups } from '../spec/dependency-groups.ts'
import type { Marker } from '../spec/marker.ts'
import type { Requirement } from '../spec/requirement.ts'
import type { SpecifierSet } from '../spec/specifier.ts'
import type { Version } from '../spec/version.ts'

/** The tool in whose words a project's dependencies stand. */
export type ManifestDialect = 'standard' | 'poetry'

export interface Manifest {
  /** Absolute. */
  readonly file: string
  readonly directory: string
  /** As it was read: edits start from it, and a change by somebody else in between is noticed. */
  readonly text: string
  readonly document: TomlDocument
  readonly dialect: ManifestDialect
  /** Of a script, the name of its file. */
  readonly script?: string
  readonly name?: ProjectName
  readonly rawName?: string
  /** Absent where it is dynamic. */
  readonly version?: Version
  /** Where it is dynamic: what the lock says that the backend told. */
  readonly requiresPython?: SpecifierSet
  readonly dependencies: readonly Requirement[]
  readonly extras: ReadonlyMap<ExtraName, readonly Requirement[]>
  readonly groups: DependencyGroups
  /** Groups that are synced unless told otherwise. */
  readonly defaultGroups: readonly string[]
  /** The project itself is installed (editable): it has a [build-system], or says so. */
  readonly isPackage: boolean
  /** Fields that only the build backend tells: where `dependencies` is among them, its metadata has the rest of them. */
  readonly dynamic: ReadonlySet<string>
  readonly settings: ResolutionSettings
  /** What is written there and means nothing to den. */
  readonly warnings: readonly Diagnosis[]
}

/** What a project settles about choosing and finding packages: of [tool.den], else of the tool whose project it is. */
export interface ResolutionSettings {
  /** Where particular projects come from. Several apply by their markers. */
  readonly sources: ReadonlyMap<ProjectName, readonly DependencySource[]>
  readonly indexes: readonly IndexDefinition[]
  /** Directories and pages with links to files, as written; relative to the project. */
  readonly findLinks: readonly string[]
  readonly constraints: readonly Requirement[]
  readonly overrides: readonly Requirement[]
  readonly exclusions: readonly ProjectName[]
  /** Whom the lock is for: every environment unless said. */
  readonly environments: readonly Marker[]
  /** For each of these every package must have a file that can be installed. */
  readonly requiredEnvironments: readonly Marker[]
  /** Extras and groups of which no two of a list are ever wanted together. */
  readonly conflicts: readonly (readonly ConflictItem[])[]
  /** Milliseconds since 1970. */
  readonly excludeNewer?: number
  /** Where that was said as an age ("1 week"): the milliseconds, which stay the same as time goes by. */
  readonly excludeNewerAge?: number
  readonly prereleases?: 'allow' | 'never' | 'if-asked'
  readonly strategy?: 'highest' | 'lowest' | 'lowest-direct'
  readonly forkStrategy?: 'requires-python' | 'fewest'
  /** Projects, or ":all:". */
  readonly noBinary: readonly string[]
  readonly onlyBinary: readonly string[]
}

export type ConflictItem = { readonly extra: ExtraName } | { readonly group: string }

export type DependencySource = {
  readonly marker?: Marker
  readonly extra?: ExtraName
  readonly group?: string
} /** As written; relative to the project. */ & (
  | { readonly kind: 'path'; readonly path: string; readonly editable?: boolean; readonly subdirectory?: string }
  | { readonly kind: 'git'; readonly url: string; readonly revision?: string; readonly subdirectory?: string }
  | { readonly kind: 'url'; readonly url: string; readonly subdirectory?: string }
  | { readonly kind: 'index'; readonly index: string }
)

export interface IndexDefinition {
  readonly name?: string
  /** As written; may hold credentials or `${VARIABLES}`. */
  readonly url: string
  /** Takes the place of the default index. */
  readonly isDefault: boolean
  /** Asked only for projects that name it. */
  readonly isExplicit: boolean
  /** A page or directory with links to files, and no simple API. */
  readonly isFlat?: true
}
