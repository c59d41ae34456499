// A checkout that is installed in place, as the requirement that gives it again: pip's rules, system by system. Where several hold the
// directory, the innermost counts.

import { isDenError } from '../base/error.ts'
import { ifReadable } from '../env/quietly.ts'
import { splitLines, strip } from '../format/python-text.ts'
import type { Host } from '../host/host.ts'
import { fileUrl } from '../spec/requirements-txt-url.ts'
import type { Core } from './core.ts'

export interface NoReference {
  readonly problem: 'none' | 'no-remote' | 'bad-remote' | 'failed' | 'no-client'
  /** As pip calls it: "Git". */
  readonly system: string
  /** Of a remote that leads nowhere. */
  readonly url: string
}

interface Repository {
  readonly system: 'Git' | 'Mercurial' | 'Subversion' | 'Bazaar'
  /** What the prefix is: "hg+". */
  readonly prefix: 'git' | 'hg' | 'svn' | 'bzr'
  readonly root: string
}

type Asked = { readonly address: string; readonly revision: string } | Pick<NoReference, 'problem' | 'url'>

/** ADDRESS@REVISION#egg=NAME of the checkout that `directory` lies in. Asks the systems' own clients, but for Mercurial. */
export async function checkoutReference(core: Core, directory: string, name: string): Promise<string | NoReference> {
  const { host } = core
  const { path } = host
  const repository = await repositoryOf(core, directory)
  if (repository === undefined) return { problem: 'none', system: '', url: '' }
  const { system, prefix, root } = repository
  const asked = await ask[prefix](core, directory, root)
  if ('problem' in asked) return { ...asked, system }
  const { address, revision } = asked
  // git: and svn: are schemes of their own, which pip reads behind the prefix alone.
  const isPrefixed = prefix !== 'git' && prefix !== 'svn' && address.toLowerCase().startsWith(`${prefix}:`)
  const scheme = isPrefixed ? '' : `${prefix}+`
  const own = prefix === 'git' || prefix === 'hg' ? subdirectoryOf(host, directory, root) : ''
  const below = own === '' ? '' : `&subdirectory=${own.split(path.sep).join('/')}`
  return `${scheme}${address}@${encodeURI(revision)}#egg=${name.replaceAll('-', '_')}${below}`
}

async function repositoryOf(core: Core, directory: string): Promise<Repository | undefined> {
  const { files } = core.host
  const has = (place: string): boolean =>
    ifReadable(() => files.lstat(core.host.path.join(directory, place))) !== undefined
  const found: Repository[] = []
  // pip's order: of two that hold the very same directory the later one counts.
  if (has('.bzr')) found.push({ system: 'Bazaar', prefix: 'bzr', root: directory })
  const git = (await run(core, 'git', ['rev-parse', '--show-toplevel'], directory))?.replace(/[\r\n]+$/, '')
  if (git !== undefined && git !== noClient) found.push({ system: 'Git', prefix: 'git', root: git })
  const hg = mercurialRoot(core.host, directory)
  if (hg !== undefined) found.push({ system: 'Mercurial', prefix: 'hg', root: hg })
  if (has('.svn')) found.push({ system: 'Subversion', prefix: 'svn', root: directory })
  return found.reduce<Repository | undefined>(
    (best, one) => (best === undefined || one.root.length >= best.root.length ? one : best),
    undefined,
  )
}

const noClient = '\0none'

/** What the client prints; undefined where it fails, `noClient` where it isn't there. */
async function run(
  { host, signal }: Core,
  command: string,
  args: readonly string[],
  cwd: string,
): Promise<string | undefined> {
  // A hook of git's, or a shell inside of one, points these at another repository. The words that are read below are English.
  const { GIT_DIR: _dir, GIT_WORK_TREE: _tree, LANGUAGE: _language, ...env } = host.env
  try {
    const done = await host.spawn({ command, args, cwd, env: { ...env, LC_ALL: 'C.UTF-8' }, signal })
    return done.code === 0
      ? new TextDecoder().decode(done.stdout)
      : args[0] === 'config' && done.code === 1
        ? ''
        : undefined
  } catch (error) {
    if (isDenError(error, 'spawn-failed')) return noClient
    if (isDenError(error, 'spawn-timeout')) return undefined
    throw error
  }
}

const ask: Readonly<Record<Repository['prefix'], (core: Core, directory: string, root: string) => Promise<Asked>>> = {
  git: async (core, directory) => {
    const remotes = splitLines(
      (await run(core, 'git', ['config', '--get-regexp', 'remote\\..*\\.url'], directory)) ?? '',
    )
    const remote = remotes.find((line) => line.startsWith('remote.origin.url ')) ?? remotes[0]
    if (remote === undefined) return { problem: 'no-remote', url: '' }
    const written = strip(remote.split(' ')[1] ?? '')
    const address = remoteAddress(core.host, written, directory)
    if (address === undefined) return { problem: 'bad-remote', url: written }
    const revision = (await run(core, 'git', ['rev-parse', 'HEAD'], directory))?.trim()
    return revision === undefined ? { problem: 'failed', url: '' } : { address, revision }
  },
  // hg runs what the checkout's own hgrc names, and a checkout may be a stranger's: two of its files tell as much.
  hg: async ({ host }, _, root) => {
    const written = mercurialDefault(host, root)
    if (written === undefined) return { problem: 'failed', url: '' }
    return {
      address: host.path.isAbsolute(written) ? fileUrl(written, host.path) : written,
      revision: mercurialParent(host, root),
    }
  },
  svn: async (core, directory) => {
    const project = projectRoot(core.host, directory)
    if (project === undefined) return { problem: 'no-remote', url: '' }
    const told = await run(core, 'svn', ['info', '--xml', '--non-interactive', '--', project], directory)
    if (told === noClient) return { problem: 'no-client', url: '' }
    const address = /<url>(.*)<\/url>/.exec(told ?? '')?.[1]
    if (address === undefined) return { problem: 'no-remote', url: '' }
    const revisions = [...(told ?? '').matchAll(/revision="(\d+)"/g)].map((match) => Number(match[1]))
    return { address: unescaped(address), revision: String(Math.max(0, ...revisions)) }
  },
  bzr: async (core, directory) => {
    const told = await run(core, 'bzr', ['info'], directory)
    if (told === noClient) return { problem: 'no-client', url: '' }
    const address = /^\s*(?:checkout of branch|parent branch): (.*)$/m.exec(told ?? '')?.[1]?.trim()
    if (told === undefined) return { problem: 'failed', url: '' }
    if (address === undefined) return { problem: 'no-remote', url: '' }
    const revision = (await run(core, 'bzr', ['revno'], directory))?.trim().split('\n').at(-1)
    if (revision === undefined) return { problem: 'failed', url: '' }
    return { address: core.host.path.isAbsolute(address) ? fileUrl(address, core.host.path) : address, revision }
  },
}

function unescaped(xml: string): string {
  return xml.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&')
}

function mercurialRoot({ files, path }: Pick<Host, 'files' | 'path'>, directory: string): string | undefined {
  for (let place = directory; ; place = path.dirname(place)) {
    if (ifReadable(() => files.stat(path.join(place, '.hg')))?.kind === 'directory') return place
    if (path.dirname(place) === place) return undefined
  }
}

/** `default` of [paths] in the checkout's hgrc; a path counts from its root. */
function mercurialDefault(
  { files, path, home }: Pick<Host, 'files' | 'path' | 'home'>,
  root: string,
): string | undefined {
  let section = ''
  let found: string | undefined
  for (const line of splitLines(ifReadable(() => files.readText(path.join(root, '.hg', 'hgrc'))) ?? '')) {
    section = /^\[([^[]+)\]/.exec(line)?.[1] ?? section
    if (section === 'paths') found = /^default\s*=\s*(.*\S)/.exec(line)?.[1] ?? found
  }
  if (found === undefined || /^[a-z][a-z0-9+.-]*:\/\//i.test(found) || /^ssh:|^bundle:|^union:/.test(found))
    return found
  const plain = /^~(?=\/|$)/.test(found) && home !== undefined ? path.join(home, found.slice(1)) : found
  return path.resolve(root, plain)
}

/** The first parent: 20 bytes at the start of the dirstate, or after the heading of its second format. */
function mercurialParent({ files, path }: Pick<Host, 'files' | 'path'>, root: string): string {
  const bytes = ifReadable(() => files.readBytes(path.join(root, '.hg', 'dirstate'))) ?? new Uint8Array()
  const heading = Buffer.from('dirstate-v2\n')
  const at = Buffer.from(bytes.subarray(0, heading.length)).equals(heading) ? heading.length : 0
  const node = Buffer.from(bytes.subarray(at, at + 20)).toString('hex')
  // Nothing is committed yet.
  return /^0*$/.test(node) ? '' : node
}

/** The project below the repository's root; empty for the root itself. */
function subdirectoryOf(host: Pick<Host, 'files' | 'path'>, directory: string, top: string): string {
  const real = (place: string): string => ifReadable(() => host.files.realPath(place)) ?? place
  const project = projectRoot(host, directory)
  return project === undefined ? '' : host.path.relative(real(top), real(project))
}

/** What git calls a remote, as an address: a path becomes file:, HOST:PATH becomes ssh:. */
function remoteAddress(
  { files, path }: Pick<Host, 'files' | 'path'>,
  url: string,
  directory: string,
): string | undefined {
  if (/^\w+:\/\//.test(url)) return url
  if (ifReadable(() => files.stat(path.resolve(directory, url))) !== undefined)
    return fileUrl(path.resolve(directory, url), path)
  const scp = /^(\w+@)?([^/:]+):(\w[^:]*)$/.exec(url)
  return scp === null ? undefined : `ssh://${scp[1] ?? ''}${scp[2]}/${scp[3]}`
}

/** The nearest directory, upwards, that could be installed. */
function projectRoot({ files, path }: Pick<Host, 'files' | 'path'>, directory: string): string | undefined {
  const has = (place: string, name: string): boolean =>
    ifReadable(() => files.stat(path.join(place, name)))?.kind === 'file'
  for (let place = directory; ; place = path.dirname(place)) {
    if (has(place, 'pyproject.toml') || has(place, 'setup.py')) return place
    if (path.dirname(place) === place) return undefined
  }
}
