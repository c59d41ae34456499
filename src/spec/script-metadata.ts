// Inline script metadata (PEP 723; the specification "Inline script metadata"): a block of comments from `# /// script` to `# ///`
// that holds TOML. The specification's regular expression decides what a block is; this finds the same blocks in linear time.

import { DenError } from '../base/error.ts'
import type { Span } from '../base/span.ts'
import {
  isTomlTable,
  parseTomlDocument,
  type TomlDocument,
  type TomlTable,
  tomlFault,
  tomlTypeOf,
} from '../format/toml.ts'
import type { TomlPath } from '../format/toml-places.ts'
import { reparse } from './reparse.ts'
import { parseRequirement, type Requirement } from './requirement.ts'
import { parseSpecifiers, type SpecifierSet } from './specifier.ts'

export interface ScriptBlock {
  readonly type: string
  /** The content without its comment signs, ended by a line end. */
  readonly content: string
  /** The line of `# /// TYPE`, from 1, and that of `# ///`. */
  readonly firstLine: number
  readonly lastLine: number
}

export interface ScriptMetadata {
  readonly requiresPython?: SpecifierSet
  readonly dependencies: readonly Requirement[]
  /** `[tool.*]`, as it stands. */
  readonly tool?: TomlTable
  readonly document: TomlDocument
}

interface Line {
  readonly text: string
  readonly start: number
  /** Before its line end. */
  readonly end: number
}

/**
 * All blocks, of any type. A block reaches from its first line to the last `# ///` of the run of comment lines that it stands in: an
 * empty line ends it, another block's first line does not. It may stand in a string, since nobody reads Python here.
 */
export function findScriptBlocks(text: string): readonly ScriptBlock[] {
  const lines = linesOf(text)
  const blocks: ScriptBlock[] = []
  for (let at = 0; at < lines.length; at++) {
    let end = at
    while (end < lines.length && /^#(?: |$)/.test(lines[end]!.text)) end++
    if (end === at) continue
    const run = lines.slice(at, end)
    const close = run.findLastIndex(({ text }) => text === '# ///')
    // At least one line of content stands between.
    const open = run.findIndex(({ text }, index) => index + 2 <= close && /^# \/\/\/ [a-zA-Z0-9-]+$/.test(text))
    if (open !== -1) {
      const content = run.slice(open + 1, close).map(({ text }) => `${text.slice(text.startsWith('# ') ? 2 : 1)}\n`)
      blocks.push({
        type: run[open]!.text.slice('# /// '.length),
        content: content.join(''),
        firstLine: at + open + 1,
        lastLine: at + close + 1,
      })
    }
    at = end
  }
  return blocks
}

/** Where a block `script` begins that has no end, and so by the standard is none. Lines from 1. */
export interface UnclosedBlock {
  readonly firstLine: number
  /** The last line that could have closed it. */
  readonly lastLine: number
}

/** The first of them; one without content, which is no block either, has its end. */
export function findUnclosedBlock(text: string): UnclosedBlock | undefined {
  if (!text.includes('# /// script')) return undefined
  const lines = linesOf(text)
  for (let at = 0; at < lines.length; at++) {
    if (lines[at]!.text !== '# /// script') continue
    let end = at + 1
    while (end < lines.length && /^#(?: |$)/.test(lines[end]!.text) && lines[end]!.text !== '# ///') end++
    if (lines[end]?.text !== '# ///') return { firstLine: at + 1, lastLine: end + 1 }
    at = end
  }
  return undefined
}

/** What a script needs. Throws `no-script-metadata` where it doesn't say, `invalid-script-metadata` and `invalid-toml`. */
export function parseScriptMetadata(text: string, options: { readonly file?: string } = {}): ScriptMetadata {
  const metadata = findScriptMetadata(text, options)
  if (metadata !== undefined) return metadata
  refuseUnclosed(text, options)
  throw new DenError('no-script-metadata', { file: options.file ?? 'the script' })
}

/** Throws `invalid-script-metadata` for a block that has no end: whoever wrote it meant it. */
export function refuseUnclosed(text: string, { file }: { readonly file?: string } = {}): void {
  const unclosed = findUnclosedBlock(text)
  if (unclosed === undefined) return
  const { firstLine, lastLine } = unclosed
  const { start, end } = linesOf(text)[firstLine - 1]!
  throw new DenError('invalid-script-metadata', {
    source: text,
    span: { start, end },
    reason: `the block has no end: # /// alone in a line, ${lastLine === firstLine + 1 ? 'after what it says' : `in line ${lastLine} at the latest`}`,
    ...(file === undefined ? {} : { file }),
    line: firstLine,
  })
}

/** The same; undefined where it doesn't say. */
export function findScriptMetadata(text: string, options: { readonly file?: string } = {}): ScriptMetadata | undefined {
  const { file } = options
  const [block, second] = findScriptBlocks(text).filter(({ type }) => type === 'script')
  if (block === undefined) return undefined
  if (second !== undefined) {
    const { start, end } = linesOf(text)[second.firstLine - 1]!
    throw new DenError('invalid-script-metadata', {
      source: text,
      span: { start, end },
      reason: `a script has one such block; the first stands in line ${block.firstLine}`,
      ...(file === undefined ? {} : { file }),
      line: second.firstLine,
    })
  }
  const document = parseTomlDocument(block.content, {
    firstLine: block.firstLine + 1,
    ...(file === undefined ? {} : { file }),
  })
  return metadataOf(document)
}

/** The script with its block replaced, or with one at its top: after `#!` and the line that names its encoding. */
export function replaceScriptMetadata(text: string, content: string): string {
  const ending = /\r\n|\n|\r/.exec(text)?.[0] ?? '\n'
  const inner = content.replace(/(?:\r\n|\n|\r)$/, '').split(/\r\n|\n|\r/)
  const block = ['# /// script', ...inner.map((line) => (line === '' ? '#' : `# ${line}`)), '# ///']
  const [existing] = findScriptBlocks(text).filter(({ type }) => type === 'script')
  const lines = linesOf(text)
  if (existing !== undefined) {
    const { start } = lines[existing.firstLine - 1]!
    const { end } = lines[existing.lastLine - 1]!
    return text.slice(0, start) + block.join(ending) + text.slice(end)
  }
  let before = 0
  if (lines[before]?.text.startsWith('#!') === true) before++
  if (before < 2 && /^[ \t\f]*#.*?coding[:=]/.test(lines[before]?.text ?? '')) before++
  const at = lines[before]?.start ?? text.length
  const head = text.slice(0, at)
  const rest = text.slice(at)
  // The empty line keeps comments that follow out of the block.
  const gap = rest === '' || /^[\r\n]/.test(rest) ? '' : ending
  const isParted = head === '' || /[\r\n\ufeff]$/.test(head)
  return `${head}${isParted ? '' : ending}${block.join(ending)}${ending}${gap}${rest}`
}

function metadataOf(document: TomlDocument): ScriptMetadata {
  const { dependencies, 'requires-python': requiresPython, tool } = document.table
  const fault = (path: TomlPath, reason: string, within?: Span): DenError =>
    new DenError('invalid-script-metadata', tomlFault(document, path, reason, within))
  const parsed = <Value>(path: TomlPath, parse: () => Value): Value =>
    reparse(parse, (reason, span) => fault(path, reason, span))
  if (dependencies !== undefined && !Array.isArray(dependencies)) {
    throw fault(['dependencies'], `dependencies are a list of strings, this is ${tomlTypeOf(dependencies)}`)
  }
  if (requiresPython !== undefined && typeof requiresPython !== 'string') {
    throw fault(['requires-python'], `a specifier is a string, this is ${tomlTypeOf(requiresPython)}`)
  }
  if (tool !== undefined && !isTomlTable(tool)) throw fault(['tool'], `tool is a table, this is ${tomlTypeOf(tool)}`)
  return {
    ...(requiresPython === undefined
      ? {}
      : { requiresPython: parsed(['requires-python'], () => parseSpecifiers(requiresPython)) }),
    dependencies: (dependencies ?? []).map((item, index) => {
      const path = ['dependencies', index]
      if (typeof item !== 'string') throw fault(path, `a requirement is a string, this is ${tomlTypeOf(item)}`)
      return parsed(path, () => parseRequirement(item))
    }),
    ...(tool === undefined ? {} : { tool }),
    document,
  }
}

/** A mark of the byte order is no part of the first line: Python takes it for the file's encoding, and elsewhere for a mistake. */
function linesOf(text: string): Line[] {
  const lines: Line[] = []
  let start = text.startsWith('\ufeff') ? 1 : 0
  for (const { index, 0: ending } of text.matchAll(/\r\n|\n|\r/g)) {
    lines.push({ text: text.slice(start, index), start, end: index })
    start = index + ending.length
  }
  lines.push({ text: text.slice(start), start, end: text.length })
  return lines
}
