import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeEntities, htmlTags } from './html-tags.ts'

const names = (html: string): string[] => [...htmlTags(html)].map((tag) => tag.name)

test('htmlTags() reads quoted, bare and empty attributes', () => {
  const [tag] = htmlTags(`<A HREF='x"y' data-a = "1 > 2" b=c/d e f="" href=again>text &amp; more</a>`)
  assert.equal(tag?.name, 'a')
  assert.deepEqual(
    [...tag!.attributes],
    [
      ['href', 'x"y'],
      ['data-a', '1 > 2'],
      ['b', 'c/d'],
      ['e', ''],
      ['f', ''],
    ],
  )
  assert.equal(tag?.text, 'text & more')
})

test('htmlTags() passes over comments, declarations and the insides of scripts', () => {
  assert.deepEqual(names('<!DOCTYPE html><!-- <a> --><p><script>if (a<b) "<a>"</script><br/>'), [
    'p',
    'script',
    '/script',
    'br',
  ])
})

test('htmlTags() takes what is no tag for text', () => {
  assert.deepEqual(names('1 < 2 <3 <b>'), ['b'])
  assert.deepEqual(names('<a href="open'), [])
  assert.deepEqual(names('<!-- never closed <a>'), [])
})

test('decodeEntities() decodes numbers and names', () => {
  assert.equal(decodeEntities('&gt;=3 &#62; &#x3E; &quot;&apos;&amp;amp;', true), `>=3 > > "'&amp;`)
  assert.equal(decodeEntities('&#0; &#xD800; &unknown; &', true), '\ufffd \ufffd &unknown; &')
})

test('decodeEntities() leaves a query alone', () => {
  assert.equal(decodeEntities('?a=1&lt=2&ampere=3&gt', true), '?a=1&lt=2&ampere=3>')
  assert.equal(decodeEntities('a &ltb', false), 'a <b')
})

test('htmlTags() stays fast on hostile text', () => {
  const started = performance.now()
  for (const unit of ['<a ', '<!--', 'x="', "x='", '<', '&#', 'x= ', ' ', '/ ', '<script>', '="', '&a']) {
    for (const tag of htmlTags(`<a ${unit.repeat(100_000)}`)) assert.ok(tag.name)
  }
  assert.ok(performance.now() - started < 5000)
})
