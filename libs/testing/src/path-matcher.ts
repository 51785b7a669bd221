/** What a template with parameters in braces stands for; a parameter is one step. */
export function pathMatcherOf(template: string): RegExp {
  const source = template.replaceAll(/[.+*?^$()|[\]\\]/g, '\\$&').replaceAll(/\{\w+\}/g, '[^/]+');
  return new RegExp(`^${source}$`);
}
