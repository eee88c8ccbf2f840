/** Ends the run with one line that people and scripts read alike: `12 passed, 0 failed`. */
module.exports = class SummaryReporter {
  onRunComplete(_contexts, results) {
    // A file that could not be run has no failed test of its own, and must not pass for none.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const line = `${results.numPassedTests} passed, ${failed} failed`;
    // Jest writes its own summary to standard error; ours follows it on standard output.
    process.stdout.write(`${skipped > 0 ? `${line}, ${skipped} skipped` : line}\n`);
  }
};
