// The container `roles`: gives each service a role that owns its database, before the services start.

import { type ServiceName, serviceNames } from '@mart/contracts/services'
import { readConfig, shippedPasswordProblems } from '@mart/service-kit/config'
import { Type } from 'typebox'
import { giveDatabase } from './service-role.ts'

type Given = Readonly<Record<string, string | undefined>>

const superuserSetting = (service: ServiceName) => `${service.toUpperCase()}_SUPERUSER_URL`
const roleSetting = (service: ServiceName) => `${service.toUpperCase()}_DATABASE_URL`
const settings = serviceNames.flatMap((service) => [superuserSetting(service), roleSetting(service)])
const schema = Type.Object({
  NODE_ENV: Type.Optional(Type.String()),
  ...Object.fromEntries(settings.map((setting) => [setting, Type.String()])),
})

try {
  const given: Given = readConfig(schema, process.env, [problems])
  for (const service of serviceNames) await makeRole(service, given)
} catch (error) {
  console.error((error as Error).name === 'ConfigError' ? (error as Error).message : error)
  process.exitCode = 1
}

async function makeRole(service: ServiceName, given: Given): Promise<void> {
  const role = readAddress(given[roleSetting(service)])!
  try {
    const count = await giveDatabase(given[superuserSetting(service)]!, role)
    console.log(`${service}: ${role.name} owns ${role.place}${count > 0 ? `, ${count} things were not its own` : ''}`)
  } catch (error) {
    console.error(`${service}: ${superuserSetting(service)}: ${(error as Error).message}`)
    process.exitCode = 1
  }
}

function problems(given: Given): string[] {
  const urls = Object.fromEntries(settings.map((setting) => [setting, given[setting]]))
  return [
    ...settings.flatMap((setting) =>
      given[setting] && !readAddress(given[setting])
        ? [`${setting}: must be like postgres://user:password@host:5432/database`]
        : [],
    ),
    ...serviceNames.flatMap((service) => pairProblems(given, superuserSetting(service), roleSetting(service))),
    ...(given['NODE_ENV'] === 'production' ? shippedPasswordProblems(urls) : []),
  ]
}

function pairProblems(given: Given, superuserSetting: string, roleSetting: string): string[] {
  const superuser = readAddress(given[superuserSetting])
  const role = readAddress(given[roleSetting])
  if (!superuser || !role) return []
  return [
    ...(role.place === superuser.place ? [] : [`${roleSetting}: is not the database of ${superuserSetting}`]),
    ...(role.name === superuser.name
      ? [`${roleSetting}: ${role.name} is the superuser, the service needs a role`]
      : []),
    ...(role.password === superuser.password ? [`${roleSetting}: has the password of the superuser`] : []),
  ]
}

function readAddress(text = ''): { name: string; password: string; place: string } | undefined {
  const url = URL.parse(text)
  if (!url || !/^postgres(ql)?:$/.test(url.protocol)) return undefined
  const { hostname, port, pathname } = url
  try {
    const [name, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)]
    const isWhole = name && password && hostname && pathname.length > 1
    return isWhole ? { name, password, place: `${hostname}:${port || 5432}${pathname}` } : undefined
  } catch {
    return undefined // a % that encodes nothing
  }
}
