/** What `kai` tells the shell. */
export const exitCode = { done: 0, failed: 1, usage: 2, stoppedByUser: 130 } as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
