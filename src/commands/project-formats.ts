// Which kinds of files will do of each project, and which of a lock's are taken for that.

import { DenError } from '../base/error.ts'
import { formatsFor, notBuilt } from '../engine/formats.ts'
import type { FormatControl } from '../engine/resolve-request.ts'
import type { Manifest } from '../project/manifest.ts'
import { normalizeName } from '../spec/name.ts'
import type { PylockSelection } from '../spec/pylock-select.ts'
import type { PackageChoices } from './package-choices.ts'

export type ProjectFormats = Pick<FormatControl, 'noBinary' | 'onlyBinary'>

/** Which kinds of files of a project will do. */
export function projectFormats({ settings }: Pick<Manifest, 'settings'>, choices: PackageChoices): ProjectFormats {
  return {
    noBinary: nameSet(choices.noBinary ?? settings.noBinary),
    onlyBinary: nameSet(choices.onlyBinary ?? settings.onlyBinary),
  }
}

/** What decides how a locked version comes to be installed, to tell one environment of such versions from another. */
export function formatFacts(
  described: Pick<Manifest, 'settings'>,
  choices: Pick<PackageChoices, 'noBinary' | 'onlyBinary' | 'configSettings' | 'noBuildIsolation'>,
): readonly unknown[] {
  const { noBinary, onlyBinary } = projectFormats(described, choices)
  return [[...noBinary].sort(), [...onlyBinary].sort(), choices.configSettings, choices.noBuildIsolation]
}

function nameSet(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map((name) => (name.startsWith(':') ? name : normalizeName(name))))
}

/** Of a lock's files: source where there is some, of what no wheel will do for. */
export function sourcePreferred(formats: ProjectFormats): (name: string) => boolean {
  return (name) => !formatsFor(formats, name).binary
}

/**
 * Of what was selected, what may not be put in. Directories are one's own: they are built unless they are named, and the project itself in
 * any case. Throws `build-forbidden` of what would be built and must not be, `lock-file-mismatch` of what the lock has no source of.
 */
export function checkFormat(
  file: string,
  formats: ProjectFormats,
  { package: one, kind, source: from }: PylockSelection,
): void {
  const { binary, source } = formatsFor(formats, one.name)
  const isBuilt =
    kind === 'sdist' || kind === 'vcs' || (kind === 'archive' && !/\.whl$/i.test(from.url ?? from.path ?? ''))
  const isNamed = formats.onlyBinary.has(one.name)
  const label = one.version === undefined ? one.name : `${one.name} ${one.version.text}`
  if (isBuilt && !source) {
    const reason = isNamed ? notBuilt.named : notBuilt.all
    throw new DenError('build-forbidden', {
      distribution: label,
      reason: kind === 'sdist' ? `${reason}, and the lock has none for this Python` : reason,
    })
  }
  if (kind === 'directory' && isNamed && !/^\.?[/\\]?$/.test(from.path))
    throw new DenError('build-forbidden', { distribution: label, reason: notBuilt.named })
  if (kind === 'wheel' && !binary)
    throw new DenError('lock-file-mismatch', {
      file,
      reason: `it has no source distribution of ${label}, and no wheel of it is to be taken`,
    })
}
