// What a shell runs when `python` or `pip` is typed: aliases and functions first, then what it remembers, then PATH from left to
// right. Shims are parsed and scripts' first lines read, so that the end of the chain is known; nothing is run.

import { type Host, variable } from '../../host/host.ts'
import { resolveShim } from '../../python/shims.ts'
import { isDenPipScript } from '../den-pip.ts'
import { ifReadable } from '../quietly.ts'
import { parseScriptHeader } from '../shebang.ts'
import { environmentOf } from './membership.ts'

/** What only the shell knows; `den hook` can pass it on. */
export interface ShellHints {
  /** Alias names to what they stand for. */
  readonly aliases?: Readonly<Record<string, string>>
  /** Names of functions. */
  readonly functions?: readonly string[]
  /** Commands whose place the shell remembers (`hash`), to that place. */
  readonly hashed?: Readonly<Record<string, string>>
}

/** One file on PATH that has the command's name. */
export interface CommandFile {
  readonly path: string
  /** `python`: an interpreter; `script`: run by one; `shim`: another tool's stand-in; `wrapper`: a script of some other kind. */
  readonly kind: 'python' | 'script' | 'shim' | 'wrapper' | 'program'
  /** The interpreter at the end of the chain, as it is called. */
  readonly interpreter?: string
  /** The environment of that interpreter. */
  readonly environment?: string
  /** One sentence: what the file is. */
  readonly why: string
}

export interface CommandExplanation {
  /** "python", "pip3", … */
  readonly name: string
  /** Files of that name in the order of PATH; the first is run, unless `before` says otherwise. */
  readonly files: readonly CommandFile[]
  /** What the shell has that goes before PATH. */
  readonly before?: { readonly kind: 'alias' | 'function' | 'hash'; readonly what: string }
}

export const explainedCommands: readonly string[] = ['python', 'python3', 'pip', 'pip3']

/** Where these commands come from. Empty `files`: PATH has none. */
export function explainCommands(
  host: Host,
  hints: ShellHints = {},
  names: readonly string[] = explainedCommands,
): readonly CommandExplanation[] {
  return names.map((name) => {
    const files = filesNamed(host, name)
    const before = goesBefore(name, hints, files[0]?.path)
    return { name, files, ...(before === undefined ? {} : { before }) }
  })
}

function goesBefore(
  name: string,
  { aliases = {}, functions = [], hashed = {} }: ShellHints,
  first: string | undefined,
): CommandExplanation['before'] {
  const alias = aliases[name]
  if (alias !== undefined) return { kind: 'alias', what: alias }
  if (functions.includes(name)) return { kind: 'function', what: name }
  const remembered = hashed[name]
  return remembered === undefined || remembered === first ? undefined : { kind: 'hash', what: remembered }
}

/** As the shell searches: every entry of PATH in turn, an empty one meaning the working directory. */
export function pathEntries(host: Pick<Host, 'env' | 'platform' | 'path'>): readonly string[] {
  const value = variable(host, 'PATH') ?? ''
  if (value === '') return []
  return value.split(host.path.delimiter).map((entry) => (/^".+"$/.test(entry) ? entry.slice(1, -1) : entry))
}

function filesNamed(host: Host, name: string): readonly CommandFile[] {
  const { path, cwd } = host
  const suffixes = host.platform === 'win32' ? windowsSuffixes(host) : ['']
  const found: CommandFile[] = []
  const seen = new Set<string>()
  for (const entry of pathEntries(host)) {
    const directory = path.resolve(cwd, entry)
    if (seen.has(directory)) continue
    seen.add(directory)
    for (const suffix of suffixes) {
      const file = path.join(directory, `${name}${suffix}`)
      if (!ifReadable(() => host.files.isExecutable(file))) continue
      found.push(describeCommandFile(host, file))
      break
    }
  }
  return found
}

function windowsSuffixes(host: Host): readonly string[] {
  const value = variable(host, 'PATHEXT') || '.COM;.EXE;.BAT;.CMD'
  return value.toLowerCase().split(';').filter(Boolean)
}

/** Links, shims and `#!` lines can lead on; more steps than this are a circle. */
const mostSteps = 8

/** What a file of PATH is, and which interpreter it ends at. */
export function describeCommandFile(host: Host, file: string, depth: number = 0): CommandFile {
  const { path } = host
  if (depth > mostSteps) return { path: file, kind: 'program', why: 'leads back to itself' }
  const shim = ifReadable(() => resolveShim(host, file))
  if (shim !== undefined) {
    if (shim.target === undefined) return { path: file, kind: 'shim', why: shim.why }
    const target = describeCommandFile(host, shim.target, depth + 1)
    const why = `a shim of ${shim.tool}, which starts ${shim.target} (${shim.why})`
    return { ...endOf(target), path: file, kind: 'shim', why }
  }
  const text = startOfText(host, file)
  const header = text === undefined ? undefined : parseScriptHeader(text)
  if (header !== undefined) {
    const real = ifReadable(() => host.files.realPath(file)) ?? file
    const given =
      header.form === 'relocatable'
        ? path.join(path.dirname(real), header.python)
        : // `#!/usr/bin/env python` asks PATH once more.
          /(?:^|[\\/])env$/.test(header.python)
          ? undefined
          : header.python
    if (given === undefined)
      return { path: file, kind: 'script', why: 'a script run by whichever Python is first on PATH' }
    const there = ifReadable(() => host.files.stat(given)) !== undefined
    const environment = environmentOf(host, given)
    const own = environmentOf(host, file)
    const missing = there ? '' : ', which is not there: the script cannot be started'
    const moved =
      !there && own !== undefined && environment !== own ? ` (the environment ${own} was moved or copied)` : ''
    return {
      path: file,
      kind: 'script',
      interpreter: given,
      ...(environment === undefined ? {} : { environment }),
      why: `a script run by ${given}${missing}${moved}`,
    }
  }
  const byEnv = text === undefined ? undefined : /^#!\s*\S*\/env\s+(?:-\S+\s+)*(python[\d.]*)\s*$/m.exec(text)?.[1]
  if (byEnv !== undefined) return { path: file, kind: 'script', why: `a script run by the first ${byEnv} on PATH` }
  if (text !== undefined && isDenPipScript(text)) {
    // The environment is the one that the file is found in, whatever its links lead to.
    const environment =
      environmentOf(host, file) ?? environmentOf(host, ifReadable(() => host.files.realPath(file)) ?? file)
    if (environment === undefined) return { path: file, kind: 'wrapper', why: "den's own pip, in no environment" }
    const interpreter = path.join(path.dirname(file), 'python')
    const why = `den's own pip: den does what it is told, in ${environment}`
    return { path: file, kind: 'wrapper', interpreter, environment, why }
  }
  if (text !== undefined) {
    const line = text.slice(0, text.search(/\n|$/))
    return { path: file, kind: 'wrapper', why: `a script (${line}) that starts something by rules of its own` }
  }
  const environment = environmentOf(host, file)
  const target = ifReadable(() => host.files.realPath(file))
  const link = target === undefined || target === file ? '' : `, a link that ends at ${target}`
  if (!/^(?:python|pypy|graalpy)/i.test(path.basename(file))) {
    return {
      path: file,
      kind: 'program',
      ...(environment === undefined ? {} : { environment }),
      why: `a program${link}`,
    }
  }
  return {
    path: file,
    kind: 'python',
    interpreter: file,
    ...(environment === undefined ? {} : { environment }),
    why: `${environment === undefined ? 'a Python' : `the Python of the environment ${environment}`}${link}`,
  }
}

function endOf({ interpreter, environment }: CommandFile): Partial<CommandFile> {
  return {
    ...(interpreter === undefined ? {} : { interpreter }),
    ...(environment === undefined ? {} : { environment }),
  }
}

/** The beginning of a script; undefined for a binary. */
function startOfText({ files }: Host, file: string): string | undefined {
  const bytes = ifReadable(() => files.readBytes(file, { start: 0, length: 2048 }))
  if (bytes === undefined || bytes[0] !== 0x23 || bytes[1] !== 0x21) return undefined
  return new TextDecoder().decode(bytes)
}
