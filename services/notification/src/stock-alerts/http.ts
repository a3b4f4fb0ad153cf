import { StockAlertInput } from '@mart/contracts/http/notification-shapes'
import { Nothing } from '@mart/contracts/http/shared-shapes'
import type { App } from '@mart/service-kit/http-server'
import { type Database, inTransaction } from '@mart/service-kit/postgres'
import { askForAlert } from './use-cases.ts'

const PER_MINUTE = 10

export function addStockAlertRoute(app: App, db: Database): void {
  app.post(
    '/stock-alerts',
    {
      onRequest: app.maybeSignedIn,
      config: { perAddressAndMinute: PER_MINUTE },
      schema: {
        tags: ['stock alerts'],
        summary:
          'One mail there, once this can be bought; the answer is the same whether it was asked for before or not',
        body: StockAlertInput,
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      const { sku, email, language = 'en' } = request.body
      const personId = request.person?.id ?? null
      await inTransaction(db, (tx) => askForAlert(tx, { sku, email, language, personId }))
      return reply.code(204).send(null)
    },
  )
}
