// CPython 2.7 on POSIX systems. It knows no pyvenv.cfg: it follows links, looks upward from the real executable for `os.py` and
// `lib-dynload`, and takes the prefix from where it finds them. So the environment holds these landmarks, an executable that is
// no link, and a site.py (assets/python/site27.py) that hands over to the base's. docs/internals/python27.md tells why each is there.

import { DenError } from '../../base/error.ts'
import { assetTexts } from '../assets.generated.ts'
import type { PlanEntry } from '../plan.ts'
import type { LayoutHost, LayoutRequest } from './layout.ts'
import { libraryEntries, sharedLibraryEntries } from './posix.ts'

export function python27Layout(host: LayoutHost, request: LayoutRequest): readonly PlanEntry[] {
  const { interpreter, copies } = request
  const { files, path } = host
  const { stdlib, platstdlib, vendor } = interpreter
  if (vendor === 'framework' || vendor === 'xcode') {
    throw new DenError('environment-unsupported', {
      python: interpreter.executable,
      what: 'environment',
      reason:
        'a framework build of 2.7 would have to be rewritten to run from another place; any other build of 2.7 will do',
    })
  }
  const library = 'lib/python2.7'
  return [
    { kind: 'directory', path: 'bin' },
    { kind: 'copy', path: 'bin/python2.7', from: interpreter.realExecutable, ...(copies ? {} : { hardLink: true }) },
    { kind: 'link', path: 'bin/python2', target: 'python2.7' },
    { kind: 'link', path: 'bin/python', target: 'python2.7' },
    ...libraryEntries(interpreter),
    // One that looks for libpython relative to itself finds it here; one that has the path in it never looks.
    ...sharedLibraryEntries(host, interpreter, copies ? 'copy' : 'link'),
    // Without os.py the prefix would be the base's; without lib-dynload the exec_prefix, and the base's packages would be seen.
    { kind: 'link', path: `${library}/os.py`, target: path.join(stdlib, 'os.py') },
    { kind: 'link', path: `${library}/lib-dynload`, target: path.join(platstdlib, 'lib-dynload'), directory: true },
    // The rest of sys.path's defaults. lib-old, empty in every 2.7, comes after lib/python2.7: it leads to the whole library for
    // `python -S`, which never gets to site.py.
    { kind: 'link', path: `${library}/lib-old`, target: stdlib, directory: true },
    { kind: 'file', path: `${library}/site.py`, text: siteText() },
    ...makefileEntries(host, platstdlib, library),
    { kind: 'directory', path: 'include' },
    ...headerEntries(files, path, interpreter.include, 'include/python2.7'),
  ]
}

export function siteText(): string {
  const text = assetTexts['python/site27.py']
  if (text === undefined) throw new Error('assets/python/site27.py is missing from the build')
  return text
}

/** sysconfig and distutils read the Makefile under the environment's own prefix (config, Debian's config-x86_64-linux-gnu). */
function makefileEntries({ files, path }: LayoutHost, platstdlib: string, library: string): PlanEntry[] {
  return (files.list(platstdlib) ?? [])
    .filter(({ name }) => name === 'config' || name.startsWith('config-'))
    .flatMap(({ name }): PlanEntry[] => [
      { kind: 'directory', path: `${library}/${name}` },
      { kind: 'link', path: `${library}/${name}/Makefile`, target: path.join(platstdlib, name, 'Makefile') },
    ])
}

/**
 * A real directory with one link for each header: extensions compile against them, and headers that a project installs beside them stay
 * in the environment (through one link to the whole directory they would land in the base).
 */
function headerEntries(
  files: LayoutHost['files'],
  path: LayoutHost['path'],
  from: string,
  to: string,
  depth: number = 0,
): PlanEntry[] {
  const entries: PlanEntry[] = [{ kind: 'directory', path: to }]
  for (const { name, kind } of files.list(from) ?? []) {
    const source = path.join(from, name)
    if (kind === 'directory' && depth < 4)
      entries.push(...headerEntries(files, path, source, `${to}/${name}`, depth + 1))
    else if (kind !== 'directory') entries.push({ kind: 'link', path: `${to}/${name}`, target: source })
  }
  return entries
}
