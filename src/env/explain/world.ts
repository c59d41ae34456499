// What an explanation reads from: files that may refuse, variables, and a list of everything that had a say. Nothing here writes,
// and nothing here runs Python.

import { type Host, variable } from '../../host/host.ts'
import { ifReadable } from '../quietly.ts'
import { type PythonPaths, pythonPaths } from './python-paths.ts'

/** Where something comes from: a line of a file, a variable, an option, or the interpreter itself. */
export type Source =
  | { readonly kind: 'file'; readonly file: string; readonly line?: number }
  | { readonly kind: 'variable'; readonly variable: string }
  | { readonly kind: 'option'; readonly option: string }
  | { readonly kind: 'rule'; readonly rule: string }

/** A file or variable that had a say, and what it did. */
export interface Say {
  readonly from: Source
  readonly effect: string
}

/** The part of a Host that explanations read. */
export type ExplainHost = Pick<Host, 'env' | 'platform' | 'path' | 'home' | 'cwd' | 'files' | 'registry'>

export interface World {
  readonly host: ExplainHost
  readonly paths: PythonPaths
  variable(name: string): string | undefined
  isFile(path: string): boolean
  isDirectory(path: string): boolean
  exists(path: string): boolean
  text(path: string): string | undefined
  bytes(path: string): Uint8Array | undefined
  names(path: string): readonly string[] | undefined
  readLink(path: string): string | undefined
  /** The path with every link resolved; undefined where it isn't there. */
  realPath(path: string): string | undefined
  say(from: Source, effect: string): void
  readonly said: readonly Say[]
}

/** What can't be looked at counts as not there: Python itself takes it so. */
export function openWorld(host: ExplainHost): World {
  const said: Say[] = []
  const paths = pythonPaths(host)
  const { files } = host
  // Python looks from its working directory, which need not be this process's.
  const at = (path: string): string => (paths.isAbsolute(path) ? path : paths.join(host.cwd, path))
  const kind = (path: string): string | undefined =>
    // A NUL can stand in a .pth line, never in a file's name.
    path.includes('\0') ? undefined : ifReadable(() => files.stat(at(path)))?.kind
  return {
    host,
    paths,
    variable: (name) => variable(host, name),
    isFile: (path) => kind(path) === 'file',
    isDirectory: (path) => kind(path) === 'directory',
    exists: (path) => kind(path) !== undefined,
    text: (path) => ifReadable(() => files.readText(at(path))),
    bytes: (path) => ifReadable(() => files.readBytes(at(path))),
    names: (path) => ifReadable(() => files.list(at(path)))?.map((entry) => entry.name),
    readLink: (path) => ifReadable(() => files.readLink(at(path))),
    realPath: (path) => ifReadable(() => files.realPath(at(path))),
    say: (from, effect) => void said.push({ from, effect }),
    said,
  }
}

/** "FILE:LINE", "$NAME", "-s", or the rule's own words. */
export function formatSource(source: Source): string {
  switch (source.kind) {
    case 'file':
      return source.line === undefined ? source.file : `${source.file}:${source.line}`
    case 'variable':
      return `$${source.variable}`
    case 'option':
      return source.option
    case 'rule':
      return source.rule
  }
}
