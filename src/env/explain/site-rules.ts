// Which site.py runs. Its rules changed over the versions, and distributions patch it; so they are read off its own text where it
// can be read, and taken from the version where it can't (a zip, a frozen module without its source).

import type { Interpreter } from '../../python/interpreter.ts'
import { isAtLeast } from './flags.ts'

export interface SiteRules {
  /** The names of the directories under a prefix: upstream's, or Debian's dist-packages. */
  readonly layout: 'python2' | 'upstream' | 'debian' | 'debian-python2'
  /** Looks for pyvenv.cfg (3.3 and newer). */
  readonly environments: boolean
  /** getpath has set the environment's prefix already (3.14 and newer). */
  readonly prefixIsSet: boolean
  /** A site directory is remembered once it was added; 2.7 forgot, so that a .pth file can add it a second time. */
  readonly remembersSiteDirectory: boolean
  /** Names that start with a dot are no .pth files. */
  readonly skipsHidden: boolean
  /** Lines of spaces are nothing; before, such a line named the site directory itself. */
  readonly skipsBlankLines: boolean
  /** UTF-8 with or without byte order mark, lines as str.splitlines() breaks them; before, a text file in the locale's encoding. */
  readonly readsUtf8: boolean
  /** All directories first, then the code of all .pth and .start files (PEP 829, 3.15). */
  readonly startup: boolean
  /** The user base goes through sysconfig, which normalizes the result (up to 3.6). */
  readonly userBaseBySysconfig: boolean
  /** Free-threaded builds have a "t" in their directories' names. */
  readonly threadSuffix: boolean
}

/** The rules of a site.py, given its text where that could be read. */
export function siteRules(interpreter: Interpreter, text: string | undefined): SiteRules {
  const python2 = interpreter.version.major === 2
  const since = (minor: number): boolean => isAtLeast(interpreter, 3, minor)
  const has = (pattern: RegExp, otherwise: boolean): boolean => (text === undefined ? otherwise : pattern.test(text))
  const debian = has(/["']dist-packages["']/, interpreter.vendor === 'debian')
  return {
    layout: python2 ? (debian ? 'debian-python2' : 'python2') : debian ? 'debian' : 'upstream',
    environments: has(/pyvenv\.cfg/, !python2),
    prefixIsSet: has(/PREFIXES \+= \[sys\.base_prefix/, since(14)),
    remembersSiteDirectory: has(/known_paths\.add\(sitedircase\)/, !python2),
    skipsHidden: has(/not name\.startswith\(["']\.["']\)/, since(13)),
    skipsBlankLines: has(/line\.strip\(\) == ["']{2}|if not line or line\.startswith/, since(10)),
    readsUtf8: has(/utf-8-sig/, since(13)),
    startup: has(/class StartupState\b/, since(15)),
    userBaseBySysconfig: has(/from sysconfig import get_path\b/, !since(7)),
    threadSuffix: since(13),
  }
}
