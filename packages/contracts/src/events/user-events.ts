import { Type } from 'typebox'
import { Language } from '../language.ts'
import { defineEvent, type Topic } from './define-event.ts'
import { Id, Time } from './shared-shapes.ts'

export const usersTopic: Topic = { name: 'mart.users', producer: 'user', retention: 'days' }

const person = {
  user_id: Id,
  email: Type.String(),
  name: Type.String(),
  language: Type.Optional(Language),
  email_verified: Type.Optional(Type.Boolean({ description: 'whether he has opened a link that was mailed there' })),
}

export const UserRegistered = defineEvent({
  type: 'user.registered',
  version: 1,
  topic: usersTopic,
  key: 'user_id',
  data: Type.Object({ ...person, registered_at: Time }),
})

export const UserProfileChanged = defineEvent({
  type: 'user.profile_changed',
  version: 1,
  topic: usersTopic,
  key: 'user_id',
  data: Type.Object({ ...person, changed_at: Time }),
})

/** Tokens say a role for minutes: those from before are refused. */
export const UserRoleChanged = defineEvent({
  type: 'user.role_changed',
  version: 1,
  topic: usersTopic,
  key: 'user_id',
  data: Type.Object({ user_id: Id, was: Type.String(), role: Type.String(), changed_at: Time }),
  revokesTokensAt: 'changed_at',
})

export const UserPasswordChanged = defineEvent({
  type: 'user.password_changed',
  version: 1,
  topic: usersTopic,
  key: 'user_id',
  data: Type.Object({ user_id: Id, changed_at: Time }),
  revokesTokensAt: 'changed_at',
})

/** Whoever keeps personal data of this user blanks it, and refuses the user from then on. */
export const UserErased = defineEvent({
  type: 'user.erased',
  version: 1,
  topic: usersTopic,
  key: 'user_id',
  data: Type.Object({ user_id: Id, erased_at: Time }),
  revokesTokensAt: 'erased_at',
})

/** A key that signed tokens is in the wrong hands: whatever it has signed or will sign is refused, whoever it names. */
export const SigningKeyRevoked = defineEvent({
  type: 'user.signing_key_revoked',
  version: 1,
  topic: usersTopic,
  key: 'key_id',
  data: Type.Object({ key_id: Type.String({ description: 'the kid of its tokens' }), revoked_at: Time }),
  revokesTokensBy: 'key_id',
})
