import assert from 'node:assert/strict'
import { test } from 'node:test'
import { activationEntries } from './activation.ts'
import { withAdditions } from './additions.ts'

const own = '\n# mine\nexport DATA=/old/data\nalias t=pytest\nhash -r\n'
const deactivate = 'deactivate () {\n    hash -r 2> /dev/null\n}\n'
const scripts: Readonly<Record<string, readonly [name: string, text: string]>> = {
  'venv 3.12': ['activate', `${deactivate}VIRTUAL_ENV="/old"\nhash -r 2> /dev/null\n`],
  'venv 3.6': [
    'activate',
    'deactivate () {\n    if [ -n "$BASH" ] ; then\n        hash -r\n    fi\n}\nif [ -n "${BASH:-}" ] ; then\n    hash -r\nfi\n',
  ],
  virtualenv: ['activate', `${deactivate}if true; then\n    hash -r 2>/dev/null || true\nfi\n`],
  uv: ['activate', `${deactivate}hash -r 2>/dev/null || true\n`],
  csh: ['activate.csh', "alias deactivate 'rehash; true'\nalias pydoc python -m pydoc\n\nrehash\n"],
  fish: [
    'activate.fish',
    'if true\n    set -gx _OLD_FISH_PROMPT_OVERRIDE "$VIRTUAL_ENV"\n    set -gx VIRTUAL_ENV_PROMPT "(v) "\nend\n',
  ],
}

for (const [maker, [name, text]] of Object.entries(scripts)) {
  test(`withAdditions() takes along what was added to a script of ${maker}`, () => {
    const options = { fresh: 'new\n', from: ['/old'], to: '/new' }
    assert.equal(withAdditions(name, { ...options, old: text }), 'new\n')
    assert.equal(
      withAdditions(name, { ...options, old: text + own }),
      'new\n\n# Added by hand to the script that stood here before:\n# mine\nexport DATA=/new/data\nalias t=pytest\nhash -r\n',
    )
  })
}

test("withAdditions() takes along what was added to den's own scripts, however often they are written anew", () => {
  const textsAt = (root: string): ReadonlyMap<string, string> => {
    const site = `${root}/lib/python3.12/site-packages`
    const paths = {
      root,
      scripts: `${root}/bin`,
      python: `${root}/bin/python`,
      purelib: site,
      platlib: site,
      include: `${root}/include`,
      data: root,
    }
    const entries = activationEntries({ root, paths, platform: 'linux' })
    return new Map(
      entries.flatMap((entry) => (entry.kind === 'file' ? [[entry.path.slice(4), entry.text] as const] : [])),
    )
  }
  for (const [name, text] of textsAt('/old')) {
    const fresh = textsAt('/new').get(name)!
    const options = { fresh, from: ['/old'], to: '/new' }
    assert.equal(withAdditions(name, { ...options, old: text }), fresh, name)
    if (!/^activate(?:\.fish)?$/.test(name)) continue
    const once = withAdditions(name, { ...options, old: `${text}export A=1\n` })
    assert.match(once, /\n# Added by hand [^\n]*:\nexport A=1\n$/)
    assert.equal(withAdditions(name, { ...options, old: once }), once)
  }
})

test('withAdditions() adds nothing from a script that it does not know', () => {
  const options = { fresh: 'new\n', from: [], to: '/new' }
  assert.equal(withAdditions('activate', { ...options, old: 'export A=1\n' }), 'new\n')
  assert.equal(withAdditions('Activate.ps1', { ...options, old: 'x\n' }), 'new\n')
})
