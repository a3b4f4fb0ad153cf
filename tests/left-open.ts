// Loaded into each test file's process: one that lives on after its last test has left something open, and fails.
import { after } from 'node:test'

const PATIENCE_MS = 20_000

after(() => {
  const giveUp = () => {
    const open = process.getActiveResourcesInfo().join(', ')
    console.error(`${process.argv[1]} is done, but left open: ${open}`)
    process.exit(1)
  }
  setTimeout(giveUp, PATIENCE_MS).unref()
})
