import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { writeTree } from '../../tests/kit/scratch.ts'
import { pipCacheParts } from './pip-cache.ts'

test('pip cache knows den’s own parts of a directory, and nothing else that is there', (t) => {
  const context = testContext(t)
  const own = ['built-v1/one/x.whl', 'http-v1/ab/cd', 'pages-v0/x', 'vcs-v1/repository/a']
  const others = ['constructor/x', 'files/letter.txt', 'pages/notes.txt', 'run-abc123/pages-v1/x']
  writeTree(context.root, Object.fromEntries([...own, ...others].map((name) => [`cache/${name}`, 'x'])))
  const directory = path.join(context.root, 'cache')
  assert.deepEqual(
    pipCacheParts(context, directory).map(({ path: file }) => path.relative(directory, file)),
    own,
  )
})
