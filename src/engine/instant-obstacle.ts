// Where packages may be links to whole trees of the store, and where they may not. A value, so that whoever asked is told.

import { isDenError } from '../base/error.ts'
import type { Host } from '../host/host.ts'
import { linkedTree } from '../install/instant-unfold.ts'
import type { ApplyRequest } from './apply.ts'

/** Why this environment gets no links to whole trees; undefined when it can have them. */
export function instantObstacle(host: Host, request: ApplyRequest): string | undefined {
  const { files, path } = host
  const { root, paths } = request.environment
  if (host.platform === 'win32' || request.interpreter.platform === 'win32')
    return 'removers on Windows follow links to directories'
  // A target or a prefix has no pyvenv.cfg, by which pip knows what is its own.
  if (request.traceless === true) return 'this is no environment'
  if (files.lstat(path.join(root, 'conda-meta')) !== undefined) return "conda's own packages stand in this environment"
  if (files.lstat(path.join(root, 'pyvenv.cfg')) === undefined)
    return 'this is no virtual environment, and pip deletes what such links lead to where there is no pyvenv.cfg'
  if (path.basename(path.dirname(paths.purelib)).startsWith('pypy') || path.dirname(paths.purelib) === root)
    return 'this is PyPy, with which it was not tried'
  const trees = [
    ...request.plan.install,
    ...request.plan.change.map(({ to }) => to),
    ...request.plan.reinstall.map(({ to }) => to),
  ]
  const store = trees.flatMap(({ source }) => linkedTree(host, source.tree.directory)?.store ?? [])[0]
  if (store !== undefined && isOpen(host, root) && !isOpen(host, store))
    return `other users can read ${root} but not the store, ${store}`
  return undefined
}

/** Whether every user may enter it. */
function isOpen({ files, path }: Pick<Host, 'files' | 'path'>, directory: string): boolean {
  try {
    let place = files.realPath(directory) ?? directory
    if (((files.stat(place)?.mode ?? 0) & 0o5) !== 0o5) return false
    for (; path.dirname(place) !== place; place = path.dirname(place))
      if (((files.stat(path.dirname(place))?.mode ?? 0) & 0o1) !== 0o1) return false
    return true
  } catch (error) {
    if (isDenError(error)) return false
    throw error
  }
}
