// `pip inspect`: all that is installed and the environment's markers, as the JSON that pip prints (version 1).

import { headerValues, type MailMessage } from '../format/mail-headers.ts'
import { strip } from '../format/python-text.ts'
import type { DirectUrl } from '../spec/direct-url.ts'
import type { MarkerEnvironment } from '../spec/marker.ts'
import type { Core } from './core.ts'
import type { EnvironmentWish } from './install-request.ts'
import { type InstalledFilter, viewInstalled } from './installed-view.ts'
import { markersOf } from './pip-dependencies.ts'
import { directUrlOf, editableLocation, fileUrlOf } from './pip-direct-url.ts'
import { dedentHeader, installerOf, type SeenDistribution } from './pip-distributions.ts'

export interface InspectRequest {
  readonly environment: EnvironmentWish
  readonly filter?: InstalledFilter
}

/** Names and order of the keys are pip's. */
export interface InspectedDistribution {
  readonly metadata: Readonly<Record<string, string | readonly string[]>>
  readonly metadata_location: string
  readonly direct_url?: DirectUrl
  readonly installer?: string
  readonly requested?: boolean
}

export interface InspectResult {
  readonly installed: readonly InspectedDistribution[]
  readonly environment: MarkerEnvironment
}

/** Inspects an environment. Throws what `aimAt` throws. */
export async function inspect(core: Core, request: InspectRequest): Promise<InspectResult> {
  const { aimed, distributions, sysPath } = await viewInstalled(core, request.environment, request.filter)
  const markers = markersOf(core, aimed)
  return {
    installed: distributions.map((one) => describe(core, one, sysPath)),
    environment: {
      implementation_name: markers.implementation_name,
      implementation_version: markers.implementation_version,
      os_name: markers.os_name,
      platform_machine: markers.platform_machine,
      platform_release: markers.platform_release,
      platform_system: markers.platform_system,
      platform_version: markers.platform_version,
      python_full_version: markers.python_full_version,
      platform_python_implementation: markers.platform_python_implementation,
      python_version: markers.python_version,
      sys_platform: markers.sys_platform,
    },
  }
}

function describe(core: Core, one: SeenDistribution, sysPath: readonly string[]): InspectedDistribution {
  const record = directUrlOf(one)
  const editable = record === undefined ? editableLocation(core.host, one, sysPath) : undefined
  const direct =
    record ?? (editable === undefined ? undefined : { url: fileUrlOf(editable), dir_info: { editable: true } })
  const installer = installerOf(one)
  return {
    metadata: metadataJson(one.metadata),
    metadata_location: one.info,
    ...(direct === undefined ? {} : { direct_url: direct }),
    ...(installer === '' ? {} : { installer }),
    ...(one.kind === 'dist-info' ? { requested: one.readText('REQUESTED') !== undefined } : {}),
  }
}

const fields: readonly (readonly [name: string, isList: boolean])[] = [
  ['Metadata-Version', false],
  ['Name', false],
  ['Version', false],
  ['Dynamic', true],
  ['Platform', true],
  ['Supported-Platform', true],
  ['Summary', false],
  ['Description', false],
  ['Description-Content-Type', false],
  ['Keywords', false],
  ['Home-page', false],
  ['Download-URL', false],
  ['Author', false],
  ['Author-email', false],
  ['Maintainer', false],
  ['Maintainer-email', false],
  ['License', false],
  ['License-Expression', false],
  ['License-File', true],
  ['Classifier', true],
  ['Requires-Dist', true],
  ['Requires-Python', false],
  ['Requires-External', true],
  ['Project-URL', true],
  ['Provides-Extra', true],
  ['Provides-Dist', true],
  ['Obsoletes-Dist', true],
]

/** Metadata as JSON (PEP 566): names in lower case with `_`, fields that may stand more than once as lists. */
export function metadataJson(message: MailMessage): Readonly<Record<string, string | readonly string[]>> {
  const result: Record<string, string | readonly string[]> = {}
  for (const [name, isList] of fields) {
    const values = headerValues(message, name).map(dedentHeader)
    const [first] = values
    // The description stands behind the headers in all but the oldest metadata, and comes where its field would.
    if (name === 'Description' && message.body !== '') result['description'] = message.body
    else if (first !== undefined) {
      const key = name.toLowerCase().replaceAll('-', '_')
      if (name === 'Keywords')
        result[key] = first.includes(',')
          ? first.split(',').map(strip)
          : first.split(/\s+/).filter((word) => word !== '')
      else result[key] = isList ? values : first
    }
  }
  return result
}
