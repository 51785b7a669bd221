/** Sets the exit status that the program answers; what is wrong with the machine or the words it was started with is said, and is 1. */
export async function runProgram(main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.log(error.message);
    process.exitCode = 1;
  }
}
