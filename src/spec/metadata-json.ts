// Core metadata as JSON (PEP 566's transformation, as pip's `--report` and `inspect` give it): names in lower case with `_` for `-`, fields
// that may stand several times as lists.

import { headerValues, type MailMessage } from '../format/mail-headers.ts'
import { strip } from '../format/python-text.ts'
import { dedentHeader } from './metadata-fields.ts'

export type MetadataJson = Readonly<Record<string, string | readonly string[]>>

/** In the order in which pip writes them; a * marks those that may stand several times. */
const order =
  'Metadata-Version Name Version Dynamic* Platform* Supported-Platform* Summary Description Description-Content-Type Keywords Home-page Download-URL Author Author-email Maintainer Maintainer-email License License-Expression License-File* Classifier* Requires-Dist* Requires-Python Requires-External* Project-URL* Provides-Extra* Provides-Dist* Obsoletes-Dist*'

export function metadataJson(message: MailMessage): MetadataJson {
  const json: Record<string, string | readonly string[]> = {}
  for (const word of order.split(' ')) {
    const isList = word.endsWith('*')
    const name = isList ? word.slice(0, -1) : word
    const values = headerValues(message, name).map(dedentHeader)
    if (name === 'Description' && message.body !== '') values.splice(0, values.length, message.body)
    const [first] = values
    if (first === undefined) continue
    const key = name.toLowerCase().replaceAll('-', '_')
    if (isList) json[key] = values
    else json[key] = name === 'Keywords' ? keywordList(first) : first
  }
  return json
}

/** Words between commas, empty ones too; without a comma, between blanks. */
function keywordList(text: string): readonly string[] {
  if (text.includes(',')) return text.split(',').map(strip)
  const words = strip(text)
  return words === '' ? [] : words.split(/[\s\x1c-\x1f\x85]+/)
}
