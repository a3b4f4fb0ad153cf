import { Type } from 'typebox'

export const IdParams = Type.Object({ id: Type.String({ format: 'uuid' }) })

export const IdOrSlugParams = Type.Object({
  id: Type.String({ maxLength: 100, pattern: '^[a-zA-Z0-9-]+$', 'x-must': 'must be an id or a slug' }),
})

export const IfMatch = Type.Object({
  'if-match': Type.Optional(
    Type.String({ maxLength: 1_000, description: 'the ETag of what is changed', examples: ['"1"'] }),
  ),
})
