// Reads HTML as a browser splits it: text until `<` and a letter, then a tag until `>` outside of quotes.

/** The elements of a page in order, with the names of their attributes. */
export function elementsOf(page: string): { readonly name: string; readonly attributes: readonly string[] }[] {
  const tags = page
    .replace(/<style>[^]*?<\/style>/, '<style>')
    .matchAll(/<([a-z][\w-]*)((?:"[^"]*"|'[^']*'|[^>"'])*)>/gi);
  return [...tags].map(([, name = '', rest = '']) => ({
    name: name.toLowerCase(),
    attributes: [...rest.replace(/="[^"]*"|='[^']*'/g, '=').matchAll(/([\w-]+)=?/g)].map(
      ([, attribute = '']) => attribute,
    ),
  }));
}
