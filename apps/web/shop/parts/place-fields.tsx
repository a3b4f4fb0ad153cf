import type { FormState } from '../pages.ts'
import { Field, PhoneField } from './fields.tsx'
import { useFrame } from './frame.tsx'

// Any other city may be typed.
const cities = [
  ...['Karachi', 'Lahore', 'Islamabad', 'Rawalpindi', 'Faisalabad', 'Multan', 'Peshawar', 'Quetta', 'Hyderabad'],
  ...['Sialkot', 'Gujranwala', 'Sargodha', 'Bahawalpur', 'Sukkur', 'Abbottabad', 'Mardan', 'Larkana', 'Sahiwal'],
]

/** Their names. */
export const ofPlace = ['line1', 'line2', 'city', 'region', 'postal_code', 'country'] as const

/** Who receives what goes to an address. */
export function RecipientFields({ form }: { form: FormState }) {
  const { say } = useFrame()
  return (
    <>
      <Field form={form} name="name" label={say.recipient} autocomplete="name" required />
      <PhoneField form={form} label={say.phone} required />
    </>
  )
}

/** Where an address is. */
export function PlaceFields({ form, required }: { form: FormState; required: boolean }) {
  const { say } = useFrame()
  return (
    <>
      <Field form={form} name="line1" label={say.line1} autocomplete="address-line1" required={required} />
      <Field form={form} name="line2" label={say.line2} autocomplete="address-line2" />
      <Field
        form={form}
        name="city"
        label={say.city}
        autocomplete="address-level2"
        list="cities"
        maxlength={100}
        required={required}
      />
      <datalist id="cities">
        {cities.map((city) => (
          <option key={city} value={city} />
        ))}
      </datalist>
      <Field form={form} name="region" label={say.region} autocomplete="address-level1" maxlength={100} />
      <Field form={form} name="postal_code" label={say.postalCode} autocomplete="postal-code" maxlength={20} />
      <Field
        form={form}
        name="country"
        label={say.country}
        autocomplete="country"
        maxlength={2}
        minlength={2}
        required
      />
    </>
  )
}
