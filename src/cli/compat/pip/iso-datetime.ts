// Dates as ISO 8601 has them, as far as Python's `datetime.fromisoformat` reads them; without an offset the machine's own time zone
// counts.

const date = String.raw`(?<year>\d{4})(?:-(?<month>\d\d)-(?<day>\d\d)|(?<month2>\d\d)(?<day2>\d\d)|-?W(?<week>\d\d)(?:-?(?<weekday>\d))?)`
const time = String.raw`(?<hour>\d\d)(?::?(?<minute>\d\d)(?::?(?<second>\d\d)(?:[.,](?<fraction>\d+))?)?)?`
const offset = String.raw`(?<zone>[Zz]|[+-]\d\d(?::?\d\d(?::?\d\d(?:\.\d+)?)?)?)`
const pattern = new RegExp(`^${date}(?:[^\\d]${time}${offset}?)?$`, 's')

/** Milliseconds since 1970; undefined for what is no date. */
export function parseIsoDatetime(text: string): number | undefined {
  const parts = pattern.exec(text)?.groups
  if (parts === undefined) return undefined
  const day = dayOf(parts)
  if (day === undefined) return undefined
  const [hour, minute, second] = [
    Number(parts['hour'] ?? 0),
    Number(parts['minute'] ?? 0),
    Number(parts['second'] ?? 0),
  ]
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const milliseconds = Math.floor(Number(`0.${parts['fraction'] ?? '0'}`) * 1000)
  const zone = parts['zone']
  if (zone === undefined) {
    return new Date(day.year, day.month - 1, day.day, hour, minute, second, milliseconds).getTime()
  }
  const [, sign, hours = 0, minutes = 0] = /^([+-])(\d\d):?(\d\d)?/.exec(zone) ?? []
  const shift = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1)
  return Date.UTC(day.year, day.month - 1, day.day, hour, minute, second, milliseconds) - shift
}

interface Day {
  readonly year: number
  readonly month: number
  readonly day: number
}

function dayOf(parts: Readonly<Record<string, string | undefined>>): Day | undefined {
  const year = Number(parts['year'])
  if (parts['week'] !== undefined) return dayOfWeek(year, Number(parts['week']), Number(parts['weekday'] ?? 1))
  const month = Number(parts['month'] ?? parts['month2'])
  const day = Number(parts['day'] ?? parts['day2'])
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate()
  return month < 1 || month > 12 || day < 1 || day > last || year < 1 ? undefined : { year, month, day }
}

/** The first week of a year is the one that holds January 4th. */
function dayOfWeek(year: number, week: number, weekday: number): Day | undefined {
  if (week < 1 || week > 53 || weekday < 1 || weekday > 7) return undefined
  const fourth = new Date(Date.UTC(year, 0, 4))
  const monday = 4 - ((fourth.getUTCDay() + 6) % 7)
  const found = new Date(Date.UTC(year, 0, monday + (week - 1) * 7 + weekday - 1))
  return { year: found.getUTCFullYear(), month: found.getUTCMonth() + 1, day: found.getUTCDate() }
}
