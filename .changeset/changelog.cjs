// How a changeset becomes an entry of the CHANGELOGs: as it was written. The six packages share one version, so that
// "updated dependencies" would say nothing.
exports.getReleaseLine = async ({ summary }) => {
  const [first, ...rest] = summary.trim().split('\n');
  return [`- ${first}`, ...rest.map((line) => (line === '' ? '' : `  ${line}`))].join('\n');
};

exports.getDependencyReleaseLine = async () => '';
