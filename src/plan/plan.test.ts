import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ProjectName } from '../base/brand.ts'
import { compareTexts } from '../base/compare.ts'
import { isEmptyPlan, type PlanOptions, type Present, plan, type Wanted } from './plan.ts'

const present = (text: string, more: Partial<Present> = {}): Present => {
  const [name = '', version = ''] = text.split(' ')
  return { name: name as ProjectName, version, location: `/site/${name}-${version}.dist-info`, ...more }
}
const wanted = (text: string, more: Partial<Wanted<string>> = {}): Wanted<string> => {
  const [name = '', version = ''] = text.split(' ')
  return { name: name as ProjectName, version, source: text, ...more }
}
/** "- old==1.0" for what goes, "+ new==1.0" for what comes, "~ again==1.0" for what is put in anew, by project. */
const lines = (installed: readonly Present[], wishes: readonly Wanted<string>[], options?: PlanOptions): string[] => {
  const { install, change, reinstall, remove } = plan(installed, wishes, options)
  const spell = ({ name, version }: Present | Wanted<string>): string => (version === '' ? name : `${name}==${version}`)
  const from = ({ directUrl, editable }: Wanted<string>): string =>
    directUrl === undefined ? '' : ` (${editable === true ? 'editable, ' : ''}from ${directUrl})`
  const words = [
    ...install.map((to) => [to.name, `+ ${spell(to)}${from(to)}`] as const),
    ...change.flatMap(({ from: old, to }) => [
      ...old.map((one) => [one.name, `- ${spell(one)}`] as const),
      [to.name, `+ ${spell(to)}${from(to)}`] as const,
    ]),
    ...reinstall.map(({ to }) => [to.name, `~ ${spell(to)}${from(to)}`] as const),
    ...remove.map((one) => [one.name, `- ${spell(one)}`] as const),
  ]
  return words.sort(([a], [b]) => compareTexts(a, b)).map(([, text]) => text)
}

test('plan() puts in what is missing, changes what is another version, leaves the rest', () => {
  const made = plan(
    [present('a 1.0'), present('b 1.0'), present('c 1.0')],
    [wanted('b 2.0'), wanted('d 1.0'), wanted('a 1.0')],
  )
  assert.deepEqual(
    made.install.map(({ name }) => name),
    ['d'],
  )
  assert.deepEqual(
    made.change.map(({ from, to }) => [from[0]!.version, to.version]),
    [['1.0', '2.0']],
  )
  assert.deepEqual(
    made.unchanged.map(({ name }) => name),
    ['a', 'c'],
  )
  assert.equal(made.remove.length, 0)
})

test('plan() in exact mode takes out what nobody wants, except what is to be kept', () => {
  const installed = [present('a 1.0'), present('pip 26.0'), present('z 1.0')]
  const keep = new Set(['pip' as ProjectName])
  assert.deepEqual(lines(installed, [wanted('a 1.0')], { mode: 'exact', keep }), ['- z==1.0'])
  assert.ok(isEmptyPlan(plan(installed, [wanted('a 1.0')])))
})

test('plan() takes 1.0 and 1.0.0 for the same, and what is no version for itself alone', () => {
  assert.deepEqual(lines([present('a 1.0')], [wanted('a 1.0.0')]), [])
  assert.deepEqual(lines([present('a unknown')], [wanted('a 1.0')]), ['- a==unknown', '+ a==1.0'])
  assert.deepEqual(lines([present('a ')], [wanted('a 1.0')]), ['- a', '+ a==1.0'])
})

test('plan() puts in anew what came from elsewhere, unless the version is all that counts', () => {
  const url = 'https://example.org/a-1.0.zip'
  const here = [present('a 1.0', { directUrl: url })]
  assert.deepEqual(lines(here, [wanted('a 1.0', { directUrl: url })]), [])
  assert.deepEqual(lines(here, [wanted('a 1.0')]), ['~ a==1.0'])
  assert.deepEqual(lines([present('a 1.0')], [wanted('a 1.0', { directUrl: url })]), [`~ a==1.0 (from ${url})`])
  assert.deepEqual(lines(here, [wanted('a 1.0')], { same: 'version' }), [])
  assert.deepEqual(lines(here, [wanted('a 1.0', { directUrl: `${url}?2` })], { same: 'version' }), [])
})

test('plan() puts in anew what is editable, or made from a directory, whatever its version', () => {
  const directUrl = 'file:///src/a'
  const edited = wanted('a 1.0', { directUrl, editable: true })
  const here = present('a 1.0', { directUrl })
  assert.deepEqual(lines([{ ...here, editable: true }], [edited]), [`~ a==1.0 (editable, from ${directUrl})`])
  assert.deepEqual(lines([here], [edited], { same: 'version' }), [`~ a==1.0 (editable, from ${directUrl})`])
  assert.deepEqual(lines([{ ...here, editable: true }], [wanted('a 1.0')], { same: 'version' }), ['~ a==1.0'])
  assert.deepEqual(lines([here], [wanted('a 1.0', { directUrl, fromLocalSource: true })]), [
    `~ a==1.0 (from ${directUrl})`,
  ])
})

test('plan() clears up two of one name, all of which go', () => {
  const two = [present('a 1.0'), present('a 2.0')]
  assert.equal(plan(two, [wanted('a 2.0')]).reinstall[0]!.from.length, 2)
  assert.equal(plan(two, [wanted('a 3.0')]).change[0]!.from.length, 2)
  assert.deepEqual(lines(two, [wanted('a 3.0')]), ['- a==1.0', '- a==2.0', '+ a==3.0'])
  assert.equal(plan(two, []).unchanged.length, 2)
  assert.equal(plan(two, [], { mode: 'exact' }).remove.length, 2)
})

test('plan() obeys reinstall, for all and for one', () => {
  const here = [present('a 1.0'), present('b 1.0')]
  assert.deepEqual(lines(here, [wanted('a 1.0'), wanted('b 1.0')], { reinstall: true }), ['~ a==1.0', '~ b==1.0'])
  assert.deepEqual(lines(here, [wanted('a 1.0', { reinstall: true }), wanted('b 1.0')]), ['~ a==1.0'])
})
