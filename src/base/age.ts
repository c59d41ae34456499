// Lengths of time as people write them.

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
