/**
 * An environment without FORCE_COLOR and NO_COLOR: where a runner of specs sets both, Node warns of it on the standard
 * error of every process.
 */
export function colourless(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _force, NO_COLOR: _no, ...rest } = environment;
  return rest;
}
