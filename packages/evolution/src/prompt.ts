import type { ProgramError } from './interfaces.ts';
import type { Program } from './program.ts';

export interface PromptInput {
  systemMessage: string;
  language: string;
  direction: 'maximize' | 'minimize';
  parent: Program;
  inspirations: readonly Program[];
  lastFailure: ProgramError | null;
}

/** The text that asks a language model for an edit of the parent. Pure: the same input gives the same prompt. */
export function buildPrompt(input: PromptInput): { system: string; user: string } {
  const { parent, inspirations, lastFailure, language } = input;
  const wanted = input.direction === 'maximize' ? 'higher' : 'lower';
  const sections = [
    `# Task\nImprove the ${language} program below so that its score gets ${wanted}.`,
    `# Current program\nScore: ${parent.score}\n${metricsList(parent)}\n${fenced(parent.code, language)}`,
  ];
  const artifacts = Object.entries(parent.artifacts).filter(([, text]) => text.trim() !== '');
  if (artifacts.length > 0) {
    sections.push(
      `# Its output\n${artifacts.map(([name, text]) => `## ${name}\n${fenced(clip(text), '')}`).join('\n')}`,
    );
  }
  if (lastFailure) {
    sections.push(`# The last attempt from this program failed\n${lastFailure.kind}: ${clip(lastFailure.message)}`);
  }
  if (inspirations.length > 0) {
    const others = inspirations.map((program) => `## Score ${program.score}\n${fenced(program.code, language)}`);
    sections.push(`# Other programs for inspiration\n${others.join('\n')}`);
  }
  sections.push(FORMAT);
  return { system: input.systemMessage, user: sections.join('\n\n') };
}

const FORMAT = `# How to answer
Answer with one or more blocks of this form; each SEARCH part must quote lines of the current program exactly:
<<<<<<< SEARCH
lines to replace
=======
new lines
>>>>>>> REPLACE
Change only what stands between EVOLVE-BLOCK-START and EVOLVE-BLOCK-END, where the program has these markers.`;

function metricsList(program: Program): string {
  return Object.entries(program.metrics)
    .map(([name, value]) => `- ${name}: ${value}`)
    .join('\n');
}

/** In a fence that is longer than any in the text, so that the text cannot end it. */
function fenced(text: string, language: string): string {
  const runs = text.match(/`{3,}/g) ?? [];
  const fence = '`'.repeat(Math.max(2, ...runs.map((run) => run.length)) + 1);
  return `${fence}${language}\n${text.endsWith('\n') ? text : `${text}\n`}${fence}`;
}

const MAX_CHARACTERS = 4000;

function clip(text: string): string {
  return text.length <= MAX_CHARACTERS ? text : `${text.slice(0, MAX_CHARACTERS)}\n[cut]`;
}
