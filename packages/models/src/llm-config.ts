import { z } from 'zod';

/**
 * The `llm` section of kai.yaml.
 *
 * This version proposes with the offline mutator only, which needs no settings, so the section is empty; a key in it is
 * refused rather than ignored, because a model that is named but never called would be the worst kind of surprise.
 */
export const llmConfigSchema = z.strictObject({});

/** The `llm` section as validated. */
export type LlmConfig = z.infer<typeof llmConfigSchema>;
