import type { Edit } from './edits.ts';
import type { Place } from './literal-groups.ts';
import { literalPlaces } from './literal-groups.ts';
import { replaceInLine, writeLiteral } from './literals.ts';
import type { Operator, Situation } from './operator.ts';
import { replaceLine } from './operator.ts';
import type { Line } from './program.ts';

/** The edits that give places new values; null when no text changes. */
export function writeValues(changes: readonly { place: Place; value: number; resolution: number }[]): Edit[] | null {
  const byLine = new Map<Line, { column: number; length: number; text: string }[]>();
  for (const { place, value, resolution } of changes) {
    const { column, text } = place.literal;
    const written = writeLiteral(place.literal, value, resolution);
    if (written === text) continue;
    const list = byLine.get(place.line) ?? [];
    list.push({ column, length: text.length, text: written });
    byLine.set(place.line, list);
  }
  if (byLine.size === 0) return null;
  return [...byLine].map(([line, list]) => replaceLine(line, replaceInLine(line.text, list)));
}

/** A Gaussian step from where the literal is. Where all siblings share a sign, the step mostly keeps it. */
function stepped(place: Place, size: number, { random }: Situation) {
  const reach = size * place.scale;
  let value = place.literal.value + reach * random.gaussian();
  if (place.whole) {
    const whole = Math.round(value);
    value = whole === place.literal.value ? whole + (random.chance(0.5) ? 1 : -1) : whole;
  }
  const sign = commonSign(place.siblings);
  if (sign !== 0 && value * sign < 0 && random.chance(place.whole ? 0.95 : 0.8)) value = -value;
  return { place, value, resolution: reach };
}

function commonSign(values: readonly number[]): number {
  if (values.every((value) => value >= 0)) return 1;
  return values.every((value) => value <= 0) ? -1 : 0;
}

/** The literals of one line, or one of them. */
function pickFromOneLine(places: readonly Place[], situation: Situation): Place[] {
  const { random } = situation;
  const first = random.pick(places);
  const mates = places.filter((place) => place.line === first.line);
  return mates.length <= 4 && random.chance(0.75) ? mates : [first];
}

/** Spreads the size around the adapted one, so that no size is ever out of reach. */
function drawSize({ stepSize, random }: Situation): number {
  return stepSize * Math.exp(0.7 * random.gaussian());
}

/** Gaussian steps on the numbers of one line. */
const step: Operator = {
  name: 'step',
  prior: 1,
  initialStep: 0.3,
  edit(situation) {
    const places = literalPlaces(situation.parent).filter((place) => !place.whole);
    if (places.length === 0) return null;
    const size = drawSize(situation);
    return writeValues(pickFromOneLine(places, situation).map((place) => stepped(place, size, situation)));
  },
};

/** Gaussian steps on the numbers of several lines at once. */
const stepMany: Operator = {
  name: 'step-many',
  prior: 0.6,
  initialStep: 0.15,
  edit(situation) {
    const { random } = situation;
    const places = literalPlaces(situation.parent).filter((place) => !place.whole);
    const lines = [...new Set(places.map((place) => place.line))];
    if (lines.length < 2) return null;
    // Mostly few lines, now and then many.
    const count = Math.min(lines.length, 2 + Math.floor(-2 * Math.log(1 - random.next())));
    const chosen = new Set(random.shuffled(lines).slice(0, count));
    const size = drawSize(situation);
    return writeValues(
      places.filter((place) => chosen.has(place.line)).map((place) => stepped(place, size, situation)),
    );
  },
};

/** A step on a whole number, by at least one. */
const count: Operator = {
  name: 'count',
  prior: 0.15,
  initialStep: 0.5,
  edit(situation) {
    const { random } = situation;
    const places = literalPlaces(situation.parent).filter((place) => place.whole);
    if (places.length === 0) return null;
    return writeValues([stepped(random.pick(places), drawSize(situation), situation)]);
  },
};

/** Draws the numbers of a line anew from the range that its siblings span: a jump out of a corner. */
const redraw: Operator = {
  name: 'redraw',
  prior: 0.5,
  initialStep: null,
  edit(situation) {
    const { random } = situation;
    const places = literalPlaces(situation.parent).filter((place) => !place.whole && place.siblings.length >= 4);
    if (places.length === 0) return null;
    return writeValues(
      pickFromOneLine(places, situation).map((place) => {
        const low = Math.min(...place.siblings);
        const range = Math.max(...place.siblings) - low;
        return { place, value: low + (1.4 * random.next() - 0.2) * range, resolution: 0.1 * range };
      }),
    );
  },
};

/** The operators that change numbers of the parent on their own. */
export const literalOperators: readonly Operator[] = [step, stepMany, count, redraw];
