// The tar reader against Python's tarfile: what den accepts, also of archives where bytes were changed, tarfile reads as the same
// entries with the same contents. And mutated wheels and source distributions of every kind: taken or refused, nothing else.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { isDenError } from '../../src/base/error.ts'
import { openTar, type TarEntry } from '../../src/format/tar.ts'
import { runMutations } from '../kit/mutate.ts'
import { pythons } from '../kit/pythons.ts'
import { scratch } from '../kit/scratch.ts'
import { buildTar, gnuMagic, type TarInput } from '../kit/tar.ts'

type Row = readonly [name: string, kind: string, content: string]

/** Undefined when den refuses the archive. `cuts` says in what pieces it comes. */
function readByDen(bytes: Uint8Array, step: number): readonly Row[] | undefined {
  const found: { entry: TarEntry; hash: crypto.Hash }[] = []
  const tar = openTar(
    { file: 'x.tar' },
    {
      entry: (entry) => void found.push({ entry, hash: crypto.createHash('sha256') }),
      data: (piece) => void found.at(-1)!.hash.update(piece),
    },
  )
  try {
    for (let at = 0; at < bytes.length; at += step) tar.push(bytes.subarray(at, at + step))
    tar.end()
  } catch (error) {
    assert.ok(isDenError(error, 'invalid-archive'), String(error))
    return undefined
  }
  return found.map(({ entry, hash }) => [
    entry.name,
    entry.kind,
    entry.target ?? (entry.kind === 'file' ? hash.digest('hex') : ''),
  ])
}

const script = `
import hashlib, json, sys, tarfile
answers = []
for name in json.load(sys.stdin):
    rows = []
    try:
        with tarfile.open(name, 'r:') as archive:
            for member in archive:
                kind = 'file' if member.isreg() else 'directory' if member.isdir() else 'symlink' if member.issym() else 'hardlink' if member.islnk() else 'odd'
                content = hashlib.sha256(archive.extractfile(member).read()).hexdigest() if kind == 'file' else member.linkname
                rows.append([member.name, kind, content])
        answers.append(rows)
    except Exception as error:
        answers.append(repr(error))
json.dump(answers, sys.stdout)
`
const python = pythons().findLast(({ version }) => version.startsWith('3.'))

const name = fc.stringMatching(/^[a-zü]{1,60}(\/[a-z ]{1,60}[a-z]){0,2}$/)
const entry = fc.record({ name, data: fc.string({ maxLength: 1200 }), mode: fc.constantFrom(0o644, 0o755) })
const archive = fc
  .record({ entries: fc.uniqueArray(entry, { maxLength: 4, selector: (one) => one.name }), gnu: fc.boolean() })
  .map(({ entries, gnu }) =>
    buildTar(
      entries.map((one, index): TarInput => {
        if (gnu)
          return { ...one, magic: gnuMagic, ...(Buffer.byteLength(one.name) > 100 ? { longName: one.name } : {}) }
        return Buffer.byteLength(one.name) > 100 || index % 2 === 0
          ? { ...one, pax: { path: one.name, mtime: '12.5' } }
          : one
      }),
    ),
  )

test('what den accepts of made and damaged archives, tarfile reads the same, in whatever pieces it comes', (t) => {
  if (python === undefined) return t.skip('NOT TESTED: agreement with tarfile, there is no Python 3 on this machine')
  const root = scratch(t)
  let untouched = 0
  const samples = fc.sample(
    fc.tuple(archive, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 2 }), fc.integer({ min: 1, max: 2000 })),
    1500,
  )
  const cases = samples.flatMap(([bytes, changes, step], index) => {
    const damaged = Uint8Array.from(bytes)
    for (const [at, value] of changes) damaged[at % damaged.length] = value
    const ours = readByDen(damaged, step)
    assert.deepEqual(readByDen(damaged, damaged.length), ours)
    if (ours === undefined) return []
    if (changes.length === 0) untouched += 1
    const file = path.join(root, `${index}.tar`)
    fs.writeFileSync(file, damaged)
    return [{ file, ours }]
  })
  const input = JSON.stringify(cases.map(({ file }) => file))
  const theirs = JSON.parse(
    execFileSync(python.executable, ['-c', script], { input, maxBuffer: 2 ** 28 }).toString(),
  ) as unknown[]
  assert.ok(cases.length > 300 && untouched > 200, `${cases.length} ${untouched}`)
  for (const [index, { ours, file }] of cases.entries()) assert.deepEqual(theirs[index], ours, file)
})

test('mutated wheels and source distributions are taken or refused, and never anything else', async () => {
  const { accepted, refused, slowest } = await runMutations(1500, 20_261_121)
  assert.ok(accepted > 10 && refused > 1000, `${accepted} ${refused}`)
  assert.ok(slowest < 5000, String(slowest))
})
