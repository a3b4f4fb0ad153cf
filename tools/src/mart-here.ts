import { findRunningMart, type RunningMart } from '@mart/local/mart-file'
import { readSettings } from '@mart/local/settings'
import { MartFault } from '@mart/service-kit/fault'

/** The mart that runs on the data folder of the settings. Throws MartFault when none does. */
export function martHere(): RunningMart {
  const { dataDir } = readSettings(process.env)
  const mart = findRunningMart(dataDir)
  if (!mart) throw new MartFault(`No mart runs on ${dataDir}: start one with npm start.`)
  return mart
}
