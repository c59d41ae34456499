// `pip inspect`: all that is installed and the environment's markers, as the JSON that pip prints (version 1).

import type { DirectUrl } from '../spec/direct-url.ts'
import type { MarkerEnvironment } from '../spec/marker.ts'
import { type MetadataJson, metadataJson } from '../spec/metadata-json.ts'
import { fileUrl } from '../spec/requirements-txt-url.ts'
import type { Core } from './core.ts'
import type { EnvironmentWish } from './install-request.ts'
import { type InstalledFilter, viewInstalled } from './installed-view.ts'
import { markersOf } from './pip-dependencies.ts'
import { directUrlOf, editableLocation } from './pip-direct-url.ts'
import { installerOf, type SeenDistribution } from './pip-distributions.ts'

export interface InspectRequest {
  readonly environment: EnvironmentWish
  readonly filter?: InstalledFilter
}

/** Names and order of the keys are pip's. */
export interface InspectedDistribution {
  readonly metadata: MetadataJson
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
    record ??
    (editable === undefined ? undefined : { url: fileUrl(editable, core.host.path), dir_info: { editable: true } })
  const installer = installerOf(one)
  return {
    metadata: metadataJson(one.metadata),
    metadata_location: one.info,
    ...(direct === undefined ? {} : { direct_url: direct }),
    ...(installer === '' ? {} : { installer }),
    ...(one.kind === 'dist-info' ? { requested: one.readText('REQUESTED') !== undefined } : {}),
  }
}
