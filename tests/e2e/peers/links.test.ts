// Addresses as pip reads them: den's reader of links against pip's own, over the spellings that requirement files hold. DEN_PEERS names
// the virtual environment that pip stands in.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { revealUrl } from '../../../src/base/safe-url.ts'
import { readLink } from '../../../src/indexes/link.ts'
import { testContext } from '../../kit/context.ts'
import { oracleText, skipWithout } from '../../kit/oracle.ts'

const skip = skipWithout(['pip'], 'agreement with pip')

const oracle = `
import json, sys
from pip._internal.models.link import Link
from pip._internal.utils.misc import hide_url
from pip._internal.vcs import vcs
answers = []
for text in json.load(sys.stdin):
    link = Link(text)
    answer = {'egg': link.egg_fragment, 'subdirectory': link.subdirectory_fragment}
    if link.is_vcs:
        backend = vcs.get_backend_for_scheme(link.scheme)
        url, revision, user = backend.get_url_rev_and_auth(link.url)
        answer.update(vcs=backend.name, url=url, revision=revision)
    else:
        answer.update(filename=link.filename, hashes=link.as_hashes()._allowed if link.has_hash else {})
    answers.append(answer)
json.dump(answers, sys.stdout)
`

const repositories = [
  'https://example.org/a/b.git',
  'https://me:pass@example.org/a',
  'https://example.org:8443/a%20b/c',
  'ssh://git@example.org/a/b.git',
  'file:///srv/a@b',
]
const revisions = ['', '@main', '@v1.0', '@feature/x', '@0123456789abcdef0123456789abcdef01234567', '@a%20b']
const fragments = ['', '#egg=b', '#egg=Some_Name&subdirectory=in/side', '#subdirectory=src&egg=x.y']
const files = ['a-1.0.tar.gz', 'a%20b.zip', 'a-1.0-py3-none-any.whl', 'zipball/main', 'archive/']
const hashes = ['', '#sha256=abcdef', '#egg=b&md5=00', '#sha512=00&subdirectory=x']

test('links say what they say to pip', { skip }, (t) => {
  const { host } = testContext(t)
  const addresses = [
    ...repositories.flatMap((url) =>
      revisions.flatMap((revision) => fragments.map((rest) => `git+${url}${revision}${rest}`)),
    ),
    ...[
      'hg+https://example.org/a@tip',
      'hg+static-http://example.org/a',
      'svn+ssh://me@example.org/a@12',
      'bzr+lp:a',
      'bzr+ssh://example.org/a',
    ],
    ...files.flatMap((file) =>
      ['', '?x=1'].flatMap((query) => hashes.map((rest) => `https://example.org/p/${file}${query}${rest}`)),
    ),
  ]
  const answers = JSON.parse(oracleText(['-c', oracle], addresses)) as readonly unknown[]
  const read = addresses.map((address) => {
    const link = readLink(host, address)
    const facts = { egg: link.egg ?? null, subdirectory: link.subdirectory ?? null }
    if (link.kind === 'vcs') {
      // pip takes the credentials of svn out of the address by itself.
      return { ...facts, vcs: link.vcs, url: revealUrl(link.url), revision: link.revision ?? null }
    }
    assert(link.kind === 'archive')
    const allowed = Object.fromEntries(Object.entries(link.hashes).map(([name, digest]) => [name, [digest]]))
    return { ...facts, filename: link.filename, hashes: allowed }
  })
  // den has normalized names only.
  const theirs = answers.map((answer) => {
    const { egg, ...others } = answer as { readonly egg: string | null }
    return { egg: egg?.toLowerCase().replace(/[-_.]+/g, '-') ?? null, ...others }
  })
  for (const [index, address] of addresses.entries()) assert.deepEqual(read[index], theirs[index], address)
  assert(addresses.length > 150)
})
