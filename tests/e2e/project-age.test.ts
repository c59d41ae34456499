// The cool-down of den's own verbs: what came within the last day is not chosen, unless it is locked, exempt, or somebody says otherwise.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OutdatedResult } from '../../src/commands/lock-outdated.ts'
import { plainProject, projectScene } from '../kit/change-scene.ts'
import { servedWheel } from '../kit/index-server.ts'

const hour = 60 * 60 * 1000
const ago = (hours: number): { readonly uploadTime: string } => ({
  uploadTime: new Date(Date.now() - hours * hour).toISOString(),
})
const files = [
  servedWheel({ name: 'base', version: '1.0' }, ago(1000)),
  servedWheel({ name: 'base', version: '1.1' }, ago(30)),
  servedWheel({ name: 'base', version: '2.0' }, ago(2)),
]
const settings = (text: string): string => `${plainProject}\n[tool.den]\n${text}\n`

test('a release of today is not locked unless the project or the command line says so', async (t) => {
  const scene = await projectScene(t, { files })
  if (scene === undefined) return
  const lockedAs = async (pyproject: string, ...args: readonly string[]): Promise<string> => {
    scene.write('pyproject.toml', pyproject)
    await scene.done('lock', '--upgrade', '--dry-run', ...args)
    return (await scene.done('lock', '--upgrade', '--dry-run', ...args)).stdout.trim()
  }
  assert.equal(await lockedAs(plainProject), '+ base 1.1')
  assert.equal(await lockedAs(plainProject, '--minimum-age', '2 days'), '+ base 1.0')
  assert.equal(await lockedAs(plainProject, '--minimum-age', '0'), '+ base 2.0')
  assert.equal(await lockedAs(plainProject, '--minimum-age=0', '--exclude-newer=24 hours'), '+ base 1.1')
  assert.equal(await lockedAs(settings('minimum-age = "1 week"')), '+ base 1.0')
  assert.equal(await lockedAs(settings('minimum-age = "1 week"'), '--minimum-age', '1 hour'), '+ base 2.0')
  assert.equal(await lockedAs(settings('minimum-age = "0"')), '+ base 2.0')
  assert.equal(await lockedAs(settings('minimum-age-exempt = ["Base"]')), '+ base 2.0')
  // A limit that somebody gave is that limit.
  assert.equal(await lockedAs(settings('exclude-newer = "1 hour"')), '+ base 2.0')
  assert.equal((await scene.den('lock', '--minimum-age', 'soon')).code, 2)
  scene.write('pyproject.toml', plainProject)
  assert.match((await scene.den('add', 'base>=2')).stderr, /releases of base .* left out: --minimum-age 0/)
  // Nothing of it was left out that would do.
  const none = await scene.refused('add', 'base>=3')
  assert.match(none, /error\[no-solution\]/)
  assert.doesNotMatch(none, /left out/)
  await scene.done('add', 'base>=2', '--minimum-age=0', '--no-sync')
  assert.equal(scene.locked(), 'base==2.0')
})

test('what was left out for its age is told where it would have counted: for what is asked, what that needs, and what --with lays over', async (t) => {
  const scene = await projectScene(t, {
    files: [
      ...files,
      servedWheel({ name: 'top', version: '1.0', requires: ['base>=2'] }, ago(2000)),
      servedWheel({ name: 'timeless', version: '1.0' }),
    ],
  })
  if (scene === undefined) return
  assert.match(await scene.refused('add', 'top'), /releases of base younger than minimum-age were left out/)
  assert.match(await scene.refused('run', '--with', 'base>=2', 'python', '-c', ''), /releases of base younger/)
  const none = await scene.refused('add', 'timeless>99')
  assert.match(none, /error\[no-solution\]/)
  assert.doesNotMatch(none, /left out/)
})

test('what is locked stays though it is young; den add waits as den lock does', async (t) => {
  const scene = await projectScene(t, { files: [...files, servedWheel({ name: 'more', version: '1.0' }, ago(2000))] })
  if (scene === undefined) return
  await scene.done('lock', '--minimum-age', '0')
  assert.equal(scene.locked(), 'base==2.0')
  await scene.done('add', 'more')
  assert.equal(scene.locked(), 'base==2.0 more==1.0')
  assert.deepEqual((await scene.done('outdated', '--json')).json<OutdatedResult>().unknown, [])
  await scene.done('lock', '--upgrade')
  assert.equal(scene.locked(), 'base==2.0 more==1.0')
})

test('where the index tells no times, files are taken and that is said once', async (t) => {
  const scene = await projectScene(t, {
    files: [servedWheel({ name: 'base', version: '2.0' }), servedWheel({ name: 'app', version: '1.0' })],
    pyproject: plainProject.replace('"base>=1"', '"base>=1", "app"'),
  })
  if (scene === undefined) return
  const { stderr } = await scene.done('lock')
  assert.equal(scene.locked(), 'app==1.0 base==2.0')
  assert.equal(stderr.match(/does not tell when its files were uploaded/g)?.length, 1, stderr)
  assert.doesNotMatch((await scene.done('lock', '--upgrade', '--minimum-age=0')).stderr, /does not tell/)
})
