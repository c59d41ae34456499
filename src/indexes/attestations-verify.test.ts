// Real provenance documents (tests/vectors/attestations), and what becomes of them when anything in them is touched.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { DenError, isDenError } from '../base/error.ts'
import { type AttestationBundle, readProvenance } from '../spec/provenance.ts'
import { trustedRootText } from './attestations-root.generated.ts'
import { type VerifyOptions, verifyProvenance } from './attestations-verify.ts'

const vectors = path.resolve(import.meta.dirname, '../../tests/vectors/attestations')

const github: VerifyOptions = {
  filename: 'pypi_attestations-0.0.19.tar.gz',
  sha256: '9bb1add04b1b4e182be6b0b80931593f7a291eb49d69b4fd728a5d4cbcdc4bd3',
}

function read(name: string): readonly AttestationBundle[] {
  return readProvenance(fs.readFileSync(path.join(vectors, `${name}.provenance.json`), 'utf8'), { file: name })
}

// biome-ignore lint/suspicious/noExplicitAny: documents are taken apart here to be spoiled
type Json = Record<string, any>

/** The document with something done to it. */
function changed(name: string, change: (bundle: Json) => void): readonly AttestationBundle[] {
  const document = JSON.parse(fs.readFileSync(path.join(vectors, `${name}.provenance.json`), 'utf8')) as Json
  change(document['attestation_bundles'][0])
  return readProvenance(JSON.stringify(document), { file: name })
}

/** The reason that it is refused for. */
async function reasonFor(bundles: readonly AttestationBundle[], options: VerifyOptions = github): Promise<string> {
  try {
    await verifyProvenance(bundles, options)
  } catch (error) {
    assert.ok(isDenError(error, 'attestation-refused'), String(error))
    return error.detail.reason
  }
  throw new Error('it was accepted')
}

test('a release that GitHub published: who, from what commit, and when', async () => {
  assert.deepEqual(await verifyProvenance(read('github'), github), {
    attestations: [
      {
        publisher: {
          kind: 'GitHub',
          repository: 'trailofbits/pypi-attestations',
          workflow: 'release.yml',
          repositoryId: '772247423',
        },
        predicateType: readPredicate('github'),
        commit: '08802efe1f8e5fec4ad842d6b8ce97656092ee72',
        ref: 'refs/tags/v0.0.19',
        signed: 1733354041000,
      },
    ],
    passed: [],
  })
})

function readPredicate(name: string): string {
  const [bundle] = read(name)
  const text = Buffer.from(bundle!.attestations[0]!.statement, 'base64').toString()
  return (JSON.parse(text) as { predicateType: string }).predicateType
}

test('a release that GitLab published', async () => {
  const { attestations } = await verifyProvenance(read('gitlab'), {
    filename: 'gitlab_oidc_project-0.0.3.tar.gz',
    sha256: gitlabHash(),
  })
  assert.deepEqual(attestations[0]?.publisher, {
    kind: 'GitLab',
    repository: 'facutuesca/gitlab-oidc-project',
    workflow: '.gitlab-ci.yml',
    repositoryId: '55235664',
  })
})

function gitlabHash(): string {
  const text = Buffer.from(read('gitlab')[0]!.attestations[0]!.statement, 'base64').toString()
  return (JSON.parse(text) as Json)['subject'][0].digest.sha256 as string
}

test('build provenance of the same file', async () => {
  const { attestations } = await verifyProvenance(read('slsa'), github)
  assert.match(attestations[0]?.predicateType ?? '', /slsa/)
})

test('names are compared as names of files, not as text', async () => {
  const { attestations } = await verifyProvenance(read('github'), {
    ...github,
    filename: 'pypi-attestations-0.0.19.tar.gz',
  })
  assert.equal(attestations.length, 1)
  assert.match(await reasonFor(read('github'), { ...github, filename: 'pypi_attestations-0.0.19.zip' }), /it is about/)
  assert.match(
    await reasonFor(read('github'), { ...github, filename: 'pypi_attestations-0.0.20.tar.gz' }),
    /it is about/,
  )
})

test('other bytes under the same name', async () => {
  assert.match(await reasonFor(read('github'), { ...github, sha256: 'a'.repeat(64) }), /other bytes/)
})

test('a statement that was rewritten for another file', async () => {
  const forged = changed('github', (bundle) => {
    const envelope = bundle['attestations'][0].envelope as Json
    const statement = Buffer.from(envelope['statement'], 'base64').toString()
    envelope['statement'] = Buffer.from(statement.replace(github.sha256, 'a'.repeat(64))).toString('base64')
  })
  // The signature, or the log's entry for it, no longer fits.
  assert.notEqual(await reasonFor(forged, { ...github, sha256: 'a'.repeat(64) }), '')
})

/** Every place in a document that holds no object: the keys that lead to it. */
function leavesOf(value: unknown, keys: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [keys]
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...keys, key]))
}

/** The value with one thing about it changed, in the middle. */
function spoiled(value: unknown): unknown {
  if (typeof value !== 'string' || value === '') return typeof value === 'number' ? value + 1 : 'x'
  const at = value.length >> 1
  return `${value.slice(0, at)}${value[at] === 'A' ? 'B' : value[at] === '1' ? '2' : 'A'}${value.slice(at + 1)}`
}

test('each part of it is looked at: one changed letter is refused, wherever it stands', async () => {
  const original = JSON.parse(fs.readFileSync(path.join(vectors, 'github.provenance.json'), 'utf8')) as Json
  const accepted: string[] = []
  for (const keys of leavesOf(original)) {
    const document = structuredClone(original)
    let holder = document
    for (const key of keys.slice(0, -1)) holder = holder[key]
    holder[keys.at(-1)!] = spoiled(holder[keys.at(-1)!])
    try {
      await verifyProvenance(readProvenance(JSON.stringify(document), { file: 'x' }), github)
      accepted.push(keys.at(-1)!)
    } catch (error) {
      assert.ok(isDenError(error, 'attestation-refused', 'invalid-provenance'), `${keys.join('.')}: ${String(error)}`)
    }
  }
  // The tree's root and size are copies of what the log's signed checkpoint says, which counts; an environment is in no certificate.
  assert.deepEqual(accepted.sort(), ['environment', 'rootHash', 'treeSize'])
})

test('no log entry at all', async () => {
  const without = changed('github', (bundle) => {
    bundle['attestations'][0].verification_material.transparency_entries = []
  })
  assert.notEqual(await reasonFor(without), '')
})

test('the index names another publisher than the certificate', async () => {
  const claimed = (publisher: Json): readonly AttestationBundle[] =>
    changed('github', (bundle) => {
      bundle['publisher'] = publisher
    })
  for (const publisher of [
    { kind: 'GitHub', repository: 'somebody/else', workflow: 'release.yml' },
    { kind: 'GitHub', repository: 'trailofbits/pypi-attestations', workflow: 'other.yml' },
    { kind: 'GitLab', repository: 'trailofbits/pypi-attestations', workflow: 'release.yml' },
  ]) {
    assert.match(await reasonFor(claimed(publisher)), /the index names/)
  }
})

test('an instance that is not the public one', async () => {
  const statement = Buffer.from(read('staging')[0]!.attestations[0]!.statement, 'base64').toString()
  const { name, digest } = (JSON.parse(statement) as Json)['subject'][0]
  assert.match(await reasonFor(read('staging'), { filename: name, sha256: digest.sha256 }), /certificate/)
})

test('timestamps of an authority are looked at where the log tells no time', async () => {
  const timeless = (timestamps: readonly string[]): readonly AttestationBundle[] =>
    changed('github', (bundle) => {
      const material = bundle['attestations'][0].verification_material as Json
      const [entry] = material['transparency_entries']
      entry.integratedTime = '0'
      delete entry.inclusionPromise
      material['timestamps'] = timestamps
    })
  assert.match(await reasonFor(timeless([])), /timestamp/)
  // What is no timestamp is refused as one, and not passed over.
  assert.notEqual(await reasonFor(timeless(['AAAA'])), await reasonFor(timeless([])))
  assert.throws(() => changed('github', (bundle) => (bundle['attestations'][0].verification_material.timestamps = 'x')))
})

test('a root without the log that took it in', async () => {
  const root = JSON.parse(trustedRootText) as Json
  for (const part of ['tlogs', 'ctlogs', 'certificateAuthorities']) {
    const trustedRoot = JSON.stringify({ ...root, [part]: [] })
    assert.notEqual(await reasonFor(read('github'), { ...github, trustedRoot }), '', part)
  }
})

test('a document that is none', () => {
  for (const text of [
    '',
    '[]',
    '{"version": 2, "attestation_bundles": []}',
    '{"version": 1}',
    '{"version":1,"attestation_bundles":[{}]}',
  ]) {
    assert.throws(
      () => readProvenance(text, { file: 'x' }),
      (error: unknown) => error instanceof DenError && error.code === 'invalid-provenance',
      text,
    )
  }
})
