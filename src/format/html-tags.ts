// The tags of an HTML page, as far as a package index needs them: names, attributes, and the text between. Tolerant as browsers are:
// whatever is no tag is text. Not a tree, and not more of the standard than index pages use.

export interface HtmlTag {
  /** In lower case; an end tag begins with "/". */
  readonly name: string
  /** Names in lower case, values with entities decoded; of two with one name the first stands. */
  readonly attributes: ReadonlyMap<string, string>
  /** The text that follows up to the next tag, entities decoded. */
  readonly text: string
}

const tagName = /<(\/?[a-zA-Z][^\s/>]*)/y
const attribute = /([^\s/>=][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>][^\s>]*)))?/y
const between = /[\s/]*/y
/** What is inside these is text, however it looks. */
const rawText: ReadonlySet<string> = new Set(['script', 'style', 'title', 'textarea'])

/** The tags of a page in their order. */
export function* htmlTags(html: string): Generator<HtmlTag> {
  let place = html.indexOf('<')
  while (place !== -1) {
    if (html.startsWith('<!--', place)) {
      const close = html.indexOf('-->', place + 4)
      place = close === -1 ? -1 : html.indexOf('<', close + 3)
      continue
    }
    tagName.lastIndex = place
    const match = tagName.exec(html)
    if (match === null) {
      place = html.indexOf('<', place + 1)
      continue
    }
    const name = match[1]!.toLowerCase()
    const attributes = new Map<string, string>()
    let at = tagName.lastIndex
    for (;;) {
      between.lastIndex = at
      between.test(html)
      at = between.lastIndex
      if (at >= html.length) return
      if (html.charAt(at) === '>') {
        at++
        break
      }
      attribute.lastIndex = at
      const found = attribute.exec(html)
      if (found === null) {
        at++
        continue
      }
      at = attribute.lastIndex
      const key = found[1]!.toLowerCase()
      if (!attributes.has(key)) attributes.set(key, decodeEntities(found[2] ?? found[3] ?? found[4] ?? '', true))
    }
    let next = html.indexOf('<', at)
    if (rawText.has(name)) {
      const end = new RegExp(`</${name}[\\s/>]`, 'gi')
      end.lastIndex = at
      next = end.exec(html)?.index ?? -1
    }
    yield { name, attributes, text: decodeEntities(html.slice(at, next === -1 ? undefined : next), false) }
    place = next
  }
}

const named: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  copy: '\u00a9',
  reg: '\u00ae',
  ndash: '\u2013',
  mdash: '\u2014',
  hellip: '\u2026',
  lsquo: '\u2018',
  rsquo: '\u2019',
  ldquo: '\u201c',
  rdquo: '\u201d',
  num: '#',
  plus: '+',
  excl: '!',
  equals: '=',
  comma: ',',
  period: '.',
  colon: ':',
  semi: ';',
  sol: '/',
  lowbar: '_',
  lpar: '(',
  rpar: ')',
  lsqb: '[',
  rsqb: ']',
  ast: '*',
  percnt: '%',
  dollar: '$',
  commat: '@',
  quest: '?',
  Tab: '\t',
  NewLine: '\n',
}

/** Character references; in attributes, one without `;` before `=` or a letter stays (it belongs to a query: "?a=1&lt=2"). */
export function decodeEntities(text: string, inAttribute: boolean): string {
  if (!text.includes('&')) return text
  return text.replace(
    /&(?:#(\d{1,8});?|#[xX]([0-9a-fA-F]{1,8});?|([a-zA-Z][a-zA-Z0-9]*)(;?))/g,
    (
      whole,
      decimal: string | undefined,
      hex: string | undefined,
      name: string | undefined,
      semicolon,
      place: number,
    ) => {
      if (name !== undefined) {
        if (semicolon === ';') return Object.hasOwn(named, name) ? named[name]! : whole
        const legacy = /^(?:amp|lt|gt|quot|nbsp)/.exec(name)?.[0]
        if (legacy === undefined) return whole
        const rest = name.slice(legacy.length)
        const follower = rest === '' ? text.charAt(place + whole.length) : rest.charAt(0)
        return inAttribute && /[=a-zA-Z0-9]/.test(follower) ? whole : named[legacy]! + rest
      }
      const code = decimal === undefined ? Number.parseInt(hex!, 16) : Number(decimal)
      const valid = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
      return valid ? String.fromCodePoint(code) : '\ufffd'
    },
  )
}
