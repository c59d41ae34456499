import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evaluateMarker, type MarkerEnvironment, parseMarker } from './marker.ts'
import { restrictMarker, type Settled } from './marker-restrict.ts'

const environments: readonly Partial<MarkerEnvironment>[] = [
  { python_version: '3.9', python_full_version: '3.9.1', sys_platform: 'linux', os_name: 'posix' },
  { python_version: '3.13', python_full_version: '3.13.0', sys_platform: 'win32', os_name: 'nt' },
]

function left(text: string, settled: Settled): string {
  const marker = restrictMarker(parseMarker(text), settled)
  return typeof marker === 'string' ? marker : marker.text
}

test('restrictMarker() works out what is settled, and leaves the rest as it is written', () => {
  const wanted = { extras: new Set(['x']), groups: new Set(['dev']), extra: new Set(['e']) }
  assert.equal(left('"X" in extras', wanted), 'always')
  assert.equal(left('"y" in extras or "dev" not in dependency_groups', wanted), 'never')
  assert.equal(left('"x" in extras and os_name == "nt"', wanted), 'os_name == "nt"')
  assert.equal(left('"x" in extras or os_name == "nt"', wanted), 'always')
  assert.equal(left('(extra == "e" or extra == "f") and python_version < "3.10"', wanted), 'python_version < "3.10"')
  assert.equal(left('extra != "e" and python_version < "3.10"', wanted), 'never')
  assert.equal(left('extra == "e"', { extra: new Set() }), 'never')
  // Not settled, or no question that a set answers.
  assert.equal(left('"x" in extras', {}), '"x" in extras')
  assert.equal(left('extra in "e f"', wanted), 'extra in "e f"')
  const untouched = parseMarker('os_name == "nt" and (sys_platform == "linux" or python_version < "3.10")')
  assert.equal(restrictMarker(untouched, wanted), untouched)
})

test('what is left means, in each environment, what the whole means there', () => {
  const parts = ['"x" in extras', '"y" in extras', '"dev" in dependency_groups', '"doc" not in dependency_groups']
  const own = ['python_version < "3.10"', 'sys_platform == "win32"']
  const texts: string[] = []
  for (const part of parts) {
    for (const one of own) {
      for (const [outer, inner] of [
        ['and', 'or'],
        ['or', 'and'],
      ]) {
        for (const other of parts) texts.push(`(${part} ${inner} ${one}) ${outer} (${other} ${inner} ${own[0]})`)
      }
    }
  }
  for (const text of texts) {
    for (const extras of [[], ['x'], ['x', 'y']]) {
      for (const groups of [[], ['dev'], ['dev', 'doc']]) {
        const marker = parseMarker(text)
        const settled = { extras: new Set(extras), groups: new Set(groups) }
        const rest = restrictMarker(marker, settled)
        for (const environment of environments) {
          const whole = evaluateMarker(marker, environment, {
            extras: settled.extras,
            dependencyGroups: settled.groups,
          })
          const answer = typeof rest === 'string' ? rest === 'always' : evaluateMarker(rest, environment)
          assert.equal(answer, whole, `${text} with ${extras} and ${groups}: ${left(text, settled)}`)
        }
      }
    }
  }
})
