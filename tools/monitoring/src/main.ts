import { checkPrometheus } from './check-prometheus.ts';

// `node main.ts <address of a Prometheus>`, started by `npm run test:alerts`. Exit status 1 where something is wrong.
const [url = ''] = process.argv.slice(2);
const problems = await checkPrometheus(url, (line) => console.log(line));
for (const problem of problems) console.log(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
