// Lengths of time, and moments, as people write them.

const hour = 60 * 60 * 1000
const day = 24 * hour

const units: Readonly<Record<string, number>> = {
  minute: hour / 60,
  minutes: hour / 60,
  hour,
  hours: hour,
  day,
  days: day,
  week: 7 * day,
  weeks: 7 * day,
}

/** "1 day", "36 hours", "2 weeks", and ISO 8601's "P3D" and "PT36H", in milliseconds; undefined for other texts. */
export function parseAge(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text.trim()) ?? []
  const length = Object.hasOwn(units, unit.toLowerCase()) ? units[unit.toLowerCase()] : undefined
  if (count !== undefined && length !== undefined) return Math.round(Number(count) * length)
  const iso = /^P(?!$)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(text.trim())
  if (iso === null) return undefined
  const [weeks, days, hours, minutes] = iso.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
  ]
  return (weeks * 7 + days) * day + hours * hour + (minutes * hour) / 60
}

/** A date (its end, in UTC), a moment or an age (before `now`), in milliseconds since 1970; undefined for a text that is no time. */
export function tryParseTime(text: string, now: number): number | undefined {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text)
  const moment = isDay ? Date.parse(text) + day : /^\d{4}-\d\d-\d\d[Tt ]/.test(text) ? instant(text) : NaN
  if (!Number.isNaN(moment)) return moment
  const age = parseAge(text)
  return age === undefined ? undefined : now - age
}

/** What has no offset is meant in UTC. */
function instant(text: string): number {
  return Date.parse(/(?:[Zz]|[+-]\d\d:?\d\d)$/.test(text) ? text.replace(' ', 'T') : `${text.replace(' ', 'T')}Z`)
}
