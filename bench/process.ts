/** The benchmark's processes: each offers verbs, which the runner calls over Node's channel to a child. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Argument and answer must survive JSON. */
type Verbs = Readonly<Record<string, (argument: never) => unknown>>

interface Call {
  readonly id: number
  readonly verb: string
  readonly argument: unknown
}

interface Outcome {
  readonly id: number
  readonly value?: unknown
  /** Set when the verb failed. */
  readonly error?: string
}

/** In the child: answers calls until the runner is gone. */
export function serveVerbs(verbs: Verbs): void {
  process.on('message', (call: Call) => {
    void perform(verbs, call).then((outcome) => process.send?.(outcome))
  })
  // Whatever way the runner ended.
  process.once('disconnect', () => process.exit(0))
}

async function perform(verbs: Verbs, { id, verb, argument }: Call): Promise<Outcome> {
  try {
    const run = verbs[verb] as ((argument: unknown) => unknown) | undefined
    if (!run) throw new Error(`there is no verb ${verb}`)
    return { id, value: await run(argument) }
  } catch (error) {
    return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

/** A running child that offers `V`. */
export class BenchProcess<V extends Verbs> {
  readonly #child: ChildProcess
  readonly #name: string
  readonly #calls = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  #lastId = 0

  private constructor(name: string, child: ChildProcess) {
    this.#name = name
    this.#child = child
    child.on('message', (outcome: Outcome) => this.#settle(outcome))
    child.once('exit', (code, signal) => {
      for (const { reject } of this.#calls.values()) reject(new Error(`${name} ended (${String(code ?? signal)})`))
    })
  }

  /** Starts `processes/NAME.ts`. */
  static async start<V extends Verbs>(name: string): Promise<BenchProcess<V>> {
    const file = fileURLToPath(new URL(`./processes/${name}.ts`, import.meta.url))
    const child = fork(file, { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    await once(child, 'spawn')
    return new BenchProcess<V>(name, child)
  }

  get pid(): number {
    // Started ones have one.
    return this.#child.pid!
  }

  /** Rejects with the verb's error, or when the process ends. */
  call<Name extends keyof V & string>(
    verb: Name,
    argument: Parameters<V[Name]>[0],
  ): Promise<Awaited<ReturnType<V[Name]>>> {
    return new Promise((resolve, reject) => {
      if (this.#child.exitCode !== null) {
        reject(new Error(`${this.#name} has ended`))
        return
      }
      this.#lastId += 1
      this.#calls.set(this.#lastId, { resolve: resolve as (value: unknown) => void, reject })
      this.#child.send({ id: this.#lastId, verb, argument } satisfies Call)
    })
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.disconnect()
    await once(this.#child, 'exit')
  }

  #settle({ id, value, error }: Outcome): void {
    const call = this.#calls.get(id)
    this.#calls.delete(id)
    if (error === undefined) call?.resolve(value)
    else call?.reject(new Error(`${this.#name}: ${error}`))
  }
}
