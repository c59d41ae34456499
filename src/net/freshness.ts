// How long an answer may be used without asking again (RFC 9111, 4.2, as a private cache reads it), for those who keep their own form of it.

export type Headers = Readonly<Record<string, string | undefined>>

/** What a keeper of an answer writes down beside it, in milliseconds since 1970. */
export interface Freshness {
  readonly fetchedAt: number
  readonly freshUntil: number
}

/** Longer promises are cut to that: a server's or this machine's clock may be years off. */
const longest = 365 * 24 * 60 * 60 * 1000

/**
 * Milliseconds since 1970 until when the answer is fresh; `now`: ask each time. undefined: it must not be kept. Without a word from
 * the server nothing is assumed, since a page that is a day old hides releases.
 */
export function freshUntil(headers: Headers, now: number): number | undefined {
  const directives = parseDirectives(headers['cache-control'])
  if (directives.has('no-store')) return undefined
  if (directives.has('no-cache')) return now
  const maxAge = directives.get('max-age')
  let lifetime = 0
  if (maxAge !== undefined) lifetime = secondsOf(maxAge) * 1000
  else if (headers['expires'] !== undefined) {
    // By the server's own clock where it tells it; "0" and other non-dates mean the past.
    const date = Date.parse(headers['date'] ?? '')
    const expires = Date.parse(headers['expires'])
    lifetime = Number.isNaN(expires) ? 0 : expires - (Number.isNaN(date) ? now : date)
  }
  const remaining = lifetime - secondsOf(headers['age'] ?? '') * 1000
  return now + Math.min(Math.max(remaining, 0), longest)
}

/** Whether what was kept may be used unasked. A clock that has gone back since then proves nothing, and so the answer is no. */
export function isFresh({ fetchedAt, freshUntil: until }: Freshness, now: number): boolean {
  return fetchedAt <= now && now < until && until - fetchedAt <= longest
}

/** Cache-Control's directives by lower-case name; of one given twice the first counts, and commas in quotes part nothing. */
export function parseDirectives(text: string | undefined): ReadonlyMap<string, string> {
  const directives = new Map<string, string>()
  for (const [, name, quoted, plain] of (text ?? '').matchAll(/([^\s,=;"]+)\s*(?:=\s*(?:"([^"]*)"|([^\s,"]*)))?/g)) {
    const key = name!.toLowerCase()
    if (!directives.has(key)) directives.set(key, quoted ?? plain ?? '')
  }
  return directives
}

/** RFC 9111, 1.2.2: a number that is too large means "very long"; what is no number means none. */
function secondsOf(text: string): number {
  return /^\d+$/.test(text) ? Math.min(Number(text), 2 ** 31) : 0
}
