import type { Form } from './form.ts'
import type { Cause } from './objects.ts'
import type { Parser } from './parameters.ts'
import type { Simulator } from './simulator.ts'

/** `id` is what the URL names, `cause` what events of this request carry. */
export type Call = { id: string; cause: Cause }

/** `prepare` checks the parameters; only what it returns does anything, so a refused request leaves no trace. */
export type ApiRoute = {
  method: 'GET' | 'POST'
  path: string
  prepare(form: Form): (simulator: Simulator, call: Call) => object
}

export function route<P>(
  method: 'GET' | 'POST',
  path: string,
  parse: Parser<P>,
  answer: (simulator: Simulator, parameters: P, call: Call) => object,
): ApiRoute {
  return {
    method,
    path,
    prepare(form) {
      const parameters = parse(form, '')
      return (simulator, call) => answer(simulator, parameters, call)
    },
  }
}
