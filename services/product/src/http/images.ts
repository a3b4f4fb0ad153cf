import { resolve } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { App } from '@mart/service-kit/http-server'

/** A picture that changes gets another name, so browsers may keep the one they have. */
export async function addImages(app: App, folder: string | undefined): Promise<void> {
  if (!folder) return
  await app.register(fastifyStatic, {
    root: resolve(folder),
    prefix: '/images/',
    decorateReply: false,
    index: false,
    maxAge: '30d',
  })
}
