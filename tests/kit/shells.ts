// Real shells for tests: where they are, and how one talks to them, with and without a terminal. A shell that isn't installed makes
// its test skip loudly; apt-get install zsh fish tcsh csh mksh ksh yash busybox xonsh brings all but two. DEN_TEST_NU and
// DEN_TEST_PWSH name nushell and PowerShell where they are not on PATH.

import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

const elsewhere: Readonly<Record<string, string>> = { nu: 'DEN_TEST_NU', pwsh: 'DEN_TEST_PWSH' }

/** The program's file, found on PATH, by its variable, or among the development dependencies; undefined when not installed. */
export function findShell(name: string): string | undefined {
  const named = process.env[elsewhere[name] ?? '']
  const bundled = path.resolve(import.meta.dirname, '../../node_modules/@nushell/linux-x64/bin')
  const places = [...(process.env['PATH'] ?? '').split(':'), bundled].map((directory) => path.join(directory, name))
  return [...(named === undefined ? [] : [named]), ...places].find((file) => {
    try {
      fs.accessSync(file, fs.constants.X_OK)
      return fs.statSync(file).isFile()
    } catch {
      return false
    }
  })
}

export interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The variables that a shell in a test has: a home of its own, no start-up files of this machine's user. */
export function shellEnv(home: string, extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    PATH: '/usr/bin:/bin',
    HOME: home,
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    XDG_CONFIG_HOME: path.join(home, '.config'),
    ...extra,
  }
}

/** Runs a shell without a terminal. */
export function runShell(
  command: readonly [string, ...string[]],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>>; readonly input?: string },
): Run {
  const [file, ...args] = command
  const result = spawnSync(file, args, { encoding: 'utf8', timeout: 60_000, ...options })
  return { code: result.status, stdout: result.stdout, stderr: result.stderr }
}

/**
 * Talks to an interactive shell on a terminal of its own: sends a line, waits until it was carried out and the next prompt drawn,
 * sends the next. Answers what the terminal showed, without its control sequences.
 */
export async function interact(
  command: readonly string[],
  lines: readonly string[],
  options: {
    readonly cwd: string
    readonly env: Readonly<Record<string, string>>
    /** A line that prints `mark-INDEX-` and doesn't look so itself. */
    readonly mark?: (index: number) => string
  },
): Promise<string> {
  const mark = options.mark ?? ((index: number): string => `echo mark''-${index}-`)
  const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
  const child = spawn('script', ['-qfc', quoted, '/dev/null'], { cwd: options.cwd, env: { ...options.env } })
  let shown = ''
  let wake = (): void => undefined
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      shown += text
      // Line editors ask the terminal where the cursor is, and wait.
      if (text.includes('\x1b[6n')) child.stdin.write('\x1b[1;1R')
      wake()
    })
  }
  const over = new Promise<void>((resolve) => child.on('close', () => resolve()))
  const until = async (done: () => boolean): Promise<boolean> => {
    // Where the disk is busy with something else, a shell has been seen to take ten seconds for a line.
    const deadline = Date.now() + 60_000
    while (!done()) {
      if (Date.now() > deadline) return false
      await Promise.race([
        over,
        new Promise<void>((resolve) => {
          wake = resolve
          setTimeout(resolve, 50)
        }),
      ])
    }
    return true
  }
  const settled = async (milliseconds: number): Promise<void> => {
    // The prompt comes after the mark; it is there when the shell has been quiet for a moment.
    for (let before = -1; before !== shown.length; ) {
      before = shown.length
      await new Promise((resolve) => setTimeout(resolve, milliseconds))
    }
  }
  await until(() => shown.length > 0)
  await settled(options.mark === undefined ? 25 : 400)
  for (const [index, line] of lines.entries()) {
    child.stdin.write(`${line}\r`)
    // Line editors of that kind throw away what is typed while a command runs.
    if (options.mark !== undefined) await settled(60)
    child.stdin.write(`${mark(index)}\r`)
    if (!(await until(() => plain(shown).includes(`mark-${index}-`)))) break
    await settled(25)
  }
  child.stdin.write('exit\r')
  const killer = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await over
  clearTimeout(killer)
  return plain(shown)
}

/** The text without escape sequences and carriage returns. */
function plain(text: string): string {
  return text
    .replace(/\x1b(?:\[[0-9;?>=]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][0-9A-B]|[=>78])/g, '')
    .replaceAll('\r', '')
}
