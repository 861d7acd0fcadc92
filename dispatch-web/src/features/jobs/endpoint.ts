/**
 * Scheme, host and port of what somebody pasted: a whole URL is cut, `https` is added where there is no scheme. What is no
 * URL stays as it is, so that the API says what it expected.
 */
export function toEndpoint(text: string): string {
  const withScheme = text === '' || text.includes('://') ? text : `https://${text}`
  return URL.canParse(withScheme) ? new URL(withScheme).origin : text
}
