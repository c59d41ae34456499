// What stands in an environment besides activation scripts and pyvenv.cfg, for any interpreter: the choice among the layouts.

import { DenError } from '../../base/error.ts'
import type { Host } from '../../host/host.ts'
import { formatPythonVersion, type Interpreter } from '../../python/interpreter.ts'
import type { BasePython } from '../base.ts'
import type { PlanEntry } from '../plan.ts'
import { graalpyLayout } from './graalpy.ts'
import { posixLayout } from './posix.ts'
import { pypyLayout } from './pypy.ts'
import { python27Layout } from './python27.ts'
import { windows27Layout, windowsLayout } from './windows.ts'

export interface LayoutRequest {
  readonly interpreter: Interpreter
  readonly base: BasePython
  /** Copies of the executable and of the libraries it needs, instead of links. */
  readonly copies: boolean
}

/** Where a layout looks at the base: listing a directory or two, never more. */
export type LayoutHost = Pick<Host, 'files' | 'path'>

/**
 * The directories, links and copies of an environment, parents first. Throws `environment-unsupported` for what den makes no environment
 * for, `interpreter-incomplete` where the base lacks what its environments are made of.
 */
export function environmentLayout(host: LayoutHost, request: LayoutRequest): readonly PlanEntry[] {
  const { interpreter } = request
  const { implementation, version } = interpreter
  const windows = interpreter.platform === 'win32'
  const old = version.major === 2
  if (implementation === 'cpython' && (old ? version.minor === 7 : version.minor >= 3)) {
    if (old) return windows ? windows27Layout(host, request) : python27Layout(host, request)
    return windows ? windowsLayout(host, request) : posixLayout(host, request)
  }
  if (implementation === 'pypy' && !old) return pypyLayout(host, request)
  if (implementation === 'graalpy' && !old) return graalpyLayout(host, request)
  if (implementation === 'rustpython' && !windows) return posixLayout(host, request)
  throw new DenError('environment-unsupported', {
    python: `${implementation} ${formatPythonVersion(version)}`,
    what: 'environment',
    reason:
      implementation === 'cpython' || implementation === 'pypy'
        ? `it makes them for CPython 2.7, CPython 3 and PyPy 3`
        : 'this implementation has no virtual environments',
  })
}
