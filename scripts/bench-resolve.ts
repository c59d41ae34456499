// Beside `npm run bench`: choosing versions, den (the executable, and the library's command on Node) beside uv, from one recorded
// index on loopback. Everybody is given an interpreter by its path, since finding one would be measured otherwise. Besides times the table
// tells what holds on any machine: requests, the solver's decisions and conflicts.
//   node scripts/bench-resolve.ts [--samples=N] [WORD…]      only the rows whose name holds one of the words

import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { type RecordingProxy, spawnRecordingProxy } from '../tests/kit/recording-proxy.ts'
import { basePython, cleanEnvironment, den, median, milliseconds, peer } from './bench-kit.ts'
import { openStopwatch, type Stopwatch, type Timing } from './bench-stopwatch.ts'
import { interpreterOf, type ResolveCase, timedCases, writeCase } from './resolve-cases.ts'
import { root } from './toolchain.ts'

type Tool = 'den' | 'node' | 'uv'

interface Row {
  readonly name: string
  readonly samples: number
  readonly tools: readonly Tool[]
  /** den : uv, and den on Node : uv, at most. */
  readonly goal?: number
  readonly goalOnNode?: number
  /** Before each sample, in a new directory, and not timed. */
  readonly prepare?: (tool: Tool, place: string) => void
  readonly command: (tool: Tool, place: string) => readonly string[]
  readonly env?: (tool: Tool, place: string) => Readonly<Record<string, string>>
  /** Where it is run, unless in a new directory. */
  readonly cwd?: (tool: Tool) => string
  readonly warmUp: number
  /** Milliseconds before each answer of the index. */
  readonly delay: number
  /** Told by den, where the row is a resolution. */
  readonly steps?: () => Steps
}

interface Steps {
  readonly decisions: number
  readonly conflicts: number
  /** Of a lock: parts of its scope that were solved apart. */
  readonly forksTried?: number
}

interface Bench {
  readonly scratch: string
  readonly proxy: RecordingProxy
  readonly stopwatch: Stopwatch
  readonly environment: Readonly<Record<string, string>>
}

const onNode = [process.execPath, path.join(root, 'dist', 'npm', 'bin', 'den.js')] as const

function start(tool: Tool): readonly string[] {
  return tool === 'den' ? [den] : tool === 'node' ? onNode : [peer('uv')]
}

/** The command line that writes the pins of a case to `output`, which is not there: pins that are there would be kept. */
function compile(
  { proxy, scratch }: Bench,
  tool: Tool,
  test: ResolveCase,
  output: string,
  more: readonly string[] = [],
): readonly string[] {
  const python = interpreterOf(test.python) ?? basePython()
  const place = path.join(scratch, 'cases', test.name)
  fs.mkdirSync(place, { recursive: true })
  const { requirements, overrides } = writeCase(test, place)
  const words = [
    '-q',
    '--index-url',
    proxy.url,
    '-o',
    output,
    ...(overrides === undefined ? [] : [tool === 'uv' ? '--overrides' : '--override', overrides]),
    ...more,
    requirements,
  ]
  return tool === 'uv'
    ? [...start(tool), 'pip', 'compile', '-p', python, ...words]
    : [...start(tool), 'pip', '--python', python, 'compile', ...words]
}

function run(bench: Bench, command: readonly string[], cwd = bench.scratch): string {
  const done = spawnSync(command[0]!, command.slice(1), {
    cwd,
    env: { ...bench.environment },
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  if (done.status !== 0) throw new Error(`${command.join(' ')}\n${done.stdout}${done.stderr}`.slice(0, 5000))
  return done.stdout
}

function rows(bench: Bench): readonly Row[] {
  const output = (place: string): string => path.join(place, 'requirements.txt')
  const steps =
    (test: ResolveCase, limit: () => string, more: readonly string[] = []) =>
    (): Steps => {
      const file = path.join(bench.scratch, 'steps.txt')
      fs.rmSync(file, { force: true })
      fs.writeFileSync(limitsIn(bench.scratch), `${limit()}\n`)
      const answer = run(bench, compile(bench, 'den', test, file, ['--json', '-c', limitsIn(bench.scratch), ...more]))
      // Events come as lines before it.
      return (JSON.parse(answer.trimEnd().split('\n').at(-1)!) as { statistics: Steps }).statistics
    }
  return [
    ...timedCases.map(
      (test): Row => ({
        name: `${test.name}: resolve, warm, asked before`,
        samples: 15,
        tools: ['den', 'node', 'uv'],
        goal: 0.5,
        goalOnNode: 0.9,
        command: (tool, place) => compile(bench, tool, test, output(place)),
        warmUp: 2,
        delay: 0,
      }),
    ),
    // den remembers what it was asked before; here nobody has asked just that, though every page is there.
    ...timedCases.map(
      (test): Row => ({
        name: `${test.name}: resolve, warm, a new question`,
        samples: 15,
        tools: ['den', 'node', 'uv'],
        goal: 0.5,
        goalOnNode: 0.9,
        prepare: (_, place) => fs.writeFileSync(limitsIn(place), `${newLimit(test)}\n`),
        command: (tool, place) => compile(bench, tool, test, output(place), ['-c', limitsIn(place)]),
        warmUp: 2,
        delay: 0,
        steps: steps(test, () => newLimit(test)),
      }),
    ),
    ...timedCases.map(
      (test): Row => ({
        name: `${test.name}: resolve, all pages stale`,
        samples: 7,
        tools: ['den', 'uv'],
        command: (tool, place) =>
          compile(bench, tool, test, output(place), tool === 'uv' ? ['--refresh'] : ['--refresh-package', ':all:']),
        warmUp: 1,
        delay: 0,
      }),
    ),
    // What is built to learn its metadata takes longer than all else: the cold rows are those without.
    ...timedCases
      .filter(({ name }) => name === 'trio' || name === 'jupyter')
      .map(
        (test): Row => ({
          name: `${test.name}: resolve, cold`,
          samples: 5,
          tools: ['den', 'uv'],
          goal: 1,
          command: (tool, place) => compile(bench, tool, test, output(place)),
          env: (_, place) => ({
            DEN_HOME: path.join(place, 'home'),
            DEN_CACHE_DIR: path.join(place, 'cache'),
            UV_CACHE_DIR: path.join(place, 'cache'),
            // den pip heeds it as well.
            PIP_CACHE_DIR: path.join(place, 'cache'),
          }),
          warmUp: 0,
          delay: 20,
        }),
      ),
    ...timedCases.map(
      (test): Row => ({
        name: `${test.name}: lock for every environment, warm, asked before`,
        samples: 9,
        tools: ['den', 'node', 'uv'],
        goal: 0.8,
        prepare: (_, place) => writeProject(place, test),
        command: (tool) => inProject(tool, 'lock'),
        warmUp: 2,
        delay: 0,
      }),
    ),
    ...timedCases.map(
      (test): Row => ({
        name: `${test.name}: lock for every environment, warm, a new question`,
        samples: 9,
        tools: ['den', 'node', 'uv'],
        goal: 0.8,
        prepare: (_, place) => writeProject(place, test, newLimit(test)),
        command: (tool) => inProject(tool, 'lock'),
        warmUp: 2,
        delay: 0,
        steps: steps(test, () => newLimit(test), ['--universal']),
      }),
    ),
    ...(
      [
        ['trio: lock, nothing to do', 0.5, ['lock']],
        ['trio: sync, nothing to do', 0.4, ['sync']],
        ['trio: run true, synced', 0.4, ['run', 'true']],
      ] as const
    ).map(
      ([name, goal, [command, ...more]]): Row => ({
        name,
        samples: 15,
        tools: ['den', 'node', 'uv'],
        goal,
        command: (tool) => inProject(tool, command, ...more),
        cwd: (tool) => syncedProject(bench, tool),
        warmUp: 2,
        delay: 0,
      }),
    ),
  ]
}

function limitsIn(place: string): string {
  return path.join(place, 'limits.txt')
}

let limits = 0

/** A constraint that changes no answer, and that nobody has named before. */
function newLimit({ requirements }: ResolveCase): string {
  limits += 1
  const name = /^[\w.-]+/.exec(requirements[0]!)![0]
  return `${name}>=0.0.0.${process.pid}.${limits}`
}

/** The same requirements as a project, for the Pythons from the case's own on. */
function writeProject(place: string, test: ResolveCase, limit?: string): void {
  const quoted = (lines: readonly string[]): string => lines.map((line) => `  ${JSON.stringify(line)},\n`).join('')
  const overrides = (test.without ?? []).map((name) => `${name} ; sys_platform == 'none'`)
  const settled = [
    ...(overrides.length === 0 ? [] : [`override-dependencies = [\n${quoted(overrides)}]\n`]),
    ...(limit === undefined ? [] : [`constraint-dependencies = [\n${quoted([limit])}]\n`]),
  ]
  fs.writeFileSync(
    path.join(place, 'pyproject.toml'),
    `[project]\nname = "measured"\nversion = "1"\nrequires-python = ">=${test.python}"\n` +
      // uv has no cool-down, and measured is the same answer.
      `dependencies = [\n${quoted(test.requirements)}]\n\n[tool.den]\nminimum-age = false\n` +
      (settled.length === 0 ? '' : `\n[tool.uv]\n${settled.join('')}`),
  )
}

/** A command of a project's. The index is named by the environment, since not every one of these commands takes it as an option. */
function inProject(tool: Tool, command: string, ...more: readonly string[]): readonly string[] {
  return [...start(tool), command, '-q', '-p', interpreterOf('3.12') ?? basePython(), ...more]
}

/** A project that is locked and synced by a tool, made once. */
function syncedProject(bench: Bench, tool: Tool): string {
  const place = path.join(bench.scratch, 'synced', tool)
  if (fs.existsSync(place)) return place
  fs.mkdirSync(place, { recursive: true })
  writeProject(place, timedCases[0]!)
  run(bench, inProject(tool, 'lock'), place)
  run(bench, inProject(tool, 'sync'), place)
  return place
}

interface Measured {
  readonly timings: readonly Timing[]
  /** Of the last sample. */
  readonly requests: number
}

let next = 1

async function sample(bench: Bench, row: Row, tool: Tool): Promise<Timing> {
  const place = path.join(bench.scratch, `run${next++}`)
  fs.mkdirSync(place)
  row.prepare?.(tool, place)
  const cwd = row.cwd?.(tool) ?? place
  const env = { ...bench.environment, ...row.env?.(tool, place) }
  const log = path.join(bench.scratch, 'log')
  const command = row.command(tool, place)
  const timing = await bench.stopwatch.run(command, { cwd, env, log })
  if (timing.status !== 0)
    throw new Error(`${command.join(' ')}: ${timing.status}\n${fs.readFileSync(log, 'utf8').slice(0, 5000)}`)
  return timing
}

async function measure(bench: Bench, row: Row): Promise<ReadonlyMap<Tool, Measured>> {
  await bench.proxy.delay(row.delay)
  const seen = new Map<Tool, { timings: Timing[]; requests: number }>()
  for (const tool of row.tools) {
    seen.set(tool, { timings: [], requests: 0 })
    for (let count = 0; count < row.warmUp; count += 1) await sample(bench, row, tool)
  }
  for (let turn = 0; turn < row.samples; turn += 1) {
    for (const tool of turn % 2 === 0 ? row.tools : row.tools.toReversed()) {
      await bench.proxy.reset()
      const known = seen.get(tool)!
      known.timings.push(await sample(bench, row, tool))
      const { pages, notModified, metadata, files, ranges, missing } = await bench.proxy.counts()
      known.requests = pages + notModified + metadata + files + ranges + missing
    }
  }
  return seen
}

function line(row: Row, seen: ReadonlyMap<Tool, Measured>): string {
  const of = (tool: Tool, what: (timing: Timing) => number): number | undefined => {
    const known = seen.get(tool)
    return known === undefined ? undefined : median(known.timings.map(what))
  }
  const against = (tool: Tool, what: (timing: Timing) => number): number | undefined => {
    const other = seen.get('uv')!.timings
    // Pair by pair, since the machine's speed drifts.
    const own = seen.get(tool)?.timings.map((timing, index) => what(timing) / what(other[index]!))
    return own === undefined ? undefined : median(own)
  }
  const wall = (timing: Timing): number => timing.wall
  const cpu = (timing: Timing): number => timing.cpu
  const all = (what: (timing: Timing) => number, written: (value: number) => string): string =>
    row.tools.map((tool) => written(of(tool, what)!)).join(' / ')
  const ratios = (what: (timing: Timing) => number): string =>
    row.tools
      .filter((tool) => tool !== 'uv')
      .map((tool) => `**${against(tool, what)!.toFixed(2)}**`)
      .join(' / ')
  const goals = [row.goal, row.goalOnNode].filter((goal) => goal !== undefined).map((goal) => `≤ ${goal}`)
  const steps = row.steps?.()
  const cells = [
    row.name,
    all(wall, milliseconds),
    ratios(wall),
    goals.join(' / ') || '–',
    all(cpu, milliseconds),
    ratios(cpu),
    `${all(
      ({ memory }) => memory,
      (value) => String(Math.round(value)),
    )} MiB`,
    row.tools.map((tool) => seen.get(tool)!.requests).join(' / '),
    steps === undefined
      ? '–'
      : `${steps.decisions}, ${steps.conflicts}${steps.forksTried === undefined ? '' : `, ${steps.forksTried}`}`,
  ]
  return `| ${cells.join(' | ')} |`
}

/** The table's lines, each given to `tell` when it is known. Words: only the rows whose names hold one of them. */
export async function benchResolve(args: readonly string[], tell: (line: string) => void): Promise<void> {
  const words = args.filter((argument) => !argument.startsWith('-'))
  const most = Number(args.map((argument) => /^--samples=(\d+)$/.exec(argument)?.[1]).find(Boolean) ?? 99)
  const scratch = fs.mkdtempSync(path.join(process.env['DEN_BENCH_DIR'] ?? '/tmp', 'den-bench-resolve-'))
  const stopwatch = openStopwatch(basePython())
  const proxy = await spawnRecordingProxy()
  try {
    fs.mkdirSync(path.join(scratch, 'user'))
    const bench: Bench = {
      scratch,
      proxy,
      stopwatch,
      environment: { ...cleanEnvironment(scratch), DEN_INDEX_URL: proxy.url, UV_DEFAULT_INDEX: proxy.url },
    }
    tell(
      '| what | den / on Node / uv | den : uv / on Node | goal | processor time | of uv’s | peak memory | requests | decisions, conflicts, forks |',
    )
    tell('| --- | --- | --- | --- | --- | --- | --- | --- | --- |')
    for (const row of rows(bench)) {
      if (words.length > 0 && !words.some((word) => row.name.includes(word))) continue
      tell(line({ ...row, samples: Math.min(row.samples, most) }, await measure(bench, row)))
    }
  } finally {
    stopwatch.close()
    await proxy.close()
    // Unpacked trees are read-only.
    spawnSync('chmod', ['-R', 'u+w', scratch])
    fs.rmSync(scratch, { recursive: true, force: true })
  }
}

if (import.meta.main) {
  await benchResolve(process.argv.slice(2), (text) => console.log(text))
}
