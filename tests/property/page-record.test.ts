// A page in den's form says what the page says: compared with the plain way of grouping its files, and after any damage to its bytes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ProjectName } from '../../src/base/brand.ts'
import { tryParseUrl } from '../../src/base/safe-url.ts'
import type { CachedPage } from '../../src/indexes/page-cache.ts'
import { encodePage } from '../../src/indexes/page-encode.ts'
import { openNotes } from '../../src/indexes/page-notes.ts'
import { readHead, renewHead, sealHead, versionFlags } from '../../src/indexes/page-record.ts'
import { projectOfPage } from '../../src/indexes/project-files.ts'
import { tryParseDistributionFilename } from '../../src/spec/filename.ts'
import type { IndexFile } from '../../src/spec/simple-index.ts'

const name = 'some-app' as ProjectName
const index = tryParseUrl('https://me:secret@index.example/simple/')!

const version = fc
  .tuple(
    fc.array(fc.nat({ max: 20_000 }), { minLength: 1, maxLength: 3 }),
    fc.constantFrom('', 'a1', 'rc2', '.post1', '.dev3', '+local.1'),
    fc.boolean(),
  )
  .map(([release, suffix, epoch]) => `${epoch && release[0] === 7 ? '1!' : ''}${release.join('.')}${suffix}`)

const filename = fc
  .tuple(version, fc.constantFrom('some_app', 'Some.App', 'some_app_extra'), fc.nat({ max: 9 }))
  .map(([text, project, kind]) => {
    if (kind < 3) return `${project}-${text}.tar.gz`
    const tags = ['py3-none-any', 'py2.py3-none-any', 'py2-none-any', 'cp312-cp312-linux_x86_64', 'py38-none-any'][
      kind % 5
    ]
    return kind === 9 ? `${project}-${text}.exe` : `${project.replace('.', '_')}-${text}-${tags}.whl`
  })

const file: fc.Arbitrary<IndexFile> = fc.record(
  {
    filename,
    url: fc.constantFrom('https://files.example/a b/é.whl', 'https://index.example/x.whl?y=1', 'ftp://nowhere/x.whl'),
    hashes: fc.constantFrom({}, { sha256: 'ab'.repeat(32) }, { md5: '00' }),
    size: fc.nat(),
    uploadTime: fc.constantFrom('2026-01-02T03:04:05.678901Z', '1999-12-31T23:59:59Z', 'yesterday'),
    requiresPython: fc.constantFrom('>=3.8', '>=3.8,<4', '☃'),
    yanked: fc.constantFrom<string | true>('broken', true),
    metadata: fc.constantFrom<true | Record<string, string>>(true, { sha256: '00' }),
    provenance: fc.constant('https://files.example/p'),
  },
  { requiredKeys: ['filename', 'url', 'hashes'] },
)

/** What the page's files of this project are, by the plain way. */
function plainly(files: readonly IndexFile[]): Map<string, IndexFile[]> {
  const versions = new Map<string, IndexFile[]>()
  for (const one of files) {
    const parsed = tryParseDistributionFilename(one.filename, { project: name })
    if (parsed?.name !== name) continue
    versions.set(parsed.version.key, [...(versions.get(parsed.version.key) ?? []), one])
  }
  return new Map([...versions].sort(([a], [b]) => (a < b ? 1 : -1)))
}

function openPage(bytes: Uint8Array, files: Uint8Array): CachedPage | undefined {
  const head = readHead(bytes)
  return (
    head && {
      head,
      notes: openNotes(bytes.subarray(head.length)),
      readFiles: (start, length) => files.subarray(start, start + length),
    }
  )
}

const facts = { fetchedAt: 1, freshUntil: 2, etag: '"é"' }

test('a page in den’s form holds what the page holds', () => {
  fc.assert(
    fc.property(fc.array(file, { maxLength: 30 }), (files) => {
      const encoded = encodePage(name, { files })
      const page = openPage(sealHead(encoded, facts), encoded.files)!
      const project = projectOfPage(page, { name, index, damaged: assert.fail })
      const expected = plainly(files)
      assert.deepEqual(
        project.versions.map(({ version: { key } }) => key),
        [...expected.keys()],
      )
      const { head } = project
      for (const [at, [key, rows]] of [...expected].entries()) {
        const one = project.versions[at]!
        assert.equal(head!.keyOf(at), key)
        assert.equal(head!.textOf(at), one.version.text)
        const http = rows.filter(({ url }) => url.startsWith('http'))
        assert.deepEqual(
          one.files.map(({ parsed, hashes, size, requiresPython, yanked, metadata, provenance }) => ({
            filename: parsed.filename,
            hashes,
            size,
            requiresPython,
            yanked,
            metadata,
            provenance,
          })),
          http.map(({ filename: text, hashes, size, requiresPython, yanked, metadata, provenance }) => ({
            filename: text,
            hashes,
            size,
            requiresPython,
            yanked,
            metadata,
            provenance,
          })),
        )
        for (const [number, { parsed }] of one.files.entries()) {
          const whole = tryParseDistributionFilename(http[number]!.filename, { project: name })!
          // Of equal versions ("1.0", "1.0.0") a file may be given the other's text.
          assert.deepEqual({ ...parsed, version: undefined }, { ...whole, version: undefined })
          assert.equal(parsed.version.key, whole.version.key)
        }
        const flags = head!.flagsOf(at)
        const has = (flag: number): boolean => (flags & flag) !== 0
        const requires = new Set(rows.map(({ requiresPython }) => requiresPython))
        assert.equal(has(versionFlags.mixedPython), requires.size > 1)
        if (requires.size === 1) assert.equal(head!.requiresPythonOf(at), [...requires][0])
        assert.equal(
          has(versionFlags.yanked),
          rows.every(({ yanked }) => yanked !== undefined),
        )
        assert.equal(
          has(versionFlags.sdist),
          rows.some(({ filename: text }) => text.endsWith('.gz')),
        )
        assert.equal(
          has(versionFlags.pureWheel),
          rows.some(({ filename: text }) => /py3-none-any/.test(text)),
        )
        assert.equal(has(versionFlags.prerelease), /a1|rc2|dev3/.test(one.version.text))
      }
    }),
  )
})

test('other facts leave the versions as they are; a head with a wrong byte is no head', () => {
  fc.assert(
    fc.property(fc.array(file, { maxLength: 10 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (files, at, change) => {
      const encoded = encodePage(name, { files })
      const sealed = sealHead(encoded, facts)
      const other = { fetchedAt: 5, freshUntil: 10 ** 12, lastModified: 'then', status: { state: 'archived' } }
      assert.deepEqual(Buffer.from(renewHead(sealed, other)!), Buffer.from(sealHead(encoded, other)))
      sealed[at % sealed.length]! ^= change
      assert.equal(readHead(sealed), undefined)
      assert.equal(readHead(sealed.subarray(0, at % sealed.length)), undefined)
    }),
  )
})
