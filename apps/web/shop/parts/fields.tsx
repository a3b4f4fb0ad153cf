import type { FormState } from '../pages.ts'
import { useFrame } from './frame.tsx'

/** What is wrong with a field, at the field. */
export function Fault({ text, id }: { text: string | undefined; id?: string }) {
  return text ? (
    <small class="fault" {...(id && { id })}>
      {text}
    </small>
  ) : null
}

interface FieldProps {
  readonly form: FormState
  readonly name: string
  readonly label: string
  readonly hint?: string
  readonly type?: 'text' | 'email' | 'tel' | 'password'
  readonly autocomplete?: string
  readonly inputmode?: 'numeric'
  readonly list?: string
  readonly minlength?: number
  readonly maxlength?: number
  readonly required?: boolean
}

/** A text that one types: label above, hint and fault below. */
export function Field({ form, name, label, hint, type = 'text', ...input }: FieldProps) {
  const { say } = useFrame()
  const code = form.faults[name]
  const fault = code && say.fieldFaults[code]
  const below = [hint && `${name}-hint`, fault && `${name}-fault`].filter(Boolean).join(' ')
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type={type as 'text'}
        dir={type === 'text' && !input.inputmode ? 'auto' : 'ltr'}
        name={name}
        value={form.values[name] ?? ''}
        maxlength={200}
        placeholder=" "
        aria-invalid={fault ? 'true' : undefined}
        aria-describedby={below || undefined}
        {...input}
      />
      {hint && (
        <small class="hint" id={`${name}-hint`}>
          {hint}
        </small>
      )}
      <Fault text={fault} id={`${name}-fault`} />
    </label>
  )
}

/** What is wrong with the whole form. */
export function ProblemNotice({ problem, more }: Pick<FormState, 'problem'> & { readonly more?: string }) {
  const { say } = useFrame()
  return problem ? (
    <p class="notice error" role="alert">
      {say.formProblems[problem]} {more}
    </p>
  ) : null
}

/** Whose form it is: without his session nothing comes of it, and what he typed is kept for him. */
export function OfPerson() {
  const { frame } = useFrame()
  return frame.person && <input type="hidden" name="customer" value={frame.person.id} />
}

/** A phone number, in any common writing. */
export function PhoneField(props: { form: FormState; label: string; required?: boolean }) {
  const { say } = useFrame()
  return <Field {...props} name="phone" hint={say.phoneHint} type="tel" autocomplete="tel" maxlength={60} />
}
