import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { testContext } from '../../tests/kit/context.ts'
import { scratch, writeTree } from '../../tests/kit/scratch.ts'
import { netrcFile, parseNetrc } from './netrc.ts'

test('parseNetrc() reads machines, default, quotes, escapes, comments and macros', () => {
  const text = `# a comment of several words
machine a.example.org login me password p#1 # not part of it
machine b.example.org
\tuser "two words" account ignored password "a\\"b c"
macdef init
cd /pub
machine trap login x password y

machine c.example.org login back\\ slash password \\"x
default login anonymous password guest
`
  assert.deepEqual(Object.fromEntries(parseNetrc(text)), {
    'a.example.org': { username: 'me', password: 'p#1' },
    'b.example.org': { username: 'two words', password: 'a"b c' },
    'c.example.org': { username: 'back slash', password: '"x' },
    default: { username: 'anonymous', password: 'guest' },
  })
})

test('parseNetrc() says what is wrong without a password in it', () => {
  for (const text of ['mashine x', 'machine', 'machine x login me hunter2 password y', 'macdef x\nhunter2\n']) {
    assert.throws(
      () => parseNetrc(text),
      (error: Error) => !error.message.includes('hunter2'),
      text,
    )
  }
})

test('netrcFile() follows NETRC, then ~/.netrc, then ~/_netrc', (t) => {
  const context = testContext(t)
  const { root } = context
  assert.equal(netrcFile(context.host), undefined)
  writeTree(root, { 'home/_netrc': '' })
  assert.equal(netrcFile(context.host), path.join(root, 'home', '_netrc'))
  writeTree(root, { 'home/.netrc': '', other: '' })
  assert.equal(netrcFile(context.host), path.join(root, 'home', '.netrc'))
  assert.equal(netrcFile(testContext(t, { root, env: { NETRC: 'other' } }).host), path.join(root, 'other'))
  assert.equal(netrcFile(testContext(t, { root, env: { NETRC: '~/_netrc' } }).host), path.join(root, 'home', '_netrc'))
  assert.equal(netrcFile(testContext(t, { root, env: { NETRC: 'none' } }).host), undefined)
})

test('parseNetrc() agrees with CPython’s netrc wherever that reads the file', (t) => {
  const root = scratch(t)
  const word = fc.constantFrom('a', 'b.example.org', '"q w"', 'e\\ f', 'p#1', '"x\\"y"', '\\"z', 'login', 'ü')
  const entry = fc
    .tuple(
      fc.constantFrom('machine', 'machine', 'default'),
      word,
      fc.array(fc.tuple(fc.constantFrom('login', 'user', 'password', 'account'), word), { maxLength: 4 }),
      fc.constantFrom(' ', '\n', '\t', '\n\t'),
      fc.constantFrom('', '# comment\n', '#word\n'),
    )
    .map(
      ([keyword, name, pairs, gap, comment]) =>
        `${comment}${[keyword, ...(keyword === 'machine' ? [name] : []), ...pairs.flat()].join(gap)}\n`,
    )
  const files = fc.sample(
    fc.array(entry, { maxLength: 4 }).map((entries) => entries.join('')),
    300,
  )
  for (const [index, text] of files.entries()) writeTree(root, { [`${index}`]: text })
  const script = `
import json, netrc, sys
out = []
for i in range(${files.length}):
    try:
        out.append({k: [v[0], v[2]] for k, v in netrc.netrc(sys.argv[1] + '/' + str(i)).hosts.items()})
    except Exception:
        out.append(None)
print(json.dumps(out))`
  const python = spawnSync('python3', ['-c', script, root], { encoding: 'utf8' })
  if (python.status !== 0) return t.skip('NOT TESTED: there is no python3 to compare with')
  const theirs = JSON.parse(python.stdout) as (Record<string, [string, string]> | null)[]
  let compared = 0
  for (const [index, expected] of theirs.entries()) {
    if (expected === null) continue
    const ours = [...parseNetrc(files[index]!)].map(([name, { username, password }]) => [name, [username, password]])
    assert.deepEqual(Object.fromEntries(ours), expected, files[index]!)
    compared += 1
  }
  assert.ok(compared > 100, String(compared))
})
