import type { DatasetPlace, LaunchRequest } from '../launcher.ts'

/**
 * What a training finds in its bucket. Everything of a job lies in a folder of its own, which no other job's name
 * begins with, and each channel can match its own objects only:
 *
 *   <user id>/jobs/<job id>/code/        start.sh, the runner, config.json: the channel `code`
 *   <user id>/jobs/<job id>/manifests/   one manifest a dataset: the channel `<dataset id>`
 *   <user id>/jobs/<job id>/checkpoints/ what the trainer saves on its way, kept over a spot interruption
 *   <user id>/jobs/<job id>/output/      the result
 */
export interface JobFiles {
  bucket: string
  folder: string
}

export interface JobFile {
  key: string
  content: string | Uint8Array
}

export const inputFolder = '/opt/ml/input/data'
export const codeChannel = 'code'
export const startScript = 'start.sh'
export const runnerName = 'finetunelab_runner.py'

export function jobFilesOf({ job, datasets }: LaunchRequest): JobFiles {
  // The first dataset's bucket: it is in the job's region, which the check before has made sure of.
  return { bucket: datasets[0]?.location.bucket ?? '', folder: `${job.user_id}/jobs/${job.id}` }
}

export const s3Uri = ({ bucket, folder }: JobFiles, path: string) => `s3://${bucket}/${folder}/${path}`
export const manifestPath = (datasetId: string) => `manifests/${datasetId}.json`

export function filesToPut(launch: LaunchRequest, files: JobFiles, runner: Uint8Array): JobFile[] {
  const put = (path: string, content: string | Uint8Array) => ({ key: `${files.folder}/${path}`, content })
  return [
    put(`${codeChannel}/${startScript}`, startScriptText),
    put(`${codeChannel}/${runnerName}`, runner),
    put(`${codeChannel}/config.json`, JSON.stringify(launch.job.config)),
    ...launch.datasets.map((dataset) => put(manifestPath(dataset.datasetId), manifestOf(dataset))),
  ]
}

/** Names one object. A prefix would match every neighbour whose name begins alike. */
function manifestOf({ location, key }: DatasetPlace): string {
  const cut = key.lastIndexOf('/') + 1
  return JSON.stringify([{ prefix: `s3://${location.bucket}/${key.slice(0, cut)}` }, key.slice(cut)])
}

/** Where a dataset lies in the container. */
export function mountedPath({ datasetId, key }: DatasetPlace): string {
  return `${inputFolder}/${datasetId}/${key.slice(key.lastIndexOf('/') + 1)}`
}

/** Passes signals on to the runner, keeps its checkpoints where SageMaker keeps them, and says why it failed. */
export const startScriptText = `#!/bin/bash
code=/opt/ml/input/data/code
export WORK_DIR=/tmp/finetunelab
fail() {
  printf '%s' "$1" > /opt/ml/output/failure
  echo "$1" >&2
  exit 1
}
mkdir -p "$WORK_DIR" /opt/ml/checkpoints /opt/ml/model /opt/ml/output
echo "$RUNNER_SHA256  $code/${runnerName}" | sha256sum --check --status || fail "The runner's file is not the one that was launched."
ln -sfn /opt/ml/checkpoints "$WORK_DIR/output"
if [ -z "\${FINETUNELAB_URL:-}" ]; then
  TRAINING_CONFIG_B64="$(base64 < "$code/config.json" | tr -d '\\n')"
  export TRAINING_CONFIG_B64
fi
python3 -u "$code/${runnerName}" &
runner=$!
trap 'kill -TERM "$runner" 2> /dev/null' TERM INT
while :; do
  wait "$runner"
  status=$?
  kill -0 "$runner" 2> /dev/null || break
done
if [ "$status" -eq 0 ]; then
  find /opt/ml/checkpoints -mindepth 1 -maxdepth 1 ! -name 'checkpoint-*' -exec cp -R {} /opt/ml/model/ \\;
  exit 0
fi
python3 - "$WORK_DIR/result.json" > /opt/ml/output/failure << 'END'
import json, sys
try:
    error = json.load(open(sys.argv[1])).get("error") or {}
    print(f"{error.get('code')}: {error.get('message')}"[:1000])
except (OSError, ValueError):
    print("The runner ended without a result; its log says more.")
END
exit "$status"
`
