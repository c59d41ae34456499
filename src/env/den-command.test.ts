import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { writeTree } from '../../tests/kit/scratch.ts'
import { denCommand, denCommandStands, refreshDenCommand } from './den-command.ts'

test('the words are quoted where a shell needs it; the library and paths of several lines have none', () => {
  assert.equal(denCommand({ self: ['/usr/bin/den'] }), '/usr/bin/den')
  assert.equal(denCommand({ self: ['/usr/bin/node', "/it's/den.js"] }), "/usr/bin/node '/it'\\''s/den.js'")
  assert.equal(denCommand({ self: undefined }), undefined)
  assert.equal(denCommand({ self: ['/a\nb/den'] }), undefined)
})

test('pyvenv.cfg is written anew only where the den that it names is gone', (t) => {
  const context = testContext(t)
  const root = path.join(context.root, 'env')
  const file = path.join(root, 'pyvenv.cfg')
  writeTree(context.root, { 'new den/den': '', 'old/den': '' })
  const den = path.join(context.root, 'new den', 'den')
  const old = path.join(context.root, 'old', 'den')
  const host = { ...context.host, self: [den] }
  const text = (command: string): string => `home = /x\nden-command = ${command}\nprompt = 'a'\n`
  const refreshed = (before: string): string => {
    writeTree(root, { 'pyvenv.cfg': before })
    refreshDenCommand({ host }, root)
    return fs.readFileSync(file, 'utf8')
  }
  assert.equal(refreshed(text(old)), text(old))
  assert.equal(refreshed(text('/gone/$&/den')), text(`'${den}'`))
  assert.equal(refreshed(text(`${old} /gone/den.js`)), text(`'${den}'`))
  assert.equal(refreshed('home = /x\n'), 'home = /x\n')
  assert.ok(denCommandStands(host, `'${den}'`))
  assert.ok(!denCommandStands(host, "'open"))
  refreshDenCommand({ host }, path.join(root, 'nowhere'))
})
