/** Sections of CHANGELOG.md, made of changesets. */
const HEADINGS = [
  ['major', 'What you have to change'],
  ['minor', 'New'],
  ['patch', 'Mended'],
];

/** The strongest kind of change that a changeset names. */
const kindOf = ({ releases }) =>
  HEADINGS.map(([kind]) => kind).find((kind) => releases.some(({ type }) => type === kind)) ?? 'patch';

/** A list item of a summary of any number of lines. */
const item = ({ summary }) => `- ${summary.trim().replaceAll('\n', '\n  ')}`;

/** The section of a version, with the changes of each kind under a heading of their own. */
export const sectionOf = (version, date, changesets) => {
  const parts = HEADINGS.flatMap(([kind, heading]) => {
    const those = changesets.filter((one) => kindOf(one) === kind);
    return those.length === 0 ? [] : [`### ${heading}\n\n${those.map(item).join('\n')}\n`];
  });
  return [`## ${version} (${date})\n`, ...parts].join('\n');
};

/** The changelog with one more section, above the newest. */
export const withSection = (changelog, section) => {
  const at = changelog.indexOf('\n## ');
  return at < 0
    ? `${changelog.trimEnd()}\n\n${section}`
    : `${changelog.slice(0, at + 1)}${section}\n${changelog.slice(at + 1)}`;
};
