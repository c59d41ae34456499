import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { scratch, writeTree } from '../../tests/kit/scratch.ts'
import { defaultHost } from '../host/default-host.ts'
import { currentGeneration, inGeneration, linkedPlaces, linkThroughNow, placeOf, sentinel } from './generation.ts'
import { carryOver } from './generation-carry.ts'
import { tidyGenerations } from './generation-tidy.ts'
import type { EnvironmentPaths } from './plan.ts'

const through = ['.den', 'lib', 'lib/python3.13']
const host = defaultHost({ cwd: '/' })

function paths(root: string): EnvironmentPaths {
  const site = path.join(root, 'lib/python3.13/site-packages')
  const scripts = path.join(root, 'bin')
  return {
    root,
    scripts,
    python: path.join(scripts, 'python'),
    purelib: site,
    platlib: site,
    include: path.join(root, 'include'),
    data: root,
  }
}

test('which entry of the root leads to a file of a generation', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['bin/pip', 'bin', '.den/now/bin'],
    [
      'lib/python3.13/site-packages/a/b.py',
      'lib/python3.13/site-packages',
      '../../.den/now/lib/python3.13/site-packages',
    ],
    ['lib/pkgconfig/x.pc', 'lib/pkgconfig', '../.den/now/lib/pkgconfig'],
    ['share/man/man1/x.1', 'share', '.den/now/share'],
    ['.den/history/000001.json', '.den/history', 'now/.den/history'],
    ['LICENSE', 'LICENSE', '.den/now/LICENSE'],
  ]
  for (const [file, place, target] of cases) {
    assert.equal(placeOf(file, through), place)
    assert.equal(linkThroughNow(place), target)
  }
})

test('where things really stand', (t) => {
  const root = scratch(t, { '.den/generations/3/bin/pip': '', 'lib/python3.13/os.py': '' })
  assert.equal(currentGeneration(host, root), undefined)
  assert.equal(inGeneration(host, paths(root), 'bin/pip'), 'bin/pip')
  fs.symlinkSync('generations/3', path.join(root, '.den/now'))
  fs.symlinkSync('.den/now/bin', path.join(root, 'bin'))
  fs.symlinkSync('elsewhere', path.join(root, 'share'))
  assert.equal(currentGeneration(host, root)?.number, 3)
  assert.deepEqual(linkedPlaces(host, root, through), ['bin'])
  assert.equal(inGeneration(host, paths(root), 'bin/pip'), '.den/generations/3/bin/pip')
  assert.equal(inGeneration(host, paths(root), 'pyvenv.cfg'), 'pyvenv.cfg')
  // A link of somebody else's is none of den's generations.
  fs.rmSync(path.join(root, '.den/now'))
  fs.symlinkSync('/somewhere', path.join(root, '.den/now'))
  assert.equal(currentGeneration(host, root), undefined)
})

test('what stays is taken along, what was emptied is not', (t) => {
  const root = scratch(t)
  const [from, to] = [path.join(root, 'from'), path.join(root, 'to')]
  writeTree(from, {
    'site/mine.py': 'mine',
    'site/pkg/a.py': 'a',
    'site/pkg/deep/b.py': 'b',
    [`site/acme/${sentinel}`]: '',
    'site/acme/one.py': '',
    'site/kept/x': '',
    'empty/.gone': '',
  })
  fs.rmSync(path.join(from, 'empty/.gone'))
  fs.symlinkSync('/store/tree/big', path.join(from, 'site/big'))
  fs.symlinkSync('/store/tree/other', path.join(from, 'site/other'))
  fs.chmodSync(path.join(from, 'site'), 0o700)
  const gone = new Set(['site/pkg/a.py', 'site/pkg/deep/b.py', 'site/acme/one.py', 'site/kept/x', 'site/other'])
  carryOver({ host }, { from, to, gone, keep: new Set(['site/kept']) })
  assert.deepEqual(fs.readdirSync(to).sort(), ['empty', 'site'])
  assert.deepEqual(fs.readdirSync(path.join(to, 'site')).sort(), ['big', 'kept', 'mine.py'])
  assert.equal(fs.readlinkSync(path.join(to, 'site/big')), '/store/tree/big')
  assert.equal(fs.statSync(path.join(to, 'site/mine.py')).ino, fs.statSync(path.join(from, 'site/mine.py')).ino)
  assert.equal(fs.statSync(path.join(to, 'site')).mode & 0o777, 0o700)
})

test('what goes of generations: the half-made at once, the old when nothing uses them, the last one after a day', (t) => {
  const root = scratch(t, Object.fromEntries([1, 2, 3, 4, 5].map((number) => [`.den/generations/${number}/bin/x`, ''])))
  fs.symlinkSync('generations/4', path.join(root, '.den/now'))
  fs.symlinkSync('.den/now/bin', path.join(root, 'bin'))
  fs.symlinkSync('.den/now/share', path.join(root, 'share'))
  fs.symlinkSync('/nowhere', path.join(root, 'mine'))
  const left = (): readonly string[] => fs.readdirSync(path.join(root, '.den/generations'))
  const tidy = (later = 0): void =>
    tidyGenerations({ host: { ...host, now: () => Date.now() + later }, report: () => undefined }, root, through)
  // A program that has a file of it open uses it; only Linux tells, and elsewhere all are kept for the day.
  const open = fs.openSync(path.join(root, '.den/generations/1/bin/x'), 'r')
  try {
    tidy()
    assert.deepEqual(left(), process.platform === 'linux' ? ['1', '3', '4'] : ['1', '2', '3', '4'])
  } finally {
    fs.closeSync(open)
  }
  assert.deepEqual(fs.readdirSync(root).sort(), ['.den', 'bin', 'mine'])
  tidy()
  if (process.platform === 'linux') assert.deepEqual(left(), ['3', '4'])
  tidy(25 * 60 * 60 * 1000)
  assert.deepEqual(left(), ['4'])
})
