import { expect, test } from 'vitest';
import { safeHref } from './escape.ts';
import { sparkline } from './sparkline.ts';
import { expectPicture, expectWellFormed } from './testing.ts';
import { trajectory } from './trajectory.ts';

const hostile = '</text><script>alert("x")</script>\'&\0\u001f\u202egnp\ud800';
const shown = '&lt;/text&gt;&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&#39;&amp;\ufffd\ufffd\ufffdgnp\ufffd';

test('hostile text in every place is shown as text', async () => {
  const svg = trajectory(
    {
      improvements: [
        { x: 0, y: 1, label: hostile },
        { x: 50, y: 2, label: hostile, href: '?step=50&"><script>' },
      ],
      samples: [],
      lastX: 100,
      references: [{ y: 1.5, label: hostile }],
    },
    {
      title: hostile,
      description: hostile,
      xLabel: hostile,
      yLabel: hostile,
      idPrefix: '"><script>',
      standalone: true,
    },
  );
  expect(svg).toContain(`>${shown}</title>`);
  expect(svg).toContain(`>${shown}</desc>`);
  expect(svg).toContain('<a href="?step=50&amp;&quot;&gt;&lt;script&gt;">');
  expect(svg).not.toMatch(/<script|[\u202a-\u202e]|\0/);
  await expectPicture('hostile', svg);
});

test('a hostile title of a sparkline is shown as text', () => {
  const svg = sparkline([{ x: 0, y: 1 }], { title: hostile, idPrefix: '" onload="alert(1)' });
  expect(svg).toContain(`<title id="_--onload--alert-1-chart-title">${shown}</title>`);
  expectWellFormed(svg);
});

test('a label is cut between characters, never inside one', () => {
  const svg = trajectory({ improvements: [{ x: 50, y: 1, label: '😀'.repeat(40) }], samples: [], lastX: 100 });
  expect(svg).toContain(`>${'😀'.repeat(23)}…</text>`);
});

test('links lead to pages only', () => {
  expect(safeHref('?step=3')).toBe('?step=3');
  expect(safeHref('/setup/a/run/0?at=12:30')).toBe('/setup/a/run/0?at=12:30');
  expect(safeHref('HTTPS://example.org/')).toBe('HTTPS://example.org/');
  for (const href of [
    'javascript:alert(1)',
    ' JavaScript:alert(1)',
    'java\nscript:alert(1)',
    '\u0001javascript:x',
    'data:text/html,x',
    'vbscript:x',
    '',
  ]) {
    expect(safeHref(href), href).toBeUndefined();
  }
});

test('an improvement whose link is refused is drawn without one', () => {
  const svg = trajectory({ improvements: [{ x: 0, y: 1, href: 'javascript:alert(1)' }], samples: [] });
  expect(svg).not.toMatch(/<a |javascript/);
});

test('without the standalone form there is nothing that a strict Content-Security-Policy would block', () => {
  const svg = trajectory({ improvements: [{ x: 0, y: 1, href: '?step=0' }], samples: [{ x: 0, y: 1 }] });
  expect(svg).not.toMatch(/style|<script|url\(/);
});
