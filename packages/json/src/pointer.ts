/** A JSON pointer, RFC 6901, to what stands under these members: `/filter/from`. */
export const pointerTo = (members: readonly (string | number)[]): string =>
  members.map((member) => `/${String(member).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
