import { PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, type PageDTO } from '@chat/dto';
import { invalidRequest, type FieldProblem } from '@chat/service-kit';
import { PAGE_NUMBER_MAX } from '../limits.ts';

export interface PageRequest {
  readonly page: number;
  readonly size: number;
}

/** Which whole numbers a parameter takes, and which it is where it is absent. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
  readonly standard: number;
}

export const PAGE_RANGE: NumberRange = { min: 0, max: PAGE_NUMBER_MAX, standard: 0 };
export const PAGE_SIZE_RANGE: NumberRange = { min: 1, max: PAGE_SIZE_MAX, standard: PAGE_SIZE_DEFAULT };

type Query = Readonly<Record<string, unknown>>;

/** `page` from 0 (0 when absent) and `size` from 1 to 100 (20 when absent); names both where both are invalid. */
export function parsePage(query: Query): PageRequest {
  const problems: FieldProblem[] = [];
  const page = wholeNumber(query, 'page', PAGE_RANGE, problems);
  const size = wholeNumber(query, 'size', PAGE_SIZE_RANGE, problems);
  if (problems.length > 0) throw invalidRequest(...problems);
  return { page, size };
}

/** A whole number of the query in its range; what is wrong with it goes to `problems`. */
export function wholeNumber(query: Query, field: string, range: NumberRange, problems: FieldProblem[]): number {
  const text = query[field];
  if (text === undefined) return range.standard;
  const number = typeof text === 'string' && /^[0-9]{1,16}$/.test(text) ? Number(text) : NaN;
  if (number >= range.min && number <= range.max) return number;
  problems.push({ field, message: `must be a whole number from ${range.min} to ${range.max}` });
  return range.standard;
}

export function pageOf<Item>(content: readonly Item[], request: PageRequest, totalElements: number): PageDTO<Item> {
  return { content, ...request, totalElements, totalPages: Math.ceil(totalElements / request.size) };
}

/** RFC 8288: the first, previous, next and last page, as far as there are. */
export function pageLinks(path: string, { page, size, totalPages }: Omit<PageDTO<unknown>, 'content'>): string {
  const last = Math.max(0, totalPages - 1);
  const targets = [
    { rel: 'first', page: 0, exists: true },
    { rel: 'prev', page: Math.min(page - 1, last), exists: page > 0 },
    { rel: 'next', page: page + 1, exists: page < last },
    { rel: 'last', page: last, exists: true },
  ];
  return targets
    .filter(({ exists }) => exists)
    .map((target) => `<${path}?page=${target.page}&size=${size}>; rel="${target.rel}"`)
    .join(', ');
}
