// What is asked for by path and address beside names: which of them is taken, and what is said where they contradict each other.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { den } from '../kit/den.ts'
import { pythonOr } from '../kit/pythons.ts'
import { scratch, type Tree, writeTree } from '../kit/scratch.ts'

/** A source tree with a backend of its own, which needs nothing. */
function sourceTree(
  name: string,
  requires: readonly string[],
  extras: readonly string[] = [],
  tag = 'py3-none-any',
): Tree {
  const pyproject = [
    '[project]',
    `name = "${name}"`,
    'version = "1.0"',
    `dependencies = ${JSON.stringify(requires)}`,
    ...(extras.length === 0
      ? []
      : ['[project.optional-dependencies]', ...extras.map((extra) => `${extra} = ["lib>=1"]`)]),
    '[build-system]',
    'requires = []',
    'build-backend = "backend"',
    'backend-path = ["."]',
  ]
  const backend = `
import base64, hashlib, os, zipfile

def build_wheel(directory, config_settings=None, metadata_directory=None):
    name = "${name}-1.0-${tag}.whl"
    info = "${name}-1.0.dist-info/"
    lines = ["Metadata-Version: 2.1", "Name: ${name}", "Version: 1.0"]
    lines += ["Provides-Extra: " + one for one in ${JSON.stringify(extras)}]
    lines += ["Requires-Dist: " + one for one in ${JSON.stringify(requires)}]
    files = {
        "${name}.py": "version = '1.0'\\n",
        info + "METADATA": "\\n".join(lines) + "\\n",
        info + "WHEEL": "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: ${tag}\\n",
    }
    record = info + "RECORD,,\\n"
    with zipfile.ZipFile(os.path.join(directory, name), "w") as wheel:
        for path, text in files.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record += "%s,sha256=%s,%d\\n" % (path, digest, len(text))
            wheel.writestr(path, text)
        wheel.writestr(info + "RECORD", record)
    return name

build_editable = build_wheel
`
  return { 'pyproject.toml': pyproject.join('\n'), 'backend.py': backend }
}

test('den pip install takes paths, addresses and names of one project together, or says why not', async (t) => {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  const root = scratch(t)
  for (const [directory, tree] of Object.entries({
    app: sourceTree('app', ['lib'], ['more']),
    fork: sourceTree('app', ['lib']),
    lib: sourceTree('lib', []),
    foreign: sourceTree('foreign', [], [], 'py2-none-any'),
  })) {
    fs.mkdirSync(path.join(root, directory))
    writeTree(path.join(root, directory), tree)
  }
  const address = (name: string): string => pathToFileURL(path.join(root, name)).href
  const made = await den(['create', '-p', python.executable, '--seed', 'none', '.venv'], { cwd: root })
  assert.equal(made.code, 0, made.stderr)
  const install = (...args: readonly string[]) =>
    den(['pip', 'install', '--no-index', ...args], { cwd: root, env: { PIP_CONFIG_FILE: '/dev/null' } })

  for (const args of [
    ['./app', './lib'],
    ['./lib', './app', 'lib'],
    ['./app', './lib', 'lib==1.0'],
    ['./app', './app[more]', './lib', './lib'],
    ['-e', './app[more]', './lib', './app'],
    [`app @ ${address('app')}`, './app', './lib'],
  ]) {
    const run = await install('--dry-run', ...args)
    assert.equal(run.code, 0, `${args.join(' ')}\n${run.stderr}`)
    assert.match(run.stdout, /^Would install app-1\.0 lib-1\.0$/m, args.join(' '))
  }
  for (const [args, words] of [
    [['./app'], /app 1\.0 depends on lib, and there is no project lib where den looked/],
    [['./app', './fork', './lib'], /app @ \S+\/app and app @ \S+\/fork cannot be installed together/],
    [[`app @ ${address('fork')}`, '-e', './app', './lib'], /app @ \S+\/fork and app @ \S+\/app cannot be installed/],
    [['./app', './lib', 'lib>=2'], /you asked for lib>=2, .*it comes from file:\S+\/lib, which has 1\.0/],
    [['./foreign'], /its backend made foreign-1\.0-py2-none-any\.whl, which does not fit this Python and this machine/],
    [
      [`lib @ ${address('app')}`],
      /promised was 'lib', it has 'app'\n +fix: call it by its own name where it is asked for: app\n/,
    ],
  ] as const) {
    const run = await install(...args)
    assert.equal(run.code, 1, args.join(' '))
    assert.match(run.stderr, words)
  }
  // One that is to be edited goes before the same as it stands.
  const done = await install('-e', './app[more]', './lib', './app')
  assert.equal(done.code, 0, done.stderr)
  const site = path.join(root, '.venv/lib/python3.12/site-packages')
  const url = (name: string) =>
    JSON.parse(fs.readFileSync(path.join(site, `${name}-1.0.dist-info/direct_url.json`), 'utf8'))
  assert.deepEqual(url('app').dir_info, { editable: true })
  assert.equal(url('lib').dir_info.editable, undefined)
})
