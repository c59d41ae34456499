import assert from 'node:assert/strict'
import nodePath from 'node:path'
import { test } from 'node:test'
import { promptName } from './prompt-name.ts'

test('promptName() is the prompt, else the name of the directory, and for .venv that of its project', () => {
  assert.equal(promptName(nodePath.posix, '/x/project/.venv', 'chosen'), 'chosen')
  assert.equal(promptName(nodePath.posix, '/x/project/.venv'), 'project')
  assert.equal(promptName(nodePath.posix, '/x/project/env'), 'env')
  assert.equal(promptName(nodePath.posix, '/.venv'), '.venv')
})
