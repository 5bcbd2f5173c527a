import { expect, test } from 'vitest';
import { bestSoFar } from './points.ts';
import { sparkline } from './sparkline.ts';
import { expectPicture, seededRandom } from './testing.ts';
import { type ChartPoint, type TrajectoryData, type TrajectoryOptions, trajectory } from './trajectory.ts';

const picture = (data: TrajectoryData, options: TrajectoryOptions = {}) =>
  trajectory(data, { ...options, standalone: true });

test('a run that climbs shows the best line over the dots, the failures, the gains and the references', async () => {
  const { improvements, samples } = climb(500);
  const failures = [12, 80, 81, 82, 300, 420].map((x) => ({ fromX: x, toX: x, count: 1 }));
  const references = [
    { y: 2.636, label: 'best known' },
    { y: 1, label: 'initial' },
  ];
  await expectPicture('climb', picture({ improvements, samples, failures, references, lastX: 500 }, { xMax: 600 }));
});

test('a narrow chart keeps its text size, so that it is legible on a phone', async () => {
  const { improvements, samples } = climb(500);
  await expectPicture('climb-narrow', picture({ improvements, samples, lastX: 500 }, { width: 360, height: 240 }));
});

test('scores that fall are better when minimizing, and labels stand under the line', async () => {
  const { improvements, samples } = climb(300);
  const down = (points: ChartPoint[]) => points.map((point) => ({ ...point, y: 4 - point.y }));
  await expectPicture(
    'minimize',
    picture({ improvements: down(improvements), samples: down(samples) }, { direction: 'minimize', yLabel: 'loss' }),
  );
});

test('a best that came before a better one of an earlier iteration is no step down', () => {
  const improvements = [
    { x: 0, y: 0.96 },
    { x: 13, y: 1.03 },
    { x: 12, y: 1.13 },
  ];
  const svg = trajectory({ improvements, samples: [], lastX: 20 });
  expect(svg).toContain('best 1.13 at iteration 12 of 20');
  expect(svg).not.toContain('1.03');
  expect(svg).toBe(trajectory({ improvements: [improvements[0]!, improvements[2]!], samples: [], lastX: 20 }));
  const falling = improvements.map(({ x, y }) => ({ x, y: -y }));
  expect(bestSoFar(falling, 'minimize').map(({ x }) => x)).toEqual([0, 12]);
});

test('labels beside each other have equal decimals', () => {
  const improvements = [0.9, 1.371, 1.44].map((y, index) => ({ x: index * 30, y }));
  const svg = trajectory({ improvements, samples: [], lastX: 100 });
  for (const text of ['>0.900<', '>1.371<', '>1.440<']) expect(svg).toContain(text);
  const whole = trajectory({ improvements: [1, 2, 30].map((y, x) => ({ x: x * 30, y })), samples: [] });
  expect(whole).toContain('>30<');
});

test('no label lies on the mark of a value that is off scale', () => {
  const improvements = [0.2, 0.5, 0.97341].map((y, index) => ({ x: index * 20, y }));
  const dots = Array.from({ length: 50 }, (_, x) => ({ x: x + 1, y: 0.2 + (x % 7) / 20 }));
  const chart = (x: number) => trajectory({ improvements, samples: [...dots, { x, y: 1e9 }], lastX: 60 });
  const labelOf = (svg: string) => /<text ([^>]*)>0\.9734</.exec(svg)?.[1];
  expect(labelOf(chart(5))).toContain('text-anchor="end"');
  expect(labelOf(chart(39))).toBeDefined();
  expect(labelOf(chart(39))).not.toBe(labelOf(chart(5)));
});

test('a chart to which nothing will be added does not say "yet"', () => {
  const failures = [{ fromX: 0, toX: 0, count: 1 }];
  const svg = trajectory({ improvements: [], samples: [], failures }, { ended: true });
  expect(svg).toContain('>No score<');
  expect(svg).not.toContain('yet');
});

test('an empty chart says that there are no scores yet', async () => {
  await expectPicture('empty', picture({ improvements: [], samples: [] }, { xMax: 100 }));
});

test('one point is drawn with its value, in the middle of a scale around it', async () => {
  await expectPicture('one-point', picture({ improvements: [{ x: 0, y: 0.93 }], samples: [{ x: 0, y: 0.93 }] }));
});

test('equal scores make a flat line', async () => {
  const samples = Array.from({ length: 40 }, (_, x) => ({ x, y: 0.5 }));
  await expectPicture('all-equal', picture({ improvements: [{ x: 0, y: 0.5 }], samples, lastX: 39 }));
});

test('a run of which everything failed says so and shows every failure', async () => {
  await expectPicture(
    'all-failed',
    picture({ improvements: [], samples: [], failures: [{ fromX: 0, toX: 30, count: 31 }], lastX: 30 }, { xMax: 100 }),
  );
});

test('wild outliers on both sides leave the curve as it is and are counted at the edges', async () => {
  const { improvements, samples } = climb(200);
  samples.push({ x: 50, y: -1e12 }, { x: 90, y: -4e6 }, { x: 120, y: -1e12 }, { x: 140, y: 1e12 });
  await expectPicture('outliers', picture({ improvements, samples, lastX: 200 }));
});

test('a best that is itself absurd runs along the edge, and the curve before it stays readable', async () => {
  const { improvements, samples } = climb(200);
  const absurd = { x: 150, y: 1e12 };
  const kept = improvements.filter((point) => point.x < 150);
  await expectPicture(
    'absurd-best',
    picture({ improvements: [...kept, absurd], samples: [...samples, absurd], lastX: 200 }),
  );
});

test('a wild initial score is marked at the edge, and what came after it fills the chart', async () => {
  const { improvements, samples } = climb(200);
  const initial = { x: 0, y: -1e12 };
  const later = improvements.map((point) => ({ ...point, x: point.x + 1 }));
  await expectPicture(
    'wild-initial',
    picture({ improvements: [initial, ...later], samples: [initial, ...samples.slice(1)], lastX: 200 }),
  );
});

test('scores that differ by billionths get ticks and labels that tell them apart', async () => {
  const improvements = [0, 5, 20, 60].map((x, index) => ({ x, y: 0.95 + index * 1e-9 }));
  await expectPicture('billionths', picture({ improvements, samples: improvements, lastX: 80 }));
});

test('negative scores climb towards zero', async () => {
  const improvements = [0, 4, 9, 30].map((x, index) => ({ x, y: -1000 / (index + 1) }));
  const samples = Array.from({ length: 50 }, (_, x) => ({ x, y: -1200 + ((x * 37) % 50) * 10 }));
  await expectPicture('negative', picture({ improvements, samples, lastX: 49 }));
});

test('ten thousand improvements make a small chart', async () => {
  const improvements = Array.from({ length: 10_000 }, (_, x) => ({ x, y: 1 - 1 / (1 + x / 800) }));
  const svg = picture({ improvements, samples: improvements.filter((_, index) => index % 5 === 0), lastX: 10_000 });
  expect(svg.length).toBeLessThan(40_000);
  await expectPicture('ten-thousand-improvements', svg);
});

test('two thousand dots and a hundred links stay well under 40 kB, also as a JSON string', async () => {
  const improvements = Array.from({ length: 100 }, (_, index) => ({
    x: index * 99,
    y: 1 + index * 0.01,
    href: `/setup/circle-packing/run/0?step=${index * 99}`,
  }));
  const svg = picture({ improvements, samples: scatter(2000), lastX: 10_000 });
  expect(JSON.stringify(svg).length).toBeLessThan(33_000);
  expect(svg.match(/<a /g)).toHaveLength(100);
  await expectPicture('linked', svg);
});

test('the most that a run can bring still fits into 40 kB: only the newest hundred improvements are links', () => {
  const improvements = Array.from({ length: 10_000 }, (_, x) => ({
    x,
    y: 1 + x / 3000,
    href: `/setup/circle-packing/run/0?step=${x}`,
  }));
  const failures = Array.from({ length: 2000 }, (_, index) => ({ fromX: index * 5, toX: index * 5 + 4, count: 3 }));
  const svg = trajectory({ improvements, samples: scatter(2000), failures });
  expect(JSON.stringify(svg).length).toBeLessThan(38_000);
  expect(svg.match(/<a /g)).toHaveLength(100);
  expect(svg).toContain('step=9900"');
  expect(svg).not.toContain('step=9899"');
});

test('a sparkline ends in a dot', async () => {
  const points = [3, 5, 4, 8, 7, 9, 9, 12].map((y, x) => ({ x, y }));
  await expectPicture('sparkline', sparkline(points, { standalone: true, title: 'Score, rising' }));
});

function scatter(count: number): ChartPoint[] {
  const random = seededRandom(7);
  return Array.from({ length: count }, (_, index) => ({ x: index * 5, y: random() }));
}

function climb(count: number): { improvements: ChartPoint[]; samples: ChartPoint[] } {
  const random = seededRandom(3);
  const improvements: ChartPoint[] = [];
  const samples: ChartPoint[] = [];
  let best = Number.NEGATIVE_INFINITY;
  for (let x = 0; x <= count; x++) {
    const ceiling = 1 + 1.54 * (1 - Math.exp(-x / 90));
    const y = x === 0 ? 1 : ceiling * (1 - 0.35 * random() ** 2 - 0.01);
    samples.push({ x, y });
    if (y > best) improvements.push({ x, y });
    best = Math.max(best, y);
  }
  return { improvements, samples };
}
