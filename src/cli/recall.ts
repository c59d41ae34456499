// Answers given before: a command that says the same for as long as all that it has read is as it was (list, show, an install with
// nothing to do) is not worked out again. What it read was noted (host/noting.ts) and is asked again here, a call of the system each;
// any doubt is a miss, and costs the ordinary way. Loaded before anything else of den, so it imports little.

import { denVersion } from '../base/version.ts'
import type { RunSettings } from '../commands/run-program.ts'
import { isSame, type Look, type Question, readIfThere, tell, writeAll } from '../host/facts.ts'
import { sha256Hex } from '../host/hash.ts'

type Variables = Readonly<Record<string, string | undefined>>

/** Who asks, and for what. */
export interface Asked {
  /** What stands behind `den pip`; of den's own verbs all of it, behind "den". */
  readonly words: readonly string[]
  readonly env: Variables
  readonly cwd: string
  readonly uid: number | undefined
  /** The words that start this den. */
  readonly self: readonly string[]
}

/** An answer and what it rests on; a fact is three entries: question, path, answer. */
export interface Answer {
  readonly code: number
  readonly text: string
  /** What is said on standard error. */
  readonly said?: string
  /** Of `den run`: the environment that it runs programs in. */
  readonly run?: RunSettings
  /** Milliseconds since 1970: from then on something is to be looked at that no fact tells of. */
  readonly due: number | null
  readonly facts: readonly (string | Look)[]
}

/** Those of pip's whose answers may last. */
const commands: ReadonlySet<string> = new Set(['install', 'list', 'freeze', 'show', 'check'])

/** den's own that do nothing where there is nothing to do. */
const own: ReadonlySet<string> = new Set(['sync', 'lock', 'run'])

/** The words by which a command line is remembered; undefined for those that never are. */
export function wordsOf(argv: readonly string[]): readonly string[] | undefined {
  const [first, ...rest] = argv
  if (argv.some((word) => word.includes('\uFFFD'))) return undefined
  if (first === 'pip') return mayLast(rest) ? rest : undefined
  if (first === 'run') return splitRun(rest)?.key
  return first !== undefined && own.has(first) ? ['den', ...argv] : undefined
}

/** The options of den run that a value follows, and those that stand alone. A test holds them against the table. */
export const runValues: ReadonlySet<string> = new Set([
  ...['-n', '--name', '-e', '--env', '-p', '--python', '-w', '--with', '--with-editable', '--with-requirements'],
  ...['--extra', '--no-extra', '--group', '--no-group', '--only-group', '--env-file', '--link-mode'],
])
export const runFlags: ReadonlySet<string> = new Set([
  ...['-q', '--quiet', '-m', '--module', '--exact', '--no-sync', '--no-project', '--isolated', '--active'],
  ...['--all-extras', '--all-groups', '--no-default-groups', '--dev', '--no-dev', '--only-dev', '--locked', '--frozen'],
  ...['--no-editable', '--no-install-project', '--no-env-file', '--offline', '--no-progress'],
])

export interface RunWords {
  /** What is remembered: den's own options, and a Python file, which may say what it needs. */
  readonly key: readonly string[]
  readonly command: readonly string[]
  readonly module: boolean
}

/** den's own options apart from the program that is run; undefined where that takes the whole table. */
export function splitRun(words: readonly string[]): RunWords | undefined {
  let at = 0
  for (; at < words.length; at += 1) {
    const word = words[at]!
    if (runValues.has(word)) at += 1
    else if (!runFlags.has(word) && !(word.startsWith('--') && word.includes('='))) break
  }
  const options = words.slice(0, at)
  const end = words[at] === '--' ? at + 1 : at
  const command = words.slice(end)
  const [program] = command
  if (program === undefined || (end === at && program.startsWith('-')) || program === '-' || /^https?:/i.test(program))
    return undefined
  const module = options.includes('-m') || options.includes('--module')
  const script = !module && /\.pyw?$/.test(program) ? program : ''
  return { key: ['den', 'run', ...options, '--', script], command, module }
}

/** Whether it may be one of the commands whose answers last. */
export function mayLast(words: readonly string[]): boolean {
  return words.some((word) => commands.has(word)) && !words.some((word) => word.includes('\uFFFD'))
}

/**
 * The file for this question; undefined where the cache isn't where three variables plainly say (config/places.ts knows the other
 * cases). There are a thousand at most: who asks something else with the same number takes the place over.
 */
export function memoryFile({ words, env, cwd }: Asked, platform: string): string | undefined {
  const home = env['HOME']
  if (platform === 'win32' || home === undefined || !isPlain(home)) return undefined
  const given = env['DEN_CACHE_DIR'] || undefined
  const xdg = env['XDG_CACHE_HOME'] || undefined
  const fallback = platform === 'darwin' ? `${home}/Library/Caches/den` : `${home}/.cache/den`
  const cache = given ?? (xdg === undefined ? fallback : `${xdg}/den`)
  if (!isPlain(cache)) return undefined
  let number = 0x811c9dc5
  const text = `${cwd}\n${words.join('\n')}`
  for (let at = 0; at < text.length; at += 1) number = Math.imul(number ^ text.charCodeAt(at), 0x01000193)
  return `${cache}/recall-v1/${(number >>> 22).toString(36)}`
}

/** Absolute, and the same however it is joined or resolved. */
function isPlain(path: string): boolean {
  return path.startsWith('/') && !['//', '/./', '/../'].some((part) => `${path}/`.includes(part))
}

/** The memory of an answer: a seal over who asked, and over every byte of it. */
export function sealAnswer(asked: Asked, variables: readonly string[], answer: Answer): string {
  const content = `${variables.join(' ')}\n${JSON.stringify(answer)}`
  return `${sealOf(asked, variables, content)}\n${content}`
}

/** The answer that the memory holds for this question, if all is as it was. */
export function openAnswer(asked: Asked, sealed: string, now: number): Answer | undefined {
  const first = sealed.indexOf('\n')
  const content = sealed.slice(first + 1)
  const second = content.indexOf('\n')
  const variables = second === 0 ? [] : content.slice(0, second).split(' ')
  if (first === -1 || second === -1 || sealOf(asked, variables, content) !== sealed.slice(0, first)) return undefined
  const answer = JSON.parse(content.slice(second + 1)) as Answer
  if (answer.due !== null && now >= answer.due) return undefined
  const { facts } = answer
  for (let at = 0; at < facts.length; at += 3)
    if (!isSame(tell(facts[at] as Question, facts[at + 1] as string), facts[at + 2]!)) return undefined
  return answer
}

/** Words and variables may hold passwords: only a hash of them is written down. */
function sealOf({ words, env, cwd, uid, self }: Asked, variables: readonly string[], content: string): string {
  const values = variables.map((name) => env[name] ?? null)
  // These are not asked for by name: whichever are set count.
  const pips = Object.keys(env)
    .filter((name) => name.startsWith('PIP_'))
    .sort()
    .map((name) => [name, env[name]])
  return sha256Hex(`${JSON.stringify([denVersion, self, words, cwd, uid, values, pips])}\n${content}`)
}

/** Answers this process's question from memory; undefined where nothing is known, or not any more. Else the exit code. */
export function recall(asked: Asked): number | undefined {
  const answer = recallAnswer(asked)
  if (answer === undefined || answer.run !== undefined) return undefined
  const outcome = answer.text === '' ? 'written' : writeAll(1, answer.text)
  if (outcome === 'gone') return 141
  // What keeps it from being written is told by whoever has the words for it.
  if (outcome !== 'written') return undefined
  if (answer.said !== undefined) writeAll(2, answer.said)
  return answer.code
}

export function recallAnswer(asked: Asked): Answer | undefined {
  const file = memoryFile(asked, process.platform)
  const sealed = file === undefined ? undefined : readIfThere(file)
  return sealed === undefined ? undefined : openAnswer(asked, sealed, Date.now())
}

/** Who asks, here; undefined for a den run from its sources, which change from one moment to the next. */
export function askedHere(words: readonly string[]): Asked | undefined {
  if (denVersion.endsWith('+source')) return undefined
  try {
    const script = process.argv[1]
    const self = script === undefined ? [process.execPath] : [process.execPath, script]
    return { words, env: process.env, cwd: process.cwd(), uid: process.getuid?.(), self }
  } catch {
    // The working directory is gone.
    return undefined
  }
}
