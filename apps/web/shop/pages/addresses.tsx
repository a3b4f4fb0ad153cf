import type { AddressesProps, AddressProps } from '../pages.ts'
import { AccountPage } from '../parts/account-page.tsx'
import { Field, OfPerson, ProblemNotice } from '../parts/fields.tsx'
import { useFrame } from '../parts/frame.tsx'
import { PlaceFields, RecipientFields } from '../parts/place-fields.tsx'

const PATH = '/account/addresses'
type Address = AddressesProps['addresses'][number]

export function AddressesPage({ addresses, done }: AddressesProps) {
  const { say } = useFrame()
  const add = (
    <a class="button" href={`${PATH}/new`}>
      {say.addAddress}
    </a>
  )
  return (
    <AccountPage title={say.rooms[PATH]} room={PATH} done={done && say.addressesDone[done]}>
      {addresses.length === 0 ? (
        <section class="empty">
          <h2>{say.noAddresses}</h2>
          <p>{say.noAddressesHelp}</p>
          {add}
        </section>
      ) : (
        <>
          <ul class="addresses">
            {addresses.map((address) => (
              <li key={address.id} class="panel">
                <OneAddress address={address} />
              </li>
            ))}
          </ul>
          <p class="actions">{add}</p>
        </>
      )}
    </AccountPage>
  )
}

function OneAddress({ address }: { address: Address }) {
  const { say } = useFrame()
  const name = address.label || address.line1
  return (
    <>
      <h2>
        <bdi>{name}</bdi>
        {address.is_default && <span class="mark">{say.isDefault}</span>}
      </h2>
      <address>
        {[
          [address.name],
          [address.line1, address.line2],
          [address.postal_code, address.city, address.region, address.country],
        ].map((parts) => (
          <div key={parts.join()}>
            <bdi>{parts.filter(Boolean).join(', ')}</bdi>
          </div>
        ))}
        <bdi dir="ltr">{address.phone}</bdi>
      </address>
      <form class="actions" action={PATH} method="post">
        <input type="hidden" name="id" value={address.id} />
        <a class="button quiet" href={`${PATH}/${address.id}`} aria-label={say.changeAddress(name)}>
          {say.change}
        </a>
        {!address.is_default && (
          <button class="button quiet" name="do" value="default" aria-label={say.makeDefaultOf(name)}>
            {say.makeDefault}
          </button>
        )}
        <button class="button danger" name="do" value="delete" aria-label={say.deleteAddress(name)}>
          {say.delete}
        </button>
      </form>
    </>
  )
}

export function AddressPage({ id, form, key }: AddressProps) {
  const { say } = useFrame()
  const title = id === null ? say.addAddress : say.changeAddressTitle
  return (
    <AccountPage title={title} room={PATH}>
      <ProblemNotice problem={form.problem} />
      <form class="panel" action={`${PATH}/${id ?? 'new'}`} method="post">
        <div class="fields">
          <OfPerson />
          <input type="hidden" name="key" value={key} />
          <Field form={form} name="label" label={say.addressLabel} hint={say.addressLabelHint} maxlength={50} />
          <div class="fields two">
            <RecipientFields form={form} />
            <PlaceFields form={form} required />
          </div>
          <label class="check">
            <input type="checkbox" name="is_default" checked={'is_default' in form.values} />
            <span>{say.useAsDefault}</span>
          </label>
        </div>
        <div class="actions">
          <button class="button">{say.saveAddress}</button>
          <a class="button quiet" href={PATH}>
            {say.backToAddresses}
          </a>
        </div>
      </form>
    </AccountPage>
  )
}
