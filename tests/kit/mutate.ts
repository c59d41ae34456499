// Archives changed at random from a seed: bytes flipped, cut, doubled, moved, fields set to values that break readers. Run as a program
// it gives den's readers as many as it is told: `node tests/kit/mutate.ts 10000 [SEED]`.

import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import zlib from 'node:zlib'
import { isDenError } from '../../src/base/error.ts'
import { realDisk } from '../../src/host/disk.ts'
import { unpackSdist } from '../../src/store/sdist.ts'
import { openStore } from '../../src/store/store.ts'
import { type ArchiveCase, badArchives } from './bad-archives.ts'
import { testContext } from './context.ts'
import { randomFrom } from './random.ts'

const edges = [0, 1, 0x7f, 0x80, 0xff]

/** One to four changes. A gzip is now and then changed inside, so that its checksum doesn't end the story. */
export function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b && random() < 0.7) {
    try {
      return zlib.gzipSync(mutate(zlib.gunzipSync(bytes), random), { level: 1 })
    } catch {
      // One of the bad ones.
    }
  }
  let result: Buffer = Buffer.from(bytes)
  const at = (): number => Math.floor(random() * result.length)
  for (let count = 1 + Math.floor(random() * 4); count > 0 && result.length > 0; count -= 1) {
    const [from, to] = [at(), at()]
    switch (Math.floor(random() * 7)) {
      case 0:
        result[from]! ^= 1 << Math.floor(random() * 8)
        break
      case 1:
        result[from] = edges[Math.floor(random() * edges.length)]!
        break
      case 2:
        if (from + 4 <= result.length)
          result.writeUInt32LE([0, 1, 0xffff, 0xffffffff, 0x7fffffff][Math.floor(random() * 5)]!, from)
        break
      case 3:
        result = Buffer.concat([
          result.subarray(0, from),
          result.subarray(Math.min(result.length, from + Math.floor(random() * 40))),
        ])
        break
      case 4:
        result = Buffer.concat([result.subarray(0, from), result.subarray(to, to + 200), result.subarray(from)])
        break
      case 5:
        result.copy(result, from, to, to + 60)
        break
      default:
        // Headers and names lie at the ends.
        result[random() < 0.5 ? from % 600 : Math.max(0, result.length - 1 - (from % 600))]! ^= Math.floor(
          random() * 256,
        )
    }
  }
  return result
}

export interface MutationCount {
  readonly accepted: number
  readonly refused: number
  /** The slowest, in milliseconds. */
  readonly slowest: number
  readonly slowestCase: string
}

/** Gives `count` mutated archives to den's readers. Throws at the first that does anything but take it or refuse it. */
export async function runMutations(count: number, seed: number): Promise<MutationCount> {
  const random = randomFrom(seed)
  // Those that unpack to a gigabyte are slow to make, not to refuse.
  const cases = badArchives().filter(({ bytes, name }) => bytes.length < 200_000 && !name.includes('bomb'))
  const honest = cases.filter(({ verdict }) => verdict === 'accept')
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'den-mutated-'))
  let [accepted, refused, slowest] = [0, 0, 0]
  let slowestCase = ''
  try {
    for (let index = 0; index < count; index += 1) {
      const pool = random() < 0.7 ? honest : cases
      const from = pool[Math.floor(random() * pool.length)]!
      const bytes = mutate(from.bytes, random)
      const started = performance.now()
      const place = path.join(root, String(index))
      const verdict = await verdictOf(place, { ...from, bytes })
      const outside = fs.readdirSync(place).filter((name) => !['sdist', 'private', 'den'].includes(name))
      if (outside.length > 0) throw new Error(`mutation ${index} of seed ${seed} wrote ${outside.join(', ')}`)
      realDisk.removeTree(place)
      const taken = performance.now() - started
      if (taken > slowest) [slowest, slowestCase] = [taken, from.name]
      if (verdict === 'accepted') accepted += 1
      else if (verdict === 'refused') refused += 1
      else throw new Error(`mutation ${index} of seed ${seed}, from ${from.name}: ${verdict}`)
    }
  } finally {
    realDisk.removeTree(root)
  }
  return { accepted, refused, slowest, slowestCase }
}

async function verdictOf(root: string, { kind, filename, bytes }: ArchiveCase): Promise<string> {
  fs.mkdirSync(root)
  const context = testContext({ after: () => undefined }, { root })
  try {
    if (kind === 'sdist') await unpackSdist(context, { bytes, filename, directory: path.join(root, 'sdist') })
    else {
      const store = openStore(context, context.places.store)
      const tree = await store.ensure({ filename, read: () => bytes }, path.join(root, 'private'))
      if (store.verify(tree).length > 0) return 'a tree that is not what its manifest says'
    }
    return 'accepted'
  } catch (error) {
    if (isDenError(error) && /^(?:invalid-|install-refused|hash-mismatch)/.test(error.code)) return 'refused'
    return String(error instanceof Error ? error.stack : error)
  }
}

if (import.meta.main) {
  const [count = '10000', seed = '1'] = process.argv.slice(2)
  const started = performance.now()
  const counts = await runMutations(Number(count), Number(seed))
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  console.log(`${count} mutated archives in ${seconds} s: ${JSON.stringify(counts)}`)
}
