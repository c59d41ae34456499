// Every bad archive of the kit through `den pip install`, from a file and over HTTP: refused aloud before anything is touched, nothing
// written outside, nothing left behind, the same verdict both ways; every honest one is installed, works, and can be taken out again.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type ArchiveCase, badArchives } from '../kit/bad-archives.ts'
import {
  attempt,
  changesBetween,
  type Installer,
  inLanes,
  isPlainName,
  type Outcome,
  snapshot,
} from '../kit/bad-archives-run.ts'
import { denInstaller } from '../kit/bad-archives-tools.ts'
import { runProgram } from '../kit/den.ts'
import { pythons } from '../kit/pythons.ts'
import { scratch } from '../kit/scratch.ts'
