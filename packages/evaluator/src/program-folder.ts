import { existsSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** How node treats a program that lies in the task's folder. */
export interface ModuleSettings {
  /** Of a `.js` program. `commonjs` only when the nearest package.json says so. */
  type: 'module' | 'commonjs';
  /** The nearest `node_modules`, from which bare imports resolve; null when there is none. */
  nodeModules: string | null;
}

/** Looks for the nearest package.json and node_modules, from the evaluator's folder upwards. */
export function findModuleSettings(evaluatorPath: string): ModuleSettings {
  const packageJson = nearest(dirname(evaluatorPath), 'package.json');
  const saysCommonJs = packageJson !== null && readType(packageJson) === 'commonjs';
  return {
    type: saysCommonJs ? 'commonjs' : 'module',
    nodeModules: nearest(dirname(evaluatorPath), 'node_modules'),
  };
}

/** Makes a folder that only this user can enter, in which a program is treated as the settings say. */
export function makeProgramFolder(scratchRoot: string, settings: ModuleSettings): string {
  const folder = mkdtempSync(join(scratchRoot, 'evaluation-'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: settings.type }));
  if (settings.nodeModules !== null) symlinkSync(settings.nodeModules, join(folder, 'node_modules'));
  return folder;
}

function nearest(folder: string, name: string): string | null {
  const path = join(folder, name);
  if (existsSync(path)) return path;
  const parent = dirname(folder);
  return parent === folder ? null : nearest(parent, name);
}

function readType(packageJson: string): unknown {
  try {
    return (JSON.parse(readFileSync(packageJson, 'utf8')) as { type?: unknown } | null)?.type;
  } catch {
    // Unreadable: node will say so when it imports the evaluator.
    return undefined;
  }
}
