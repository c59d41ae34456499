// The environment that pip's commands are about. `--python` names it: an executable, an environment's directory or name, or a version.
// Otherwise the active one (VIRTUAL_ENV, then CONDA_PREFIX), since who activated one means it; else the nearest `.venv`. Where pip
// would go on with the Python it happens to be installed in, den has none and says so.

import { DenError } from '../base/error.ts'
import { refreshDenCommand } from '../env/den-command.ts'
import { type Environment, readEnvironment } from '../env/environment.ts'
import { environmentOf } from '../env/explain/membership.ts'
import { storeOfEnvironment } from '../env/instant-keys.ts'
import { ifReadable } from '../env/quietly.ts'
import { isEnvironment, selectEnvironment } from '../env/select.ts'
import { variable } from '../host/host.ts'
import { findPython } from '../python/find.ts'
import { brokenError, inspectPython } from '../python/inspect.ts'
import type { FoundPython, Interpreter } from '../python/interpreter.ts'
import { parsePythonRequest } from '../spec/python-request.ts'
import type { Core } from './core.ts'
import type { EnvironmentWish } from './install-request.ts'

/** The Python, as far as versions are chosen for it. */
export interface AimedPython {
  /** The base interpreter. */
  readonly interpreter: Interpreter
  /** The executable as it is called: the environment's, or the interpreter's own. */
  readonly executable: string
  /** The virtual or conda environment; absent for an installation. */
  readonly environment?: Environment
  /** What led to it. */
  readonly by: '--python' | 'VIRTUAL_ENV' | 'CONDA_PREFIX' | 'project'
}

export interface AimedEnvironment extends AimedPython {
  /** `sys.prefix` is not `sys.base_prefix`. */
  readonly isVirtual: boolean
  /** `sys.prefix`. */
  readonly prefix: string
  /** `sys.path` without the directory of the program, absolute. */
  readonly sysPath: readonly string[]
  readonly userSite: string
  /** Where `pip install --user` puts things. */
  readonly userBase: string
  /** Whether the user's site-packages is on `sys.path`. */
  readonly usesUserSite: boolean
}

/**
 * Finds the environment. Throws `environment-not-found`, `python-not-found`, `python-broken`, and `environment-required` where a
 * virtual one is demanded and this is none.
 */
export async function aimAt(core: Core, wish: EnvironmentWish): Promise<AimedEnvironment> {
  return await wholeAim(core, wish, await aimAtPython(core, wish))
}

/** As `aimAt`, without a look at its `sys.path`, which installing, building and telling a virtual one from others need. */
export async function aimAtPython(core: Core, wish: EnvironmentWish): Promise<AimedPython> {
  const { host } = core
  const { found, by } = await findPlace(core, wish)
  if (found.interpreter === undefined) throw brokenError(found)
  const { interpreter, executable } = found
  const root = found.environment ?? environmentOf(host, executable)
  const environment = root === undefined ? undefined : readEnvironment(host, root)
  if (environment?.cfg !== undefined) refreshDenCommand(core, environment.root, environment.cfg)
  return { interpreter, executable, ...(environment === undefined ? {} : { environment }), by }
}

/** What was found, with its `sys.path`. Throws `environment-required`. */
export async function wholeAim(core: Core, wish: EnvironmentWish, aimed: AimedPython): Promise<AimedEnvironment> {
  const { host } = core
  const { interpreter, executable, environment } = aimed
  const { explainSysPath } = await import('../env/explain/sys-path.ts')
  const explained = explainSysPath(host, { interpreter, executable, options: { safePath: true } })
  const isVirtual = explained.prefix !== explained.basePrefix
  if (wish.requireVirtual && !isVirtual) throw new DenError('environment-required', { executable })
  const store = storeOfEnvironment(environment?.cfg)
  if (environment !== undefined && store !== undefined) {
    const { watchTrees } = await import('../engine/instant-watch.ts')
    const { root: top, paths } = environment
    const offline = variable(host, 'DEN_OFFLINE') !== undefined
    await watchTrees({ ...core, places: { ...core.places, store } }, { root: top, paths, interpreter, offline })
  }
  return {
    ...aimed,
    isVirtual,
    prefix: explained.prefix,
    // -P came with 3.11; for older ones the program's own directory stands there as "".
    sysPath: explained.entries
      .filter((entry) => entry.path !== '')
      .map((entry) => host.path.resolve(host.cwd, entry.path)),
    userSite: explained.userSite,
    userBase: explained.userBase,
    usesUserSite: explained.enableUserSite === true,
  }
}

interface Place {
  readonly found: FoundPython
  readonly by: AimedEnvironment['by']
}

async function findPlace(core: Core, { python }: EnvironmentWish): Promise<Place> {
  const { host } = core
  if (python !== undefined) return { found: await findNamed(core, python), by: '--python' }
  for (const by of ['VIRTUAL_ENV', 'CONDA_PREFIX'] as const) {
    const value = variable(host, by)
    if (value === undefined || value === '') continue
    const root = host.path.resolve(host.cwd, value)
    if (ifReadable(() => isEnvironment(core, root)) === true) return { found: await inspectRoot(core, root), by }
  }
  return { found: await inspectRoot(core, selectEnvironment(core).root), by: 'project' }
}

async function inspectRoot(core: Core, root: string): Promise<FoundPython> {
  const environment = readEnvironment(core.host, root)
  return inspectPython(core, environment?.paths.python ?? core.host.path.join(root, 'bin', 'python'))
}

/** As pip has it, a file is an interpreter and a directory an environment; what is neither may be a name or a version for den. */
async function findNamed(core: Core, python: string): Promise<FoundPython> {
  const { host } = core
  const place = host.path.resolve(host.cwd, python)
  const kind = ifReadable(() => host.files.stat(place))?.kind
  if (kind === 'file') return inspectPython(core, place)
  const isPath = /[/\\]/.test(python) || python.startsWith('.')
  if (kind === 'directory' || isPath) return inspectRoot(core, selectEnvironment(core, { path: python }).root)
  if (
    /^[A-Za-z][\w.-]*$/.test(python) &&
    ifReadable(() => host.files.stat(host.path.join(core.places.environments, python)))
  ) {
    return inspectRoot(core, selectEnvironment(core, { name: python }).root)
  }
  return findPython(core, parsePythonRequest(python), { preferActive: true })
}
