import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRequirement } from './requirement.ts'
import { parseRequiresTxt } from './requires-txt.ts'

test('parseRequiresTxt() turns sections into markers', () => {
  const found = parseRequiresTxt(
    'a>=1\n# comment\n\n[Te_st]\nb\nc @ https://example.org/c.zip\n\n[:python_version < "3"]\nd\n\n[te.st:os_name == "a" or os_name == "b"]\ne\n[empty]\n',
  )
  assert.deepEqual(found.requiresDist, [
    'a>=1',
    'b ; extra == "te-st"',
    'c @ https://example.org/c.zip ; extra == "te-st"',
    'd ; python_version < "3"',
    'e ; (os_name == "a" or os_name == "b") and extra == "te-st"',
  ])
  assert.deepEqual(found.providesExtra, ['te-st'])
  assert.equal(found.requiresDist.map(parseRequirement)[2]?.url, 'https://example.org/c.zip')
})
