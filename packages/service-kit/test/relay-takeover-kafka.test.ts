import { describeRelayTakeover } from './relay-takeover.ts'

const url = process.env['TEST_KAFKA_URL']
if (!url) throw new Error('TEST_KAFKA_URL is not set: run the tests by `npm test`, which starts a broker')

describeRelayTakeover(async () => ({ url, stop: async () => undefined }))
