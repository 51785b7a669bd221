import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Runs the specs about the logs after all others, since they judge what those left; the others by name. */
export class LogsLastSequencer extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLast = ({ moduleId }: TestSpecification) => moduleId.endsWith('logs.e2e.spec.ts');
    return Promise.resolve(
      files.toSorted(
        (left, right) => Number(isLast(left)) - Number(isLast(right)) || left.moduleId.localeCompare(right.moduleId),
      ),
    );
  }
}
