// What a build may see: HOME and TMP of its own, no credentials in its variables, a time limit, and, where the system lets users make
// namespaces (Linux), no network and no process that outlives it. docs/internals/builds.md says what that does not hold.

import { type Context, type Host, searchPath, variable } from '../host/host.ts'

export interface Confinement {
  /** The command line that runs `argv` confined. */
  readonly command: (argv: readonly string[]) => readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly seconds: number
  /** Whether the build can reach a network. */
  readonly network: 'allowed' | 'none'
}

export interface ConfineOptions {
  /** A directory of the build's own; `home` and `tmp` are made in it. */
  readonly work: string
  /** The scripts directories of what the build needs, first on PATH. */
  readonly scripts: readonly string[]
  readonly allowNetwork: boolean
  /** Seconds that a hook may take. */
  readonly seconds: number
  /** The root of the environment that stands in as the active one. */
  readonly environment?: string
}

/** Set by den, by an activated environment, or a way to reach into the build's Python. */
const ownVariables =
  /^(?:PIP_|DEN_|UV_|VIRTUAL_ENV|CONDA_|PYTHON(?:HOME|PATH|STARTUP|USERBASE|EXECUTABLE|PLATLIBDIR)$|__PYVENV_LAUNCHER__$)/i
/** Names under which secrets are kept. A build that needs one has to be told by its own name. */
const secretVariables =
  /(?:TOKEN|SECRET|PASSW(?:OR)?D|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|AUTH(?!OR)|COOKIE|SSH_AUTH_SOCK|NETRC|KEYRING)/i
/** Tools that find their own installation by HOME, with the place under it. */
const toolHomes = [
  ['CARGO_HOME', '.cargo'],
  ['RUSTUP_HOME', '.rustup'],
  ['GOPATH', 'go'],
  ['CCACHE_DIR', '.cache/ccache'],
  ['SCCACHE_DIR', '.cache/sccache'],
] as const

/** Makes the build's HOME and TMP, and finds out (once a build, some milliseconds) whether its network can be taken away. */
export async function confine(context: Context, options: ConfineOptions): Promise<Confinement> {
  const { host } = context
  const { path, disk, files } = host
  const home = path.join(options.work, 'home')
  const temporary = path.join(options.work, 'tmp')
  for (const directory of [home, temporary])
    if (files.lstat(directory) === undefined) disk.makeDirectory(directory, 0o700)
  const wrapper = options.allowNetwork ? undefined : await namespaceWrapper(context)
  return Object.freeze({
    command: (argv: readonly string[]) => [...(wrapper ?? []), ...argv],
    environment: buildVariables(host, { ...options, home, temporary }),
    seconds: options.seconds,
    network: wrapper === undefined ? 'allowed' : 'none',
  })
}

/** The variables that a build gets. */
export function buildVariables(
  host: Pick<Host, 'env' | 'platform' | 'path' | 'home'>,
  options: {
    readonly home: string
    readonly temporary: string
    readonly scripts: readonly string[]
    readonly environment?: string
  },
): Record<string, string> {
  const { path } = host
  const kept = Object.entries(host.env).flatMap(([name, value]) =>
    value === undefined || ownVariables.test(name) || secretVariables.test(name) ? [] : [[name, value] as const],
  )
  const variables: Record<string, string> = Object.fromEntries(kept)
  if (host.home !== undefined) {
    for (const [name, place] of toolHomes) variables[name] ??= path.join(host.home, place)
  }
  const own: Record<string, string> = {
    HOME: options.home,
    ...(host.platform === 'win32' ? { USERPROFILE: options.home } : {}),
    TMPDIR: options.temporary,
    TMP: options.temporary,
    TEMP: options.temporary,
    PATH: [...options.scripts, variable(host, 'PATH') ?? ''].filter((entry) => entry !== '').join(path.delimiter),
    PYTHONNOUSERSITE: '1',
    PYTHONUNBUFFERED: '1',
    // Backends decorate their output for terminals, and this one ends in a log.
    NO_COLOR: '1',
    ...(options.environment === undefined ? {} : { VIRTUAL_ENV: options.environment }),
  }
  for (const name of Object.keys(variables)) if (name.toUpperCase() in own) delete variables[name]
  return { ...variables, ...own }
}

/** `unshare` of util-linux with namespaces of the user, the network and the processes; undefined where the system doesn't allow it. */
async function namespaceWrapper(context: Context): Promise<readonly string[] | undefined> {
  const { host } = context
  if (host.platform !== 'linux') return undefined
  const unshare = searchPath(host)
    .map((directory) => host.path.join(directory, 'unshare'))
    .find((file) => host.files.isExecutable(file))
  if (unshare === undefined) return undefined
  const wrapper = [unshare, '--user', '--map-current-user', '--net', '--pid', '--fork', '--kill-child']
  try {
    const probe = await host.spawn({
      command: unshare,
      args: [...wrapper.slice(1), 'true'],
      timeout: 5000,
      signal: context.signal,
    })
    return probe.code === 0 ? wrapper : undefined
  } catch {
    return undefined
  }
}
