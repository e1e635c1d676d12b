// cctv_unpack.mjs - write the vectors of the npm package cctv-age to a folder, one file a vector
//
//      node cctv_unpack.mjs PACKAGE_FOLDER OUT_FOLDER
//
// Vectors that are stored compressed are written inflated, their header without its "compressed" line,
// so that the C test needs no zlib.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inflateSync } from 'node:zlib';

const [from, to] = process.argv.slice(2);
if (!from || !to) {
        console.error('usage: cctv_unpack.mjs PACKAGE_FOLDER OUT_FOLDER');
        process.exit(2);
}

const { exports: entry } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
const vectors = await import(pathToFileURL(join(from, entry)));
mkdirSync(to, { recursive: true });

let count = 0;
for (const [name, bytes] of Object.entries(vectors)) {
        if (!(bytes instanceof Uint8Array))
                continue;
        let whole = Buffer.from(bytes);
        const end = whole.indexOf('\n\n');
        const head = whole.subarray(0, end + 1).toString('utf8');
        if (head.split('\n').includes('compressed: zlib'))
                whole = Buffer.concat([Buffer.from(head.replace('compressed: zlib\n', '') + '\n'),
                                       inflateSync(whole.subarray(end + 2))]);
        writeFileSync(join(to, name), whole);
        count++;
}
console.log(`${count} vectors written to ${to}`);
