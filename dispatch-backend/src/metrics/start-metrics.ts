import { listenForMetrics } from './endpoint.js'
import { createMetrics, type Metrics, type MetricsDeps } from './metrics.js'

/** Where the metrics are read; both null = nowhere, and nothing is counted. */
export interface MetricsPlace {
  readonly port: number | null
  readonly host: string
  readonly token: string | null
}

export interface StartedMetrics {
  /** To be answered on the API's port to who has the token; undefined when they have a port of their own or are off. */
  readonly onApiPort: (Metrics & { readonly token: string }) | undefined
  /** The port of their own. */
  readonly port: number | undefined
  close(): Promise<void>
}

const OFF: StartedMetrics = { onApiPort: undefined, port: undefined, close: () => Promise.resolve() }

/** Rejects when the port cannot be listened on. */
export async function startMetrics({ port, host, token }: MetricsPlace, deps: MetricsDeps): Promise<StartedMetrics> {
  if (port !== null) {
    const listener = await listenForMetrics({ metrics: createMetrics(deps), host, port, token })
    return { onApiPort: undefined, port: listener.port, close: () => listener.close() }
  }
  return token === null ? OFF : { ...OFF, onApiPort: { ...createMetrics(deps), token } }
}
