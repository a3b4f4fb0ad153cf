// `npm run books`: do the promises hold in the mart that runs here?
import { checkBooks, printBooks } from './books/check-books.ts'
import { MartFault } from './fault.ts'
import { findRunningMart } from './mart-file.ts'
import { readSettings } from './settings.ts'

try {
  const { dataDir } = readSettings(process.env)
  const mart = findRunningMart(dataDir)
  if (!mart) throw new MartFault(`No mart runs on ${dataDir}: start one with npm start.`)
  const books = await checkBooks(mart)
  printBooks(books, console.log)
  process.exitCode = books.hold ? 0 : 1
} catch (error) {
  console.error(error instanceof MartFault ? error.message : error)
  process.exitCode = 1
}
