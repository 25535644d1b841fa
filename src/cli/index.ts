// cli/: the command line. It understands settings, wires the rooms together, shows what happens, and turns errors into
// exit codes. In: a command line and a world of folders, variables and terminals. Out: an exit code. Never: opened by
// another room; only the program in main.ts and tests come in here.
export { run } from './run.ts';
export type { Environment, Output, World } from './world.ts';
