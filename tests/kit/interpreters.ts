// Interpreters as values, for tests that need no real one.

import type { Interpreter, PythonVersion } from '../../src/python/interpreter.ts'

/** "3.13.0" as numbers; a final release. */
export function version(text: string): PythonVersion {
  const [major = 3, minor = 0, micro = 0] = text.split('.').map(Number)
  return { major, minor, micro, level: 'final', serial: 0 }
}

/** A CPython for Linux under `prefix`, with the names that belong to its version; `changes` make another of it. */
export function interpreter(release: string, changes: Partial<Interpreter> = {}): Interpreter {
  const numbers = version(release)
  const short = `${numbers.major}.${numbers.minor}`
  const prefix = changes.prefix ?? `/opt/python/${release}`
  const suffix = changes.freeThreaded === true ? 't' : ''
  return {
    executable: `${prefix}/bin/python${short}`,
    realExecutable: `${prefix}/bin/python${short}`,
    implementation: 'cpython',
    version: numbers,
    freeThreaded: false,
    debug: false,
    abiFlags: suffix,
    bits: 64,
    machine: 'x86_64',
    platform: 'linux',
    libc: 'glibc',
    prefix,
    execPrefix: prefix,
    platlibdir: 'lib',
    stdlib: `${prefix}/lib/python${short}${suffix}`,
    platstdlib: `${prefix}/lib/python${short}${suffix}`,
    include: `${prefix}/include/python${short}${suffix}`,
    wheelDirectories: [],
    source: 'files',
    ...changes,
  }
}

/** A CPython for Windows in `C:\\Python`. */
export function windowsInterpreter(release: string, changes: Partial<Interpreter> = {}): Interpreter {
  const prefix = changes.prefix ?? 'C:\\Python'
  const { libc: _, ...rest } = interpreter(release)
  return {
    ...rest,
    executable: `${prefix}\\python.exe`,
    realExecutable: `${prefix}\\python.exe`,
    machine: 'AMD64',
    platform: 'win32',
    prefix,
    execPrefix: prefix,
    stdlib: `${prefix}\\Lib`,
    platstdlib: `${prefix}\\Lib`,
    include: `${prefix}\\Include`,
    ...changes,
  }
}
