import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeHost } from '../../../tests/kit/fake-host.ts'
import { interpreter } from '../../../tests/kit/interpreters.ts'
import type { ExplainResult } from '../../commands/explain.ts'
import { activationChange } from '../../env/explain/activation-change.ts'
import { activationState } from '../../env/explain/activation-state.ts'
import { explainSysPath } from '../../env/explain/sys-path.ts'
import { explainCommands } from '../../env/explain/which.ts'
import { renderExplain } from './explain.ts'
import { plainStyle } from './style.ts'

function example(): ExplainResult {
  const python = interpreter('3.12.1', { prefix: '/opt/py' })
  const host = fakeHost({
    cwd: '/home/me/app',
    env: { PATH: '/opt/py/bin:/usr/bin' },
    files: {
      [python.executable]: 'ELF',
      [`${python.stdlib}/os.py`]: '',
      [`${python.stdlib}/encodings/__init__.py`]: '',
      [`${python.stdlib}/lib-dynload`]: undefined,
      '/home/me/app/env/pyvenv.cfg': 'home = /opt/py/bin\ninclude-system-site-packages = false\n',
      '/home/me/app/env/bin/python': { link: python.executable },
      '/home/me/app/env/lib/python3.12/site-packages': undefined,
    },
  })
  const root = '/home/me/app/env'
  const executable = `${root}/bin/python`
  const commands = explainCommands(host)
  return {
    subject: { kind: 'environment', root, madeBy: 'den', name: 'env', systemSitePackages: false, by: 'path' },
    python: {
      executable,
      version: '3.12.1',
      implementation: 'cpython',
      base: python.executable,
      basePrefix: '/opt/py',
    },
    sysPath: explainSysPath(host, { interpreter: python, executable }),
    commands,
    activation: activationState(host, commands),
    change: activationChange(host, { root, scripts: `${root}/bin`, prompt: 'env' }),
    variables: [],
    files: [],
  }
}

const options = { home: '/home/me', cwd: '/home/me/app' }

test('renderExplain() tells the story of an environment in the reader’s own paths', () => {
  const text = renderExplain(example(), plainStyle, options)
  for (const line of [
    'Environment ./env',
    '  Python 3.12.1, borrowed from /opt/py: its library is used from there',
    '    PATH before        /opt/py/bin:/usr/bin',
    '    PATH after         ./env/bin:… the same',
    '    ./env/pyvenv.cfg:1 the base Python is searched from /opt/py/bin',
    '    sys.prefix               ./env',
    '    sys.base_prefix          /opt/py',
    "  1  '' (the directory you are in)",
    '  5  ./env/lib/python3.12/site-packages',
    "  ./env/pyvenv.cfg:2 keeps the base Python's packages and the user's out",
  ]) {
    assert.ok(text.split('\n').includes(line), `${line}\n--- is not in ---\n${text}`)
  }
})

test('renderExplain() shortens whole paths only', () => {
  const text = renderExplain(example(), plainStyle, { home: '/opt/p', cwd: '/home/me/app' })
  assert.doesNotMatch(text, /~/)
})

test('renderExplain() lets no control character of a path through to the terminal', () => {
  const result = example()
  const { sysPath } = result
  const entry = { ...sysPath!.entries[0]!, path: '/evil\x1b]0;x\x07' }
  const text = renderExplain({ ...result, sysPath: { ...sysPath!, entries: [entry] } }, plainStyle, options)
  assert.doesNotMatch(text, /[\x07\x1b]/)
})
