// Whether somebody is using an environment at this moment: the shell den was started from, or a process whose Python is the
// environment's. Linux tells it in /proc; elsewhere only the shell is known.

import { type Host, variable } from '../host/host.ts'
import { ifReadable } from './quietly.ts'

export interface EnvironmentUse {
  /** VIRTUAL_ENV or CONDA_PREFIX names it. */
  readonly active: boolean
  /** Processes of this user that run its Python. */
  readonly processes: readonly { readonly pid: number; readonly command: string }[]
}

/** Looks at variables and processes. Costs a read or two for each process of the machine. */
export function environmentUse(host: Host, root: string): EnvironmentUse {
  const real = ifReadable(() => host.files.realPath(root)) ?? root
  const roots = new Set([root, real])
  const active = ['VIRTUAL_ENV', 'CONDA_PREFIX'].some((name) => {
    const value = variable(host, name)
    if (value === undefined || value === '') return false
    return roots.has(host.path.resolve(value)) || ifReadable(() => host.files.realPath(value)) === real
  })
  return { active, processes: host.platform === 'linux' ? runningFrom(host, roots) : [] }
}

function runningFrom(host: Host, roots: ReadonlySet<string>): EnvironmentUse['processes'] {
  const { files } = host
  const inside = (path: string): boolean => [...roots].some((root) => path.startsWith(`${root}/`))
  const found: { pid: number; command: string }[] = []
  for (const { name, kind } of ifReadable(() => files.list('/proc')) ?? []) {
    if (kind !== 'directory' || !/^\d+$/.test(name)) continue
    const read = (file: string): readonly string[] =>
      (ifReadable(() => files.readText(`/proc/${name}/${file}`)) ?? '').split('\0')
    const [program = '', script = ''] = read('cmdline')
    const python = /(?:^|\/)(?:python|pypy)[\w.]*$/.test(program)
    // `bin/pip` runs as `bin/python bin/pip`. Typed as a bare `python`, the shell's `_` or VIRTUAL_ENV tells whose it is.
    const runs =
      inside(program) ||
      (python && inside(script) && !script.includes('/site-packages/')) ||
      (python && !program.includes('/') && startedFrom(read('environ'), inside, roots))
    if (runs) found.push({ pid: Number(name), command: [program, script].filter((part) => part !== '').join(' ') })
  }
  return found
}

function startedFrom(
  environ: readonly string[],
  inside: (path: string) => boolean,
  roots: ReadonlySet<string>,
): boolean {
  return environ.some((entry) => {
    if (entry.startsWith('_=')) return inside(entry.slice(2))
    return entry.startsWith('VIRTUAL_ENV=') && roots.has(entry.slice('VIRTUAL_ENV='.length))
  })
}
