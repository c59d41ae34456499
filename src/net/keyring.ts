// The keyring, asked through its own program: `keyring --mode=creds --output=json get SERVICE [USER]`, and for versions before 25.2.1,
// which don't know that, `keyring get SERVICE USER`. den is no Python, so pip's "import" asks the same program.

import { isDenError } from '../base/error.ts'
import { type Context, searchPath, variable } from '../host/host.ts'
import type { Credentials } from './auth.ts'

export type KeyringProvider = 'auto' | 'import' | 'subprocess' | 'disabled'

export interface Keyring {
  /** `service` is an address without credentials, or a host. */
  get(service: string, username: string | undefined): Promise<Credentials | undefined>
}

/** The keyring may have to ask the user to unlock it. */
const patience = 120_000

/** The program is looked for when it is first asked. One that fails to answer as it should is not asked again; that is reported. */
export function openKeyring({ host, report, signal }: Context, provider: KeyringProvider): Keyring {
  let executable: string | undefined | 'unknown' = provider === 'disabled' ? undefined : 'unknown'
  const run = async (args: readonly string[]): Promise<{ code: number | undefined; out: string; errors: string }> => {
    const decoder = new TextDecoder()
    const env = { ...host.env, PYTHONIOENCODING: 'utf-8' }
    const done = await host.spawn({ command: executable!, args, env, timeout: patience, signal })
    return { code: done.code, out: decoder.decode(done.stdout), errors: decoder.decode(done.stderr) }
  }
  const ask = async (service: string, username: string | undefined): Promise<Credentials | undefined> => {
    const user = username === undefined ? [] : [username]
    const { code, out, errors } = await run(['--mode=creds', '--output=json', 'get', service, ...user])
    if (code === 0) {
      const found = JSON.parse(out) as { readonly username?: unknown; readonly password?: unknown } | null
      if (typeof found?.password !== 'string') return undefined
      return {
        username: typeof found.username === 'string' ? found.username : (username ?? ''),
        password: found.password,
      }
    }
    if (code !== 2 || !errors.includes('unrecognized arguments') || username === undefined) return undefined
    const old = await run(['get', service, username])
    return old.code === 0 && old.out.trim() !== '' ? { username, password: old.out.replace(/\r?\n$/, '') } : undefined
  }
  return {
    get: async (service, username) => {
      // A word that begins with a dash would be an option.
      if (service.startsWith('-') || username?.startsWith('-') === true) return undefined
      if (executable === 'unknown') executable = findKeyring(host)
      if (executable === undefined) return undefined
      try {
        return await ask(service, username)
      } catch (error) {
        if (isDenError(error, 'aborted')) throw error
        executable = undefined
        // What the program printed may hold a password, and JSON.parse quotes it.
        const reason = isDenError(error) ? error.message : 'its answer could not be read'
        report({ kind: 'note', text: `the keyring is not asked any more: ${reason}` })
        return undefined
      }
    },
  }
}

function findKeyring(host: Context['host']): string | undefined {
  const names =
    host.platform === 'win32'
      ? (variable(host, 'PATHEXT') ?? '.EXE').split(';').map((end) => `keyring${end}`)
      : ['keyring']
  for (const directory of searchPath(host))
    for (const name of names) {
      const file = host.path.join(directory, name)
      if (host.files.isExecutable(file)) return file
    }
  return undefined
}
