// The cases of src/host/inflate.test.ts, in a module of their own so that Bun can run them too.

import zlib from 'node:zlib'
import { gunzip, inflatePieces, inflateStated, openInflate } from '../../src/host/inflate.ts'

/** Every way in which the data of a zip's entry can be other than its headers say, and the right one. */
export async function answers(): Promise<Readonly<Record<string, readonly string[]>>> {
  const text = Buffer.from('some text, some more text. '.repeat(40_000))
  const raw = zlib.deflateRawSync(text)
  const stated = { size: text.length, crc32: zlib.crc32(text) }
  const trailer = Buffer.alloc(8)
  trailer.writeUInt32LE(stated.crc32, 0)
  trailer.writeUInt32LE(stated.size, 4)
  const empty = zlib.deflateRawSync('')
  const cases: Readonly<Record<string, readonly [Uint8Array, { size: number; crc32: number }]>> = {
    right: [raw, stated],
    empty: [empty, { size: 0, crc32: 0 }],
    'one byte follows': [Buffer.concat([raw, Buffer.from('x')]), stated],
    'much follows': [Buffer.concat([raw, Buffer.alloc(600_000)]), stated],
    'its own gzip trailer follows': [Buffer.concat([raw, trailer, Buffer.from('hidden')]), stated],
    'its own gzip trailer alone follows': [Buffer.concat([raw, trailer]), stated],
    cut: [raw.subarray(0, -3), stated],
    'not deflate': [Buffer.from('garbage, garbage'), stated],
    'says less': [raw, { ...stated, size: stated.size - 1 }],
    'says more': [raw, { ...stated, size: stated.size + 1 }],
    'says far too much': [raw, { ...stated, size: 2 ** 31 }],
    'another checksum': [raw, { ...stated, crc32: 1 }],
    'a flipped byte': [Buffer.from(raw).fill(raw[500]! ^ 8, 500, 501), stated],
  }
  const answers: Record<string, string[]> = {}
  // One for all: what it met before must not show.
  const inflate = openInflate()
  for (const [name, [bytes, promised]] of Object.entries(cases)) {
    const whole = inflateStated(bytes, promised)
    const pieces: Uint8Array[] = []
    const parts = [bytes.subarray(0, 1000), bytes.subarray(1000)]
    const again = inflate(bytes, promised)
    const problem = await inflatePieces(parts, promised, (piece) => void pieces.push(Uint8Array.from(piece)))
    const wanted = name === 'empty' ? Buffer.alloc(0) : text
    const told = (answer: Uint8Array | string): string =>
      typeof answer === 'string' ? answer : wanted.equals(answer) ? 'ok' : 'WRONG'
    answers[name] = [told(whole), told(again), problem ?? told(Buffer.concat(pieces))]
  }
  return answers
}

/** What a gzip body can be, and what `gunzip` makes of it: the text, or why there is none. */
export function gunzipped(): Readonly<Record<string, string>> {
  const member = (text: string): Buffer => zlib.gzipSync(text)
  const one = member('one, '.repeat(1000))
  const named = Buffer.concat([
    Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3]),
    Buffer.from('name\0'),
    one.subarray(10),
  ])
  const cases: Readonly<Record<string, Uint8Array>> = {
    one,
    empty: member(''),
    'with a name in its head': named,
    'two members': Buffer.concat([one, member('two')]),
    'twice the same': Buffer.concat([one, one]),
    'zeros follow': Buffer.concat([one, Buffer.alloc(512)]),
    cut: one.subarray(0, -1),
    'another checksum': Buffer.from(one).fill(one.at(-8)! ^ 1, one.length - 8, one.length - 7),
    'another size': Buffer.from(one).fill(one.at(-4)! ^ 1, one.length - 4, one.length - 3),
    'far too large a size': Buffer.from(one).fill(0xff, one.length - 4),
    'a flipped byte': Buffer.from(one).fill(one[20]! ^ 8, 20, 21),
    'not gzip': Buffer.from('garbage, garbage, garbage'),
    nothing: new Uint8Array(),
    'too large': member('x'.repeat(20_001)),
  }
  const told = (answer: Uint8Array | string): string =>
    typeof answer === 'string' ? answer : `"${Buffer.from(answer).toString()}"`
  return Object.fromEntries(Object.entries(cases).map(([name, bytes]) => [name, told(gunzip(bytes, 20_000))]))
}
