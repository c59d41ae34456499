// What somebody may say of packages to whatever gets some: where they come from, which versions will do, how they are built. A request holds
// it beside what it says of its environment, its lock or its manifest, and hands it on whole to all that it does: resolving, locking,
// fetching, building, what is laid over for a run.

import type { ProjectSourcesRequest } from './project-sources.ts'

export interface PackageChoices extends ProjectSourcesRequest {
  /** Which Python: the environment's, and the one that builds run with. */
  readonly python?: string
  /** Who asks for it, where that is not the caller: a variable. */
  readonly pythonFrom?: string
  readonly strategy?: 'highest' | 'lowest' | 'lowest-direct'
  readonly forkStrategy?: 'requires-python' | 'fewest'
  readonly prereleases?: 'allow' | 'never' | 'if-asked'
  /** Projects, or ":all:". */
  readonly noBinary?: readonly string[]
  readonly onlyBinary?: readonly string[]
  readonly configSettings?: Readonly<Record<string, string | readonly string[]>>
  readonly noBuildIsolation?: boolean
}

/** Each of them: the compiler misses one that is forgotten here. */
const names: Readonly<Record<keyof PackageChoices, true>> = {
  python: true,
  pythonFrom: true,
  index: true,
  extraIndexes: true,
  findLinks: true,
  noIndex: true,
  indexStrategy: true,
  offline: true,
  refresh: true,
  excludeNewer: true,
  excludeNewerAge: true,
  minimumAge: true,
  strategy: true,
  forkStrategy: true,
  prereleases: true,
  noBinary: true,
  onlyBinary: true,
  configSettings: true,
  noBuildIsolation: true,
}

/** What a request says of packages, without the rest of it. */
export function packageChoices(request: PackageChoices): PackageChoices {
  return Object.fromEntries(Object.entries(request).filter(([name, value]) => name in names && value !== undefined))
}
