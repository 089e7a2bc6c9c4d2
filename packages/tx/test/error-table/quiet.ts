// Import first: the native driver reads this once, when it is loaded. On embedded replicas it logs failed calls by itself.
process.env['RUST_LOG'] = 'off';
