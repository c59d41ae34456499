// The table of docs/explanation/reliability.md: den, uv and pip ended at changes of the disk, side by side on this machine, by one method;
// and what each of them notices of damage. `node scripts/reliability.ts [--points N] [--den-all]`; DEN_PEERS names the peers' environment.
//
// The method is the same for all three: strace counts the calls that change the disk, and kills the program at the Nth one; then the same
// command is run again. Old is what stood before, new what the undisturbed command leaves, byte for byte but for bytecode, RECORD and
// what each tool keeps for itself. den is judged after its next command, as it promises; what plain Python meets in between is a column of its own.
// `--den-all` ends den at every one of its changes by its own injector as well (DEN_TEST_FAULT), with each kind of failure.

import { spawn, spawnSync } from 'node:child_process'
import crypto from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { denCommand, denEnvironment } from '../tests/kit/den.ts'
import { runWay } from '../tests/kit/faults-cli.ts'
import { faultWays, faultWheels } from '../tests/kit/faults-ways.ts'
import { serveIndex } from '../tests/kit/index-server.ts'

const points = Number(/--points[= ](\d+)/.exec(process.argv.join(' '))?.[1] ?? 40)
const peers = process.env['DEN_PEERS'] ?? fail('DEN_PEERS names no environment with uv and pip in it')
const calls =
  'rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,mkdir,mkdirat,rmdir,ftruncate,pwrite64,copy_file_range,chmod,fchmodat'
const python = process.env['DEN_TEST_PYTHON'] ?? findPython()

const ends: (() => unknown)[] = []
const cleanup = { after: (end: () => unknown): void => void ends.push(end) }
const work = fs.mkdtempSync(path.join(fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir(), 'den-reliability-'))

function fail(problem: string): never {
  throw new Error(problem)
}

function findPython(): string {
  // A shim answers to names that it then has no Python for.
  const ask = 'for name in python3.12 python3; do $name -c "" 2>/dev/null && command -v $name && exit; done'
  return spawnSync('sh', ['-c', ask], { encoding: 'utf8' }).stdout.trim()
}

interface Tool {
  readonly name: string
  readonly version: string
  run(words: readonly string[]): readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** A command that lets the tool mend what it will. */
  readonly next?: readonly string[]
}

const venv = path.join(work, 'project/.venv')
const home = path.join(work, 'home')

function tools(url: string): readonly Tool[] {
  const base = denEnvironment(home, {
    PIP_INDEX_URL: url,
    PIP_CONFIG_FILE: '/dev/null',
    UV_INDEX_URL: url,
    TMPDIR: path.join(work, 'tmp'),
  })
  const version = (words: readonly string[]): string =>
    /\d[\w.]*/.exec(spawnSync(words[0]!, words.slice(1), { encoding: 'utf8', env: base }).stdout)?.[0] ?? '?'
  const [den, ...before] = denCommand()
  const uv = path.join(peers, 'bin/uv')
  const pip = path.join(peers, 'bin/python')
  const all: readonly Tool[] = [
    {
      name: 'den',
      version: version([den, ...before, '--version']),
      run: (words) => [den, ...before, 'pip', '--python', venv, ...words],
      env: base,
      next: [den, ...before, 'env', 'list'],
    },
    {
      name: 'uv',
      version: version([uv, '--version']),
      run: (words) => [uv, 'pip', ...words.filter((word) => word !== '-y'), '--python', venv],
      env: { ...base, UV_CACHE_DIR: path.join(home, 'uv'), UV_NO_CONFIG: '1' },
    },
    {
      name: 'pip',
      version: version([pip, '-m', 'pip', '--version']),
      run: (words) => [
        pip,
        '-m',
        'pip',
        '--python',
        venv,
        ...words,
        ...(words[0] === 'install' ? ['--no-compile'] : []),
      ],
      env: { ...base, PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_ROOT_USER_ACTION: 'ignore' },
    },
  ]
  return all.filter(({ name, version: found }) => {
    if (found === '?') process.stderr.write(`NOT MEASURED: ${name} is not in ${peers}\n`)
    return found !== '?'
  })
}

interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly text: string
}

function run(words: readonly string[], env: Tool['env']): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(words[0]!, words.slice(1), { cwd: path.join(work, 'project'), env: env as NodeJS.ProcessEnv })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, text }))
  })
}

/** What stands, as Python would meet it: every file with its hash. */
function picture(top = venv): string {
  const lines: string[] = []
  const walk = (directory: string, prefix: string): void => {
    for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
      const name = `${prefix}${entry.name}`
      if (/^(?:\.den|\.lock)$/.test(name) || entry.name === '__pycache__') continue
      const file = path.join(directory, entry.name)
      if (entry.isDirectory()) {
        if (fs.readdirSync(file).length === 0) lines.push(`${name}/`)
        walk(file, `${name}/`)
      } else if (entry.isSymbolicLink()) lines.push(`${name} -> ${fs.readlinkSync(file)}`)
      else
        lines.push(
          `${name} ${/RECORD$/.test(name) ? fs.statSync(file).size : crypto.createHash('sha1').update(fs.readFileSync(file)).digest('hex')}`,
        )
    }
  }
  walk(top, '')
  return lines.sort().join('\n')
}

function copyAll(from: string, to: string): void {
  spawnSync('sh', ['-c', 'chmod -R u+w "$1" 2>/dev/null; rm -rf "$1"', 'sh', to])
  const done = spawnSync('cp', ['-a', from, to], { encoding: 'utf8' })
  if (done.status !== 0) throw new Error(done.stderr)
}

interface Row {
  readonly way: string
  readonly tool: string
  readonly calls: number
  readonly points: number
  old: number
  new: number
  broken: number
  /** What plain Python would have met before the tool ran again. */
  between: number
  healed: number
  stuck: number
  failed: number
}

const ways: readonly {
  readonly name: string
  readonly before: readonly string[]
  readonly change: readonly string[]
}[] = [
  { name: 'install', before: [], change: ['install', 'app==1.0'] },
  { name: 'upgrade', before: ['install', 'app==1.0', 'tool==1.0'], change: ['install', 'app==2.0', 'tool==2.0'] },
  { name: 'uninstall', before: ['install', 'app==1.0', 'tool==1.0'], change: ['uninstall', '-y', 'app', 'lib'] },
]

async function measure(tool: Tool, way: (typeof ways)[number]): Promise<Row | undefined> {
  for (const name of ['project', 'home', 'tmp', 'project.kept', 'home.kept']) {
    spawnSync('sh', ['-c', 'chmod -R u+w "$1" 2>/dev/null; rm -rf "$1"', 'sh', path.join(work, name)])
    if (!name.endsWith('kept')) fs.mkdirSync(path.join(work, name))
  }
  const made = spawnSync(python, ['-m', 'venv', '--without-pip', venv], { encoding: 'utf8' })
  if (made.status !== 0) throw new Error(made.stderr)
  // Warm: what is installed is in the store or the cache, so that the calls are those of installing.
  for (const words of [
    ['install', 'app==1.0', 'tool==1.0'],
    ['install', 'app==2.0', 'tool==2.0'],
    ['uninstall', '-y', 'app', 'lib', 'tool'],
    way.before,
  ])
    if (words.length > 0) {
      const done = await run(tool.run(words), tool.env)
      if (done.code !== 0) throw new Error(`${tool.name} ${words.join(' ')}: ${done.text}`)
    }
  copyAll(path.join(work, 'project'), path.join(work, 'project.kept'))
  copyAll(home, path.join(work, 'home.kept'))
  const old = picture()
  const trace = path.join(work, 'trace')
  const strace = (more: readonly string[]): readonly string[] => [
    'strace',
    '-f',
    '-qq',
    '-o',
    trace,
    '-e',
    `trace=${calls}`,
    ...more,
  ]
  const counted = await run([...strace([]), ...tool.run(way.change)], tool.env)
  if (counted.code !== 0) throw new Error(`${tool.name} ${way.name}: ${counted.text}`)
  const fresh = picture()
  // strace counts each kind of call by itself; points are spread over the kinds as the calls are.
  const kinds = new Map<string, number>()
  for (const [, name] of fs.readFileSync(trace, 'utf8').matchAll(/^\d+\s+(\w+)\(/gm))
    kinds.set(name!, (kinds.get(name!) ?? 0) + 1)
  const all = [...kinds].flatMap(([name, count]) =>
    Array.from({ length: count }, (_, index) => ({ name, at: index + 1 })),
  )
  const chosen = all.filter(
    (_, index) => Math.floor((index * points) / all.length) !== Math.floor(((index - 1) * points) / all.length),
  )
  const row: Row = {
    way: way.name,
    tool: tool.name,
    calls: all.length,
    points: 0,
    old: 0,
    new: 0,
    broken: 0,
    between: 0,
    healed: 0,
    stuck: 0,
    failed: 0,
  }
  let met = 0
  for (const { name, at } of chosen) {
    copyAll(path.join(work, 'project.kept'), path.join(work, 'project'))
    copyAll(path.join(work, 'home.kept'), home)
    const killed = await run(
      [...strace(['-e', `inject=${name}:signal=KILL:when=${at}`]), ...tool.run(way.change)],
      tool.env,
    )
    // A call of one thread among several may come another time; then it ended undisturbed, and is no point.
    if (killed.code === 0) continue
    met += 1
    const raw = picture()
    if (raw !== old && raw !== fresh) row.between += 1
    if (tool.next !== undefined) await run(tool.next, tool.env)
    const now = picture()
    if (now === old) row.old += 1
    else if (now === fresh) row.new += 1
    else row.broken += 1
    const again = await run(tool.run(way.change), tool.env)
    if (again.code !== 0) row.failed += 1
    else if (picture() === fresh) row.healed += 1
    else row.stuck += 1
  }
  return { ...row, points: met }
}

interface Noticed {
  readonly tool: string
  readonly what: string
  readonly result: string
}

const harms: readonly { readonly what: string; readonly harm: (site: string) => void }[] = [
  { what: 'a module deleted', harm: (site) => fs.rmSync(path.join(site, 'app/sub0/m0.py')) },
  { what: 'a module emptied', harm: (site) => replace(path.join(site, 'app/__init__.py'), '') },
  { what: 'a module edited', harm: (site) => replace(path.join(site, 'app/sub0/m0.py'), 'value = "6.6 0"\n') },
  { what: 'RECORD deleted', harm: (site) => fs.rmSync(path.join(site, 'app-1.0.dist-info/RECORD')) },
  { what: 'METADATA deleted', harm: (site) => fs.rmSync(path.join(site, 'app-1.0.dist-info/METADATA')) },
]

function replace(file: string, text: string): void {
  fs.rmSync(file)
  fs.writeFileSync(file, text)
}

/** What each tool's check says of a damaged environment, and whether a repair (for the peers: the install, repeated) mends it. */
async function notice(tool: Tool): Promise<readonly Noticed[]> {
  const noticed: Noticed[] = []
  for (const { what, harm } of harms) {
    for (const name of ['project', 'home']) {
      spawnSync('sh', ['-c', 'chmod -R u+w "$1" 2>/dev/null; rm -rf "$1"', 'sh', path.join(work, name)])
      fs.mkdirSync(path.join(work, name))
    }
    spawnSync(python, ['-m', 'venv', '--without-pip', venv])
    await run(tool.run(['install', 'app==1.0']), tool.env)
    const site = fs.globSync(path.join(venv, 'lib/python*/site-packages'))[0]!
    // den repair also writes activation scripts anew that are not safe to source.
    const whole = picture(site)
    harm(site)
    const isDen = tool.name === 'den'
    const [den, ...before] = denCommand()
    const checked = await run(isDen ? [den, ...before, 'check', venv] : tool.run(['check']), tool.env)
    const mended = await run(isDen ? [den, ...before, 'repair', venv] : tool.run(['install', 'app==1.0']), tool.env)
    const result = `${checked.code === 0 ? 'not noticed' : 'noticed'}, ${picture(site) === whole ? 'mended' : mended.code === 0 ? 'exit 0, not mended' : 'error'}`
    noticed.push({ tool: tool.name, what, result })
  }
  return noticed
}

try {
  fs.mkdirSync(path.join(work, 'tmp'))
  fs.mkdirSync(path.join(work, 'project'))
  fs.mkdirSync(home)
  const index = await serveIndex(cleanup, faultWheels(), { cacheControl: 'max-age=600' })
  const found = tools(index.url)
  console.log(
    `${found.map(({ name, version }) => `${name} ${version}`).join(', ')}; ${python}; ${points} points each\n`,
  )
  console.log(
    '| change | tool | calls that change the disk | killed at | old | new | **between** | between for plain Python | repeated: whole / exit 0, not whole / error |',
  )
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |')
  for (const way of process.argv.includes('--damage-only') ? [] : ways) {
    for (const tool of found) {
      const row = await measure(tool, way)
      if (row !== undefined)
        console.log(
          `| ${row.way} | ${row.tool} | ${row.calls} | ${row.points} | ${row.old} | ${row.new} | **${row.broken}** | ${row.between} | ${row.healed} / ${row.stuck} / ${row.failed} |`,
        )
    }
  }
  console.log(
    `\n| damage | ${found.map(({ name }) => name).join(' | ')} |\n| --- |${found.map(() => ' --- |').join('')}`,
  )
  const noticed: Noticed[] = []
  for (const tool of found) noticed.push(...(await notice(tool)))
  for (const { what } of harms)
    console.log(
      `| ${what} | ${found.map(({ name }) => noticed.find((one) => one.tool === name && one.what === what)?.result).join(' | ')} |`,
    )
  if (process.argv.includes('--den-all')) {
    const root = path.join(work, 'all')
    const scene = {
      project: path.join(root, 'project'),
      home: path.join(root, 'home'),
      kept: path.join(root, 'kept'),
      env: { PIP_INDEX_URL: index.url, PIP_CONFIG_FILE: '/dev/null', HOME: path.join(root, 'home') },
    }
    fs.mkdirSync(root)
    let sum = 0
    console.log(
      '\n| command | failure | points | old | new | between | not healed |\n| --- | --- | --- | --- | --- | --- | --- |',
    )
    for (const way of Object.values(faultWays(python))) {
      const kinds = ['kill', 'ENOSPC', 'EIO', 'EROFS', 'EMFILE'] as const
      for (const tally of await runWay(
        scene,
        way,
        kinds.map((fault) => ({ fault, sample: Number.POSITIVE_INFINITY })),
      )) {
        sum += tally.points
        console.log(
          `| ${tally.way} | ${tally.fault} | ${tally.points} | ${tally.old} | ${tally.new} | ${tally.broken.length} | ${tally.unhealed.length} |`,
        )
        for (const line of [...tally.broken, ...tally.unhealed].slice(0, 5)) console.error(line)
      }
    }
    console.log(`\n${sum} points`)
  }
} finally {
  for (const end of ends.toReversed()) await end()
  spawnSync('sh', ['-c', 'chmod -R u+w "$1" 2>/dev/null; rm -rf "$1"', 'sh', work])
}
