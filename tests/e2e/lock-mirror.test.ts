// A lock is for everybody: it says the public index of what came from there, by whichever mirror, and is synced by way of another.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { den } from '../kit/den.ts'
import { servedWheel, serveIndex } from '../kit/index-server.ts'
import { indexFile } from '../kit/lock-answer.ts'
import { type LockedProject, lockedProject } from '../kit/lock-project.ts'
import { pythonOr } from '../kit/pythons.ts'

const pyproject = '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = ["one", "two"]\n'
const one = servedWheel({ name: 'one', version: '1.0' })
const two = servedWheel({ name: 'two', version: '2.0' })

async function scene(t: TestContext): Promise<LockedProject> {
  const project = await lockedProject(t, {
    pyproject,
    packages: [
      { name: 'one', version: '1.0' },
      { name: 'two', version: '2.0' },
    ],
    isMirror: true,
  })
  // Most mirrors keep the paths of the public index's files.
  const kept = `${project.index.origin}/packages/ab/cd/${'12'.repeat(30)}/${one.filename}`
  const sha256 = createHash('sha256').update(one.bytes).digest('hex')
  const file = indexFile(one.filename, {
    url: kept,
    hashes: { sha256 },
    size: one.bytes.length,
    foundAt: project.index.url,
  })
  project.lock([
    { name: 'one', version: '1.0', files: [file] },
    { name: 'two', version: '2.0' },
  ])
  return project
}

test('a lock made by one mirror is synced by another', async (t) => {
  const python = pythonOr(t, '3.13')
  if (python === undefined) return
  const project = await scene(t)
  const text = fs.readFileSync(path.join(project.root, 'pylock.toml'), 'utf8')
  assert.match(text, new RegExp(`url = "https://[a-z.]+/packages/ab/cd/${'12'.repeat(30)}/${one.filename}"`))
  assert.equal(text.match(/^index = "https:\/\/[a-z.]+\/simple\/"$/gm)?.length, 2)
  const other = await serveIndex(t, [one, two])
  const env = { PIP_INDEX_URL: other.url, PIP_CONFIG_FILE: '/dev/null' }
  const before = project.index.requests.length
  const synced = await den(['sync', '--frozen', '-p', python.executable], { cwd: project.root, env })
  assert.equal(synced.code, 0, synced.stderr)
  assert.equal(project.index.requests.length, before)
  assert.deepEqual(
    other
      .paths()
      .filter((asked) => asked.startsWith('/files/'))
      .sort(),
    [`/files/${one.filename}`, `/files/${two.filename}`],
  )
})

test('a mirror that has another file of that name, or none, is refused', async (t) => {
  const python = pythonOr(t, '3.13')
  if (python === undefined) return
  const project = await scene(t)
  const changed = servedWheel({ name: 'two', version: '2.0', files: { 'two.py': 'evil = True\n' } })
  const other = await serveIndex(t, [one, changed])
  const env = { PIP_INDEX_URL: other.url, PIP_CONFIG_FILE: '/dev/null' }
  const refused = await den(['sync', '--frozen', '-p', python.executable], { cwd: project.root, env })
  assert.equal(refused.code, 1)
  assert.match(
    refused.stderr,
    /error\[locked-file-missing\]: the lock names two-2\.0-py3-none-any\.whl, and .*127\.0\.0\.1.* does not have it/,
  )
  assert.equal(fs.existsSync(path.join(project.root, '.venv')), false)
})
