// CPython 3 on POSIX systems: what `python -m venv` lays out, with the union of the names that venv, virtualenv and uv give.

import { DenError } from '../../base/error.ts'
import type { Interpreter } from '../../python/interpreter.ts'
import { siteSegments } from '../paths.ts'
import type { PlanEntry } from '../plan.ts'
import type { LayoutHost, LayoutRequest } from './layout.ts'

export function posixLayout(host: LayoutHost, request: LayoutRequest): readonly PlanEntry[] {
  const { interpreter, copies } = request
  refuseCopies(request)
  return [
    { kind: 'directory', path: 'bin' },
    ...executableEntries(host, request, executableNames(host, request)),
    ...libraryEntries(interpreter),
    ...includeEntries(interpreter),
    ...(copies ? sharedLibraryEntries(host, interpreter, 'copy') : []),
  ]
}

/** python, python3, python3.13, for a free-threaded build python3.13t too, and the base executable's own name (python3.13d). */
function executableNames(host: LayoutHost, { interpreter, base }: LayoutRequest): readonly string[] {
  const { version, freeThreaded } = interpreter
  const plain = `python${version.major}.${version.minor}`
  const own = host.path.basename(base.executable)
  const names = ['python', `python${version.major}`, plain, ...(freeThreaded ? [`${plain}t`] : [])]
  return names.includes(own) || !/^python\d/.test(own) ? names : [...names, own]
}

/** The first name leads to the base; the others lead to the first, by relative links that survive a move. */
export function executableEntries(host: LayoutHost, request: LayoutRequest, names: readonly string[]): PlanEntry[] {
  const [first, ...others] = names as [string, ...string[]]
  const { base, copies, interpreter } = request
  const path = `bin/${first}`
  return [
    copies
      ? { kind: 'copy', path, from: host.files.realPath(base.executable) ?? interpreter.realExecutable }
      : { kind: 'link', path, target: base.executable },
    ...others.map((name): PlanEntry => ({ kind: 'link', path: `bin/${name}`, target: first })),
  ]
}

/** site-packages with its parents, and `lib64 → lib` as venv has it: then purelib and platlib are one where Fedora keeps two. */
export function libraryEntries(interpreter: Interpreter): PlanEntry[] {
  const { pure } = siteSegments(interpreter)
  const directories = pure.map(
    (_, index): PlanEntry => ({ kind: 'directory', path: pure.slice(0, index + 1).join('/') }),
  )
  const linked = interpreter.bits === 64 && interpreter.platform !== 'darwin' && pure[0] === 'lib'
  return linked ? [...directories, { kind: 'link', path: 'lib64', target: 'lib', directory: true }] : directories
}

/** From 3.11 venv asks sysconfig's scheme, which names a directory for the version; before, it made a bare `include`. */
function includeEntries({ version, abiFlags, implementation }: Interpreter): PlanEntry[] {
  const scheme = `include/python${version.major}.${version.minor}${abiFlags}`
  return [
    { kind: 'directory', path: 'include' },
    ...(implementation === 'cpython' && version.minor >= 11 ? [{ kind: 'directory', path: scheme } as const] : []),
  ]
}

/** libpython beside a copied executable: one that looks for it in `$ORIGIN/../lib` finds none in the base any more. */
export function sharedLibraryEntries(
  host: LayoutHost,
  interpreter: Pick<Interpreter, 'sharedLibrary' | 'prefix' | 'platlibdir'>,
  as: 'copy' | 'link',
): PlanEntry[] {
  const { path, files } = host
  const { sharedLibrary, prefix, platlibdir } = interpreter
  if (sharedLibrary === undefined) return []
  const name = path.basename(sharedLibrary)
  const from = path.isAbsolute(sharedLibrary) ? sharedLibrary : path.join(prefix, platlibdir, name)
  const real = files.realPath(from)
  if (real === undefined) return []
  return [
    as === 'copy'
      ? { kind: 'copy', path: `lib/${name}`, from: real }
      : { kind: 'link', path: `lib/${name}`, target: from },
  ]
}

/** Xcode's Python finds its framework relative to the executable, which a copy outside of it cannot. */
function refuseCopies({ interpreter, copies }: LayoutRequest): void {
  if (!copies || interpreter.vendor !== 'xcode') return
  throw new DenError('environment-unsupported', {
    python: interpreter.executable,
    what: 'environment with --copies',
    reason: "Xcode's Python loads its framework by a path relative to the executable; a copy finds nothing there",
  })
}
