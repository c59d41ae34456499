// Every error code has its words and a case: most are met here by a real command line, the rest in the tests that are named.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { DenError, type Diagnosis, diagnose, isDenError } from '../../src/base/error.ts'
import { catalogue, type ErrorCode } from '../../src/base/errors/catalogue.ts'
import { diagnosisOf } from '../../src/cli/output.ts'
import { openSession } from '../../src/commands/session.ts'
import { placesOf } from '../../src/config/places.ts'
import { defaultHost } from '../../src/host/default-host.ts'
import { ioError } from '../../src/host/io-error.ts'
import { den, runtime } from '../kit/den.ts'
import { servedWheel, serveIndex } from '../kit/index-server.ts'
import { scratch, type Tree } from '../kit/scratch.ts'

const root = path.resolve(import.meta.dirname, '..', '..')

interface Case {
  readonly args: readonly string[]
  readonly files?: Tree
  /** Files of `files` that are made executable. */
  readonly executable?: readonly string[]
  readonly env?: Readonly<Record<string, string | undefined>>
  /** 1 unless said. */
  readonly exit?: number
}

const script = { py: '#!/bin/sh\necho garbage\n' }

/** Command lines, run with --json. */
const cases: Partial<Record<ErrorCode, Case>> = {
  'unknown-command': { args: ['craete'], exit: 2 },
  'unknown-option': { args: ['create', '--pyhton'], exit: 2 },
  'ambiguous-option': { args: ['venv', '--s', 'x'], exit: 2 },
  'option-needs-value': { args: ['create', '--prompt'], exit: 2 },
  'option-takes-no-value': { args: ['create', '--clear=1'], exit: 2 },
  'options-conflict': { args: ['create', '--clear', '--upgrade'], exit: 2 },
  'bad-option-value': { args: ['create', '--link-mode=teleport'], exit: 2 },
  'missing-operand': { args: ['env', 'mv', 'x'], exit: 2 },
  'extra-operand': { args: ['explain', 'a', 'b'], exit: 2 },
  'option-not-supported': { args: ['virtualenv', '--creator=rustpython-posix', '--no-seed', 'x'] },
  'shell-unknown': { args: ['completions', 'cmd'], exit: 2 },
  'shell-without-hook': { args: ['hook', 'cmd'], exit: 2 },
  'invalid-python-request': { args: ['python', 'find', '>=nonsense'] },
  'invalid-version': { args: ['create', '--seed', 'pip==x.y', 'x'] },
  'python-not-found': { args: ['python', 'find', '3.99'] },
  'python-broken': { args: ['create', '-p', './py', 'x'], files: script, executable: ['py'] },
  'python-not-asked': { args: ['create', '--no-spawn', '-p', './py', 'x'], files: script, executable: ['py'] },
  'environment-not-found': { args: ['explain', 'nowhere'] },
  'lock-missing': { args: ['sync', '--frozen'], files: { 'pyproject.toml': '[project]\nname = "x"\nversion = "1"\n' } },
  'lock-stale': {
    args: ['sync', '--locked'],
    files: {
      'pyproject.toml': '[project]\nname = "x"\nversion = "1"\n',
      'pylock.toml': 'lock-version = "1.0"\ncreated-by = "x"\npackages = []\n',
    },
  },
  'export-over-lock': {
    args: ['export', '-o', 'pylock.toml'],
    files: {
      'pyproject.toml': '[project]\nname = "x"\nversion = "1"\n',
      'pylock.toml': 'lock-version = "1.0"\ncreated-by = "x"\npackages = []\n',
    },
  },
  'lock-unreadable': {
    args: ['lock'],
    files: { 'pyproject.toml': '[project]\nname = "x"\nversion = "1"\n', 'pylock.toml': 'lock-version = 1.0\n' },
  },
  'script-missing': { args: ['sync', '--script', 'gone.py'] },
  'script-lock-taken': {
    files: {
      'a_b.py': '# /// script\n# dependencies = []\n# ///\n',
      'a.b.py': '',
      'pylock.a_b.toml':
        'lock-version = "1.0"\ncreated-by = "den"\npackages = []\n\n[tool.den]\nversion = 1\nscript = "a.b.py"\n',
    },
    args: ['lock', '--script', 'a_b.py'],
  },
  'python-not-for-project': {
    args: ['sync', '--script', 'x.py', '-p', '3.12'],
    files: { 'x.py': '# /// script\n# requires-python = "<3"\n# ///\n' },
  },
  'environment-without-pip': {
    args: ['run', 'pip'],
    files: { '.venv/pyvenv.cfg': 'home = /usr/bin\n', '.venv/bin/python': '' },
  },
  'environment-path-unusable': { args: ['create', 'a:b'], exit: 2 },
  'environment-name-unusable': { args: ['create', '-n', '../x'], exit: 2 },
  'environment-prompt-unusable': { args: ['create', '--prompt', 'a\nb'], exit: 2 },
  'environment-path-taken': { args: ['create', 'file'], files: { file: '' } },
  'not-an-environment': { args: ['create', '--clear', 'folder'], files: { 'folder/precious': '' } },
  'invalid-setting': {
    args: ['create', '--seed', 'pip==0.0.1'],
    env: { PIP_INDEX_URL: 'nonsense', PIP_FIND_LINKS: undefined },
  },
  'no-seed': { args: ['create', '--seed', 'pip==0.0.1', '--offline'], env: { PIP_FIND_LINKS: undefined } },
  'fetch-failed': {
    args: ['create', '--seed', 'pip==0.0.1'],
    env: {
      PIP_INDEX_URL: 'http://127.0.0.1:9/simple',
      PIP_FIND_LINKS: undefined,
      PIP_NO_INDEX: undefined,
      PIP_RETRIES: '0',
    },
  },
  'io-failed': { args: ['-C', 'nowhere', 'create'] },
  'project-exists': { args: ['init'], files: { 'pyproject.toml': '' } },
  'nothing-pinned': { args: ['python', 'pin', '--rm'] },
  'invalid-project-settings': {
    args: ['python', 'pin', '3.13'],
    files: { 'pyproject.toml': '[tool.den]\nresolution = "odd"\n' },
  },
  'no-place-for-requirement': {
    args: ['add', '--frozen', 'x'],
    files: { 'pyproject.toml': '[project]\nname = "a"\nversion = "1"\ndynamic = ["dependencies"]\n' },
  },
}

/** Where a case takes more than a command line: the test that meets it. */
const elsewhere: Partial<Record<ErrorCode, string>> = {
  'python-outside-project': 'tests/e2e/init.test.ts',
  'unknown-project-setting': 'src/project/read-manifest.test.ts',
  'workspace-not-read': 'src/project/read-manifest.test.ts',
  'no-project': 'src/project/read-manifest.test.ts',
  'locked-file-changed': 'tests/e2e/project-change.test.ts',
  'hashes-not-locked': 'tests/e2e/project-change.test.ts',
  'not-utf8': 'src/project/read-manifest.test.ts',
  'project-needs-itself': 'src/project/read-manifest.test.ts',
  'not-required': 'src/project/edit-manifest.test.ts',
  'no-python-possible': 'src/project/read-manifest.test.ts',
  'no-extra': 'tests/e2e/sync.test.ts',
  'env-file-missing': 'tests/e2e/run-project.test.ts',
  'environment-out-of-scope': 'tests/e2e/project-lock.test.ts',
  'permission-denied': 'tests/e2e/create.test.ts',
  'disk-full': 'tests/e2e/create-faults.test.ts',
  'repair-source-differs': 'tests/e2e/check-environment.test.ts',
  'read-only-disk': 'tests/e2e/create-faults.test.ts',
  'path-not-utf8': 'tests/e2e/create.test.ts',
  'spawn-failed': 'tests/e2e/run.test.ts',
  'spawn-timeout': 'src/python/inspect.test.ts',
  'lock-timeout': 'src/host/lock.test.ts',
  aborted: 'tests/e2e/create.test.ts',
  'invalid-specifier': 'src/spec/specifier.test.ts',
  'invalid-name': 'src/spec/name.test.ts',
  'invalid-requirement': 'src/spec/requirement.test.ts',
  'invalid-marker': 'src/spec/marker.test.ts',
  'invalid-filename': 'src/spec/filename.test.ts',
  'no-solution': 'src/engine/resolve.test.ts',
  'hashes-required': 'src/engine/resolve.test.ts',
  'invalid-constraint': 'src/engine/resolve.test.ts',
  'no-upload-times': 'src/indexes/package-source.test.ts',
  'locked-file-missing': 'tests/e2e/lock-mirror.test.ts',
  'cache-damaged': 'src/indexes/package-source.test.ts',
  'metadata-mismatch': 'src/indexes/metadata-reader.test.ts',
  'invalid-link': 'src/indexes/link.test.ts',
  'link-not-found': 'src/indexes/link.test.ts',
  'vcs-missing': 'src/indexes/vcs.test.ts',
  'vcs-failed': 'src/indexes/vcs.test.ts',
  'invalid-ini': 'tests/e2e/peers/spec.test.ts',
  'invalid-requirements': 'src/spec/requirements-txt.test.ts',
  'requirements-file-missing': 'src/spec/requirements-txt.test.ts',
  'requirements-file-recursive': 'src/spec/requirements-txt.test.ts',
  'undecodable-file': 'src/spec/requirements-txt.test.ts',
  'requirements-doubtful': 'src/spec/requirements-txt.test.ts',
  'invalid-toml': 'src/format/toml.test.ts',
  'invalid-lock-file': 'src/spec/pylock.test.ts',
  'unsupported-lock-file': 'src/spec/pylock.test.ts',
  'lock-file-mismatch': 'src/spec/pylock.test.ts',
  'invalid-dependency-groups': 'src/spec/dependency-groups.test.ts',
  'no-dependency-group': 'src/spec/dependency-groups.test.ts',
  'invalid-script-metadata': 'src/spec/script-metadata.test.ts',
  'no-script-metadata': 'src/spec/script-metadata.test.ts',
  'invalid-pyproject': 'src/spec/pyproject.test.ts',
  'invalid-pip-key': 'src/config/pip-config.test.ts',
  'invalid-record': 'src/spec/record.test.ts',
  'invalid-metadata': 'src/spec/entry-points.test.ts',
  'invalid-direct-url': 'src/spec/direct-url.test.ts',
  'invalid-index-page': 'src/indexes/index-client.test.ts',
  'invalid-build-details': 'src/spec/build-details.test.ts',
  'unwritable-value': 'src/env/cfg.test.ts',
  'command-not-found': 'tests/e2e/run.test.ts',
  'environment-exists': 'tests/e2e/create-faults.test.ts',
  'environment-broken': 'tests/e2e/create.test.ts',
  'environment-raced': 'tests/e2e/create-faults.test.ts',
  'environment-files-in-the-way': 'tests/e2e/create.test.ts',
  'environment-upgrade-mismatch': 'tests/e2e/create.test.ts',
  'environment-unsupported': 'src/env/layout/layout.test.ts',
  'interpreter-incomplete': 'src/env/layout/layout.test.ts',
  'venv-redirect-blocked': 'tests/e2e/create.test.ts',
  'journal-damaged': 'src/journal/replace-directory.test.ts',
  'file-changed': 'src/journal/replace-files.test.ts',
  'change-dropped': 'src/journal/replace-files.test.ts',
  'unknown-index': 'tests/e2e/project-lock.test.ts',
  'not-a-terminal': 'tests/e2e/project-change.test.ts',
  'environment-in-use': 'tests/e2e/env.test.ts',
  'environment-not-movable': 'tests/e2e/env.test.ts',
  'shell-not-found': 'tests/e2e/shell.test.ts',
  'shell-nested': 'tests/e2e/shell.test.ts',
  'build-failed': 'tests/e2e/pip-install.test.ts',
  'build-timeout': 'src/build/build.test.ts',
  'build-invalid': 'src/build/build.test.ts',
  'build-forbidden': 'src/engine/builder.test.ts',
  'build-dependencies-missing': 'tests/e2e/pip-install.test.ts',
  'invalid-archive': 'src/format/zip.test.ts',
  'invalid-wheel': 'src/store/store.test.ts',
  'hash-mismatch': 'src/indexes/index-client.test.ts',
  'size-mismatch': 'tests/e2e/pip-more.test.ts',
  'store-busy': 'src/store/collect.test.ts',
  'store-damaged': 'src/install/install.test.ts',
  'store-restored': 'tests/e2e/damage.test.ts',
  'store-changed': 'tests/e2e/instant.test.ts',
  'unshare-impossible': 'tests/e2e/instant.test.ts',
  'install-refused': 'src/store/unpack.test.ts',
  'uninstall-refused': 'src/install/uninstall.test.ts',
  'install-blocked': 'src/engine/apply.test.ts',
  'file-shared': 'src/engine/apply.test.ts',
  'file-replaced': 'src/engine/apply.test.ts',
  'module-hidden': 'src/engine/apply.test.ts',
  'start-up-code': 'src/engine/apply.test.ts',
  'no-launcher': 'src/install/install.test.ts',
  'http-status': 'src/net/transport.test.ts',
  'certificate-refused': 'src/net/tls.test.ts',
  'redirect-refused': 'src/net/transport.test.ts',
  'answer-too-large': 'src/net/transport.test.ts',
  'proxy-failed': 'src/net/transport.test.ts',
  offline: 'src/engine/seed.test.ts',
  'argument-not-utf8': 'tests/e2e/cli.test.ts',
  'output-failed': 'tests/e2e/cli.test.ts',
  'unknown-pip-command': 'tests/e2e/pip.test.ts',
  'pip-setting-wrong': 'tests/e2e/pip.test.ts',
  'pip-option-misplaced': 'tests/e2e/pip.test.ts',
  'pip-options-refused': 'tests/e2e/pip.test.ts',
  'environment-required': 'tests/e2e/pip.test.ts',
  'externally-managed': 'tests/e2e/pip.test.ts',
  'search-gone': 'tests/e2e/pip.test.ts',
  'nobody-answers': 'tests/e2e/pip.test.ts',
  'no-such-release': 'tests/e2e/pip.test.ts',
  'nothing-requested': 'tests/e2e/pip-more.test.ts',
  'nothing-to-undo': 'tests/e2e/pip-more.test.ts',
  'undo-incomplete': 'tests/e2e/pip-more.test.ts',
  'no-pip-configuration': 'tests/e2e/pip.test.ts',
  'audit-source-missing': 'tests/e2e/audit.test.ts',
  'audit-offline': 'tests/e2e/audit.test.ts',
  'invalid-osv': 'tests/e2e/audit.test.ts',
  'audit-unanswered': 'tests/e2e/audit.test.ts',
  'audit-unpinned': 'tests/e2e/audit.test.ts',
  'invalid-provenance': 'tests/e2e/audit.test.ts',
  'attestation-refused': 'tests/e2e/audit.test.ts',
  'attestation-missing': 'tests/e2e/audit.test.ts',
  'publisher-mismatch': 'tests/e2e/audit.test.ts',
  'provenance-lost': 'tests/e2e/audit.test.ts',
  'invalid-policy': 'tests/e2e/audit.test.ts',
}

for (const [code, { args, files = {}, executable = [], env = {}, exit = 1 }] of Object.entries(cases)) {
  test(`${code}: den ${args.join(' ')}`, async (t) => {
    const cwd = scratch(t, files)
    for (const name of executable) fs.chmodSync(path.join(cwd, name), 0o755)
    const run = await den(['--json', ...args], { cwd, env })
    const met = run.json<Diagnosis>()
    assert.equal(met.code, code, run.stdout)
    assert.equal(run.code, exit)
    isWellWorded(met)
    assert.deepEqual(
      fs
        .readdirSync(cwd)
        .filter((name) => !(name in files) && !Object.keys(files).some((file) => file.startsWith(`${name}/`))),
      [],
      'something was left behind',
    )
    if (runtime === 'node') return
    const plain = await den(args, { cwd, env })
    assert.ok(plain.stderr.includes(`error[${code}]: `), plain.stderr)
    assert.equal(plain.stdout, '')
  })
}

/** What is said is a sentence of its own, names no value that is not there, and leaves no placeholder behind. */
function isWellWorded({ what, why, fix }: Diagnosis): void {
  for (const text of [what, ...(why === undefined ? [] : [why]), ...fix]) {
    assert.doesNotMatch(text, /undefined|\[object|NaN|\$\{/)
    assert.notEqual(text.trim(), '')
  }
  assert.doesNotMatch(what, /\.$/)
}

test('no-release: the index has no such pip', async (t) => {
  const cwd = scratch(t)
  const index = await serveIndex(t, [servedWheel({ name: 'pip', version: '1.0' })])
  const env = { PIP_INDEX_URL: index.url, PIP_FIND_LINKS: undefined, PIP_NO_INDEX: undefined }
  const run = await den(['create', '--seed', 'pip==0.0.1', '--json'], { cwd, env })
  assert.equal(run.json<Diagnosis>().code, 'no-release', run.stdout)
  isWellWorded(run.json())
  assert.deepEqual(fs.readdirSync(cwd), [])
})

test('no-home: nothing says where den may keep things', () => {
  const host = { ...defaultHost({ env: {} }), home: undefined }
  assert.throws(
    () => placesOf(host),
    (error) => {
      assert.ok(isDenError(error, 'no-home'))
      isWellWorded(diagnose(error))
      return true
    },
  )
})

test('too-many-open-files: the system’s own word is turned into den’s', () => {
  const error = ioError(Object.assign(new Error('EMFILE'), { code: 'EMFILE' }), 'open', '/somewhere')
  assert.ok(isDenError(error, 'too-many-open-files'))
  isWellWorded(diagnose(error))
})

test('example-failed: the program of den try ends with an error', async (t) => {
  const cwd = scratch(t)
  const said = new TextEncoder().encode('Traceback: no luck\n')
  const real = defaultHost({ cwd, env: { PATH: process.env['PATH'], HOME: cwd } })
  const session = openSession({
    // The interpreter's facts are read from files; the one program that is run is the example's.
    host: { ...real, spawn: async () => ({ code: 1, signal: undefined, stdout: new Uint8Array(), stderr: said }) },
  })
  await assert.rejects(session.tryExample({ directory: path.join(cwd, 'example') }), (error) => {
    assert.ok(isDenError(error, 'example-failed'), String(error))
    assert.match(diagnose(error).why ?? '', /no luck/)
    return true
  })
})

test('internal: a fault of den’s own says that it is one', () => {
  const diagnosis = diagnosisOf(new TypeError('x is not a function'))
  assert.equal(diagnosis.code, 'internal')
  assert.match(diagnosis.what, /TypeError: x is not a function/)
})

const here = ['no-release', 'example-failed', 'no-home', 'too-many-open-files', 'internal']

test('every code has a case', () => {
  const known = new Set([...Object.keys(cases), ...Object.keys(elsewhere), ...here])
  const codes = Object.keys(catalogue)
  assert.deepEqual(
    codes.filter((code) => !known.has(code)),
    [],
    'codes without a case',
  )
  assert.deepEqual(
    [...known].filter((code) => !codes.includes(code)),
    [],
    'cases of codes that are no more',
  )
})

test('the tests that are named for a code do meet it', () => {
  for (const [code, file] of Object.entries(elsewhere)) {
    const text = fs.readFileSync(path.join(root, file), 'utf8')
    assert.match(text, new RegExp(`(?<![\\w-])${code}(?![\\w-])`), `${file} does not mention ${code}`)
  }
})

test('each Python that was found instead stands on a line of its own', () => {
  const detail = { request: '9.9', looked: [], found: ['3.12.1 at /a', '3.11.2 at /b'], broken: ['/c: gone'] }
  const { why } = diagnose(new DenError('python-not-found', detail))
  assert.equal(why, 'found: 3.12.1 at /a\n       3.11.2 at /b\nbroken: /c: gone')
})

test('an error of the disk says what its code means', () => {
  const said = (errno: string): string | undefined =>
    diagnose(new DenError('io-failed', { operation: 'read', path: '/x', errno })).why
  assert.equal(said('ENAMETOOLONG'), 'the name is longer than the file system allows')
  assert.equal(said('EODD'), undefined)
})
