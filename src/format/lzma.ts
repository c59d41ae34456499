// The old LZMA format (".lzma", LZMA_alone): a header of 13 bytes and one range-coded stream. Old source distributions came so; xz,
// its successor, is read by a library. After the LZMA specification of 2015.

import { uint64At, viewOf } from './bytes.ts'

const topValue = 2 ** 24
const modelBits = 11
const moveBits = 5
const states = 12
const lengthToPosition = 4
const endPositionModel = 14
const alignBits = 4

/** Why the bytes could not be read. */
export type LzmaProblem = 'not lzma data' | 'cut' | 'bytes after the end' | 'too large'

/** Probabilities of one-half each. */
function bits(count: number): Uint16Array {
  return new Uint16Array(count).fill(1 << (modelBits - 1))
}

interface LengthCoder {
  readonly choice: Uint16Array
  readonly low: Uint16Array
  readonly middle: Uint16Array
  readonly high: Uint16Array
}

function lengthCoder(): LengthCoder {
  return { choice: bits(2), low: bits(16 << 3), middle: bits(16 << 3), high: bits(1 << 8) }
}

class Fault extends Error {
  readonly problem: LzmaProblem
  constructor(problem: LzmaProblem) {
    super(problem)
    this.problem = problem
  }
}

/** The unpacked bytes, at most `limit` of them. */
export function unpackLzma(bytes: Uint8Array, limit: number): Uint8Array | LzmaProblem {
  try {
    return decode(bytes, limit)
  } catch (error) {
    if (error instanceof Fault) return error.problem
    throw error
  }
}

function decode(bytes: Uint8Array, limit: number): Uint8Array {
  if (bytes.length < 18) throw new Fault('not lzma data')
  const view = viewOf(bytes)
  const properties = bytes[0]!
  if (properties >= 9 * 5 * 5 || bytes[13] !== 0) throw new Fault('not lzma data')
  const literalContext = properties % 9
  const literalPosition = Math.floor(properties / 9) % 5
  const positionBits = Math.floor(properties / 45)
  const dictionary = Math.max(view.getUint32(1, true), 4096)
  const isStated = bytes.subarray(5, 13).some((byte) => byte !== 0xff)
  const stated = isStated ? uint64At(view, 5) : undefined
  if (stated !== undefined && stated > limit) throw new Fault('too large')

  let out: Uint8Array = new Uint8Array(stated ?? Math.min(limit, bytes.length * 4 + 65_536))
  let position = 0
  let at = 18
  let range = 0xffffffff
  let code = view.getUint32(14)

  const normalize = (): void => {
    if (range >= topValue) return
    if (at >= bytes.length) throw new Fault('cut')
    range = (range << 8) >>> 0
    code = ((code << 8) | bytes[at]!) >>> 0
    at += 1
  }
  const bit = (model: Uint16Array, index: number): number => {
    const probability = model[index]!
    const bound = (range >>> modelBits) * probability
    let decoded = 0
    if (code < bound) {
      range = bound
      model[index] = probability + (((1 << modelBits) - probability) >>> moveBits)
    } else {
      range -= bound
      code -= bound
      model[index] = probability - (probability >>> moveBits)
      decoded = 1
    }
    normalize()
    return decoded
  }
  const direct = (count: number): number => {
    let result = 0
    for (let index = 0; index < count; index += 1) {
      range >>>= 1
      const one = code >= range ? 1 : 0
      if (one === 1) code -= range
      result = result * 2 + one
      normalize()
    }
    return result
  }
  const tree = (model: Uint16Array, offset: number, count: number): number => {
    let symbol = 1
    for (let index = 0; index < count; index += 1) symbol = symbol * 2 + bit(model, offset + symbol)
    return symbol - (1 << count)
  }
  const reverseTree = (model: Uint16Array, offset: number, count: number): number => {
    let symbol = 1
    let result = 0
    for (let index = 0; index < count; index += 1) {
      const one = bit(model, offset + symbol)
      symbol = symbol * 2 + one
      result |= one << index
    }
    return result
  }
  const lengthOf = (coder: LengthCoder, positionState: number): number => {
    if (bit(coder.choice, 0) === 0) return tree(coder.low, positionState << 3, 3)
    if (bit(coder.choice, 1) === 0) return 8 + tree(coder.middle, positionState << 3, 3)
    return 16 + tree(coder.high, 0, 8)
  }
  const put = (byte: number): void => {
    if (position === out.length) {
      if (stated !== undefined) throw new Fault('not lzma data')
      if (position >= limit) throw new Fault('too large')
      const larger = new Uint8Array(Math.min(limit, out.length * 2))
      larger.set(out)
      out = larger
    }
    out[position] = byte
    position += 1
  }

  const literals = bits(0x300 << (literalContext + literalPosition))
  const isMatch = bits(states << 4)
  const isRep = bits(states)
  const isRepG0 = bits(states)
  const isRepG1 = bits(states)
  const isRepG2 = bits(states)
  const isRep0Long = bits(states << 4)
  const slots = bits(4 << 6)
  const positions = bits(115 + 1)
  const align = bits(1 << alignBits)
  const matchLength = lengthCoder()
  const repLength = lengthCoder()
  let [rep0, rep1, rep2, rep3] = [0, 0, 0, 0]
  let state = 0

  const distanceOf = (length: number): number => {
    const slot = tree(slots, Math.min(length, lengthToPosition - 1) << 6, 6)
    if (slot < 4) return slot
    const directBits = (slot >>> 1) - 1
    const start = (2 | (slot & 1)) * 2 ** directBits
    if (slot < endPositionModel) return start + reverseTree(positions, start - slot, directBits)
    return start + direct(directBits - alignBits) * 2 ** alignBits + reverseTree(align, 0, alignBits)
  }
  const literal = (): void => {
    const previous = position === 0 ? 0 : out[position - 1]!
    const context = ((position & ((1 << literalPosition) - 1)) << literalContext) + (previous >>> (8 - literalContext))
    const offset = 0x300 * context
    let symbol = 1
    if (state >= 7) {
      if (rep0 >= position) throw new Fault('not lzma data')
      let match = out[position - rep0 - 1]!
      while (symbol < 0x100) {
        const matchBit = (match >>> 7) & 1
        match <<= 1
        const one = bit(literals, offset + ((1 + matchBit) << 8) + symbol)
        symbol = symbol * 2 + one
        if (matchBit !== one) break
      }
    }
    while (symbol < 0x100) symbol = symbol * 2 + bit(literals, offset + symbol)
    put(symbol - 0x100)
    state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6
  }

  for (;;) {
    if (stated !== undefined && position === stated && code === 0) break
    const positionState = position & ((1 << positionBits) - 1)
    if (bit(isMatch, (state << 4) + positionState) === 0) {
      literal()
      continue
    }
    let length: number
    if (bit(isRep, state) === 0) {
      ;[rep3, rep2, rep1] = [rep2, rep1, rep0]
      length = lengthOf(matchLength, positionState)
      state = state < 7 ? 7 : 10
      rep0 = distanceOf(length)
      if (rep0 === 0xffffffff) {
        // The end marker.
        if (code !== 0 || (stated !== undefined && position !== stated)) throw new Fault('not lzma data')
        break
      }
    } else {
      if (position === 0) throw new Fault('not lzma data')
      if (bit(isRepG0, state) === 0) {
        if (bit(isRep0Long, (state << 4) + positionState) === 0) {
          state = state < 7 ? 9 : 11
          if (rep0 >= position) throw new Fault('not lzma data')
          put(out[position - rep0 - 1]!)
          continue
        }
      } else {
        let distance = rep1
        if (bit(isRepG1, state) === 1) {
          distance = rep2
          if (bit(isRepG2, state) === 1) {
            distance = rep3
            rep3 = rep2
          }
          rep2 = rep1
        }
        rep1 = rep0
        rep0 = distance
      }
      length = lengthOf(repLength, positionState)
      state = state < 7 ? 8 : 11
    }
    if (rep0 >= position || rep0 >= dictionary) throw new Fault('not lzma data')
    for (let index = 0; index < length + 2; index += 1) put(out[position - rep0 - 1]!)
  }
  if (at !== bytes.length) throw new Fault('bytes after the end')
  return out.subarray(0, position)
}
