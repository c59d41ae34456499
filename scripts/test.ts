// Runs the tests and closes with one line, `N passed, N failed, N skipped`. What is skipped is told with its reason.
//   node scripts/test.ts                 all of them: unit (the network's under Bun as well), property, end to end on both runtimes
//   node scripts/test.ts unit | e2e      one part
//   node scripts/test.ts FILE…           these files

import { spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { generateAssets } from './assets.ts'
import { build } from './build.ts'
import { checks } from './check.ts'
import { bunExecutable, root } from './toolchain.ts'

function testFiles(directory: string): string[] {
  if (!fs.existsSync(directory)) return []
  return fs
    .readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort()
}

// Each file's process, and each that it starts, loads the same few hundred modules.
const compiled = { NODE_COMPILE_CACHE: path.join(root, 'dist', 'compile-cache') }

interface Outcome {
  passed: number
  failed: number
  readonly skipped: { readonly name: string; readonly why: string }[]
}

/** One event line of scripts/test-reporter.ts. */
type ReporterLine =
  | { readonly kind: 'pass'; readonly name: string; readonly milliseconds: number }
  | { readonly kind: 'skip'; readonly name: string; readonly why: string }
  | { readonly kind: 'fail'; readonly name: string; readonly file: string; readonly error: string }
  | { readonly kind: 'said'; readonly text: string }

async function runTests(
  title: string,
  files: readonly string[],
  environment: Readonly<Record<string, string>>,
  outcome: Outcome,
): Promise<void> {
  if (files.length === 0) return
  const started = performance.now()
  const before = { passed: outcome.passed, failed: outcome.failed, skipped: outcome.skipped.length }
  const child = spawn(
    process.execPath,
    [
      '--test',
      `--test-reporter=${path.join(root, 'scripts', 'test-reporter.ts')}`,
      '--test-reporter-destination=stdout',
      `--test-concurrency=${os.availableParallelism()}`,
      '--test-timeout=600000',
      ...files,
    ],
    { cwd: root, env: { ...process.env, ...compiled, ...environment }, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let rest = ''
  child.stdout.setEncoding('utf8')
  child.stdout.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line !== '') take(JSON.parse(line) as ReporterLine)
  })
  const take = (line: ReporterLine): void => {
    if (line.kind === 'pass') outcome.passed += 1
    else if (line.kind === 'skip') outcome.skipped.push({ name: `${title}: ${line.name}`, why: line.why })
    else if (line.kind === 'fail') {
      outcome.failed += 1
      console.log(`FAILED ${title}: ${line.name}\n  ${line.file}\n${line.error.replace(/^/gm, '    ')}`)
    } else process.stdout.write(line.text)
  }
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  const failed = outcome.failed - before.failed
  if (code !== 0 && failed === 0) {
    outcome.failed += 1
    console.log(`FAILED ${title}: the test runner ended with ${code} and named no test`)
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  const skipped = outcome.skipped.length - before.skipped
  console.log(
    `${title}: ${outcome.passed - before.passed} passed, ${outcome.failed - before.failed} failed, ${skipped} skipped (${seconds} s)`,
  )
}

/** Of one file the counts with which `bun test` closes. */
async function runUnderBun(bun: string, file: string, outcome: Outcome): Promise<void> {
  const child = spawn(bun, ['test', file], { cwd: root, env: { ...process.env, NO_COLOR: '1' }, stdio: 'pipe' })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (said += bytes.toString()))
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  const count = (what: string): number => Number(new RegExp(`^ *(\\d+) ${what}$`, 'm').exec(said)?.[1] ?? 0)
  const failed = code === 0 ? count('fail') : Math.max(count('fail'), 1)
  outcome.passed += count('pass')
  outcome.failed += failed
  for (let index = 0; index < count('skip'); index += 1)
    outcome.skipped.push({ name: `unit, Bun: ${path.basename(file)}`, why: 'skipped under Bun' })
  if (failed > 0 || count('pass') === 0) console.log(`FAILED unit, Bun: ${file}\n${said.replace(/^/gm, '    ')}`)
}

/** What does one thing under Node and another in the executable, whose runtime is Bun. */
const differsUnderBun = ['auth', 'bad-servers', 'download', 'range', 'tls', 'transport'].map((name) =>
  path.join(root, 'src', 'net', `${name}.test.ts`),
)

async function runTestsUnderBun(files: readonly string[], outcome: Outcome): Promise<void> {
  if (files.length === 0) return
  const bun = bunExecutable()
  if (bun === undefined) {
    outcome.skipped.push({ name: 'unit, Bun', why: 'NOT TESTED: node_modules has no Bun' })
    return
  }
  const started = performance.now()
  const { passed, failed } = outcome
  // They wait for their clocks rather than compute.
  await Promise.all(files.map((file) => runUnderBun(bun, file, outcome)))
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`unit, Bun: ${outcome.passed - passed} passed, ${outcome.failed - failed} failed (${seconds} s)`)
}

const kit = path.join(root, 'tests', 'kit')

/** What drives the command, be it by way of other pieces of the kit; what calls the library in-process needs no second runtime. */
function drivesDen(file: string, seen = new Set<string>()): boolean {
  if (file === path.join(kit, 'den.ts')) return true
  seen.add(file)
  return [...fs.readFileSync(file, 'utf8').matchAll(/^(?:import|export|\}) .*from '(\..+)'$/gm)]
    .map(([, name]) => path.resolve(path.dirname(file), name!))
    .some((piece) => path.dirname(piece) === kit && !seen.has(piece) && drivesDen(piece, seen))
}

/** Of these what they try hangs on no runtime: transactions in this process, what den decides beside what a peer does. */
const executableOnly = [
  'damage-faults.test.ts',
  'transactions.test.ts',
  'transactions-legacy.test.ts',
  'peers/pip-report.test.ts',
  'peers/resolve-pip.test.ts',
  'peers/security.test.ts',
]

/** The checks of `npm run check`, one test each. */
function runChecks(outcome: Outcome): void {
  for (const check of checks) {
    const problems = check.problems()
    if (problems.length === 0) outcome.passed += 1
    else {
      outcome.failed += 1
      console.log(`FAILED check: ${check.name}\n${problems.join('\n').replace(/^/gm, '    ')}`)
    }
  }
}

async function main(args: readonly string[]): Promise<void> {
  const outcome: Outcome = { passed: 0, failed: 0, skipped: [] }
  generateAssets()
  const named = args.filter((argument) => argument.endsWith('.test.ts')).map((file) => path.resolve(file))
  const part = args.find((argument) => argument === 'unit' || argument === 'e2e')
  const isEndToEnd = (file: string): boolean => file.startsWith(path.join(root, 'tests', 'e2e'))
  if (named.length === 0 && part === undefined) runChecks(outcome)
  const all =
    named.length > 0
      ? named
      : [
          ...testFiles(path.join(root, 'src')),
          ...testFiles(path.join(root, 'tests')),
          ...testFiles(path.join(root, 'scripts')),
        ]
  const unit = part === 'e2e' ? [] : all.filter((file) => !isEndToEnd(file))
  const endToEnd = part === 'unit' ? [] : all.filter(isEndToEnd)
  await runTests('unit', unit, {}, outcome)
  await runTestsUnderBun(
    unit.filter((file) => differsUnderBun.includes(file)),
    outcome,
  )
  if (endToEnd.length > 0) {
    build({ types: true })
    const driving = endToEnd.filter((file) => drivesDen(file))
    const others = endToEnd.filter((file) => !driving.includes(file))
    await runTests('e2e, library', others, {}, outcome)
    await runTests('e2e, executable', driving, { DEN_TEST_RUNTIME: 'exe' }, outcome)
    const both = driving.filter((file) => !executableOnly.some((name) => file.endsWith(path.join('e2e', name))))
    await runTests('e2e, node', both, { DEN_TEST_RUNTIME: 'node' }, outcome)
  }
  const reasons = Map.groupBy(outcome.skipped, ({ why }) => why)
  if (reasons.size > 0) console.log('\nNOT TESTED:')
  for (const [why, tests] of reasons) {
    console.log(`  ${tests.length} × ${why}`)
    for (const { name } of tests.slice(0, 5)) console.log(`      ${name}`)
    if (tests.length > 5) console.log(`      … and ${tests.length - 5} more`)
  }
  console.log(`\n${outcome.passed} passed, ${outcome.failed} failed, ${outcome.skipped.length} skipped`)
  process.exitCode = outcome.failed === 0 && outcome.passed > 0 ? 0 : 1
}

await main(process.argv.slice(2))
