import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ListedEnvironment } from '../../commands/env.ts'
import { age, renderEnvironments, renderMoved, renderRemoved, renderSizes } from './environments.ts'
import { plainStyle } from './style.ts'

const here = { home: '/home/me', cwd: '/proj', now: 100 * 86_400_000 }
const bytes = (onDisk: number, files: number) => ({ apparent: onDisk, onDisk, files })
const size = {
  own: bytes(2_000_000, 10),
  shared: bytes(5_000_000, 20),
  total: bytes(7_000_000, 30),
  directories: 3,
  linksOut: 1,
}
const listed = (root: string, changes: Partial<ListedEnvironment> = {}): ListedEnvironment => ({
  root,
  kind: 'venv',
  version: '3.12.1',
  implementation: 'cpython',
  active: false,
  foundBy: 'project',
  alsoAt: [],
  ...changes,
})

test('renderEnvironments() gives a line to each: active, Python, place, keeper, last use or problem', () => {
  const environments = [
    listed('/proj/.venv', { active: true, lastUsed: here.now - 1000 }),
    listed('/home/me/envs/x-1', {
      kind: 'poetry',
      name: 'x-1',
      project: '/srv/x',
      implementation: 'pypy',
      version: '3.10',
    }),
    listed('/old', { version: '?', problem: { code: 'unreadable', text: 'this user may not read /old' } }),
  ]
  assert.equal(
    renderEnvironments({ environments }, plainStyle, here),
    [
      '*  Python 3.12.1  .venv       venv                today',
      '   PyPy 3.10      ~/envs/x-1  poetry, for /srv/x',
      '   broken         /old        venv                this user may not read /old',
    ].join('\n'),
  )
  assert.match(renderEnvironments({ environments: [listed('/e', { size })] }, plainStyle, here), /venv {2}2\.0 MB$/)
})

test('renderEnvironments() does not call a conda environment of other things broken', () => {
  const problem = { code: 'no-python', text: 'no Python is installed in this conda environment' } as const
  const environments = [listed('/opt/conda/envs/r', { kind: 'conda', version: '?', problem })]
  assert.match(
    renderEnvironments({ environments }, plainStyle, here),
    /^ +no Python {2}\/opt\/conda\/envs\/r {2}conda *$/,
  )
})

test('age() is told in days, months and years', () => {
  const day = 86_400_000
  assert.deepEqual(
    [0, 1, 12, 59, 90, 800].map((days) => age(days * day)),
    ['today', 'yesterday', '12 days ago', '59 days ago', '2 months ago', '2 years ago'],
  )
})

test('renderRemoved() tells what is gone, what it freed and what stays', () => {
  const removed = [
    { root: '/proj/.venv', removed: true, size },
    { root: '/proj/link', removed: true, linkTo: '/home/me/env' },
    { root: '/data/e', removed: false, redirect: '/proj/p/.venv' },
  ]
  assert.equal(
    renderRemoved({ removed }, plainStyle, here),
    'removed .venv  2.0 MB (and 5.0 MB that others still use)\nremoved the link link; ~/env, where it led, stays\nwould remove /data/e, and p/.venv, which named it',
  )
})

test('renderMoved() counts what was written anew, and lists it for a plan', () => {
  const carried = { files: 4, cloned: 0, hardLinked: 1, copied: 3, skipped: [] }
  const result = { from: '/proj/a', to: '/proj/b', rewritten: ['write bin/pip', 'write pyvenv.cfg'] }
  assert.equal(
    renderMoved({ ...result, done: true, carried }, 'moved', plainStyle, here),
    'moved a to b  2 files written for the new path',
  )
  assert.equal(
    renderMoved({ ...result, done: true, carried }, 'copied', plainStyle, here),
    'copied a to b  1 hard link, 3 copied, 2 files written for the new path',
  )
  assert.equal(
    renderMoved({ ...result, done: false }, 'moved', plainStyle, here),
    'would move a to b\n  write bin/pip\n  write pyvenv.cfg',
  )
})

test('renderSizes() explains own and shared where something is shared', () => {
  const text = renderSizes({ environments: [{ root: '/proj/e', size }] }, plainStyle, here)
  assert.match(
    text,
    /^ {3}own +shared +together +files\ne {2}2\.0 MB {2}5\.0 MB {2}7\.0 MB +30\nown: what removing it frees/,
  )
})
