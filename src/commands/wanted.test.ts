import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { formatRequirement } from '../spec/requirement.ts'
import { readWanted } from './wanted.ts'

test('a requirements file that is no UTF-8 is read in the encoding of the user’s locale, and that is said', async (t) => {
  const context = testContext(t)
  const file = path.join(context.root, 'requirements.txt')
  fs.writeFileSync(file, Buffer.from('# f\xfcr alle\nsix==1.0\n', 'latin1'))
  const none = new Set<string>()
  const read = (env: Readonly<Record<string, string>>): ReturnType<typeof readWanted> =>
    readWanted(
      { ...context, host: { ...context.host, env } },
      {
        wanted: {
          requirements: [],
          editables: [],
          requirementFiles: [file],
          constraintFiles: [],
          scripts: [],
          groups: [],
          dependencies: 'all',
        },
        choice: { noBinary: none, onlyBinary: none, allReleases: none, onlyFinal: none },
        build: { constraintFiles: [] },
        transport: () => Promise.reject(new Error('nothing is fetched')),
      },
    )
  const { requirements, warnings } = await read({ LANG: 'de_DE.ISO-8859-1' })
  assert.deepEqual(
    requirements.map(({ text }) => text),
    ['six==1.0'],
  )
  assert.match(warnings.join(), /no UTF-8/)
  await assert.rejects(read({ LANG: 'C.UTF-8' }), { code: 'undecodable-file' })
})

test('an override keeps its marker: where that does not hold, the project is wanted by nobody', async (t) => {
  const context = testContext(t)
  const file = path.join(context.root, 'overrides.txt')
  fs.writeFileSync(file, 'six>=2 ; python_version < "3"\nidna==3.7\n')
  const none = new Set<string>()
  const { overrides, requirements } = await readWanted(context, {
    wanted: {
      requirements: [],
      editables: [],
      requirementFiles: [],
      constraintFiles: [],
      overrideFiles: [file],
      scripts: [],
      groups: [],
      dependencies: 'all',
    },
    choice: { noBinary: none, onlyBinary: none, allReleases: none, onlyFinal: none },
    build: { constraintFiles: [] },
    transport: () => Promise.reject(new Error('nothing is fetched')),
  })
  assert.deepEqual(overrides.map(formatRequirement), ['six>=2; python_version < "3"', 'idna==3.7'])
  assert.deepEqual(requirements, [])
})
