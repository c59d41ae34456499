// A project's environment: where it is, which Python it is to have (the one that is asked for, else `.python-version`'s, else whatever
// `requires-python` allows), and whether what stands there will do.

import { DenError } from '../base/error.ts'
import { readEnvironment } from '../env/environment.ts'
import { readStanding } from '../env/place.ts'
import { ifReadable } from '../env/quietly.ts'
import { readRedirect } from '../env/redirect.ts'
import { isTomlTable } from '../format/toml.ts'
import { type Host, variable } from '../host/host.ts'
import type { Manifest } from '../project/manifest.ts'
import { type ChosenPython, findPython } from '../python/find.ts'
import { inspectPython } from '../python/inspect.ts'
import { formatPythonVersion, type Interpreter } from '../python/interpreter.ts'
import { findVersionFile } from '../python/version-file.ts'
import { matchesRequest, type PythonRequest } from '../spec/python-request.ts'
import { formatSpecifiers, type SpecifierSet, specifiersContain } from '../spec/specifier.ts'
import { type AskedPython, askedRequest, saysFrom } from './asked-python.ts'
import type { Core } from './core.ts'
import { saysRequires } from './project-python.ts'

/** What is asked of a Python, and by whom. */
export interface PythonWish {
  /** The first that is found is taken; none: any Python will do. */
  readonly requests: readonly PythonRequest[]
  /** `--python`, a variable, or a file. */
  readonly from?: string
  readonly requires?: SpecifierSet
  /** The file that says what is required. */
  readonly file: string
}

/** Throws `invalid-python-request`. */
export function pythonWish(
  { host }: Pick<Core, 'host'>,
  { directory, requiresPython, file }: Pick<Manifest, 'directory' | 'requiresPython' | 'file'>,
  asked: AskedPython = {},
): PythonWish {
  const requires = requiresPython === undefined ? {} : { requires: requiresPython }
  if (asked.python !== undefined && asked.python !== '')
    return { requests: [askedRequest(asked)], from: asked.pythonFrom ?? '--python', ...requires, file }
  const pinned = findVersionFile(host, directory)
  if (pinned !== undefined) return { requests: pinned.requests, from: pinned.path, ...requires, file }
  const any: PythonRequest =
    requiresPython === undefined ? { kind: 'any' } : { kind: 'version', specifiers: requiresPython }
  return { requests: [any], ...requires, file }
}

/** Throws what `findPython` throws, and `python-not-for-project` for one that the project cannot have. */
export async function pythonOfWish(core: Core, wish: PythonWish): Promise<ChosenPython> {
  let chosen: ChosenPython | undefined
  let failure: unknown
  for (const request of wish.requests) {
    try {
      chosen = await findPython(core, request, { versionFile: false })
      break
    } catch (error) {
      failure ??= error
    }
  }
  if (chosen === undefined) throw saysWho(failure, wish)
  const { interpreter, executable } = chosen
  if (!isRequired(wish, interpreter)) {
    throw new DenError('python-not-for-project', {
      python: executable,
      version: formatPythonVersion(interpreter.version),
      requires: formatSpecifiers(wish.requires!),
      file: wish.file,
      ...(wish.from === undefined ? {} : { from: wish.from }),
    })
  }
  return chosen
}

/** What a command line asked for, its user knows. */
function saysWho(error: unknown, { from, requires, file }: PythonWish): unknown {
  if (from === undefined) return requires === undefined ? error : saysRequires(error, file)
  return from === '--python' ? error : saysFrom(error, from)
}

function isRequired({ requires }: PythonWish, { version }: Pick<Interpreter, 'version'>): boolean {
  // Before its release a Python is taken for what it will be.
  return requires === undefined || specifiersContain(requires, `${version.major}.${version.minor}.${version.micro}`)
}

/** Where the project's environment is to be: DEN_PROJECT_ENVIRONMENT, uv's variable, [tool.den] environment, else `.venv`. */
export function projectEnvironmentRoot(
  host: Pick<Host, 'files' | 'path' | 'env' | 'platform'>,
  { directory, document }: Pick<Manifest, 'directory' | 'document'>,
): string {
  const said =
    variable(host, 'DEN_PROJECT_ENVIRONMENT') || variable(host, 'UV_PROJECT_ENVIRONMENT') || settingOf(document)
  const place = host.path.resolve(directory, said || '.venv')
  return (said ? undefined : readRedirect(host, place)) ?? place
}

function settingOf({ table }: Manifest['document']): string | undefined {
  const tool = table['tool']
  const own = isTomlTable(tool) ? tool['den'] : undefined
  const place = isTomlTable(own) ? own['environment'] : undefined
  return typeof place === 'string' ? place : undefined
}

/** What stands where the environment is to be. */
export type ProjectEnvironment =
  | { readonly kind: 'missing'; readonly root: string }
  | { readonly kind: 'fits'; readonly root: string; readonly interpreter: Interpreter }
  /** It is given up for a new one. `because`: "it has Python 3.11, and --python asks for 3.12". */
  | { readonly kind: 'unfit'; readonly root: string; readonly because: string }

/** Looks at it, and changes nothing. Throws `not-an-environment` for a directory of something else. */
export async function lookAtEnvironment(core: Core, root: string, wish: PythonWish): Promise<ProjectEnvironment> {
  const { host } = core
  const standing = readStanding(core, root)
  if (standing.kind === 'nothing' || standing.kind === 'empty') return { kind: 'missing', root }
  if (standing.kind === 'directory') throw new DenError('not-an-environment', { path: root, holds: standing.names })
  const environment = readEnvironment(host, root)
  const { interpreter, problem } = environment === undefined ? {} : await inspectPython(core, environment.paths.python)
  if (environment === undefined || environment.problem !== undefined || interpreter === undefined) {
    return { kind: 'unfit', root, because: environment?.problem?.text ?? problem?.text ?? 'it cannot be read' }
  }
  const has = `it has Python ${formatPythonVersion(interpreter.version)}`
  if (!isRequired(wish, interpreter)) {
    return { kind: 'unfit', root, because: `${has}, and ${wish.file} requires ${formatSpecifiers(wish.requires!)}` }
  }
  if (await isAsked(core, wish, interpreter)) return { kind: 'fits', root, interpreter }
  return { kind: 'unfit', root, because: `${has}, and ${wish.from ?? wish.file} asks for another` }
}

/** A version is compared; a path or a name stands for the one Python that is there. */
async function isAsked(core: Core, { requests }: PythonWish, interpreter: Interpreter): Promise<boolean> {
  for (const request of requests) {
    if (request.kind === 'any') return true
    if (request.kind === 'version') {
      if (matchesRequest(request, interpreter)) return true
      continue
    }
    const found = await findPython(core, request, { versionFile: false }).catch(() => undefined)
    if (found === undefined) continue
    if (isSameFile(core, found.interpreter.executable, interpreter.executable)) return true
  }
  return false
}

function isSameFile({ host }: Core, one: string, other: string): boolean {
  const real = (place: string): string => ifReadable(() => host.files.realPath(place)) ?? place
  return real(one) === real(other)
}
