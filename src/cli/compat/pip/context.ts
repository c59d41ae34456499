// What each of pip's commands is given, and how it speaks: pip's levels of -q and -v, answers on stdout, warnings on stderr.

import type { Report } from '../../../base/event.ts'
import type { Core } from '../../../commands/core.ts'
import type { EnvironmentWish } from '../../../commands/install-request.ts'
import type { PipConfig, ReadPipConfigOptions } from '../../../config/pip-config.ts'
import type { Host } from '../../../host/host.ts'
import type { Output } from '../../output.ts'
import { visible } from '../../render/style.ts'
import { formatSize } from './format-size.ts'
import { environmentWish, type PipInvocation } from './install-request.ts'
import type { PipOptions } from './options.ts'

export interface PipContext extends PipInvocation {
  readonly core: Core
  readonly host: Host
  readonly output: Output
  readonly options: PipOptions
  /** How the program is called: "den pip". */
  readonly program: string
  /** What stands behind it, as typed. */
  readonly argv: readonly string[]
  /** -v less -q. */
  readonly verbosity: number
  readonly environment: EnvironmentWish
  /** pip's configuration files and variables. */
  readonly config: (options?: ReadPipConfigOptions) => PipConfig
  /** Answers go to stdout as JSON: what happens an object a line, the result last. */
  readonly json: boolean
  /** The result as data, where JSON is wanted; otherwise nothing happens. */
  answer(result: object): void
  /** What stands on stdout as it is, whatever is wanted. */
  raw(text: string): void
  /** An answer on stdout; -q leaves it out. */
  say(text: string): void
  /** An answer on stdout that -q does not touch. */
  print(text: string): void
  /** Says that this answer stays the same for as long as what was read is as it was. */
  lasts(): void
  /** "WARNING: …" on stderr; -qq leaves it out. */
  warn(text: string): void
  /** "ERROR: …" on stderr; -qqq leaves it out. */
  error(text: string): void
}

/** Carries out one command; answers the exit code. */
export type PipHandler = (context: PipContext) => Promise<number>

export interface ContextParts extends PipInvocation {
  readonly core: Core
  readonly output: Output
  readonly program: string
  readonly argv: readonly string[]
  readonly config: PipContext['config']
  readonly lasts: () => void
}

/** A context, and what is to be done when the command has ended. */
export interface OpenContext {
  readonly context: PipContext
  /** With JSON, says what a command has said in words, if it gave no answer of its own. */
  finish(): void
}

/** Commands that take their time: with JSON they tell what happens while they work, an object a line. */
export const workingCommands: ReadonlySet<string> = new Set([
  'install',
  'uninstall',
  'download',
  'wheel',
  'lock',
  'compile',
  'sync',
  'upgrade',
  'autoremove',
])

/** Says all the lines, written at once. */
export function sayLines({ say }: Pick<PipContext, 'say'>, lines: readonly string[]): void {
  if (lines.length > 0) say(lines.join('\n'))
}

export function pipContext(parts: ContextParts): OpenContext {
  const { options, output, command } = parts
  const { json } = output
  const works = workingCommands.has(command)
  const verbosity = options.debug_mode ? 2 : options.verbose - options.quiet
  const { host } = parts.core
  const log = options.log === undefined ? undefined : host.path.resolve(host.cwd, options.log)
  const record = (text: string): void => {
    if (log === undefined) return
    const time = new Date(host.now()).toISOString().replace('Z', '').replace('.', ',')
    host.disk.makeDirectories(host.path.dirname(log))
    host.disk.append(
      log,
      text
        .split('\n')
        .map((line) => `${time} ${line}\n`)
        .join(''),
    )
  }
  const line = (schema: string, value: object): void => output.print(JSON.stringify({ schema, ...value }))
  const said: string[] = []
  let answered = false
  const onStdout = (text: string): void => {
    record(text)
    if (json) said.push(...text.split('\n'))
    else output.print(text)
  }
  const onStderr = (level: number, text: string): void => {
    record(text)
    if (json && works) line('den.event/1', { kind: 'note', text })
    else if (verbosity >= level && !json) output.talk(visible(text))
  }
  const schema = `den.pip.${command}/1`
  const say = (text: string): void => {
    if (verbosity >= 0 || json) onStdout(text)
    else record(text)
  }
  const report: Report =
    json && works ? (event) => line('den.event/1', event) : tellingReport(parts, { say, verbosity })
  const context: PipContext = {
    ...parts,
    core: { ...parts.core, report },
    host,
    verbosity,
    environment: environmentWish(parts),
    json,
    answer: (result) => {
      if (!json) return
      answered = true
      if (works) line(schema, result)
      else output.document(schema, result)
    },
    raw: (text) => {
      answered = true
      output.print(text)
    },
    say,
    print: onStdout,
    lasts: () => {
      // A log is written each time.
      if (log === undefined) parts.lasts()
    },
    warn: (text) => onStderr(-1, `WARNING: ${text}`),
    error: (text) => onStderr(-2, `ERROR: ${text}`),
  }
  const finish = (): void => {
    if (!json || answered) return
    if (works) line(schema, { lines: said })
    else output.document(schema, { lines: said })
  }
  return { context, finish }
}

/** What happens, in lines where no bar is drawn: pip's words for it. */
function tellingReport(
  { core, output, options, command }: ContextParts,
  { say, verbosity }: { readonly say: (text: string) => void; readonly verbosity: number },
): Report {
  const onStdout = command === 'compile' || options.json_report_file === '-' || options.output_file === '-'
  if (verbosity !== 0 || !workingCommands.has(command) || onStdout) return core.report
  const raw = options.progress_bar === 'raw'
  if (output.drawsProgress() && !raw) return core.report
  let last = 0
  return (event) => {
    switch (event.kind) {
      case 'resolve.done':
        for (const { name, version, by } of event.chosen)
          say(`Collecting ${name}==${version}${by.length === 0 ? '' : ` (from ${by.join(', ')})`}`)
        return
      case 'fetch.started': {
        const file = fileOf(event.url)
        if (file !== undefined)
          say(`  Downloading ${file}${event.bytes === undefined ? '' : ` (${formatSize(event.bytes)})`}`)
        break
      }
      case 'fetch.progress':
        if (raw && event.bytes !== undefined && event.received < event.bytes && core.host.now() - last > 250) {
          last = core.host.now()
          say(`Progress ${event.received} of ${event.bytes}`)
        }
        return
      case 'fetch.done':
        if (raw && fileOf(event.url) !== undefined) say(`Progress ${event.bytes} of ${event.bytes}`)
        break
      case 'build.started':
        if (event.what !== 'metadata') say(`Building ${event.what} for ${event.distribution}`)
        break
      case 'build.output':
        return
    }
    core.report(event)
  }
}

/** The name of a wheel or source distribution; pages and metadata are not worth a line. */
function fileOf(address: string): string | undefined {
  const name =
    address
      .replace(/[?#].*$/, '')
      .split('/')
      .at(-1) ?? ''
  return /\.(?:whl|zip|tar\.\w+|tgz|tbz)$/i.test(name) ? name : undefined
}
