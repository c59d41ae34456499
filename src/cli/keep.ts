// Writes an answer into memory for cli/recall.ts, with what it rests on: what the command asked of the disk, asked once more now that the
// answer is there. Loaded only when there is such an answer.

import { hideCredentials } from '../base/safe-url.ts'
import type { RunSettings } from '../commands/run-program.ts'
import { isLookMark, lookInterval } from '../engine/look-mark.ts'
import type { Disk } from '../host/disk.ts'
import { type Look, type Question, tell } from '../host/facts.ts'
import type { Notes } from '../host/noting.ts'
import { type Answer, type Asked, memoryFile, sealAnswer } from './recall.ts'

/** Clocks of file systems are coarse, some to two seconds: what changed so lately could change again and show the same time. */
const fresh = 2000

/** What changed so shortly before den began to look may have changed after it, by a coarse clock. */
const meanwhile = 20

/** So many letters of names are listed again rather than looked at: directories such as the journal's change often, and stay the same. */
const few = 200

/** More bytes are not read again quickly. */
const mostText = 256 * 1024

export interface Kept {
  readonly asked: Asked
  readonly platform: string
  readonly disk: Pick<Disk, 'makeDirectories' | 'writeAtomic'>
  readonly notes: Notes
  /** Milliseconds since 1970, before anything was looked at. */
  readonly started: number
  readonly code: number
  readonly run?: RunSettings | undefined
}

/** Keeps the answer, if it can be told later whether it still holds. A memory that can't be written forgets; that is no error. */
export function keepAnswer({ asked, platform, disk, notes, started, code, run }: Kept): void {
  const file = memoryFile(asked, platform)
  if (file === undefined || notes.spoiled() !== undefined) return
  const cache = file.slice(0, file.indexOf('/recall-v1/') + 1)
  const found = factsOf(notes, { cache, started, self: asked.self })
  const variables = [...notes.variables].sort()
  if (found === undefined || variables.some((name) => /\s/.test(name))) return
  const [text, said] = [notes.printed(), notes.said()]
  // Passwords are where they were put, and nowhere else: not what den pip freeze -r gives back of a file.
  if ([text, said].some((one) => hideCredentials(one) !== one)) return
  const answer: Answer = {
    code,
    text,
    ...(said === '' ? {} : { said }),
    ...(run === undefined ? {} : { run }),
    ...found,
  }
  try {
    disk.makeDirectories(file.slice(0, file.lastIndexOf('/')))
    disk.writeAtomic(file, sealAnswer(asked, variables, answer))
  } catch {}
}

interface Circumstances {
  readonly cache: string
  readonly started: number
  readonly self: readonly string[]
}

/** What the answer rests on; undefined where that was changing meanwhile, or is too much. */
function factsOf({ asked }: Notes, { cache, started, self }: Circumstances): Pick<Answer, 'due' | 'facts'> | undefined {
  // Another build of den may say it otherwise.
  const facts: (string | Look)[] = self.flatMap((word) => ['looked', word, tell('looked', word)])
  let due: number | null = null
  let oldest: Answer['facts'] = []
  let room = mostText
  for (const [path, questions] of asked) {
    // The cache may go at any time, and makes no difference to what is said; but for environments, in which programs run.
    if (path.startsWith(cache) && !path.startsWith(`${cache}environments-v1/`)) continue
    if (isLookMark(path)) {
      const seen = tell('link', path)
      if (typeof seen === 'string') return undefined
      const until = modifiedIn(seen) + lookInterval
      if (due === null || until < due) {
        due = until
        oldest = ['link', path, seen]
      }
      continue
    }
    for (const question of questions) {
      // Whatever changes what stands there changes what `read` is told.
      if (question === 'looked' && questions.has('read')) continue
      const seen = tell(question, path)
      if (seen === '' && isImplied(path, asked)) continue
      const changed = typeof seen === 'string' ? 0 : question === 'read' ? seen[6]! : modifiedIn(seen)
      if (changed > started - meanwhile) return undefined
      const isFresh = question === 'read' && changed >= started - fresh
      const names = question === 'read' && isDirectory(seen) ? String(tell('names', path)) : undefined
      if (!isFresh && (names === undefined || names.length > few)) {
        facts.push(question, path, seen)
        continue
      }
      const whole: Question = names === undefined ? 'text' : 'names'
      room -= names?.length ?? sizeIn(seen)
      if (room < 0) return undefined
      facts.push(whole, path, names ?? tell('text', path))
    }
  }
  return { due, facts: [...facts, ...oldest] }
}

/** Whether the fact of some directory above says that nothing stands here: whatever came to stand here would change it. */
function isImplied(path: string, asked: Notes['asked']): boolean {
  let below = path
  while (tell('link', below) === '') {
    const above = below.slice(0, below.lastIndexOf('/'))
    if (above === '' || !above.startsWith('/')) return false
    const questions = asked.get(above)
    if (questions?.has('read') === true || (questions !== undefined && tell('link', above) === '')) return true
    below = above
  }
  return false
}

function modifiedIn(look: Look): number {
  return look[2]!
}

function sizeIn(seen: Look | string): number {
  return typeof seen === 'string' ? 0 : seen[1]!
}

function isDirectory(seen: Look | string): boolean {
  return typeof seen !== 'string' && (seen[0]! & 0o170000) === 0o040000
}
