import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { writeTree } from '../../tests/kit/scratch.ts'
import { isDenError } from '../base/error.ts'
import { projectSettings } from './project-settings.ts'

test('projectSettings() is what the nearest file says that speaks of den', (t) => {
  const { host, root } = testContext(t)
  writeTree(root, {
    'pyproject.toml': '[project]\nname = "a"\n[tool.den]\nminimum-age = "2 days"\n',
    'lib/pyproject.toml': '[project]\ndependencies = [',
    'lib/deep/x': '',
    'other/den.toml': 'minimum-age = "3 days"\n',
    'other/pyproject.toml': '[tool.den]\nminimum-age = "4 days"\n',
    'broken/pyproject.toml': '[tool.den]\nminimum-age = \n',
  })
  const found = (place: string): readonly unknown[] => {
    const settings = projectSettings(host, path.join(root, place))
    return [settings?.file, settings?.table['minimum-age']]
  }
  const top = [path.join(root, 'pyproject.toml'), '2 days']
  assert.deepEqual(found('.'), top)
  // One that has no word of den is passed over, broken or not.
  assert.deepEqual(found('lib/deep'), top)
  assert.deepEqual(found('other'), [path.join(root, 'other/den.toml'), '3 days'])
  assert.throws(
    () => found('broken'),
    (error) => isDenError(error, 'invalid-toml'),
  )
})
