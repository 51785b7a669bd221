import type { paths } from './openapi.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** Paths that have the method. */
export type PathOf<M extends Method> = {
  [Path in keyof paths]: paths[Path][M] extends { readonly responses: unknown } ? Path : never;
}[keyof paths];

/** Where a field may be left out it may be undefined as well, which JSON does not tell apart. */
type Loose<Value> = Value extends readonly (infer Item)[]
  ? readonly Loose<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: Loose<Value[Key]> | Extract<undefined, Value[Key]> | OptionalOf<Value, Key> }
    : Value;
type OptionalOf<Value, Key extends keyof Value> = object extends Pick<Value, Key> ? undefined : never;

type Json<Content> = Content extends { readonly content: { readonly 'application/json': infer Body } } ? Body : never;
type Success<Responses> = {
  [Status in keyof Responses]: Status extends 200 | 201 | 202
    ? Json<Responses[Status]>
    : Status extends 204
      ? void
      : never;
}[keyof Responses];

/** What it answers when it succeeds. The DTOs of the SDK, whose ids are branded, are narrower than that. */
export type AnswerOf<M extends Method, Path extends keyof paths> = paths[Path][M] extends {
  readonly responses: infer R;
}
  ? Loose<Success<R>>
  : never;

type In<Operation> = Operation extends { readonly parameters: { readonly path: infer In } }
  ? { readonly in: In }
  : unknown;
type Query<Operation> = Operation extends { readonly parameters: { readonly query?: infer Query } }
  ? { readonly query?: Loose<NonNullable<Query>> }
  : unknown;
type Body<Operation> = Operation extends { readonly requestBody?: infer Content }
  ? { readonly body?: Loose<Json<NonNullable<Content>>> }
  : unknown;

/** What goes into the path, behind it, and along. */
export type Parameters<M extends Method, Path extends keyof paths> = In<paths[Path][M]> &
  Query<paths[Path][M]> &
  Body<paths[Path][M]>;
