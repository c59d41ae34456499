// What people write to name a Python: `3.12`, `py312`, `>=3.8,<3.13`, `pypy3.10`, `3.13t`, `cpython@3.11`, a path, a program's name.
// All that virtualenv's discovery and uv accept is read here; where the two give one text two meanings, the comment says which is
// taken. Matching is by facts alone; in which order Pythons are tried is src/python's business.

import { DenError } from '../base/error.ts'
import { strip } from '../format/python-text.ts'
import { parseSpecifiers, type SpecifierSet, specifiersContain } from './specifier.ts'
import { parseVersion } from './version.ts'

export type RequestedImplementation =
  | 'cpython'
  | 'pypy'
  | 'graalpy'
  | 'pyodide'
  | 'rustpython'
  | 'jython'
  | 'ironpython'
  | 'micropython'

export type PythonRequest =
  /** Nothing was asked for: "", "any", "default". */
  | { readonly kind: 'any' }
  /** An executable or an environment's directory; relative paths and `~` as written. */
  | { readonly kind: 'path'; readonly path: string }
  /** A program to look up on PATH. */
  | { readonly kind: 'name'; readonly name: string }
  | PythonVersionRequest

/** Every absent field is free. */
export interface PythonVersionRequest {
  readonly kind: 'version'
  readonly implementation?: RequestedImplementation
  /** The first numbers of the version: [3], [3, 12] or [3, 12, 1]. Never together with `specifiers`. */
  readonly release?: readonly number[]
  /** The pre-release of `release`: 3.14rc1. */
  readonly pre?: { readonly letter: 'a' | 'b' | 'rc'; readonly number: number }
  readonly specifiers?: SpecifierSet
  /** The first numbers of the implementation's own version: PyPy [7, 3, 12]. */
  readonly implementationRelease?: readonly number[]
  /** Absent: builds with the GIL, and from 3.14, where it is no experiment any more, also those without. */
  readonly freeThreaded?: boolean
  readonly debug?: boolean
  readonly bits?: 32 | 64
  /** In virtualenv's spelling: "x86_64", "arm64", "x86", … */
  readonly machine?: string
  /** "linux", "darwin", "win32", … */
  readonly os?: string
  readonly libc?: 'glibc' | 'musl'
}

/** What matching looks at; an `Interpreter` is one. */
export interface PythonFacts {
  readonly implementation: string
  readonly version: {
    readonly major: number
    readonly minor: number
    readonly micro: number
    readonly level: 'alpha' | 'beta' | 'candidate' | 'final'
    readonly serial: number
  }
  readonly implementationVersion?: string
  readonly freeThreaded: boolean
  readonly debug: boolean
  readonly bits: 32 | 64
  readonly machine: string
  readonly platform?: string
  readonly libc?: 'glibc' | 'musl'
}

/** undefined: the word says "Python" and leaves the implementation free. */
const implementations: ReadonlyMap<string, RequestedImplementation | undefined> = new Map([
  ['', undefined],
  ['python', undefined],
  ['py', undefined],
  ['any', undefined],
  ['cpython', 'cpython'],
  ['cp', 'cpython'],
  ['pypy', 'pypy'],
  ['pp', 'pypy'],
  ['graalpy', 'graalpy'],
  ['graalvm', 'graalpy'],
  ['gp', 'graalpy'],
  ['pyodide', 'pyodide'],
  ['rustpython', 'rustpython'],
  ['jython', 'jython'],
  ['jy', 'jython'],
  ['ironpython', 'ironpython'],
  ['ip', 'ironpython'],
  ['micropython', 'micropython'],
])

const systems: ReadonlyMap<string, string> = new Map([
  ['linux', 'linux'],
  ['macos', 'darwin'],
  ['darwin', 'darwin'],
  ['windows', 'win32'],
  ['win32', 'win32'],
  ['freebsd', 'freebsd'],
  ['openbsd', 'openbsd'],
  ['netbsd', 'netbsd'],
  ['android', 'android'],
  ['emscripten', 'emscripten'],
  ['ios', 'ios'],
])

const machines =
  /^(?:x86|i[3-6]86|x64|amd64|x86_64(?:_v[234])?|arm64|aarch64|arm(?:v[5-8][a-z]*)?|ppc|powerpc|ppc64|powerpc64|ppc64le|powerpc64le|s390x|riscv64|riscv64gc|loong64|loongarch64|mips\w*|sparc\w*|wasm32|i86pc\.64bit)$/

const versionPart =
  /^(\d+(?:\.\d+)*)(?:(alpha|beta|preview|pre|a|b|c|rc)\.?(\d*))?(\+?(?:t|d|td|gil|gil\+debug|debug|freethreaded|freethreaded\+debug))?$/
const variantPart = /(?<=[\d*])(\+?(?:t|d|td|gil|gil\+debug|debug|freethreaded|freethreaded\+debug))$/

/** Reads a request for a Python. Throws `invalid-python-request` for what looks like a version and is none. */
export function parsePythonRequest(text: string): PythonRequest {
  const written = strip(text)
  const lower = written.toLowerCase()
  if (lower === '' || lower === 'any' || lower === 'default') return { kind: 'any' }
  if (looksLikePath(written)) {
    if (written.includes('\0')) throw fault(text, 'no path holds a NUL character', written.indexOf('\0'))
    return { kind: 'path', path: written }
  }
  const version = versionRequest(written, lower)
  if (version !== undefined) return version
  if (/^[\d<>=!~]/.test(written)) {
    const reason = /^\d+(?:\.\d+){3}/.test(written)
      ? 'a Python has three numbers: 3.12.1'
      : 'this is no version of Python'
    throw fault(text, reason, text.indexOf(written))
  }
  const strange = /[\p{Cc}\s]/u.exec(written)
  if (strange !== null) throw fault(text, "no program's name holds this", text.indexOf(written) + strange.index)
  return { kind: 'name', name: written }
}

/** The request as text that reads back as the same request. */
export function formatPythonRequest(request: PythonRequest): string {
  if (request.kind === 'any') return 'any'
  if (request.kind === 'path') return request.path
  if (request.kind === 'name') return request.name
  const { implementation, release, pre, specifiers, implementationRelease, freeThreaded, debug } = request
  const words: string[] = []
  if (implementation !== undefined) words.push(implementation)
  if (specifiers !== undefined) words.push(specifiers.specifiers.map((one) => one.operator + one.versionText).join(','))
  if (release !== undefined) words.push(`${release.join('.')}${pre === undefined ? '' : `${pre.letter}${pre.number}`}`)
  const versioned = specifiers !== undefined || release !== undefined
  if (versioned && freeThreaded === true) words.push(specifiers === undefined ? (debug ? 'td' : 't') : '+freethreaded')
  if (versioned && freeThreaded === false) words.push('+gil')
  if (versioned && debug === true && !(freeThreaded === true && specifiers === undefined)) {
    words.push(freeThreaded === undefined && specifiers === undefined ? 'd' : '+debug')
  }
  const head = words.join('') || 'python'
  const suffixes = [
    implementationRelease?.join('.'),
    request.bits,
    request.os,
    request.machine,
    request.libc === 'glibc' ? 'gnu' : request.libc,
  ]
  return [head, ...suffixes.filter((suffix) => suffix !== undefined)].join('-')
}

/** Whether a Python is what was asked for. A path or a name says nothing about facts: true. */
export function matchesRequest(request: PythonRequest, facts: PythonFacts): boolean {
  if (request.kind !== 'version') return true
  const { implementation, implementationRelease, freeThreaded, debug, bits, machine, os, libc } = request
  const { version } = facts
  return (
    (implementation === undefined || implementation === facts.implementation) &&
    matchesVersion(request, version) &&
    (implementationRelease === undefined || startsWithRelease(facts.implementationVersion, implementationRelease)) &&
    (freeThreaded === undefined
      ? !facts.freeThreaded || version.major > 3 || (version.major === 3 && version.minor >= 14)
      : freeThreaded === facts.freeThreaded) &&
    (debug === undefined || debug === facts.debug) &&
    (bits === undefined || bits === facts.bits) &&
    (machine === undefined || machine === normalMachine(facts.machine)) &&
    (os === undefined || facts.platform === undefined || os === facts.platform) &&
    (libc === undefined || facts.libc === undefined || libc === facts.libc)
  )
}

/**
 * Whether the request itself asks for a pre-release: 3.14rc1, >=3.15.0a1, a path or a name. Other requests are matched by
 * pre-releases too (3.15 by 3.15.0a1), but a released Python is to be preferred.
 */
export function asksForPrerelease(request: PythonRequest): boolean {
  if (request.kind === 'version') return request.pre !== undefined || request.specifiers?.namesPrerelease === true
  return request.kind !== 'any'
}

/**
 * The requests of a `.python-version` file, in order: pyenv's format (the first word of each line, `#` comments, `system`) and
 * uv's (a whole line of specifiers). A path is refused: such a file comes with a checkout, and may not choose what is run.
 * Throws `invalid-python-request`.
 */
export function parsePythonVersionFile(text: string, options: { readonly file?: string } = {}): PythonRequest[] {
  const requests: PythonRequest[] = []
  for (const [index, line] of text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\r|\n/)
    .entries()) {
    const content = strip(line)
    if (content === '' || content.startsWith('#')) continue
    const specifiers = /^[a-z]*\s*[<>=!~]/i.test(content)
    const comment = specifiers ? content.search(/\s#/) : content.search(/\s/)
    const word = comment === -1 ? content : strip(content.slice(0, comment))
    if (word === 'system') {
      requests.push({ kind: 'any' })
      continue
    }
    const place = { ...options, line: index + 1 }
    const start = line.indexOf(word)
    if (pyenvEnvironment.test(word)) {
      requests.push({ kind: 'name', name: word })
      continue
    }
    if (looksLikePath(word)) {
      const reason = 'a version file may not name a path: it comes with a checkout, and would choose what is run'
      const span = { start, end: start + word.length }
      throw new DenError('invalid-python-request', { source: line, span, reason, ...place })
    }
    requests.push(fromVersionFile(word, line, start, place))
  }
  return requests
}

/** "3.12.1/envs/web": how pyenv-virtualenv names an environment in full. No part of it leads out of pyenv's versions. */
const pyenvEnvironment = /^\w[\w.+-]*\/envs\/\w[\w.+-]*$/

function fromVersionFile(
  word: string,
  line: string,
  start: number,
  place: { readonly file?: string; readonly line: number },
): PythonRequest {
  try {
    return parsePythonRequest(word)
  } catch (error) {
    if (!(error instanceof DenError) || error.code !== 'invalid-python-request') throw error
    // pyenv's own names, as "3.10-dev" or "nogil-3.9.10-1", and those of its virtual environments are found by name.
    if (/^[\w.+-]+$/.test(word)) return { kind: 'name', name: word }
    const { span, reason } = (error as DenError<'invalid-python-request'>).detail
    const moved = { start: start + span.start, end: start + span.end }
    throw new DenError('invalid-python-request', { source: line, span: moved, reason, ...place }, { cause: error })
  }
}

/** A separator, a leading dot, a home directory, or a Windows drive. `~=3.10` is none. */
function looksLikePath(text: string): boolean {
  return /[/\\]|^\.|^~(?!=)|^[a-z]:/i.test(text)
}

/** Segments between dashes: [implementation][@][version][variant], then what virtualenv and uv hang on; undefined for a bare name. */
function versionRequest(written: string, lower: string): PythonVersionRequest | undefined {
  const [head = '', ...segments] = lower.split('-')
  const [, letters = '', at = '', rest = ''] = /^([a-z]*)\s*(@?)\s*(.*)$/s.exec(head)!
  // Debian's python3-dbg and python3.13-dbg are programs.
  if (letters === 'python' && segments.length === 1 && segments[0] === 'dbg' && rest !== '') return undefined
  if (!implementations.has(letters) || (letters === '' && at !== '')) {
    if (at !== '')
      throw fault(
        written,
        letters === ''
          ? 'an implementation stands before @, as in cpython@3.12'
          : `den knows no implementation ${letters}`,
        0,
        Math.max(1, letters.length),
      )
    return undefined
  }
  const request: Draft = { kind: 'version' }
  const implementation = implementations.get(letters)
  if (implementation !== undefined) request.implementation = implementation

  const restStart = head.length - rest.length
  let sound = true
  if (rest !== '') sound = readVersion(request, rest, restStart, written)
  else if (at !== '') throw fault(written, 'a version follows @', head.length, head.length)
  let place = head.length
  for (const segment of segments) {
    sound &&= readSegment(request, segment, letters !== '')
    if (!sound && (at !== '' || request.specifiers !== undefined)) {
      throw fault(written, 'this is no bitness, machine, system or C library', place + 1, place + 1 + segment.length)
    }
    place += segment.length + 1
  }
  if (sound) return request
  if (at !== '') throw fault(written, 'this is no version of Python', restStart, head.length)
  return undefined
}

type Draft = { -readonly [Key in keyof PythonVersionRequest]: PythonVersionRequest[Key] }

/** Reads what stands after the implementation: specifiers, or the numbers of a version. */
function readVersion(request: Draft, rest: string, start: number, written: string): boolean {
  if (/^[<>=!~]/.test(rest)) {
    const variant = variantPart.exec(rest)
    const specifiers = variant === null ? rest : rest.slice(0, variant.index)
    try {
      request.specifiers = parseSpecifiers(specifiers)
    } catch (error) {
      if (!(error instanceof DenError) || error.code !== 'invalid-specifier') throw error
      const { reason, span } = (error as DenError<'invalid-specifier'>).detail
      throw fault(written, reason, start + span.start, start + span.end)
    }
    if (variant !== null) readVariant(request, variant[1]!)
    return true
  }
  const match = versionPart.exec(rest)
  if (match === null) return false
  const [, numbers = '', letter, preNumber, variant] = match
  const release = splitRelease(numbers)
  if (release === undefined) return false
  if (request.implementation !== undefined && (release[0]! > 3 || release[0]! < 2))
    request.implementationRelease = release
  else if (release.length > 3) return false
  else request.release = release
  if (letter !== undefined) {
    // "3rc1" makes no sense.
    if (release.length < 2 || request.release === undefined) return false
    const name = letter.startsWith('a') ? 'a' : letter.startsWith('b') ? 'b' : 'rc'
    request.pre = { letter: name, number: Number(preNumber === '' ? '0' : preNumber) }
  }
  if (variant !== undefined) readVariant(request, variant)
  return true
}

/** "312" is 3.12, as in wheel tags. */
function splitRelease(numbers: string): readonly number[] | undefined {
  const parts = numbers.includes('.')
    ? numbers.split('.')
    : [numbers.slice(0, 1), ...(numbers.slice(1) ? [numbers.slice(1)] : [])]
  const release = parts.map(Number)
  return release.every((part) => part < 10_000) ? release : undefined
}

function readVariant(request: Draft, variant: string): void {
  const words = variant.replace(/^\+/, '')
  if (/^t|^freethreaded/.test(words)) request.freeThreaded = true
  if (words.startsWith('gil')) request.freeThreaded = false
  if (/d$|debug$/.test(words) && words !== 'freethreaded') request.debug = true
}

function readSegment(request: Draft, segment: string, named: boolean): boolean {
  const versioned =
    request.release !== undefined || request.specifiers !== undefined || request.implementationRelease !== undefined
  if (segment === 'any') return true
  if (/^\d/.test(segment) && segment !== '32' && segment !== '64') {
    if (!versioned && named) return readVersion(request, segment, 0, segment)
    // pyenv's pypy3.10-7.3.12
    if (!/^\d+(?:\.\d+)*$/.test(segment) || request.implementation === undefined) return false
    request.implementationRelease ??= segment.split('.').map(Number)
    return true
  }
  if (segment === 'dbg' || segment === 'debug') request.debug = true
  else if (segment === '32' || segment === '64') request.bits = segment === '32' ? 32 : 64
  else if (systems.has(segment)) request.os = systems.get(segment)!
  else if (/^(?:gnu|musl)(?:eabi(?:hf)?)?$/.test(segment)) request.libc = segment.startsWith('gnu') ? 'glibc' : 'musl'
  else if (machines.test(segment)) request.machine = normalMachine(segment)
  else return segment === 'none'
  return true
}

/** One spelling for each machine, virtualenv's. uv's micro-architecture levels run on the same machine's Pythons. */
function normalMachine(machine: string): string {
  const lower = machine.toLowerCase().replace(/^(x86_64)_v\d$/, '$1')
  if (lower === 'amd64' || lower === 'x64') return 'x86_64'
  if (lower === 'aarch64') return 'arm64'
  if (/^i[3-6]86$/.test(lower)) return 'x86'
  if (lower === 'riscv64gc') return 'riscv64'
  if (lower === 'loongarch64') return 'loong64'
  if (lower === 'sparcv9') return 'sparc64'
  return lower.replace(/^powerpc/, 'ppc')
}

const levels = { alpha: 'a', beta: 'b', candidate: 'rc', final: '' } as const

function matchesVersion({ release, pre, specifiers }: PythonVersionRequest, version: PythonFacts['version']): boolean {
  const { major, minor, micro, level, serial } = version
  const numbers = [major, minor, micro]
  if (specifiers !== undefined) {
    // As uv: ">=3.14" is met by 3.14.0rc3, unless the specifiers name a pre-release themselves.
    const suffix = specifiers.namesPrerelease && level !== 'final' ? `${levels[level]}${serial}` : ''
    return specifiersContain(specifiers, parseVersion(`${numbers.join('.')}${suffix}`))
  }
  if (release === undefined) return true
  if (!release.every((number, index) => number === numbers[index])) return false
  if (pre !== undefined) return level !== 'final' && pre.letter === levels[level] && pre.number === serial
  // As uv: a whole version names the release, not what came before it.
  return release.length < 3 || level === 'final'
}

function startsWithRelease(text: string | undefined, release: readonly number[]): boolean {
  const numbers = (text ?? '').split(/[^\d]+/).map(Number)
  return text !== undefined && release.every((number, index) => number === numbers[index])
}

function fault(source: string, reason: string, start: number, end: number = source.length): DenError {
  return new DenError('invalid-python-request', { source, span: { start, end: Math.max(start, end) }, reason })
}
