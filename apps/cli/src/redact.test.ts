import { expect, test } from 'vitest';
import { redactConfig, redactText } from './redact.ts';

test('values of keys that name a secret are replaced, at any depth', () => {
  expect(
    redactConfig({ llm: { api_key: 'sk-1', models: [{ name: 'm', apiKey: 'sk-2' }] }, password: 7, AUTH_TOKEN: ['a'] }),
  ).toEqual({
    llm: { api_key: '[redacted]', models: [{ name: 'm', apiKey: '[redacted]' }] },
    password: '[redacted]',
    AUTH_TOKEN: '[redacted]',
  });
});

test('keys that only resemble one, and empty values, stay', () => {
  const config = { max_tokens: 4096, monkey: 'x', api_key: null, keyboard: 'qwerty', tokenizer: 'bpe' };
  expect(redactConfig(config)).toEqual(config);
});

test('user and password of a URL are replaced, and the rest of it stays', () => {
  expect(redactText('redis://user:p@ss@host:6379/0')).toBe('redis://[redacted]@host:6379/0');
  expect(redactText('see https://token@example.org/a?b=1 and https://example.org/@user')).toBe(
    'see https://[redacted]@example.org/a?b=1 and https://example.org/@user',
  );
});

test('query parameters that name a secret are replaced', () => {
  expect(redactText('https://example.org/v1?api_key=abc&model=m')).toBe(
    'https://example.org/v1?api_key=[redacted]&model=m',
  );
});
