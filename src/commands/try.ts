// `den try`: the whole of den on a small example. An environment is made, wheels are put in, a program runs, and what happened is
// told step by step. The example comes along in the program, so that it works with no index in reach and from any directory; where
// the index answers, a real project follows (try-index.ts).

import { DenError } from '../base/error.ts'
import { installTree } from '../install/install.ts'
import { openLinker } from '../install/linker.ts'
import { findPython } from '../python/find.ts'
import { formatPythonVersion } from '../python/interpreter.ts'
import { parsePythonRequest } from '../spec/python-request.ts'
import { openStore } from '../store/store.ts'
import type { Core } from './core.ts'
import { tryEnvironment } from './try-environment.ts'

export interface TryRequest {
  /** The project's directory; the clone's examples/hello where den runs from a clone, else one in the cache. */
  readonly directory?: string
  /** Which Python; any unless said. */
  readonly python?: string
}

export interface TryStep {
  /** What was done, as a sentence of the past. */
  readonly did: string
  /** Why it went this way. */
  readonly why: string
  /** The command that does this step by itself. */
  readonly command?: string
  /** What it printed. */
  readonly output?: string
  readonly milliseconds: number
}

export interface TryResult {
  /** The project's directory. */
  readonly directory: string
  readonly root: string
  readonly python: string
  readonly steps: readonly TryStep[]
  /** What the program printed. */
  readonly output: string
  /** The same with two versions of a real project; absent where the index could not be had. */
  readonly index?: readonly TryStep[]
  /** Why `index` is absent. */
  readonly withoutIndex?: string
}

// What examples/hello/pyproject.toml asks for, and what that needs.
const needed = ['den_example_greeting-2.0', 'den_example_frame-1.0'] as const

/**
 * Makes the example's environment anew, fills it, runs its program. Throws what `createEnvironment` and `findPython` throw, and
 * `example-failed` with what the program said.
 */
export async function tryExample(core: Core, request: TryRequest = {}): Promise<TryResult> {
  const { host, places } = core
  const { path } = host
  const { exampleFiles } = await import('./example.generated.ts')
  const directory = request.directory === undefined ? exampleDirectory(core) : path.resolve(host.cwd, request.directory)
  const root = path.join(directory, '.venv')
  writeExample(core, directory, exampleFiles)

  const steps: TryStep[] = []
  const timed = async <Value>(
    work: () => Value | Promise<Value>,
    tell: (value: Value) => Omit<TryStep, 'milliseconds'>,
  ): Promise<Value> => {
    const started = performance.now()
    const value = await work()
    steps.push({ ...tell(value), milliseconds: performance.now() - started })
    return value
  }

  const chosen = await timed(
    () => findPython(core, parsePythonRequest(request.python ?? '')),
    (found) => ({
      did: `chose Python ${formatPythonVersion(found.interpreter.version)}, ${found.interpreter.executable}`,
      why: `${found.because}; its facts were ${found.interpreter.source === 'files' ? 'read from files, so it was not started' : 'asked of it, since no file tells them'}`,
      command: 'den python find',
    }),
  )
  const { interpreter } = chosen

  const store = openStore(core, places.store)
  const linker = openLinker(core, 'auto')
  let linked = { files: 0, milliseconds: 0, names: [] as string[] }
  const created = await timed(
    () =>
      tryEnvironment(core, {
        root,
        interpreter,
        fill: async ({ staged, paths }) => {
          const started = performance.now()
          for (const stem of needed) {
            const filename = Object.keys(exampleFiles).find((name) => name.startsWith(`${stem}-`))!
            const read = (): Uint8Array => Buffer.from(exampleFiles[filename]!, 'base64')
            const unpacked = path.join(staged, `.unpacked-${stem}`)
            const tree = await store.ensure({ filename, read }, unpacked)
            const installed = await installTree(core, {
              tree,
              paths,
              staged,
              interpreter,
              linker,
              requested: stem === needed[0],
            })
            if (tree.private) host.disk.removeTree(unpacked)
            linked.files += installed.rows
            linked.names.push(stem.replace('-', ' ').replaceAll('_', '-'))
          }
          linked = { ...linked, milliseconds: performance.now() - started }
        },
      }),
    ({ entries }) => ({
      did: `made the environment ${root}: ${entries} directories, links and files`,
      why: 'it was written beside its place and renamed into it, so nobody ever meets half of it',
      command: `den create ${root}`,
    }),
  )
  const made = steps.pop()!
  steps.push({ ...made, milliseconds: made.milliseconds - linked.milliseconds })
  steps.push({
    did: `put ${linked.names.join(' and ')} in: ${linked.files} files, by ${linkWords[linker.mode()]}`,
    why: 'wheels are unpacked and verified once, into the store; environments get the files from there',
    milliseconds: linked.milliseconds,
  })
  const { paths } = created.plan
  const ran = await timed(
    () =>
      host.spawn({
        command: paths.python,
        args: ['hello.py'],
        cwd: directory,
        env: programEnvironment(core),
        signal: core.signal,
      }),
    () => ({
      did: `ran hello.py with ${paths.python}`,
      why: 'a Python inside an environment knows where it stands: pyvenv.cfg beside it says so, no activation needed',
      command: `den run --no-sync python hello.py`,
    }),
  )
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
  if (ran.code !== 0)
    throw new DenError('example-failed', { python: paths.python, said: text(ran.stderr) || text(ran.stdout) })
  const { tryIndex } = await import('./try-index.ts')
  const index = await tryIndex(core, { directory, interpreter, env: programEnvironment(core) })
  return {
    directory,
    root,
    python: paths.python,
    steps,
    output: text(ran.stdout),
    ...(typeof index === 'string' ? { withoutIndex: index } : { index }),
  }
}

const linkWords = { clone: 'reflinks', hardlink: 'hard links', copy: 'copies' } as const

/** The clone's own example where den runs from a clone; else a directory of den's. */
function exampleDirectory({ host, places }: Core): string {
  const { path, self } = host
  for (const word of self ?? []) {
    for (let directory = path.dirname(word), depth = 0; depth < 4; directory = path.dirname(directory), depth += 1) {
      const example = path.join(directory, 'examples', 'hello')
      if (
        host.files.stat(path.join(example, 'hello.py')) !== undefined &&
        host.files.stat(path.join(directory, 'den')) !== undefined
      ) {
        return example
      }
    }
  }
  return path.join(places.cache, 'try', 'hello')
}

/** The project's own files, where they are not there yet. */
function writeExample({ host }: Core, directory: string, files: Readonly<Record<string, string>>): void {
  const { path, disk } = host
  disk.makeDirectories(directory)
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(directory, name)
    if (name.endsWith('.whl') || host.files.stat(file) !== undefined) continue
    disk.writeAtomic(file, Buffer.from(content, 'base64'))
  }
}

/** The user's own Python settings would change what the example shows. */
function programEnvironment({ host }: Core): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(host.env).filter(([name]) => !/^(PYTHON|__PYVENV_LAUNCHER__|VIRTUAL_ENV)/.test(name)),
  )
}
