import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { writeTree } from '../../tests/kit/scratch.ts'
import { readInstalled } from './installed.ts'

test('readInstalled() reads wheels, eggs and links, and skips what is none', (t) => {
  const { host, root } = testContext(t)
  writeTree(root, {
    'a/Zope.Interface-5.0.dist-info/INSTALLER': 'pip\n',
    'a/odd.dist-info/METADATA': 'Metadata-Version: 2.1\nName: Odd_Name\nVersion: 2.0.0\n',
    'a/broken.dist-info/METADATA': 'nothing',
    'a/old-1.0-py2.7.egg-info': 'Metadata-Version: 1.0\nName: old\nVersion: 1.0\n',
    'a/plain.egg-info/PKG-INFO': 'Metadata-Version: 1.0\nName: plain\nVersion: 3\n',
    'a/zipped-4.5-py3.8-linux-x86_64.egg/EGG-INFO/PKG-INFO': '',
    'a/dev.egg-link': '/src/dev\n.',
    'a/~ip-1.0.dist-info/METADATA': '',
    'a/module.py': '',
    'b/pip-24.0.dist-info/METADATA': '',
  })
  const found = readInstalled(host, [
    path.join(root, 'a'),
    path.join(root, 'b'),
    path.join(root, 'b'),
    path.join(root, 'none'),
  ])
  assert.deepEqual(
    found.map((one) => [one.project, one.version, one.kind, one.installer()]),
    [
      ['zope-interface', '5.0', 'wheel', 'pip'],
      ['broken', '', 'wheel', undefined],
      ['dev', '', 'develop', undefined],
      ['odd-name', '2.0.0', 'wheel', undefined],
      ['old', '1.0', 'egg', undefined],
      ['plain', '3', 'egg', undefined],
      ['zipped', '4.5', 'egg', undefined],
      ['pip', '24.0', 'wheel', undefined],
    ],
  )
})
