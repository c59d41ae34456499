import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { writeTree } from '../../tests/kit/scratch.ts'
import { parseRequirementsText } from '../spec/requirements-txt.ts'
import { readRequirementsPlace, requirementsContextOf } from './pip-surroundings.ts'

test('a requirements file of this machine is read with its projects, includes and variables', async (t) => {
  const { root, host } = testContext(t, { env: { NAME: 'named', LC_ALL: 'de_DE.ISO-8859-1' } })
  writeTree(root, {
    'proj/pyproject.toml': '',
    'plain/x': '',
    'deps/requirements.txt': '${NAME}\n./proj\n-r more.txt\n',
    'deps/more.txt': 'more\n',
  })
  const context = requirementsContextOf(host)
  assert.equal(context.localeEncoding, 'ISO-8859-1')
  assert.equal(context.look(path.join(root, 'plain')), 'directory')
  assert.equal(context.look(path.join(root, 'deps/more.txt')), 'file')
  assert.equal(context.look(`${root}/${'x'.repeat(5000)}`), undefined)
  assert.equal(context.look('\0'), undefined)
  const { lines } = await parseRequirementsText('deps/requirements.txt', context, ({ place }) =>
    readRequirementsPlace(host, place),
  )
  assert.deepEqual(
    lines.map((line) => line.requirement?.name ?? line.link),
    ['named', `file://${root}/proj`, 'more'],
  )
  const bytes = readRequirementsPlace(host, `file://localhost${root}/deps/m%6fre.txt#x`)
  assert.equal(new TextDecoder().decode(bytes as Uint8Array), 'more\n')
  assert.equal(readRequirementsPlace(host, `file:${root}/gone`), undefined)
})
