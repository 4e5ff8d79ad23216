/** The first of the keys that the services ask for; undefined where they ask for none. */
export const apiKey = (): string | undefined => process.env.API_KEYS?.split(',')[0]?.trim();
