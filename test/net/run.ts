/** Short commands of the system, run to their end. */
import { spawn } from 'node:child_process';

/**
 * Runs a command and resolves with its standard output.
 *
 * @param input what it reads from its standard input
 * @throws Error with what it said, when it exits with anything but 0
 */
export function run(command: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'pipe' });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
    child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
    // A command that ends early does not read its input.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve(stdout);
      else reject(new Error(`${command} ${args.join(' ')}: ${signal ?? code}: ${stderr.trim()}`));
    });
  });
}
