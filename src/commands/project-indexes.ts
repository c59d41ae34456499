// The indexes that somebody adds to a project together with what comes from them: written down, since the next who locks would not ask
// them otherwise, before those that are there, and without credentials.

import { DenError } from '../base/error.ts'
import { revealUrl, tryParseUrl } from '../base/safe-url.ts'
import { addIndexes } from '../project/edit-manifest.ts'
import type { IndexDefinition, Manifest } from '../project/manifest.ts'
import type { Core } from './core.ts'

export interface AddedIndex {
  /** What the project calls it; what is added then comes from it alone. */
  readonly name?: string
  /** An address, or a directory, relative to the working directory; or the name of an index that the project has. */
  readonly url: string
  /** Takes the place of the default index. */
  readonly isDefault?: boolean
  /** A page or a directory with links to files. */
  readonly isFlat?: boolean
}

export interface WrittenIndexes {
  /** The manifest's. */
  readonly text: string
  /** Those whose credentials are not written: to be asked as they were given. */
  readonly asked: readonly string[]
  /** The one from which what is added is to come. */
  readonly pinned?: string
}

/** A project, or a script, as far as its indexes need it. */
type Described = Pick<Manifest, 'file' | 'directory' | 'text'> & {
  readonly settings: Pick<Manifest['settings'], 'indexes' | 'findLinks'>
}

/** Throws `bad-option-value` for a name that the project has for another index, and what `addIndexes` throws. */
export function writeIndexes(core: Core, manifest: Described, added: readonly AddedIndex[]): WrittenIndexes {
  const { file, text, settings } = manifest
  const fresh: IndexDefinition[] = []
  const asked: string[] = []
  const names: string[] = []
  for (const { name, url, isDefault = false, isFlat = false } of added) {
    const meant = name === undefined && !isFlat ? calledHere(core, settings.indexes, url) : undefined
    if (meant !== undefined) {
      names.push(meant)
      continue
    }
    const parsed = /^https?:/i.test(url) ? tryParseUrl(url) : undefined
    if (parsed !== undefined && revealUrl(parsed) !== parsed.href) {
      core.report({ kind: 'note', text: `the credentials in ${String(parsed)} are not written into the project` })
      if (!isFlat) asked.push(url)
    }
    const place = parsed?.href ?? placeInProject(core, manifest, url)
    const isSame = (other: string): boolean => withoutSlash(other) === withoutSlash(place)
    const known = [...settings.indexes, ...fresh].find((one) => isSame(one.url) && (one.isFlat === true) === isFlat)
    if (isFlat && settings.findLinks.some(isSame)) continue
    const other = settings.indexes.find((one) => name !== undefined && one.name === name && one !== known)
    if (other !== undefined) throw nameTaken(name!, other)
    if (known === undefined && isDefault && settings.indexes.some((one) => one.isDefault))
      core.report({ kind: 'note', text: `the project has a default index already: ${place} is not written into it` })
    else if (known === undefined)
      fresh.push({
        ...(name === undefined ? {} : { name }),
        url: place,
        isDefault,
        isExplicit: false,
        ...(isFlat ? { isFlat } : {}),
      })
    const called = known === undefined ? name : known.name
    if (name !== undefined && called !== undefined) names.push(called)
  }
  // Of several none is meant more than the others.
  const [pinned, ...others] = names
  return {
    text: addIndexes(text, fresh, file),
    asked,
    ...(pinned === undefined || others.length > 0 ? {} : { pinned }),
  }
}

/** The name of an index of the project, where a word is one and no directory. */
function calledHere(
  { host: { files, path, cwd } }: Core,
  indexes: readonly IndexDefinition[],
  word: string,
): string | undefined {
  const isName = indexes.some(({ name, isFlat }) => name === word && isFlat !== true)
  return isName && files.stat(path.resolve(cwd, word)) === undefined ? word : undefined
}

function placeInProject({ host }: Core, { directory }: Described, url: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) return url
  const { path } = host
  const place = path.relative(directory, path.resolve(host.cwd, url)) || '.'
  return path.sep === '\\' ? place.replaceAll('\\', '/') : place
}

function nameTaken(name: string, { url }: IndexDefinition): DenError {
  return new DenError('bad-option-value', {
    source: '--index',
    value: name,
    expected: `a name that the project does not have for another index: it has this one for ${tryParseUrl(url)?.href ?? url}`,
    command: 'den add',
    suggestions: [],
  })
}

function withoutSlash(address: string): string {
  return address.replace(/\/+$/, '')
}
