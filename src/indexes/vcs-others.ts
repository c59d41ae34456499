// Mercurial, Subversion and Bazaar. Their checkouts are the caller's own: a revision of theirs may move, and asking what it is costs as
// much as fetching it.

import { DenError } from '../base/error.ts'
import type { VcsLink } from './link.ts'
import type { IndexContext } from './package-source.ts'
import {
  addressOf,
  type Checkout,
  type CheckoutOptions,
  credentialsOf,
  type Run,
  uniqueName,
  vcsBucket,
} from './vcs.ts'

export async function checkoutOther(
  context: IndexContext & { readonly offline?: boolean },
  link: VcsLink,
  run: Run,
  options: CheckoutOptions,
): Promise<Omit<Checkout, 'project'>> {
  const { disk, files, path } = context.host
  if (context.offline === true) throw new DenError('offline', { url: link.shown })
  const directory = options.directory ?? path.join(context.places.cache, vcsBucket, `work-${uniqueName(context)}`)
  if (files.stat(directory) !== undefined) {
    const output = `${directory} is there already: move it away first`
    throw new DenError('vcs-failed', { link: link.shown, operation: `${link.vcs} checkout`, output })
  }
  disk.makeDirectories(path.dirname(directory))
  const release = (): void => disk.removeTree(directory)
  try {
    context.report({ kind: 'fetch.started', url: link.shown })
    const commit = await checkout[link.vcs as keyof typeof checkout](context, link, run, directory)
    context.report({ kind: 'fetch.done', url: link.shown, bytes: 0 })
    return { directory, commit, shared: false, release }
  } catch (error) {
    release()
    throw error
  }
}

type CheckoutInto = (context: IndexContext, link: VcsLink, run: Run, directory: string) => Promise<string>

const checkout: Readonly<Record<'hg' | 'svn' | 'bzr', CheckoutInto>> = {
  hg: async (context, link, run, directory) => {
    const { env, remove } = mercurialEnvironment(context, link)
    try {
      const hg = (args: readonly string[], cwd?: string): Promise<string | undefined> =>
        run(['--noninteractive', ...args], { operation: `hg ${args[0]}`, env, ...(cwd === undefined ? {} : { cwd }) })
      await hg(['clone', '--noupdate', '--quiet', '--', addressOf(link), directory])
      const revision = link.revision === undefined ? [] : [`--rev=${link.revision}`]
      await hg(['update', '--quiet', ...revision], directory)
      return (await hg(['parents', '--template={node}'], directory))!
    } finally {
      remove()
    }
  },
  svn: async (_, link, run, directory) => {
    const credentials = credentialsOf(link)
    const login = credentials === undefined || /ssh:/.test(link.url.href) ? [] : [`--username=${credentials.user}`]
    const password = login.length > 0 ? credentials?.password : undefined
    const revision = link.revision === undefined ? [] : [`--revision=${link.revision}`]
    const given = password === undefined ? [] : ['--password-from-stdin', '--no-auth-cache']
    await run(
      ['checkout', '--quiet', '--non-interactive', ...login, ...given, ...revision, '--', addressOf(link), directory],
      { operation: 'svn checkout', ...(password === undefined ? {} : { input: `${password}\n` }) },
    )
    return (await run(['info', '--show-item=revision', '--', directory], { operation: 'svn info' }))!
  },
  bzr: async (_, link, run, directory) => {
    if (credentialsOf(link)?.password !== undefined)
      throw new DenError('invalid-link', {
        link: link.shown,
        reason: 'a password for bzr stands in its authentication.conf: on its command line everybody could read it',
      })
    const revision = link.revision === undefined ? [] : [`--revision=${link.revision}`]
    await run(['checkout', '--lightweight', '--quiet', ...revision, '--', addressOf(link), directory], {
      operation: 'bzr checkout',
    })
    const said = await run(['revno', '--', directory], { operation: 'bzr revno' })
    return said!.split('\n').at(-1)!
  },
}

/** A password reaches hg by a configuration file of its own, which is read after those that it reads anyway. */
function mercurialEnvironment(
  context: IndexContext,
  link: VcsLink,
): { readonly env: Readonly<Record<string, string>>; readonly remove: () => void } {
  const { host, places } = context
  const credentials = credentialsOf(link)
  const plain = { HGPLAIN: '1' }
  if (credentials === undefined || !/^https?:/.test(link.url.href)) return { env: plain, remove: () => undefined }
  const { disk, path } = host
  const file = path.join(places.cache, vcsBucket, `hgrc-${uniqueName(context)}`)
  const value = (text: string): string => text.replace(/[\r\n]/g, '')
  const lines = [
    '[auth]',
    `den.prefix = ${link.url.href}`,
    `den.username = ${value(credentials.user)}`,
    ...(credentials.password === undefined ? [] : [`den.password = ${value(credentials.password)}`]),
    'den.schemes = http https',
  ]
  disk.makeDirectories(path.dirname(file))
  disk.writeNew(file, `${lines.join('\n')}\n`, 0o600)
  const home = host.home ?? ''
  const usual =
    host.env['HGRCPATH'] ??
    ['/etc/mercurial/hgrc', path.join(home, '.hgrc'), path.join(home, '.config', 'hg', 'hgrc')].join(path.delimiter)
  return { env: { ...plain, HGRCPATH: `${usual}${path.delimiter}${file}` }, remove: () => disk.removeFile(file) }
}
