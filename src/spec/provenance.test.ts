import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type CertifiedIdentity,
  formatPublisher,
  matchesPublisher,
  type Publisher,
  parsePublisher,
  publisherOf,
  readPublisher,
  readStatement,
} from './provenance.ts'
import { judgeProvenance } from './provenance-policy.ts'

test('publishers are written in one word, and read back', () => {
  for (const text of [
    'github:pallets/flask',
    'github:pallets/flask@publish.yaml',
    'gitlab:group/sub/project@.gitlab-ci.yml',
    'google:builder@project.iam.example.com',
  ]) {
    assert.equal(formatPublisher(parsePublisher(text)!), text)
  }
})

test('a publisher in the words of its host, as pylock.toml and indexes have it', () => {
  for (const [table, text] of [
    [{ kind: 'GitHub', repository: 'a/b', workflow: 'r.yml' }, 'github:a/b@r.yml'],
    [{ kind: 'GitHub', repository: 'a/b' }, 'github:a/b'],
    [{ kind: 'GitLab', repository: 'a/b', workflow_filepath: 'ci.yml' }, 'gitlab:a/b@ci.yml'],
    [{ kind: 'Google', email: 'x@example.com' }, 'google:x@example.com'],
  ] as const)
    assert.deepEqual(readPublisher(table), parsePublisher(text))
})

test('what names no publisher', () => {
  for (const text of [
    '',
    'pallets/flask',
    'github:',
    'github:flask',
    'github:a/b/c',
    'github:a/b@',
    'constructor:a/b',
    'google:nobody',
    'github:a b/c',
  ]) {
    assert.equal(parsePublisher(text), undefined, text)
  }
})

test('an index writes the rest beside `kind`, or under `claims`', () => {
  const publisher = { kind: 'GitHub', repository: 'a/b', workflow: 'r.yml' }
  assert.deepEqual(readPublisher({ ...publisher, environment: 'release' }), publisher)
  assert.deepEqual(readPublisher({ kind: 'GitHub', claims: { repository: 'a/b', workflow: 'r.yml' } }), publisher)
  assert.deepEqual(readPublisher({ kind: 'GitLab', repository: 'a/b', workflow_filepath: 'ci.yml' }), {
    kind: 'GitLab',
    repository: 'a/b',
    workflow: 'ci.yml',
  })
  assert.equal(readPublisher({ repository: 'a/b' }), undefined)
})

test('what a wish leaves out may be anything; hosts take repositories in any case', () => {
  const found = parsePublisher('github:Pallets/Flask@publish.yaml')!
  const matches = (text: string): boolean => matchesPublisher(parsePublisher(text)!, found)
  assert.deepEqual(
    [
      'github:pallets/flask',
      'github:pallets/flask@publish.yaml',
      'github:pallets/flask@x.yml',
      'gitlab:pallets/flask',
      'github:pallets/click',
    ].map(matches),
    [true, true, false, false, false],
  )
})

const certificate: CertifiedIdentity = {
  issuer: 'https://token.actions.githubusercontent.com',
  subject: 'https://github.com/a/b/.github/workflows/r.yml@refs/tags/v1',
  sourceRepository: 'https://github.com/a/b',
  sourceDigest: 'c0ffee',
  sourceRef: 'refs/tags/v1',
  buildConfig: 'https://github.com/a/b/.github/workflows/r.yml@c0ffee',
}

test('the publisher behind a certificate: the workflow is what stands between repository and revision', () => {
  const publisher = { kind: 'GitHub', repository: 'a/b', workflow: 'r.yml' }
  assert.deepEqual(publisherOf(certificate), publisher)
  assert.deepEqual(publisherOf({ ...certificate, buildConfig: certificate.subject }), publisher)
  assert.deepEqual(publisherOf({ issuer: 'https://accounts.google.com', subject: 'x@example.com' }), {
    kind: 'Google',
    email: 'x@example.com',
  })
})

test('a certificate that says less, or another thing, names nobody', () => {
  const { sourceRepository: _, ...without } = certificate
  for (const identity of [
    without,
    { ...certificate, issuer: 'https://token.example.com' },
    { ...certificate, sourceRepository: 'https://example.com/a/b' },
    // A workflow of another repository, at another revision, and one whose file is missing.
    { ...certificate, buildConfig: 'https://github.com/a/bc/.github/workflows/r.yml@c0ffee' },
    { ...certificate, buildConfig: 'https://github.com/a/b/.github/workflows/r.yml@main' },
    { ...certificate, buildConfig: 'https://github.com/a/b/.github/workflows/@c0ffee' },
  ]) {
    assert.equal(publisherOf(identity), undefined)
  }
})

test('a statement names its subjects; anything else is none', () => {
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    predicateType: 'https://slsa.dev/provenance/v1',
    subject: [{ name: 'x.whl', digest: { sha256: 'AB' } }],
  }
  assert.deepEqual(readStatement(JSON.stringify(statement)), {
    predicateType: 'https://slsa.dev/provenance/v1',
    subjects: [{ name: 'x.whl', sha256: 'ab' }],
  })
  for (const wrong of [{ _type: 'x' }, { subject: {} }, { subject: [{}] }, { predicateType: 3 }])
    assert.equal(readStatement(JSON.stringify({ ...statement, ...wrong })), undefined)
  assert.equal(readStatement('nonsense'), undefined)
})

const [flask, click] = [parsePublisher('github:pallets/flask@a.yml')!, parsePublisher('github:pallets/click@a.yml')!]

test('without a policy unsigned files are taken, but no step back is', () => {
  assert.equal(judgeProvenance({ found: [] }).kind, 'accepted')
  assert.equal(judgeProvenance({ found: [flask] }).kind, 'accepted')
  assert.equal(judgeProvenance({ found: [flask], before: [flask] }).kind, 'accepted')
  assert.deepEqual(judgeProvenance({ found: [], before: [flask] }), {
    kind: 'lost',
    before: 'github:pallets/flask@a.yml',
  })
  assert.equal(judgeProvenance({ found: [click], before: [flask] }).kind, 'changed')
})

test('a renamed workflow of the same repository is no other publisher', () => {
  const renamed = parsePublisher('github:pallets/flask@b.yml')!
  assert.equal(judgeProvenance({ found: [renamed], before: [flask] }).kind, 'accepted')
})

test('a repository that was transferred is the same; a name that somebody else took is not', () => {
  const numbered = (text: string, repositoryId: string): Publisher => ({ ...parsePublisher(text)!, repositoryId })
  const before = [numbered('github:old/flask@a.yml', '7')]
  assert.equal(judgeProvenance({ found: [numbered('github:new/flask@b.yml', '7')], before }).kind, 'accepted')
  assert.deepEqual(judgeProvenance({ found: [numbered('github:old/flask@a.yml', '8')], before }), {
    kind: 'changed',
    before: 'github:old/flask@a.yml (repository 7)',
    found: 'github:old/flask@a.yml (repository 8)',
  })
  // A lock file keeps no number: then names count.
  assert.equal(judgeProvenance({ found: before, before: [parsePublisher('github:old/flask@a.yml')!] }).kind, 'accepted')
})

test('the publisher that the policy names is believed, whoever it was before', () => {
  assert.equal(judgeProvenance({ wanted: flask, found: [flask], before: [click] }).kind, 'accepted')
  assert.equal(judgeProvenance({ wanted: flask, found: [click] }).kind, 'mismatch')
  assert.equal(judgeProvenance({ wanted: flask, found: [] }).kind, 'missing')
  assert.equal(judgeProvenance({ wanted: 'any', found: [] }).kind, 'missing')
  assert.equal(judgeProvenance({ wanted: 'any', found: [click] }).kind, 'accepted')
  assert.equal(judgeProvenance({ wanted: 'any', found: [click], before: [flask] }).kind, 'changed')
})
