// What people have written at the end of an activation script: `export API_URL=…`, an alias. Tutorials teach it, so a script that is
// written anew takes it along.

import { replaceRootsInText } from './mentions.ts'

const mark = '# Added by hand to the script that stood here before'

interface Ending {
  readonly pattern: RegExp
  /** Which match is the script's own end: the lines above hold it as well. */
  readonly match: number
}

/** How the scripts of venv, virtualenv and uv end, by the name of the file. */
const endings: Readonly<Record<string, Ending>> = {
  // Once in `deactivate`, once at the end.
  activate: { pattern: /^[ \t]*hash -r(?: 2> ?\/dev\/null)?(?: \|\| true)?[ \t]*\r?\n(?:fi[ \t]*\r?\n)?/gm, match: 1 },
  'activate.csh': { pattern: /^rehash[ \t]*\r?\n/gm, match: 0 },
  'activate.fish': {
    pattern:
      /^[ \t]+set -gx _OLD_FISH_PROMPT_OVERRIDE "\$VIRTUAL_ENV"[ \t]*\r?\n(?:[ \t]+set -gx VIRTUAL_ENV_PROMPT .*\r?\n)?end[ \t]*\r?\n/gm,
    match: 0,
  },
}

/** The lines after the end of the script `name` that a maker wrote, or that den wrote as `fresh`; empty where there are none. */
function additionsOf(name: string, text: string, fresh: string): string {
  if (/\b_den_enter\b/.test(text)) {
    // den's own script, for another path: as many lines as the new one, and then those that were added.
    const lines = text.split('\n')
    const count = fresh.trimEnd().split('\n').length
    return lines[count - 1] === fresh.trimEnd().split('\n').at(-1) ? lines.slice(count).join('\n') : ''
  }
  const ending = endings[name]
  const found = ending === undefined ? undefined : [...text.matchAll(ending.pattern)][ending.match]
  return found === undefined ? '' : text.slice(found.index + found[0].length)
}

/** `fresh`, the new text of the script `name`, with what had been added to the old one. Paths under `from` become ones under `to`. */
export function withAdditions(
  name: string,
  options: { readonly old: string; readonly fresh: string; readonly from: readonly string[]; readonly to: string },
): string {
  const { old, fresh, from, to } = options
  const added = replaceRootsInText(additionsOf(name, old, fresh).trim(), from, to)
  if (added === '') return fresh
  return `${fresh.trimEnd()}\n\n${added.startsWith(mark) ? '' : `${mark}:\n`}${added}\n`
}
