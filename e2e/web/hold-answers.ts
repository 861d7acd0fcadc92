import type { Receiver, Reply } from '../../dispatch-backend/src/testing/receiver.js'

/**
 * From now on the receiver takes requests and answers none, until the function is called: however slow the machine, a page can
 * be looked at before what it shows is over. `DELIVERY_TIMEOUT` has to allow for it.
 */
export function holdAnswers(receiver: Receiver, reply: Reply = {}): () => void {
  let release = (): void => undefined
  const answer = new Promise<Reply>((resolve) => {
    release = () => resolve(reply)
  })
  receiver.respond(() => answer)
  return release
}
