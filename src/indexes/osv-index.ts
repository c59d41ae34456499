// What an index itself tells of a release's vulnerabilities: `/pypi/NAME/VERSION/json` beside the simple API, as warehouse has it. No
// standard; an index without it says nothing, which is not "nothing is known".

import { DenError } from '../base/error.ts'
import { type SafeUrl, tryParseUrl } from '../base/safe-url.ts'
import { isJsonObject, tryParseJson } from '../format/json.ts'
import type { FetchRequest, FetchResponse } from '../net/transport.ts'
import { type OsvRecord, readOsvRecord } from '../spec/osv.ts'
import { compareVersions, tryParseVersion } from '../spec/version.ts'
import type { AskedRelease } from './osv-service.ts'

const maxBytes = 64 * 2 ** 20

/** Throws `audit-unanswered` where the index has no such page, and what fetching throws. */
export async function askIndexVulnerabilities(
  { name, version }: AskedRelease,
  { index, fetch }: { readonly index: SafeUrl; readonly fetch: (request: FetchRequest) => Promise<FetchResponse> },
): Promise<readonly OsvRecord[]> {
  const unanswered = (): DenError => new DenError('audit-unanswered', { index: String(index), project: name, version })
  // The simple API's last segment gives way: "/team/simple/" → "/team/pypi/…".
  const url = tryParseUrl(`../pypi/${name}/${encodeURIComponent(version)}/json`, index)!
  const response = await fetch({ url, maxBytes, compressed: true, headers: { accept: 'application/json' } })
  if (response.status === 404 || response.status === 410) throw unanswered()
  if (response.status !== 200) throw new DenError('http-status', { url: String(url), status: response.status })
  const page = tryParseJson(new TextDecoder('utf-8').decode(response.body))
  const found = isJsonObject(page) ? page['vulnerabilities'] : undefined
  if (!Array.isArray(found)) throw unanswered()
  return found.flatMap((one: unknown) => {
    const record = asOsv(one, { name, version })
    return record === undefined ? [] : [record]
  })
}

/** The index's form says of this release alone that it is affected, and names the releases that are not any more. */
function asOsv(value: unknown, { name, version }: AskedRelease): OsvRecord | undefined {
  if (!isJsonObject(value)) return undefined
  const { id, aliases, summary, details, withdrawn, link, fixed_in: fixedIn } = value
  const own = tryParseVersion(version)
  const fixed = (Array.isArray(fixedIn) ? fixedIn : [])
    .flatMap((text: unknown) => (typeof text === 'string' ? (tryParseVersion(text) ?? []) : []))
    .filter((one) => own !== undefined && compareVersions(one, own) > 0)
    .sort(compareVersions)[0]
  const range =
    fixed === undefined ? [] : [{ type: 'ECOSYSTEM', events: [{ introduced: version }, { fixed: fixed.text }] }]
  return readOsvRecord({
    id,
    aliases,
    summary,
    details,
    ...(withdrawn === null ? {} : { withdrawn }),
    references: typeof link === 'string' ? [{ type: 'ADVISORY', url: link }] : [],
    affected: [{ package: { ecosystem: 'PyPI', name }, versions: [version], ranges: range }],
  })
}
