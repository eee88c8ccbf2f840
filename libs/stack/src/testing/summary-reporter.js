const { writeSync } = require('node:fs');

/**
 * Ends the run with one line that people and scripts read alike: `12 passed, 0 failed`. Where MARU_NO_SKIPS is
 * set, a test that was skipped fails the run.
 */
module.exports = class SummaryReporter {
  onRunComplete(_contexts, results) {
    // A file that could not be run has no failed test of its own, and must not pass for none.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    if (skipped > 0 && process.env.MARU_NO_SKIPS === '1') {
      this.error = new Error(
        `${skipped} tests were skipped: install what they name, none may be left out here`,
      );
      process.once('exit', () => writeSync(2, `${this.error.message}\n`));
    }
    const line = `${results.numPassedTests} passed, ${failed} failed`;
    // Jest's own summary and the teardown still have things to say; this line is to be the last.
    process.once('exit', () => writeSync(1, `${skipped > 0 ? `${line}, ${skipped} skipped` : line}\n`));
  }

  getLastError() {
    return this.error;
  }
};
