import { expect, test } from 'vitest';
import { isAllowedHost } from './allowed-host.ts';

test.each(['localhost', 'localhost:8321', '127.0.0.1:9000', '[::1]:8321', 'LOCALHOST:1'])(
  '%s is this machine',
  (host) => {
    expect(isAllowedHost(host)).toBe(true);
  },
);

test.each([
  'evil.example:8321',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  'localhost@evil.example',
  '',
  ':8321',
  'localhost:',
  '0.0.0.0:8321',
  '10.0.0.1',
])('"%s" is refused', (host) => {
  expect(isAllowedHost(host)).toBe(false);
});

test('a name that was allowed is answered, on any port', () => {
  expect(isAllowedHost('Box.lan:8321', ['box.lan'])).toBe(true);
  expect(isAllowedHost('other.lan', ['box.lan'])).toBe(false);
});
