// The first lines of a script that is to be run by an environment's Python, and reading them back.
//
// A plain `#!` line is taken where the kernel can read it. Where it can't (a path with spaces, one longer than the shortest limit
// among kernels), where Python 2 can't (it reads the first line as ASCII) and where the script has to find Python beside itself,
// `/bin/sh` runs lines that Python sees as one string.

import type { Platform } from '../host/host.ts'

export interface ScriptHeaderOptions {
  /** The absolute path of the environment's Python, in its final place. */
  readonly python: string
  readonly platform: Platform
  /** Find Python beside the script, wherever that is (through links to it too), instead of at the path. */
  readonly relocatable?: boolean
  /** A script without a console: pythonw.exe on Windows, the same as any other elsewhere. */
  readonly gui?: boolean
}

/** Linux before 5.1 cuts the line at 127 bytes; what is longer is no longer run everywhere. */
const shortestLimit = 127

/**
 * What goes before a generated script: whole lines, the last one ended. The text is ASCII unless the path isn't; then the second line
 * declares UTF-8. A script with a text of its own goes through `scriptText`.
 */
export function scriptHeader(options: ScriptHeaderOptions): string {
  return startOf(options, '')
}

/**
 * A whole script: the header and `body` (its own `#!` line taken off), joined so that the body's encoding line stays among the first
 * two, its docstring stays a docstring and a `from __future__` after it stays allowed.
 */
export function scriptText(options: ScriptHeaderOptions, body: string): string {
  const text = body.startsWith('#!')
    ? body.slice(body.indexOf('\n') === -1 ? body.length : body.indexOf('\n') + 1)
    : body
  // Comment and blank lines mean nothing to the shell either, so they may stand before its lines.
  const comments = /^(?:[ \t\f]*(?:#[^\n]*)?\n)*/.exec(text)![0]
  const rest = text.slice(comments.length)
  return `${startOf(options, comments, /^[rRuU]?(?:'|")/.test(rest))}${rest}`
}

function startOf(options: ScriptHeaderOptions, comments: string, docstring = false): string {
  const interpreter = options.platform === 'win32' && options.gui === true ? windowed(options.python) : options.python
  const foreign = /[^\x00-\x7f]/.test(interpreter)
  const cookie = /^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)/m.exec(comments.split('\n').slice(0, 1).join('\n'))
  const relocatable =
    options.relocatable === true || (foreign && cookie !== null && !/^utf-?8$/i.test(cookie[1]!.replaceAll('_', '-')))
  const encoding = foreign && !relocatable && cookie === null ? '# -*- coding: utf-8 -*-\n' : ''
  if (options.platform === 'win32') {
    // Launchers read this line, from a file or from the end of their own: quotes around a path with spaces, as distlib has it.
    const name = options.relocatable === true ? interpreter.slice(interpreter.lastIndexOf('\\') + 1) : interpreter
    return `#!${/\s/.test(name) ? `"${name}"` : name}\n${encoding}${comments}`
  }
  const join = docstring ? ' \\\n' : '\n'
  if (relocatable) return `#!/bin/sh\n${comments}${besideItself}${join}`
  if (!foreign && !/\s/.test(interpreter) && interpreter.length + 3 <= shortestLimit)
    return `#!${interpreter}\n${comments}`
  return `#!/bin/sh\n${encoding}${comments}'''exec' ${shellWord(interpreter)} "$0" "$@"\n' '''${join}`
}

/**
 * To the shell: the command `:`, then lines that follow the links of `$0` and run the Python beside its file; nothing is forked unless
 * the script was called through a link. To Python: a string. It may hold neither a backslash nor three single quotes.
 */
const besideItself: string = [
  "''':' # den: the Python beside this file",
  'case $0 in /*) s=$0 ;; *) s=./$0 ;; esac',
  'while [ -h "$s" ]; do l=$(readlink "$s") || break; case $l in /*) s=$l ;; *) s=${s%/*}/$l ;; esac; done',
  'exec "${s%/*}/python" "$0" "$@"',
  "':'''",
].join('\n')

/** One word for the shell that is also part of a Python string in single quotes: no backslash that Python would read as an escape. */
function shellWord(path: string): string {
  if (/^[^"\\$`']*$/.test(path)) return `"${path}"`
  return path
    .split(/(\\|')/)
    .filter((piece) => piece !== '')
    .map((piece) => (piece === '\\' ? '"\\\\"' : piece === "'" ? '"\'"' : `'${piece}'`))
    .join('')
}

function windowed(python: string): string {
  return python.replace(/python((?:_d)?\.exe)$/i, 'pythonw$1')
}

export interface ParsedScriptHeader {
  /** `direct`: a `#!` line; `exec`: the /bin/sh trick with a path; `relocatable`: Python is looked for from the script's directory. */
  readonly form: 'direct' | 'exec' | 'relocatable'
  /** The interpreter's path as written; for `relocatable` its path from the script's directory ("python"). */
  readonly python: string
  /** What follows the interpreter on a direct line ("-E", "-sP"). */
  readonly arguments: string
  /** Where the header ends and the script's own text begins, in UTF-16 units. */
  readonly length: number
}

/**
 * Reads the first lines of a script: pip's, distlib's, virtualenv's, uv's (both relocatable forms), conda's and den's. Undefined for
 * what is run by no Python (another program's `#!` line, a shell script, no `#!` at all).
 */
export function parseScriptHeader(text: string): ParsedScriptHeader | undefined {
  const first = /^#!([^\n]*)(?:\n|$)/.exec(text)
  if (first === null) return undefined
  const line = first[1]!.replace(/^[ \t]+|[ \t\r]+$/g, '')
  return line === '/bin/sh' ? parseShell(text, first[0].length) : parseDirect(line, first[0].length)
}

function parseDirect(line: string, length: number): ParsedScriptHeader | undefined {
  const quoted = /^"([^"]+)"[ \t]*(.*)$/.exec(line)
  // Without quotes the kernel ends the path at the first space; Windows launchers end it at ".exe".
  const plain = /^([^ \t].*?\.exe)(?:[ \t]+(.*))?$/i.exec(line) ?? /^([^ \t]+)[ \t]*(.*)$/.exec(line)
  const python = quoted?.[1] ?? plain?.[1]
  if (python === undefined || !isPython(python)) return undefined
  const given = (quoted ?? plain)?.[2] ?? ''
  // Windows launchers put their own directory in the place of this word.
  const beside = /^<launcher_dir>[\\/](.+)$/i.exec(python)?.[1]
  return beside === undefined
    ? { form: 'direct', python, arguments: given, length }
    : { form: 'relocatable', python: beside, arguments: given, length }
}

function parseShell(text: string, start: number): ParsedScriptHeader | undefined {
  // Comments of the script's own may stand between the first line and the trick.
  const comments = /^(?:[ \t\f]*(?:#[^\n]*)?\n)*/.exec(text.slice(start))![0].length
  const rest = text.slice(start + comments)
  const end = (count: number): number => start + comments + count
  if (rest.startsWith(besideItself)) {
    return { form: 'relocatable', python: 'python', arguments: '', length: end(lineEnd(rest, besideItself.length)) }
  }
  // Not `.`: to it U+2028 ends a line, which to the shell is a letter like any other.
  const trick = /^'''exec' ([^\n]+) "\$0" "\$@"(?:\n' '''| #''')/.exec(rest)
  if (trick === null) return undefined
  const length = end(lineEnd(rest, trick[0].length))
  const word = trick[1]!
  // uv: "$(dirname -- "$(realpath -- "$0")")"/'python', and before 0.1.41 a cd in place of realpath.
  const beside = /\$\((?:CDPATH= cd|dirname) .*\)"\/(?:'([^']+)'|(\S+))$/.exec(word)
  if (beside !== null) return { form: 'relocatable', python: (beside[1] ?? beside[2])!, arguments: '', length }
  const python = unquoteShellWord(word)
  return python !== undefined && isPython(python) ? { form: 'exec', python, arguments: '', length } : undefined
}

/** The end of the line that ends at or after `position`; a joining backslash belongs to the header. */
function lineEnd(text: string, position: number): number {
  const end = text.indexOf('\n', position)
  return end === -1 ? text.length : end + 1
}

function unquoteShellWord(word: string): string | undefined {
  let out = ''
  const pieces = /'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|([^'"\s]+|\s+)/gy
  let last = 0
  for (const match of word.matchAll(pieces)) {
    const [, single, double, bare] = match
    out += single ?? double?.replace(/\\([\\"$`])/g, '$1') ?? bare?.replace(/\\([\s\S])/g, '$1') ?? ''
    last = match.index + match[0].length
  }
  return last === word.length ? out : undefined
}

/** Whether the last part of a path names some Python: python3.13, pypy3, pythonw.exe, graalpy, python3-dbg. */
function isPython(path: string): boolean {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
  return /^(?:python|pypy|graalpy|rustpython)[\w.-]*$/i.test(name)
}
