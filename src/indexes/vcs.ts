// Repositories, through their own programs: a link becomes a directory and a commit. Revisions and addresses were checked when the link
// was read (link.ts): none begins with "-", and no protocol is one that runs programs. Credentials never stand on a command line.

import { DenError, isDenError } from '../base/error.ts'
import { revealUrl } from '../base/safe-url.ts'
import { sha256Hex } from '../host/hash.ts'
import { type Host, searchPath } from '../host/host.ts'
import { percentDecoded } from '../spec/requirements-txt-url.ts'
import type { VcsLink } from './link.ts'
import type { IndexContext } from './package-source.ts'
import { checkoutOther } from './vcs-others.ts'

export interface Checkout {
  /** The repository's top directory. */
  readonly directory: string
  /** Where the project stands in it: the link's subdirectory. */
  readonly project: string
  /** git's and hg's full hash, svn's and bzr's revision number: what direct_url.json calls commit_id. */
  readonly commit: string
  /**
   * Whether others may be given the same directory: whoever builds in it copies it first. A directory that is not shared is the
   * caller's, and `release` removes it.
   */
  readonly shared: boolean
  release(): void
}

export interface CheckoutOptions {
  /** Put there, for an editable install; otherwise into the cache. The directory is not there, or holds the same repository. */
  readonly directory?: string
  /** What becomes of another repository that is in the way there; it is left alone, and the link refused, unless said. */
  readonly inTheWay?: 'switch' | 'keep' | 'wipe' | 'back up'
  /** Servers that are broken in this way get a whole clone. */
  readonly partialClone?: boolean
}

export const vcsBucket = 'vcs-v1'
const minutes = 60_000

/** Fetches the link's revision. Throws `vcs-missing`, `vcs-failed`, `offline`, and what the disk throws. */
export async function checkoutVcs(
  context: IndexContext & { readonly offline?: boolean },
  link: VcsLink,
  options: CheckoutOptions = {},
): Promise<Checkout> {
  const run = openRunner(context, link)
  const checkout =
    link.vcs === 'git'
      ? await checkoutGit(context, link, run, options)
      : await checkoutOther(context, link, run, options)
  const project =
    link.subdirectory === undefined
      ? checkout.directory
      : context.host.path.join(checkout.directory, ...link.subdirectory.split('/'))
  if (context.host.files.stat(project)?.kind !== 'directory') {
    checkout.release()
    throw new DenError('invalid-link', {
      link: link.shown,
      reason: `${link.revision ?? 'its head'} has no directory ${link.subdirectory}`,
    })
  }
  return { ...checkout, project }
}

/** Runs the program; answers its output, trimmed. */
export type Run = (
  args: readonly string[],
  options: {
    readonly operation: string
    readonly env?: Readonly<Record<string, string | undefined>>
    readonly input?: string
    readonly cwd?: string
    /** Answers undefined where the program says no, instead of throwing. */
    readonly mayFail?: boolean
  },
) => Promise<string | undefined>

const programs = { git: ['git'], hg: ['hg'], svn: ['svn'], bzr: ['bzr', 'brz'] } as const

function openRunner(context: IndexContext, link: VcsLink): Run {
  const { host } = context
  const names = programs[link.vcs].flatMap((name) =>
    host.platform === 'win32' ? [`${name}.exe`, `${name}.cmd`] : [name],
  )
  const command = names
    .flatMap((name) => searchPath(host).map((directory) => host.path.join(directory, name)))
    .find((file) => host.files.isExecutable(file))
  if (command === undefined) throw new DenError('vcs-missing', { program: programs[link.vcs][0], link: link.shown })
  const secrets = secretsOf(link)
  return async (args, { operation, env = {}, input, cwd, mayFail = false }) => {
    const result = await host.spawn({
      command,
      args,
      env: { ...withoutGitsOwn(host.env), LC_ALL: 'C', ...env },
      timeout: 30 * minutes,
      signal: context.signal,
      ...(input === undefined ? {} : { input }),
      ...(cwd === undefined ? {} : { cwd }),
    })
    if (result.code === 0) return new TextDecoder().decode(result.stdout).trim()
    if (mayFail) return undefined
    const said = new TextDecoder().decode(result.stderr).trim().split('\n').slice(-20).join('\n')
    const output = secrets.reduce((text, secret) => text.replaceAll(secret, '****'), said)
    throw new DenError('vcs-failed', { link: link.shown, operation, output })
  }
}

/** Set by git for what it runs itself (hooks, aliases), they would point it to another repository than the one that is meant. */
function withoutGitsOwn(env: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  const own =
    /^GIT_(?:DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|COMMON_DIR|NAMESPACE|PREFIX)$/i
  return Object.fromEntries(Object.entries(env).filter(([name]) => !own.test(name)))
}

export function credentialsOf(
  link: VcsLink,
): { readonly user: string; readonly password: string | undefined } | undefined {
  const { username, password } = new URL(revealUrl(link.url))
  if (username === '' && password === '') return undefined
  return { user: percentDecoded(username), password: password === '' ? undefined : percentDecoded(password) }
}

function secretsOf(link: VcsLink): readonly string[] {
  const { username, password } = new URL(revealUrl(link.url))
  const overSsh = /ssh/.test(link.url.href.slice(0, 8))
  const texts = [password, ...(overSsh ? [] : [username])].filter((text) => text !== '')
  return [...new Set(texts.flatMap((text) => [text, percentDecoded(text)]))].sort((a, b) => b.length - a.length)
}

/** The address as a program may be given it: ssh's user is a part of it, a password never is. */
export function addressOf(link: VcsLink): string {
  const credentials = credentialsOf(link)
  if (credentials === undefined || !/^(?:[a-z]+\+)?(?:ssh|sftp):/.test(link.url.href)) return link.url.href
  return link.url.href.replace('://', `://${encodeURIComponent(credentials.user)}@`)
}

const fullHash = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

async function checkoutGit(
  context: IndexContext & { readonly offline?: boolean },
  link: VcsLink,
  run: Run,
  options: CheckoutOptions,
): Promise<Omit<Checkout, 'project'>> {
  const { host } = context
  const { files, disk, path } = host
  const address = addressOf(link)
  const env = gitEnvironment(host, link)
  const shared = path.join(context.places.cache, vcsBucket, sha256Hex(address).slice(0, 32))
  const known = (commit: string): Omit<Checkout, 'project'> | undefined => {
    const directory = path.join(shared, commit)
    return files.stat(path.join(directory, '.git')) === undefined
      ? undefined
      : { directory, commit, shared: true, release: () => undefined }
  }
  // A commit's name says what it holds: nobody needs to be asked for one that is here.
  const before = link.revision !== undefined && fullHash.test(link.revision) ? known(link.revision) : undefined
  if (before !== undefined && options.directory === undefined) return before
  if (context.offline === true) throw new DenError('offline', { url: link.shown })
  const found = await remoteCommit(link, address, run, env)
  const cached = found === undefined ? undefined : known(found)
  if (cached !== undefined && options.directory === undefined) return cached

  if (options.directory !== undefined && files.stat(options.directory) !== undefined) {
    const there = await clearWay(context, link, run, options.directory, options.inTheWay)
    if (there === 'kept') return await keptGit(run, options.directory)
    if (there === 'stays') return await updateGit(link, run, env, options.directory)
  }
  const target = options.directory ?? path.join(shared, `work-${uniqueName(context)}`)
  disk.makeDirectories(path.dirname(target))
  try {
    const filter = options.partialClone === false ? [] : ['--filter=blob:none']
    context.report({ kind: 'fetch.started', url: link.shown })
    await run(['clone', '--quiet', '--no-checkout', ...filter, '--', address, target], { operation: 'git clone', env })
    const commit = await settle(link, found, target, run, env)
    context.report({ kind: 'fetch.done', url: link.shown, bytes: 0 })
    if (options.directory !== undefined)
      return { directory: target, commit, shared: false, release: () => disk.removeTree(target) }
    const place = path.join(shared, commit)
    try {
      disk.rename(target, place)
    } catch (error) {
      // Another den was quicker: what it has is the same.
      if (!isDenError(error) || known(commit) === undefined) throw error
      disk.removeTree(target)
    }
    return known(commit)!
  } catch (error) {
    disk.removeTree(target)
    throw error
  }
}

export function uniqueName({ host }: Pick<IndexContext, 'host'>): string {
  return sha256Hex(`${host.now()}\0${Math.random()}`).slice(0, 16)
}

/** Nothing is prompted for, and no address in a repository (a submodule's, a redirect's) may use other protocols. */
function gitEnvironment(host: Pick<Host, 'env'>, link: VcsLink): Readonly<Record<string, string>> {
  const credentials = credentialsOf(link)
  const web = /^https?:/.test(link.url.href)
  const token = `${credentials?.user ?? ''}:${credentials?.password ?? ''}`
  const config: readonly (readonly [string, string])[] =
    credentials === undefined || !web
      ? []
      : [[`http.${link.url.origin}/.extraHeader`, `Authorization: Basic ${Buffer.from(token).toString('base64')}`]]
  // The user's own come first.
  const given = Number(host.env['GIT_CONFIG_COUNT'] ?? 0) || 0
  return {
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: new URL(link.url.href).protocol === 'file:' ? 'file' : 'http:https:ssh:git',
    GIT_CONFIG_COUNT: String(given + config.length),
    ...Object.fromEntries(
      config.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${given + index}`, key],
        [`GIT_CONFIG_VALUE_${given + index}`, value],
      ]),
    ),
  }
}

/** The commit that the revision names on the server: a branch, else a tag, else a ref; undefined where only a clone can tell. */
async function remoteCommit(
  link: VcsLink,
  address: string,
  run: Run,
  env: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const { revision } = link
  const listed = await run(['ls-remote', '--quiet', '--', address], { operation: 'git ls-remote', env })
  const refs = new Map(
    (listed ?? '').split('\n').flatMap((line) => {
      const [, commit, name] = /^([0-9a-f]{40,64})\t(.+)$/.exec(line) ?? []
      return commit === undefined || name === undefined ? [] : [[name, commit] as const]
    }),
  )
  if (revision === undefined) return refs.get('HEAD')
  const named = [`refs/heads/${revision}`, `refs/tags/${revision}^{}`, `refs/tags/${revision}`]
  const found = named.map((name) => refs.get(name)).find((commit) => commit !== undefined)
  if (found !== undefined) return found
  if (revision.startsWith('refs/')) return refs.get(`${revision}^{}`) ?? refs.get(revision)
  return fullHash.test(revision) ? revision : undefined
}

/** Checks out the commit, in a clone without files so far, and its submodules; answers its full hash. */
async function settle(
  link: VcsLink,
  found: string | undefined,
  directory: string,
  run: Run,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const git = (args: readonly string[], mayFail = false): Promise<string | undefined> =>
    run(['-C', directory, ...args], { operation: `git ${args[0]}`, env, mayFail })
  const wanted = found ?? link.revision ?? 'HEAD'
  const verify = (revision: string): Promise<string | undefined> =>
    git(['rev-parse', '--quiet', '--verify', `${revision}^{commit}`], true)
  let commit = await verify(wanted)
  if (commit === undefined && (fullHash.test(wanted) || wanted.startsWith('refs/'))) {
    // On no branch: a pull request's, or a ref that clones leave out.
    await git(['fetch', '--quiet', 'origin', wanted])
    commit = await verify('FETCH_HEAD')
  }
  if (commit === undefined) {
    const output = `the repository has no branch, tag or commit ${wanted}`
    throw new DenError('vcs-failed', { link: link.shown, operation: 'git rev-parse', output })
  }
  const branch = link.revision ?? ''
  // As in pip: on a branch it stands on the branch.
  const onBranch = await git(['rev-parse', '--quiet', '--verify', `refs/remotes/origin/${branch}`], true)
  if (link.revision !== undefined && link.revision !== 'HEAD' && onBranch === commit)
    await git(['checkout', '--quiet', '-B', branch, commit])
  else if (link.revision === undefined && (await verify('HEAD')) === commit)
    await git(['reset', '--quiet', '--hard', commit])
  else await git(['checkout', '--quiet', '--detach', commit])
  await updateSubmodules(directory, run, env)
  return commit
}

/** Files of this machine are not reached through a submodule, as git itself has it. */
async function updateSubmodules(directory: string, run: Run, env: Readonly<Record<string, string>>): Promise<void> {
  const listed = await run(['-C', directory, 'ls-tree', 'HEAD', '--', '.gitmodules'], { operation: 'git ls-tree', env })
  if (listed === undefined || listed === '') return
  await run(['-C', directory, 'submodule', 'update', '--init', '--recursive', '--quiet'], {
    operation: 'git submodule update',
    env: { ...env, GIT_ALLOW_PROTOCOL: 'http:https:ssh:git' },
  })
}

/** Does what was asked for with another repository; one that is the same stays. */
async function clearWay(
  { host }: IndexContext,
  link: VcsLink,
  run: Run,
  directory: string,
  inTheWay: CheckoutOptions['inTheWay'],
): Promise<'stays' | 'kept' | 'gone'> {
  if (inTheWay === undefined) return 'stays'
  const git = (args: readonly string[]): Promise<string | undefined> =>
    run(['-C', directory, ...args], { operation: `git ${args[0]}`, mayFail: true })
  const origin = await git(['config', '--get', 'remote.origin.url'])
  if (origin === addressOf(link)) return 'stays'
  switch (inTheWay) {
    case 'keep':
      return 'kept'
    case 'switch':
      await git(['config', 'remote.origin.url', addressOf(link)])
      return 'stays'
    case 'wipe':
      host.disk.removeTree(directory)
      return 'gone'
    case 'back up': {
      const taken = (place: string): boolean => host.files.lstat(place) !== undefined
      let [place, number] = [`${directory}.bak`, 1]
      while (taken(place)) {
        number += 1
        place = `${directory}.bak${number}`
      }
      host.disk.rename(directory, place)
      return 'gone'
    }
  }
}

/** The directory as it is, with the commit that it is on. */
async function keptGit(run: Run, directory: string): Promise<Omit<Checkout, 'project'>> {
  const commit = await run(['-C', directory, 'rev-parse', 'HEAD'], { operation: 'git rev-parse' })
  return { directory, commit: commit!, shared: false, release: () => undefined }
}

/** Brings a directory that holds the same repository to the revision. Throws `vcs-failed` where it holds something else. */
async function updateGit(
  link: VcsLink,
  run: Run,
  env: Readonly<Record<string, string>>,
  directory: string,
): Promise<Omit<Checkout, 'project'>> {
  const git = (args: readonly string[], mayFail = false): Promise<string | undefined> =>
    run(['-C', directory, ...args], { operation: `git ${args[0]}`, env, mayFail })
  const origin = await git(['config', '--get', 'remote.origin.url'], true)
  if (origin !== addressOf(link)) {
    const output = `${directory} holds ${origin === undefined ? 'something else' : 'another repository'}: move it away first`
    throw new DenError('vcs-failed', { link: link.shown, operation: 'git fetch', output })
  }
  await git(['fetch', '--quiet', '--tags', '--force', 'origin'])
  const found = await remoteCommit(link, addressOf(link), run, env)
  const commit = await settle(link, found, directory, run, env)
  return { directory, commit, shared: false, release: () => undefined }
}
