// Metadata as JSON, its fields, requires.txt and direct_url.json against pip and packaging: generated files, answered by one Python
// process. DEN_PEERS names a virtual environment with both; DEN_SEED varies the cases, DEN_CASES their number.

import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { parseMailMessage } from '../../../src/format/mail-headers.ts'
import { formatDirectUrl, tryParseDirectUrl } from '../../../src/spec/direct-url.ts'
import { metadataFields } from '../../../src/spec/metadata-fields.ts'
import { metadataJson } from '../../../src/spec/metadata-json.ts'
import { parseRequiresTxt } from '../../../src/spec/requires-txt.ts'
import { askOracle, skipWithout } from '../../kit/oracle.ts'
import { caseCount, diceFrom, many, seed } from '../../kit/random.ts'

const skip = skipWithout(
  ['packaging', 'pip'],
  'agreement with pip on metadata as JSON, requires.txt and direct_url.json',
)
const count = Math.ceil(caseCount / 2)

const { random, below, one } = diceFrom(seed)

const headers = [
  'Metadata-Version: 2.4',
  'Name: Foo.Bar',
  'Version: 1.0',
  'Dynamic: License-File',
  'Dynamic: Requires-Dist',
  'Platform: any',
  'Platform: UNIX',
  'Supported-Platform: RedHat 7.2',
  'Summary: one line',
  'summary: in lower case',
  'Description: first line\n        second line\n          third line',
  'Description-Content-Type: text/markdown; charset=UTF-8',
  'Keywords: a,b, c ,,d',
  'Keywords: a b  c',
  'Keywords: one',
  'Home-page: https://example.org/',
  'Download-URL: https://example.org/x.zip',
  'Author: Älice',
  'Author-email: a@example.org, b@example.org',
  'Maintainer: Bob',
  'Maintainer-email: b@example.org',
  'License: MIT License\n        \n        Copyright\n          deeper',
  'License: MIT',
  'License-Expression: MIT OR Apache-2.0',
  'License-File: LICENSE',
  'License-File: licenses/NOTICE',
  'Classifier: Programming Language :: Python',
  'Classifier: Topic :: X',
  'Requires-Dist: a>=1',
  'Requires-Dist: b; extra == "x"',
  'Requires-Python: >=3.8',
  'Requires-External: libc',
  'Project-URL: Home, https://example.org/',
  'Project-URL: Docs,https://example.org/docs',
  'Project-URL: nothing',
  'Provides-Extra: x',
  'Provides-Dist: c',
  'Obsoletes-Dist: d',
  'Import-Name: foo',
  'Import-Name: _foo ; private',
  'Import-Namespace: ns',
  'Requires: os',
  'Provides: foo',
  'Obsoletes: bar',
  'Unknown-Field: x',
]
const message = (): string =>
  `${many(() => one(headers), below(24)).join('\n')}\n${one(['', '\nThe description.\n\nMore.\n', '\n', '\n\n'])}`

const eggLines = [
  'a',
  'b>=1',
  '',
  '# comment',
  '[x]',
  '[X_y]',
  '[:python_version<"3"]',
  '[x:os_name=="nt"]',
  'c @ https://example.org/c.zip',
  '  d  ',
  '[]',
  '[:]',
  'e[f]',
  '[[z]]',
]
const egg = (): string => many(() => one(eggLines), below(9)).join(one(['\n', '\n', '\r\n']))

function directUrl(): string {
  const maybe = (chance: number, value: object): object => (random() < chance ? value : {})
  const url = one([
    'https://example.org/a.zip',
    'https://user:secret@example.org/a.zip',
    'https://git@example.org/a.git',
    'ssh://git@example.org/a.git',
    'https://${TOKEN}@example.org/a.zip',
    'https://${USER}:${PASS}@example.org/a.zip',
    'https://${USER}:secret@example.org/a.zip',
    'file:///tmp/ä',
    'file:relative',
    'file://localhost/tmp',
    'odd',
  ])
  const info = one<() => object>([
    () => ({
      vcs_info: { vcs: 'git', commit_id: 'abc', ...maybe(0.5, { requested_revision: one(['main', 5, null]) }) },
    }),
    () => ({ vcs_info: maybe(0.5, { vcs: 'git' }) }),
    () => ({
      archive_info: {
        ...maybe(0.5, { hash: one(['sha256=ab', 'md5=cd', 'odd', 5]) }),
        ...maybe(0.5, { hashes: one([{ sha256: 'ab' }, { md5: 'cd', sha256: 'ab' }, {}, { sha256: 5 }, []]) }),
      },
    }),
    () => ({ dir_info: maybe(0.7, { editable: one([true, false, 'yes', null]) }) }),
    () => ({ dir_info: {}, archive_info: {} }),
    () => ({ dir_info: null, archive_info: {} }),
    () => ({ dir_info: [] }),
    () => ({}),
  ])()
  const record = {
    ...maybe(0.95, { url }),
    ...info,
    ...maybe(0.2, { subdirectory: one(['sub', 3]) }),
    ...maybe(0.1, { other: 1 }),
  }
  return one([JSON.stringify(record), JSON.stringify(record), JSON.stringify(record, null, 1), '[]', 'x'])
}

const questions = { messages: many(message, count), eggs: many(egg, count), directUrls: many(directUrl, count) }

interface Answers {
  readonly messages: readonly {
    readonly json: readonly (readonly [string, unknown])[]
    readonly raw: Readonly<Record<string, string | readonly string[] | Readonly<Record<string, string>>>>
    readonly unparsed: readonly string[]
  }[]
  readonly eggs: readonly { readonly requires: readonly string[]; readonly extras: readonly string[] }[]
  readonly directUrls: readonly (string | null)[]
}

describe(`metadata and what stands beside it are what pip takes them for (seed ${seed})`, () => {
  let answers: Answers
  before(() => {
    if (skip !== false) return
    answers = askOracle<Answers>('spec_metadata_oracle', questions)
  })

  test('metadata as JSON', { skip }, () => {
    for (const [index, text] of questions.messages.entries()) {
      const ours = metadataJson(parseMailMessage(text))
      // In the same order too: reports are compared as text.
      assert.deepEqual(Object.entries(ours), answers.messages[index]!.json, text)
    }
  })

  test('the fields of metadata', { skip }, () => {
    for (const [index, text] of questions.messages.entries()) {
      const { raw, unparsed } = answers.messages[index]!
      const fields = metadataFields(parseMailMessage(text))
      // What stands twice packaging does not read; den takes the first.
      const same = (name: string, header: string, ours: unknown): void => {
        if (!unparsed.includes(header)) assert.deepEqual(ours, raw[name], `${name}: ${text}`)
      }
      const list = (values: readonly string[]): readonly string[] | undefined =>
        values.length === 0 ? undefined : values
      same('platforms', 'platform', list(fields.platforms))
      same('supported_platforms', 'supported-platform', list(fields.supportedPlatforms))
      same('description_content_type', 'description-content-type', fields.descriptionContentType)
      same('home_page', 'home-page', fields.homePage)
      same('download_url', 'download-url', fields.downloadUrl)
      same('author', 'author', fields.author)
      same('author_email', 'author-email', fields.authorEmail)
      same('maintainer', 'maintainer', fields.maintainer)
      same('maintainer_email', 'maintainer-email', fields.maintainerEmail)
      same('license_expression', 'license-expression', fields.licenseExpression)
      same('license_files', 'license-file', list(fields.licenseFiles))
      same('classifiers', 'classifier', list(fields.classifiers))
      same('requires_external', 'requires-external', list(fields.requiresExternal))
      same('provides_dist', 'provides-dist', list(fields.providesDist))
      same('obsoletes_dist', 'obsoletes-dist', list(fields.obsoletesDist))
      same('requires', 'requires', list(fields.requires))
      same('provides', 'provides', list(fields.provides))
      same('obsoletes', 'obsoletes', list(fields.obsoletes))
      const names = fields.importNames?.map((one) => (one.private ? `${one.name} ; private` : one.name))
      same('import_names', 'import-name', names)
      const labels = fields.projectUrls.map(({ label, url }) => [label, url])
      // packaging takes a value without a comma for a label.
      if (!text.includes('Project-URL: nothing')) {
        same('project_urls', 'project-url', labels.length === 0 ? undefined : Object.fromEntries(labels))
      }
      const description = raw['description'] as string | undefined
      if (!unparsed.includes('description') && !description?.includes('        ')) {
        assert.equal(fields.description, description, text)
      }
      const keywords = raw['keywords'] as readonly string[] | undefined
      if (!unparsed.includes('keywords') && keywords?.[0] !== 'a b  c') {
        assert.deepEqual(
          list(fields.keywords),
          keywords?.filter((word) => word !== ''),
          text,
        )
      }
    }
  })

  test('requires.txt', { skip }, () => {
    for (const [index, text] of questions.eggs.entries()) {
      const ours = parseRequiresTxt(text)
      assert.deepEqual(
        { requires: ours.requiresDist, extras: ours.providesExtra },
        answers.eggs[index],
        JSON.stringify(text),
      )
    }
  })

  test('direct_url.json', { skip }, () => {
    let sound = 0
    for (const [index, text] of questions.directUrls.entries()) {
      const ours = tryParseDirectUrl(text)
      // urllib writes a relative file: address as an absolute one.
      const theirs = answers.directUrls[index]?.replace('file:///relative', 'file:relative') ?? null
      assert.equal(ours === undefined ? null : formatDirectUrl(ours), theirs, text)
      if (ours !== undefined) sound++
    }
    assert.ok(sound > count / 10)
  })
})
