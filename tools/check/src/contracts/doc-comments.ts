import ts from 'typescript';

/** What the comments in the source say of a schema and of its fields. */
export interface DocComment {
  readonly about: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** The comments of all `export const <Name>Schema = …` of a source, by name. One without a comment has an empty text. */
export function docCommentsOf(source: string): Readonly<Record<string, DocComment>> {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, true);
  const comments: Record<string, DocComment> = {};
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, initializer } of statement.declarationList.declarations) {
      const schema = /^(.+)Schema$/.exec(name.getText())?.[1];
      if (schema === undefined || initializer === undefined) continue;
      comments[schema] = { about: commentOf(statement), fields: fieldsOf(initializer) };
    }
  }
  return comments;
}

/** Of the outermost object literal, which is the one that says the shape. */
function fieldsOf(node: ts.Node): Readonly<Record<string, string>> {
  if (!ts.isObjectLiteralExpression(node)) {
    const inner = ts.forEachChild(node, (child) => {
      const fields = fieldsOf(child);
      return Object.keys(fields).length > 0 ? fields : undefined;
    });
    return inner ?? {};
  }
  const commented = node.properties
    .filter(ts.isPropertyAssignment)
    .map((field) => [field.name.getText(), commentOf(field)]);
  return Object.fromEntries(commented.filter(([, comment]) => comment !== ''));
}

/** In one line. */
function commentOf(node: ts.Node): string {
  const comment = ts.getJSDocCommentsAndTags(node).find(ts.isJSDoc)?.comment;
  return (ts.getTextOfJSDocComment(comment) ?? '').replace(/\s+/g, ' ').trim();
}
