import { kafkaPrograms } from '@mart/local/kafka-programs'
import { startThrowAwayKafka } from '@mart/local/kafka-server'
import { MartFault } from '@mart/service-kit/fault'

export interface TestKafka {
  /** Why no Kafka can be brought up here; undefined when it can. */
  readonly whyNone: string | undefined
  /** The broker at KAFKA_URL, or one to throw away; undefined when there is neither. */
  start(): Promise<{ readonly url: string; stop(): Promise<void> } | undefined>
}

/** Finds out what Kafka the tests can have: one that KAFKA_URL names, and any number of their own with Java and Maven. */
export async function findTestKafka(): Promise<TestKafka> {
  const given = process.env['KAFKA_URL']
  const whyNone = await kafkaPrograms(console.log).then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof MartFault) return error.message
      throw error
    },
  )
  return {
    whyNone,
    async start() {
      if (given) return { url: given.includes('://') ? given : `kafka://${given}`, stop: async () => undefined }
      return whyNone === undefined ? await startThrowAwayKafka() : undefined
    },
  }
}
