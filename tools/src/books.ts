// `npm run books`: do the promises hold in the mart that runs here, or in the one whose databases the environment names?
// `--push <url>` hands the result to a metrics store as well: a POST in Prometheus' text form.
import { parseArgs } from 'node:util'
import { readKafkaSettings } from '@mart/service-kit/config'
import { MartFault } from '@mart/service-kit/fault'
import { booksMetrics, pushMetrics } from './books/books-metrics.ts'
import { checkBooks, printBooks } from './books/check-books.ts'
import { martHere } from './mart-here.ts'
import { knowsRemoteBooks, readRemoteBooks } from './remote-mart.ts'

try {
  const { push } = parseArgs({ options: { push: { type: 'string' } } }).values
  const booked = knowsRemoteBooks(process.env) ? readRemoteBooks(process.env) : martHere()
  const books = await checkBooks({ ...booked, kafkaSettings: readKafkaSettings(process.env) })
  printBooks(books, console.log)
  process.exitCode = books.hold ? 0 : 1
  if (push !== undefined) await pushMetrics(push, await booksMetrics(books))
} catch (error) {
  console.error(error instanceof MartFault ? error.message : error)
  process.exitCode = 1
}
