// macOS: python.org's frameworks, and the Python that comes with Xcode or its command line tools.

import { listQuietly, statQuietly } from '../looking.ts'
import type { Locator } from './locator.ts'

/** /Library/Frameworks/Python.framework/Versions/X.Y, and PythonT.framework for free-threaded builds. */
export const pythonOrg: Locator = {
  name: 'python.org',
  *find(host) {
    if (host.platform !== 'darwin') return
    for (const [framework, suffix] of [
      ['Python', ''],
      ['PythonT', 't'],
    ] as const) {
      const versions = `/Library/Frameworks/${framework}.framework/Versions`
      for (const { name, kind } of [...listQuietly(host, versions)].reverse()) {
        // `Current` is a link to one of the others.
        if (kind !== 'directory' || !/^\d\.\d+$/.test(name)) continue
        yield { executable: `${versions}/${name}/bin/python${name}${suffix}`, name: `${name}${suffix}` }
      }
    }
  },
}

/** The real interpreters behind /usr/bin/python3, which is a stub that may open an installer's window. */
export const xcode: Locator = {
  name: 'xcode',
  *find(host) {
    if (host.platform !== 'darwin') return
    const developer = ['/Library/Developer/CommandLineTools']
    for (const { name } of listQuietly(host, '/Applications')) {
      if (/^Xcode.*\.app$/.test(name)) developer.push(`/Applications/${name}/Contents/Developer`)
    }
    for (const directory of developer) {
      const executable = `${directory}/usr/bin/python3`
      if (statQuietly(host, executable) === 'file') yield { executable }
    }
  },
}
