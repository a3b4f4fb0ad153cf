import type { FormState } from '../pages.ts'
import { Field } from './fields.tsx'

interface PasswordProps {
  readonly form: FormState
  readonly name?: string
  readonly label: string
  readonly autocomplete: 'current-password' | 'new-password'
  readonly hint?: string
}

/** Never given back: whoever looks at the page's source must not find it. */
export const Password = ({ form, name = 'password', ...field }: PasswordProps) => (
  <Field form={{ ...form, values: {} }} name={name} type="password" maxlength={128} required {...field} />
)
