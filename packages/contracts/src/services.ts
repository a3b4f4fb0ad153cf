/** The services that a mart is made of. */
export const serviceNames = ['user', 'product', 'order', 'inventory', 'payment', 'notification'] as const
export type ServiceName = (typeof serviceNames)[number]
