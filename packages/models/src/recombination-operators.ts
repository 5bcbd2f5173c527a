import { alignLines } from './alignment.ts';
import type { Place } from './literal-groups.ts';
import { literalPlaces } from './literal-groups.ts';
import { writeValues } from './literal-operators.ts';
import type { Operator, Situation } from './operator.ts';
import { replaceLine } from './operator.ts';
import type { Line, ParsedProgram } from './program.ts';
import type { Random } from './random.ts';

/** The value that another program has at each place of the parent, where the line structure matches. */
function valuesAt(parent: ParsedProgram, other: ParsedProgram): Map<Line, number[]> {
  if (other === parent) return new Map(parent.lines.map((line) => [line, line.literals.map(({ value }) => value)]));
  return new Map(alignLines(parent, other).map(([line, twin]) => [line, twin.literals.map(({ value }) => value)]));
}

/** Some of the items, at least one: a run of neighbours or each by a coin whose bias is itself drawn. */
function pickSome<T>(items: readonly T[], random: Random): T[] {
  if (random.chance(0.3)) {
    const start = random.below(items.length);
    return items.slice(start, start + 1 + random.below(items.length - start));
  }
  const rate = random.next();
  const some = items.filter(() => random.chance(rate));
  return some.length > 0 ? some : [random.pick(items)];
}

/**
 * Differential evolution (Storn and Price 1997) on the numbers: a + F(b − c), a the parent, b and c two of the parent and
 * its inspirations, on some of the lines where b and c differ. The difference points from the worse to the better of the
 * two more often than back.
 */
const difference: Operator = {
  name: 'difference',
  prior: 0.6,
  initialStep: 0.7,
  edit(situation) {
    const { parent, inspirations, random, stepSize } = situation;
    if (inspirations.length === 0) return null;
    const pool = random.shuffled([{ program: parent, lead: 0 }, ...inspirations]);
    let [better, worse] = [pool[0]!, pool[1]!];
    if (better.lead < worse.lead) [better, worse] = [worse, better];
    if (random.chance(0.25)) [better, worse] = [worse, better];
    const to = valuesAt(parent, better.program);
    const from = valuesAt(parent, worse.program);

    const byLine = new Map<Line, { place: Place; distance: number }[]>();
    const positions = new Map<Line, number>();
    for (const place of literalPlaces(parent)) {
      const position = positions.get(place.line) ?? 0;
      positions.set(place.line, position + 1);
      const distance = (to.get(place.line)?.[position] ?? 0) - (from.get(place.line)?.[position] ?? 0);
      if (!place.whole && distance !== 0 && to.has(place.line) && from.has(place.line)) {
        byLine.set(place.line, [...(byLine.get(place.line) ?? []), { place, distance }]);
      }
    }
    if (byLine.size === 0) return null;
    const factor = stepSize * Math.exp(0.5 * random.gaussian());
    return writeValues(
      pickSome([...byLine.values()], random)
        .flat()
        .map(({ place, distance }) => ({
          place,
          value: place.literal.value + factor * distance,
          resolution: Math.abs(factor * distance),
        })),
    );
  },
};

/** The lines of the parent that an inspiration has in another version, each with that version. */
function differingLines(situation: Situation, other: ParsedProgram): [Line, Line][] {
  return alignLines(situation.parent, other).filter(([line, twin]) => line.text !== twin.text);
}

/** Takes some of the lines in which an inspiration with the same structure differs. */
const crossover: Operator = {
  name: 'crossover',
  prior: 0.4,
  initialStep: null,
  edit(situation) {
    const { inspirations, random } = situation;
    for (const { program } of random.shuffled(inspirations)) {
      const pairs = differingLines(situation, program);
      // With one line there is nothing to recombine: the child would be the inspiration.
      if (pairs.length < 2) continue;
      let some = pickSome(pairs, random);
      if (some.length === pairs.length) some = random.shuffled(some).slice(1);
      return some.map(([line, twin]) => replaceLine(line, twin.text));
    }
    return null;
  },
};

/** Goes part of the way to an inspiration on some of the lines (intermediate recombination, Rechenberg 1973). */
const blend: Operator = {
  name: 'blend',
  prior: 0.3,
  initialStep: null,
  edit(situation) {
    const { parent, inspirations, random } = situation;
    for (const { program } of random.shuffled(inspirations)) {
      const values = valuesAt(parent, program);
      const positions = new Map<Line, number>();
      const goals = literalPlaces(parent).flatMap((place) => {
        const position = positions.get(place.line) ?? 0;
        positions.set(place.line, position + 1);
        const goal = values.get(place.line)?.[position];
        return goal === undefined || goal === place.literal.value || place.whole ? [] : [{ place, goal }];
      });
      if (goals.length === 0) continue;
      const share = 0.1 + 0.8 * random.next();
      return writeValues(
        pickSome(goals, random).map(({ place, goal }) => ({
          place,
          value: place.literal.value + share * (goal - place.literal.value),
          resolution: 0.1 * Math.abs(goal - place.literal.value),
        })),
      );
    }
    return null;
  },
};

/** The operators that combine the parent's numbers and lines with those of an inspiration. */
export const recombinationOperators: readonly Operator[] = [difference, crossover, blend];
