import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hookScript, hookShellOf, hookShells, shellStartText } from './hook.ts'

test('hookShellOf() knows the shells by the names of their programs', () => {
  assert.equal(hookShellOf('dash'), 'sh')
  assert.equal(hookShellOf('mksh'), 'sh')
  assert.equal(hookShellOf('pwsh'), 'powershell')
  assert.equal(hookShellOf('nu'), 'nushell')
  assert.equal(hookShellOf('tcsh'), undefined)
  assert.equal(hookShellOf('toString'), undefined)
})

test('hookScript() is whole for every shell, and holds the registry as a literal', () => {
  for (const shell of hookShells) {
    const script = hookScript(shell, { registry: '/home/me/$(x) @CORE@' })
    assert.equal(script.replaceAll('$(x) @CORE@', '').match(/@[A-Z]+@/), null, shell)
    assert.ok(script.includes('$(x) @CORE@'), shell)
  }
})

test('hook and den shell have functions of their own, which an activation script does not make the shell forget', () => {
  for (const shell of ['bash', 'fish', 'xonsh'] as const) {
    assert.doesNotMatch(hookScript(shell, { registry: '/r' }), /\b_den_(?:enter|title|clean)\b/)
    assert.match(shellStartText(shell), /\b_den_shell_enter\b/)
    assert.doesNotMatch(shellStartText(shell), /\b_den_(?:enter|title|clean)\b/)
  }
})
