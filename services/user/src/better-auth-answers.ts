import { decodeJwt } from 'jose'

/** Whether a mailed token is one that changes an e-mail address, should it be genuine. */
export function changesEmail(token: string): boolean {
  try {
    return decodeJwt(token)['updateTo'] !== undefined
  } catch {
    return false // better-auth says what is wrong with it
  }
}

/** What names a sign-in that waits for its second factor, if this answer began one. */
export function pendingIn(headers: Headers): string | null {
  for (const cookie of headers.getSetCookie()) {
    const [, value] = /^[\w.-]*\.two_factor=([^;]+)/.exec(cookie) ?? []
    if (value) return value
  }
  return null
}
