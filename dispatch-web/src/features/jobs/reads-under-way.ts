import type { JobEvent } from 'dispatch-contract'

/** What each read that has not answered yet has heard since it was asked. */
const underWay = new Set<JobEvent[]>()

/** A read may answer what was true before an event that came while it was under way: the event is put on its answer. */
export async function readBesideEvents<Answer>(
  read: () => Promise<Answer>,
  patch: (answer: Answer, event: JobEvent) => Answer,
): Promise<Answer> {
  const heard: JobEvent[] = []
  underWay.add(heard)
  try {
    const answer = await read()
    return heard.reduce(patch, answer)
  } finally {
    underWay.delete(heard)
  }
}

export function tellReadsUnderWay(event: JobEvent): void {
  for (const heard of underWay) heard.push(event)
}
