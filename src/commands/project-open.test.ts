import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { scratch } from '../../tests/kit/scratch.ts'
import { defaultHost } from '../host/default-host.ts'
import { openProject } from './project-open.ts'

test('openProject() gives manifest and lock of one moment, though a change ends while they are read', async (t) => {
  const root = scratch(t)
  const [manifest, lock, record] = ['pyproject.toml', 'pylock.toml', '.den-change'].map((name) => path.join(root, name))
  const lockOf = (word: string): string => `lock-version = "1.0"\ncreated-by = "${word}"\npackages = []\n`
  const manifestOf = (bound: string): string =>
    `[project]\nname = "p"\nversion = "1"\ndependencies = ["foo>=${bound}"]\n`
  // Another den's change stands between its two renames.
  fs.writeFileSync(manifest!, manifestOf('2'))
  fs.writeFileSync(lock!, lockOf('old'))
  fs.writeFileSync(record!, '')
  const { files } = defaultHost({ cwd: root })
  let isLeft = true
  const context = testContext(t, {
    root,
    host: {
      files: {
        ...files,
        readText: (file: string) => {
          const text = files.readText(file)
          if (file === lock && isLeft) {
            isLeft = false
            fs.writeFileSync(lock, lockOf('new'))
            fs.rmSync(record!)
          }
          return text
        },
      },
    },
  })
  const found = await openProject(context as unknown as Parameters<typeof openProject>[0], root)
  assert.equal(found.manifest.text, manifestOf('2'))
  assert.equal(found.lock?.text, lockOf('new'))
})
