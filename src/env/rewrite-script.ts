// A script's first lines, pointed from one interpreter to another; the rest of its bytes stays. Text scripts, scripts with a zip behind
// them, and Windows launchers (.exe + `#!` line + zip).

import type { posix } from 'node:path'
import type { Platform } from '../host/host.ts'
import {
  type ParsedScriptHeader,
  parseScriptHeader,
  type ScriptHeaderOptions,
  scriptHeader,
  scriptText,
} from './shebang.ts'
import { isInside } from './size.ts'

export interface ScriptRewrite {
  /** Roots whose interpreters are replaced. */
  readonly from: readonly string[]
  readonly to: string
  readonly platform: Platform
  readonly path: typeof posix
}

/** The script for its new place; undefined when its header names none of the old roots. */
export function rewriteScript(bytes: Uint8Array, rewrite: ScriptRewrite): Uint8Array | undefined {
  const { platform } = rewrite
  const retarget = (python: string): string | undefined => {
    // A bare name is looked for in PATH; it would be taken for a file of the working directory.
    if (!rewrite.path.isAbsolute(python)) return undefined
    const old = rewrite.from.find((root) => isInside(rewrite.path, root, python))
    return old === undefined ? undefined : rewrite.path.join(rewrite.to, rewrite.path.relative(old, python))
  }
  if (bytes[0] === 0x4d && bytes[1] === 0x5a) return retargetLauncher(bytes, retarget)
  if (bytes[0] !== 0x23 || bytes[1] !== 0x21) return undefined
  const head = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, 8192))
  const header = parseScriptHeader(head) ?? spacedHeader(head, rewrite.from)
  if (header === undefined || header.form === 'relocatable') return undefined
  const python = retarget(header.python)
  if (python === undefined || python === header.python) return undefined
  return withHeader(bytes, { head, length: header.length, options: { python, platform }, given: header.arguments })
}

/** The script with a header that every system reads instead of its first line, for the same Python. */
export function rewriteFirstLine(bytes: Uint8Array, options: ScriptHeaderOptions): Uint8Array {
  const head = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, 8192))
  const end = head.indexOf('\n')
  return withHeader(bytes, { head, length: end === -1 ? head.length : end + 1, options, given: '' })
}

/** `#!/my envs/app/bin/python`: no system reads it, but the place it came from says where it ends. */
function spacedHeader(head: string, from: readonly string[]): ParsedScriptHeader | undefined {
  const line = /^#!([^\n]*)(?:\n|$)/.exec(head)
  const path = line?.[1]?.trim() ?? ''
  if (line === null || !from.some((root) => path.startsWith(root)) || !/[/\\](?:python|pypy)[\w.]*$/.test(path))
    return undefined
  return { form: 'direct', python: path, arguments: '', length: line[0].length }
}

function withHeader(
  bytes: Uint8Array,
  script: {
    readonly head: string
    /** Of the old header, in UTF-16 units of `head`. */
    readonly length: number
    readonly options: ScriptHeaderOptions
    readonly given: string
  },
): Uint8Array {
  const { head, length, options, given } = script
  const body = bytes.subarray(new TextEncoder().encode(head.slice(0, length)).length)
  const encode = (text: string): Uint8Array => new TextEncoder().encode(withArguments(text, given))
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch {
    // A zip, or text in an encoding of its own.
    return concat(encode(scriptHeader(options)), body)
  }
  // A header of several lines must not come between a body and its encoding line or docstring, so the body is looked at too.
  return encode(scriptText(options, text))
}

/** A launcher: its own bytes, a `#!` line, and a zip. The line stands right before the zip's first local header. */
function retargetLauncher(bytes: Uint8Array, retarget: (python: string) => string | undefined): Uint8Array | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const zip = text.lastIndexOf('PK\x05\x06')
  if (zip === -1) return undefined
  const start = text.lastIndexOf(
    '#!',
    text.indexOf('PK\x03\x04', Math.max(0, zip - text.readUInt32LE(zip + 16) - 4096)),
  )
  const end = text.indexOf('\n', start)
  if (start === -1 || end === -1 || text.toString('latin1', end + 1, end + 5) !== 'PK\x03\x04') return undefined
  const header = parseScriptHeader(text.toString('utf8', start, end + 1))
  if (header === undefined || header.form === 'relocatable') return undefined
  const python = retarget(header.python)
  if (python === undefined || python === header.python) return undefined
  const line = withArguments(`#!${/\s/.test(python) ? `"${python}"` : python}\n`, header.arguments)
  return concat(concat(bytes.subarray(0, start), new TextEncoder().encode(line)), bytes.subarray(end + 1))
}

/** What followed the interpreter on its line ("-E") is kept, in either form. */
function withArguments(text: string, given: string): string {
  if (given === '') return text
  const end = text.indexOf('\n')
  const first = text.slice(0, end)
  return first === '#!/bin/sh'
    ? text.replace(' "$0" "$@"', ` ${given} "$0" "$@"`)
    : `${first} ${given}${text.slice(end)}`
}

function concat(left: Uint8Array, right: Uint8Array): Uint8Array {
  const whole = new Uint8Array(left.length + right.length)
  whole.set(left)
  whole.set(right, left.length)
  return whole
}
