// Environments that stand in a project: `.venv` and its kin in the working directory and those above, PEP 832's `.venv` file, and
// what pixi, hatch, direnv, tox and nox keep there.

import { ifReadable } from '../quietly.ts'
import { readRedirect } from '../redirect.ts'
import { isStagingName } from '../stage.ts'
import { type Candidate, directoryVariable, type EnvironmentLocator, type Search, subdirectories } from './locator.ts'

/** The names people and tools give to an environment inside a project, the most common first. */
export const projectEnvironmentNames: readonly string[] = [
  '.venv',
  'venv',
  'env',
  '.env',
  '.conda',
  '.virtualenv',
  'virtualenv',
]

/** Folders of a project that hold many directories and never an environment of the user's. */
const skipped: ReadonlySet<string> = new Set([
  'node_modules',
  '.git',
  '.hg',
  '.svn',
  '__pycache__',
  '.mypy_cache',
  '.pytest_cache',
  '.ruff_cache',
  '.ipynb_checkpoints',
  'site-packages',
])

export const projectLocator: EnvironmentLocator = {
  name: 'project',
  *find(search) {
    const { host } = search
    const named = directoryVariable(host, 'UV_PROJECT_ENVIRONMENT')
    if (named !== undefined)
      yield { root: named, ...(search.projects[0] === undefined ? {} : { project: search.projects[0] }) }
    for (const project of search.projects) {
      yield* inProject(search, project)
      yield* oneLevelDown(search, project)
    }
    for (const directory of search.above) yield* inProject(search, directory)
  },
}

function* inProject(search: Search, project: string): Iterable<Candidate> {
  const { files, path } = search.host
  const entries = ifReadable(() => files.list(project)) ?? []
  const names = new Map(entries.map((entry) => [entry.name, entry.kind]))
  // The directory asked for may be an environment itself.
  if (names.has('pyvenv.cfg') || names.has('conda-meta')) yield { root: project }
  for (const name of projectEnvironmentNames) {
    const kind = names.get(name)
    const root = path.join(project, name)
    if (kind === 'directory' || kind === 'link') yield { root, project }
    if (kind !== 'file' && kind !== 'link') continue
    const target = ifReadable(() => readRedirect(search.host, root))
    if (target !== undefined) yield { root: target, project }
  }
  // In the home directory these are the tools' own places for the whole user, which their locators know.
  if (project === search.host.home) return
  if (names.has('.pixi')) {
    for (const root of subdirectories(search.host, path.join(project, '.pixi', 'envs')))
      yield { root, kind: 'pixi', project }
  }
  if (names.has('.hatch')) {
    for (const root of subdirectories(search.host, path.join(project, '.hatch'))) yield { root, kind: 'hatch', project }
  }
  for (const [folder, kind] of [
    ['.direnv', 'direnv'],
    ['.tox', 'tox'],
    ['.nox', 'nox'],
  ] as const) {
    if (!names.has(folder)) continue
    for (const root of subdirectories(search.host, path.join(project, folder))) yield { root, kind, project }
  }
}

/** Environments of any name: two looks a folder, which finds `my_env` without reading every folder whole. */
function* oneLevelDown(search: Search, project: string): Iterable<Candidate> {
  const { files, path } = search.host
  const entries = [...(ifReadable(() => files.list(project)) ?? [])]
  for (const { name, kind } of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    if (kind !== 'directory' || skipped.has(name) || projectEnvironmentNames.includes(name) || isStagingName(name))
      continue
    const root = path.join(project, name)
    const marked = ['pyvenv.cfg', 'conda-meta'].some(
      (mark) => ifReadable(() => files.lstat(path.join(root, mark))) !== undefined,
    )
    if (marked) yield { root, project }
  }
}
