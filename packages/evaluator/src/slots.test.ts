import { expect, test } from 'vitest';
import { Slots } from './slots.ts';

const never = new AbortController().signal;

test('whoever waits longest is next', async () => {
  const slots = new Slots(1);
  const order: string[] = [];
  await slots.acquire(never);
  const second = slots.acquire(never).then(() => order.push('second'));
  const third = slots.acquire(never).then(() => order.push('third'));

  slots.release();
  await second;
  expect(order).toEqual(['second']);
  slots.release();
  await third;
  expect(order).toEqual(['second', 'third']);
});

test('one that gave up waiting takes no slot', async () => {
  const slots = new Slots(1);
  const impatient = new AbortController();
  await slots.acquire(never);
  const given = slots.acquire(impatient.signal);
  const patient = slots.acquire(never);
  impatient.abort('too long');

  await expect(given).rejects.toBe('too long');
  slots.release();
  await expect(patient).resolves.toBe(undefined);
});
