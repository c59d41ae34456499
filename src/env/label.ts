// What people call an environment's Python: "Python 3.12", "PyPy 3.10", "free-threaded Python 3.13".

import type { Environment } from './environment.ts'

export function pythonLabel(environment: Pick<Environment, 'pythonVersion' | 'implementation'>): string {
  const { pythonVersion: version, implementation } = environment
  const name = { cpython: 'Python', pypy: 'PyPy', graalpy: 'GraalPy' }[implementation] ?? implementation
  if (version === undefined) return name
  return `${version.freeThreaded ? 'free-threaded ' : ''}${name} ${version.major}.${version.minor}`
}

/** "3.12.1", "3.12", "3.13t": as far as the files tell; "?" where they don't. */
export function versionText(environment: Pick<Environment, 'pythonVersion'>): string {
  const version = environment.pythonVersion
  if (version === undefined) return '?'
  const numbers = [version.major, version.minor, ...(version.micro === undefined ? [] : [version.micro])].join('.')
  return `${numbers}${version.freeThreaded ? 't' : ''}`
}
