import type { FormState } from '../pages.ts'
import { useFrame } from './frame.tsx'

interface FaultAtField {
  readonly id: string
  /** None while nothing is wrong. */
  readonly text: string | undefined
  /** Nothing that stands before it on the page is wrong. */
  readonly isFirst: boolean
}

/** What is wrong with the field of this name. */
export function useFault({ faults, problem }: FormState, name: string): FaultAtField {
  const { say } = useFrame()
  const code = faults[name]
  return {
    id: `${encodeURIComponent(name)}-fault`,
    text: code && say.fieldFaults[code],
    isFirst: problem === null && Object.keys(faults)[0] === name,
  }
}

/** What its field says of it; one goes on at the first, with a script and without. */
export const faultMarks = ({ id, text, isFirst }: FaultAtField, hintId?: string) => ({
  'aria-invalid': text ? ('true' as const) : undefined,
  'aria-describedby': [hintId, text && id].filter(Boolean).join(' ') || undefined,
  autofocus: isFirst,
})

/** What is wrong with a field, at the field. */
export function Fault({ id, text }: FaultAtField) {
  return text ? (
    <small class="fault" id={id}>
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
  const fault = useFault(form, name)
  const hintId = hint && `${name}-hint`
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
        {...faultMarks(fault, hintId)}
        {...input}
      />
      {hint && (
        <small class="hint" id={hintId}>
          {hint}
        </small>
      )}
      <Fault {...fault} />
    </label>
  )
}

/** What is wrong with the whole form. */
export function ProblemNotice({ problem, more }: Pick<FormState, 'problem'> & { readonly more?: string }) {
  const { say } = useFrame()
  return problem ? (
    <p class="notice error" data-key="problem" tabIndex={-1} autofocus role="alert">
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
