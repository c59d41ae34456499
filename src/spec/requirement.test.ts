import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DenError, isDenError } from '../base/error.ts'
import { drawSpan } from '../base/span.ts'
import { formatRequirement, parseRequirement, tryParseRequirement } from './requirement.ts'

test('parseRequirement() reads name, extras, specifiers and marker', () => {
  const requirement = parseRequirement('Foo.Bar [Z,y_Y,z] >= 1.2 , <2 ; python_version<"3.12" and extra==\'A_b\'')
  assert.equal(requirement.name, 'foo-bar')
  assert.equal(requirement.rawName, 'Foo.Bar')
  assert.deepEqual(requirement.extras, ['y-y', 'z'])
  assert.deepEqual(
    requirement.specifiers.specifiers.map(({ operator, versionText }) => operator + versionText),
    ['>=1.2', '<2'],
  )
  assert.equal(requirement.url, undefined)
  assert.equal(requirement.marker?.text, 'python_version < "3.12" and extra == "a-b"')
})

test('parseRequirement() reads an address up to the first blank', () => {
  const plain = parseRequirement('foo@https://example.org/foo-1.0.zip;os_name=="nt"')
  assert.equal(plain.url, 'https://example.org/foo-1.0.zip;os_name=="nt"')
  assert.equal(plain.marker, undefined)
  const marked = parseRequirement('foo[a] @ git+https://example.org/foo@v1#egg=foo ; os_name=="nt"')
  assert.equal(marked.url, 'git+https://example.org/foo@v1#egg=foo')
  assert.equal(marked.marker?.text, 'os_name == "nt"')
  assert.equal(formatRequirement(marked), 'foo[a] @ git+https://example.org/foo@v1#egg=foo ; os_name == "nt"')
})

test('formatRequirement() writes what reads back as the same', () => {
  for (const [text, normal] of [
    ['a', 'a'],
    ['a()', 'a'],
    ['a ( >=1 , )', 'a>=1'],
    ['a===1,>=2', 'a===1,>=2'],
    ['a==1.*,!=1.0+x', 'a!=1.0+x,==1.*'],
    ['a[]', 'a'],
    ['a;((os_name=="x")and(extra in"y"or extra=="z"))', 'a; os_name == "x" and (extra in "y" or extra == "z")'],
    [' a\t; (os_name=="x") ', 'a; os_name == "x"'],
  ] as const) {
    const requirement = parseRequirement(text)
    assert.equal(formatRequirement(requirement), normal)
    assert.equal(formatRequirement(parseRequirement(normal)), normal)
  }
})

test('parseRequirement() shows what is wrong, and where', () => {
  const cases: readonly (readonly [text: string, marked: string, reason: RegExp])[] = [
    ['', '', /name of a project/],
    ['>=1', '>', /name of a project/],
    ['foo_', 'foo_', /ends with/],
    ['foo bar', 'bar', /operator/],
    ['foo-', '-', /operator/],
    ['foo[a', '[', /not closed/],
    ['foo[a b]', 'b', /comma/],
    ['foo[a,]', ']', /extra is expected/],
    ['foo[,a]', ',', /extra is expected/],
    ['foo>=', '', /missing/],
    ['foo>=1.x', '.x', /pre .*, post or dev/],
    ['foo>=1.*', '.*', /== and !=/],
    ['foo>=1+a', '+a', /local/],
    ['foo~=1', '1', /two numbers/],
    ['foo=1', '=1', /starts with one of/],
    ['foo>=1 <2', '<2', /comma/],
    ['foo>=1,,<2', ',<2', /comma/],
    ['foo (>=1', '(', /not closed/],
    ['foo (>=1]', ']', /version/],
    ['foo @', '', /address/],
    ['foo @ x os_name', 'os_name', /address and a space/],
    ['foo>=1\n', '\n', /line end/],
    ['foo\n', '\n', /line end/],
    ['foo;', '', /field/],
    ['foo; os_nam=="x"', 'os_nam', /no such field/],
    ['foo; os_name="x"', '=', /comparison/],
    ['foo; os_name=="x', '"x', /not closed/],
    ['foo; (os_name=="x"', '(', /not closed/],
    ['foo; os_name=="x" extra=="y"', 'extra=="y"', /and or or/],
    ['foo; "a"=="b"', '"a"=="b"', /one side/],
  ]
  for (const [text, marked, reason] of cases) {
    try {
      parseRequirement(text)
      assert.fail(`${text} is taken`)
    } catch (error) {
      assert.ok(isDenError(error, 'invalid-requirement'), text)
      const { detail } = error as DenError<'invalid-requirement'>
      assert.equal(detail.source, text)
      assert.equal(text.slice(detail.span.start, detail.span.end), marked, `${text}: ${detail.reason}`)
      assert.match(detail.reason, reason, text)
      assert.ok(drawSpan(detail.source, detail.span).endsWith('^'))
    }
    assert.equal(tryParseRequirement(text), undefined)
  }
  assert.ok(DenError)
})

test('hostile requirements take linear time', () => {
  const long = 100_000
  const started = performance.now()
  for (const text of [
    `a${'-'.repeat(long)}`,
    `a${'_'.repeat(long)}`,
    `a[${'b,'.repeat(long)}`,
    `a>=${'1.'.repeat(long)}`,
    `a==${'1'.repeat(long)}`,
    `a===${' '.repeat(long)}x y`,
    `a>=1${'\n'.repeat(long)}`,
    `a${' '.repeat(long)}b`,
    `a;${'('.repeat(long)}`,
    `a;os_name=="${'\\'.repeat(long)}`,
    `a;os_name=="${'\\n'.repeat(long)}"x`,
    `a>=1${'a'.repeat(long)}`,
    `a>=1+${'a.'.repeat(long)}!`,
  ]) {
    assert.equal(tryParseRequirement(text), undefined, text.slice(0, 20))
  }
  assert.ok(performance.now() - started < 3000, `${performance.now() - started} ms`)
})
