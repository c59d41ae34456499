// `den unshare`: a distribution's files become the environment's own, to be edited or to bear being written to. The same tree, copied
// instead of linked: a change like any other, with an entry in the history, and undone by `den pip install --force-reinstall`.

import type { ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import { applyPlan, type PreparedPlan } from '../engine/apply.ts'
import { type HistoryDistribution, historyOf, lastHistoryEntry } from '../env/history.ts'
import { readInstalled } from '../env/installed.ts'
import { tryParseProjectName } from '../spec/name.ts'
import { openStore, type Tree } from '../store/store.ts'
import { type Core, storePlace } from './core.ts'
import type { Watched } from './library.ts'
import { type EnvironmentOf, environmentWish } from './library-request.ts'
import { aimAt } from './pip-environment.ts'

export interface UnshareRequest extends EnvironmentOf, Watched {
  /** Names of distributions, or of modules and packages that they bring. */
  readonly names: readonly string[]
}

export interface UnshareResult {
  readonly environment: string
  /** What has files of its own now, and how many. */
  readonly unshared: readonly { readonly name: ProjectName; readonly version: string; readonly files: number }[]
}

/** Throws `unshare-impossible` for what isn't installed or was not put in by den, and what applying throws. */
export async function unshare(core: Core, request: UnshareRequest): Promise<UnshareResult> {
  const { host } = core
  const { environment, interpreter, executable } = await aimAt(core, environmentWish(core, request))
  if (environment === undefined) throw new DenError('environment-required', { executable })
  const { root, paths } = environment
  const store = openStore(core, storePlace(core, environment))
  const installed = readInstalled(host, [...new Set([paths.purelib, paths.platlib])])
  const noted = historyOf(host, installed, lastHistoryEntry(host, root)).flatMap((one) => {
    const tree = one.tree === undefined ? undefined : store.find(one.tree)
    return [{ ...one, found: tree }]
  })
  const wanted = new Map(request.names.map((name) => [name, find(name, noted)] as const))
  const chosen = new Map<ProjectName, { readonly one: HistoryDistribution; readonly tree: Tree }>()
  for (const [name, one] of wanted) {
    if (one?.found === undefined)
      throw new DenError('unshare-impossible', { name, environment: root, installed: one !== undefined })
    chosen.set(one.name, { one, tree: one.found })
  }
  const reinstall = [...chosen.values()].map(({ one, tree }): PreparedPlan['reinstall'][number] => ({
    from: installed
      .filter(({ project }) => project === one.name)
      .map(({ project, version, location }) => ({ name: project, version, location })),
    to: {
      name: one.name,
      version: one.version,
      source: { tree, requested: one.requested, ...(one.directUrl === undefined ? {} : { directUrl: one.directUrl }) },
    },
  }))
  const applied = await applyPlan(core, {
    plan: { install: [], change: [], reinstall, remove: [], unchanged: [] },
    environment: { root, paths },
    interpreter,
    linkMode: 'copy',
    command: `unshare ${request.names.join(' ')}`,
    ...(environment.relocatable ? { relocatable: true } : {}),
    scriptNames: 'pip',
  })
  return {
    environment: root,
    unshared: applied.installed.map(({ name, version, files }) => ({ name, version, files })),
  }
}

type Noted = HistoryDistribution & { readonly found: Tree | undefined }

/** By the distribution's name; else by what it brings. */
function find(name: string, noted: readonly Noted[]): Noted | undefined {
  const project = tryParseProjectName(name)
  return (
    noted.find((one) => one.name === project) ??
    noted.find(({ found }) => found?.manifest.topLevel.some((top) => top === name || top === `${name}.py`) === true)
  )
}
