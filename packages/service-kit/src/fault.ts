/** What a person can understand and put right: the command line prints its message alone, without a stack. */
export class MartFault extends Error {
  override readonly name = 'MartFault'
}
