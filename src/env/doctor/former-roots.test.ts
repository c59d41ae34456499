import assert from 'node:assert/strict'
import { test } from 'node:test'
import { activationRoot } from './former-roots.ts'

test('activationRoot() reads the literal of every maker', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['VIRTUAL_ENV="/a/env"\nexport VIRTUAL_ENV', '/a/env'],
    ['    export VIRTUAL_ENV=/a/env\n', '/a/env'],
    ["VIRTUAL_ENV='/a b/env'\n", '/a b/env'],
    [`    export VIRTUAL_ENV='/it'"'"'s/env'\n`, "/it's/env"],
    ['setenv VIRTUAL_ENV "/a/env"\n', '/a/env'],
    ["set -gx VIRTUAL_ENV '/a/env'\n", '/a/env'],
    ['@set "VIRTUAL_ENV=C:\\a env"\r\n', 'C:\\a env'],
    ['VIRTUAL_ENV=$(cd "$(dirname "$0")" && pwd)\n', undefined],
    ['VIRTUAL_ENV="$_DIR"\n', undefined],
    ['unset VIRTUAL_ENV\n', undefined],
  ]
  for (const [text, root] of cases) assert.equal(activationRoot(text), root, text)
})
