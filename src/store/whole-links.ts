// How a tree is linked by whole entries: which of its directories must be real ones in an environment, and what is linked into them.
// The rules are research/instant-environments.md's 4 (namespaces) and 8 (libraries that look outside the tree).

import type { TreePart, WholeLinks, WhyReal } from './manifest.ts'

/** What unpacking found in the files of a part, by the directory in the part that they lie in. */
export interface PartFindings {
  /** Packages whose __init__.py calls extend_path or declare_namespace. */
  readonly extendable: ReadonlySet<string>
  /** RPATH and RUNPATH of the libraries in a directory. */
  readonly runPaths: ReadonlyMap<string, ReadonlySet<string>>
}

/** The links for a part of site-packages; `distInfo` is left out, because it is always real and its files are listed elsewhere. */
export function wholeLinks(part: TreePart, findings: PartFindings, distInfo: string): WholeLinks {
  const directories = new Map(part.directories.map(({ path, files }) => [path, files]))
  const children = new Map<string, string[]>()
  for (const path of directories.keys()) {
    if (path === '') continue
    const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')))
    const siblings = children.get(parent)
    if (siblings === undefined) children.set(parent, [path])
    else siblings.push(path)
  }
  const holdsLeavingLibrary = new Set<string>()
  for (const [directory, paths] of findings.runPaths) {
    if (![...paths].some((path) => leaves(directory, path, directories))) continue
    for (let path = directory; path !== ''; path = path.slice(0, Math.max(0, path.lastIndexOf('/'))))
      holdsLeavingLibrary.add(path)
  }
  const whyReal = (path: string): WhyReal | undefined => {
    if (isNamespace(path, directories, children, findings.extendable)) return 'namespace'
    return holdsLeavingLibrary.has(path) ? 'runpath' : undefined
  }

  const real: (readonly [string, WhyReal])[] = []
  const links: (readonly [string, 'file' | 'directory'])[] = []
  const walk = (directory: string, above: WhyReal | undefined): void => {
    for (const [name] of directories.get(directory) ?? [])
      links.push([directory === '' ? name : `${directory}/${name}`, 'file'])
    for (const path of children.get(directory) ?? []) {
      if (path === distInfo && part.from === '') continue
      // Below a package that is real for its libraries' sake only, nobody else puts anything.
      const why = above === 'runpath' ? (holdsLeavingLibrary.has(path) ? 'runpath' : undefined) : whyReal(path)
      if (why === undefined) links.push([path, 'directory'])
      else {
        real.push([path, why])
        walk(path, why)
      }
    }
  }
  walk('', 'namespace')
  return { scheme: part.scheme === 'platlib' ? 'platlib' : 'purelib', from: part.from, real, links }
}

/** "No __init__.py, or one that calls extend_path or declare_namespace": others may have a part of the same package. */
function isNamespace(
  path: string,
  directories: ReadonlyMap<string, TreePart['directories'][number]['files']>,
  children: ReadonlyMap<string, readonly string[]>,
  extendable: ReadonlySet<string>,
): boolean {
  if (extendable.has(path)) return true
  if ((directories.get(path) ?? []).some(([name]) => /^__init__\.(?:py[cio]?|.*\.(?:so|pyd))$/.test(name))) return false
  // `numpy.libs`: no name of a package, and nothing of Python's in it.
  const name = path.slice(path.lastIndexOf('/') + 1)
  const isIdentifier = /^[\p{XID_Start}_]\p{XID_Continue}*$/u.test(name)
  const holdsPython = (at: string): boolean =>
    (directories.get(at) ?? []).some(([file]) => /\.pyi?$/.test(file)) || (children.get(at) ?? []).some(holdsPython)
  return isIdentifier || holdsPython(path)
}

/** Whether a library in `directory` that looks in `runPath` would find other files behind a link than in an ordinary environment. */
function leaves(directory: string, runPath: string, directories: ReadonlyMap<string, unknown>): boolean {
  const match = /^\$(?:ORIGIN|\{ORIGIN\})(?:\/(.*))?$/.exec(runPath)
  // Absolute paths are the same from everywhere.
  if (match === null) return false
  const place = directory === '' ? [] : directory.split('/')
  for (const step of (match[1] ?? '').split('/')) {
    if (step === '' || step === '.') continue
    if (step !== '..') place.push(step)
    else if (place.pop() === undefined) return true
  }
  return !directories.has(place.join('/'))
}
