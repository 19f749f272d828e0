/**
 * The first thing that runs on a rented machine: POSIX sh, the same text for every provider and every job. All that
 * differs, and all that a person may have typed, comes through the environment and is never part of the script.
 *
 * - On disk before anything else: how often it was started. RunPod starts a container again whenever its command ends,
 *   and bills it; a job that has ended, or was started too often, only waits to be terminated.
 * - The runner is fetched from `RUNNER_URL`, or unpacked from `RUNNER_GZ_1`, `RUNNER_GZ_2`..., and is not run unless its
 *   SHA-256 is `RUNNER_SHA256`.
 * - The base model is kept beside the work: on the volume whose size a person chose, where there is one.
 * - A machine whose GPU does not work says so (`gpu_unusable`) before it costs more.
 */
export const bootstrapScript = `set -u
umask 077
unset RUNPOD_API_KEY
JOB_ID="\${FINETUNELAB_JOB_ID:-$JOB_ID}"
export JOB_ID
fallback="\${TMPDIR:-/tmp}/finetunelab-$JOB_ID"
work="\${WORK_DIR:-$fallback}"
mkdir -p "$work" 2>/dev/null || { work="$fallback"; mkdir -p "$work"; }
export WORK_DIR="$work"
export HF_HOME="\${HF_HOME:-$work/huggingface}"
python=

say() { printf '[bootstrap] %s\\n' "$1"; }

rest() {
  [ "\${KEEP_ALIVE:-}" = 1 ] || exit "$1"
  say 'Waiting to be terminated.'
  trap 'exit 0' TERM INT
  while :; do sleep 3600 & wait $!; done
}

tell() {
  if [ -n "$python" ]; then
    REPORT_BODY="$1" "$python" - <<'END'
import os, time, urllib.request
url = "%s/api/training/jobs/%s/report" % (os.environ["FINETUNELAB_URL"].rstrip("/"), os.environ["JOB_ID"])
headers = {"Authorization": "Bearer " + os.environ["JOB_TOKEN"], "Content-Type": "application/json"}
for attempt in range(6):
    try:
        urllib.request.urlopen(urllib.request.Request(url, os.environ["REPORT_BODY"].encode(), headers), timeout=30).close()
        break
    except Exception as error:
        print("[bootstrap] The report did not arrive: %s: %s" % (type(error).__name__, error), flush=True)
        time.sleep(2 ** attempt)
END
  elif command -v curl >/dev/null 2>&1; then
    printf 'header = "Authorization: Bearer %s"\\n' "$JOB_TOKEN" | curl -fsS -K - --retry 5 --max-time 30 -o /dev/null \\
      -H 'Content-Type: application/json' --data "$1" "\${FINETUNELAB_URL%/}/api/training/jobs/$JOB_ID/report"
  elif command -v wget >/dev/null 2>&1; then
    wget -q -O /dev/null --tries=5 --timeout=30 --header "Authorization: Bearer $JOB_TOKEN" \\
      --header 'Content-Type: application/json' --post-data "$1" "\${FINETUNELAB_URL%/}/api/training/jobs/$JOB_ID/report"
  fi
}

fail() {
  say "$1: $2"
  error='"status": "failed", "error": {"code": "'"$1"'", "message": "'"$2"'"}'
  printf 'finetunelab {"type": "status", %s}\\n' "$error"
  [ -z "\${FINETUNELAB_URL:-}" ] || tell "{$error}"
  : > "$work/ended"
  rest 1
}

[ ! -e "$work/ended" ] || { say 'This job has ended here already.'; rest 0; }
if [ ! -e "$work/result.json" ]; then
  starts=$(cat "$work/starts" 2>/dev/null || echo 0)
  starts=$((starts + 1))
  echo "$starts" > "$work/starts"
  [ "$starts" -le 5 ] || fail crash_loop 'The container was started again and again and never came to an end.'
  [ "$starts" = 1 ] || say "Start number $starts on this disk: going on where it stopped."
fi

for candidate in "\${TRAINER_PYTHON:-}" python3 python /opt/conda/bin/python3 /usr/bin/python3 /usr/local/bin/python3; do
  [ -n "$candidate" ] || continue
  "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 9))' >/dev/null 2>&1 || continue
  python="$candidate"
  break
done
[ -n "$python" ] || fail python_missing 'The image has no Python 3.9 or later: choose another image.'

if [ "\${EXPECT_GPU:-0}" -gt 0 ]; then
  "$python" - <<'END' || fail gpu_unusable 'The GPU of this machine does not work: CUDA could not be started.'
import ctypes, subprocess, sys, time
problem = None
for attempt in range(13):
    try:
        subprocess.run(["nvidia-smi"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60, check=True)
        status = ctypes.CDLL("libcuda.so.1").cuInit(0)
        problem = status and "cuInit answers %d" % status
    except Exception as error:
        problem = "%s: %s" % (type(error).__name__, error)
    if not problem:
        sys.exit(0)
    print("[bootstrap] No usable GPU yet: %s" % problem, flush=True)
    # 802 is a fabric that is still coming up; anything else will not mend itself.
    if "802" not in problem:
        break
    time.sleep(10)
sys.exit(1)
END
fi

"$python" - "$work/finetunelab_runner.py" <<'END'
import base64, hashlib, os, sys, time, urllib.request, zlib
target, wanted, wrong = sys.argv[1], os.environ["RUNNER_SHA256"], 0
packed = "".join(os.environ.get("RUNNER_GZ_%d" % part, "") for part in range(1, 20))
for attempt in range(8):
    try:
        if packed:
            data = zlib.decompress(base64.b64decode(packed), 31)
        else:
            with urllib.request.urlopen(os.environ["RUNNER_URL"], timeout=60) as answer:
                data = answer.read(16 * 1024 * 1024)
    except Exception as error:
        print("[bootstrap] The runner could not be had: %s: %s" % (type(error).__name__, error), flush=True)
    else:
        if hashlib.sha256(data).hexdigest() == wanted:
            with open(target + ".new", "wb") as file:
                file.write(data)
            os.replace(target + ".new", target)
            sys.exit(0)
        print("[bootstrap] What came is not the runner: its SHA-256 differs.", flush=True)
        wrong += 1
        if packed or wrong == 3:
            sys.exit(3)
    time.sleep(min(30, 2 ** attempt) * float(os.environ.get("RETRY_SECONDS", "1")))
sys.exit(4)
END
case $? in
  0) ;;
  3) fail runner_corrupt 'The runner that was fetched is not the one that was promised: its SHA-256 differs.' ;;
  *) fail runner_unreachable 'The runner could not be fetched: this machine does not reach the control plane.' ;;
esac

exec "$python" -u "$work/finetunelab_runner.py"
`
