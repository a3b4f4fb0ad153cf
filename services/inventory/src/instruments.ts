import { defineInstrument } from '@mart/service-kit/instruments'

export const stockReservations = defineInstrument({
  name: 'stock_reservations_total',
  help: 'Orders that stock was asked for, by the answer: all of their lines reserved, or refused',
  labels: ['outcome'],
  zeros: [{ outcome: 'reserved' }, { outcome: 'refused' }],
})

export const instruments = [stockReservations]
