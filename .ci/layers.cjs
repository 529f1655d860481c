const { readFileSync } = require('node:fs');
const path = require('node:path');

/**
 * The table "Layers" of ARCHITECTURE.md as data: one row for each folder and each loose file of `src`, and for
 * `sandbox`. The cell "may import" holds a list of `folder`, "types of `folder`" (type imports alone), `package`,
 * "any package" (Node's own modules included) and "nothing".
 */
function readLayers(file = path.join(__dirname, '../ARCHITECTURE.md')) {
  const section = readFileSync(file, 'utf8')
    .split('\n## ')
    .find((text) => text.startsWith('Layers'));
  if (section === undefined) throw new Error(`${file}: no section "Layers"`);
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.map((line) => {
    const [, room, holds, cell] = line.split('|').map((text) => text.trim());
    const imports = cell.split(', ').map((text) => importOf(text, line));
    return {
      room: room.replaceAll('`', ''),
      holds,
      values: imports.flatMap(({ kind, name }) => (kind === 'value' ? [name] : [])),
      types: imports.flatMap(({ kind, name }) => (kind === 'type' ? [name] : [])),
      anyPackage: imports.some(({ kind }) => kind === 'any'),
    };
  });
}

function importOf(text, line) {
  if (text === 'nothing') return { kind: 'none' };
  if (text === 'any package') return { kind: 'any' };
  const [, type, name] = /^(types of )?`([^`]+)`$/.exec(text) ?? [];
  if (name === undefined) throw new Error(`ARCHITECTURE.md: cannot read "${text}" in: ${line}`);
  return { kind: type ? 'type' : 'value', name };
}

const escaped = (text) => text.replaceAll('.', '\\.');
const isRoom = (name) => /^(src|sandbox)\b/.test(name);
/** What a folder, a file or a package matches among the paths that the checker resolves. */
function patternOf(name) {
  if (!isRoom(name)) return `node_modules/${escaped(name)}/`;
  return name.endsWith('.ts') ? `^${escaped(name)}$` : `^${escaped(name)}/`;
}
const ANY_PACKAGE = '^(?!src/|sandbox/|test/)';

/** Two rules for each row: one for every import, one for the imports of values. */
function layerRules(layers = readLayers()) {
  return layers.flatMap(({ room, values, types, anyPackage }) => {
    const own = [patternOf(room), ...values.map(patternOf), ...(anyPackage ? [ANY_PACKAGE] : [])];
    const from = { path: patternOf(room) };
    const rule = (name, to) => ({ name: `${room}: ${name}`, severity: 'error', from, to });
    return [
      rule('imports', { pathNot: [...own, ...types.map(patternOf)] }),
      rule('value imports', { pathNot: own, dependencyTypesNot: ['type-only'] }),
    ];
  });
}

module.exports = { readLayers, layerRules, isRoom };
