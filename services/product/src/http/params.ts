import { Type } from 'typebox'

export const IdParams = Type.Object({ id: Type.String({ format: 'uuid' }) })

export const IdOrSlugParams = Type.Object({ id: Type.String({ maxLength: 100, pattern: '^[a-zA-Z0-9-]+$' }) })
