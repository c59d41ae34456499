// Which environment a command means that was not told. One rule, the same for every verb of den's own: the one named, else the
// nearest `.venv` at or above the working directory, else the active one (VIRTUAL_ENV, then CONDA_PREFIX).

import { DenError } from '../base/error.ts'
import type { Places } from '../config/places.ts'
import { type Context, variable } from '../host/host.ts'
import { parseVenvRedirect } from '../spec/venv-redirect.ts'

export interface Selection {
  /** The root of the environment, absolute. */
  readonly root: string
  /** What led to it: the words of the command line, a `.venv` found above, a variable. */
  readonly by: 'path' | 'name' | 'project' | 'VIRTUAL_ENV' | 'CONDA_PREFIX'
  /** The active environment, when it is another one: worth a note, since it changes what the command does. */
  readonly activeElsewhere?: string
}

/** Whether the directory holds an environment of any kind. */
export function isEnvironment(context: Pick<Context, 'host'>, root: string): boolean {
  const { files, path } = context.host
  const has = (...parts: readonly string[]): boolean => files.stat(path.join(root, ...parts)) !== undefined
  return (
    has('pyvenv.cfg') ||
    has('conda-meta') ||
    // virtualenv before 20 wrote no pyvenv.cfg.
    (files.list(path.join(root, 'lib')) ?? []).some(
      ({ name }) => name.startsWith('python') && has('lib', name, 'orig-prefix.txt'),
    )
  )
}

/** The environment at `directory/.venv`, be it a directory or a file that names one (PEP 832). */
function projectEnvironment(context: Pick<Context, 'host'>, directory: string): string | undefined {
  const { files, path } = context.host
  const place = path.join(directory, '.venv')
  const facts = files.stat(place)
  if (facts?.kind === 'directory') return isEnvironment(context, place) ? place : undefined
  if (facts?.kind !== 'file') return undefined
  const target = parseVenvRedirect(files.readText(place) ?? '')
  if (target === undefined) return undefined
  const root = path.resolve(directory, target)
  return isEnvironment(context, root) ? root : undefined
}

function nearestProjectEnvironment(context: Pick<Context, 'host'>): string | undefined {
  const { path, cwd } = context.host
  for (let directory = cwd; ; directory = path.dirname(directory)) {
    const root = projectEnvironment(context, directory)
    if (root !== undefined) return root
    if (path.dirname(directory) === directory) return undefined
  }
}

/** The root of a named environment; the name was checked when it was made. */
function namedEnvironment(
  context: Pick<Context, 'host'> & { readonly places: Places },
  name: string,
): string | undefined {
  const { path } = context.host
  const root = path.join(context.places.environments, name)
  return path.dirname(root) === context.places.environments && isEnvironment(context, root) ? root : undefined
}

/**
 * Finds the environment for a command. `path` may also be the name of a named environment, or an executable inside one.
 * Throws `environment-not-found` (nothing there, with what was looked at).
 */
export function selectEnvironment(
  context: Pick<Context, 'host'> & { readonly places: Places },
  wanted: { readonly path?: string | undefined; readonly name?: string | undefined } = {},
): Selection {
  const { host } = context
  const { path } = host
  if (wanted.name !== undefined) {
    const root = namedEnvironment(context, wanted.name)
    if (root === undefined)
      throw new DenError('environment-not-found', { wanted: wanted.name, looked: [context.places.environments] })
    return { root, by: 'name' }
  }
  if (wanted.path !== undefined) {
    const place = path.resolve(host.cwd, wanted.path)
    const candidates = [place, path.dirname(path.dirname(place))]
    for (const candidate of candidates.slice(0, host.files.stat(place)?.kind === 'file' ? 2 : 1)) {
      if (isEnvironment(context, candidate)) return { root: candidate, by: 'path' }
    }
    const project = projectEnvironment(context, place)
    if (project !== undefined) return { root: project, by: 'path' }
    const named = /[/\\]/.test(wanted.path) ? undefined : namedEnvironment(context, wanted.path)
    if (named !== undefined) return { root: named, by: 'name' }
    throw new DenError('environment-not-found', { wanted: wanted.path, looked: candidates.slice(0, 1) })
  }
  const active = variable(host, 'VIRTUAL_ENV') || undefined
  const project = nearestProjectEnvironment(context)
  if (project !== undefined) {
    const elsewhere = active !== undefined && path.resolve(active) !== project
    return { root: project, by: 'project', ...(elsewhere ? { activeElsewhere: active } : {}) }
  }
  for (const by of ['VIRTUAL_ENV', 'CONDA_PREFIX'] as const) {
    const root = variable(host, by)
    if (root !== undefined && root !== '' && isEnvironment(context, path.resolve(host.cwd, root))) {
      return { root: path.resolve(host.cwd, root), by }
    }
  }
  throw new DenError('environment-not-found', {
    looked: [path.join(host.cwd, '.venv')],
    ...(active === undefined ? {} : { active }),
  })
}
