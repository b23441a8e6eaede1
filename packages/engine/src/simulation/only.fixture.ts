/** A port of which a simulation needs some parts: every other one, when it is asked for after all, says so. */
export const only = <Port extends object>(name: string, parts: Partial<Port>): Port =>
  new Proxy(parts, {
    get: (target, key) => {
      const part: unknown = Reflect.get(target, key)
      if (part === undefined) throw new Error(`the simulation has no ${name}.${String(key)}`)
      return part
    },
  }) as Port
