// A certificate of the test's own for names on the loopback, made by the machine's openssl; no key stands in the repository.

import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import type { Skipping } from './pythons.ts'
import { type Cleanup, scratch } from './scratch.ts'

export interface TestCertificate {
  readonly key: string
  readonly cert: string
  readonly certFile: string
}

/** For localhost, 127.0.0.1 and pkg.example.org; skips the test, loudly, where there is no openssl. */
export function certificateOr(t: Cleanup & Skipping): TestCertificate | undefined {
  const root = scratch(t)
  const [key, cert] = [path.join(root, 'key.pem'), path.join(root, 'cert.pem')]
  const names = 'subjectAltName=DNS:localhost,DNS:pkg.example.org,IP:127.0.0.1'
  const args = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    key,
    '-out',
    cert,
    '-days',
    '2',
    '-subj',
    '/CN=den test',
    '-addext',
    names,
  ]
  if (spawnSync('openssl', args).status !== 0) {
    t.skip('NOT TESTED: there is no openssl on this machine to make a certificate with')
    return undefined
  }
  return { key: fs.readFileSync(key, 'utf8'), cert: fs.readFileSync(cert, 'utf8'), certFile: cert }
}
