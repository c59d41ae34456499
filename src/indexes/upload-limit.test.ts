// The cool-down as a package source keeps it, against a real index on loopback: what is too new is not there, but for what is exempt or
// locked; what cannot be known is taken, and said.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { type ServeOptions, servedWheel, serveIndex } from '../../tests/kit/index-server.ts'
import type { ProjectName } from '../base/brand.ts'
import { isDenError } from '../base/error.ts'
import { tryParseUrl } from '../base/safe-url.ts'
import { type AgePolicy, judgeAge, uploadSettings } from '../commands/policy-age.ts'
import { sha256Hex } from '../host/hash.ts'
import type { ProjectFiles } from './distribution-file.ts'
import { openPackageSource, type SourceSettings } from './package-source.ts'

const day = 86_400_000
const now = Date.UTC(2026, 5, 10)
const thing = 'thing' as ProjectName
const at = (days: number): string => new Date(now - days * day).toISOString()
const wheel = (version: string, days: number | undefined): ReturnType<typeof servedWheel> =>
  servedWheel({ name: 'thing', version }, days === undefined ? {} : { uploadTime: at(days) })

const files = [wheel('1.0', 30), wheel('1.1', 2), wheel('1.2', 0.5), wheel('1.3', 0.1)]

/** The versions that a source with these settings has, through `versions` and through the head, what was left out, and what was said. */
async function versionsWith(
  t: TestContext,
  settings: Partial<SourceSettings>,
  served = files,
  options: ServeOptions = {},
): Promise<Readonly<Record<'versions' | 'tooNew' | 'notes', readonly string[]>>> {
  const index = await serveIndex(t, served, options)
  const context = testContext(t)
  const source = openPackageSource(context, {
    indexes: [{ url: tryParseUrl(index.url)! }],
    findLinks: [],
    policy: 'first-index',
    offline: false,
    ...settings,
  })
  t.after(() => source.close())
  const project = await source.project(thing)
  const versions = project!.versions.filter((one) => one.files.length > 0).map(({ version }) => version.text)
  const notes = context.events.flatMap((event) => (event.kind === 'note' ? [event.text] : []))
  return { versions, tooNew: (project!.tooNew?.() ?? []).map(({ text }) => text), notes }
}

const policy = (exempt: readonly ProjectName[] = []): AgePolicy => ({ minimumAge: day, exempt: new Set(exempt) })

test('what is younger than the policy wants is not there', async (t) => {
  const { versions, tooNew, notes } = await versionsWith(t, uploadSettings(policy(), { now }))
  assert.deepEqual([versions, tooNew, notes], [['1.1', '1.0'], ['1.3', '1.2'], []])
})

test('a source and judgeAge say the same of each file', async (t) => {
  const { versions } = await versionsWith(t, uploadSettings(policy(), { now }))
  for (const { filename, uploadTime } of files) {
    const { kind } = judgeAge(policy(), { project: thing, hashes: {}, uploaded: Date.parse(uploadTime!) }, { now })
    assert.equal(versions.includes(filename.split('-')[1]!), kind === 'old enough', filename)
  }
})

test('no age wanted, or an exempt project: all of it', async (t) => {
  assert.deepEqual(uploadSettings({ minimumAge: 0, exempt: new Set() }, { now }), {})
  const all = await versionsWith(t, uploadSettings(policy([thing]), { now }))
  assert.deepEqual([all.versions.length, all.tooNew], [4, []])
})

test('a locked file stays, by its hash; the same version’s other bytes do not', async (t) => {
  const locked = (sha256: string): Partial<SourceSettings> =>
    uploadSettings(policy(), { now, locked: () => [{ project: thing, version: '1.2', hashes: { sha256 } }] })
  const kept = await versionsWith(t, locked(sha256Hex(files[2]!.bytes).toUpperCase()))
  assert.deepEqual(kept.versions, ['1.2', '1.1', '1.0'])
  assert.deepEqual(kept.tooNew, ['1.3'])
  assert.deepEqual((await versionsWith(t, locked('a'.repeat(64)))).versions, ['1.1', '1.0'])
})

test('what was chosen of a whole version is not taken from one that is cut, and the other way round', async (t) => {
  const named = (build: number, days: number): ReturnType<typeof servedWheel> => ({
    ...wheel('1.0', days),
    filename: `thing-1.0-${build}-py3-none-any.whl`,
  })
  const index = await serveIndex(t, [named(1, 30), named(2, 0.1), wheel('0.9', 30)])
  const context = testContext(t)
  const open = async (settings: Partial<SourceSettings>): Promise<ProjectFiles> => {
    const rest = { findLinks: [], policy: 'first-index', offline: false } as const
    const source = openPackageSource(context, { indexes: [{ url: tryParseUrl(index.url)! }], ...rest, ...settings })
    t.after(() => source.close())
    return (await source.project(thing))!
  }
  const whole = await open({})
  const cut = await open(uploadSettings(policy(), { now }))
  assert.deepEqual([whole.versions[0]!.files.length, cut.versions[0]!.files.length], [2, 1])
  const rules = '0123456789abcdef'
  const told = ({ notes }: ProjectFiles, version: number): string | undefined => {
    const known = notes!.recall(version, rules)
    return typeof known === 'object' ? known.parsed.filename : known
  }
  for (const one of [whole, cut])
    for (const version of [0, 1]) one.notes!.note(version, rules, one.versions[version]!.files.at(-1)!)
  assert.match(told(whole, 0)!, /-2-/)
  assert.equal(told(cut, 0), undefined)
  assert.equal(told(cut, 1), 'thing-0.9-py3-none-any.whl')
})

test('an index that tells no times: taken and said once, where pip’s own limit refuses', async (t) => {
  const timeless = [wheel('1.0', undefined), wheel('1.1', undefined)]
  const { versions, notes } = await versionsWith(t, uploadSettings(policy(), { now }), timeless, { format: 'html' })
  assert.deepEqual(versions, ['1.1', '1.0'])
  assert.equal(notes.length, 1)
  assert.match(notes[0]!, /does not tell when its files were uploaded/)
  await assert.rejects(versionsWith(t, { uploadedBefore: now }, timeless), (error: unknown) =>
    isDenError(error, 'no-upload-times'),
  )
})
