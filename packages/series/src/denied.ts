/** Whether it is the error of a command, or of a Function's command, that this user may not run. */
export const isDenied = (error: unknown): boolean =>
  /^(Redis: )?NOPERM|can't run this command|ACL failure in script|Unknown Redis command/i.test(
    (error as Error).message,
  );
