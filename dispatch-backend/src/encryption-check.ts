import type { Sealer } from './domain/secrets.js'
import type { Store } from './store/store.js'

/** Refuses a key that did not seal this database's secrets: found now, it costs no delivery. Rejects with words. */
export async function checkEncryptionKey(store: Pick<Store, 'settingOrInsert'>, sealer: Sealer): Promise<void> {
  const sealed = await store.settingOrInsert('encryption-check', sealer.seal('dispatch'))
  try {
    sealer.open(sealed)
  } catch (error) {
    const message =
      'the encryption key is not the one that this database was filled with. Set DISPATCH_ENCRYPTION_KEY, or restore the ' +
      'key file beside the SQLite database, to the key that was used before: without it no webhook can be signed.'
    throw new Error(message, { cause: error })
  }
}
