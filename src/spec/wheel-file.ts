// WHEEL in a dist-info directory (PEP 427, "Binary distribution format"): how the wheel is to be unpacked.

import { DenError } from '../base/error.ts'
import { findHeader, headerValues, parseMailMessage } from '../format/mail-headers.ts'
import { strip } from '../format/python-text.ts'

export interface WheelFile {
  /** Major and minor of the format. */
  readonly wheelVersion: readonly [number, number]
  /** Whether the wheel's root goes to purelib; otherwise to platlib. */
  readonly rootIsPurelib: boolean
  /** Expanded: "py2-none-any", "py3-none-any". */
  readonly tags: readonly string[]
  readonly generator?: string
  readonly build?: string
  /** The format is newer than den knows, in its minor part: "warn". */
  readonly newerMinor: boolean
}

/**
 * Reads a WHEEL file. "A wheel installer should warn if Wheel-Version is greater than the version it supports, and must fail if
 * Wheel-Version has a greater major version." Throws `invalid-metadata`.
 */
export function parseWheelFile(text: string, options: { readonly file?: string } = {}): WheelFile {
  const message = parseMailMessage(text)
  const { file = 'WHEEL' } = options
  const field = (name: string): { readonly value: string; readonly line: number } => {
    const header = findHeader(message, name)
    if (header !== undefined) return { value: strip(header.value), line: header.line }
    const span = { start: 0, end: 0 }
    throw new DenError('invalid-metadata', { source: text, span, reason: `the field ${name} is missing`, file })
  }
  const fail = (
    name: string,
    { value, line }: { readonly value: string; readonly line: number },
    reason: string,
  ): never => {
    const start = name.length + 2
    const source = `${name}: ${value}`
    throw new DenError('invalid-metadata', { source, span: { start, end: source.length }, reason, file, line })
  }
  const version = field('Wheel-Version')
  const numbers = /^(\d{1,6})\.(\d{1,6})$/.exec(version.value)
  if (numbers === null) return fail('Wheel-Version', version, 'a version of the wheel format is written like 1.0')
  const [major, minor] = [Number(numbers[1]), Number(numbers[2])]
  if (major !== 1) return fail('Wheel-Version', version, 'den knows version 1 of the wheel format')

  const purelib = field('Root-Is-Purelib')
  if (!/^(?:true|false)$/i.test(purelib.value)) fail('Root-Is-Purelib', purelib, 'true or false is needed there')
  const generator = findHeader(message, 'Generator')?.value
  const build = findHeader(message, 'Build')?.value
  return {
    wheelVersion: [major, minor],
    rootIsPurelib: purelib.value.toLowerCase() === 'true',
    tags: headerValues(message, 'Tag').map(strip),
    ...(generator === undefined ? {} : { generator: strip(generator) }),
    ...(build === undefined ? {} : { build: strip(build) }),
    newerMinor: minor > 0,
  }
}
