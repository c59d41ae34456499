import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatConsoleScript, parseConsoleEntries } from './console-script.ts'

test('parseConsoleEntries() reads console and gui scripts and no other group', () => {
  const text =
    '[other]\nx = a:b\n\n[console_scripts]\nrun = pkg.cli:App.main\nmy-tool.2=tool:main [extra]\nbroken = nothing\n[gui_scripts]\ngui = pkg:gui\n'
  assert.deepEqual(
    [...parseConsoleEntries(text)],
    [
      ['run', { module: 'pkg.cli', callable: 'App.main' }],
      ['my-tool.2', { module: 'tool', callable: 'main' }],
      ['gui', { module: 'pkg', callable: 'gui' }],
    ],
  )
})

test('parseConsoleEntries() lets nothing through that is no name', () => {
  assert.equal(parseConsoleEntries('[console_scripts]\nx = os;import evil:main\ny = a:b()\n').size, 0)
})

test('formatConsoleScript() imports the first name and calls the whole', () => {
  const entry = { module: 'pkg.cli', callable: 'App.main' }
  assert.equal(
    formatConsoleScript({ entry, python: '/e/bin/python', platform: 'linux' }),
    "#!/e/bin/python\nimport sys\nfrom pkg.cli import App\nif __name__ == '__main__':\n    sys.exit(App.main())\n",
  )
})
