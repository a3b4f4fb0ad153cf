/** What a person at the control, or a browser, has asked wrongly. */
export class BadRequest extends Error {
  readonly status: number

  constructor(message: string, status = 400) {
    super(message)
    this.status = status
  }
}

/** What PayFast answers with 500 when its own code stumbles, as it does over unknown keys. */
export const netError = {
  Message: 'An error has occurred.',
  ExceptionMessage: 'Object reference not set to an instance of an object.',
  ExceptionType: 'System.NullReferenceException',
  StackTrace: '   at Ecommerce.Controllers.TransactionController.GetAccessToken(FormDataCollection form)',
}
