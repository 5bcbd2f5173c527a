import type { Json } from '@kai/evolution';

const redacted = '[redacted]';
const secretName =
  /(^|[_.-])(api[_-]?keys?|apikeys?|access[_-]?keys?|keys?|token|secrets?|password|passwd|pwd|credentials?|auth|authorization)$/i;

/**
 * A copy of a configuration that may be stored: values of keys that name a secret (`api_key`, `auth_token`, …) and
 * credentials in URLs are replaced by `[redacted]`. Counts like `max_tokens` stay.
 */
export function redactConfig(value: Json, name = ''): Json {
  if (value !== null && value !== '' && secretName.test(separateWords(name))) return redacted;
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value)) return value.map((item) => redactConfig(item));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactConfig(item, key)]));
}

/** Text without the credentials of the URLs in it: user and password, and query parameters that name a secret. */
export function redactText(text: string): string {
  return text
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#@"'<>]*(?:@[^\s/?#@"'<>]*)*@/gi, `$1${redacted}@`)
    .replace(/([?&])([^\s=&#"']+)=([^\s&#"']+)/g, (whole, start, name) =>
      secretName.test(separateWords(name)) ? `${start}${name}=${redacted}` : whole,
    );
}

/** `apiKey` -> `api_Key`, so that one pattern finds both spellings. */
function separateWords(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2');
}
