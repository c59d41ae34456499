// `den store` and `den cache` through the executable, on what real installs leave.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { den } from '../kit/den.ts'
import { servedWheel, serveIndex } from '../kit/index-server.ts'
import { scratch } from '../kit/scratch.ts'

interface Sized {
  readonly trees: readonly { readonly project?: string; readonly users: readonly string[]; readonly sha256: string }[]
}

test('the store says for whom it keeps what, notices damage, and gives up what nobody uses', async (t) => {
  const cwd = scratch(t)
  const index = await serveIndex(t, [
    servedWheel({ name: 'used', version: '1.0' }),
    servedWheel({ name: 'left', version: '1.0' }),
  ])
  const env = { DEN_HOME: path.join(cwd, 'home'), DEN_CACHE_DIR: path.join(cwd, 'cache'), PIP_INDEX_URL: index.url }
  const run = (...args: readonly string[]): ReturnType<typeof den> => den(args, { cwd, env })
  for (const [place, name] of [
    ['a', 'used'],
    ['b', 'left'],
  ] as const) {
    assert.equal((await run('create', '--seed', 'none', '-q', place)).code, 0)
    const installed = await run('pip', '--python', place, 'install', '-q', name)
    assert.equal(installed.code, 0, installed.stderr)
  }
  const users = async (): Promise<Record<string, readonly string[]>> => {
    const { trees } = (await run('store', 'size', '--json')).json<Sized>()
    return Object.fromEntries(trees.map((tree) => [tree.project ?? '?', tree.users.map((user) => path.basename(user))]))
  }
  assert.deepEqual(await users(), { used: ['a'], left: ['b'] })
  const sound = await run('store', 'verify')
  assert.equal(sound.code, 0)
  assert.match(sound.stdout, /2 distributions, \d+ files?, .* sound/)

  // Removed by den, the environment is forgotten; by hand it could have been moved.
  assert.equal((await run('env', 'remove', 'b')).code, 0)
  assert.deepEqual((await users())['left'], [])
  assert.match((await run('store', 'collect')).stdout, /nothing to collect/)
  assert.match(
    (await run('store', 'collect', '--now', '--dry-run')).stdout,
    /would remove 1 distribution \(.*\); 1 stay/,
  )
  assert.match((await run('store', 'collect', '--now')).stdout, /removed 1 distribution/)
  assert.deepEqual(await users(), { used: ['a'] })

  const trees = path.join(env.DEN_HOME, 'store', 'v1', 'trees')
  const file = path.join(trees, fs.readdirSync(trees)[0]!, 'tree', 'used.py')
  fs.chmodSync(file, 0o644)
  fs.appendFileSync(file, '# edited\n')
  const damaged = await run('store', 'verify')
  assert.equal(damaged.code, 1)
  assert.match(damaged.stdout, /damaged: used 1\.0\n +used\.py\n +used by a\n/)
  assert.equal((await run('store', 'verify', '--remove')).code, 0)
  assert.equal((await run('store', 'verify')).code, 0)
})

test('the cache says what it holds, and pruning it keeps what is in use', async (t) => {
  const cwd = scratch(t)
  const index = await serveIndex(t, [servedWheel({ name: 'thing', version: '1.0' })])
  const cache = path.join(cwd, 'cache')
  const env = { DEN_HOME: path.join(cwd, 'home'), DEN_CACHE_DIR: cache, PIP_INDEX_URL: index.url }
  const run = (...args: readonly string[]): ReturnType<typeof den> => den(args, { cwd, env })
  assert.equal((await run('create', '--seed', 'none', '-q', 'a')).code, 0)
  assert.equal((await run('pip', '--python', 'a', 'install', '-q', 'thing')).code, 0)
  const { parts } = (await run('cache', 'info', '--json')).json<{ parts: { kind: string; files: number }[] }>()
  assert.ok(parts.find(({ kind }) => kind === 'pages')!.files > 0)
  assert.match((await run('cache', 'info')).stdout, /pages +pages-v1, at most 500 MB/)
  assert.match((await run('cache', 'prune')).stderr, /removed 0 files/)
  assert.match((await run('cache', 'prune', '--days', '0', '--dry-run')).stderr, /would remove [1-9]\d* files?/)
  assert.equal((await run('cache', 'prune', '--days', 'soon')).code, 2)
  assert.equal((await run('cache', 'clear')).code, 0)
  assert.deepEqual(fs.readdirSync(cache), [])
})
