// How packages come into an environment where the command doesn't say: as the environment was made to have them, by DEN_LINK_MODE, or by
// `link-mode` in the [tool.den] of the nearest pyproject.toml. Root's projects get no links to whole packages by a project's file alone:
// what root runs may write through them.

import { DenError } from '../base/error.ts'
import { wantsInstant } from '../env/instant-keys.ts'
import { isTomlTable, parseTomlDocument, type TomlValue } from '../format/toml.ts'
import { variable } from '../host/host.ts'
import type { LinkMode } from '../install/linker.ts'
import type { PyvenvCfg } from '../spec/pyvenv-cfg.ts'
import type { Core } from './core.ts'

export interface LinkWish {
  readonly linkMode?: LinkMode | 'instant'
  /** Projects that are copied where others are linked as a whole. */
  readonly copied?: ReadonlySet<string>
}

const modes: ReadonlySet<string> = new Set(['auto', 'clone', 'hardlink', 'copy', 'instant'])

/** The wish for an environment; `cfg` is its pyvenv.cfg, absent for any other place. Throws `invalid-setting`, `invalid-toml`. */
export function linkModeFor({ host, report }: Core, said: LinkMode | 'instant' | undefined, cfg?: PyvenvCfg): LinkWish {
  const project = projectWish({ host })
  const copied = project.copied.size === 0 ? {} : { copied: project.copied }
  if (said !== undefined) return { linkMode: said, ...copied }
  const set = variable(host, 'DEN_LINK_MODE')?.trim()
  if (set) return { linkMode: parseMode(set, 'DEN_LINK_MODE'), ...copied }
  if (wantsInstant(cfg)) return { linkMode: 'instant', ...copied }
  if (project.mode === undefined || cfg === undefined) return copied
  if (project.mode !== 'instant' || host.uid !== 0) return { linkMode: project.mode, ...copied }
  report({
    kind: 'note',
    text: 'link-mode = "instant" is not for what root installs, unless DEN_LINK_MODE or `den create --link-mode instant` says so',
  })
  return copied
}

interface ProjectWish {
  readonly mode?: LinkMode | 'instant'
  readonly copied: ReadonlySet<string>
}

function projectWish({ host }: Pick<Core, 'host'>): ProjectWish {
  for (let place = host.cwd; ; place = host.path.dirname(place)) {
    const file = host.path.join(place, 'pyproject.toml')
    const text = host.files.stat(file)?.kind === 'file' ? host.files.readText(file) : undefined
    // Reading TOML costs more than most commands; few projects say anything of it.
    if (text !== undefined && /link-mode|link-copies/.test(text)) return wishIn(text, file)
    if (text !== undefined || host.path.dirname(place) === place) return { copied: new Set() }
  }
}

function wishIn(text: string, file: string): ProjectWish {
  const { tool } = parseTomlDocument(text, { file }).table
  const own = isTomlTable(tool) ? tool['den'] : undefined
  if (!isTomlTable(own)) return { copied: new Set() }
  const mode: TomlValue | undefined = own['link-mode']
  const copies = own['link-copies']
  const names = Array.isArray(copies) ? copies.filter((name) => typeof name === 'string') : []
  return {
    ...(mode === undefined ? {} : { mode: parseMode(String(mode), `link-mode in [tool.den] of ${file}`) }),
    copied: new Set(names.map((name) => name.toLowerCase().replaceAll(/[-_.]+/g, '-'))),
  }
}

function parseMode(value: string, setting: string): LinkMode | 'instant' {
  if (modes.has(value)) return value as LinkMode | 'instant'
  throw new DenError('invalid-setting', { setting, value, reason: 'it is auto, clone, hardlink, copy or instant' })
}
