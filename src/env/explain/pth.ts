// .pth files: each line a directory to be added, or code that starts with `import` (docs.python.org, "site"). Read in the order of
// their names, each line as soon as it is met; from 3.15 on all directories first, then the code (PEP 829).

import { lineBreak, strip, stripEnd, textLines } from '../../format/python-text.ts'
import { readImportLine } from './import-lines.ts'
import { append, type FileSource, type SiteState } from './site-state.ts'
import type { Source } from './world.ts'

export interface PthOptions {
  /** virtualenv 16's own site.py: any line that starts with "import" is code, only `\n` ends a line, and no error is caught. */
  readonly old?: boolean
}

const importLine = /^import[ \t]/

/** The .pth files of a directory, in the order in which Python reads them: by code point. */
export function pthFiles(state: SiteState, directory: string): readonly string[] {
  const names = state.world.names(directory) ?? []
  return names
    .filter((name) => name.endsWith('.pth') && !(state.rules.skipsHidden && name.startsWith('.')))
    .sort(byCodePoint)
}

export function byCodePoint(a: string, b: string): number {
  const left = [...a]
  const right = [...b]
  for (const [index, character] of left.entries()) {
    const other = right[index]
    if (other === undefined) return 1
    if (character !== other) return character.codePointAt(0)! - other.codePointAt(0)!
  }
  return left.length - right.length
}

/** Does what one .pth file says. */
export function processPth(state: SiteState, directory: string, name: string, options: PthOptions): void {
  const { world, rules } = state
  const { paths } = world
  const file = paths.join(directory, name)
  const lines = readLines(state, file, options)
  if (lines === undefined) return
  for (const [index, raw] of lines.entries()) {
    const from: FileSource = { kind: 'file', file, line: index + 1 }
    // 3.15 strips first; before, a line that starts with a space is a directory whose name starts with a space.
    const line = rules.startup ? strip(raw) : raw
    if (line.startsWith('#') || (rules.skipsBlankLines && strip(line) === '')) continue
    if (options.old ? line.startsWith('import') : importLine.test(line)) {
      if (rules.startup) state.startup.lines.push({ directory, line, from })
      else if (!runImportLine(state, directory, line, { from, ...options })) return
      continue
    }
    // Python 2 strips bytes, and knows ASCII's spaces only.
    const named = state.interpreter.version.major === 2 ? line.replace(/[\t-\r ]+$/, '') : stripEnd(line)
    const path = paths.absolute(paths.join(directory, named))
    // Up to 3.7 a NUL in a path ends the file: os.path.exists() raises.
    if (path.includes('\0') && (state.interpreter.version.major === 2 || state.interpreter.version.minor <= 7)) {
      state.problems.push({ from, what: 'holds a NUL character; Python skips the rest of the file', fatal: false })
      return
    }
    addDirectory(state, path, from)
  }
}

/** The .start files of a directory (PEP 829): each line an entry point that is called when all directories are known. */
export function readStartFiles(state: SiteState, directory: string): void {
  const names = (state.world.names(directory) ?? []).filter((name) => name.endsWith('.start') && !name.startsWith('.'))
  for (const name of names.sort(byCodePoint)) {
    const file = state.world.paths.join(directory, name)
    const lines = readLines(state, file, {}) ?? []
    const entryPoints = lines.flatMap((raw, index) => {
      const entryPoint = strip(raw)
      const from: FileSource = { kind: 'file', file, line: index + 1 }
      return entryPoint === '' || entryPoint.startsWith('#') ? [] : [{ entryPoint, from }]
    })
    state.startup.startFiles.set(file.slice(0, -'.start'.length), entryPoints)
  }
}

/** Runs what was put off: import lines, but not those of a .pth file that has a .start file beside it, then entry points. */
export function finishStartup(state: SiteState): void {
  const { world, startup } = state
  for (const { directory, line, from } of startup.lines) {
    if (startup.startFiles.has(from.file.slice(0, -'.pth'.length))) {
      world.say(from, 'is passed over: a .start file of the same name stands in its place')
    } else runImportLine(state, directory, line, { from })
  }
  for (const { entryPoint, from } of [...startup.startFiles.values()].flat()) {
    const why = `calls ${entryPoint}`
    world.say(from, why)
    state.uncertain.push({ from, why })
  }
}

function addDirectory(state: SiteState, path: string, from: Source): void {
  const { world } = state
  const spelled = world.paths.case(path)
  if (state.known.has(spelled)) {
    world.say(from, `names ${path}, which is on sys.path already`)
    return
  }
  if (!world.exists(path)) {
    world.say(from, `names ${path}, which is not there, and so adds nothing`)
    return
  }
  state.known.add(spelled)
  world.say(from, `adds ${path}`)
  append(state, { path, kind: 'pth', why: 'a line of a .pth file names it', from }, true)
}

/** False where Python leaves the rest of the file unread. */
function runImportLine(
  state: SiteState,
  directory: string,
  line: string,
  { from, old = false }: PthOptions & { readonly from: Source },
): boolean {
  const { world } = state
  if (!importLine.test(line)) {
    state.problems.push({ from, what: `is taken for code and is none: ${line}`, fatal: true })
    return false
  }
  const searched = state.entries.map((entry) => entry.path)
  const effect = readImportLine(line, { world, directory, searched })
  switch (effect.kind) {
    case 'nothing':
      world.say(from, `runs code that changes no path: ${effect.why}`)
      return true
    case 'mark-end':
      state.markedEnd = state.entries.length
      world.say(from, 'remembers where sys.path ends')
      return true
    case 'move-to-front': {
      const added = state.entries.splice(state.markedEnd ?? state.entries.length)
      state.entries.splice(state.insertedEggs, 0, ...added)
      state.insertedEggs += added.length
      world.say(from, 'moves the directories that this file added to the front of sys.path')
      return true
    }
    case 'append':
      world.say(from, `adds the entry ${effect.path}`)
      if (!searched.includes(effect.path)) {
        append(state, { path: effect.path, kind: 'code', why: effect.why, from }, false)
      }
      return true
    case 'fails': {
      const rest = state.rules.startup ? '' : old ? '; Python ends' : '; Python skips the rest of the file'
      state.problems.push({ from, what: `imports ${effect.module}, which is not there${rest}`, fatal: old })
      return state.rules.startup
    }
    case 'unknown':
      world.say(from, effect.why)
      state.uncertain.push({ from, why: effect.why })
      return true
  }
}

/** The lines as Python's reader breaks them; undefined where the file can't be read, which Python passes over in silence. */
function readLines(state: SiteState, file: string, { old = false }: PthOptions): readonly string[] | undefined {
  const bytes = state.world.bytes(file)
  if (bytes === undefined) return undefined
  const python3 = state.interpreter.version.major >= 3
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: python3, ignoreBOM: true }).decode(bytes)
  } catch {
    // Taken that the locale's encoding is UTF-8: site.py does not catch the error, and Python ends.
    state.problems.push({
      from: { kind: 'file', file },
      what: 'is not valid UTF-8; where that is the encoding of the locale, Python does not start',
      fatal: true,
    })
    return undefined
  }
  if (old)
    return text
      .replace(/\n$/, '')
      .split('\n')
      .slice(text === '' ? 1 : 0)
  if (!state.rules.readsUtf8) return textLines(text)
  const lines = text.replace(/^\ufeff/, '').split(new RegExp(`\r\n|${lineBreak.source}`))
  if (lines.at(-1) === '') lines.pop()
  return lines
}
