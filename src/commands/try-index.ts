// The second half of `den try`: two environments with two versions of a real project, from the index, by `den pip install` as anybody
// would type it. Where the index cannot be had, that is said, and the first half stands by itself.

import type { EnvironmentPaths } from '../env/plan.ts'
import { formatPythonVersion, type Interpreter } from '../python/interpreter.ts'
import type { Core } from './core.ts'
import type { TryStep } from './try.ts'
import { tryEnvironment } from './try-environment.ts'

// Between these two the project stopped accepting whatever is no version; small, pure, and 21.3 needs one other project.
const project = 'packaging'
const versions = ['21.3', '22.0'] as const

export interface TryIndexRequest {
  /** Where versions.py stands; the environments come beside it. */
  readonly directory: string
  readonly interpreter: Interpreter
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The steps, or why there are none. Throws what `createEnvironment` throws. */
export async function tryIndex(core: Core, request: TryIndexRequest): Promise<readonly TryStep[] | string> {
  const { host } = core
  const { directory, interpreter, env } = request
  const { version } = interpreter
  const [program, ...words] = host.self ?? []
  if (program === undefined) return 'den is used as a library here'
  if (version.major < 3 || (version.major === 3 && version.minor < 7))
    return `${project} ${versions[1]} is for Python 3.7 and newer, this is ${formatPythonVersion(version)}`
  const steps: TryStep[] = []
  const made: EnvironmentPaths[] = []
  for (const wanted of versions) {
    const root = host.path.join(directory, '.venvs', `${project}-${wanted}`)
    const { plan } = await tryEnvironment(core, { root, interpreter })
    const started = performance.now()
    const requirement = `${project}==${wanted}`
    const install = ['pip', '--python', root, 'install', '--retries', '1', '--timeout', '15', requirement]
    const run = await host.spawn({
      command: program,
      args: [...words, ...install],
      cwd: directory,
      env,
      signal: core.signal,
    })
    if (run.code !== 0) return lastLine(run.stderr) ?? `den pip install ended with ${run.code}`
    made.push(plan.paths)
    steps.push({
      did: `put ${requirement} and what it needs into ${root}`,
      why: 'the index said what there is; files were verified by their hashes, unpacked into the store, and put in as one change',
      command: `den pip --python ${root} install ${requirement}`,
      output: text(run.stdout),
      milliseconds: performance.now() - started,
    })
  }
  const started = performance.now()
  let output = ''
  for (const { python } of made) {
    const run = await host.spawn({ command: python, args: ['versions.py'], cwd: directory, env, signal: core.signal })
    output += text(run.code === 0 ? run.stdout : run.stderr)
  }
  steps.push({
    did: 'ran versions.py in both: one program, two versions of one project',
    why: 'each environment has a site-packages of its own, so neither project gets in the way of the other',
    output,
    milliseconds: performance.now() - started,
  })
  return steps
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

/** What an error says first: its one sentence. */
function lastLine(bytes: Uint8Array): string | undefined {
  const lines = text(bytes).split('\n')
  const error = lines.find((line) => /^(?:error\[|ERROR)/.test(line)) ?? lines.find((line) => line.trim() !== '')
  return error?.replace(/^error\[[^\]]*\]: |^ERROR: /, '')
}
