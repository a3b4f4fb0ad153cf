import { connectEventLog } from '@mart/service-kit/connect-event-log'
import { quietLogger } from '@mart/service-kit/testing'
import { describeEventLog } from './event-log-contract.ts'

const url = process.env['TEST_KAFKA_URL']
if (!url) throw new Error('TEST_KAFKA_URL is not set: run the tests by `npm test`, which starts a broker')

describeEventLog(async () => ({
  name: 'kafka',
  connect: () => connectEventLog(url, { clientName: 'test', logger: quietLogger }),
  stop: async () => undefined,
}))
