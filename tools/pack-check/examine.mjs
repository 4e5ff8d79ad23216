/** What has to be true of a package before anybody installs it. */
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, posix } from 'node:path';

/**
 * A module's name where one is imported or asked for, in what tsc and rolldown write; never a relative one. Statements stand at the
 * beginning of a line; elsewhere there may be an example in a comment.
 */
const IMPORT =
  /(?:^(?:import|export|\})[^'"\n]*?\bfrom\s*|^import\s*|\bimport\(\s*|(?:\bmeta|\burl\)|\brequire)\.resolve\(\s*)['"]([@\w][\w./@-]*)['"]/gm;

const MEMBERS = ['name', 'version', 'license', 'description', 'type', 'files', 'engines', 'publishConfig'];

/** `@nestjs/common` of `@nestjs/common/enums`. */
const packageOf = (specifier) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

const targetsOf = (exported) =>
  typeof exported === 'string' ? [exported] : Object.values(exported).flatMap(targetsOf);

const missingMember = ({ manifest }) => {
  const member = MEMBERS.find((name) => manifest[name] === undefined);
  if (member !== undefined) return `package.json has no ${member}`;
  if (manifest.exports === undefined && manifest.bin === undefined) return 'package.json has neither exports nor bin';
  if (manifest.private === true) return 'package.json is private';
};

/** TypeScript takes the first condition that fits: `types` behind `default` is never read. */
const typesNotFirst = ({ manifest: { exports = {} } }) => {
  const path = Object.keys(exports).find((name) => Object.keys(exports[name])[0] !== 'types');
  return path && `exports["${path}"] does not have "types" first`;
};

const missingTarget = ({ manifest, files }) => {
  const { exports = {}, bin = {} } = manifest;
  const target = targetsOf({ ...exports, ...bin }).find((path) => !files.includes(posix.normalize(path)));
  return target && `package.json names ${target}, which is not packed`;
};

const missingReadme = ({ files }) => (files.includes('README.md') ? undefined : 'README.md is not packed');

const wrongLicence = ({ root, folder, files }) => {
  if (!files.includes('LICENSE')) return 'LICENSE is not packed';
  const same = readFileSync(join(folder, 'LICENSE')).equals(readFileSync(join(root, 'LICENSE')));
  return same ? undefined : "LICENSE is not the root's: copy it again";
};

const notForOthers = ({ files }) => {
  const file = files.find((path) => /\.tsbuildinfo$|\.spec\.|^test\//.test(path));
  return file && `${file} is packed, and of use to nobody`;
};

const undeclared = ({ manifest, folder, files }) => {
  const { name, dependencies = {}, peerDependencies = {} } = manifest;
  for (const file of files.filter((path) => /\.(js|d\.ts)$/.test(path))) {
    for (const [, specifier] of readFileSync(join(folder, file), 'utf8').matchAll(IMPORT)) {
      const needed = packageOf(specifier);
      const declared = needed === name || needed in dependencies || needed in peerDependencies;
      if (!declared && !isBuiltin(specifier))
        return `${file} imports ${specifier}, which package.json does not declare`;
    }
  }
};

const RULES = [missingMember, typesNotFirst, missingTarget, missingReadme, wrongLicence, notForOthers, undeclared];

/** The first thing that is wrong with a packed package, in words; undefined where nothing is. */
export const faultOf = (packed) => {
  for (const rule of RULES) {
    const fault = rule(packed);
    if (fault !== undefined) return fault;
  }
};
