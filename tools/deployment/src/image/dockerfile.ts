import { DockerfileParser, ModifiableInstruction, type Instruction } from 'dockerfile-ast';
import { readRepositoryFile } from '../repository.ts';

/** One instruction: its keyword and what follows, without continued lines, comments and flags. */
export interface Step {
  readonly keyword: string;
  /** `--from=build` → `{from: 'build'}`. */
  readonly flags: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface Stage {
  readonly name: string;
  /** An image, or the name of an earlier stage. */
  readonly from: string;
  readonly steps: readonly Step[];
}

export interface Dockerfile {
  /** Defaults of the arguments above the first stage. */
  readonly globals: Readonly<Record<string, string>>;
  readonly stages: readonly Stage[];
}

export function readDockerfile(text = readRepositoryFile('docker/Dockerfile')): Dockerfile {
  const globals: Record<string, string> = {};
  const stages: { name: string; from: string; steps: Step[] }[] = [];
  for (const step of DockerfileParser.parse(text).getInstructions().map(stepOf)) {
    const stage = stages.at(-1);
    if (step.keyword === 'FROM') {
      const [from = '', , name = String(stages.length)] = step.text.split(/\s+/);
      stages.push({ from: expand(from, globals), name, steps: [] });
    } else if (stage === undefined) Object.assign(globals, pairsOf(step));
    else stage.steps.push(step);
  }
  return { globals, stages };
}

function stepOf(instruction: Instruction): Step {
  const joined = (instruction.getRawArgumentsContent() ?? '')
    .split('\n')
    .filter((line) => !line.trim().startsWith('#'))
    .map((line) => line.replace(/\s*\\$/, '').trim())
    .join(' ');
  const flags = instruction instanceof ModifiableInstruction ? instruction.getFlags() : [];
  return {
    keyword: instruction.getKeyword(),
    flags: Object.fromEntries(flags.map((flag) => [flag.getName(), flag.getValue() ?? ''])),
    text: joined.replace(/^(--\S+\s+)+/, ''),
  };
}

/** `A=1 B="a b"` → `{A: '1', B: 'a b'}`; a name alone has an empty value. */
export function pairsOf({ text }: Step): Record<string, string> {
  const pairs = [...text.matchAll(/([\w.]+)(?:=(?:"([^"]*)"|(\S*)))?/g)];
  return Object.fromEntries(pairs.map(([, name, quoted, plain]) => [name, quoted ?? plain ?? '']));
}

/** The words of an instruction in its JSON form; throws where it has the other, which puts a shell before the program. */
export function jsonWordsOf({ text }: Pick<Step, 'text'>): readonly string[] {
  return JSON.parse(text.slice(text.indexOf('['))) as string[]; // the form has no other values
}

export function expand(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

/** A stage and those that it begins with, first to last. */
export function lineage(dockerfile: Dockerfile, name: string): readonly Stage[] {
  const stage = dockerfile.stages.find((one) => one.name === name);
  return stage === undefined ? [] : [...lineage(dockerfile, stage.from), stage];
}
