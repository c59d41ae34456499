// Path arithmetic as Python does it while it starts: `os.path` for site.py, plain text cutting for getpath. Node's own functions
// resolve and trim differently, and a difference here is a difference in `sys.path`.

import type { Host } from '../../host/host.ts'

export interface PythonPaths {
  readonly windows: boolean
  readonly separator: '/' | '\\'
  /** What parts the entries of PYTHONPATH and PYTHONHOME. */
  readonly delimiter: ':' | ';'
  isAbsolute(path: string): boolean
  /** `os.path.join`. */
  join(first: string, ...more: readonly string[]): string
  /** `os.path.normpath`. */
  normalize(path: string): string
  /** `os.path.abspath`. */
  absolute(path: string): string
  /** `os.path.normcase`: what two spellings of one path have in common. */
  case(path: string): string
  /** What stands before the last separator; empty where there is none. getpath's way, so that "/usr" gives "". */
  cut(path: string): string
  /** What stands after the last separator. */
  name(path: string): string
}

/** Python's path functions for the platform and the working directory of `host`. */
export function pythonPaths(host: Pick<Host, 'platform' | 'cwd' | 'path'>): PythonPaths {
  return host.platform === 'win32' ? windowsPaths(host) : posixPaths(host.cwd)
}

function posixPaths(cwd: string): PythonPaths {
  const join = (first: string, ...more: readonly string[]): string =>
    more.reduce((path, part) => {
      if (part.startsWith('/')) return part
      return path === '' || path.endsWith('/') ? path + part : `${path}/${part}`
    }, first)
  const normalize = (path: string): string => {
    if (path === '') return '.'
    // POSIX leaves the meaning of exactly two leading slashes to the system, so Python keeps them.
    const root = path.startsWith('//') && !path.startsWith('///') ? '//' : path.startsWith('/') ? '/' : ''
    const kept: string[] = []
    for (const part of path.split('/')) {
      if (part === '' || part === '.') continue
      if (part !== '..' || (root === '' && kept.length === 0) || kept.at(-1) === '..') kept.push(part)
      else kept.pop()
    }
    return root + kept.join('/') || '.'
  }
  return {
    windows: false,
    separator: '/',
    delimiter: ':',
    isAbsolute: (path) => path.startsWith('/'),
    join,
    normalize,
    absolute: (path) => normalize(path.startsWith('/') ? path : join(cwd, path)),
    case: (path) => path,
    cut: (path) => path.slice(0, Math.max(0, path.lastIndexOf('/'))),
    name: (path) => path.slice(path.lastIndexOf('/') + 1),
  }
}

function windowsPaths(host: Pick<Host, 'cwd' | 'path'>): PythonPaths {
  const { path: node, cwd } = host
  const last = (path: string): number => Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/'))
  const trimmed = (path: string): string => (/[^\\/:][\\/]+$/.test(path) ? path.replace(/[\\/]+$/, '') : path)
  const join = (first: string, ...more: readonly string[]): string =>
    more.reduce((path, part) => {
      if (node.isAbsolute(part)) return part
      return path === '' || /[\\/:]$/.test(path) ? path + part : `${path}\\${part}`
    }, first)
  return {
    windows: true,
    separator: '\\',
    delimiter: ';',
    isAbsolute: (path) => node.isAbsolute(path),
    join,
    normalize: (path) => trimmed(node.normalize(path)),
    absolute: (path) => trimmed(node.normalize(node.isAbsolute(path) ? path : join(cwd, path))),
    case: (path) => path.replaceAll('/', '\\').toLowerCase(),
    cut: (path) => path.slice(0, Math.max(0, last(path))),
    name: (path) => path.slice(last(path) + 1),
  }
}
