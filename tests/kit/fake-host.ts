// A machine made of values: files in memory, variables, a registry, programs. It may be a Windows or a Mac while the tests run on Linux.

import path from 'node:path'
import { DenError } from '../../src/base/error.ts'
import type { Disk } from '../../src/host/disk.ts'
import type { DirectoryEntry, FileFacts, Files } from '../../src/host/files.ts'
import type { Host, KernelName, Platform } from '../../src/host/host.ts'
import type { Registry, RegistryKey } from '../../src/host/registry.ts'
import type { Spawn, SpawnRequest, SpawnResult } from '../../src/host/spawn.ts'

/** Text or bytes of a file; `undefined` for an empty directory; an object for a link, a mode, or a closed door. */
export type FakeEntry =
  | string
  | Uint8Array
  | undefined
  | { readonly link: string }
  | {
      readonly content?: string | Uint8Array
      readonly mode?: number
      /** Reading (of a directory: listing and passing through) is refused. */
      readonly closed?: boolean
      readonly modified?: number
    }

export interface FakeMachine {
  readonly platform?: Platform
  readonly arch?: string
  /** Absolute path to what stands there; parents are made. Files whose parent is called bin are executable. */
  readonly files?: Readonly<Record<string, FakeEntry>>
  readonly env?: Readonly<Record<string, string>>
  readonly home?: string
  readonly cwd?: string
  /** Key to values, as "HKCU\\Software\\…", "HKLM64\\…", "HKLM32\\…". */
  readonly registry?: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** What running a program gives; without it every program is missing. */
  readonly spawn?: (request: SpawnRequest) => Partial<SpawnResult> | Promise<Partial<SpawnResult>>
  readonly now?: () => number
  readonly kernel?: KernelName
}

/** The faked machine, and what was done to it. */
export interface FakeHost extends Host {
  /** Programs started, in order. */
  readonly spawned: readonly SpawnRequest[]
  /** Changes of the disk, in order: "writeAtomic /cache/x". */
  readonly changes: readonly string[]
}

interface FakeNode {
  readonly kind: FileFacts['kind']
  readonly path: string
  readonly bytes: Uint8Array
  readonly target: string
  readonly mode: number
  readonly closed: boolean
  readonly modified: number
  readonly inode: number
}

/** Makes the machine. On win32 and darwin the case of paths is ignored. */
export function fakeHost(machine: FakeMachine = {}): FakeHost {
  const platform = machine.platform ?? 'linux'
  const paths = (platform === 'win32' ? path.win32 : path.posix) as Host['path']
  const home =
    machine.home ?? (platform === 'win32' ? 'C:\\Users\\me' : platform === 'darwin' ? '/Users/me' : '/home/me')
  const tree = fakeTree(paths, platform !== 'win32' && platform !== 'darwin')
  for (const [name, entry] of Object.entries(machine.files ?? {})) tree.put(name, entry)
  const spawned: SpawnRequest[] = []
  const changes: string[] = []
  return {
    env: machine.env ?? {},
    platform,
    arch: machine.arch ?? 'x64',
    home,
    cwd: machine.cwd ?? home,
    uid: platform === 'win32' ? undefined : 1000,
    now: machine.now ?? (() => 1_700_000_000_000),
    path: paths,
    files: tree.files,
    disk: fakeDisk(tree, changes),
    spawn: fakeSpawn(machine.spawn, spawned),
    registry: fakeRegistry(machine.registry ?? {}),
    kernel: () =>
      machine.kernel ?? { system: 'Linux', release: '6.1.0-13-amd64', version: '#1 SMP Debian', machine: 'x86_64' },
    self: undefined,
    spawned,
    changes,
  }
}

interface FakeTree {
  readonly files: Files
  readonly nodes: Map<string, FakeNode>
  readonly key: (name: string) => string
  put(name: string, entry: FakeEntry): void
  /** The path with every link of its directories resolved. */
  place(name: string): string
}

function fakeTree(paths: Host['path'], caseMatters: boolean): FakeTree {
  const nodes = new Map<string, FakeNode>()
  const encoder = new TextEncoder()
  let inodes = 0
  const key = (name: string): string => {
    const normal = paths.resolve(paths === (path.win32 as Host['path']) ? 'C:\\' : '/', name)
    return caseMatters ? normal : normal.toLowerCase()
  }
  const add = (name: string, node: Partial<FakeNode> & Pick<FakeNode, 'kind'>): void => {
    inodes += 1
    const path = paths.normalize(name)
    const empty = { bytes: new Uint8Array(), target: '', mode: 0o755, closed: false, modified: 1_600_000_000_000 }
    nodes.set(key(name), { ...empty, ...node, path, inode: inodes })
  }
  const parents = (name: string): void => {
    const parent = paths.dirname(name)
    if (parent !== name) parents(parent)
    if (!nodes.has(key(parent))) add(parent, { kind: 'directory' })
  }
  const put = (name: string, entry: FakeEntry): void => {
    parents(name)
    const executable = ['bin', 'sbin', 'shims'].includes(paths.basename(paths.dirname(name)))
    const mode = executable ? 0o755 : 0o644
    const bytesOf = (content: string | Uint8Array): Uint8Array =>
      typeof content === 'string' ? encoder.encode(content) : content
    if (entry === undefined) add(name, { kind: 'directory' })
    else if (typeof entry === 'string' || entry instanceof Uint8Array)
      add(name, { kind: 'file', bytes: bytesOf(entry), mode })
    else if ('link' in entry) add(name, { kind: 'link', target: entry.link })
    else {
      add(name, {
        kind: entry.content === undefined ? 'directory' : 'file',
        bytes: bytesOf(entry.content ?? ''),
        mode: entry.mode ?? (entry.content === undefined ? 0o755 : mode),
        closed: entry.closed === true,
        ...(entry.modified === undefined ? {} : { modified: entry.modified }),
      })
    }
  }
  const refuse = (operation: string, name: string): never => {
    throw new DenError('permission-denied', { operation, path: name, errno: 'EACCES' })
  }
  const follow = (name: string, last: boolean, depth = 0): string | undefined => {
    if (depth > 40) return undefined
    const root = paths.parse(paths.normalize(name)).root
    let current = root
    const parts = paths
      .normalize(name)
      .slice(root.length)
      .split(paths.sep)
      .filter((part) => part !== '')
    for (const [index, part] of parts.entries()) {
      if (nodes.get(key(current))?.closed === true) refuse('look at', name)
      current = paths.join(current, part)
      const node = nodes.get(key(current))
      const isLast = index === parts.length - 1
      if (node?.kind === 'link' && (!isLast || last)) {
        const target = follow(paths.resolve(paths.dirname(current), node.target), true, depth + 1)
        if (target === undefined) return undefined
        current = target
      }
    }
    return current
  }
  const at = (name: string, last = true): FakeNode | undefined => {
    const place = follow(name, last)
    return place === undefined ? undefined : nodes.get(key(place))
  }
  const factsOf = (node: FakeNode | undefined): FileFacts | undefined =>
    node === undefined
      ? undefined
      : {
          kind: node.kind,
          size: node.bytes.length,
          mode: node.mode,
          modified: node.modified,
          accessed: node.modified,
          device: 1,
          inode: node.inode,
          links: 1,
          uid: 1000,
          blocks: Math.ceil(node.bytes.length / 512),
        }
  const reading = (name: string): FakeNode | undefined => {
    const node = at(name)
    if (node?.closed === true) refuse('read', name)
    if (node?.kind === 'directory') throw new DenError('io-failed', { operation: 'read', path: name, errno: 'EISDIR' })
    return node
  }
  const files: Files = {
    readBytes: (name, range) => {
      const bytes = reading(name)?.bytes
      return range === undefined ? bytes : bytes?.subarray(range.start, range.start + range.length)
    },
    readText: (name) => {
      const node = reading(name)
      return node === undefined ? undefined : new TextDecoder('utf-8', { ignoreBOM: true }).decode(node.bytes)
    },
    list: (name) => {
      const node = at(name)
      if (node === undefined || node.kind !== 'directory') return undefined
      if (node.closed) refuse('list', name)
      const found: DirectoryEntry[] = []
      for (const other of nodes.values()) {
        if (other !== node && key(paths.dirname(other.path)) === key(node.path)) {
          found.push({ name: paths.basename(other.path), kind: other.kind })
        }
      }
      return found
    },
    names: (name) => files.list(name)?.map((entry) => entry.name),
    stat: (name) => factsOf(at(name)),
    lstat: (name) => factsOf(at(name, false)),
    readLink: (name) => {
      const node = at(name, false)
      return node?.kind === 'link' ? node.target : undefined
    },
    realPath: (name) => at(name)?.path,
    isExecutable: (name) => {
      const node = at(name)
      return node?.kind === 'file' && (node.mode & 0o111) !== 0
    },
  }
  return { files, nodes, key, put, place: (name) => follow(name, false) ?? name }
}

function fakeDisk(tree: FakeTree, changes: string[]): Disk {
  const { files, nodes, key } = tree
  const fail = (operation: string, path: string, errno: string): never => {
    throw new DenError('io-failed', { operation, path, errno })
  }
  const contentOf = (name: string): Uint8Array => files.readBytes(name) ?? fail('read', name, 'ENOENT')
  const create = (name: string, entry: FakeEntry): void => {
    if (files.lstat(name) !== undefined) fail('write', name, 'EEXIST')
    tree.put(tree.place(name), entry)
  }
  const under = (name: string): string[] => {
    const top = key(tree.place(name))
    return [...nodes.keys()].filter((one) => one === top || one.startsWith(`${top}/`) || one.startsWith(`${top}\\`))
  }
  const update = (name: string, change: Partial<FakeNode>): void => {
    const real = files.realPath(name) ?? fail('change', name, 'ENOENT')
    nodes.set(key(real), { ...nodes.get(key(real))!, ...change })
  }
  const disk: Disk = {
    makeDirectory: (name) => create(name, undefined),
    makeDirectories: (name) => {
      if (files.stat(name) === undefined) tree.put(tree.place(name), undefined)
    },
    writeNew: (name, data, mode = 0o644) => create(name, { content: data, mode }),
    writeAtomic: (name, data, mode = 0o644) => tree.put(tree.place(name), { content: data, mode }),
    append: (name, data) => {
      const before = files.readBytes(name) ?? new Uint8Array()
      tree.put(tree.place(name), Buffer.concat([before, Buffer.from(data)]))
    },
    writeSealed: (name, data, { mode, modified }) => create(name, { content: data, mode, modified }),
    symlink: (target, name) => create(name, { link: target }),
    hardLink: (existing, name) => create(name, contentOf(existing)),
    copyFile: (from, to) => tree.put(tree.place(to), contentOf(from)),
    cloneFile: (from, to) => tree.put(tree.place(to), contentOf(from)),
    rename: (from, to) => {
      const source = tree.place(from)
      const target = tree.place(to)
      if (files.lstat(source) === undefined) fail('rename to', to, 'ENOENT')
      for (const one of under(target)) nodes.delete(one)
      for (const one of under(source)) {
        const node = nodes.get(one)!
        nodes.delete(one)
        const moved = target + node.path.slice(source.length)
        nodes.set(key(moved), { ...node, path: moved })
      }
    },
    chmod: (name, mode) => update(name, { mode }),
    removeFile: (name) => {
      if (!nodes.delete(key(tree.place(name)))) fail('remove', name, 'ENOENT')
    },
    removeDirectory: (name) => {
      if (under(name).length > 1) fail('remove', name, 'ENOTEMPTY')
      nodes.delete(key(tree.place(name)))
    },
    removeTree: (name) => {
      for (const one of under(name)) nodes.delete(one)
    },
    setTimes: (name, _accessed, modified) => update(name, { modified }),
    sync: () => undefined,
    syncAll: () => undefined,
    syncTrees: () => undefined,
  }
  const recorded = Object.entries(disk).map(([name, change]) => {
    // Each method's own arguments pass through unchanged.
    const apply = change as (...args: unknown[]) => void
    return [
      name,
      (...args: unknown[]): void => {
        changes.push(`${name} ${name === 'symlink' || name === 'hardLink' || name === 'rename' ? args[1] : args[0]}`)
        apply(...args)
      },
    ]
  })
  return Object.fromEntries(recorded) as Disk
}

function fakeSpawn(run: FakeMachine['spawn'], spawned: SpawnRequest[]): Spawn {
  return async (request) => {
    spawned.push(request)
    if (run === undefined) throw new DenError('spawn-failed', { command: request.command, errno: 'ENOENT' })
    const none = new Uint8Array()
    return { code: 0, signal: undefined, stdout: none, stderr: none, ...(await run(request)) }
  }
}

function fakeRegistry(keys: NonNullable<FakeMachine['registry']>): Registry {
  return {
    read: (hive, name, view): RegistryKey | undefined => {
      const prefix = `${hive}${hive === 'HKLM' ? (view ?? 64) : ''}\\${name}`.toLowerCase()
      const subkeys = new Set<string>()
      let values: ReadonlyMap<string, string> | undefined
      for (const [key, own] of Object.entries(keys)) {
        if (key.toLowerCase() === prefix) values = new Map(Object.entries(own))
        else if (key.toLowerCase().startsWith(`${prefix}\\`)) subkeys.add(key.slice(prefix.length + 1).split('\\')[0]!)
      }
      return values === undefined && subkeys.size === 0
        ? undefined
        : { values: values ?? new Map(), subkeys: [...subkeys] }
    },
  }
}
