import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { type TestContext as Context, testContext } from '../../tests/kit/context.ts'
import { serveHttp } from '../../tests/kit/http-server.ts'
import { writeTree } from '../../tests/kit/scratch.ts'
import { isDenError } from '../base/error.ts'
import { type SafeUrl, tryParseUrl } from '../base/safe-url.ts'
import { openTransport, type Transport, type TransportOptions } from './transport.ts'

const maxBytes = 2 ** 20
const url = (text: string): SafeUrl => tryParseUrl(text)!
const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

interface Guarded {
  readonly origin: string
  readonly host: string
  /** What each request brought, in order. */
  readonly seen: (string | undefined)[]
  at(path: string, userInfo?: string): SafeUrl
}

/** A server that wants user `me` and password `right`. */
async function guarded(t: TestContext, redirects: Record<string, string> = {}): Promise<Guarded> {
  const seen: (string | undefined)[] = []
  const server = await serveHttp(t, (request, response) => {
    seen.push(request.headers.authorization)
    const to = redirects[request.url!]
    if (to !== undefined) return void response.writeHead(302, { location: to }).end()
    if (request.headers.authorization !== basic('me', 'right'))
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end('log in')
    response.end('in')
  })
  const host = server.origin.replace('http://', '')
  return {
    origin: server.origin,
    host,
    seen,
    at: (place, userInfo) => url(`http://${userInfo === undefined ? '' : `${userInfo}@`}${host}${place}`),
  }
}

function client(t: TestContext, options: TransportOptions = {}, context: Context = testContext(t)): Transport {
  const transport = openTransport(context, { pauseMilliseconds: 1, ...options })
  t.after(() => transport.close())
  return transport
}

const statusOf = async (transport: Transport, address: SafeUrl): Promise<number> =>
  (await transport.fetch({ url: address, maxBytes })).status

async function refused(transport: Transport, address: SafeUrl): Promise<void> {
  await assert.rejects(transport.fetch({ url: address, maxBytes }), (error) => {
    assert.ok(isDenError(error, 'http-status'))
    assert.equal(error.detail.status, 401)
    return true
  })
}

/** A program `keyring` that knows one password and writes down what it was asked. */
function withKeyring(t: TestContext, lines: string): { context: Context; asked: () => string[] } {
  const context = testContext(t)
  const log = path.join(context.root, 'asked')
  writeTree(context.root, { 'bin/keyring': `#!/bin/sh\necho "$@" >> '${log}'\n${lines}\n` })
  fs.chmodSync(path.join(context.root, 'bin/keyring'), 0o755)
  const env = { PATH: `${path.join(context.root, 'bin')}:/usr/bin:/bin` }
  return {
    context: testContext(t, { root: context.root, env }),
    asked: () => (fs.existsSync(log) ? fs.readFileSync(log, 'utf8').trim().split('\n') : []),
  }
}

test('credentials of an index are good for its origin, by the longest common path, and nowhere else', async (t) => {
  const server = await guarded(t)
  const other = await guarded(t)
  const indexes = [server.at('/other/simple/', 'me:wrong'), server.at('/team/simple/', 'me:right')]
  const transport = client(t, { indexes })
  assert.equal(await statusOf(transport, server.at('/team/simple/app/')), 200)
  assert.equal(await statusOf(transport, server.at('/team/files/app.whl')), 200)
  assert.equal(server.seen.length, 2)
  await refused(transport, other.at('/team/simple/app/'))
  assert.deepEqual(other.seen, [undefined])
})

test('a password may hold anything', async (t) => {
  const seen: (string | undefined)[] = []
  const server = await serveHttp(t, (request, response) => {
    seen.push(request.headers.authorization)
    response.end()
  })
  const host = server.origin.replace('http://', '')
  for (const info of ['me:p%40ss%3A%C3%BC', 'me:100%', 'token', 'a%40b.org:x']) {
    await client(t).fetch({ url: url(`http://${info}@${host}/`), maxBytes })
  }
  assert.deepEqual(seen, [basic('me', 'p@ss:ü'), basic('me', '100%'), basic('token', ''), basic('a@b.org', 'x')])
})

test('netrc is sent unasked, to the machine it names', async (t) => {
  const server = await guarded(t)
  const context = testContext(t)
  writeTree(context.root, { 'home/.netrc': 'machine 127.0.0.1 login me password right\n' })
  const transport = client(t, {}, context)
  assert.equal(await statusOf(transport, server.at('/a')), 200)
  assert.equal(await statusOf(transport, server.at('/a', 'me')), 200)
  assert.deepEqual(server.seen, [basic('me', 'right'), basic('me', 'right')])
  // The address's own words go before; another user's password is not taken for this one.
  await refused(transport, server.at('/a', 'me:wrong'))
  await refused(transport, server.at('/a', 'you'))
  await assert.rejects(statusOf(transport, url(`http://localhost.invalid:${new URL(server.origin).port}/`)))
  assert.equal(server.seen.at(-1), basic('you', ''))
})

test('a netrc that cannot be read is said once and left out', async (t) => {
  const server = await guarded(t)
  const context = testContext(t)
  writeTree(context.root, { 'home/.netrc': 'machine 127.0.0.1 login me hunter2' })
  const transport = client(t, {}, context)
  await refused(transport, server.at('/a'))
  await refused(transport, server.at('/a'))
  const notes = context.events.flatMap((event) => (event.kind === 'note' ? [event.text] : []))
  assert.equal(notes.length, 1)
  assert.match(notes[0]!, /\.netrc is not used/)
  assert.doesNotMatch(notes[0]!, /hunter2/)
})

test('after a 401 the keyring is asked, for the index first, once for all that wait', async (t) => {
  const server = await guarded(t)
  const { context, asked } = withKeyring(
    t,
    `[ "$4" = '${server.host}' ] && echo '{"username": "me", "password": "right"}' && exit 0\nexit 1`,
  )
  const transport = client(t, { indexes: [server.at('/simple/')] }, context)
  const addresses = Array.from({ length: 20 }, (_, index) => server.at(`/simple/${index}/`))
  assert.deepEqual(new Set(await Promise.all(addresses.map((one) => statusOf(transport, one)))), new Set([200]))
  assert.deepEqual(asked(), [
    `--mode=creds --output=json get ${server.origin}/simple/`,
    `--mode=creds --output=json get ${server.host}`,
  ])
  // Remembered, for the index's part of the server.
  const before = server.seen.length
  assert.equal(await statusOf(transport, server.at('/simple/more/')), 200)
  assert.equal(server.seen.length, before + 1)
})

test('an old keyring is asked for the password of the user in the address', async (t) => {
  const server = await guarded(t)
  const { context, asked } = withKeyring(
    t,
    'case "$1" in --mode*) echo "keyring: error: unrecognized arguments: --mode=creds" >&2; exit 2;; esac\n[ "$3" = me ] && echo right',
  )
  assert.equal(await statusOf(client(t, {}, context), server.at('/a', 'me')), 200)
  assert.equal(asked().at(-1), `get ${server.host} me`)
})

test('a keyring that fails or is switched off leaves the 401', async (t) => {
  const server = await guarded(t)
  const garbage = withKeyring(t, 'echo hunter2')
  const transport = client(t, {}, garbage.context)
  await refused(transport, server.at('/a'))
  await refused(transport, server.at('/b', 'you'))
  assert.equal(garbage.asked().length, 1)
  const texts = JSON.stringify(garbage.context.events)
  assert.match(texts, /keyring is not asked any more/)
  assert.doesNotMatch(texts, /hunter2/)
  const off = withKeyring(t, `echo '{"username": "me", "password": "right"}'`)
  await refused(client(t, { keyring: 'disabled' }, off.context), server.at('/a'))
  assert.deepEqual(off.asked(), [])
})

test('the user is asked last, and not again when that was wrong', async (t) => {
  const server = await guarded(t)
  const questions: unknown[] = []
  const answers = [{ username: 'me', password: 'right' }]
  const right = client(t, {
    ask: async (question) => {
      questions.push(question)
      return answers[0]
    },
  })
  assert.equal(await statusOf(right, server.at('/a')), 200)
  assert.equal(await statusOf(right, server.at('/b')), 200)
  assert.deepEqual(questions, [{ origin: server.origin }])
  const wrong = client(t, {
    ask: async (question) => {
      questions.push(question)
      return { username: 'me', password: 'wrong' }
    },
  })
  await refused(wrong, server.at('/a'))
  assert.equal(questions.length, 2)
})

test('planted secrets reach no other scheme, host or port, by redirect or else, and no message', async (t) => {
  const stranger: (string | undefined)[] = []
  const thief = await serveHttp(t, (request, response) => {
    stranger.push(JSON.stringify(request.headers))
    // It asks for a login, too.
    response.writeHead(401, { 'www-authenticate': 'Basic realm="give"' }).end()
  })
  const server = await guarded(t, {
    '/leave': `${thief.origin}/x`,
    '/info': `http://me:hunter2@${thief.origin.slice(7)}/y`,
  })
  const { context } = withKeyring(t, `echo '{"username": "me", "password": "hunter2"}'`)
  const transport = client(t, { indexes: [server.at('/', 'me:hunter2')] }, context)
  for (const place of ['/leave', '/info']) {
    for (const headers of [{}, { authorization: 'hunter2', Cookie: 'hunter2' }]) {
      const running = transport.fetch({ url: server.at(place, 'me:hunter2'), headers, maxBytes })
      await assert.rejects(running, (error: Error & { detail?: unknown }) => {
        assert.doesNotMatch(`${error.message} ${JSON.stringify(error.detail)} ${error.stack}`, /hunter2/)
        return isDenError(error, 'http-status')
      })
    }
  }
  assert.equal(stranger.length, 4)
  const encoded = Buffer.from('me:hunter2').toString('base64')
  assert.ok(stranger.every((headers) => !headers!.includes('hunter2') && !headers!.includes(encoded)))
  assert.doesNotMatch(JSON.stringify(context.events), /hunter2/)
})
