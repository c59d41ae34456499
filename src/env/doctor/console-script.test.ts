import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatConsoleScript, parseConsoleEntries, parseConsoleScript } from './console-script.ts'

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

test('parseConsoleScript() knows what installers generate', () => {
  const entry = { module: 'pkg.cli', callable: 'main' }
  const pip =
    "# -*- coding: utf-8 -*-\nimport re\nimport sys\n\nfrom pkg.cli import main\n\nif __name__ == '__main__':\n    sys.argv[0] = re.sub(r'(-script\\.pyw?|\\.exe)?$', '', sys.argv[0])\n    sys.exit(main())\n"
  const newer =
    "import sys\nfrom pkg.cli import main\nif __name__ == '__main__':\n    sys.argv[0] = sys.argv[0].removesuffix('.exe')\n    sys.exit(main())\n"
  const uv =
    '# -*- coding: utf-8 -*-\nimport sys\nfrom pkg.cli import main\nif __name__ == "__main__":\n    if sys.argv[0].endswith("-script.pyw"):\n        sys.argv[0] = sys.argv[0][:-11]\n    elif sys.argv[0].endswith(".exe"):\n        sys.argv[0] = sys.argv[0][:-4]\n    sys.exit(main())\n'
  for (const text of [pip, newer, uv, pip.replaceAll('\n', '\r\n')]) assert.deepEqual(parseConsoleScript(text), entry)
  const own = formatConsoleScript({ entry, python: '/e/bin/python', platform: 'linux' })
  assert.deepEqual(parseConsoleScript(own.slice(own.indexOf('\n') + 1)), entry)
})

test("parseConsoleScript() leaves people's own scripts alone", () => {
  for (const text of [
    'from argparse import ArgumentParser\nprint("my own")\n',
    'import sys\nfrom mine import main\nprint("hello")\nsys.exit(main())\n',
    'import sys, os\nfrom mine import main\nsys.exit(main())\n',
    'import sys\nfrom mine import main\nsys.exit(other())\n',
    'from mine import main\n',
    'import sys\nfrom mine import main\nfrom more import main\nsys.exit(main())\n',
    '',
  ])
    assert.equal(parseConsoleScript(text), undefined, text)
})
