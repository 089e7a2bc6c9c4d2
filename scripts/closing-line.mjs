// A vitest reporter whose only output is the very last line of a run: `N passed, N failed[, N skipped]`.
// It counts what makes a run fail: tests, files and suites that could not run, and errors outside every test.

export default class ClosingLine {
  #passed = 0;
  #failed = 0;
  #skipped = 0;
  // Until a run ends in order, something failed: a broken global setup never reaches onTestRunEnd.
  #ended = false;

  onInit() {
    process.on('exit', () => {
      if (!this.#ended) this.#failed = 1;
      const skipped = this.#skipped > 0 ? `, ${this.#skipped} skipped` : '';
      process.stdout.write(`${this.#passed} passed, ${this.#failed} failed${skipped}\n`);
    });
  }

  onTestRunEnd(modules, unhandledErrors, reason) {
    this.#ended = true;
    this.#passed = this.#skipped = 0;
    this.#failed = unhandledErrors.length;
    for (const module of modules) {
      this.#failed += module.errors().length > 0 ? 1 : 0;
      for (const suite of module.children.allSuites()) this.#failed += suite.errors().length > 0 ? 1 : 0;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') this.#passed += 1;
        else if (state === 'failed') this.#failed += 1;
        else this.#skipped += 1;
      }
    }
    const ranNothing = this.#passed + this.#failed === 0;
    if (this.#failed === 0 && (reason === 'failed' || ranNothing)) this.#failed = 1;
  }
}
