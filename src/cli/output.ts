// Where a command's words go. stdout is data: what was asked for, or with --json one document. stderr is talk: what happened.

import { type Diagnosis, diagnose, isDenError } from '../base/error.ts'
import type { DenEvent, Report } from '../base/event.ts'
import { hideInJson } from '../base/safe-url.ts'
import type { Standard } from '../host/standard.ts'
import { renderDiagnosis } from './render/diagnosis.ts'
import { openProgress } from './render/progress.ts'
import { colorStyle, plainStyle, type Style, visible, wantsColor } from './render/style.ts'

/** Thrown when nobody reads stdout any more: the program ends without a word, as if by SIGPIPE. */
export const readerGone: unique symbol = Symbol('the reader of stdout has gone')

export interface OutputSettings {
  readonly json: boolean
  readonly quiet: number
  readonly verbose: number
  readonly color: string
  readonly progress: boolean
  readonly env: Readonly<Record<string, string | undefined>>
}

export interface Output {
  readonly json: boolean
  /** For text on stdout and on stderr. */
  readonly style: Style
  readonly talkStyle: Style
  readonly verbose: number
  readonly quiet: number
  /** Data for stdout, a newline added. */
  print(text: string): void
  /** A question on stdout: the cursor stays behind it. */
  prompt(text: string): void
  /** Talk for stderr, a newline added; silent with --quiet and with --json, when `text` isn't called. */
  talk(text: string | (() => string)): void
  warn(warning: Diagnosis): void
  /** The one JSON document, its schema first; what was warned of goes with it. */
  document(schema: string, result: object): void
  fail(error: unknown): void
  readonly report: Report
  /** Whether progress is drawn, on a terminal that somebody looks at. */
  drawsProgress(): boolean
  /** Takes a progress line away. */
  close(): void
  columns(): number
}

/** Opens the output of one invocation. */
export function openOutput(standard: Standard, settings: OutputSettings): Output {
  const { json, quiet, verbose, env } = settings
  const styleOf = (descriptor: 1 | 2): Style => {
    const isTerminal = settings.color === 'auto' && standard.isTerminal(descriptor)
    return wantsColor({ when: settings.color, env, isTerminal }) ? colorStyle : plainStyle
  }
  let outStyle: Style | undefined
  let errStyle: Style | undefined
  const style = (): Style => {
    outStyle ??= json ? plainStyle : styleOf(1)
    return outStyle
  }
  const talkStyle = (): Style => {
    errStyle ??= styleOf(2)
    return errStyle
  }
  const warnings: Diagnosis[] = []
  const told = new Set<string>()
  const drawsProgress = (): boolean =>
    settings.progress && !json && quiet === 0 && env['TERM'] !== 'dumb' && standard.isTerminal(2)
  const progress = openProgress({
    write: (text) => void standard.write(2, text),
    wanted: () => drawsProgress(),
    columns: () => standard.columns() ?? 80,
  })
  const out = (text: string): void => {
    progress.clear()
    if (!standard.write(1, text)) throw readerGone
  }
  const err = (text: string): void => {
    progress.clear()
    standard.write(2, text)
  }
  const print = (text: string): void => out(`${text}\n`)
  const talk = (text: string | (() => string)): void => {
    if (quiet === 0 && !json) err(`${typeof text === 'string' ? text : text()}\n`)
  }
  const warn = (warning: Diagnosis): void => {
    const key = `${warning.code} ${warning.what}`
    if (told.has(key)) return
    told.add(key)
    warnings.push(warning)
    if (quiet < 2 && !json) err(renderDiagnosis(warning, 'warning', talkStyle()))
  }
  return {
    json,
    get style() {
      return style()
    },
    get talkStyle() {
      return talkStyle()
    },
    verbose,
    quiet,
    print,
    prompt: out,
    talk,
    warn,
    document: (schema, result) => {
      const document = { schema, ...result, ...(warnings.length === 0 ? {} : { warnings }) }
      print(JSON.stringify(document, undefined, 2))
    },
    fail: (error) => {
      const diagnosis = diagnosisOf(error)
      const detail = isDenError(error) ? error.detail : undefined
      if (json) {
        const more = warnings.length === 0 ? {} : { warnings }
        print(JSON.stringify({ schema: 'den.error/1', ...diagnosis, detail, ...more }, hideInJson, 2))
        return
      }
      err(renderDiagnosis(diagnosis, 'error', talkStyle()))
      if (verbose > 1) err(`${talkStyle().dim(visible(stackOf(error)))}\n`)
    },
    report: (event) => {
      switch (event.kind) {
        case 'warning':
          warn(event.warning)
          return
        case 'note':
          talk(visible(`note: ${event.text}`))
          return
        default:
          if (verbose > 0 && !json) err(`${talkStyle().dim(visible(lineOf(event)))}\n`)
          else progress.show(event)
      }
    },
    drawsProgress,
    close: () => progress.clear(),
    columns: () => Math.max(30, Math.min(standard.columns() ?? 80, 100)),
  }
}

/** The words for any error; one that is not den's own kind is a fault of den. */
export function diagnosisOf(error: unknown): Diagnosis {
  if (isDenError(error)) return diagnose(error)
  const { name, message } = error instanceof Error ? error : { name: typeof error, message: String(error) }
  return {
    code: 'internal',
    what: `den met an error of its own: ${name}: ${message}`,
    why: 'this is a fault in den, not in what you did',
    fix: ['run it again with -vv and report what it prints'],
  }
}

function stackOf(error: unknown): string {
  const lines: string[] = []
  for (let each: unknown = error; each instanceof Error; each = each.cause) lines.push(each.stack ?? String(each))
  return lines.join('\ncaused by: ')
}

/** An event as one line of -v: its kind, then its fields. */
function lineOf(event: DenEvent): string {
  const { kind, ...fields } = event
  const parts = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  return `${kind} ${parts.join(' ')}`
}
