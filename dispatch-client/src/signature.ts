/** What `verifySignature` is made of, for tools that explain why a signature does not hold; receivers need none of it. */
export { matchingSignature } from './matching-signature.js'
export { SignatureError, type SignatureFailure } from './signature-error.js'
export { readOwnSignature, readStandardSignature, type Signed } from './signature-headers.js'
