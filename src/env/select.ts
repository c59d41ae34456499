// Which environment a command means that was not told. One rule, the same for every verb of den's own: the one named, else the
// nearest of the working directory and those above it that has a `.venv` or is an environment itself, else the active one
// (VIRTUAL_ENV, then CONDA_PREFIX).

import { DenError } from '../base/error.ts'
import type { Places } from '../config/places.ts'
import { type Context, variable } from '../host/host.ts'
import { parseVenvRedirect } from '../spec/venv-redirect.ts'
import { ifReadable } from './quietly.ts'

export interface Selection {
  /** The root of the environment, absolute. */
  readonly root: string
  /** What led to it: the words of the command line, the working directory, a variable. */
  readonly by: 'path' | 'name' | 'project' | 'VIRTUAL_ENV' | 'CONDA_PREFIX'
  /** By `project`: the working directory lies in the environment itself, not beside it. */
  readonly inside?: true
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

/**
 * The environment at `directory/.venv`, be it a directory or a file that names one (PEP 832). Throws `permission-denied` for one that
 * is there and closed: it is the one meant, and taking another in its place would only hide why.
 */
function projectEnvironment(context: Pick<Context, 'host'>, directory: string): string | undefined {
  const { files, path } = context.host
  const place = path.join(directory, '.venv')
  // Of a directory one may not look into (a shell left over from another user) nothing is known.
  const kind = ifReadable(() => files.stat(place))?.kind
  const line = kind === 'file' ? parseVenvRedirect(files.readText(place) ?? '') : undefined
  const root = kind === 'directory' ? place : line === undefined ? undefined : path.resolve(directory, line)
  return root !== undefined && isEnvironment(context, root) ? root : undefined
}

/** Whether a directory above is an environment: the marks alone, since every directory up to the root is looked at. */
function isMarked(context: Pick<Context, 'host'>, directory: string): boolean {
  const { files, path } = context.host
  const has = (name: string): boolean => ifReadable(() => files.stat(path.join(directory, name))) !== undefined
  // virtualenv before 20 always wrote this script; only beside it a lib directory is worth reading.
  return has('pyvenv.cfg') || has('conda-meta') || (has('bin/activate_this.py') && isEnvironment(context, directory))
}

/** The environment that the working directory tells of, and the directory that told. Throws `permission-denied`. */
export function nearestEnvironment(
  context: Pick<Context, 'host'>,
): { readonly root: string; readonly directory: string; readonly inside: boolean } | undefined {
  const { path, cwd } = context.host
  for (let directory = cwd; ; directory = path.dirname(directory)) {
    const project = projectEnvironment(context, directory)
    if (project !== undefined) return { root: project, directory, inside: false }
    if (isMarked(context, directory)) return { root: directory, directory, inside: true }
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
  const nearest = nearestEnvironment(context)
  if (nearest !== undefined) {
    const elsewhere = active !== undefined && isOtherEnvironment(context, active, nearest.root)
    const { root, inside } = nearest
    return {
      root,
      by: 'project',
      ...(inside ? { inside } : {}),
      ...(elsewhere ? { activeElsewhere: active } : {}),
    }
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

/** The active environment, where it is another one than this. */
export function activeElsewhere(context: Pick<Context, 'host'>, chosen: string): string | undefined {
  const active = variable(context.host, 'VIRTUAL_ENV') || undefined
  return active !== undefined && isOtherEnvironment(context, active, chosen) ? active : undefined
}

/** Compared by what is there: VIRTUAL_ENV holds the name under which it was activated, and may outlive its environment. */
function isOtherEnvironment(context: Pick<Context, 'host'>, active: string, chosen: string): boolean {
  const { path, cwd, files } = context.host
  const place = path.resolve(cwd, active)
  if (place === chosen || ifReadable(() => isEnvironment(context, place)) !== true) return false
  return ifReadable(() => files.realPath(place)) !== ifReadable(() => files.realPath(chosen))
}
