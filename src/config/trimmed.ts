type Variables = Record<string, string | undefined>;

/** No value begins or ends with white space on purpose: a `.env` from Windows ends each with a carriage return. */
export const trimmed = (environment: Variables): Variables =>
  Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, value?.trim()]));
