// Whether den, uv and pip choose the same versions: real requirements as they were on one day (scripts/resolve-cases.ts), and what widely used
// projects say that they need (benchmarks/projects), over the recorded index. What differs is printed with what can be told of it from here.
//   node scripts/agree-resolve.ts [--pip] [--projects | --cases] [--timeout=SECONDS] [WORD…]    words: only those whose names hold one
// DEN_PEERS names the environment with uv and pip in it. Prints two tables; nothing fails because something differs.

import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { parseToml } from '../src/format/toml.ts'
import { isPrerelease, parseVersion } from '../src/spec/version.ts'
import { type RecordingProxy, spawnRecordingProxy } from '../tests/kit/recording-proxy.ts'
import { cleanEnvironment, den, peer } from './bench-kit.ts'
import { comparedBefore, comparedCases, interpreterOf, type ResolveCase, writeCase } from './resolve-cases.ts'
import { root } from './toolchain.ts'

interface Place {
  readonly scratch: string
  readonly proxy: RecordingProxy
  readonly environment: Readonly<Record<string, string>>
  /** Milliseconds that each may take. */
  readonly patience: number
}

/** name → versions; a lock for every environment may have several. */
type Pins = ReadonlyMap<string, readonly string[]>

interface Told {
  readonly pins?: Pins
  /** Why there are none. */
  readonly failure?: string
  readonly decisions?: number
  readonly conflicts?: number
}

async function run(
  place: Place,
  command: readonly string[],
  cwd: string,
): Promise<{ readonly status: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(command[0]!, command.slice(1), {
    cwd,
    env: { ...place.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk
  })
  const late = setTimeout(() => child.kill(), place.patience)
  const status = await new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  clearTimeout(late)
  return { status, stdout, stderr }
}

function failureOf({
  status,
  stdout,
  stderr,
}: {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}): Told {
  if (status === null) return { failure: 'not done in time' }
  // den's document of the error, or the peers' first line of it.
  const what = /"what":"((?:[^"\\]|\\.)*)"/.exec(stdout)?.[1]
  const line = stderr.split('\n').find((text) => /^\s*(?:error|ERROR|×)/.test(text)) ?? stderr.split('\n')[0] ?? ''
  return { failure: (what ?? line.trim()).slice(0, 160) }
}

function pinsOf(text: string): Pins {
  const found = [...text.matchAll(/^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==([^\s;]+)/gm)]
  return new Map(found.map(([, name, version]) => [name!.toLowerCase().replaceAll(/[-_.]+/g, '-'), [version!]]))
}

async function byDen(place: Place, test: ResolveCase, directory: string): Promise<Told> {
  const { requirements, overrides } = writeCase(test, directory)
  const interpreter = interpreterOf(test.python)
  const words = [
    ...(overrides === undefined ? [] : ['--override', overrides]),
    ...(test.wheelsOnly === true ? ['--only-binary', ':all:'] : []),
    ...(interpreter === undefined ? ['--python-version', test.python] : []),
    ...(test.before === undefined ? [] : ['--uploaded-prior-to', test.before]),
  ]
  const python = interpreter ?? interpreterOf('3.13')!
  const command = [den, 'pip', '--python', python, 'compile', '--json', '--index-url', place.proxy.url]
  const done = await run(place, [...command, ...words, requirements], directory)
  if (done.status !== 0) return failureOf(done)
  // Events come as lines before it.
  const answer = JSON.parse(done.stdout.trimEnd().split('\n').at(-1)!) as {
    readonly pins: readonly { readonly name: string; readonly version: string }[]
    readonly statistics: { readonly decisions: number; readonly conflicts: number }
  }
  const { decisions, conflicts } = answer.statistics
  return { pins: new Map(answer.pins.map(({ name, version }) => [name, [version]])), decisions, conflicts }
}

async function byUv(place: Place, test: ResolveCase, directory: string): Promise<Told> {
  const { requirements, overrides } = writeCase(test, directory)
  const interpreter = interpreterOf(test.python)
  const words = [
    ...(overrides === undefined ? [] : ['--overrides', overrides]),
    ...(test.wheelsOnly === true ? ['--only-binary', ':all:'] : []),
    ...(interpreter === undefined ? ['--python-version', test.python] : []),
    ...(test.before === undefined ? [] : ['--exclude-newer', test.before]),
  ]
  const output = path.join(directory, 'uv.txt')
  const command = [peer('uv'), 'pip', 'compile', '-q', '--no-annotate', '--no-header', '--index-url', place.proxy.url]
  const python = interpreter ?? interpreterOf('3.13')!
  const done = await run(place, [...command, '-p', python, '-o', output, ...words, requirements], directory)
  return done.status === 0 ? { pins: pinsOf(fs.readFileSync(output, 'utf8')) } : failureOf(done)
}

/** Without overrides: pip has none. */
async function byPip(place: Place, test: ResolveCase, directory: string): Promise<Told> {
  const { requirements } = writeCase(test, directory)
  const interpreter = interpreterOf(test.python)
  if (test.without !== undefined || interpreter === undefined) return {}
  const report = path.join(directory, 'report.json')
  const command = [peer('pip'), '--python', interpreter, 'install', '-q', '--dry-run', '--ignore-installed']
  const words = [
    ...(test.wheelsOnly === true ? ['--only-binary', ':all:'] : []),
    ...(test.before === undefined ? [] : ['--uploaded-prior-to', test.before]),
  ]
  const index = ['--index-url', place.proxy.url, '--report', report]
  const done = await run(place, [...command, ...index, ...words, '-r', requirements], directory)
  if (done.status !== 0) return failureOf(done)
  const { install } = JSON.parse(fs.readFileSync(report, 'utf8')) as {
    readonly install: readonly { readonly metadata: { readonly name: string; readonly version: string } }[]
  }
  return {
    pins: new Map(
      install.map(({ metadata: { name, version } }) => [name.toLowerCase().replaceAll(/[-_.]+/g, '-'), [version]]),
    ),
  }
}

function lockOf(file: string): Pins {
  const { packages, package: list } = parseToml(fs.readFileSync(file, 'utf8')) as {
    readonly packages?: readonly { readonly name: string; readonly version?: string }[]
    readonly package?: readonly { readonly name: string; readonly version?: string; readonly source?: object }[]
  }
  const pins = new Map<string, string[]>()
  for (const { name, version } of packages ?? list ?? [])
    pins.set(name, [...(pins.get(name) ?? []), version ?? '–'].sort())
  return pins
}

async function lockBy(place: Place, tool: 'den' | 'uv', project: string, directory: string): Promise<Told> {
  fs.copyFileSync(path.join(root, 'benchmarks', 'projects', project), path.join(directory, 'pyproject.toml'))
  const python = interpreterOf('3.12')!
  const command =
    tool === 'den'
      ? [den, 'lock', '-p', python, '--index-url', place.proxy.url, '--exclude-newer', comparedBefore]
      : [peer('uv'), 'lock', '-q', '-p', python, '--default-index', place.proxy.url, '--exclude-newer', comparedBefore]
  const done = await run(place, command, directory)
  if (done.status !== 0) return failureOf(done)
  const pins = new Map(lockOf(path.join(directory, tool === 'den' ? 'pylock.toml' : 'uv.lock')))
  // uv's lock names the project itself.
  const { project: table } = parseToml(fs.readFileSync(path.join(directory, 'pyproject.toml'), 'utf8')) as {
    readonly project: { readonly name: string }
  }
  pins.delete(table.name.toLowerCase().replaceAll(/[-_.]+/g, '-'))
  return { pins }
}

interface Difference {
  readonly name: string
  readonly own: readonly string[]
  readonly other: readonly string[]
}

function differences(own: Pins, other: Pins): readonly Difference[] {
  return [...new Set([...own.keys(), ...other.keys()])]
    .sort()
    .map((name) => ({ name, own: own.get(name) ?? [], other: other.get(name) ?? [] }))
    .filter((one) => one.own.join() !== one.other.join())
}

/** "a 2.0 (uv 1.9)", and what stands out. */
function words({ name, own, other }: Difference, peerName: string): string {
  const unripe = [...own, ...other].some((version) => version !== '–' && isPrerelease(parseVersion(version)))
  const text = `${name} ${own.join(' and ') || 'not at all'} (${peerName} ${other.join(' and ') || 'not at all'})`
  return unripe ? `${text}, a pre-release` : text
}

function compared(own: Told, other: Told, peerName: string): string {
  if (own.pins === undefined && other.pins === undefined)
    return other.failure === undefined ? '–' : `no answer either: ${other.failure}`
  if (other.pins === undefined) return other.failure === undefined ? '–' : `no answer: ${other.failure}`
  if (own.pins === undefined) return `${other.pins.size} pins`
  const list = differences(own.pins, other.pins)
  if (list.length === 0) return 'the same'
  const shown = list.slice(0, 12).map((one) => words(one, peerName))
  return `${list.length} of ${own.pins.size} differ: ${shown.join('; ')}${list.length > 12 ? '; …' : ''}`
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

async function main(args: readonly string[]): Promise<void> {
  const wordsGiven = args.filter((argument) => !argument.startsWith('-'))
  const isWanted = (name: string): boolean => wordsGiven.length === 0 || wordsGiven.some((word) => name.includes(word))
  const seconds = Number(args.map((argument) => /^--timeout=(\d+)$/.exec(argument)?.[1]).find(Boolean) ?? 600)
  const scratch = fs.mkdtempSync(path.join(process.env['DEN_BENCH_DIR'] ?? '/tmp', 'den-agree-'))
  const proxy = await spawnRecordingProxy()
  try {
    fs.mkdirSync(path.join(scratch, 'user'))
    // A few requests at a time: what was not recorded yet comes from the real index.
    const environment = { ...cleanEnvironment(scratch), UV_CONCURRENT_DOWNLOADS: '6' }
    const place: Place = { scratch, proxy, environment, patience: seconds * 1000 }
    const directoryOf = (...parts: readonly string[]): string => {
      const directory = path.join(scratch, ...parts)
      fs.mkdirSync(directory, { recursive: true })
      return directory
    }
    if (!args.includes('--projects')) {
      console.log('| requirements | Python | before | den | uv | pip | decisions, conflicts |')
      console.log('| --- | --- | --- | --- | --- | --- | --- |')
      for (const test of comparedCases.filter(({ name }) => isWanted(name))) {
        const directory = directoryOf('cases', test.name.replaceAll(' ', '-'))
        const own = await byDen(place, test, directory)
        const uv = await byUv(place, test, directory)
        const pip = args.includes('--pip') ? await byPip(place, test, directory) : {}
        const day = test.before?.slice(0, 10) ?? '–'
        const answer = own.pins === undefined ? (own.failure ?? '–') : `${own.pins.size} pins`
        const steps = own.decisions === undefined ? '–' : `${own.decisions}, ${own.conflicts}`
        const cells = [test.name, test.python, day, answer, compared(own, uv, 'uv'), compared(own, pip, 'pip'), steps]
        console.log(`| ${cells.map(cell).join(' | ')} |`)
      }
    }
    if (!args.includes('--cases')) {
      console.log('\n| project, locked for every environment | den | uv |')
      console.log('| --- | --- | --- |')
      for (const file of fs.readdirSync(path.join(root, 'benchmarks', 'projects')).sort()) {
        if (!isWanted(file)) continue
        const own = await lockBy(place, 'den', file, directoryOf('projects', file, 'den'))
        const uv = await lockBy(place, 'uv', file, directoryOf('projects', file, 'uv'))
        const answer = own.pins === undefined ? (own.failure ?? '–') : `${own.pins.size} projects`
        console.log(`| ${[path.basename(file, '.toml'), answer, compared(own, uv, 'uv')].map(cell).join(' | ')} |`)
      }
    }
  } finally {
    await proxy.close()
    fs.rmSync(scratch, { recursive: true, force: true })
  }
}

await main(process.argv.slice(2))
