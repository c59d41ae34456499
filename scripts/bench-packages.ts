// The second half of `npm run bench`: putting packages in, den beside uv and pip, all from one recorded index on loopback whose answers are
// delayed by 20 ms to stand for a network (tests/kit/recording-proxy.ts). The sets are pinned (benchmarks/sets, made once by `uv pip
// compile`), so that all of them install the same files. Besides times the tables tell what does not flicker: requests, files, bytes,
// processor time, peak memory.

import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { type RecordingProxy, spawnRecordingProxy } from '../tests/kit/recording-proxy.ts'
import { basePython, cleanEnvironment, den, median, milliseconds, peer } from './bench-kit.ts'
import { benchMany } from './bench-many.ts'
import { openStopwatch, type Stopwatch, type Timing } from './bench-stopwatch.ts'
import { root } from './toolchain.ts'

type Tool = 'den' | 'uv' | 'pip'

interface Case {
  readonly name: string
  readonly samples: number
  /** pip is measured once: it takes so long that nothing but the order of magnitude matters. */
  readonly tools: readonly Tool[]
  readonly goal?: number
  /** Times over pip. */
  readonly overPip?: number
  /** Run before each sample and not timed. */
  readonly prepare?: (tool: Tool, place: string) => void
  readonly command: (tool: Tool, place: string) => readonly string[]
  readonly env?: (tool: Tool, place: string) => Readonly<Record<string, string>>
  /** What the install put there is counted. */
  readonly site?: boolean
  /** Whether peak memory has a goal here. */
  readonly memory?: boolean
  /** Not to be deleted before this case is over. */
  readonly warmUp: number
}

interface Bench {
  readonly scratch: string
  readonly python: string
  readonly proxy: RecordingProxy
  readonly stopwatch: Stopwatch
  readonly environment: Readonly<Record<string, string>>
}

const sets = ['jupyter', 'science'] as const
const delay = 20

function requirements(set: string): string {
  return path.join(root, 'benchmarks', 'sets', `${set}.txt`)
}

function pythonOf(environment: string): string {
  return process.platform === 'win32'
    ? path.join(environment, 'Scripts', 'python.exe')
    : path.join(environment, 'bin', 'python')
}

/** The command line that installs `what` into an environment. */
function install({ proxy }: Bench, tool: Tool, environment: string, what: readonly string[]): readonly string[] {
  const python = pythonOf(environment)
  switch (tool) {
    case 'den':
      return [den, 'pip', '--python', python, 'install', '-q', '--index-url', proxy.url, ...what]
    case 'uv':
      return [peer('uv'), 'pip', 'install', '-q', '--python', python, '--index-url', proxy.url, ...what]
    case 'pip':
      return [peer('pip'), '--python', python, 'install', '-q', '--index-url', proxy.url, ...what]
  }
}

function create({ python }: Bench, tool: Tool, environment: string, instant = false): readonly string[] {
  return tool === 'den'
    ? [den, 'create', '-q', '--seed', 'none', '-p', python, ...(instant ? ['--link-mode', 'instant'] : []), environment]
    : [peer('uv'), 'venv', '-q', '-p', python, environment]
}

function sh(bench: Bench, command: readonly string[]): void {
  const done = spawnSync(command[0]!, command.slice(1), {
    cwd: bench.scratch,
    env: { ...bench.environment },
    encoding: 'utf8',
  })
  if (done.status !== 0) throw new Error(`${command.join(' ')}\n${done.stdout}${done.stderr}`)
}

function cases(bench: Bench): readonly Case[] {
  const own = (place: string): string => path.join(place, 'env')
  const fresh = (tool: Tool, place: string): void => sh(bench, create(bench, tool, own(place)))
  const filled = new Map<string, string>()
  return [
    ...sets.flatMap((set): readonly Case[] => {
      const what = ['-r', requirements(set)]
      return [
        {
          name: `${set}: install, warm`,
          samples: 9,
          tools: ['den', 'uv', 'pip'],
          goal: 1,
          overPip: 20,
          prepare: fresh,
          command: (tool, place) => install(bench, tool, own(place), what),
          site: true,
          memory: true,
          warmUp: 2,
        },
        {
          name: `${set}: nothing to do`,
          samples: 15,
          tools: ['den', 'uv', 'pip'],
          goal: 0.4,
          prepare: (tool) => {
            if (filled.has(`${set} ${tool}`)) return
            const place = path.join(bench.scratch, `filled-${set}-${tool}`)
            sh(bench, create(bench, tool, place))
            sh(bench, install(bench, tool, place, what))
            filled.set(`${set} ${tool}`, place)
          },
          command: (tool) => install(bench, tool, filled.get(`${set} ${tool}`)!, what),
          memory: true,
          warmUp: 1,
        },
        {
          name: `${set}: install, cold`,
          samples: 3,
          tools: ['den', 'uv'],
          goal: 0.9,
          prepare: fresh,
          command: (tool, place) => install(bench, tool, own(place), what),
          env: (_, place) => ({
            DEN_HOME: path.join(place, 'home'),
            DEN_CACHE_DIR: path.join(place, 'cache'),
            UV_CACHE_DIR: path.join(place, 'cache'),
            // uv compiles nothing either; the install would end no later.
            DEN_COMPILE_BYTECODE: 'never',
          }),
          site: true,
          memory: true,
          warmUp: 0,
        },
      ]
    }),
    {
      name: 'jupyter: install, warm, instant',
      samples: 11,
      tools: ['den', 'uv'],
      goal: 0.15,
      prepare: (tool, place) => sh(bench, create(bench, tool, own(place), true)),
      command: (tool, place) => install(bench, tool, own(place), ['-r', requirements('jupyter')]),
      // What is compiled once for all environments runs in the background, and would run into the next sample.
      env: () => ({ DEN_COMPILE_BYTECODE: 'never' }),
      site: true,
      memory: true,
      warmUp: 2,
    },
    {
      name: 'empty directory to `import pandas, sklearn`, second environment',
      samples: 7,
      tools: ['den', 'uv', 'pip'],
      goal: 0.5,
      prepare: (_, place) => fs.mkdirSync(place, { recursive: true }),
      command: (tool, place) => {
        const environment = path.join(place, '.venv')
        const made = quoted(create(bench, tool, environment))
        const put = quoted(install(bench, tool, environment, ['pandas', 'scikit-learn']))
        return ['/bin/sh', '-ec', `${made}; ${put}; '${pythonOf(environment)}' -c 'import pandas, sklearn'`]
      },
      warmUp: 2,
    },
  ]
}

function quoted(command: readonly string[]): string {
  return command.map((word) => `'${word}'`).join(' ')
}

interface Measured {
  readonly timings: readonly Timing[]
  readonly requests: number
  readonly bytes: number
  readonly files?: number
}

async function sample(bench: Bench, test: Case, tool: Tool, number: number): Promise<Timing> {
  const place = path.join(bench.scratch, `${tool}${number}`)
  test.prepare?.(tool, place)
  await settled(bench)
  const env = { ...bench.environment, ...test.env?.(tool, place) }
  const log = path.join(bench.scratch, 'log')
  const command = test.command(tool, place)
  const timing = await bench.stopwatch.run(command, { cwd: bench.scratch, env, log })
  if (timing.status !== 0) throw new Error(`${command.join(' ')}: ${timing.status}\n${fs.readFileSync(log, 'utf8')}`)
  return timing
}

/** What den left running in the background, compiling for environments to come, is not to slow down whoever is measured next. */
async function settled({ scratch }: Bench): Promise<void> {
  const isBusy = (name: string): boolean => {
    if (!/^\d+$/.test(name)) return false
    try {
      const line = fs.readFileSync(`/proc/${name}/cmdline`, 'utf8')
      return line.includes('__compile') && line.includes(scratch)
    } catch {
      return false
    }
  }
  if (process.platform !== 'linux') return
  while (fs.readdirSync('/proc').some(isBusy)) await new Promise((resolve) => setTimeout(resolve, 100))
}

let next = 1

async function measure(bench: Bench, test: Case): Promise<ReadonlyMap<Tool, Measured>> {
  const seen = new Map<Tool, { timings: Timing[]; requests: number; bytes: number; files?: number }>()
  for (const tool of test.tools) {
    seen.set(tool, { timings: [], requests: 0, bytes: 0 })
    // pip too has everything in its cache before it is measured.
    for (let run = 0; run < (tool === 'pip' ? 1 : test.warmUp); run += 1) await sample(bench, test, tool, next++)
  }
  for (let turn = 0; turn < test.samples; turn += 1) {
    // Whoever comes second meets what the first has left to the system to do; so they take turns at that, too.
    for (const tool of turn % 2 === 0 ? test.tools : test.tools.toReversed()) {
      if (tool === 'pip' && turn > 0) continue
      const known = seen.get(tool)!
      await bench.proxy.reset()
      known.timings.push(await sample(bench, test, tool, next++))
      const counts = await bench.proxy.counts()
      known.requests =
        counts.pages + counts.notModified + counts.metadata + counts.files + counts.ranges + counts.missing
      known.bytes = counts.bytes
      if (test.site === true && turn === 0)
        known.files = entriesUnder(path.join(bench.scratch, `${tool}${next - 1}`, 'env'))
    }
  }
  cleanUp(bench)
  return seen
}

/** Files and links; what a link leads to is counted where it stands. */
function entriesUnder(directory: string): number {
  let count = 0
  for (const entry of fs.readdirSync(directory, { withFileTypes: true }))
    count += entry.isDirectory() ? entriesUnder(path.join(directory, entry.name)) : 1
  return count
}

/** Between cases, not between samples: the file system goes on with a removal in the background for seconds, in everybody's way. */
function cleanUp({ scratch }: Bench): void {
  for (const name of fs.readdirSync(scratch)) {
    if (!/^(?:den|uv|pip)\d+$/.test(name)) continue
    // Unpacked trees are read-only.
    spawnSync('chmod', ['-R', 'u+w', path.join(scratch, name)])
    fs.rmSync(path.join(scratch, name), { recursive: true, force: true })
  }
  spawnSync('sync')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000)
}

function row(test: Case, seen: ReadonlyMap<Tool, Measured>): string {
  const of = (tool: Tool, what: (timing: Timing) => number): number => median(seen.get(tool)!.timings.map(what))
  const ratio = (what: (timing: Timing) => number): number => {
    const own = seen.get('den')!.timings.map(what)
    const other = seen.get('uv')!.timings.map(what)
    // Pair by pair, since the machine's speed drifts.
    return median(own.map((value, index) => value / other[index]!))
  }
  const wall = (timing: Timing): number => timing.wall
  const cpu = (timing: Timing): number => timing.cpu
  const memory = (timing: Timing): number => timing.memory
  const pip = seen.has('pip')
    ? `${milliseconds(of('pip', wall))} (${Math.round(of('pip', wall) / of('den', wall))} ×)`
    : '–'
  const both = (what: (measured: Measured) => string): string => `${what(seen.get('den')!)} / ${what(seen.get('uv')!)}`
  const goals = [
    ...(test.goal === undefined ? [] : [`≤ ${test.goal}`]),
    ...(test.overPip === undefined ? [] : [`${test.overPip} × pip`]),
  ]
  const cells = [
    test.name,
    milliseconds(of('den', wall)),
    milliseconds(of('uv', wall)),
    pip,
    `**${ratio(wall).toFixed(2)}**`,
    goals.join(', ') || '–',
    `${milliseconds(of('den', cpu))} / ${milliseconds(of('uv', cpu))}`,
    test.memory === true ? `${Math.round(of('den', memory))} / ${Math.round(of('uv', memory))} MiB` : '–',
    both(({ requests }) => String(requests)),
    both(({ bytes }) => (bytes / 2 ** 20).toFixed(1)),
    seen.get('den')!.files === undefined ? '–' : both(({ files }) => String(files)),
  ]
  return `| ${cells.join(' | ')} |`
}

/**
 * The table's lines, each given to `tell` when it is known. Words: only the cases whose names hold one of them; `--without-pip`, and
 * `--samples=N` at most, where time is short. `--many`, or `--many=N`: a thousand instant environments as well, which takes minutes.
 */
export async function benchPackages(args: readonly string[], tell: (line: string) => void): Promise<void> {
  const words = args.filter((argument) => !argument.startsWith('-'))
  const most = Number(
    /^--samples=(\d+)$/.exec(args.find((argument) => argument.startsWith('--samples=')) ?? '')?.[1] ?? 99,
  )
  const scratch = fs.mkdtempSync(path.join(process.env['DEN_BENCH_DIR'] ?? '/tmp', 'den-bench-packages-'))
  const python = basePython()
  const stopwatch = openStopwatch(python)
  const proxy = await spawnRecordingProxy({ delay })
  try {
    fs.mkdirSync(path.join(scratch, 'user'))
    const bench: Bench = { scratch, python, proxy, stopwatch, environment: cleanEnvironment(scratch) }
    const wanted = cases(bench)
      .filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)))
      .map((test) => ({
        ...test,
        samples: Math.min(test.samples, most),
        tools: test.tools.filter((tool) => tool !== 'pip' || !args.includes('--without-pip')),
      }))
    // What the index has not been asked for before is fetched and recorded now.
    if (wanted.length > 0) record(bench)
    tell(
      '| what | den | uv | pip | den : uv | goal | processor time, den / uv | peak memory | requests | MiB fetched | files |',
    )
    tell('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |')
    for (const test of wanted) tell(row(test, await measure(bench, test)))
    const many = args.find((argument) => /^--many(?:=\d+)?$/.test(argument))
    if (many !== undefined) {
      if (wanted.length === 0) record(bench)
      const count = Number(many.split('=')[1] ?? 1000)
      const { python, environment } = bench
      const set = requirements('jupyter')
      await benchMany({ scratch, python, environment, stopwatch, index: proxy.url, requirements: set, count }, tell)
    }
  } finally {
    stopwatch.close()
    await proxy.close()
    spawnSync('chmod', ['-R', 'u+w', scratch])
    fs.rmSync(scratch, { recursive: true, force: true })
  }
}

function record(bench: Bench): void {
  for (const what of [...sets.map((set) => ['-r', requirements(set)]), ['pandas', 'scikit-learn']]) {
    const place = path.join(bench.scratch, 'recording')
    sh(bench, create(bench, 'uv', place))
    sh(bench, install(bench, 'uv', place, what))
    fs.rmSync(place, { recursive: true })
  }
}

if (import.meta.main) {
  await benchPackages(process.argv.slice(2), (line) => console.log(line))
}
