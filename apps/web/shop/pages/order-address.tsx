import type { OrderAddressProps } from '../pages.ts'
import { OfPerson, ProblemNotice } from '../parts/fields.tsx'
import { useFrame } from '../parts/frame.tsx'
import { Page } from '../parts/page.tsx'
import { PlaceFields, RecipientFields } from '../parts/place-fields.tsx'

export function OrderAddressPage({ id, number, form }: OrderAddressProps) {
  const { say } = useFrame()
  return (
    <Page title={say.changeAddressTitle}>
      <h1>{say.changeAddressTitle}</h1>
      <p class="soft">{say.changeOrderAddressHelp(number)}</p>
      <ProblemNotice problem={form.problem} />
      <form class="panel" action={`/orders/${id}/address`} method="post">
        <OfPerson />
        <div class="fields two">
          <RecipientFields form={form} />
          <PlaceFields form={form} required />
        </div>
        <div class="actions">
          <button class="button">{say.deliverThere}</button>
          <a class="button quiet" href={`/orders/${id}`}>
            {say.backToOrder}
          </a>
        </div>
      </form>
    </Page>
  )
}
