import type { FastifyInstance, HTTPMethods } from 'fastify'
import { DispatchError } from '../errors.js'
import type { Gate } from './gate.js'

const METHODS: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

/** Gives each path of the routes added from here on a 405 with `Allow` for the methods that none of them takes. */
export function refuseOtherMethods(api: FastifyInstance, gate: Gate): void {
  const taken = new Map<string, Set<string>>()
  let isOver = false
  api.addHook('onRoute', ({ routePath, method }) => {
    if (isOver) return
    const methods = taken.get(routePath) ?? new Set()
    taken.set(routePath, methods)
    for (const one of [method].flat()) methods.add(one)
  })
  // A plugin runs when the routes beside it have been added.
  void api.register((rest, _options, done) => {
    isOver = true
    for (const [url, methods] of taken) {
      const allow = [...methods].sort().join(', ')
      rest.route({
        url,
        method: METHODS.filter((method) => !methods.has(method)),
        onRequest: gate.anyone,
        handler: (_request, reply) => {
          reply.header('allow', allow)
          throw new DispatchError('METHOD_NOT_ALLOWED', { message: `This address takes ${allow}` })
        },
      })
    }
    done()
  })
}
