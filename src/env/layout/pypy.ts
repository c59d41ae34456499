// PyPy 3. Its executable is a stub that loads libpypy from beside itself and finds the library from the real path of that; portable
// builds also bring their own copies of system libraries under lib. Written from virtualenv's and uv's layouts, not run here.

import { isOldPyPy, libraryDirectoryName } from '../paths.ts'
import type { PlanEntry } from '../plan.ts'
import type { LayoutHost, LayoutRequest } from './layout.ts'
import { executableEntries, libraryEntries } from './posix.ts'

export function pypyLayout(host: LayoutHost, request: LayoutRequest): readonly PlanEntry[] {
  const { interpreter } = request
  const { major, minor } = interpreter.version
  const names = ['python', `python${major}`, `python${major}.${minor}`, 'pypy', `pypy${major}`, `pypy${major}.${minor}`]
  if (interpreter.platform === 'win32') return windowsEntries(host, request, names)
  return [
    { kind: 'directory', path: 'bin' },
    ...executableEntries(host, request, names),
    ...engineEntries(host, request),
    ...libraryEntries(interpreter),
    ...(isOldPyPy(interpreter) ? [] : portableEntries(host, request)),
    { kind: 'directory', path: 'include' },
  ]
}

/** libpypy3-c.so, libpypy3.10-c.so: pypy/pypy#1922. */
function engineEntries({ files, path }: LayoutHost, { interpreter, copies }: LayoutRequest): PlanEntry[] {
  const directory = path.dirname(interpreter.realExecutable)
  return (files.list(directory) ?? [])
    .filter(({ name }) => /^libpypy3.*\.(?:so|dylib)(?:\.|$)/.test(name))
    .map(({ name }) => share(copies, `bin/${name}`, path.join(directory, name)))
}

/** What a portable build keeps under lib beside the library itself (libtcl, libffi, …), named in PYPY_PORTABLE_DEPS.txt. */
function portableEntries({ files, path }: LayoutHost, { interpreter, copies }: LayoutRequest): PlanEntry[] {
  const { prefix } = interpreter
  if (prefix === '/usr') return []
  const list = files.readText(path.join(prefix, 'lib', 'PYPY_PORTABLE_DEPS.txt'))
  const names = (list ?? '').split('\n').map((line) => line.trim())
  return names
    .filter((name) => name !== '' && !/[/\\]/.test(name) && name !== libraryDirectoryName(interpreter))
    .filter((name) => files.stat(path.join(prefix, 'lib', name)) !== undefined)
    .map((name) => share(copies, `lib/${name}`, path.join(prefix, 'lib', name)))
}

function share(copies: boolean, to: string, from: string): PlanEntry {
  return copies ? { kind: 'copy', path: to, from } : { kind: 'link', path: to, target: from }
}

/** Copies of the executable and of every library beside it: PyPy for Windows has no redirector. */
function windowsEntries(host: LayoutHost, { interpreter }: LayoutRequest, names: readonly string[]): PlanEntry[] {
  const { files, path } = host
  const directory = path.dirname(interpreter.realExecutable)
  const libraries = (files.list(directory) ?? []).filter(({ name }) => /\.dll$/i.test(name))
  return [
    { kind: 'directory', path: 'Scripts' },
    ...names.map(
      (name): PlanEntry => ({ kind: 'copy', path: `Scripts/${name}.exe`, from: interpreter.realExecutable }),
    ),
    ...libraries.map(
      ({ name }): PlanEntry => ({ kind: 'copy', path: `Scripts/${name}`, from: path.join(directory, name) }),
    ),
    ...(isOldPyPy(interpreter) ? [] : [{ kind: 'directory', path: 'Lib' } as const]),
    { kind: 'directory', path: isOldPyPy(interpreter) ? 'site-packages' : 'Lib/site-packages' },
    { kind: 'directory', path: 'Include' },
  ]
}
