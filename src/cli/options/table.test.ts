import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hookShells } from '../../env/hook.ts'
import type { Option } from './option.ts'
import { spellings } from './option.ts'
import { commands, findCommand } from './table.ts'

test('no command has two options of one spelling', () => {
  for (const command of commands) {
    const all = command.options.flatMap(spellings)
    assert.deepEqual(all.toSorted(), [...new Set(all)].toSorted(), command.name)
  }
})

test('no two commands have one name', () => {
  const names = commands.flatMap(({ name, aliases }) => [name, ...(aliases ?? [])])
  assert.equal(names.length, new Set(names).size)
})

test('every option that takes a value says what, and only those', () => {
  for (const command of commands) {
    for (const option of command.options) {
      assert.equal(
        option.value !== undefined,
        option.kind === 'text' || option.kind === 'list',
        `${command.name} --${option.name}`,
      )
      assert.ok(option.help !== '' && !option.help.endsWith('.'), `${command.name} --${option.name}`)
    }
  }
})

test('one variable means one option, with one help', () => {
  const helps = new Map<string, Option>()
  for (const option of commands.flatMap((command) => command.options)) {
    if (option.variable === undefined || option.addition) continue
    assert.match(option.variable, /^DEN_[A-Z_]+$/)
    const other = helps.get(option.variable)
    assert.ok(other === undefined || other === option, option.variable)
    helps.set(option.variable, option)
  }
})

test('every command’s handler can be loaded', async () => {
  for (const command of commands) assert.equal(typeof (await command.load()).handle, 'function', command.name)
})

test('findCommand() takes the longest name, and aliases', () => {
  assert.deepEqual(
    [findCommand(['env', 'ls', 'x'])?.command.name, findCommand(['env', 'ls', 'x'])?.taken],
    ['env list', 2],
  )
  assert.equal(findCommand(['env', 'create'])?.command.name, 'create')
  assert.equal(findCommand(['create', 'env'])?.taken, 1)
  assert.equal(findCommand(['env']), undefined)
  assert.equal(findCommand([]), undefined)
})

test('the shells that den hook offers are those that have a hook', () => {
  assert.deepEqual(findCommand(['hook'])?.command.operands[0]?.choices, hookShells)
})
