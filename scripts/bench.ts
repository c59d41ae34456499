// `npm run bench`: den's executable beside uv, virtualenv and venv, in one run. Each sample is a batch of runs in one shell loop (so
// that what starts the programs costs next to nothing), the contestants take turns, and the figure is the median over the samples.
//   npm run bench                 prints the table
//   npm run bench -- --write      and puts it into docs/explanation/benchmarks.md
//   npm run bench -- NAME…        only the cases whose name holds one of the words
// The peers stand in the virtual environment that DEN_PEERS names (uv and virtualenv installed into it). What puts packages in is measured
// after that, by bench-packages.ts; it alone: `node scripts/bench-packages.ts`. Choosing versions, and a project's commands, are measured by
// `node scripts/bench-resolve.ts`.

import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { basePython, den, machine, median, milliseconds, peer } from './bench-kit.ts'
import { benchPackages } from './bench-packages.ts'
import { build } from './build.ts'
import { root } from './toolchain.ts'

interface Contestant {
  readonly name: string
  /** A line of sh; `$i` is the number of the run, unique in the whole benchmark. */
  readonly line: string
  /** Runs in a batch. */
  readonly runs: number
}

interface Case {
  readonly name: string
  /** den first; the ratio is taken against the second. */
  readonly contestants: readonly Contestant[]
  /** What the ratio den : second may be at most, where there is a goal. */
  readonly goal?: number
  /** A goal against another contestant: den has to be so many times faster. */
  readonly goalAgainst?: { readonly name: string; readonly times: number }
  /** Run once at the beginning of each batch. */
  readonly before?: string
  /** Run for each `$i`, not timed. */
  readonly prepare?: string
}

const samples = 7
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'den-bench-'))
const python = basePython()

function cases(): readonly Case[] {
  const uv = peer('uv')
  const virtualenv = peer('virtualenv')
  const quick = 20
  return [
    {
      name: '--version',
      contestants: [
        { name: 'den', line: `"${den}" --version`, runs: 40 },
        { name: 'uv', line: `"${uv}" --version`, runs: 40 },
      ],
      goal: 1.1,
    },
    {
      name: 'create, without pip',
      prepare: 'mkdir p$i',
      contestants: [
        { name: 'den', line: `cd p$i && "${den}" create -q -p "${python}" && cd ..`, runs: quick },
        { name: 'uv', line: `cd p$i && "${uv}" venv -q -p "${python}" && cd ..`, runs: quick },
        { name: 'virtualenv', line: `cd p$i && "${virtualenv}" -q --no-seed -p "${python}" .venv && cd ..`, runs: 3 },
        { name: 'venv', line: `cd p$i && "${python}" -m venv --without-pip .venv && cd ..`, runs: 3 },
      ],
      goal: 0.7,
    },
    {
      name: 'create, without pip, empty caches',
      prepare: 'mkdir p$i',
      contestants: [
        {
          name: 'den',
          line: `cd p$i && DEN_HOME=home DEN_CACHE_DIR=cache "${den}" create -q -p "${python}" && cd ..`,
          runs: quick,
        },
        { name: 'uv', line: `cd p$i && UV_CACHE_DIR=cache "${uv}" venv -q -p "${python}" && cd ..`, runs: 8 },
      ],
    },
    {
      name: 'create, with pip',
      prepare: 'mkdir p$i',
      contestants: [
        { name: 'den', line: `cd p$i && "${den}" create -q --seed pip -p "${python}" && cd ..`, runs: quick },
        { name: 'uv', line: `cd p$i && "${uv}" venv -q --seed -p "${python}" && cd ..`, runs: 6 },
        { name: 'virtualenv', line: `cd p$i && "${virtualenv}" -q -p "${python}" .venv && cd ..`, runs: 3 },
        { name: 'venv', line: `cd p$i && "${python}" -m venv .venv && cd ..`, runs: 1 },
      ],
      goal: 0.2,
      goalAgainst: { name: 'venv', times: 100 },
    },
    {
      name: 'python list',
      contestants: [
        { name: 'den', line: `"${den}" python list`, runs: quick },
        { name: 'uv', line: `"${uv}" python list --only-installed --offline`, runs: quick },
      ],
      goal: 1,
    },
    {
      name: 'python list, empty caches',
      contestants: [
        { name: 'den', line: `DEN_CACHE_DIR=dl$i "${den}" python list`, runs: quick },
        { name: 'uv', line: `UV_CACHE_DIR=ul$i "${uv}" python list --only-installed --offline`, runs: 3 },
      ],
      goal: 1,
    },
    {
      name: 'run true',
      before: `cd project`,
      contestants: [
        { name: 'den', line: `"${den}" run true`, runs: quick },
        { name: 'uv', line: `"${uv}" run -q --offline true`, runs: quick },
      ],
      goal: 0.6,
    },
    {
      name: 'explain, without running Python',
      before: `cd project`,
      contestants: [
        { name: 'den', line: `"${den}" explain`, runs: quick },
        { name: 'python -m site', line: `.venv/bin/python -m site`, runs: quick },
      ],
    },
  ]
}

const environment: NodeJS.ProcessEnv = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VIRTUAL_ENV|UV_|DEN_|PYTHON)/.test(name))),
  DEN_HOME: path.join(scratch, 'home'),
  DEN_CACHE_DIR: path.join(scratch, 'cache'),
  UV_CACHE_DIR: path.join(scratch, 'uv-cache'),
  NO_COLOR: '1',
}

function sh(script: string): void {
  const done = spawnSync('sh', ['-c', script], { cwd: scratch, env: environment, encoding: 'utf8' })
  if (done.status !== 0) throw new Error(`${script}\n${done.stdout}${done.stderr}`)
}

let next = 1

/** Milliseconds of one run, averaged over a batch. */
function batch(test: Case, contestant: Contestant, runs: number): number {
  const first = next
  next += runs
  // The shell's own loop is measured too: a few microseconds a run.
  const each = (line: string): string => `i=${first}; while [ $i -lt ${next} ]; do ${line} || exit 1; i=$((i+1)); done`
  if (test.prepare !== undefined) sh(each(test.prepare))
  const script = `exec >/dev/null; ${test.before ?? ':'}; ${each(contestant.line)}`
  const started = performance.now()
  sh(script)
  const elapsed = performance.now() - started
  return elapsed / runs
}

/** Between cases, not between samples: the file system goes on with a removal in the background for seconds, in everybody's way. */
function cleanUp(): void {
  sh('for place in [a-z]*[0-9]; do rm -rf "$place"; done; sync')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000)
}

interface Row {
  readonly test: Case
  readonly medians: ReadonlyMap<string, number>
  readonly ratio: number
}

function measure(test: Case): Row {
  const times = new Map<string, number[]>(test.contestants.map(({ name }) => [name, []]))
  for (const contestant of test.contestants) batch(test, contestant, 1)
  for (let sample = 0; sample < samples; sample += 1) {
    for (const contestant of test.contestants)
      times.get(contestant.name)!.push(batch(test, contestant, contestant.runs))
  }
  cleanUp()
  const medians = new Map([...times].map(([name, values]) => [name, median(values)]))
  const [own, other] = test.contestants.map(({ name }) => times.get(name)!)
  // Pair by pair, since the machine's speed drifts.
  const ratio = median(own!.map((value, index) => value / other![index]!))
  return { test, medians, ratio }
}

function describe(row: Row): string {
  const [own, ...others] = row.test.contestants
  const goals = [
    ...(row.test.goal === undefined ? [] : [`≤ ${row.test.goal}`]),
    ...(row.test.goalAgainst === undefined ? [] : [`${row.test.goalAgainst.times} × ${row.test.goalAgainst.name}`]),
  ]
  const cells = others.map(({ name }) => `${name} ${milliseconds(row.medians.get(name)!)}`).join(', ')
  const venv = row.medians.get('venv')
  const faster = venv === undefined ? '' : `; venv takes ${Math.round(venv / row.medians.get(own!.name)!)} × as long`
  return `| ${row.test.name} | ${milliseconds(row.medians.get(own!.name)!)} | ${cells} | ${row.ratio.toFixed(2)}${faster} | ${goals.join(', ') || '–'} |`
}

/** A thousand environments with pip: made by one command, and by one command each. */
function thousand(): string {
  cleanUp()
  sh(`"${den}" create -q --seed pip -p "${python}" warm`)
  const seconds = (script: string): string => {
    const started = performance.now()
    sh(script)
    return ((performance.now() - started) / 1000).toFixed(1)
  }
  const names = Array.from({ length: 1000 }, (_, index) => `t${index}`).join(' ')
  const together = seconds(`"${den}" create -q --seed pip -p "${python}" ${names}`)
  const disk = spawnSync('du', ['-sk', scratch], { encoding: 'utf8' }).stdout.split('\t')[0]!
  cleanUp()
  const one = `"${den}" create -q --seed pip -p "${python}" s$i`
  const apart = seconds(`i=0; while [ $i -lt 1000 ]; do ${one} || exit 1; i=$((i+1)); done`)
  cleanUp()
  return `1,000 environments with pip: **${together} s** by one command (goal: under 20 s), ${apart} s by a command each; ${Math.round(Number(disk) / 1024)} MiB of disk for all of them.`
}

async function main(args: readonly string[]): Promise<void> {
  if (!fs.existsSync(peer('uv')) || !fs.existsSync(peer('virtualenv'))) {
    console.error('DEN_PEERS must name a virtual environment with uv and virtualenv in it:')
    console.error(
      '  python3 -m venv /tmp/peers && /tmp/peers/bin/pip install uv virtualenv && DEN_PEERS=/tmp/peers npm run bench',
    )
    process.exitCode = 2
    return
  }
  if (!args.includes('--no-build')) build({ types: false })
  const words = args.filter((argument) => !argument.startsWith('-'))
  try {
    fs.mkdirSync(path.join(scratch, 'project'))
    fs.writeFileSync(
      path.join(scratch, 'project', 'pyproject.toml'),
      '[project]\nname = "bench"\nversion = "1"\nrequires-python = ">=3.6"\n',
    )
    sh(
      `cd project && "${den}" create -q -p "${python}" && "${peer('uv')}" lock -q --offline -p "${python}" && "${peer('uv')}" sync -q --offline -p "${python}"`,
    )
    const head = `Medians of ${samples} samples, the contestants taking turns; the ratio is den : the first peer, pair by pair.`
    const lines = [
      ...machine(python),
      head,
      '',
      '| what | den | peers | den : first peer | goal |',
      '| --- | --- | --- | --- | --- |',
    ]
    for (const line of lines) console.log(line)
    for (const test of cases()) {
      if (words.length > 0 && !words.some((word) => test.name.includes(word))) continue
      const line = describe(measure(test))
      lines.push(line)
      console.log(line)
    }
    if (words.length === 0 || words.includes('1000')) {
      lines.push('', thousand())
      console.log(`\n${lines.at(-1)}`)
    }
    const told = (line: string): void => {
      lines.push(line)
      console.log(line)
    }
    told('')
    await benchPackages(args, told)
    if (args.includes('--write')) write(lines.join('\n'))
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true })
  }
}

function write(table: string): void {
  const file = path.join(root, 'docs', 'explanation', 'benchmarks.md')
  const text = fs.readFileSync(file, 'utf8')
  const marked = /(<!-- table -->\n)[\s\S]*?(\n<!-- end of table -->)/
  fs.writeFileSync(
    file,
    text.replace(marked, (_, start: string, end: string) => `${start}${table}${end}`),
  )
}

await main(process.argv.slice(2))
