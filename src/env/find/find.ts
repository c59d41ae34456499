// Every environment on the machine: the locators name places, each place is read once, and what turns out to be an environment is
// yielded, broken ones with their problem. Nothing is run, and nothing that can't be read ends the search.

import type { Places } from '../../config/places.ts'
import type { Context } from '../../host/host.ts'
import { variable } from '../../host/host.ts'
import { slicer } from '../../host/slices.ts'
import { type Environment, type EnvironmentKind, readEnvironment } from '../environment.ts'
import { ifReadable } from '../quietly.ts'
import { type RegistryEntry, registeredEnvironments } from '../registry.ts'
import { type EnvironmentSize, environmentSize } from '../size.ts'
import { condaLocator } from './conda.ts'
import { absolute, type Candidate, type EnvironmentLocator, type Search, subdirectories } from './locator.ts'
import { projectLocator } from './projects.ts'
import {
  habitLocator,
  hatchLocator,
  pdmLocator,
  pipxLocator,
  pixiLocator,
  poetryLocator,
  pyenvLocator,
  uvLocator,
  virtualenvHomeLocator,
} from './tools.ts'

export interface FoundEnvironment extends Environment {
  /** The locator that met it first: "project", "den", "conda", … */
  readonly foundBy: string
  /** Other paths that lead to the same directory. */
  readonly alsoAt: readonly string[]
  /** VIRTUAL_ENV or CONDA_PREFIX names it. */
  readonly active: boolean
  /**
   * Milliseconds since 1970: den's own note, else when site-packages was last read, which every start of its Python does. File
   * systems keep that to the day (`relatime`), some not at all.
   */
  readonly lastUsed?: number
  readonly size?: EnvironmentSize
}

export interface FindEnvironmentsOptions {
  /** Project directories beside the working directory. */
  readonly projects?: readonly string[]
  /** Measure each one: reads every directory, so it takes its time. */
  readonly size?: boolean
  /** Only these locators, by name. */
  readonly locators?: readonly string[]
}

type FindContext = Context & { readonly places: Pick<Places, 'environments' | 'registry'> }

const denLocator: EnvironmentLocator = {
  name: 'den',
  find: ({ host, places }) => {
    return subdirectories(host, places.environments).map((root) => ({ root, name: host.path.basename(root) }))
  },
}

const activeLocator: EnvironmentLocator = {
  name: 'active',
  *find({ host }) {
    for (const name of ['VIRTUAL_ENV', 'CONDA_PREFIX']) {
      const value = variable(host, name)
      if (value !== undefined && value !== '') yield { root: absolute(host, value) }
    }
  },
}

/** In the order in which they are asked: the first to name a place says whose it is. */
export const environmentLocators: readonly EnvironmentLocator[] = [
  projectLocator,
  denLocator,
  virtualenvHomeLocator,
  poetryLocator,
  hatchLocator,
  pdmLocator,
  pipxLocator,
  uvLocator,
  pyenvLocator,
  condaLocator,
  pixiLocator,
  habitLocator,
  activeLocator,
]

/** Finds environments, in the order of the locators and by path within each; every directory once. */
export async function* findEnvironments(
  context: FindContext,
  options: FindEnvironmentsOptions = {},
): AsyncGenerator<FoundEnvironment> {
  const { host } = context
  const turn = slicer({ operation: 'looking for environments', signal: context.signal })
  const registered = ifReadable(() => registeredEnvironments(context, context.places.registry)) ?? []
  const byRoot = new Map(registered.map((entry) => [entry.root, entry]))
  const { cwd } = host
  const search: Search = {
    host,
    projects: [...new Set([cwd, ...(options.projects ?? []).map((directory) => absolute(host, directory))])],
    above: directoriesAbove(host.path, cwd),
    places: context.places,
  }
  const registryLocator: EnvironmentLocator = {
    name: 'den',
    // Those of the cache are nobody's: they come with a script and go by themselves.
    find: () =>
      registered
        .filter(({ root }) => host.path.basename(host.path.dirname(root)) !== 'environments-v1')
        .map(({ root, name }) => ({ root, ...(name === undefined ? {} : { name }) })),
  }
  const active = new Set(
    [...activeLocator.find(search)].map(({ root }) => ifReadable(() => host.files.realPath(root)) ?? root),
  )

  // All places first, since one directory may be reached by many names and the first one is to know the others.
  const places = new Map<string, { candidate: Candidate; locator: string; alsoAt: string[]; real: string }>()
  for (const locator of [...environmentLocators, registryLocator]) {
    if (options.locators !== undefined && !options.locators.includes(locator.name)) continue
    for (const candidate of locator.find(search)) {
      await turn()
      const real = ifReadable(() => host.files.realPath(candidate.root))
      if (real === undefined) continue
      const known = places.get(real)
      if (known === undefined) places.set(real, { candidate, locator: locator.name, alsoAt: [], real })
      else if (known.candidate.root !== candidate.root && !known.alsoAt.includes(candidate.root))
        known.alsoAt.push(candidate.root)
    }
  }
  for (const { candidate, locator, alsoAt, real } of places.values()) {
    await turn()
    const environment = ifReadable(() => readEnvironment(host, candidate.root))
    if (environment === undefined) continue
    const entry = byRoot.get(candidate.root) ?? byRoot.get(real)
    const name = environment.name ?? candidate.name ?? entry?.name
    const project = environment.project ?? candidate.project
    const lastUsed = lastUse(context, environment, entry)
    const size = options.size === true ? await measured(context, real) : undefined
    yield {
      ...environment,
      kind: keeper(environment.kind, candidate.kind),
      ...(name === undefined ? {} : { name }),
      ...(project === undefined ? {} : { project }),
      foundBy: locator,
      alsoAt,
      active: active.has(real),
      ...(lastUsed === undefined ? {} : { lastUsed }),
      ...(size === undefined ? {} : { size }),
    }
  }
}

/** The maker's mark gives way to the tool that keeps the environment, but never the nature of conda's, which pixi's share. */
function keeper(maker: EnvironmentKind, tool: EnvironmentKind | undefined): EnvironmentKind {
  if (maker === 'conda' && tool === 'pixi') return tool
  if (tool === undefined || maker === 'conda' || maker === 'pixi' || tool === 'conda') return maker
  return tool
}

/** The directories that hold `directory`, the nearest first. */
function directoriesAbove(path: Context['host']['path'], directory: string): readonly string[] {
  const parent = path.dirname(directory)
  return parent === directory ? [] : [parent, ...directoriesAbove(path, parent)]
}

function lastUse(context: Context, environment: Environment, entry: RegistryEntry | undefined): number | undefined {
  const facts = ifReadable(() => context.host.files.lstat(environment.paths.purelib))
  const read = facts === undefined ? undefined : Math.max(facts.accessed, facts.modified)
  const known = [entry?.lastUsed, read].filter((time) => time !== undefined)
  return known.length === 0 ? undefined : Math.floor(Math.max(...known))
}

async function measured(context: Context, root: string): Promise<EnvironmentSize | undefined> {
  try {
    return await environmentSize(context, root)
  } catch (error) {
    if (context.signal?.aborted) throw error
    return undefined
  }
}
