// den as a process: its signals, its exit code, and what is left of an argument whose bytes are no UTF-8.

import { DenError } from '../base/error.ts'
import type { RunSettings } from '../commands/run-program.ts'
import { defaultHost } from '../host/default-host.ts'
import { realDisk } from '../host/disk.ts'
import { realFiles } from '../host/files.ts'
import { noteQuestions } from '../host/noting.ts'
import { restoreVariables } from '../host/received.ts'
import { realStandard } from '../host/standard.ts'
import { dispatch, type World } from './dispatch.ts'
import { askedHere, wordsOf } from './recall.ts'

/** Runs the command of this process and ends it. */
export async function start(): Promise<void> {
  const signals = signalWatch()
  const argv = process.argv.slice(2)
  const env = restoreVariables(process.env)
  const world: World = {
    env,
    standard: realStandard,
    checkArguments: () => checkBytes(argv),
    host: () => defaultHost({ env, self: self() }),
    changeDirectory: (directory) => process.chdir(directory),
    watchSignals: signals.watch,
    lasts: async () => undefined,
  }
  const words = wordsOf(argv)
  const code = await (words === undefined ? dispatch(argv, world) : dispatchAndKeep(argv, words, world))
  process.exit(signals.exitCode(code))
}

/** As dispatch; where the command says that its answer lasts, the next process that asks the same is told it from memory. */
async function dispatchAndKeep(argv: readonly string[], words: readonly string[], world: World): Promise<number> {
  const started = Date.now()
  const asked = askedHere(words)
  const noting = noteQuestions(world.env, world.standard, argv[0] !== 'pip')
  let isLasting = false
  const keep = async (code: number, run?: RunSettings): Promise<void> => {
    if (asked === undefined) return
    const { keepAnswer } = await import('./keep.ts')
    const { platform } = process
    const { notes } = noting
    keepAnswer({ asked: { ...asked, env: world.env }, platform, disk: realDisk, notes, started, code, run })
  }
  const code = await dispatch(argv, {
    ...world,
    env: noting.env,
    standard: noting.standard,
    host: () => noting.host(world.host()),
    // What becomes another program does not come back.
    lasts: async (program) => {
      if (program === undefined) isLasting = true
      else await keep(0, program)
    },
  })
  if (isLasting && code <= 1) await keep(code)
  return code
}

/** The words that start this den again: the executable itself, or the runtime and its script. */
function self(): readonly string[] {
  const script = process.argv[1]
  const isCompiled = script === undefined || script.startsWith('/$bunfs/') || /^[A-Z]:[\\/]~BUN[\\/]/.test(script)
  return isCompiled ? [process.execPath] : [process.execPath, script]
}

interface SignalWatch {
  watch(): AbortSignal
  /** 128 + the signal's number where a signal ended the command; else the command's own code. */
  exitCode(code: number): number
}

/** The first signal stops the command in an orderly way; a second one of the same kind ends the process at once. */
function signalWatch(): SignalWatch {
  const controller = new AbortController()
  let received: number | undefined
  return {
    watch: () => {
      for (const [name, number] of [
        ['SIGINT', 2],
        ['SIGTERM', 15],
        ['SIGHUP', 1],
      ] as const) {
        process.once(name, () => {
          received ??= number
          controller.abort()
        })
      }
      return controller.signal
    },
    exitCode: (code) => (code === 130 && received !== undefined ? 128 + received : code),
  }
}

/**
 * The runtimes turn bytes that are no UTF-8 into U+FFFD. Where the system tells the bytes, they decide whether that character was
 * typed or is what is left of others. Throws `argument-not-utf8`.
 */
function checkBytes(argv: readonly string[]): void {
  if (!argv.join(' ').includes('\uFFFD')) return
  const position = argv.findIndex((argument) => argument.includes('\uFFFD'))
  const bytes = process.platform === 'linux' ? realFiles.readBytes('/proc/self/cmdline') : undefined
  if (bytes !== undefined && isUtf8(bytes)) return
  throw new DenError('argument-not-utf8', { argument: argv[position]!, position: position + 1 })
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}
