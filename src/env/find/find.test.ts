import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { type FakeEntry, type FakeMachine, fakeHost } from '../../../tests/kit/fake-host.ts'
import { placesOf } from '../../config/places.ts'
import { type FindEnvironmentsOptions, type FoundEnvironment, findEnvironments } from './find.ts'
import { poetryEnvironmentPrefix } from './tools.ts'

type Files = Readonly<Record<string, FakeEntry>>

/** A small environment at `root`, in the layout of the platform. */
function environment(root: string, cfg = 'home = /base/bin\nversion = 3.12.1\n', windows = false): Files {
  return windows
    ? {
        [`${root}\\pyvenv.cfg`]: cfg,
        [`${root}\\Scripts\\python.exe`]: 'MZ',
        [`${root}\\Lib\\site-packages`]: undefined,
      }
    : { [`${root}/pyvenv.cfg`]: cfg, [`${root}/bin/python`]: 'x', [`${root}/lib/python3.12/site-packages`]: undefined }
}

async function find(machine: FakeMachine, options: FindEnvironmentsOptions = {}): Promise<readonly FoundEnvironment[]> {
  const host = fakeHost(machine)
  const found: FoundEnvironment[] = []
  for await (const one of findEnvironments({ host, places: placesOf(host), report: () => undefined }, options))
    found.push(one)
  return found
}

/** Root, kind and name of each. */
const told = (found: readonly FoundEnvironment[]): readonly (readonly [string, string, string | undefined])[] =>
  found.map(({ root, kind, name }) => [root, kind, name])

test('findEnvironments() finds project environments at and above the working directory, and below those asked for', async () => {
  const files = {
    ...environment('/home/me/code/app/.venv'),
    ...environment('/home/me/code/.venv'),
    ...environment('/home/me/code/app/my_env'),
    ...environment('/home/me/code/sibling/.venv'),
    ...environment('/srv/other/.tox/py312'),
    ...environment('/srv/other/.nox/tests'),
    ...environment('/srv/other/.direnv/python-3.12'),
    ...environment('/srv/other/.hatch/default'),
    '/srv/other/.pixi/envs/default/conda-meta/pixi': '{}',
    ...environment('/srv/other/node_modules'),
  }
  const found = await find({ files, cwd: '/home/me/code/app' }, { projects: ['/srv/other'] })
  assert.deepEqual(told(found), [
    ['/home/me/code/app/.venv', 'venv', undefined],
    ['/home/me/code/app/my_env', 'venv', undefined],
    ['/srv/other/.pixi/envs/default', 'pixi', undefined],
    ['/srv/other/.hatch/default', 'hatch', undefined],
    ['/srv/other/.direnv/python-3.12', 'direnv', undefined],
    ['/srv/other/.tox/py312', 'tox', undefined],
    ['/srv/other/.nox/tests', 'nox', undefined],
    ['/home/me/code/.venv', 'venv', undefined],
  ])
  assert.equal(found[0]!.project, '/home/me/code/app')
})

test("poetryEnvironmentPrefix() takes the project's normal name, as poetry's Package.name is", () => {
  for (const name of ['My_App', 'my.app', 'my-app']) {
    const prefix = poetryEnvironmentPrefix({ platform: 'linux' }, name, '/srv/app')
    assert.equal(prefix.slice(0, -9), 'my-app')
  }
})

test("pixi's environments are pixi's, also those of versions that left no mark of their own", async () => {
  const files = { '/srv/app/.pixi/envs/default/conda-meta/history': '' }
  assert.deepEqual(told(await find({ files, cwd: '/srv/app' })), [['/srv/app/.pixi/envs/default', 'pixi', undefined]])
})

test('findEnvironments() follows a `.venv` file, and takes a file of variables for none', async () => {
  const files = {
    ...environment('/data/envs/app'),
    '/home/me/.venv': '/data/envs/app\n',
    '/home/me/.env': 'KEY=value\n',
  }
  assert.deepEqual(told(await find({ files })), [['/data/envs/app', 'venv', undefined]])
})

test('findEnvironments() finds what each tool keeps in its own place on Linux', async () => {
  const home = '/home/me'
  const project = `${home}/code/app`
  const poetry = `${poetryEnvironmentPrefix({ platform: 'linux' }, 'My App', project)}-py3.12`
  const files = {
    [`${project}/pyproject.toml`]: '[tool.poetry]\nname = "My App"\n',
    ...environment(`${home}/.local/share/den/envs/named`, 'home = /b\nden = 0.1.0\n'),
    ...environment(`${home}/.virtualenvs/wrapped`),
    [`${home}/.virtualenvs/wrapped/.project`]: '/srv/wrapped\n',
    ...environment(`${home}/.local/share/virtualenvs/app-aB3_-x9z`),
    [`${home}/.local/share/virtualenvs/app-aB3_-x9z/.project`]: '/srv/app',
    ...environment(`${home}/.cache/pypoetry/virtualenvs/${poetry}`),
    ...environment(`${home}/.local/share/hatch/env/virtual/app/hAsH/default`),
    ...environment(`${home}/.local/share/pdm/venvs/app-x-3.12`),
    ...environment(`${home}/.local/share/pipx/venvs/black`),
    ...environment(`${home}/.local/share/uv/tools/ruff`, 'home = /b\nuv = 0.9.0\n'),
    [`${home}/.local/share/uv/tools/ruff/uv-receipt.toml`]: '',
    ...environment(`${home}/.cache/uv/environments-v2/script-1a2b`, 'home = /b\nuv = 0.9.0\n'),
    ...environment(`${home}/.pyenv/versions/3.12.1/envs/penv`),
    [`${home}/.pyenv/versions/penv`]: { link: `${home}/.pyenv/versions/3.12.1/envs/penv` },
    [`${home}/.pyenv/versions/3.12.1/bin/python`]: 'x',
    [`${home}/miniforge3/conda-meta/history`]: '',
    [`${home}/miniforge3/condabin/conda`]: '',
    [`${home}/miniforge3/envs/science/conda-meta/history`]: '',
    [`${home}/.conda/environments.txt`]: '/scratch/conda-env\n/gone\n',
    '/scratch/conda-env/conda-meta/history': '',
    [`${home}/.pixi/envs/jq/conda-meta/pixi_env_prefix`]: '',
    ...environment(`${home}/envs/habit`),
  }
  const found = await find({ files, cwd: project, home })
  assert.deepEqual(told(found), [
    [`${home}/.local/share/den/envs/named`, 'den', 'named'],
    [`${home}/.virtualenvs/wrapped`, 'virtualenvwrapper', 'wrapped'],
    [`${home}/.local/share/virtualenvs/app-aB3_-x9z`, 'pipenv', 'app-aB3_-x9z'],
    [`${home}/.cache/pypoetry/virtualenvs/${poetry}`, 'poetry', poetry],
    [`${home}/.local/share/hatch/env/virtual/app/hAsH/default`, 'hatch', 'default'],
    [`${home}/.local/share/pdm/venvs/app-x-3.12`, 'pdm', 'app-x-3.12'],
    [`${home}/.local/share/pipx/venvs/black`, 'pipx', 'black'],
    [`${home}/.local/share/uv/tools/ruff`, 'uv-tool', 'ruff'],
    [`${home}/.cache/uv/environments-v2/script-1a2b`, 'uv', 'script-1a2b'],
    [`${home}/.pyenv/versions/3.12.1/envs/penv`, 'pyenv-virtualenv', 'penv'],
    [`${home}/miniforge3`, 'conda', 'base'],
    ['/scratch/conda-env', 'conda', undefined],
    [`${home}/miniforge3/envs/science`, 'conda', 'science'],
    [`${home}/.pixi/envs/jq`, 'pixi', 'jq'],
    [`${home}/envs/habit`, 'venv', 'habit'],
  ])
  const by = new Map(found.map((one) => [one.name, one]))
  assert.equal(by.get(poetry)?.project, project)
  assert.equal(by.get('wrapped')?.project, '/srv/wrapped')
  assert.deepEqual(by.get('penv')?.alsoAt, [`${home}/.pyenv/versions/penv`])
})

test('findEnvironments() goes where variables and settings point', async () => {
  const files = {
    ...environment('/w/a'),
    ...environment('/poetry-cache/virtualenvs/x-12345678-py3.12'),
    ...environment('/from-config/y-12345678-py3.12'),
    '/home/me/.config/pypoetry/config.toml': '[virtualenvs]\npath = "/from-config"\n',
    ...environment('/hatch/env/virtual/p/h/e'),
    ...environment('/pipx/venvs/tool'),
    ...environment('/uvtools/tool'),
    ...environment('/penv/versions/env'),
    ...environment('/active'),
    '/condas/one/conda-meta/history': '',
  }
  const env = {
    WORKON_HOME: '/w',
    POETRY_CACHE_DIR: '/poetry-cache',
    HATCH_DATA_DIR: '/hatch',
    PIPX_HOME: '/pipx',
    UV_TOOL_DIR: '/uvtools',
    PYENV_ROOT: '/penv',
    CONDA_ENVS_DIRS: '/condas',
    VIRTUAL_ENV: '/active',
  }
  const found = await find({ files, env })
  assert.deepEqual(
    found.map(({ root }) => root),
    [
      '/w/a',
      '/from-config/y-12345678-py3.12',
      '/poetry-cache/virtualenvs/x-12345678-py3.12',
      '/hatch/env/virtual/p/h/e',
      '/pipx/venvs/tool',
      '/uvtools/tool',
      '/penv/versions/env',
      '/condas/one',
      '/active',
    ],
  )
  assert.deepEqual(
    found.filter(({ active }) => active).map(({ root }) => root),
    ['/active'],
  )
})

test('findEnvironments() knows the places of macOS and of Windows', async () => {
  const mac = await find({
    platform: 'darwin',
    files: {
      ...environment('/Users/me/Library/Caches/pypoetry/virtualenvs/a-12345678-py3.12'),
      ...environment('/Users/me/Library/Application Support/hatch/env/virtual/a/b/c'),
      ...environment('/Users/me/.local/share/uv/tools/ruff'),
    },
  })
  assert.deepEqual(
    mac.map(({ kind }) => kind),
    ['poetry', 'hatch', 'uv-tool'],
  )
  const home = 'C:\\Users\\me'
  const windows = await find({
    platform: 'win32',
    env: { LOCALAPPDATA: `${home}\\AppData\\Local`, APPDATA: `${home}\\AppData\\Roaming`, WorkOn_Home: 'D:\\envs' },
    files: {
      ...environment('D:\\envs\\a', undefined, true),
      ...environment(`${home}\\AppData\\Local\\pypoetry\\Cache\\virtualenvs\\a-12345678-py3.12`, undefined, true),
      ...environment(`${home}\\AppData\\Roaming\\uv\\data\\tools\\ruff`, undefined, true),
      ...environment(`${home}\\.venv`, undefined, true),
    },
  })
  assert.deepEqual(
    windows.map(({ kind }) => kind),
    ['venv', 'virtualenvwrapper', 'poetry', 'uv-tool'],
  )
  assert.equal(windows[0]!.paths.python, `${home}\\.venv\\Scripts\\python.exe`)
})

test('findEnvironments() passes closed directories by, and lists an environment that is closed', async () => {
  const files = {
    '/home/me/.virtualenvs': { closed: true },
    '/home/me/.local/share/pipx/venvs/closed': { closed: true },
    ...environment('/home/me/.venv'),
  }
  const found = await find({ files })
  assert.deepEqual(
    found.map(({ root, problem }) => [root, problem?.code]),
    [
      ['/home/me/.venv', undefined],
      ['/home/me/.local/share/pipx/venvs/closed', 'unreadable'],
    ],
  )
})

test('findEnvironments() passes half-made environments by', async () => {
  assert.deepEqual(await find({ files: environment('/home/me/.app.den-1ab-2cd-3ef') }), [])
})

test("poetryEnvironmentPrefix() makes poetry's own names", () => {
  const hash = createHash('sha256').update('/srv/app').digest('base64url').slice(0, 8)
  assert.equal(poetryEnvironmentPrefix({ platform: 'linux' }, 'My $App', '/srv/app'), `my__app-${hash}`)
  // Of a path with both cases and slashes Windows' normcase is hashed.
  assert.equal(
    poetryEnvironmentPrefix({ platform: 'win32' }, 'a', 'C:/Srv/App'),
    poetryEnvironmentPrefix({ platform: 'win32' }, 'a', 'c:\\srv\\app'),
  )
})
