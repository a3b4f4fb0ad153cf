// No more than what the accounts take (better-auth asks zod), or a guest could not keep his order in one.
const mailAddress = /^(?:[\w'+-]+\.)*[\w'+-]*[\w+-]@(?:[a-z0-9][a-z0-9-]*\.)+[a-z]{2,}$/i
const inAscii = /^\p{ASCII}*$/u
// No character that an address of a page reads as anything but its host.
const nameOfHost = /^[\p{L}\p{M}\p{N}.-]{1,254}$/u

/**
 * A mail address as every door keeps it, or null when it is none that we can write to. A domain in other letters is the
 * same domain in ASCII ("exämple.com" is "xn--exmple-cua.com"); before the @ there is no such form, and not every mail
 * server takes other letters there.
 */
export function emailAddress(text: string): string | null {
  const typed = text.trim()
  const at = typed.lastIndexOf('@')
  const domain = typed.slice(at + 1)
  const address = inAscii.test(domain) ? typed : `${typed.slice(0, at + 1)}${asciiDomain(domain) ?? ''}`
  return mailAddress.test(address) ? address : null
}

function asciiDomain(domain: string): string | null {
  if (!nameOfHost.test(domain)) return null
  // Not `domainToASCII` of Node.js: what is here loads in a browser as well.
  return URL.parse(`http://${domain}`)?.hostname ?? null
}
