/** How good something is. */
export type Tone = 'plain' | 'accent' | 'good' | 'warn' | 'bad';
