import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'

/** Encrypts small secrets before they reach the store. */
export interface Sealer {
  seal(text: string): string
  /** Throws an Error whose message says whether the key is another one or the text was changed. */
  open(sealed: string): string
}

/**
 * `v1.<key id>.<base64url of nonce, tag, cipher text>`. The key id (a hash prefix of the key, which tells nothing about it)
 * lets a wrong key be named as such; it is authenticated together with the version.
 */
const VERSION = 'v1'
const CIPHER = 'aes-256-gcm'
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const KEY_ID_CHARACTERS = 8

/** AES-256-GCM under a key of 32 bytes; any other length throws. */
export function createSealer(key: Buffer): Sealer {
  if (key.length !== KEY_BYTES) {
    throw new Error(`The encryption key must be ${KEY_BYTES} bytes, got ${key.length}`)
  }
  const keyId = createHash('sha256').update('dispatch key id\0').update(key).digest('hex').slice(0, KEY_ID_CHARACTERS)
  const prefix = `${VERSION}.${keyId}`
  return {
    seal(text) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(prefix))
      const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return `${prefix}.${Buffer.concat([nonce, cipher.getAuthTag(), encrypted]).toString('base64url')}`
    },
    open(sealed) {
      return decrypt(key, prefix, sealed)
    },
  }
}

function decrypt(key: Buffer, prefix: string, sealed: string): string {
  const [version, keyId, body, ...rest] = sealed.split('.')
  if (version !== VERSION || keyId === undefined || body === undefined || rest.length > 0) {
    throw new Error('The stored secret has an unknown format; a newer Dispatch may have written it')
  }
  if (`${version}.${keyId}` !== prefix) {
    throw new Error('The stored secret was encrypted with another DISPATCH_ENCRYPTION_KEY; start with that key again')
  }
  const bytes = Buffer.from(body, 'base64url')
  if (bytes.length < NONCE_BYTES + TAG_BYTES) throw new Error('The stored secret is cut short')
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(prefix)).setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
  try {
    return decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)).toString('utf8') + decipher.final('utf8')
  } catch (error) {
    throw new Error('The stored secret was changed since it was encrypted', { cause: error })
  }
}
