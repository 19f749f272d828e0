/**
 * The notebook's Python: standard library only, each cell short enough to be read by whoever runs it. JSON's strings are
 * Python's, too. Nothing that a cell prints is secret: what is printed is kept in the file.
 */
const literal = (text: string) => JSON.stringify(text)

export const gpuCell = `#@title 1. A GPU?
import shutil, subprocess

if not shutil.which("nvidia-smi") or subprocess.run(["nvidia-smi", "-L"]).returncode != 0:
    raise SystemExit("This runtime has no GPU. Choose Runtime > Change runtime type, take a GPU, and run all again.")
`

export const checkCell = (baseUrl: string) => `#@title 2. Can FineTune Lab be reached from here?
import json, urllib.error, urllib.request

FINETUNELAB_URL = ${literal(baseUrl)}

def call(path, body=None):
    request = urllib.request.Request(
        FINETUNELAB_URL + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "User-Agent": "finetunelab-notebook"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.read()
    except urllib.error.HTTPError as error:
        text = error.read().decode(errors="replace")
        try:
            problem = json.loads(text)
            text = f"{problem['error']}. {problem.get('details') or ''}"
        except (ValueError, KeyError, TypeError):
            text = f"HTTP {error.code}"
        raise SystemExit(text.strip()) from None
    except OSError as error:
        raise SystemExit(
            f"{FINETUNELAB_URL} cannot be reached from this machine ({getattr(error, 'reason', error)}). "
            "APP_BASE_URL of FineTune Lab has to be an address that the internet can reach."
        ) from None

call("/api/health")
print("Yes:", FINETUNELAB_URL)
`

export const codeCell = (jobId: string, jobUrl: string) => `#@title 3. The one-time code
JOB_ID = ${literal(jobId)}

print("Make a code on", ${literal(jobUrl)})
access = json.loads(call("/api/training/jobs/redeem", {"code": input("One-time code: ")}))
if access["job_id"] != JOB_ID:
    raise SystemExit("This code belongs to another training. Make one on the page above.")
print("The code is accepted.")
`

export const runnerCell = `#@title 4. The runner, and that it is the right one
import hashlib

runner = call("/api/runner.py")
if hashlib.sha256(runner).hexdigest() != access["runner"]["sha256"]:
    raise SystemExit("The runner that came is not the one that was announced. Run this cell again.")
with open("finetunelab_runner.py", "wb") as file:
    file.write(runner)
print("SHA-256", access["runner"]["sha256"])
`

export const runCell = `#@title 5. Train
import os, signal, subprocess, sys

WORK_DIR = os.path.abspath("finetunelab-" + JOB_ID)
environment = {
    **os.environ,
    "FINETUNELAB_URL": FINETUNELAB_URL,
    "JOB_ID": JOB_ID,
    "JOB_TOKEN": access["token"],
    "WORK_DIR": WORK_DIR,
    "INSTALL_TRAINER": "1",
    "PYTHONUNBUFFERED": "1",
}
process = subprocess.Popen(
    [sys.executable, "finetunelab_runner.py"],
    env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
)
try:
    for line in process.stdout:
        print(line, end="")
except KeyboardInterrupt:
    process.send_signal(signal.SIGTERM)
status = process.wait()
if status != 0:
    raise SystemExit(f"The training ended with status {status}; the lines above and its page say why.")
print("The result is in", os.path.join(WORK_DIR, "output"))
`

export const saveCell = `#@title 6. Keep the result in Google Drive
SAVE_TO_DRIVE = False #@param {type:"boolean"}

if SAVE_TO_DRIVE:
    import shutil
    from google.colab import drive
    drive.mount("/content/drive")
    target = "/content/drive/MyDrive/finetunelab/" + JOB_ID
    shutil.copytree(os.path.join(WORK_DIR, "output"), target, dirs_exist_ok=True)
    print("Kept in", target)
`

export const releaseCell = `#@title 7. Give the machine back, so that it costs no more
GIVE_BACK = False #@param {type:"boolean"}

if GIVE_BACK:
    from google.colab import runtime
    runtime.unassign()
`
