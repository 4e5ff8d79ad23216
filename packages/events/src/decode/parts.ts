/** What a part of a request has that is decoded at once: about so many bytes, or one event of any size, … */
export const PART_BYTES = 65_536;
/** … and at most so many events. */
export const PART_EVENTS = 500;
