// `den shell`: the user's own shell with an environment active in it. The shell reads its own start-up files first; a last one, den's,
// enters the environment with the functions of the activation scripts, so that prompt and `deactivate` are the same as ever.

import type { Places } from '../config/places.ts'
import { type Host, variable } from '../host/host.ts'
import { type HookShell, hookShellOf, shellStartText } from './hook.ts'
import { fishQuote, nuQuote, powershellQuote } from './quote.ts'
import { systemPath } from './system-path.ts'

/** A shell on this machine. */
export interface FoundShell {
  /** The file, absolute. */
  readonly file: string
  /** "bash", "zsh", "tcsh", …, without a version or `.exe`. */
  readonly name: string
}

export interface ShellPlan {
  readonly file: string
  /** The arguments with the program's name first. */
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** What must stand on the disk before: start-up files, the same for every environment. */
  readonly files: readonly { readonly path: string; readonly text: string }[]
  /** False where the shell offers no place for a last start-up file: the environment is active there, but the prompt doesn't show it. */
  readonly drawsPrompt: boolean
}

const shellNames = /^-?((?:ba|z|da|a|k|mk|ya|fi|tc|c)?sh|ksh93|busybox|nu|xonsh|pwsh|powershell|cmd)(?:\.exe)?$/i

/** The shell's name in a path or process name: "/usr/bin/zsh" → "zsh", "-bash" → "bash"; undefined for what is no shell. */
export function shellNameOf(file: string): string | undefined {
  return shellNames.exec(file.split(/[/\\]/).at(-1)!)?.[1]?.toLowerCase()
}

/** The shell that den was called from, else the user's: from /proc where there is one, else SHELL, else ComSpec. */
export function findUserShell(host: Pick<Host, 'files' | 'env' | 'platform' | 'path'>): FoundShell | undefined {
  return callingShell(host) ?? fromVariable(host, 'SHELL') ?? fromVariable(host, 'ComSpec') ?? plainShell(host)
}

function plainShell(host: Pick<Host, 'files'>): FoundShell | undefined {
  return host.files.isExecutable('/bin/sh') ? { file: '/bin/sh', name: 'sh' } : undefined
}

function fromVariable(
  host: Pick<Host, 'files' | 'env' | 'platform' | 'path'>,
  variableName: string,
): FoundShell | undefined {
  const file = variable(host, variableName)
  const name = file === undefined ? undefined : shellNameOf(file)
  if (file === undefined || name === undefined || !host.path.isAbsolute(file)) return undefined
  return host.files.isExecutable(file) || host.platform === 'win32' ? { file, name } : undefined
}

/** Looks among the nearest ancestors of this process, for den may have been started through npx or a script. */
function callingShell({ files, path }: Pick<Host, 'files' | 'path'>): FoundShell | undefined {
  let status = files.readText('/proc/self/stat')
  for (let step = 0; step < 4 && status !== undefined; step += 1) {
    // "pid (name) state ppid …"; the name may hold anything, so the last parenthesis counts.
    const parent = /^ \S+ (\d+) /.exec(status.slice(status.lastIndexOf(')') + 1))?.[1]
    if (parent === undefined || parent === '0' || parent === '1') return undefined
    const name = shellNameOf(files.readText(`/proc/${parent}/comm`)?.trim() ?? '')
    const file = name === undefined ? undefined : readLinkQuietly(files, `/proc/${parent}/exe`)
    if (name !== undefined && file !== undefined) {
      // xonsh is a Python program and busybox many programs: their file alone would start something else.
      const own = shellNameOf(file)
      if (own === name || own === 'busybox') return { file, name: own === 'busybox' ? 'busybox' : name }
      if (path.basename(file).startsWith(name)) return { file, name }
      return undefined
    }
    status = files.readText(`/proc/${parent}/stat`)
  }
  return undefined
}

/** Another user's process keeps its file to itself. */
function readLinkQuietly(files: Host['files'], place: string): string | undefined {
  try {
    return files.readLink(place)
  } catch {
    return undefined
  }
}

/**
 * How to start `shell` with the environment at `root` active and shown as `name`. The variables are set as well, for what the shell
 * starts before its start-up files are read and for input that is no terminal.
 */
export function planShell(
  host: Pick<Host, 'env' | 'platform' | 'path' | 'home' | 'files'>,
  options: {
    readonly root: string
    readonly name: string
    readonly shell: FoundShell
    readonly places: Pick<Places, 'home'>
  },
): ShellPlan {
  const { root, name, shell } = options
  const { path } = host
  const windows = host.platform === 'win32'
  const scripts = path.join(root, windows ? 'Scripts' : 'bin')
  const env: Record<string, string | undefined> = { ...host.env }
  const pathName = windows ? (Object.keys(env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH') : 'PATH'
  env[pathName] = pathWith(host, scripts, env[pathName] ?? (windows ? '' : systemPath))
  env['VIRTUAL_ENV'] = root
  env['VIRTUAL_ENV_PROMPT'] = name
  env['DEN_SHELL'] = root
  // The hook of the shell outside shall not take this environment for its own and leave it.
  for (const gone of ['PYTHONHOME', 'PYTHONEXECUTABLE', '__PYVENV_LAUNCHER__', '_DEN_HOOK_ROOT']) delete env[gone]

  const kind = hookShellOf(shell.name)
  const plain = { file: shell.file, env, files: [], drawsPrompt: false }
  if (kind === undefined) {
    if (shell.name !== 'cmd') return { ...plain, argv: [shell.name] }
    env['PROMPT'] = `(${name.replaceAll('$', '$$$$')}) ${variable(host, 'PROMPT') ?? '$P$G'}`
    return { ...plain, argv: ['cmd'], drawsPrompt: true }
  }
  env['_DEN_SHELL_BIN'] = scripts
  env['_DEN_SHELL_NAME'] = name
  const directory = path.join(options.places.home, 'shell')
  const start = path.join(directory, kind === 'zsh' ? path.join('zsh', '.zshenv') : startNames[kind])
  const begin = starters[kind]({ host, env, start, shell: shell.name })
  return {
    file: shell.file,
    argv: [...(shell.name === 'busybox' ? ['busybox', 'sh'] : [shell.name]), ...begin],
    env,
    files: [{ path: start, text: shellStartText(kind) }],
    drawsPrompt: true,
  }
}

const startNames: Readonly<Record<HookShell, string>> = {
  bash: 'den.bash',
  zsh: '.zshenv',
  sh: 'den.sh',
  fish: 'den.fish',
  nushell: 'den.nu',
  xonsh: 'den.xsh',
  powershell: 'den.ps1',
}

interface Start {
  readonly host: Pick<Host, 'env' | 'path' | 'home' | 'files'>
  readonly env: Record<string, string | undefined>
  readonly start: string
  readonly shell: string
}

/** How each shell is made to read `start` after its own start-up files: the arguments, and the variables where that is the way. */
const starters: Readonly<Record<HookShell, (how: Start) => readonly string[]>> = {
  bash: ({ start }) => ['--rcfile', start],
  zsh: ({ host, env, start }) => {
    if (env['ZDOTDIR'] !== undefined) env['_DEN_SHELL_ZDOTDIR'] = env['ZDOTDIR']
    env['ZDOTDIR'] = host.path.dirname(start)
    return []
  },
  sh: ({ env, start, shell }) => {
    if (env['ENV'] !== undefined) env['_DEN_SHELL_ENV'] = env['ENV']
    if (shell === 'yash') return [`--rcfile=${start}`]
    env['ENV'] = start
    return []
  },
  fish: ({ start }) => ['--init-command', `source ${fishQuote(start)}`],
  nushell: ({ start }) => ['--execute', `source ${nuQuote(start)}`],
  xonsh: ({ host, start }) => {
    const { home, path, files } = host
    const own = home === undefined ? [] : [path.join(home, '.config', 'xonsh', 'rc.xsh'), path.join(home, '.xonshrc')]
    const present = ['/etc/xonsh/xonshrc', '/etc/xonshrc', ...own].filter((file) => files.stat(file) !== undefined)
    return ['-i', '--rc', ...present, start]
  },
  powershell: ({ start }) => ['-NoExit', '-Command', `. ${powershellQuote(start)}`],
}

/** PATH with the scripts first, and without the environment that is active outside. */
function pathWith(host: Pick<Host, 'env' | 'platform' | 'path'>, scripts: string, value: string): string {
  const { path } = host
  const active = variable(host, 'VIRTUAL_ENV')
  const outside = active === undefined ? undefined : path.join(active, path.basename(scripts))
  const entries = value === '' ? [] : value.split(path.delimiter)
  const index = outside === undefined ? -1 : entries.indexOf(outside)
  return [scripts, ...(index === -1 ? entries : entries.toSpliced(index, 1))].join(path.delimiter)
}
