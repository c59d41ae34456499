// The store and the cache: what they hold, whether it is sound, what of it may go.

import { dryRun, everyCommand } from './common.ts'
import type { Command, Option } from './option.ts'

const since = '0.1.0'

export const storeRemove: Option<boolean> = {
  name: 'remove',
  kind: 'flag',
  help: 'Remove damaged trees that no environment is made of links to; what needs one gets it anew',
  since,
}

export const storeNow: Option<boolean> = {
  name: 'now',
  kind: 'flag',
  help: 'Wait neither for young trees nor for environments that are gone from their places',
  since,
}

export const storeAll: Option<boolean> = {
  name: 'all',
  short: 'a',
  kind: 'flag',
  help: 'List every tree, not only the largest',
  since,
}

export const cacheDays: Option<string> = {
  name: 'days',
  kind: 'text',
  value: 'N',
  fallback: '90',
  help: 'Remove what nobody has read for N days',
  since,
}

const storeSize: Command = {
  name: 'store size',
  group: 'the machine',
  summary: 'Say how large the store is, and for which environments',
  operands: [],
  options: [storeAll, ...everyCommand],
  schema: 1,
  since,
  load: () => import('../handlers/store-size.ts'),
}

const storeVerify: Command = {
  name: 'store verify',
  group: 'the machine',
  summary: 'Hash every file of the store and name what is not as it was made',
  about: [
    'Ends with 1 when something is damaged. Environments with hard links share their files with the store, damage too.',
  ],
  operands: [],
  options: [storeRemove, ...everyCommand],
  schema: 1,
  since,
  load: () => import('../handlers/store-verify.ts'),
}

const storeCollect: Command = {
  name: 'store collect',
  group: 'the machine',
  summary: 'Remove from the store what no environment uses',
  about: [
    'What an environment’s history could lead back to (den undo) counts as used.',
    'An environment that is gone from its place may have been moved: what it could use stays until 30 days have passed, or with --now at once. Any den command in a moved environment makes it known again.',
  ],
  operands: [],
  options: [dryRun, storeNow, ...everyCommand],
  schema: 1,
  since,
  load: () => import('../handlers/store-collect.ts'),
}

const cacheInfo: Command = {
  name: 'cache info',
  group: 'the machine',
  summary: 'Say what the cache holds',
  operands: [],
  options: everyCommand,
  schema: 1,
  since,
  load: () => import('../handlers/cache-info.ts'),
}

const cachePrune: Command = {
  name: 'cache prune',
  group: 'the machine',
  summary: 'Remove what is stale, long unread or beyond its budget from the cache',
  operands: [],
  options: [cacheDays, dryRun, ...everyCommand],
  schema: 1,
  since,
  load: () => import('../handlers/cache-prune.ts'),
}

export const storeCommands: readonly Command[] = [storeSize, storeVerify, storeCollect, cacheInfo, cachePrune]
