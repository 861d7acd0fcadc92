import * as z from 'zod'

/** What a sign-in page has to know before anybody has signed in. */
export const setup = z.object({
  needsOwner: z.boolean().describe('There is no account yet; the first one becomes the instance owner.'),
  needsSetupToken: z
    .boolean()
    .describe('That first account needs the set-up token printed at start: the caller is not on the machine itself.'),
  mail: z.boolean().describe('Whether this server sends mail: codes to verify an address, links for a new password.'),
})
export type Setup = z.infer<typeof setup>
