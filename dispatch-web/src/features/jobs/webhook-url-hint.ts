/** What is noticeable about a webhook URL before it is sent; the API alone decides. null: nothing to say. */
export function webhookUrlHint(text: string): string | null {
  if (text === '') return null
  if (/\s/.test(text)) return 'It holds a space; spaces in a URL are written %20.'
  if (!/^https?:\/\//i.test(text)) return 'It begins with https:// (or http://).'
  if (!URL.canParse(text)) return null
  const { protocol, hostname, username, password } = new URL(text)
  if (username !== '' || password !== '')
    return 'User name and password are not taken in a URL; put a token in its query.'
  if (isPrivate(hostname)) {
    return 'A private address: refused, unless whoever runs Dispatch allows it by the setting ALLOW_PRIVATE_WEBHOOKS.'
  }
  return protocol === 'http:' ? 'Not encrypted: whoever is on the way can read the payload. Better https://' : null
}

/** The usual ones, after `URL` has brought other spellings of an address into one form. Names are not looked up. */
function isPrivate(hostname: string): boolean {
  const host = hostname.replace(/\.$/, '')
  if (host === 'localhost' || /\.(localhost|local|internal)$/.test(host)) return true
  if (host.startsWith('[')) return /^\[(::1?\]|f[cd]|fe[89ab]|::ffff:)/.test(host)
  return /^(0|10|127|192\.168|169\.254|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\.[\d.]+$/.test(
    host,
  )
}
