// An environment that is changed by plans, for tests of transactions: wheels made in memory, a store, a root laid out like a virtual
// environment (no Python is needed), and a picture of everything in it.

import fs from 'node:fs'
import path from 'node:path'
import type { ProjectName } from '../../src/base/brand.ts'
import type { Places } from '../../src/config/places.ts'
import { type AppliedPlan, type ApplyRequest, applyPlan, type PreparedDistribution } from '../../src/engine/apply.ts'
import { readInstalled } from '../../src/env/installed.ts'
import type { EnvironmentPaths } from '../../src/env/plan.ts'
import type { Context } from '../../src/host/host.ts'
import type { Wanted } from '../../src/plan/plan.ts'
import { openStore, type Tree } from '../../src/store/store.ts'
import { buildWheel, type WheelInput, wheelFilename } from './wheel.ts'

export const scenePython: ApplyRequest['interpreter'] = {
  version: { major: 3, minor: 13, micro: 0, level: 'final', serial: 0 },
  platform: 'linux',
  machine: 'x86_64',
}

export type SceneContext = Context & { readonly places: Places }

export function scenePaths(root: string): EnvironmentPaths {
  const site = path.join(root, 'lib/python3.13/site-packages')
  return {
    root,
    scripts: path.join(root, 'bin'),
    python: path.join(root, 'bin/python'),
    purelib: site,
    platlib: site,
    include: path.join(root, 'include/site/python3.13'),
    data: root,
  }
}

/** The directories and files that an environment has before anything is installed. */
export function makeScene(root: string): EnvironmentPaths {
  const paths = scenePaths(root)
  fs.mkdirSync(paths.purelib, { recursive: true })
  fs.mkdirSync(paths.scripts)
  fs.writeFileSync(path.join(root, 'pyvenv.cfg'), 'home = /usr/bin\n')
  fs.writeFileSync(paths.python, 'python')
  return paths
}

/** The store's tree of a wheel, which is made when it isn't there. */
export async function treeOf(context: SceneContext, wheel: WheelInput): Promise<Tree> {
  const bytes = buildWheel(wheel)
  const store = openStore(context, context.places.store)
  const identity = `${wheelFilename(wheel)} ${Buffer.from(bytes.subarray(-64)).toString('hex')} ${bytes.length}`
  return await store.ensure(
    { filename: wheelFilename(wheel), identity, read: () => bytes },
    path.join(context.places.home, 'private'),
  )
}

export interface SceneChange {
  readonly install?: readonly (WheelInput & { readonly requested?: boolean; readonly directUrl?: unknown })[]
  readonly remove?: readonly string[]
}

/** The request that a change makes in the environment as it stands. */
export async function requestOf(
  context: SceneContext,
  root: string,
  change: SceneChange,
  more: Partial<ApplyRequest> = {},
): Promise<ApplyRequest> {
  const paths = scenePaths(root)
  const present = readInstalled(context.host, [paths.purelib]).map(({ project: name, version, location }) => ({
    name,
    version,
    location,
  }))
  const wanted: Wanted<PreparedDistribution>[] = []
  for (const { requested = true, directUrl, ...wheel } of change.install ?? []) {
    const tree = await treeOf(context, wheel)
    const source = { tree, requested, ...(directUrl === undefined ? {} : { directUrl }) }
    wanted.push({ name: tree.manifest.project, version: tree.manifest.version, source })
  }
  const standing = (name: ProjectName): typeof present => present.filter((one) => one.name === name)
  return {
    plan: {
      install: wanted.filter(({ name }) => standing(name).length === 0),
      change: wanted.filter(({ name }) => standing(name).length > 0).map((to) => ({ from: standing(to.name), to })),
      reinstall: [],
      remove: (change.remove ?? []).flatMap((name) => standing(name as ProjectName)),
      unchanged: [],
    },
    environment: { root, paths },
    interpreter: scenePython,
    linkMode: 'hardlink',
    ...more,
  }
}

export async function change(
  context: SceneContext,
  root: string,
  what: SceneChange,
  more: Partial<ApplyRequest> = {},
): Promise<AppliedPlan> {
  return await applyPlan(context, await requestOf(context, root, what, more))
}

/** Every file below with its text, links with their target, empty directories; den's own directory is left out. */
export function picture(root: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {}
  const walk = (directory: string): void => {
    const entries = fs.readdirSync(directory, { withFileTypes: true })
    for (const entry of entries) {
      const file = path.join(directory, entry.name)
      const name = path.relative(root, file)
      if (name === '.den') continue
      if (entry.isDirectory()) {
        if (fs.readdirSync(file).length === 0) found[`${name}/`] = ''
        walk(file)
      } else found[name] = entry.isSymbolicLink() ? `-> ${fs.readlinkSync(file)}` : fs.readFileSync(file, 'latin1')
    }
  }
  walk(root)
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** What den left of its own besides the lock and the history. */
export function remains(context: SceneContext, root: string): readonly string[] {
  const own = path.join(root, '.den')
  const journal = context.places.journal
  return [
    ...(fs.existsSync(own) ? fs.readdirSync(own) : []).filter((name) => !/^(?:lock|history)$/.test(name)),
    ...(fs.existsSync(journal) ? fs.readdirSync(journal) : []).filter((name) => !name.includes('.lock')),
  ]
}
