/** `npm run dev`: everything on this machine, pages rebuilt as they change, the process restarted as the core does. */
import { runStep } from './run-step.ts'

const watched = ['lib', 'web'].map((folder) => `--watch-path=${folder}`)
process.exit(
  await runStep(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', ...watched, 'web/main.ts', '--dev'],
    { NODE_ENV: 'development' },
  ),
)
