// Where the loader finds the shared library that an executable needs: its own search path, then the installation, then the system.

import type { Host } from '../../host/host.ts'
import type { Program } from './reading.ts'

export type Library =
  | { readonly kind: 'found'; readonly path: string }
  | { readonly kind: 'missing'; readonly name: string; readonly path?: undefined }
  /** The library is linked in. */
  | { readonly kind: 'none'; readonly path?: undefined }
  /** Some place the loader was told of otherwise (ld.so.cache, LD_LIBRARY_PATH). */
  | { readonly kind: 'elsewhere'; readonly path?: undefined }

/** Looks for the needed library whose file name matches, where the loader would look for it (ld.so(8), dyld(1)). */
export function findLibrary(host: Host, program: Program, pattern: RegExp): Library {
  const { path, files } = host
  const { needed: libraries, runpath, machine } = program.binary
  const needed = libraries.find((name) => pattern.test(name.slice(name.lastIndexOf('/') + 1)))
  if (needed === undefined) return { kind: 'none' }
  const origin = path.dirname(program.realExecutable)
  const expand = (text: string): string =>
    text.replace(/\$ORIGIN|\$\{ORIGIN\}|@executable_path|@loader_path/g, origin).replace(/\$LIB|\$\{LIB\}/g, 'lib')
  const isFile = (candidate: string): boolean => files.stat(candidate)?.kind === 'file'
  if (needed.includes('/') && !needed.startsWith('@rpath/')) {
    const file = path.resolve(origin, expand(needed))
    return isFile(file) ? { kind: 'found', path: file } : { kind: 'missing', name: file }
  }
  const name = needed.replace('@rpath/', '')
  const within = (directories: Iterable<string>): string | undefined => {
    for (const directory of directories) {
      const file = path.resolve(directory, name)
      if (isFile(file)) return file
    }
    return undefined
  }
  const multiarch = `/usr/lib/${machine === 'i686' ? 'i386' : machine}-linux-gnu`
  const found =
    within((host.env['LD_LIBRARY_PATH'] ?? '').split(':').filter((entry) => path.isAbsolute(entry))) ??
    within(runpath.map(expand)) ??
    within([multiarch, '/usr/lib64', '/usr/lib']) ??
    (searchesUsrLocal(host, program) ? within(['/usr/local/lib']) : undefined)
  return found === undefined ? { kind: 'elsewhere' } : { kind: 'found', path: found }
}

/** musl's loader looks there by itself, Debian's because libc.conf says so; Fedora's doesn't. */
function searchesUsrLocal({ files }: Host, program: Program): boolean {
  return (
    program.binary.interpreter?.includes('ld-musl') === true || files.stat('/etc/ld.so.conf.d/libc.conf') !== undefined
  )
}
