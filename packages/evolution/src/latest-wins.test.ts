import { expect, test } from 'vitest';
import { LatestWins } from './latest-wins.ts';

test('one task runs at a time, and of those that come meanwhile only the newest', async () => {
  const ran: string[] = [];
  let endFirst = () => {};
  const tasks = new LatestWins();
  tasks.run(async () => {
    ran.push('a');
    await new Promise<void>((resolve) => {
      endFirst = resolve;
    });
  });
  for (const name of ['b', 'c', 'd']) tasks.run(async () => void ran.push(name));
  endFirst();
  await tasks.idle();
  expect(ran).toEqual(['a', 'd']);
  tasks.run(async () => void ran.push('e'));
  await tasks.idle();
  expect(ran).toEqual(['a', 'd', 'e']);
});

test('idle resolves at once when nothing runs', async () => {
  await new LatestWins().idle();
});
