import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

export interface Asset {
  type: string;
  body: string;
  etag: string;
}

const types = {
  'style.css': 'text/css; charset=utf-8',
  'live.js': 'text/javascript; charset=utf-8',
  'favicon.svg': 'image/svg+xml',
} as const;

export type AssetName = keyof typeof types;

export const assetNames = Object.keys(types) as AssetName[];

const read = new Map<AssetName, Promise<Asset>>();

/** A file of assets/, read once. It lies beside both src/ and dist/. */
export function asset(name: AssetName): Promise<Asset> {
  let found = read.get(name);
  if (found === undefined) {
    found = readFile(new URL(`../assets/${name}`, import.meta.url), 'utf8').then((body) => ({
      type: types[name],
      body,
      etag: `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`,
    }));
    read.set(name, found);
  }
  return found;
}
