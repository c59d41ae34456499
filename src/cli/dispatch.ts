// argv → one command → an exit code. Knows no command by name but what `den`, `den --help` and `den COMMAND --help` mean.

import { DenError, exitCodeOf, isDenError } from '../base/error.ts'
import { denVersion } from '../base/version.ts'
import type { RunSettings } from '../commands/run-program.ts'
import { openSession, type Session } from '../commands/session.ts'
import type { Host } from '../host/host.ts'
import type { Standard } from '../host/standard.ts'
import type { Invocation } from './invocation.ts'
import { color, directory, everyCommand, json, noProgress, quiet, verbose, version } from './options/common.ts'
import type { Command, Option } from './options/option.ts'
import { type ParsedArguments, parseArguments } from './options/parse.ts'
import { closest, insteadOf } from './options/suggest.ts'
import { commandNames, commandsUnder, findCommand } from './options/table.ts'
import { resolveValues, type Values } from './options/values.ts'
import { type Output, openOutput, readerGone } from './output.ts'

/** The process as dispatch needs it; a test hands over its own. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly standard: Standard
  /** Throws where an argument's bytes were lost. */
  checkArguments(): void
  /** The host, as it is after `changeDirectory`. */
  host(): Host
  changeDirectory(directory: string): void
  /** From here on signals stop the command instead of the process. */
  watchSignals(): AbortSignal
  /** The command has said that its answer lasts (cli/recall.ts). */
  lasts(program?: RunSettings): Promise<void>
}

/** Runs one command line; never throws. Answers the exit code: 0 done, 1 failed, 2 usage, 130 interrupted, or the program's own. */
export async function dispatch(argv: readonly string[], world: World): Promise<number> {
  let output: Output | undefined
  try {
    world.checkArguments()
    let { before, rest } = splitGlobal(argv, 'den', [...everyCommand, version])
    if (before.given.has(version)) {
      if (!before.given.has(json)) {
        output = plainOutput(argv, world)
        output.print(`den ${denVersion}`)
        return 0
      }
      rest = ['version']
    }
    let found = findCommand(rest)
    if (found === undefined && rest.length > 1 && commandsUnder(rest[0]!).length > 0) {
      // den env -q list
      const inner = splitGlobal(rest.slice(1), `den ${rest[0]}`, everyCommand)
      before = merge(before, inner.before)
      rest = [rest[0]!, ...inner.rest]
      found = findCommand(rest)
    }
    if (found === undefined) {
      output = plainOutput(argv, world)
      return await withoutCommand(before, rest, output, world)
    }
    const { command, taken } = found
    const name = `den ${command.name}`
    const words = rest.slice(taken)
    const { grammar, options, passThrough } = command
    const own =
      grammar === 'pip'
        ? { given: new Map(), operands: words }
        : parseArguments({ argv: words, options, grammar, passThrough, command: name })
    const parsed = merge(before, own)
    const variables = { env: world.env, platform: process.platform as Host['platform'] }
    const values = resolveValues(parsed, withGlobals(command.options), variables, name)
    output = outputOf(values, command, world, grammar === 'pip' ? words : [])
    if (asksForHelp(parsed)) {
      if (output.json) return await helpDocument(command.name.split(' '), output, world)
      const { renderCommandHelp } = await import('./render/help.ts')
      output.print(renderCommandHelp(command, output.style, output.columns()))
      return 0
    }
    if (![...parsed.given.keys()].some(({ alone }) => alone)) checkOperands(command, parsed.operands)
    const target = values.get(directory)
    if (target !== undefined) enter(target, world)
    const { handle } = await command.load()
    const signal = command.handsOver ? undefined : world.watchSignals()
    return await handle(
      openInvocation({
        command,
        values,
        operands: parsed.operands,
        host: world.host(),
        output,
        signal,
        lasts: world.lasts,
      }),
    )
  } catch (error) {
    output ??= plainOutput(argv, world)
    return failed(error, output, world)
  } finally {
    output?.close()
  }
}

function failed(error: unknown, output: Output, world: World): number {
  if (error === readerGone) return 141
  try {
    output.fail(error)
  } catch (unwritten) {
    if (unwritten === readerGone) return 141
    // With --json the document of the error has nowhere to go where stdout itself has failed: then stderr tells.
    if (output.json) failed(error, openOutput(world.standard, { ...plainSettings, env: world.env }), world)
  }
  return isDenError(error) ? exitCodeOf(error) : 1
}

function openInvocation(parts: Omit<Invocation, 'session'>): Invocation {
  let session: Session | undefined
  return {
    ...parts,
    get session() {
      session ??= openSession({ host: parts.host, report: parts.output.report, signal: parts.signal })
      return session
    },
  }
}

/** What `den help WORDS --json` answers. */
async function helpDocument(words: readonly string[], output: Output, world: World): Promise<number> {
  const { command } = findCommand(['help'])!
  const { handle } = await command.load()
  const values: Values = { get: () => undefined, typed: () => false }
  const { lasts } = world
  return handle(
    openInvocation({ command, values, operands: words, host: world.host(), output, signal: undefined, lasts }),
  )
}

/** Options may also stand before the command: den -C elsewhere create. */
function splitGlobal(
  argv: readonly string[],
  command: string,
  options: readonly Option[],
): { readonly before: ParsedArguments; readonly rest: readonly string[] } {
  const { given, operands } = parseArguments({ argv, options, passThrough: true, command })
  return { before: { given, operands: [] }, rest: operands }
}

/** What stands after the command wins over what stands before it; counts add up. */
function merge(before: ParsedArguments, after: ParsedArguments): ParsedArguments {
  if (before.given.size === 0) return { given: after.given, operands: after.operands }
  const given = new Map(before.given)
  for (const [option, value] of after.given) {
    const earlier = given.get(option)
    given.set(option, typeof value === 'number' && typeof earlier === 'number' ? value + earlier : value)
  }
  return { given, operands: after.operands }
}

/** A peer's command has only the peer's options after its name; den's own still may stand before it. */
function withGlobals(options: readonly Option[]): readonly Option[] {
  return [...options, ...everyCommand.filter((option) => !options.includes(option))]
}

function asksForHelp(parsed: ParsedArguments): boolean {
  for (const option of parsed.given.keys()) if (option.name === 'help') return true
  return false
}

async function withoutCommand(
  before: ParsedArguments,
  words: readonly string[],
  plain: Output,
  world: World,
): Promise<number> {
  const [word] = words
  const under = word === undefined ? [] : commandsUnder(word)
  if (word === undefined || (under.length > 0 && words.length === 1)) {
    if (plain.json) await helpDocument(words, plain, world)
    else {
      const { renderGroupHelp, renderHelp } = await import('./render/help.ts')
      const text =
        word === undefined
          ? renderHelp(plain.style, plain.columns())
          : renderGroupHelp(word, under, plain.style, plain.columns())
      plain.print(text)
    }
    // Without a word nothing was asked for: the help is the answer, and the exit code says that nothing was done.
    return asksForHelp(before) ? 0 : 2
  }
  if (under.length > 0) {
    const second = words[1]!
    throw new DenError('unknown-command', {
      name: `${word} ${second}`,
      suggestions: closest(
        second,
        under.flatMap(({ name, aliases }) => [name, ...(aliases ?? [])]).map((name) => name.slice(word.length + 1)),
      ).map((name) => `${word} ${name}`),
      known: under.map(({ name }) => name),
    })
  }
  const instead = insteadOf(word)
  // A word that another tool has was most likely no slip of the fingers.
  const suggestions = instead.length > 0 ? [] : closest(word, commandNames())
  throw new DenError('unknown-command', { name: word, suggestions, ...(instead.length > 0 ? { instead } : {}) })
}

/** Throws `missing-operand`, `extra-operand`. */
function checkOperands(command: Command, operands: readonly string[]): void {
  const name = `den ${command.name}`
  let required = 0
  let most = command.operands.length
  for (const operand of command.operands) {
    if (operand.many) most = Number.POSITIVE_INFINITY
    if (!operand.required) continue
    if (required === operands.length) {
      throw new DenError('missing-operand', { operand: operand.name, command: name, says: operand.help })
    }
    required += 1
  }
  const extra = operands[most]
  if (extra !== undefined) throw new DenError('extra-operand', { operand: extra, command: name, most })
}

function enter(target: string, world: World): void {
  try {
    world.changeDirectory(target)
  } catch (error) {
    const errno = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw new DenError('io-failed', { operation: 'enter the directory', path: target, errno }, { cause: error })
  }
}

function outputOf(values: Values, command: Command, world: World, words: readonly string[]): Output {
  // A peer's grammar may have options of the same name; what they mean is the same.
  const named = (option: Option): Option =>
    command.options.find(({ name, kind }) => name === option.name && kind === option.kind) ?? option
  const count = (option: Option<number>): number =>
    (values.get(named(option)) as number | undefined) ?? values.get(option) ?? 0
  const wishes = outputWishes(words, world.env)
  return openOutput(world.standard, {
    json: values.get(named(json)) === true || values.get(json) === true || wishes.json,
    quiet: count(quiet),
    verbose: count(verbose) + wishes.verbose,
    color: wishes.plain ? 'never' : (values.get(color) ?? 'auto'),
    progress: values.get(noProgress) !== true && !wishes.silent,
    env: world.env,
  })
}

/** What pip's own words say about the output, which is opened before they are read; wrong ones are refused later. */
function outputWishes(
  words: readonly string[],
  env: World['env'],
): { readonly plain: boolean; readonly silent: boolean; readonly verbose: number; readonly json: boolean } {
  if (words.length === 0) return { plain: false, silent: false, verbose: 0, json: false }
  const end = words.indexOf('--')
  const letters = words.filter((word) => /^-[vq]+$/.test(word)).join('')
  const count = (letter: string, name: string): number =>
    letters.split(letter).length - 1 + words.filter((word) => word === name).length
  const [more, less] = [count('v', '--verbose'), count('q', '--quiet')]
  const bar = words[words.indexOf('--progress-bar') + 1]
  return {
    plain: words.includes('--no-color') || /^(?:1|y|yes|t|true|on)$/i.test(env['PIP_NO_COLOR'] ?? ''),
    silent: less > 0 || words.includes('--progress-bar=off') || (words.includes('--progress-bar') && bar === 'off'),
    // Whoever hunts an error wants to see where it arose.
    verbose: words.includes('--debug') ? 2 : Math.max(0, more - less),
    // `pip index versions --json` is pip's own.
    json: words.slice(0, end === -1 ? undefined : end).includes('--json') && !words.includes('index'),
  }
}

/** Before the options are read: how to show what is wrong with them. `--json` counts wherever it can only be den's. */
function plainOutput(argv: readonly string[], world: World): Output {
  const end = argv.findIndex((argument) => argument === '--' || argument === 'run')
  const considered = end === -1 ? argv : argv.slice(0, end)
  const colored = considered.findLast((argument) => argument.startsWith('--color='))?.slice('--color='.length)
  return openOutput(world.standard, {
    ...plainSettings,
    json: considered.includes('--json'),
    color: colored === 'always' || colored === 'never' ? colored : 'auto',
    env: world.env,
  })
}

const plainSettings = { json: false, quiet: 0, verbose: 0, color: 'auto', progress: false } as const
