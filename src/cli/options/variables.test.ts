import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { commands } from './table.ts'
import { variableGroups } from './variables.ts'

const source = path.resolve(import.meta.dirname, '..', '..')
const documented = new Set([
  ...variableGroups.flatMap(({ variables }) => variables.map(({ name }) => name)),
  ...commands.flatMap(({ options }) => options.flatMap(({ variable }) => variable ?? [])),
])
const texts = fs
  .readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !/\.(?:test|generated)\.ts$/.test(name))
  .map((name) => ({ name, text: fs.readFileSync(path.join(source, name), 'utf8') }))

test('every variable that den reads is documented', () => {
  const missing = texts.flatMap(({ name, text }) =>
    // `variable(host, 'NAME')`, `env['NAME']`, and every name of den's own. What starts with an underscore is between den's scripts.
    [...text.matchAll(/(?:\bvariable\([\w.]+, |\benv\[)'([A-Za-z]\w+)'|'(DEN_[A-Z_]+)'/g)]
      .map((match) => (match[1] ?? match[2])!)
      .filter((variable) => !documented.has(variable) && !['DEN_ACTIVE', 'DEN_HOOK_ROOT'].includes(variable))
      .map((variable) => `${variable} in ${name}`),
  )
  assert.deepEqual(missing, [])
})

test('no variable is documented that den does not know', () => {
  const all = texts
    .filter(({ name }) => name !== path.join('cli', 'options', 'variables.ts'))
    .map(({ text }) => text)
    .join('\n')
  const unknown = [...documented].filter((name) => !new RegExp(`\\b${name}\\b`).test(all))
  assert.deepEqual(unknown, [])
})
