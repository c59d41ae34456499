import { denVersion } from '../../base/version.ts'
import type { Handler } from '../options/option.ts'
import { schemaOf } from '../options/option.ts'
import { renderTable } from '../render/table.ts'

/** den version */
export const handle: Handler = async ({ command, host, session, output }) => {
  const { places } = session
  const { versions } = process
  const runtime = versions['bun'] === undefined ? `Node.js ${versions.node}` : `Bun ${versions['bun']}`
  const result = {
    version: denVersion,
    runtime,
    platform: `${host.platform}-${host.arch}`,
    executable: host.self?.join(' ') ?? process.execPath,
    home: places.home,
    cache: places.cache,
  }
  if (output.json) {
    output.document(schemaOf(command), result)
    return 0
  }
  const { version, ...facts } = result
  output.print(`den ${version}`)
  output.print(renderTable(Object.entries(facts), '  '))
  return 0
}
