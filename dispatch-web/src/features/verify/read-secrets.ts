/** What is wrong with a text as a signing secret, or the secrets in it. */
export type Secrets =
  { readonly secrets: readonly string[]; readonly problem: null } | { readonly secrets: null; readonly problem: string }

/** One or more, separated by space, commas or lines; quotes and `NAME=` of an environment file around them do not matter. */
export function readSecrets(text: string): Secrets {
  const words = text.split(/[\s,;]+/).flatMap((word) => {
    const bare = word.replace(/^[A-Z_]+=(?=[^=])/, '').replace(/^["']|["']$/g, '')
    return bare === '' ? [] : [bare]
  })
  if (words.length === 0) return refuse('Expected the signing secret, whsec_…')
  for (const word of words) {
    if (/^sk_/.test(word)) {
      return refuse('That is an API key. Expected the signing secret of the project, whsec_…: its page shows it.')
    }
    if (!isSecret(word))
      return refuse(`Expected whsec_ and base64, as the project’s page shows it; got ${shorten(word)}`)
  }
  return { secrets: words, problem: null }
}

function isSecret(word: string): boolean {
  return /^(?:whsec_)?(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=?|[A-Za-z0-9+/]{2}(?:==)?)$/.test(word)
}

const refuse = (problem: string): Secrets => ({ secrets: null, problem })

/** A secret is not repeated in full where it is not hidden. */
function shorten(word: string): string {
  return word.length > 12 ? `“${word.slice(0, 8)}…”` : `“${word}”`
}
