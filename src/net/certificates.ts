// The certificates that servers are checked against: what Python's tools and curl read, else this runtime's and the system's own.

import tls from 'node:tls'
import { DenError } from '../base/error.ts'
import { type Host, variable } from '../host/host.ts'

/** The variables that name a file to be used instead of the usual authorities, first one first. */
const fileVariables = ['SSL_CERT_FILE', 'PIP_CERT', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'] as const

/**
 * PEM texts of the trusted authorities. A file named by SSL_CERT_FILE, PIP_CERT, REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE, or the
 * directory SSL_CERT_DIR, replaces the usual ones; NODE_EXTRA_CA_CERTS adds to them. Throws `invalid-setting` when the file
 * isn't there or holds no certificate.
 */
export function trustedCertificates(
  host: Pick<Host, 'env' | 'platform' | 'files' | 'path' | 'cwd'>,
): readonly string[] {
  const named = fileVariables.flatMap((setting) => {
    const value = variable(host, setting)
    return value === undefined || value === '' ? [] : [{ setting, value }]
  })[0]
  const directory = variable(host, 'SSL_CERT_DIR') || undefined
  const own = [
    ...(named === undefined ? [] : readBundle(host, named.setting, named.value)),
    // OpenSSL's own default directory is set on some systems whether it is there or not.
    ...(directory === undefined ? [] : readDirectory(host, directory)),
  ]
  const extra = variable(host, 'NODE_EXTRA_CA_CERTS') || undefined
  const more = extra === undefined ? [] : readBundle(host, 'NODE_EXTRA_CA_CERTS', extra)
  if (own.length > 0) return [...own, ...more]
  return [...new Set([...tls.rootCertificates, ...tls.getCACertificates('system'), ...more])]
}

/** A PEM file, or a directory of them as REQUESTS_CA_BUNDLE allows. */
function readBundle(host: Pick<Host, 'files' | 'path' | 'cwd'>, setting: string, value: string): readonly string[] {
  const path = host.path.resolve(host.cwd, value)
  if (host.files.stat(path)?.kind === 'directory') return readDirectory(host, path)
  const text = host.files.readText(path)
  if (text === undefined) throw new DenError('invalid-setting', { setting, value, reason: 'there is no such file' })
  const certificates = certificatesIn(text)
  if (certificates.length === 0)
    throw new DenError('invalid-setting', { setting, value, reason: 'the file holds no PEM certificate' })
  return certificates
}

function readDirectory(host: Pick<Host, 'files' | 'path' | 'cwd'>, value: string): readonly string[] {
  const directory = host.path.resolve(host.cwd, value)
  const files = (host.files.list(directory) ?? []).filter((entry) => entry.kind !== 'directory')
  return [
    ...new Set(files.flatMap(({ name }) => certificatesIn(host.files.readText(host.path.join(directory, name)) ?? ''))),
  ]
}

function certificatesIn(text: string): readonly string[] {
  return text.match(/-----BEGIN (?:TRUSTED )?CERTIFICATE-----[\s\S]*?-----END (?:TRUSTED )?CERTIFICATE-----/g) ?? []
}
