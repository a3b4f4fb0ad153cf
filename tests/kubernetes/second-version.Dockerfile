# A version of order that says more with an event than the one before.
FROM ai-mart/order-service:test-1
USER root
RUN sed -i 's/^    placed_at: Time,/&\n    channel: Type.Optional(Type.String()),/' /mart/packages/contracts/src/events/order-events.ts \
 && sed -i "s/^    placed_at: .*toISOString(),/&\n    channel: 'web',/" /mart/services/order/src/order-events.ts \
 && grep --quiet channel: /mart/packages/contracts/src/events/order-events.ts \
 && grep --quiet channel: /mart/services/order/src/order-events.ts
USER node
