import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configured } from './plan-repair.ts'

test('configured() sets keys in place, adds missing ones, takes second ones away and keeps the rest', () => {
  const text = 'home = /old\n# a remark\nHOME = /second\nprompt = x\n'
  assert.equal(
    configured(text, { home: '/new', version: '3.12.1' }),
    'home = /new\n# a remark\nprompt = x\nversion = 3.12.1\n',
  )
  assert.equal(configured('', { home: '/new' }), 'home = /new\n')
  assert.equal(configured('a = b\r\nhome=/x', { home: '/new' }), 'a = b\nhome = /new\n')
})

test('configured() refuses a value that would become a line of its own', () => {
  assert.throws(() => configured('', { home: '/a\nhome = /b' }), { code: 'unwritable-value' })
})
