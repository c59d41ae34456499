// What den knows of a Python: the facts that environments, targets and explanations are computed from.

import type { Platform } from '../host/host.ts'

/** `sys.version_info` as numbers; `serial` counts within a, b and rc. */
export interface PythonVersion {
  readonly major: number
  readonly minor: number
  readonly micro: number
  readonly level: 'alpha' | 'beta' | 'candidate' | 'final'
  readonly serial: number
}

export type Implementation = 'cpython' | 'pypy' | 'graalpy' | 'rustpython' | 'jython' | 'ironpython' | 'micropython'

/** A base interpreter: never one of a virtual environment. All paths are absolute. */
export interface Interpreter {
  /** The executable as one would call it: links are kept, so that a stable name stays stable. */
  readonly executable: string
  /** The file behind every link. */
  readonly realExecutable: string
  readonly implementation: Implementation
  /** The version of the language (`sys.version_info`). */
  readonly version: PythonVersion
  /** The implementation's own version where it differs (PyPy 7.3.17, GraalPy 24.1.0). */
  readonly implementationVersion?: string
  readonly freeThreaded: boolean
  readonly debug: boolean
  /** `sys.abiflags`: "" | "m" | "d" | "dm" | "mu" | "t" | "td"; "" on Windows and Python 2 (which has none). */
  readonly abiFlags: string
  /** `EXT_SUFFIX`'s middle ("cpython-313-x86_64-linux-gnu"); undefined for Python 2.7, which has none. */
  readonly soabi?: string
  /** Pointer size: `sys.maxsize` tells the same. */
  readonly bits: 32 | 64
  /** "x86_64", "aarch64", "i686", "AMD64", "arm64", … as `platform.machine()` says it. */
  readonly machine: string
  readonly platform: Platform
  readonly libc?: 'glibc' | 'musl'
  /** `sys.prefix`, `sys.exec_prefix` of the base. */
  readonly prefix: string
  readonly execPrefix: string
  /** `sys.platlibdir`: "lib", or "lib64" on Fedora and its kin. */
  readonly platlibdir: 'lib' | 'lib64'
  /** The directory of `os.py`, and the one that holds lib-dynload. */
  readonly stdlib: string
  readonly platstdlib: string
  /** The directory where Python.h is, or would be if the headers were installed. */
  readonly include: string
  /** The shared library the executable needs (libpython3.13.so.1.0); absent when it is linked in. */
  readonly sharedLibrary?: string
  /** Who built it in a way that matters to schemes: Debian's dist-packages, Fedora's lib64, Homebrew, python.org's framework, … */
  readonly vendor?:
    | 'debian'
    | 'fedora'
    | 'homebrew'
    | 'framework'
    | 'xcode'
    | 'windows-store'
    | 'conda'
    | 'python-build-standalone'
    | 'nix'
  /** macOS framework builds: the framework's name ("Python", "PythonT"). */
  readonly framework?: string
  /** The file that says the installation belongs to a package manager (PEP 668), when it is there. */
  readonly externallyManaged?: string
  /** Directories that hold wheels for ensurepip (`ensurepip/_bundled`, Debian's /usr/share/python-wheels), those there. */
  readonly wheelDirectories: readonly string[]
  /** How these facts came to be: read from files, or the interpreter was asked. */
  readonly source: 'files' | 'asked'
}

/** What a locator came across: an interpreter, or the reason why it is none. Broken ones are shown, never dropped. */
export interface FoundPython {
  /** The path at which it was met. */
  readonly executable: string
  /** The locator's name: "path", "pyenv", "conda", … */
  readonly locator: string
  /** Other paths that lead to the same file, in the order met. */
  readonly alsoAt: readonly string[]
  readonly interpreter?: Interpreter
  /** Present exactly when `interpreter` is absent. */
  readonly problem?: { readonly code: string; readonly text: string }
  /** The root of the virtual environment that the executable belongs to; `interpreter` is then its base. */
  readonly environment?: string
  /** A tool's own name for it ("3.12.1" of pyenv, "myenv" of conda). */
  readonly name?: string
}

/** "3.13.0", "3.14.0a7", "3.12.1rc2". */
export function formatPythonVersion(version: PythonVersion): string {
  const suffix = { alpha: 'a', beta: 'b', candidate: 'rc', final: '' }[version.level]
  return `${version.major}.${version.minor}.${version.micro}${suffix === '' ? '' : `${suffix}${version.serial}`}`
}

/** "3.13", with "t" for a free-threaded build: the name of its directories under lib. */
export function libraryVersion(interpreter: Pick<Interpreter, 'version' | 'freeThreaded'>): string {
  return `${interpreter.version.major}.${interpreter.version.minor}${interpreter.freeThreaded ? 't' : ''}`
}

/** Orders by version; what has none comes before all. */
export function compareFound(one: FoundPython, other: FoundPython): number {
  const key = ({ interpreter }: FoundPython): readonly number[] =>
    interpreter === undefined
      ? []
      : [
          interpreter.version.major,
          interpreter.version.minor,
          interpreter.version.micro,
          ['alpha', 'beta', 'candidate', 'final'].indexOf(interpreter.version.level),
          interpreter.version.serial,
        ]
  const left = key(one)
  const right = key(other)
  for (let index = 0; index < 5; index += 1) {
    const difference = (left[index] ?? -1) - (right[index] ?? -1)
    if (difference !== 0) return difference
  }
  return 0
}
