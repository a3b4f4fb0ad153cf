import { ServiceRefusal } from '../services-client.ts'

/** A page of a listing; the first one where its place is unknown: of another listing, or out of use. */
export async function pageOrFirst<Page>(
  cursor: string | null | undefined,
  pageAt: (cursor: string | null) => Promise<Page>,
): Promise<{ readonly page: Page; readonly isFromStart: boolean }> {
  try {
    return { page: await pageAt(cursor || null), isFromStart: false }
  } catch (error) {
    if (!(error instanceof ServiceRefusal && error.status === 400 && cursor)) throw error
    return { page: await pageAt(null), isFromStart: true }
  }
}
