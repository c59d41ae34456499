// den, pip and uv as installers of bad archives (bad-archives-run.ts). pip is a server that forks for each command, because it would take
// a second each time to start.

import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import readline from 'node:readline'
import { emptyTree, type Ground, type Installer, layGround, type ToolRun } from './bad-archives-run.ts'
import { den, denEnvironment, runProgram } from './den.ts'
import { peerPackages, peerProgram, skipWithout } from './oracle.ts'
import { newestPython, skipWithoutPython } from './pythons.ts'
import { type Cleanup, scratch } from './scratch.ts'

const below = (ground: Ground, ...names: readonly string[]): string =>
  path.relative(ground.root, path.join(ground.home, ...names))

/** What every tool is given: a home and a temporary directory of the ground's own, and no settings. */
function surroundings(ground: Ground): Record<string, string> {
  return { HOME: ground.home, TMPDIR: ground.temporary, PIP_CONFIG_FILE: '/dev/null', PYTHONDONTWRITEBYTECODE: '1' }
}

export async function denInstaller(root: string, python: string): Promise<Installer> {
  const env = (ground: Ground): Record<string, string> => ({
    ...surroundings(ground),
    DEN_HOME: path.join(ground.home, 'data'),
    DEN_CACHE_DIR: path.join(ground.home, 'cache'),
  })
  const ground = await layGround(root, async (laying) => {
    const made = await den(['create', '-p', python, '--seed', 'none', laying.environment], {
      cwd: laying.cwd,
      env: env(laying),
    })
    if (made.code !== 0) throw new Error(made.stderr)
  })
  const store = below(ground, 'data', 'store')
  const cache = below(ground, 'cache')
  const work = new RegExp(`^${cache}/(?:(?:builds|downloads)/.|run-|http-v1)`)
  return {
    ground,
    own: [store, cache, below(ground, 'data', 'journal')],
    // Locks are empty files that stay. Pages of the index and what is known of interpreters may be remembered.
    mayChange: (relative) =>
      relative.startsWith(`${store}/v1/locks`) ||
      [`${store}`, `${store}/v1`, `${store}/v1/trees`, `${store}/v1/work`].includes(relative) ||
      (relative.startsWith(cache) && !work.test(relative)),
    crash: /error\[internal\]|Unhandled|panic|Segmentation/,
    install: async (operand, index) => {
      const from = index === undefined ? ['--no-index'] : ['--index-url', index]
      const run = await den(['pip', 'install', '--no-deps', ...from, operand], { cwd: ground.cwd, env: env(ground) })
      return { code: run.code, signal: run.signal, output: run.stdout + run.stderr }
    },
    uninstall: async (project) => {
      const run = await den(['pip', 'uninstall', '-y', project], { cwd: ground.cwd, env: env(ground) })
      return { code: run.code, signal: run.signal, output: run.stdout + run.stderr }
    },
  }
}

/** An environment for a peer, made by the interpreter's own venv with copies: what pip does to `bin/python` hits nothing else. */
async function ordinaryEnvironment(ground: Ground, python: string): Promise<void> {
  const made = await runProgram(python, ['-m', 'venv', '--without-pip', '--copies', ground.environment], {
    cwd: ground.cwd,
    env: surroundings(ground),
  })
  if (made.code !== 0) throw new Error(made.stderr)
}

export async function uvInstaller(root: string, python: string, uv: string): Promise<Installer> {
  const ground = await layGround(root, (laying) => ordinaryEnvironment(laying, python))
  const cache = below(ground, 'uv-cache')
  return {
    ground,
    own: [cache, below(ground, '.local'), path.relative(ground.root, path.join(ground.environment, '.lock'))],
    mayChange: () => true,
    crash: /panicked at|stack overflow|RUST_BACKTRACE/,
    install: async (operand, index) => {
      const from = index === undefined ? ['--no-index'] : ['--index-url', index]
      const args = ['pip', 'install', '--python', ground.environment, '--no-config', '--no-deps', ...from, operand]
      const env = { ...surroundings(ground), UV_CACHE_DIR: path.join(ground.home, 'uv-cache') }
      // What uv remembers of an archive would answer for it the second time.
      emptyTree(env.UV_CACHE_DIR)
      const run = await runProgram(uv, args, { cwd: ground.cwd, env })
      return { code: run.code, signal: run.signal, output: run.stdout + run.stderr }
    },
  }
}

const forking = `
import json, os, signal, sys, tempfile
sys.path.insert(0, sys.argv[1])
os.environ.pop("PYTHONPATH", None)
from pip._internal.cli.main import main
import pip._internal.commands.install, pip._internal.operations.install.wheel
for line in iter(sys.stdin.readline, ""):
    asked = json.loads(line)
    output = tempfile.TemporaryFile(dir=sys.argv[2])
    child = os.fork()
    if child == 0:
        try:
            os.setsid()
            signal.alarm(60)
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            code = main(asked)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        except BaseException:
            import traceback
            traceback.print_exc()
            code = 70
        sys.stdout.flush(); sys.stderr.flush()
        os._exit(code or 0)
    _, status = os.waitpid(child, 0)
    output.seek(0)
    said = output.read().decode("utf-8", "replace")
    output.close()
    print(json.dumps({"status": os.waitstatus_to_exitcode(status), "output": said}), flush=True)
`

/** `pip` is the directory that holds the package pip; it runs in the environment's own Python. */
export async function pipInstaller(t: Cleanup, root: string, python: string, pip: string): Promise<Installer> {
  const ground = await layGround(root, (laying) => ordinaryEnvironment(laying, python))
  // pip alone: what else its peers' environment holds is no business of this one.
  const library = path.join(root, 'template-pip')
  fs.mkdirSync(library)
  fs.symlinkSync(path.join(pip, 'pip'), path.join(library, 'pip'))
  const said = path.join(root, 'template-tmp')
  fs.mkdirSync(said)
  const env = denEnvironment(ground.home, {
    ...surroundings(ground),
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    PIP_NO_CACHE_DIR: '1',
    PIP_NO_INPUT: '1',
  })
  const child = spawn(path.join(ground.environment, 'bin', 'python'), ['-I', '-B', '-c', forking, library, said], {
    cwd: ground.cwd,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.after(() => void child.kill())
  const waiting: ((line: string) => void)[] = []
  readline.createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(line))
  const ask = (argv: readonly string[]): Promise<ToolRun> =>
    new Promise((resolve) => {
      waiting.push((line) => {
        const { status, output } = JSON.parse(line) as { status: number; output: string }
        resolve(status < 0 ? { code: undefined, signal: String(-status), output } : { code: status, output })
      })
      child.stdin.write(`${JSON.stringify(argv)}\n`)
    })
  return {
    ground,
    own: [below(ground, '.cache'), below(ground, '.rustup')],
    mayChange: () => true,
    crash: /Traceback \(most recent call last\)/,
    install: (operand, index) => {
      const from = index === undefined ? ['--no-index'] : ['--index-url', index]
      return ask(['install', '--no-deps', '--no-compile', '--retries', '0', ...from, operand])
    },
  }
}

export interface Peers {
  readonly uv: string
  /** The directory that holds the package pip. */
  readonly pip: string
  readonly python: string
}

/** The peers, or why they can't be asked. */
export function peersHere(): Peers | string {
  const what = 'bad archives through pip and uv'
  const skip = skipWithout(['pip', 'uv'], what) || skipWithoutPython('3.12', what)
  if (skip !== false) return skip
  return { uv: peerProgram('uv'), pip: peerPackages('pip')!, python: newestPython('3.12')!.executable }
}

/** All three on grounds of their own, and their versions. */
export async function openTools(
  t: Cleanup,
  { uv, pip, python }: Peers,
): Promise<{
  readonly den: Installer
  readonly pip: Installer
  readonly uv: Installer
  readonly versions: { readonly pip: string; readonly uv: string; readonly python: string }
}> {
  const init = fs.readFileSync(path.join(pip, 'pip', '__init__.py'), 'utf8')
  const said = async (...command: readonly [string, ...string[]]): Promise<string> =>
    (await runProgram(command[0], command.slice(1), { cwd: scratch(t) })).stdout.trim()
  return {
    den: await denInstaller(scratch(t), python),
    pip: await pipInstaller(t, scratch(t), python, pip),
    uv: await uvInstaller(scratch(t), python, uv),
    versions: {
      pip: /__version__ = "([^"]+)"/.exec(init)?.[1] ?? 'unknown',
      uv: /\d+(?:\.\d+)+/.exec(await said(uv, '--version'))?.[0] ?? 'unknown',
      python: await said(python, '--version').then((text) => `C${text}`),
    },
  }
}
