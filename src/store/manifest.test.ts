import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ProjectName, Sha256 } from '../base/brand.ts'
import { formatManifest, parseManifest, type TreeManifest } from './manifest.ts'

const hash = (letter: string): string => letter.repeat(43)
const scripts = {
  scheme: 'scripts',
  from: 'ü-1.data/scripts',
  directories: [{ path: '', files: [['run', 3, hash('s'), 3]] }],
} as const
const manifest: TreeManifest = {
  schema: 2,
  sha256: 'a'.repeat(64) as Sha256,
  filename: 'u-1-py3-none-any.whl',
  project: 'u' as ProjectName,
  version: '1',
  distInfo: 'u-1.dist-info',
  modified: 2000,
  fileCount: 5,
  size: 10,
  consoleScripts: [{ name: 'u', module: 'u', attribute: 'main' }],
  guiScripts: [],
  entryPoints: [['pytest11', 'u', 'u.plugin']],
  pytestPackages: ['u'],
  topLevel: ['u', 'u-1.dist-info', 'ü.py'],
  whole: [{ scheme: 'purelib', from: '', real: [['ns', 'namespace']], links: [['ü.py', 'file']] }],
  distInfoFiles: [['METADATA', 4, hash('m'), 0]],
  outside: [scripts],
  startup: [{ name: 'u.pth', code: ['import u'] }],
  requiresDist: ['six'],
  providesExtra: [],
  tags: ['py3-none-any'],
  parts: [
    {
      scheme: 'purelib',
      from: '',
      directories: [
        {
          path: '',
          files: [
            ['ü.py', 1, hash('1'), 0],
            ['z', 0, hash('2'), 1],
          ],
        },
        { path: 'empty', files: [] },
        { path: 'ns', files: [['a', 2, hash('3'), 0]] },
        { path: 'u-1.dist-info', files: [['METADATA', 4, hash('m'), 0]] },
      ],
    },
    { scheme: 'platlib', from: 'u-1.data/platlib', directories: [] },
    scripts,
  ],
}

test('parseManifest() gives back what formatManifest() was given', () => {
  const read = parseManifest(Buffer.from(formatManifest(manifest)))!
  assert.deepEqual({ ...read }, { ...manifest })
  // The same list, not parsed again.
  assert.equal(read.parts, read.parts)
})

test('parseManifest() notices every changed, missing or added byte', () => {
  const bytes = Buffer.from(formatManifest(manifest))
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Uint8Array.from(bytes)
    changed[at]! ^= 0x20
    assert.equal(parseManifest(changed), undefined, String(at))
    assert.equal(parseManifest(bytes.subarray(0, at)), undefined)
  }
  assert.equal(parseManifest(Buffer.concat([bytes, Buffer.from('\n')])), undefined)
  assert.equal(parseManifest(undefined), undefined)
})

test('parseManifest() leaves the manifest of another den alone', () => {
  assert.equal(parseManifest(Buffer.from(formatManifest({ ...manifest, schema: 3 as 2 }))), undefined)
})
