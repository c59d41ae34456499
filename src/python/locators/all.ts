// Every locator, in the order in which their finds are listed: what the user put on PATH, what their version managers hold, what the
// machine has. An interpreter that several come across belongs to the first.

import { asdf } from './asdf.ts'
import { conda } from './conda.ts'
import { homebrew } from './homebrew.ts'
import type { Locator } from './locator.ts'
import { pythonOrg, xcode } from './mac.ts'
import { mise } from './mise.ts'
import { path } from './path.ts'
import { pyenv } from './pyenv.ts'
import { nix, system } from './system.ts'
import { uv } from './uv.ts'
import { installManager, registry, scoop, store, winPython } from './windows.ts'

export const locators: readonly Locator[] = [
  path,
  pyenv,
  uv,
  mise,
  asdf,
  homebrew,
  pythonOrg,
  registry,
  installManager,
  scoop,
  winPython,
  store,
  system,
  nix,
  xcode,
  conda,
]
