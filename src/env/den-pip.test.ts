import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import path from 'node:path'
import { test } from 'node:test'
import { denPipWheel } from '../engine/den-pip-wheel.ts'
import { parseRecord } from '../spec/record.ts'
import { denPipEntries, denPipVersion, isDenPip, isDenPipScript } from './den-pip.ts'

const paths = {
  root: '/env',
  scripts: '/env/bin',
  python: '/env/bin/python',
  purelib: '/env/lib/python3.12/site-packages',
  platlib: '/env/lib/python3.12/site-packages',
  include: '/env/include/site/python3.12',
  data: '/env',
}

test('every file of the plan stands in RECORD with its hash, and nothing else does', () => {
  const entries = denPipEntries(path.posix, paths, { major: 3, minor: 12 })
  const texts = new Map<string, string>(
    entries.flatMap((one) => (one.kind === 'file' ? [[`/env/${one.path}`, one.text] as const] : [])),
  )
  const links = entries.flatMap((one) => (one.kind === 'link' ? [`/env/${one.path}`] : []))
  const record = texts.get(`${paths.purelib}/pip-${denPipVersion}.dist-info/RECORD`)!
  const rows = parseRecord(record, { outside: 'allow' })
  for (const { path: name, hash, size } of rows) {
    const place = path.posix.join(paths.purelib, name)
    const text = texts.get(place) ?? (links.includes(place) ? texts.get('/env/bin/pip') : undefined)
    assert.ok(text !== undefined, name)
    if (name.endsWith('/RECORD')) continue
    assert.equal(hash?.digest, crypto.createHash('sha256').update(text).digest('base64url'), name)
    assert.equal(size, Buffer.byteLength(text), name)
  }
  assert.equal(rows.length, texts.size + links.length)
  assert.deepEqual(links, ['/env/bin/pip3', '/env/bin/pip3.12'])
})

test('the wheel is the same each time, and another for another Python', () => {
  const wheel = (minor: number): string => Buffer.from(denPipWheel({ major: 3, minor }, 'shell')).toString('latin1')
  assert.equal(wheel(12), wheel(12))
  assert.match(wheel(12), /pip-26\.3\+den\.data\/scripts\/pip3\.12/)
  assert.match(wheel(13), /pip-26\.3\+den\.data\/scripts\/pip3\.13/)
  const windows = Buffer.from(denPipWheel({ major: 3, minor: 12 }, 'launcher')).toString('latin1')
  assert.match(windows, /entry_points\.txt/)
  assert.doesNotMatch(windows, /data\/scripts/)
})

test("den's pip is told from the real one", () => {
  assert.ok(isDenPip({ project: 'pip', version: denPipVersion }))
  assert.ok(!isDenPip({ project: 'pip', version: '26.3' }))
  assert.ok(!isDenPip({ project: 'other', version: '1+den' }))
  const script = denPipEntries(path.posix, paths, { major: 3, minor: 12 }).find((one) => one.path === 'bin/pip')
  assert.ok(script?.kind === 'file' && isDenPipScript(script.text))
  assert.ok(!isDenPipScript('#!/bin/sh\nexec python -m pip "$@"\n'))
})
