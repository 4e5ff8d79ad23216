import { text } from 'node:stream/consumers';
import { readVariable } from '@millrace/host/environment';
import { runProgram } from './program.js';

process.exitCode = await runProgram(process.argv.slice(2), {
  output: {
    out: (line) => void process.stdout.write(`${line}\n`),
    error: (line) => void process.stderr.write(`${line}\n`),
    isTerminal: process.stdout.isTTY === true,
  },
  variable: (name) => readVariable(name),
  readInput: () => text(process.stdin),
});
