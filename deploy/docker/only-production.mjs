// Takes the development dependencies out of every workspace, in its package.json and in the lock file, so that what is
// pruned for an image holds none of them. npm itself keeps them: it counts the dependencies of all workspaces as the
// root's own, whatever --omit=dev says. The root stays as it is.
import { readFileSync, writeFileSync } from 'node:fs';

const rewrite = (file, change) => {
  const content = JSON.parse(readFileSync(file, 'utf8'));
  change(content);
  writeFileSync(file, JSON.stringify(content, null, 2));
};

const strip = (manifest) => {
  delete manifest.devDependencies;
};

rewrite('package-lock.json', ({ packages }) => {
  const workspaces = Object.keys(packages).filter((path) => /^(apps|packages|tools)\/[^/]+$/.test(path));
  for (const path of workspaces) {
    strip(packages[path]);
    rewrite(`${path}/package.json`, strip);
  }
});
