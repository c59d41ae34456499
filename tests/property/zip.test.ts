// The zip reader against two others, yauzl and Python's zipfile: what den accepts they read as the same files with the same bytes,
// also where a few bytes of the archive were changed.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import crypto from 'node:crypto'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { isDenError } from '../../src/base/error.ts'
import { bytesSource, parseZip } from '../../src/format/zip.ts'
import { extractEntry } from '../../src/store/extract.ts'
import { pythons } from '../kit/pythons.ts'
import { scratch } from '../kit/scratch.ts'
import { buildZip, type ZipInput } from '../kit/zip.ts'

/** A file's name to the SHA-256 of its bytes. */
type Contents = Readonly<Record<string, string>>

const sha256 = (bytes: Uint8Array): string => crypto.createHash('sha256').update(bytes).digest('hex')

/** Undefined when den refuses the archive or one of its entries. */
function readByDen(bytes: Uint8Array): Contents | undefined {
  const source = bytesSource(bytes)
  try {
    return Object.fromEntries(
      parseZip(source, { file: 'x.zip' }).map((entry) => [entry.name, sha256(extractEntry(source, entry, 'x.zip'))]),
    )
  } catch (error) {
    assert.ok(isDenError(error, 'invalid-archive'), String(error))
    return undefined
  }
}

interface Entry {
  readonly fileName: string
}
interface Archive {
  on(event: 'entry', listener: (entry: Entry) => void): void
  on(event: 'end', listener: () => void): void
  on(event: 'error', listener: (error: Error) => void): void
  readEntry(): void
  openReadStream(entry: Entry, done: (error: Error | null, stream: NodeJS.ReadableStream) => void): void
}
// yauzl comes without types.
const { fromBuffer } = createRequire(import.meta.url)('yauzl') as {
  fromBuffer(bytes: Buffer, options: object, done: (error: Error | null, archive: Archive) => void): void
}

function readByYauzl(bytes: Uint8Array): Promise<Contents> {
  return new Promise((resolve, reject) => {
    fromBuffer(Buffer.from(bytes), { lazyEntries: true }, (error, archive) => {
      if (error !== null) return reject(error)
      const contents: Record<string, string> = {}
      archive.on('error', reject)
      archive.on('end', () => resolve(contents))
      archive.on('entry', (entry) => {
        archive.openReadStream(entry, (failure, stream) => {
          if (failure !== null) return reject(failure)
          const hash = crypto.createHash('sha256')
          stream.on('data', (chunk) => hash.update(chunk))
          stream.on('error', reject)
          stream.on('end', () => {
            contents[entry.fileName] = hash.digest('hex')
            archive.readEntry()
          })
        })
      })
      archive.readEntry()
    })
  })
}

const script = `
import hashlib, json, sys, zipfile
answers = []
for name in json.load(sys.stdin):
    try:
        with zipfile.ZipFile(name) as archive:
            answers.append({info.filename: hashlib.sha256(archive.read(info)).hexdigest() for info in archive.infolist()})
    except Exception as error:
        answers.append(repr(error))
json.dump(answers, sys.stdout)
`
const python = pythons().findLast(({ version }) => version.startsWith('3.'))

function readByPython(files: readonly string[]): readonly (Contents | string)[] {
  const input = JSON.stringify(files)
  return JSON.parse(execFileSync(python!.executable, ['-c', script], { input, maxBuffer: 2 ** 28 }).toString()) as (
    | Contents
    | string
  )[]
}

const text = fc.string({ maxLength: 200 })
const entry: fc.Arbitrary<ZipInput> = fc.record({
  name: fc.stringMatching(/^[a-z]{1,6}(\/[a-z]{1,6}){0,2}$/),
  data: text,
  method: fc.constantFrom('stored' as const, 'deflated' as const),
  zip64: fc.boolean(),
})
const archive = fc
  .record({
    entries: fc.uniqueArray(entry, { maxLength: 5, selector: ({ name }) => name }),
    zip64: fc.boolean(),
    descriptors: fc.constantFrom(undefined, true, 'unsigned' as const),
  })
  .map(({ entries, zip64, descriptors }) =>
    buildZip(
      entries.map((one) =>
        descriptors === undefined || one.method === 'stored' ? one : { ...one, descriptor: descriptors },
      ),
      zip64 ? { zip64 } : {},
    ),
  )

test('den, yauzl and zipfile read the wheels of this machine alike', async (t) => {
  if (python === undefined) return t.skip('NOT TESTED: agreement with zipfile, there is no Python 3 on this machine')
  const files = pythons().flatMap(({ executable, version }) => {
    const [major, minor] = version.split('.')
    const directory = path.resolve(executable, `../../lib/python${major}.${minor}/ensurepip/_bundled`)
    return (fs.existsSync(directory) ? fs.readdirSync(directory) : [])
      .filter((name) => name.endsWith('.whl'))
      .map((name) => path.join(directory, name))
  })
  const theirs = readByPython(files)
  for (const [index, file] of files.entries()) {
    const bytes = fs.readFileSync(file)
    const ours = readByDen(bytes)
    assert.deepEqual(ours, theirs[index], file)
    assert.deepEqual(ours, await readByYauzl(bytes), file)
  }
})

test('what den accepts of made and damaged archives, yauzl reads the same', async () => {
  await fc.assert(
    fc.asyncProperty(archive, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 2 }), async (bytes, changes) => {
      const damaged = Uint8Array.from(bytes)
      for (const [at, value] of changes) damaged[at % damaged.length] = value
      const ours = readByDen(damaged)
      // An archive that nobody touched may be refused for its names alone (a file where another needs a directory).
      if (ours !== undefined) assert.deepEqual(ours, await readByYauzl(damaged))
    }),
    { numRuns: 1000 },
  )
})

test('what den accepts of made and damaged archives, zipfile reads the same', (t) => {
  if (python === undefined) return t.skip('NOT TESTED: agreement with zipfile, there is no Python 3 on this machine')
  const root = scratch(t)
  const cases = fc
    .sample(fc.tuple(archive, fc.option(fc.tuple(fc.nat(), fc.nat(255)))), 500)
    .flatMap(([bytes, change], index) => {
      const damaged = Uint8Array.from(bytes)
      if (change !== null) damaged[change[0] % damaged.length] = change[1]
      const ours = readByDen(damaged)
      if (ours === undefined) return []
      const file = path.join(root, `${index}.zip`)
      fs.writeFileSync(file, damaged)
      return [{ file, ours }]
    })
  const theirs = readByPython(cases.map(({ file }) => file))
  assert.ok(cases.length > 100)
  for (const [index, { ours, file }] of cases.entries()) assert.deepEqual(theirs[index], ours, file)
})
