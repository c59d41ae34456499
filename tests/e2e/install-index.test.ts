// What is told of an index's releases, and what is known of an index that is not asked.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { den } from '../kit/den.ts'
import { servedWheel, serveIndex } from '../kit/index-server.ts'
import { pythonOr } from '../kit/pythons.ts'
import { scratch } from '../kit/scratch.ts'

test('den pip install warns of yanked releases, and needs no network for what it has seen', async (t) => {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  const root = scratch(t)
  const index = await serveIndex(
    t,
    [
      servedWheel({ name: 'app', version: '1.0', requires: ['lib'] }, { yanked: 'it lost data' }),
      servedWheel({ name: 'app', version: '0.9', requires: ['lib'] }),
      servedWheel({ name: 'lib', version: '1.0' }),
    ],
    { cacheControl: 'max-age=0' },
  )
  const made = await den(['create', '-p', python.executable, '--seed', 'none', '.venv'], { cwd: root })
  assert.equal(made.code, 0, made.stderr)
  const install = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    den(['pip', 'install', '--index-url', index.url, ...args], {
      cwd: root,
      env: { PIP_CONFIG_FILE: '/dev/null', ...env },
    })

  const pinned = await install(['--dry-run', 'app==1.0'])
  assert.equal(pinned.code, 0, pinned.stderr)
  assert.match(pinned.stderr, /app 1\.0 was yanked: it lost data/)
  const done = await install(['app'])
  assert.match(done.stdout, /^Successfully installed app-0\.9 lib-1\.0$/m)
  assert.doesNotMatch(done.stderr, /yanked/)

  const asked = index.paths().length
  const offline = await install(['--dry-run', '-U', 'app', 'lib'], { DEN_OFFLINE: '1' })
  assert.equal(offline.code, 0, offline.stderr)
  const unseen = await install(['--dry-run', 'other'], { DEN_OFFLINE: '1' })
  assert.equal(unseen.code, 1)
  assert.match(unseen.stderr, /offline/)
  assert.equal(index.paths().length, asked)
})
