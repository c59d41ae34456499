// Fetching: servers, proxies, certificates, package indexes.

import type { ErrorTexts } from './text.ts'

export interface NetErrorDetails {
  /** No answer came, or it broke off, after all attempts. */
  'fetch-failed': { readonly url: string; readonly reason: string; readonly attempts: number }
  /** `notBefore`: when the server wants to be asked again, where that is later than den waits. */
  'http-status': { readonly url: string; readonly status: number; readonly notBefore?: string }
  'certificate-refused': { readonly url: string; readonly reason: string }
  'redirect-refused': { readonly url: string; readonly to: string; readonly reason: string }
  'answer-too-large': { readonly url: string; readonly limit: number }
  'proxy-failed': { readonly proxy: string; readonly reason: string }
  /** `links`: places with links to files were named besides, which alone might do. */
  offline: { readonly url: string; readonly links?: true }
  'invalid-setting': { readonly setting: string; readonly value: string; readonly reason: string }
  /** What `pip config` is to read or change. */
  'invalid-pip-key': { readonly key: string; readonly reason: string }
  'no-release': { readonly project: string; readonly index: string; readonly reason: string }
}

export const netErrors: ErrorTexts<NetErrorDetails> = {
  'fetch-failed': {
    what: ({ url }) => `${url} could not be fetched`,
    why: ({ reason, attempts }) => (attempts > 1 ? `${reason} (tried ${attempts} times)` : reason),
    fix: () => ['look whether the network and the proxy (HTTPS_PROXY) work', 'try again later'],
  },
  'http-status': {
    what: ({ url, status }) => `${url} answered with ${status}${statusWords(status)}`,
    why: ({ notBefore }) => (notBefore === undefined ? undefined : `it wants to be left alone until ${notBefore}`),
    fix: ({ status, notBefore }) => {
      if (notBefore !== undefined) return ['try again then, or use another index until then']
      return status === 401 || status === 403
        ? ['give credentials in the index address: https://USER:PASSWORD@HOST/…', 'or in ~/.netrc, or in a keyring']
        : []
    },
  },
  'certificate-refused': {
    what: ({ url }) => `the certificate of ${url} is not trusted`,
    why: ({ reason }) => reason,
    fix: () => ['name the file with your network’s own certificates: export SSL_CERT_FILE=/path/to/ca.pem'],
  },
  'redirect-refused': {
    what: ({ url, to }) => `${url} redirects to ${to}, which den does not follow`,
    why: ({ reason }) => reason,
  },
  'answer-too-large': {
    what: ({ url, limit }) => `the answer of ${url} is larger than ${limit} bytes`,
  },
  'proxy-failed': {
    what: ({ proxy }) => `the proxy ${proxy} made no connection`,
    why: ({ reason }) => reason,
    fix: () => ['look at HTTPS_PROXY, HTTP_PROXY and NO_PROXY'],
  },
  offline: {
    what: ({ url }) => `${url} was not fetched: den is offline`,
    fix: ({ links }) => [
      ...(links === true ? ['take only what --find-links names, and ask no index: --no-index'] : []),
      'leave out --offline, or unset DEN_OFFLINE',
    ],
  },
  'invalid-setting': {
    what: ({ setting, value }) => `${setting} is set to ${JSON.stringify(value)}, which den cannot use`,
    why: ({ reason }) => reason,
  },
  'invalid-pip-key': {
    what: ({ key }) => `${JSON.stringify(key)} names no setting of pip's`,
    why: ({ reason }) => reason,
    fix: () => ['write SECTION.OPTION, as in global.index-url or install.no-binary'],
  },
  'no-release': {
    what: ({ project, index }) => `${index} has no usable release of ${project}`,
    why: ({ reason }) => reason,
    fix: ({ project }) => [`ask for another version of ${project}, or leave the choice to den: ${project} without one`],
  },
}

function statusWords(status: number): string {
  const words = { 401: 'not logged in', 403: 'forbidden', 404: 'not found', 410: 'gone', 429: 'too many requests' }[
    status
  ]
  return words === undefined ? '' : ` (${words})`
}
