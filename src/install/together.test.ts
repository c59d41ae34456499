import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { buildWheel, type WheelInput, wheelFilename } from '../../tests/kit/wheel.ts'
import { realDisk } from '../host/disk.ts'
import { realFiles } from '../host/files.ts'
import { openStore } from '../store/store.ts'
import type { TreeRequest } from './install-job.ts'
import { openLinker } from './linker.ts'
import { installTrees, sharingTrees } from './together.ts'

/** Enough files for a second thread. */
function big(name: string, more: Partial<WheelInput> = {}): WheelInput {
  const files: Record<string, string> = {}
  for (let index = 0; index < 400; index += 1) files[`${name}/d${index % 20}/m${index}.py`] = `${name} ${index}\n`
  return { name, version: '1.0', files, scripts: { [name]: `${name}:main` }, ...more }
}

async function setup(t: TestContext, wheels: readonly WheelInput[]) {
  const context = testContext(t)
  const store = openStore(context, context.places.store)
  const root = path.join(context.root, 'env')
  const site = path.join(root, 'lib', 'python3.13', 'site-packages')
  fs.mkdirSync(site, { recursive: true })
  const paths = {
    root,
    scripts: path.join(root, 'bin'),
    python: path.join(root, 'bin', 'python'),
    purelib: site,
    platlib: site,
    include: path.join(root, 'include'),
    data: root,
  }
  const requests: TreeRequest[] = []
  for (const wheel of wheels) {
    const source = { filename: wheelFilename(wheel), read: () => buildWheel(wheel) }
    const fallback = path.join(context.root, 'private')
    const tree = await store.ensure(source, fallback)
    requests.push({
      tree,
      paths,
      interpreter: {
        version: { major: 3, minor: 13, micro: 0, level: 'final', serial: 0 },
        platform: 'linux',
        machine: 'x86_64',
      },
      requested: true,
      restore: (damaged) => store.restore(damaged, source, fallback),
    })
  }
  return { context, store, site, requests }
}

test('installTrees() puts in what one thread alone would have put in', async (t) => {
  const { context, site, requests } = await setup(
    t,
    ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => big(name)),
  )
  assert.equal(context.host.disk === realDisk && context.host.files === realFiles, true)
  const done = await installTrees(context, requests, { linker: openLinker(context, 'hardlink'), mode: 'hardlink' })
  assert.equal(done.length, 6)
  for (const [index, name] of ['a', 'b', 'c', 'd', 'e', 'f'].entries()) {
    const { rows, scripts, replaced, distInfo } = done[index]!
    const record = done[index]!.record()
    assert.equal(distInfo, path.join(site, `${name}-1.0.dist-info`))
    assert.deepEqual([scripts, replaced], [[name], []])
    assert.equal(rows, record.length)
    assert.equal(record.filter((row) => row.path.startsWith(`${name}/`)).length, 400)
    for (const row of record) assert.ok(fs.existsSync(path.resolve(site, row.path)), row.path)
    assert.equal(fs.readFileSync(path.join(site, name, 'd7', 'm7.py'), 'utf8'), `${name} 7\n`)
  }
  const linked = context.events.filter(({ kind }) => kind === 'install.linked')
  assert.equal(linked.length, 6)
})

test('a tree that is damaged is mended, whichever thread meets it', async (t) => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f']
  const { context, site, requests } = await setup(
    t,
    names.map((name) => big(name)),
  )
  for (const { tree } of requests) {
    const file = path.join(tree.directory, tree.manifest.project, 'd3', 'm3.py')
    fs.chmodSync(file, 0o644)
    fs.writeFileSync(file, 'harm')
  }
  await installTrees(context, requests, { linker: openLinker(context, 'hardlink'), mode: 'hardlink' })
  for (const name of names) assert.equal(fs.readFileSync(path.join(site, name, 'd3', 'm3.py'), 'utf8'), `${name} 3\n`)
})

test('of a file that two bring the later one stands, however many are installed at once', async (t) => {
  const shared = (name: string): WheelInput => big(name, { files: { ...big(name).files, 'shared/x.py': `${name}\n` } })
  const { context, site, requests } = await setup(t, [
    shared('z'),
    ...['a', 'b', 'c', 'd', 'e'].map((name) => big(name)),
    shared('y'),
  ])
  const done = await installTrees(context, requests, { linker: openLinker(context, 'hardlink'), mode: 'hardlink' })
  assert.equal(fs.readFileSync(path.join(site, 'shared', 'x.py'), 'utf8'), 'y\n')
  assert.deepEqual(done.at(-1)!.replaced, [path.join(site, 'shared', 'x.py')])
})

test('sharingTrees() names those that have a top entry, a script or a data file in common, and whose data lands anywhere', async (t) => {
  const one = (name: string, more: Partial<WheelInput> = {}): WheelInput => ({ name, version: '1', ...more })
  const wheels = [
    one('a', { files: { 'ns/a.py': '' } }),
    one('b', { files: { 'NS/b.py': '' } }),
    one('c', { scripts: { tool: 'c:main' } }),
    one('d', { data: { scripts: { tool: '#!/bin/sh\n' } } }),
    one('e', { data: { data: { 'share/x': '' } } }),
    one('f', { data: { data: { 'share/x': '' } } }),
    one('g', { data: { data: { 'share/y': '' } } }),
    one('h', { data: { data: { 'lib/python3.13/site-packages/i.py': '' } } }),
    one('i'),
  ]
  const { requests } = await setup(t, wheels)
  assert.deepEqual([...sharingTrees(requests.map(({ tree }) => tree.manifest))].sort(), [0, 1, 2, 3, 4, 5, 7])
})
