// `den audit` through the executable: environments with known holes, files, services and indexes on loopback ports, real attestations.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { type DenRun, den } from '../kit/den.ts'
import { serveHttp } from '../kit/http-server.ts'
import { distInfo, editableUrl } from '../kit/installed.ts'
import { scratch, type Tree, writeTree } from '../kit/scratch.ts'

const root = path.resolve(import.meta.dirname, '..', '..')

const affected = (project: string, events: readonly object[]): object => ({
  package: { ecosystem: 'PyPI', name: project },
  ranges: [{ type: 'ECOSYSTEM', events }],
})
const until = (fixed: string): readonly object[] => [{ introduced: '0' }, { fixed }]

const records = [
  {
    id: 'GHSA-aaaa',
    aliases: ['CVE-2026-1'],
    summary: 'A hole in holey',
    severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }],
    affected: [affected('Holey', until('1.2'))],
  },
  {
    id: 'PYSEC-2026-1',
    aliases: ['CVE-2026-1'],
    details: 'The same hole.',
    affected: [affected('holey', until('1.2'))],
  },
  { id: 'MAL-2026-7', summary: 'Malicious code in evil', affected: [affected('evil', [{ introduced: '0' }])] },
  { id: 'PYSEC-2026-2', withdrawn: '2026-01-01T00:00:00Z', affected: [affected('fine', [{ introduced: '0' }])] },
]

interface Scene {
  readonly cwd: string
  readonly run: (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<DenRun>
}

/** A project whose environment holds these, without any Python having run. */
async function scene(t: TestContext, installed: readonly Tree[], files: Tree = {}): Promise<Scene> {
  const cwd = scratch(t, { 'osv.json': JSON.stringify(records), ...files })
  const run: Scene['run'] = (args, env = {}) => den(args, { cwd, env })
  const made = await run(['create', '--seed', 'none', '-q'])
  assert.equal(made.code, 0, made.stderr)
  const lib = path.join(cwd, '.venv', 'lib')
  const python = fs.readdirSync(lib).find((name) => name.startsWith('python'))!
  for (const tree of installed) writeTree(path.join(lib, python, 'site-packages'), tree)
  return { cwd, run }
}

const holey = distInfo({ name: 'holey', version: '1.0' })
const fine = distInfo({ name: 'fine', version: '3.0' })
const evil = distInfo({ name: 'evil', version: '0.1' })

interface Audited {
  readonly findings: readonly {
    readonly name: string
    readonly id: string
    readonly aliases: readonly string[]
    readonly malware: boolean
  }[]
  readonly ignored: readonly { readonly id: string; readonly reason?: string }[]
  readonly skipped: readonly { readonly name: string }[]
  readonly provenance?: readonly {
    readonly status: string
    readonly publishers: readonly string[]
    readonly problem?: { readonly code: string }
  }[]
  readonly command?: string
  readonly sound: boolean
}

test('what is found is named with its other names, its gravity, and the command that mends it', async (t) => {
  const { run } = await scene(t, [holey, fine, evil])
  const { code, stdout } = await run(['audit', '--source', 'osv.json'])
  assert.equal(code, 1)
  assert.match(stdout, /^2 known vulnerabilities, 1 of them malware in 2 of 3 releases of \.venv/)
  assert.match(stdout, /evil +0\.1 +MAL-2026-7 +MALWARE +remove it/)
  assert.match(stdout, /holey +1\.0 +PYSEC-2026-1 +critical 9\.8 +1\.2\n +CVE-2026-1 · A hole in holey/)
  assert.match(stdout, /fix: den pip uninstall evil\n/)
  assert.match(stdout, /fix: den pip install 'holey>=1\.2'/)
})

test('nothing known ends with 0; the JSON says the same', async (t) => {
  const { run } = await scene(t, [fine])
  const text = await run(['audit', '--source', 'osv.json'])
  assert.equal(text.code, 0, text.stderr)
  assert.match(text.stdout, /^nothing known against 1 release of \.venv/)
  const { sound, findings } = (await run(['audit', '--source', 'osv.json', '--json'])).json<Audited>()
  assert.deepEqual([sound, findings], [true, []])
})

test('ignored with a reason, on the command line and in the project’s policy', async (t) => {
  const policy = '[tool.den.audit]\nignore = [{ id = "CVE-2026-1", reason = "never reached" }]\n'
  const { run } = await scene(t, [holey, evil], { 'pyproject.toml': policy })
  const found = (await run(['audit', '--source', 'osv.json', '--json'])).json<Audited>()
  assert.deepEqual(
    found.findings.map(({ id }) => id),
    ['MAL-2026-7'],
  )
  assert.deepEqual(
    found.ignored.map(({ id, reason }) => [id, reason]),
    [['PYSEC-2026-1', 'never reached']],
  )
  const both = await run(['audit', '--source', 'osv.json', '--ignore', 'MAL-2026-7=a test of ours'])
  assert.equal(both.code, 0)
  assert.match(both.stdout, /evil 0\.1 +MAL-2026-7 +a test of ours/)
})

test('what was installed from a directory is not looked up', async (t) => {
  const mine = distInfo({ name: 'holey', version: '1.0', directUrl: editableUrl('/somewhere/holey') })
  const { run } = await scene(t, [mine])
  const { skipped, sound } = (await run(['audit', '--source', 'osv.json', '--json'])).json<Audited>()
  assert.deepEqual([sound, skipped.map(({ name }) => name)], [true, ['holey']])
})

test('den’s own pip is not the pip of that version', async (t) => {
  const bad = JSON.stringify({ id: 'PYSEC-2026-9', affected: [affected('pip', [{ introduced: '0' }])] })
  const real = await scene(t, [distInfo({ name: 'pip', version: '26.3' })], { 'pip.json': bad })
  assert.equal((await real.run(['audit', '--source', 'pip.json'])).code, 1)
  const { run } = await scene(t, [distInfo({ name: 'pip', version: '26.3+den' })], { 'pip.json': bad })
  const { skipped, sound } = (await run(['audit', '--source', 'pip.json', '--json'])).json<Audited>()
  assert.deepEqual([sound, skipped.map(({ name }) => name)], [true, ['pip']])
})

test('requirements and lock files: exact versions, with the line to change', async (t) => {
  const { run } = await scene(t, [], {
    'r.txt': '# pins\nholey==1.0\n-r more.txt\n',
    'more.txt': 'evil @ https://example.com/evil-0.1-py3-none-any.whl\n',
    'pylock.toml':
      'lock-version = "1.0"\ncreated-by = "a test"\n[[packages]]\nname = "holey"\nversion = "1.1"\n[[packages.wheels]]\nname = "holey-1.1-py3-none-any.whl"\nurl = "https://example.com/holey-1.1-py3-none-any.whl"\nhashes = { sha256 = "00" }\n',
    'open.txt': 'holey>=1.0\n',
  })
  const text = await run(['audit', '-r', 'r.txt', '--source', 'osv.json'])
  assert.match(text.stdout, /evil/)
  assert.match(text.stdout, /holey==1\.0 → holey==1\.2 +r\.txt:2/)
  const locked = (await run(['audit', '-r', 'pylock.toml', '--source', 'osv.json', '--json'])).json<Audited>()
  assert.deepEqual(
    locked.findings.map(({ name }) => name),
    ['holey'],
  )
  const unpinned = await run(['audit', '-r', 'open.txt', '--source', 'osv.json'])
  assert.equal(unpinned.code, 1)
  assert.match(unpinned.stderr, /error\[audit-unpinned\]: holey>=1\.0/)
})

test('an OSV service is asked once for everything; offline nobody is', async (t) => {
  const asked: string[] = []
  const { origin } = await serveHttp(t, (request, response) => {
    asked.push(`${request.method} ${request.url}`)
    const id = /^\/v1\/vulns\/(.+)$/.exec(request.url ?? '')?.[1]
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      const answer =
        id !== undefined
          ? records.find((record) => record.id === id)
          : {
              results: (JSON.parse(body) as { queries: { package: { name: string } }[] }).queries.map(
                ({ package: { name } }) =>
                  name === 'holey' ? { vulns: [{ id: 'GHSA-aaaa' }, { id: 'PYSEC-2026-1' }] } : {},
              ),
            }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })
  })
  const { run } = await scene(t, [holey, fine])
  const { findings } = (await run(['audit', '--source', origin, '--json'])).json<Audited>()
  assert.deepEqual(
    findings.map(({ id, aliases }) => [id, aliases]),
    [['PYSEC-2026-1', ['GHSA-aaaa', 'CVE-2026-1']]],
  )
  assert.deepEqual(asked.sort(), ['GET /v1/vulns/GHSA-aaaa', 'GET /v1/vulns/PYSEC-2026-1', 'POST /v1/querybatch'])
  const offline = await run(['audit', '--source', origin, '--offline'])
  assert.equal(offline.code, 1)
  assert.match(offline.stderr, /error\[audit-offline\]/)
  assert.equal(asked.length, 3)
  assert.equal((await run(['audit', '--source', 'osv.json', '--offline'])).code, 1)
})

test('an index’s own data; one that has none has not said that nothing is known', async (t) => {
  const { origin } = await serveHttp(t, (request, response) => {
    const vulnerabilities =
      request.url === '/pypi/holey/1.0/json' ? [{ id: 'PYSEC-2026-1', aliases: [], fixed_in: ['1.2'] }] : undefined
    if (vulnerabilities === undefined) return void response.writeHead(404).end()
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ vulnerabilities }))
  })
  const env = { PIP_INDEX_URL: `${origin}/simple/` }
  const first = await scene(t, [holey])
  const { findings, command } = (await first.run(['audit', '--source', 'index', '--json'], env)).json<Audited>()
  assert.deepEqual([findings.map(({ id }) => id), command], [['PYSEC-2026-1'], "den pip install 'holey>=1.2'"])
  const second = await scene(t, [fine])
  const unanswered = await second.run(['audit', '--source', 'index'], env)
  assert.equal(unanswered.code, 1)
  assert.match(unanswered.stderr, /error\[audit-unanswered\]/)
})

test('data that is not there or no data is an error, never a clean bill', async (t) => {
  const { run } = await scene(t, [fine], { 'broken.json': '{' })
  assert.match((await run(['audit', '--source', 'nowhere.json'])).stderr, /error\[audit-source-missing\]/)
  assert.match((await run(['audit', '--source', 'broken.json'])).stderr, /error\[invalid-osv\]/)
})

test('a policy that cannot be meant is refused', async (t) => {
  const { run } = await scene(t, [fine], { 'den.toml': 'minimum-age = "soon"\n' })
  const run1 = await run(['audit', '--source', 'osv.json'])
  assert.equal(run1.code, 1)
  assert.match(run1.stderr, /error\[invalid-policy\]: minimum-age in .*den\.toml/)
})

const signedHash = '9bb1add04b1b4e182be6b0b80931593f7a291eb49d69b4fd728a5d4cbcdc4bd3'

/** An index with the signed 0.0.19 (a real provenance document) and an unsigned 0.0.20. */
async function signedIndex(t: TestContext, sha256 = signedHash, document?: string): Promise<Record<string, string>> {
  const provenance =
    document ?? fs.readFileSync(path.join(root, 'tests/vectors/attestations/github.provenance.json'), 'utf8')
  const file = (version: string, more: object): object => ({
    filename: `pypi_attestations-${version}.tar.gz`,
    url: `/files/pypi_attestations-${version}.tar.gz`,
    ...more,
  })
  const { origin } = await serveHttp(t, (request, response) => {
    if (request.url === '/simple/pypi-attestations/') {
      const files = [
        file('0.0.19', { hashes: { sha256 }, provenance: `http://${request.headers.host}/provenance` }),
        file('0.0.20', { hashes: { sha256: 'a'.repeat(64) } }),
      ]
      response.writeHead(200, { 'content-type': 'application/vnd.pypi.simple.v1+json' })
      return void response.end(JSON.stringify({ meta: { 'api-version': '1.3' }, name: 'pypi-attestations', files }))
    }
    if (request.url !== '/provenance') return void response.writeHead(404).end()
    response.writeHead(200, { 'content-type': 'application/json' }).end(provenance)
  })
  return { PIP_INDEX_URL: `${origin}/simple/` }
}

const attested = (version: string): Tree => distInfo({ name: 'pypi-attestations', version })
const provenanceArgs = ['audit', '--provenance', '--source', 'osv.json', '--json']

test('who published what is installed: the signature holds, and names the repository', async (t) => {
  const { run } = await scene(t, [attested('0.0.19')])
  const env = await signedIndex(t)
  const { provenance, sound } = (await run(provenanceArgs, env)).json<Audited>()
  assert.deepEqual(
    provenance?.map(({ status, publishers }) => [status, publishers]),
    [['verified', ['github:trailofbits/pypi-attestations@release.yml']]],
  )
  assert.equal(sound, true)
  const text = await run(provenanceArgs.slice(0, -1), env)
  assert.equal(text.code, 0)
  assert.match(text.stdout, /published by: 1 of 1 signed\n +pypi-attestations +0\.0\.19 +signed +github:trailofbits/)
})

/** The code of what is wrong with the one release. */
async function problem(
  t: TestContext,
  version: string,
  files: Tree,
  env: Record<string, string>,
): Promise<string | undefined> {
  const { run } = await scene(t, [attested(version)], files)
  const done = await run(provenanceArgs, env)
  const { provenance, sound } = done.json<Audited>()
  assert.equal(done.code, sound ? 0 : 1)
  return provenance?.[0]?.problem?.code
}

const policy = (publisher: string): Tree => ({
  'den.toml': `attestations.pypi-attestations = ${JSON.stringify(publisher)}\n`,
})

test('a policy names the publisher; another one, or none, is refused', async (t) => {
  const env = await signedIndex(t)
  assert.equal(await problem(t, '0.0.19', policy('github:trailofbits/pypi-attestations'), env), undefined)
  assert.equal(await problem(t, '0.0.19', policy('github:somebody/else'), env), 'publisher-mismatch')
  assert.equal(await problem(t, '0.0.20', policy('github:trailofbits/pypi-attestations'), env), 'attestation-missing')
})

test('a lock file’s own identities are what a release is held to', async (t) => {
  const lock = (repository: string): string =>
    [
      'lock-version = "1.0"\ncreated-by = "a test"\n[[packages]]\nname = "pypi-attestations"\nversion = "0.0.19"',
      `attestation-identities = [{ kind = "GitHub", repository = "${repository}", workflow = "release.yml" }]`,
      `[packages.sdist]\nname = "pypi_attestations-0.0.19.tar.gz"\nurl = "https://example.com/pypi_attestations-0.0.19.tar.gz"\nhashes = { sha256 = "${signedHash}" }\n`,
    ].join('\n')
  const { run } = await scene(t, [], {
    'pylock.toml': lock('trailofbits/pypi-attestations'),
    'pylock.old.toml': lock('a/b'),
  })
  const env = await signedIndex(t)
  const problems = async (file: string): Promise<readonly unknown[]> =>
    (await run([...provenanceArgs, '-r', file], env))
      .json<Audited>()
      .provenance!.map((one) => [one.status, one.problem?.code])
  assert.deepEqual(await problems('pylock.toml'), [['verified', undefined]])
  assert.deepEqual(await problems('pylock.old.toml'), [['refused', 'provenance-lost']])
})

test('an unsigned release after signed ones is a step back', async (t) => {
  assert.equal(await problem(t, '0.0.20', {}, await signedIndex(t)), 'provenance-lost')
})

test('a signature about other bytes, and a document that is none', async (t) => {
  assert.equal(await problem(t, '0.0.19', {}, await signedIndex(t, 'b'.repeat(64))), 'attestation-refused')
  assert.equal(await problem(t, '0.0.19', {}, await signedIndex(t, signedHash, '{}')), 'invalid-provenance')
})
