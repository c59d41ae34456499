// `den python pin`: the Python of a directory, as `.python-version` says it to den, uv, pyenv and others.

import { DenError, diagnose, isDenError } from '../base/error.ts'
import type { Host } from '../host/host.ts'
import type { Manifest } from '../project/manifest.ts'
import { findProject } from '../project/read-manifest.ts'
import { findPython } from '../python/find.ts'
import type { Interpreter } from '../python/interpreter.ts'
import { findVersionFile } from '../python/version-file.ts'
import { formatPythonRequest, type PythonRequest, parsePythonVersionFile } from '../spec/python-request.ts'
import { intersectRanges } from '../spec/range.ts'
import { formatSpecifiers, parseSpecifiers, type SpecifierSet } from '../spec/specifier.ts'
import type { Core } from './core.ts'

export interface PythonPinRequest {
  /** As `--python` takes it, but no path; what is pinned is told when left out. */
  readonly request?: string
  /** Takes the file away. */
  readonly remove?: boolean
  /** Writes the whole version of the Python that is found: "3.12.4" for "3.12". */
  readonly resolved?: boolean
  readonly dryRun?: boolean
}

export interface PythonPinResult {
  /** The file that says it, or that would. Absent where nothing is pinned. */
  readonly file?: string
  /** What it says now, one for each line. */
  readonly requests: readonly string[]
  /** What it said before it was written or removed. */
  readonly before?: readonly string[]
  /** The Python that the pin means on this machine, where there is one. */
  readonly python?: string
  readonly dryRun: boolean
}

/**
 * Shows, writes or removes the pin. That no such Python is here, or that it is none of the project's, is reported as a warning: a pin is
 * for other machines too. Throws `invalid-python-request`, `nothing-pinned` for a removal, and what reading a project throws.
 */
export async function pythonPin(core: Core, request: PythonPinRequest = {}): Promise<PythonPinResult> {
  const { host } = core
  const dryRun = request.dryRun === true
  const known = findVersionFile(host)
  if (request.remove === true) {
    if (known === undefined) throw new DenError('nothing-pinned', { directory: host.cwd })
    if (!dryRun) host.disk.removeFile(known.path)
    return { file: known.path, requests: [], before: known.requests.map(formatPythonRequest), dryRun }
  }
  if (request.request === undefined) {
    if (known === undefined) return { requests: [], dryRun }
    return { file: known.path, requests: known.requests.map(formatPythonRequest), dryRun }
  }

  // As it will be read again: a path is refused, for the file goes with a checkout.
  const [wanted] = parsePythonVersionFile(request.request)
  if (wanted === undefined) throw new DenError('invalid-python-request', nothingSaid(request.request))
  const project = findProject(host, host.cwd)
  const file = fileFor(host, project, known?.path)
  const interpreter = await findHere(core, wanted, request.resolved === true)
  const pinned =
    request.resolved === true && interpreter !== undefined ? wholeVersion(interpreter) : request.request.trim()
  if (project?.requiresPython !== undefined) warnOutside(core, project, wanted, interpreter)
  if (!dryRun) host.disk.writeAtomic(file, `${pinned}\n`)
  return {
    file,
    requests: [pinned],
    ...(known?.path === file ? { before: known.requests.map(formatPythonRequest) } : {}),
    ...(interpreter === undefined ? {} : { python: interpreter.executable }),
    dryRun,
  }
}

function nothingSaid(source: string): ConstructorParameters<typeof DenError<'invalid-python-request'>>[1] {
  return { source, span: { start: 0, end: source.length }, reason: 'a pin names a version' }
}

/** The file that pins now, if it is the project's own; else one beside its pyproject.toml; without a project, one here. */
function fileFor({ path, cwd }: Host, project: Manifest | undefined, known: string | undefined): string {
  const top = project?.directory ?? cwd
  const isInside = known !== undefined && !path.relative(top, known).startsWith('..')
  return isInside ? known : path.join(top, '.python-version')
}

async function findHere(core: Core, wanted: PythonRequest, isNeeded: boolean): Promise<Interpreter | undefined> {
  try {
    return (await findPython(core, wanted, { preferActive: false })).interpreter
  } catch (error) {
    if (!isDenError(error, 'python-not-found', 'python-broken') || isNeeded) throw error
    core.report({ kind: 'warning', warning: diagnose(error) })
    return undefined
  }
}

function wholeVersion({ implementation, version, freeThreaded }: Interpreter): string {
  const { major, minor, micro } = version
  return `${implementation === 'cpython' ? '' : implementation}${major}.${minor}.${micro}${freeThreaded ? 't' : ''}`
}

function warnOutside(
  { report }: Core,
  { requiresPython, file }: Manifest,
  wanted: PythonRequest,
  found: Interpreter | undefined,
): void {
  const range = found === undefined ? rangeOf(wanted) : parseSpecifiers(`==${versionOf(found)}`)
  if (range === undefined || intersectRanges(range.range, requiresPython!.range).length > 0) return
  const detail = { pinned: formatPythonRequest(wanted), requires: formatSpecifiers(requiresPython!), file }
  report({ kind: 'warning', warning: diagnose(new DenError('python-outside-project', detail)) })
}

function versionOf({ version: { major, minor, micro } }: Interpreter): string {
  return `${major}.${minor}.${micro}`
}

/** The versions that the words themselves mean; undefined for a name. */
function rangeOf(wanted: PythonRequest): SpecifierSet | undefined {
  if (wanted.kind !== 'version') return undefined
  if (wanted.specifiers !== undefined) return wanted.specifiers
  const release = wanted.release?.join('.')
  if (release === undefined) return undefined
  return parseSpecifiers(wanted.release!.length < 3 ? `==${release}.*` : `==${release}`)
}
