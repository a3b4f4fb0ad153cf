import { createTestLog } from '@mart/service-kit/testing'
import { describeRelayTakeover } from './relay-takeover.ts'

describeRelayTakeover(async () => {
  const { url, log, drop } = await createTestLog()
  await log.close()
  return { url, stop: drop }
})
